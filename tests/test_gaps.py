"""Gaps' promises: when nothing was watched is chained with both its ends, and said wherever a claim about time
depends on it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from monitor.compare import compare
from monitor.config import WebSettings
from monitor.events import assess
from monitor.heart import Heart
from monitor.report import Head, diff_mail, diff_markdown, diff_page, diff_text
from monitor.report.gaps import gaps_within
from monitor.report.links import NoLinks
from monitor.report.terminal import check_line
from monitor.web import create_app
from storage.records import CheckEntry, ServiceEntry, ServiceReason
from storage.store import Store
from tests.newsdesk import configure, edited, lines, one_page, page, writethru
from tests.servers import Scripted
from tests.test_keeping import MONTH, all_of, looks, unproved
from tests.test_service import daemon, end, until
from tests.test_store import NOW, at, changed, first, watched

HOUR = timedelta(hours=1)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


class Uptime:
    """A clock that nobody sets, for a heart to go by."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def gaps(store: Store) -> list[tuple[datetime | None, datetime]]:
    return [(gap.not_seen_before, gap.seen_at) for gap in store.notes(ServiceReason.GAP)]


# ---------------------------------------------------------------------- the heart


def test_the_first_start_of_all_is_no_gap(store: Store) -> None:
    Heart(store).beat(NOW)
    assert gaps(store) == []


def test_a_start_after_a_silence_notes_it_with_both_ends_and_a_quick_one_notes_nothing(store: Store) -> None:
    for minutes in (0, 2, 5, 65, 66):
        Heart(store).beat(at(minutes))
    assert gaps(store) == [(at(5), at(65))]
    (gap,) = store.notes()
    assert gap.about == {"kind": "down"}
    assert gap.chain == store.chain_head()
    assert unproved(store) == []


def test_a_beat_a_minute_leaves_one_row_and_no_entry(store: Store) -> None:
    uptime = Uptime()
    heart = Heart(store, elapsed=uptime)
    for minute in range(30):
        uptime.seconds += 60
        heart.beat(at(minute))
    assert store.noted("beat") == "2026-03-01T12:29:00Z"
    assert store.chain_head() is None


def test_a_machine_that_slept_has_a_gap(store: Store) -> None:
    uptime = Uptime()
    heart = Heart(store, elapsed=uptime)
    heart.beat(at(0))
    uptime.seconds += 8 * 3600
    heart.beat(at(480))
    assert gaps(store) == [(at(0), at(480))]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(days=3650)])
def test_a_clock_that_is_set_makes_no_gap_in_either_direction(store: Store, jump: timedelta) -> None:
    uptime = Uptime()
    heart = Heart(store, elapsed=uptime)
    now = NOW
    for step in (timedelta(0), jump, timedelta(0), -jump, -jump, jump):
        uptime.seconds += 60
        now += timedelta(minutes=1) + step
        heart.beat(now)
    assert gaps(store) == []
    Heart(store, elapsed=uptime).beat(now - jump)
    assert gaps(store) == [], "nor where it was put back while the daemon was down"


def test_noting_a_gap_twice_changes_nothing(store: Store) -> None:
    entry = ServiceEntry(
        reason=ServiceReason.GAP,
        seen_at=at(9),
        not_seen_before=at(1),
        about={"kind": "unreachable", "source": "x"},
    )
    store.note(entry)
    head = store.chain_head()
    store.note(replace(entry, seen_at=at(10)))
    assert store.chain_head() == head


# ---------------------------------------------------------------------- what is said of it


def gap(since: float, until: float, **about: str) -> ServiceEntry:
    return ServiceEntry(
        reason=ServiceReason.GAP,
        not_seen_before=at(since),
        seen_at=at(until),
        about={"kind": "down", **about},
    )


def test_only_gaps_between_two_looks_bear_on_a_change() -> None:
    bearing = [gap(5, 15), gap(12, 14), gap(18, 30), gap(0, 40)]
    others = [gap(0, 10), gap(20, 25), gap(12, 14, source="The Quay")]
    assert gaps_within([*bearing, *others], at(10), at(20)) == tuple(bearing)
    assert gaps_within(bearing, None, at(20)) == ()


def test_every_diff_report_says_when_nothing_was_watched(store: Store) -> None:
    (article,) = watched(store)
    one = first(article, 0)
    two = changed(one.article, 60)
    store.record(one)
    store.record(two)
    old, new = store.revision(article.id, 1), store.revision(article.id, 2)
    found = compare(old.extraction, new.extraction)
    facts = assess(found)
    head = Head.of(store.article(article.id), old, new, UTC, None, [gap(10, 50)])
    said = "Writethru was not watching from Sun 1 Mar 2026, 12:10:00 UTC to Sun 1 Mar 2026, 12:50:00 UTC."
    assert head.gaps == (said,)
    mail = diff_mail(found, facts, head)
    for text in (
        diff_text(found, facts, head, colour=False, width=200),
        diff_markdown(found, facts, head),
        diff_page(found, facts, head, links=NoLinks()),
        mail.html,
    ):
        assert said in text.replace("&nbsp;", " ")
    quiet = Head.of(store.article(article.id), old, new, UTC, None, [gap(70, 80)])
    assert quiet.gaps == ()
    assert "not watching" not in diff_page(found, facts, quiet, links=NoLinks())


def test_the_pages_of_an_article_say_it_too_and_show_spans_as_such(store: Store) -> None:
    (article,) = watched(store)
    one = first(article, 0)
    store.record(one)
    seen = looks(store, one.article, "s" * 42, start=1)
    Heart(store).beat(at(421))
    Heart(store).beat(at(500))
    store.record(changed(replace(seen, last_seen_at=at(420)), 510))
    all_of(store, MONTH, NOW + timedelta(days=90))
    app = create_app(store, WebSettings(), UTC, lambda: None)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        timeline = client.get(f"/articles/{article.id}").text
        shown = client.get(f"/articles/{article.id}/diff/1..2").text
    for text in (timeline, shown):
        assert (
            "Writethru was not watching from Sun 1 Mar 2026, 19:01:00 UTC to Sun 1 Mar 2026, 20:20:00 UTC."
            in text
        )
    assert "same, 42 times" in timeline


def test_a_span_is_one_plain_line(store: Store) -> None:
    (article,) = watched(store)
    looks(store, article, "s" * 42, every=1)
    looks(store, store.article(article.id), "fff", start=2000)
    all_of(store, MONTH, NOW + timedelta(days=90))
    same, failed = store.checks()
    assert check_line(same, UTC, False).endswith("  seen 42 times, unchanged, 12:00:00 to 12:41:00")
    told = "  failed 3 times, alike each time, 2026-03-15 09:20:00 to 2026-03-16 09:20:00"
    assert check_line(replace(failed, until=at(14 * 1440 + 1280)), UTC, False).endswith(told)
    assert "times" not in check_line(_single(same), UTC, False)


def _single(entry: CheckEntry) -> CheckEntry:
    return replace(entry, count=1, until=None)


# ---------------------------------------------------------------------- the daemon and the commands


@pytest.mark.slow
@pytest.mark.parametrize("ended", [signal.SIGTERM, signal.SIGKILL])
def test_a_daemon_that_was_down_says_so_however_it_ended(
    tmp_path: Path,
    server: Scripted,
    ended: signal.Signals,
) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")))
    with daemon(config, tmp_path / "log") as process:
        until(lambda: "/story" in server.asked)
        if ended is signal.SIGTERM:
            assert end(process) == 0
        else:
            process.kill()
            process.wait()
    with Store.open("sqlite:///store.db", tmp_path) as store:
        last = datetime.fromisoformat(store.noted("beat") or "")
        store.put_note("beat", (last - HOUR).isoformat())
    with daemon(config, tmp_path / "log") as process:
        until(lambda: "nothing was watched from" in (tmp_path / "log").read_text())
        assert end(process) == 0
    (gap,) = [line for line in lines(writethru(config, "log", "--gaps", "--json")) if line["reason"] == "gap"]
    assert gap["article"] is None
    assert gap["about"] == {"kind": "down"}
    assert datetime.fromisoformat(gap["not_seen_before"]) == last - HOUR
    told = json.loads(writethru(config, "status", "--json").stdout)
    assert (told["gaps"], told["last_gap"]["seq"]) == (1, gap["seq"])


def test_the_log_shows_gaps_in_order_where_it_is_asked_to(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")))
    writethru(config, "check", "--all")
    with Store.open("sqlite:///store.db", tmp_path) as store:
        store.note(
            ServiceEntry(
                reason=ServiceReason.GAP,
                seen_at=datetime.now(UTC),
                not_seen_before=datetime.now(UTC) - HOUR,
                about={"kind": "unreachable", "source": "another"},
            )
        )
    writethru(config, "check", "--all")
    assert [line["reason"] for line in lines(writethru(config, "log", "--json"))] == ["first", "edit"]
    with_gaps = lines(writethru(config, "log", "--gaps", "--json"))
    assert [line["reason"] for line in with_gaps] == ["first", "gap", "edit"]
    assert [line["seq"] for line in with_gaps] == [1, 2, 3]
    assert set(with_gaps[0]) - {"about"} <= set(with_gaps[1])
    said = writethru(config, "log", "--gaps").stdout.splitlines()
    assert "Gap  The source another could not be reached from " in said[1]
    assert len(writethru(config, "log", "1", "--gaps").stdout.splitlines()) == 2, "of another source"
    assert "gaps                 1\n" in writethru(config, "status").stdout
