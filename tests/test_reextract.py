"""reextract's promises: what is stored is read as today, what reads otherwise is a revision and no news, and a
running daemon is in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.check import Tools
from monitor.cli.service import passing
from monitor.config import load_config
from monitor.extract import EXTRACTOR
from monitor.reextract import Reread, reextract
from storage.errors import Conflict
from storage.records import CheckResult, Reading, Retention
from storage.store import Store
from tests.newsdesk import BODY, configure, desk, edited, lines, one_page, page, writethru
from tests.servers import Scripted
from tests.test_keeping import all_of, unproved_in
from tests.test_store import looked

NARROW = 'selectors = { body = ".story p:not(:last-child)" }\n'


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@pytest.fixture
def config(tmp_path: Path, server: Scripted) -> Path:
    """An archive with one article of two revisions, whose source is read in another way since."""
    source = one_page(server, page(), edited("Seven", "Eight"))
    found = configure(tmp_path, server, source, desk(server))
    for _ in range(2):
        assert writethru(found, "check", "--all").returncode == 0
    configure(tmp_path, server, source + NARROW, desk(server))
    return found


def reread(config: Path, *words: str) -> list[dict[str, object]]:
    return lines(writethru(config, "reextract", "--json", *words))


def test_what_reads_otherwise_is_one_revision_that_nobody_is_told_of(config: Path, server: Scripted) -> None:
    told = server.asked.count("/desk")
    (made,) = reread(config)
    assert (made["outcome"], made["revision"], made["extractor"]) == ("changed", 3, EXTRACTOR)
    *_, last = lines(writethru(config, "log", "--json"))
    assert (last["revision"], last["reason"], last["severity"]) == (3, "extractor", "cosmetic")
    assert BODY[-1] not in writethru(config, "show", "1").stdout
    assert BODY[-1] in writethru(config, "show", "1", "2").stdout
    assert len(lines(writethru(config, "alerts", "--json"))) == told
    assert server.asked.count("/story") == 2, "no request is made for it"
    assert unproved_in("sqlite:///store.db", config.parent) == []


def test_a_second_run_changes_nothing_and_neither_does_the_next_check(config: Path) -> None:
    reread(config)
    assert [made["outcome"] for made in reread(config)] == ["current"]
    (check,) = lines(writethru(config, "check", "--all", "--json"))
    assert (check["outcome"], check["revision"]) == ("same", 3)
    assert len(lines(writethru(config, "log", "--json"))) == 3


def test_no_check_is_counted_for_it(config: Path) -> None:
    before = lines(writethru(config, "articles", "--json"))[0]
    reread(config)
    after = lines(writethru(config, "articles", "--json"))[0]
    assert after == before | {"revisions": 3}


def test_a_dry_run_says_the_same_and_keeps_nothing(config: Path) -> None:
    before = writethru(config, "log", "--json").stdout
    dry = reread(config, "--dry-run")
    assert writethru(config, "log", "--json").stdout == before
    assert reread(config) == dry


def test_articles_are_chosen_by_name_or_by_source(config: Path) -> None:
    assert [made["outcome"] for made in reread(config, "1", "--dry-run")] == ["changed"]
    assert [made["outcome"] for made in reread(config, "--source", "story", "--dry-run")] == ["changed"]
    said = writethru(config, "reextract", "--source", "nobody")
    assert (said.returncode, said.stderr) == (
        2,
        "writethru: There is no source 'nobody'; 'writethru sources' lists them.\n",
    )
    assert "story: revision 3, " in writethru(config, "reextract").stdout


def test_a_page_that_was_taken_out_cannot_be_read_again_and_that_is_said(config: Path) -> None:
    with Store.open("sqlite:///store.db", config.parent) as store:
        all_of(store, Retention(raw_last=1), datetime.now(UTC) + timedelta(days=1))
        assert store.response(1, 2) is not None, "the latest stays"
        _take_out_the_latest(store)
    (made,) = reread(config)
    assert (made["outcome"], made["revision"]) == ("unread", None)
    assert made["why"] == "revision 2 is not read again: what was received was taken out"
    (check,) = lines(writethru(config, "check", "--all", "--json"))
    assert check["outcome"] == "changed", "and a check goes on without it"


def _take_out_the_latest(store: Store) -> None:
    """No rule does that; a court may."""
    with store._database.writing() as connection:
        row = connection.exec_driver_sql("SELECT max(payload) FROM ledger").one()
        among = connection.exec_driver_sql("SELECT id FROM bodies").scalars().all()
        store._bodies.drop(connection, [row[0]], among=among)


@pytest.fixture
def tools(config: Path) -> Iterator[Tools]:
    loaded = load_config(config)
    with Store.open(loaded.storage_url, loaded.folder) as store, passing(loaded, store) as made:
        yield made


def test_where_a_check_was_faster_it_decides_again(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    store, record, raced = tools.store, tools.store.record_reading, threading.Event()

    def raced_once(reading: Reading) -> None:
        if not raced.is_set():
            raced.set()
            store.record(looked(store.article(1), CheckResult.SAME, datetime.now(UTC), "faster"))
        record(reading)

    monkeypatch.setattr(store, "record_reading", raced_once)
    result = reextract(1, tools)
    assert (result.came, result.revision and result.revision.number) == (Reread.CHANGED, 3)
    assert store.article(1).checks == 3, "the check that was faster counts"
    assert [entry.number for entry in store.log()] == [1, 2, 3]


def test_a_reading_of_what_has_moved_on_is_a_conflict(tools: Tools) -> None:
    article = tools.store.article(1)
    result = reextract(1, tools)
    assert result.revision is not None
    stale = replace(article, revisions=3)
    with pytest.raises(Conflict, match="has moved on since it was read again"):
        tools.store.record_reading(Reading(article=stale, expects=2, revision=result.revision))
