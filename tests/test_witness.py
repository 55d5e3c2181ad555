"""The third witness: a public archive is asked once for each revision that matters, politely, and never for
what is not public; and no check waits for it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from monitor.check import Tools, check_article
from monitor.cli import main
from monitor.cli.site import report_articles
from monitor.compare import compare
from monitor.config import WebSettings, WitnessSettings, parse_config
from monitor.disclosable import may_be_told
from monitor.events import assess
from monitor.fetch import Fetcher
from monitor.guard import Answer, Guard
from monitor.reader import Reader
from monitor.report import log_json, log_line, site_pages
from monitor.schedule import Daemon
from monitor.web import create_app
from monitor.witness import attest
from storage.records import Article, LogEntry, Severity, Validators, Witness, WitnessState
from storage.store import Store
from storage.witnesses import withdraw
from tests.newsdesk import ROOT, edited, page
from tests.savepagenow import SavePageNow, hang
from tests.servers import Line, Scripted, http, redirect
from tests.test_store import DATABASE, NOW, at, changed, count, first, new_store, watched
from tests.test_visit import Clock

URL = "https://gazette.example/bridge"
SECOND = timedelta(seconds=1)


def everywhere(address: str) -> Guard:
    """A guard to whom every name leads to one address."""

    def resolve(_name: str, port: int, _timeout: float) -> list[Answer]:
        return [(socket.AF_INET, (address, port))]

    return Guard(resolve=resolve)


PUBLIC = everywhere("1.1.1.1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(clock: Clock) -> Iterator[SavePageNow]:
    with SavePageNow(clock) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def wanted(archive: Scripted, **settings: Any) -> WitnessSettings:
    return WitnessSettings(**{"wayback": True, "url": archive.url("").rstrip("/"), **settings})


def fetcher(archive: Scripted, deadline: float = 5.0) -> Fetcher:
    return Fetcher(Guard([archive.host]), user_agent="Writethru/test", deadline=deadline)


def a_round(store: Store, archive: Scripted, clock: Clock, guard: Guard = PUBLIC, **settings: Any) -> int:
    return attest(store, wanted(archive, **settings), fetcher(archive), clock, guard=guard)


def rounds(store: Store, archive: Scripted, clock: Clock, seconds: int, **settings: Any) -> None:
    """One round a second, as the daemon makes them."""
    for _ in range(seconds):
        a_round(store, archive, clock, **settings)
        clock.now += SECOND


def to_be_saved(store: Store, *urls: str) -> list[Article]:
    """Articles whose second revision, seen at once, waits for the archive."""
    found = watched(store, *urls)
    for article in found:
        one = first(article)
        store.record(one)
        store.record(replace(changed(one.article, 0), witness=article.url))
    return found


def the_witness(store: Store) -> Witness:
    (witness,) = store.witnesses.all()
    return witness


# ---------------------------------------------------------------------- which revisions


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1, deadline=5.0) as running:
        yield running


def tools_for(
    store: Store, reader: Reader, clock: Clock, folder: Path, server: Scripted, **config: Any
) -> Tools:
    """Tools for a public site that is in truth ``server``, with one page of it watched."""
    source = {"name": "Gazette", "kind": "page", "url": f"http://gazette.example:{server.port}/story"}
    source |= config.pop("source", {})
    settings = parse_config({"sources": [source], "fetch": {"robots": False}, **config}, folder, {})
    local = everywhere("127.0.0.1")
    guard = Guard([f"gazette.example:{server.port}"], resolve=local._resolve)
    store.watchlist.sync_sources(settings.sources, clock())
    (state,) = store.watchlist.sources()
    store.watchlist.discovered(state.id, [settings.sources[0].url], clock(), at(9999), Validators())
    return Tools(
        store=store,
        fetcher=Fetcher(guard, user_agent="Writethru/test", deadline=5.0, clock=clock),
        reader=reader,
        config=settings,
        clock=clock,
        worker="test",
    )


STORY = [
    page(),
    edited("Seven people", "Seven persons"),
    edited("Seven people", "Eight people"),
    edited("Seven people", "Eight people"),
]


def look_through(tools: Tools, clock: Clock) -> list[Severity | None]:
    """Look at the story once for each of its versions; the severities of its revisions."""
    (article,) = tools.store.articles()
    for _ in STORY:
        check_article(tools.store.article(article.id), tools, None)
        clock.go_on(10)
    return [entry.severity for entry in tools.store.log()]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/story", *(http(200, version) for version in STORY))
        yield running


def test_a_substantive_revision_is_asked_for_once_and_neither_the_first_nor_a_lesser_one(
    store: Store, reader: Reader, clock: Clock, server: Scripted, tmp_path: Path
) -> None:
    tools = tools_for(store, reader, clock, tmp_path, server, witness={"wayback": True})
    none, lesser, grave = look_through(tools, clock)
    assert none is None
    assert lesser is not None
    assert grave is not None
    assert lesser < Severity.SUBSTANTIVE <= grave
    witness = the_witness(store)
    assert (witness.url, witness.seen_at) == (f"http://gazette.example:{server.port}/story", at(20))
    assert (witness.state, witness.attempts) == (WitnessState.PENDING, 0)


def test_another_severity_can_be_asked_for(
    store: Store, reader: Reader, clock: Clock, server: Scripted, tmp_path: Path
) -> None:
    settings = {"wayback": True, "severity": "cosmetic"}
    look_through(tools_for(store, reader, clock, tmp_path, server, witness=settings), clock)
    assert [witness.seen_at for witness in store.witnesses.all()] == [at(10), at(20)]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"witness": {"wayback": False}},
        {"witness": {"wayback": True}, "source": {"headers": {"X-Access": "paid"}}},
        {"witness": {"wayback": True}, "source": {"cookies": {"session": "1"}}},
    ],
    ids=["by default", "off", "headers of its own", "cookies of its own"],
)
def test_nothing_is_asked_while_off_nor_of_what_only_we_can_see(
    store: Store, reader: Reader, clock: Clock, server: Scripted, tmp_path: Path, config: dict[str, Any]
) -> None:
    severities = look_through(tools_for(store, reader, clock, tmp_path, server, **config), clock)
    assert Severity.SUBSTANTIVE in severities or Severity.CRITICAL in severities
    assert store.witnesses.all() == []


def test_a_request_is_written_with_its_revision_and_once(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    two = replace(changed(one.article, 5), witness=URL)
    store.record(one)
    for _ in range(2):
        store.record(two)
    assert count(store, "witnesses") == 1
    assert the_witness(store).created_at == two.check.at


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://gazette.example/a?id=1&page=2", True),
        ("https://www.gazette.example:8443/a", True),
        ("https://1.1.1.1/a", True),
        ("https://gazette.example/keynote?keyword=x&author=y&monkey=z&design=w", True),
        ("file:///srv/seeds/a.txt", False),
        ("https://desk:secret@gazette.example/a", False),
        ("https://gazette.example/a?token=1", False),
        ("https://gazette.example/a?x=1&api_key=2", False),
        ("https://gazette.example/a?accessToken=2", False),
        ("https://gazette.example/a?X-Amz-Signature=2", False),
        ("https://gazette.example/a?a=1;sid=2", False),
        ("http://localhost/a", False),
        ("http://intranet/a", False),
        ("http://cms.corp/a", False),
        ("http://cms.internal./a", False),
        ("http://127.0.0.1:8080/a", False),
        ("http://10.1.2.3/a", False),
        ("http://[::1]/a", False),
        ("http://[fe80::1%25eth0]/a", False),
        ("http://[::1", False),
    ],
)
def test_only_what_anybody_could_have_asked_for_is_told(url: str, public: bool) -> None:
    assert may_be_told(url) is public


def test_a_name_that_leads_to_a_private_address_is_not_told(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store, "https://cms.gazette.example/bridge")
    a_round(store, archive, clock, guard=everywhere("10.1.2.3"))
    assert archive.requests == []
    witness = the_witness(store)
    assert witness.state is WitnessState.FAILED
    assert "not a public address" in (witness.error or "")


def test_what_waits_is_not_asked_for_while_off(store: Store, archive: SavePageNow, clock: Clock) -> None:
    to_be_saved(store)
    assert a_round(store, archive, clock, wayback=False) == 0
    assert archive.requests == []
    assert the_witness(store).state is WitnessState.PENDING


# ---------------------------------------------------------------------- asking


def test_a_page_is_asked_for_its_job_looked_at_and_the_link_kept(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    rounds(store, archive, clock, 60)
    assert archive.asked_for == [URL]
    save, *looks = archive.requests
    assert save.headers["accept"] == "application/json"
    assert "authorization" not in save.headers
    assert 2 <= len(looks) <= 4
    witness = the_witness(store)
    assert (witness.state, witness.attempts, witness.error) == (WitnessState.KEPT, 1, None)
    assert witness.kept_at == archive.captures[URL]
    assert witness.link == archive.url(f"/web/{archive.captures[URL]:%Y%m%d%H%M%S}/{URL}")


def test_the_keys_of_an_account_are_shown_and_without_them_nothing_more_is_asked_for_an_hour(
    store: Store, clock: Clock
) -> None:
    with SavePageNow(clock, keys="access:secret") as archive:
        to_be_saved(store)
        rounds(store, archive, clock, 120)
        assert len(archive.requests) == 1
        assert "set [witness] keys" in (the_witness(store).error or "")
        clock.go_on(60)
        rounds(store, archive, clock, 60, keys="access:secret")
    assert the_witness(store).state is WitnessState.KEPT


def test_a_page_that_was_saved_since_the_change_serves_as_well(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    archive.captures[URL] = at(1)
    clock.go_on(5)
    rounds(store, archive, clock, 30)
    assert archive.taken == []
    assert the_witness(store).kept_at == at(1)


def test_a_page_saved_before_the_change_is_no_witness_of_it(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    archive.captures[URL], archive.stubborn = at(-30), True
    rounds(store, archive, clock, 30)
    witness = the_witness(store)
    assert (witness.state, witness.link) == (WitnessState.PENDING, None)
    assert witness.error == "the archive answered with a page saved before the change"
    archive.stubborn = False
    clock.go_on(60)
    rounds(store, archive, clock, 60)
    assert archive.asked_for == [URL, URL]
    assert (the_witness(store).kept_at or NOW) > at(60)


def test_a_page_that_changed_again_is_asked_for_as_it_is_now_and_not_twice(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    (article,) = to_be_saved(store)
    clock.go_on(5)
    store.record(replace(changed(store.article(article.id), 5), witness=URL))
    rounds(store, archive, clock, 90)
    assert archive.asked_for == [URL]
    before, now = store.witnesses.all()
    assert (before.state, before.error) == (
        WitnessState.FAILED,
        "the page had changed again before it could be saved",
    )
    assert (now.state, now.seen_at) == (WitnessState.KEPT, at(5))


# ---------------------------------------------------------------------- its limits


def test_no_more_is_asked_than_the_archive_allows(store: Store, clock: Clock) -> None:
    urls = [f"https://gazette.example/{number}" for number in range(5)]
    to_be_saved(store, *urls)
    with SavePageNow(clock, per_minute=3, at_once=3, looks=4) as archive:
        rounds(store, archive, clock, 300)
        moments = [moment for moment, _ in archive.taken]
        assert [url for _, url in archive.taken] == urls  # none refused, none twice, the oldest first
        assert archive.asked_for == urls
        assert all(b - a >= 20 * SECOND for a, b in pairwise(moments))
        assert archive.most_at_once == 3
    assert {witness.state for witness in store.witnesses.all()} == {WitnessState.KEPT}


def test_the_distance_holds_over_a_restart(store: Store, archive: SavePageNow, clock: Clock) -> None:
    to_be_saved(store, URL, "https://gazette.example/ferry")
    a_round(store, archive, clock)
    store.witnesses.void_claims()
    rounds(store, archive, clock, 19)
    assert len(archive.asked_for) == 1
    rounds(store, archive, clock, 2)
    assert len(archive.asked_for) == 2


def test_an_archive_that_asks_for_quiet_hears_nothing_until_then(store: Store, clock: Clock) -> None:
    to_be_saved(store, URL, "https://gazette.example/ferry")
    with SavePageNow(clock, per_minute=1) as archive:
        rounds(store, archive, clock, 299, interval=timedelta(0))
        asked = len(archive.requests)
        assert archive.asked_for == [URL, "https://gazette.example/ferry"]
        assert asked == 2
        rounds(store, archive, clock, 90, interval=timedelta(0))
    assert {witness.state for witness in store.witnesses.all()} == {WitnessState.KEPT}


def test_a_clock_put_back_neither_silences_nor_hurries_it(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store, *(f"https://gazette.example/{number}" for number in range(5)))
    clock.go_on(5)
    archive.odd = http(503, "", {"Retry-After": "3600"})
    a_round(store, archive, clock)
    archive.odd = None
    clock.now -= timedelta(days=3650)
    rounds(store, archive, clock, 60)
    assert len(archive.asked_for) == 4  # one before, and three in the minute after


# ---------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("code", ["blocked-url", "not-found", "no-access", "invalid-url-syntax"])
def test_a_page_that_cannot_be_saved_is_not_asked_for_again(
    store: Store, archive: SavePageNow, clock: Clock, code: str
) -> None:
    to_be_saved(store)
    archive.ends[URL] = code
    rounds(store, archive, clock, 60)
    clock.go_on(6 * 60)
    rounds(store, archive, clock, 60)
    assert archive.asked_for == [URL]
    witness = the_witness(store)
    assert witness.state is WitnessState.FAILED
    assert witness.error == f"The archive did not save the page: It is {code}."


def test_a_job_that_fails_is_asked_for_again_ever_later(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    archive.ends[URL] = "browsing-timeout"
    rounds(store, archive, clock, 300)
    times = [moment for moment, _ in archive.taken]
    gaps = [b - a for a, b in pairwise(times)]
    assert len(gaps) >= 2
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 2 * gaps[0] - timedelta(minutes=1)
    del archive.ends[URL]
    rounds(store, archive, clock, 300)
    assert the_witness(store).state is WitnessState.KEPT


def test_a_page_with_its_day_s_allowance_used_up_waits_for_hours_and_the_others_do_not(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    other = "https://gazette.example/ferry"
    to_be_saved(store, URL, other)
    archive.refuses[URL] = "too-many-daily-captures"
    rounds(store, archive, clock, 120)
    assert archive.asked_for == [URL, other]
    waiting, kept = store.witnesses.all()
    assert (waiting.state, kept.state) == (WitnessState.PENDING, WitnessState.KEPT)
    assert waiting.next_try_at >= at(6 * 60)


@pytest.mark.parametrize(
    "odd",
    [
        http(500, "oops"),
        http(200, "<!doctype html><title>Save Page Now</title>"),
        http(200, "[" * 100_000),
        http(200, '{"job_id": "a\\u0000b"}'),
        http(200, '{"job_id": 7}'),
        http(200, '{"url": "x"}'),
        http(404, "{}"),
        redirect("https://archive.example/login"),
        b"\x00\x01\x02\r\n\r\n",
        b"",
    ],
)
def test_an_odd_answer_is_tried_again_and_given_up_after_a_day(
    store: Store, archive: SavePageNow, clock: Clock, odd: bytes
) -> None:
    to_be_saved(store)
    archive.odd = odd
    a_round(store, archive, clock)
    assert the_witness(store).state is WitnessState.PENDING
    assert the_witness(store).error
    while clock.now < NOW + timedelta(hours=27):
        a_round(store, archive, clock)
        clock.go_on(10)
    assert 10 <= len(archive.requests) <= 25
    witness = the_witness(store)
    assert witness.state is WitnessState.FAILED
    assert (witness.error or "").startswith("given up after a day: ")


@pytest.mark.parametrize(
    "said",
    [
        '{"status": "success"}',
        '{"status": "success", "timestamp": "20269999999999", "original_url": "https://gazette.example/"}',
        '{"status": "success", "timestamp": "20260301120500", "original_url": "javascript:alert(1)"}',
        '{"status": "success", "timestamp": "../../../../x", "original_url": "https://gazette.example/"}',
        '{"status": "never heard of"}',
    ],
)
def test_a_success_that_names_no_page_is_none(
    store: Store, archive: SavePageNow, clock: Clock, said: str
) -> None:
    to_be_saved(store)
    a_round(store, archive, clock)
    archive.odd = http(200, said)
    clock.go_on(1)
    a_round(store, archive, clock)
    witness = the_witness(store)
    assert (witness.state, witness.link, witness.job) == (WitnessState.PENDING, None, None)


def test_a_job_that_the_archive_forgot_is_asked_for_again(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    a_round(store, archive, clock)
    archive.forget_jobs()
    rounds(store, archive, clock, 120)
    assert archive.asked_for == [URL, URL]
    assert the_witness(store).state is WitnessState.KEPT


def test_a_job_that_never_ends_holds_its_place_for_half_an_hour_at_most(store: Store, clock: Clock) -> None:
    to_be_saved(store)
    with SavePageNow(clock, looks=10_000) as archive:
        while clock.now < NOW + timedelta(minutes=35):
            a_round(store, archive, clock)
            clock.go_on(0.25)
        assert archive.asked_for == [URL, URL]
        assert len(archive.requests) < 60


def test_a_job_outlives_an_archive_that_is_away_for_a_moment(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    to_be_saved(store)
    a_round(store, archive, clock)
    archive.odd = b""
    clock.go_on(1)
    a_round(store, archive, clock)
    assert the_witness(store).state is WitnessState.ASKED
    archive.odd = None
    rounds(store, archive, clock, 120)
    assert archive.asked_for == [URL]
    assert the_witness(store).state is WitnessState.KEPT


def ask_of(folder: str, host: str) -> None:
    """One round, by a process of its own."""
    settings = WitnessSettings(wayback=True, url=f"http://{host}")
    caller = Fetcher(Guard([host]), user_agent="Writethru/test", deadline=30.0)
    with Store.open(DATABASE, Path(folder)) as store:
        attest(store, settings, caller, lambda: NOW, guard=PUBLIC)


@pytest.mark.slow
def test_a_kill_while_the_archive_takes_a_page_on_asks_for_it_once_more_and_no_oftener(
    tmp_path: Path, clock: Clock
) -> None:
    with new_store(tmp_path) as store:
        to_be_saved(store)
    asked = threading.Event()

    def hear_and_hang(line: Line) -> None:
        asked.set()
        line.hold()

    with SavePageNow(clock) as archive:
        archive.odd = hear_and_hang
        code = f"from tests.test_witness import ask_of; ask_of({str(tmp_path)!r}, {archive.host!r})"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        assert asked.wait(30)
        process.kill()
        process.wait()
        archive.odd = None
        with Store.open(DATABASE, tmp_path) as store:
            store.witnesses.void_claims()  # what the service does when it starts
            clock.now += 20 * SECOND
            rounds(store, archive, clock, 120)
            assert archive.asked_for == [URL, URL]
            assert (the_witness(store).state, the_witness(store).attempts) == (WitnessState.KEPT, 2)


def test_a_claim_is_nobody_else_s_and_what_is_kept_stays_so(store: Store, clock: Clock) -> None:
    to_be_saved(store)
    lease = timedelta(minutes=5)
    (claim,) = store.witnesses.claim(NOW, lease, at_once=3, spacing=timedelta(0))
    assert store.witnesses.claim(NOW + SECOND, lease, at_once=3, spacing=timedelta(0)) == []
    link = "https://archive.example/web/1/x"
    store.witnesses.settle(replace(claim, state=WitnessState.KEPT, link=link))
    store.witnesses.settle(replace(claim, state=WitnessState.PENDING, error="too late"))
    assert (the_witness(store).state, the_witness(store).link) == (WitnessState.KEPT, link)


def test_what_is_withdrawn_is_asked_for_no_more(store: Store, archive: SavePageNow, clock: Clock) -> None:
    asked, waiting = to_be_saved(store, URL, "https://gazette.example/ferry")
    rounds(store, archive, clock, 5)
    with store._database.writing() as connection:
        for article in (asked, waiting):
            withdraw(connection, article.id)
    rounds(store, archive, clock, 60)
    assert archive.asked_for == [URL]
    assert store.witnesses.all() == []


# ---------------------------------------------------------------------- checks do not wait


@pytest.mark.slow
def test_a_dead_archive_delays_no_check_and_no_stop(
    store: Store, reader: Reader, tmp_path: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - began)

    with SavePageNow(clock) as archive:
        archive.odd = hang
        (article, *_) = to_be_saved(store, "https://1.1.1.1/story")
        store.watchlist.pause_article(article.id, True)
        tools = Tools(
            store=store,
            fetcher=Fetcher(Guard([server.host]), user_agent="Writethru/test", deadline=5.0),
            reader=reader,
            config=parse_config(
                {
                    "fetch": {"host_interval": "0s", "robots": False, "workers": 1},
                    "schedule": {"min_interval": "1s"},
                    "sources": [{"name": "s", "kind": "page", "url": server.url("/story"), "interval": "1s"}],
                    "witness": {"wayback": True, "url": archive.url(""), "allow_private": [archive.host]},
                },
                tmp_path,
                {},
            ),
            clock=clock,
            worker="daemon:test",
        )
        store.watchlist.sync_sources(tools.config.sources, clock())
        daemon = Daemon(lambda: tools, lambda _: tools.fetcher, lambda _: fetcher(archive, deadline=20.0))
        daemon.start()
        try:
            until(lambda: archive.requests != [])
            before = len(store.checks())
            started = time.monotonic()
            until(lambda: len(store.checks()) >= before + 3)
            assert time.monotonic() - started < 15  # it hangs for twenty
        finally:
            monkeypatch.setattr("monitor.schedule.GRACE_SECONDS", 1.0)
            started = time.monotonic()
            ended = daemon.stop()
            stopped_after = time.monotonic() - started
    assert not ended  # the service then leaves without it
    assert stopped_after < 5
    until(lambda: the_witness(store).error is not None)


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.05)


# ---------------------------------------------------------------------- where it is shown


def test_the_link_is_shown_with_its_revision_and_is_no_part_of_the_chain(
    store: Store, archive: SavePageNow, clock: Clock
) -> None:
    (article,) = to_be_saved(store)
    before = store.log()
    rounds(store, archive, clock, 60)
    link = the_witness(store).link
    assert link is not None
    one, two = store.log()
    assert (one.witness, two.witness) == (None, link)
    assert [replace(entry, witness=None) for entry in (one, two)] == before
    assert store.witnesses.link(article.id, 1) is None
    assert store.witnesses.link(article.id, 2) == link
    assert_shown(store, article, two, link)


def test_every_command_says_where_else_a_revision_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], clock: Clock, archive: SavePageNow
) -> None:
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    with new_store(tmp_path) as store:
        (article,) = to_be_saved(store)
        rounds(store, archive, clock, 60)
        link = the_witness(store).link or ""

    def said(*words: str) -> tuple[str, str]:
        assert main(["--config", str(tmp_path / "config.toml"), *words]) == 0
        shown = capsys.readouterr()
        return shown.out, shown.err

    assert [json.loads(line)["witness"] for line in said("log", "--json")[0].splitlines()] == [None, link]
    assert f"also kept: {link}" in said("log")[0]
    text, aside = said("show", str(article.id))
    assert (link in text, f"Also kept by the Wayback Machine: {link}" in aside) == (False, True)
    assert json.loads(said("show", str(article.id), "--json")[0])["witness"] == link
    assert said("show", str(article.id), "1")[1] == ""
    assert f'href="{link}"' in said("diff", str(article.id), "--format", "html")[0]
    status = json.loads(said("status", "--json")[0])
    assert [status[f"wayback_{state}"] for state in ("kept", "waiting", "failed")] == [1, 0, 0]


def assert_shown(store: Store, article: Article, entry: LogEntry, link: str) -> None:
    assert log_json(entry)["witness"] == link
    assert f"also kept: {link}" in log_line(entry, UTC, False)
    mark = f'Also kept by the Wayback Machine: <a class="url" href="{link}"'
    with TestClient(create_app(store, WebSettings(), UTC, lambda: None)) as client:
        for path in ("", "/diff/1..2", "/2"):
            said = client.get(f"/articles/{article.id}{path}", headers={"Host": "localhost"}).text
            assert said.count(mark) == 1
        said = client.get(f"/articles/{article.id}/1", headers={"Host": "localhost"}).text
        assert mark not in said
    pages = dict(
        site_pages(
            report_articles(store, store.articles(), None), compare=compare, assess=assess, generated_at=NOW
        )
    )
    assert sum(mark in text for text in pages.values()) == 3
