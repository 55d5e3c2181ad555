"""Politeness, as the servers see it: nothing comes sooner than it may, whatever it is for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.budget import Budget
from monitor.check import Seen, Tools
from monitor.cli.service import channel_fetcher
from monitor.config import parse_config
from monitor.discovery import discover, discover_due
from monitor.errand import Errands
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.polling import Purse
from monitor.reader import Reader
from monitor.schedule import Daemon
from monitor.visit import run_pass
from storage.records import (
    CheckEntry,
    CheckResult,
    FetchProblem,
    Host,
    Validators,
    Waiting,
)
from tests.servers import STAYS, Answer, Scripted, head, http, redirect
from tests.test_store import new_store
from tests.test_visit import (
    ALL_OPEN,
    DAY,
    EDITED,
    NOW,
    Clock,
    one_visit,
    page,
    rss,
    the_article,
    the_check,
    watching,
    with_config,
)

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tools(reader: Reader, clock: Clock, tmp_path: Path) -> Iterator[Tools]:
    """Tools without spacing and without robots; ``with_config`` makes others."""
    with new_store(tmp_path) as store:
        yield with_config(
            Tools(
                store=store,
                fetcher=Fetcher(Guard(["127.0.0.1"]), user_agent="Writethru/test", deadline=5.0, clock=clock),
                reader=reader,
                config=parse_config({}, tmp_path, {}),
                clock=clock,
                worker="test",
            )
        )


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/robots.txt", ALL_OPEN)
        yield running


@pytest.fixture
def other() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/robots.txt", ALL_OPEN)
        yield running


def host_of(tools: Tools, server: Scripted) -> Host:
    found = tools.store.watchlist.host(server.host)
    assert found is not None
    return found


def in_real_time(tools: Tools, interval: float) -> Tools:
    """The same tools with a clock that goes, and that many seconds between two requests."""
    began = time.monotonic()
    fetch = replace(tools.config.fetch, host_interval=timedelta(seconds=interval))
    return replace(
        tools,
        config=replace(tools.config, fetch=fetch),
        clock=lambda: NOW + timedelta(seconds=time.monotonic() - began),
    )


class Log:
    """When each server was asked, by the clock of the one who asks."""

    def __init__(self, tools: Tools, clock: Clock, *servers: Scripted) -> None:
        self._tools, self._clock, self._servers = tools, clock, servers
        self.asked: dict[str, list[tuple[float, str]]] = {server.host: [] for server in servers}
        self.entries: list[CheckEntry] = []

    def go_on(self, seconds: int, feeds: bool = False) -> Log:
        """So many seconds, in each of which whoever has a turn takes it; as often as there is one."""
        for _ in range(seconds):
            while self._a_turn(feeds):
                pass
            self._clock.now += SECOND
        return self

    def _a_turn(self, feeds: bool) -> bool:
        before = [len(server.requests) for server in self._servers]
        if feeds:
            discover_due(self._tools)
        self.entries += one_visit(self._tools)
        made = False
        for server, known in zip(self._servers, before, strict=True):
            for request in server.requests[known:]:
                at = (self._clock.now - NOW).total_seconds()
                self.asked[server.host].append((at, request.target))
                made = True
        return made

    def gaps(self, server: Scripted) -> list[float]:
        moments = [at for at, _ in self.asked[server.host]]
        return [later - earlier for earlier, later in pairwise(moments)]


# ---------------------------------------------------------------------- spacing


def test_a_chain_of_redirects_keeps_the_interval(tools: Tools, server: Scripted, clock: Clock) -> None:
    for number in range(4):
        server.on(f"/{number}", redirect(f"/{number + 1}"))
    server.on("/4", http(200, page()))
    log = Log(watching(tools, server.url("/0"), interval="5s", robots=True), clock, server).go_on(60)
    assert server.asked == ["/robots.txt", "/0", "/1", "/2", "/3", "/4"]
    assert min(log.gaps(server)) >= 5
    (entry,) = log.entries
    assert entry.check.result is CheckResult.FIRST
    kept = tools.store.response(1, 1)
    assert kept is not None
    assert [hop.url for hop in kept.redirects] == [server.url(f"/{number}") for number in range(1, 5)]
    assert (kept.url, kept.final_url) == (server.url("/0"), server.url("/4"))


def test_without_an_interval_a_chain_is_followed_at_once(tools: Tools, server: Scripted) -> None:
    server.on("/0", redirect("/1"))
    server.on("/1", http(200, page()))
    assert len(one_visit(watching(tools, server.url("/0")))) == 1


def test_a_redirect_to_another_host_is_followed_in_that_hosts_turn(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    """Whose own articles are looked at meanwhile, and whose robots.txt counts."""
    server.on("/away", redirect(other.url("/bridge")))
    for path in ("/bridge", "/ferry", "/tunnel"):
        other.on(path, http(200, page(headline=f"The {path[1:]}")))
    urls = [server.url("/away"), other.url("/ferry"), other.url("/tunnel")]
    log = Log(watching(tools, *urls, interval="5s", robots=True), clock, server, other).go_on(60)
    assert sorted(other.asked) == ["/bridge", "/ferry", "/robots.txt", "/tunnel"]
    assert min(log.gaps(server)) >= 5
    assert min(log.gaps(other)) >= 5
    assert {entry.url: entry.check.result for entry in log.entries} == dict.fromkeys(urls, CheckResult.FIRST)
    assert tools.store.article(1).host == server.host


def test_a_page_that_leads_to_a_new_host_each_time_leaves_none_behind(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    names = [f"127.0.0.{number}" for number in range(2, 7)]  # to which the guard lets nothing through
    server.on("/away", *(redirect(f"http://{name}/") for name in names))
    tools = watching(tools, server.url("/away"), other := server.url("/b"), source={"interval": "1h"})
    for _ in names:
        tools.store.watchlist.make_due([1], clock.now)
        one_visit(tools)
        one_visit(tools)
        clock.go_on(59)
    assert {host.name for host in tools.store.watchlist.hosts()} == {server.host, *names}
    assert tools.store.watchlist.drop_strangers(clock.now) == 4
    clock.go_on(2)
    assert tools.store.watchlist.drop_strangers(clock.now) == 1
    assert [host.name for host in tools.store.watchlist.hosts()] == [server.host]
    assert tools.store.find_article(other).host == server.host


def test_a_redirect_to_where_robots_txt_forbids_it_is_not_followed(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", http(200, "User-agent: *\nDisallow: /no\n", kind="text/plain"))
    other.on("/robots.txt", http(200, "User-agent: *\nDisallow: /\n", kind="text/plain"))
    server.on("/away", redirect(other.url("/bridge")))
    server.on("/here", redirect("/no"))
    log = Log(watching(tools, server.url("/away"), server.url("/here"), robots=True), clock, server, other)
    log.go_on(10)
    assert [entry.check.error for entry in log.entries] == [FetchProblem.ROBOTS] * 2
    assert (server.asked, other.asked) == (["/robots.txt", "/away", "/here"], ["/robots.txt"])


def test_what_is_known_of_a_look_may_be_lost_and_it_begins_anew(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    server.on("/away", redirect(other.url("/bridge")))
    other.on("/bridge", http(200, page()))
    tools = watching(tools, server.url("/away"), interval="5s")
    assert one_visit(tools) == []
    log = Log(replace(tools, errands=Errands()), clock, server, other).go_on(30)
    assert [entry.check.result for entry in log.entries] == [CheckResult.FIRST]
    assert server.asked == ["/away", "/away"]
    assert log.gaps(server) == [] or min(log.gaps(server)) >= 5
    assert other.asked == ["/bridge"]


def test_a_redirect_without_end_stops_at_the_fifth_hop_however_slowly_it_is_followed(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    server.on("/a", redirect(other.url("/b")))
    other.on("/b", redirect(server.url("/a")))
    log = Log(watching(tools, server.url("/a"), interval="1s"), clock, server, other)
    log.go_on(12)
    assert log.entries[0].check.error is FetchProblem.REDIRECT_LOOP
    assert server.asked + other.asked == ["/a"] * 3 + ["/b"] * 3


def test_a_sources_secrets_stay_with_its_origin_also_when_a_look_goes_on_later(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    server.on("/here", redirect("/away"))
    server.on("/away", redirect(other.url("/bridge")))
    other.on("/bridge", http(200, page()))
    source = {"cookies": {"session": "s3cret"}}
    Log(watching(tools, server.url("/here"), interval="5s", source=source), clock, server, other).go_on(30)
    assert [request.headers.get("cookie") for request in server.requests] == ["session=s3cret"] * 2
    (last,) = other.requests
    assert "cookie" not in last.headers


def test_feeds_robots_and_pages_of_one_host_keep_its_interval(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/feed", redirect("/feed.xml"))
    server.on("/feed.xml", rss(server.url("/a"), server.url("/b")))
    server.on("/a", http(200, page()))
    server.on("/b", redirect("/a2"), http(200, page()))
    server.on("/a2", http(500))
    feed = {"name": "Gazette", "kind": "feed", "url": server.url("/feed")}
    log = Log(with_config(tools, feed, interval="5s", robots=True), clock, server).go_on(120, feeds=True)
    assert set(server.asked) == {"/feed", "/feed.xml", "/robots.txt", "/a", "/b", "/a2"}
    assert min(log.gaps(server)) >= 5


def test_each_request_is_paid_for_once(
    tools: Tools, server: Scripted, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid: list[object] = []
    pay = Budget._pay

    def counted(budget: Budget, purses: Mapping[str, Purse]) -> None:
        paid.append(purses)
        pay(budget, purses)

    monkeypatch.setattr(Budget, "_pay", counted)
    server.on("/robots.txt", http(200, "", kind="text/plain"))
    server.on("/feed", redirect("/feed.xml"))
    server.on("/feed.xml", rss(server.url("/a"), server.url("/b")))
    server.on("/a", http(200, page()))
    server.on("/b", redirect("/b2"))
    server.on("/b2", http(200, page()))
    feed = {"name": "Gazette", "kind": "feed", "url": server.url("/feed")}
    tools = with_config(tools, feed, interval="5s", robots=True)
    tools = replace(tools, budget=Budget(lambda: tools.config))
    Log(tools, clock, server).go_on(60, feeds=True)
    assert {"/robots.txt", "/feed", "/feed.xml", "/a", "/b", "/b2"} == set(server.asked)
    assert len(paid) == len(server.asked)


def test_a_pass_keeps_the_interval_too(tools: Tools, server: Scripted, other: Scripted) -> None:
    """By the servers' own clocks, with several workers and a real one of ours."""
    server.on("/0", redirect("/1"))
    server.on("/1", redirect(other.url("/2")))
    server.on("/3", http(200, page()))
    other.on("/2", http(200, page()))
    named = watching(tools, server.url("/0"), server.url("/3"), other.url("/2"), robots=True)
    named = in_real_time(named, 0.3)
    seen: list[Seen] = []
    assert run_pass(named, [1, 2, 3], seen=seen.append) == []
    assert [found.entry.check.result for found in seen] == [CheckResult.FIRST] * 3
    assert (sorted(server.asked), len(other.asked)) == (["/0", "/1", "/3", "/robots.txt"], 3)
    assert min(server.gaps + other.gaps) >= 0.3


def test_a_pass_waits_for_a_feed_whose_address_leads_further(tools: Tools, server: Scripted) -> None:
    server.on("/feed", redirect("/feed.xml"))
    server.on("/feed.xml", rss(server.url("/a")))
    feed = {"name": "Gazette", "kind": "feed", "url": server.url("/feed")}
    real = in_real_time(with_config(tools, feed), 0.3)
    assert discover_due(real, patience=30) == {}
    assert [article.url for article in tools.store.articles()] == [server.url("/a")]
    assert min(server.gaps) >= 0.3


def test_a_feed_has_its_turn_however_much_is_due_on_its_host(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    """Also where whoever looks at articles is always quicker."""
    urls = [server.on(f"/{number}", http(200, page())) for number in range(6)]
    feed = {"name": "Gazette", "kind": "feed", "url": server.on("/feed", rss(*urls)), "interval": "20s"}
    tools = with_config(tools, feed, interval="5s", schedule={"min_interval": "1s", "max_interval": "1s"})
    discover_due(tools)
    for _ in range(120):
        one_visit(tools)
        discover_due(tools)
        clock.now += SECOND
    assert server.asked.count("/feed") >= 4
    assert len(server.asked) > 15


def test_a_visit_that_a_crash_cut_short_counts_as_one_just_made(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    tools = watching(tools, server.on("/a", http(200, page())), interval="5s")
    assert tools.store.watchlist.claim_host(clock.now, "daemon:1", tools.lease) is not None
    tools.store.watchlist.void_claims("daemon:", lambda name: clock.now + tools.config.host_interval(name))
    assert one_visit(tools) == []
    assert host_of(tools, server).waits is Waiting.RESTART
    clock.now += 5 * SECOND
    assert len(one_visit(tools)) == 1


# ---------------------------------------------------------------------- robots.txt


def rules(text: str) -> bytes:
    return http(200, text, kind="text/plain")


def test_crawl_delay_is_kept_where_it_is_longer_than_the_interval(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", rules("User-agent: *\nCrawl-delay: 12\n"))
    urls = [server.on(f"/{number}", http(200, page())) for number in range(3)]
    log = Log(watching(tools, *urls, interval="5s", robots=True), clock, server).go_on(90)
    assert len(log.entries) == 3
    assert min(log.gaps(server)) >= 12


def test_no_crawl_delay_is_kept_beyond_a_minute(tools: Tools, server: Scripted, clock: Clock) -> None:
    server.on("/robots.txt", rules("User-agent: *\nCrawl-delay: 7200\n"))
    url = server.on("/0", http(200, page()))
    Log(watching(tools, url, interval="5s", robots=True), clock, server).go_on(62)
    assert server.asked == ["/robots.txt", "/0"]


def test_where_robots_txt_does_not_count_its_crawl_delay_does_not(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", rules("User-agent: *\nCrawl-delay: 12\n"))
    url = server.on("/0", http(200, page()))
    Log(watching(tools, url, robots=True), clock, server).go_on(20)
    clock.go_on(1)
    off = watching(tools, url, robots=False)
    off.store.watchlist.make_due([1], clock.now)
    assert len(one_visit(off)) == 1
    assert host_of(off, server).free_at == clock.now


def test_the_rules_read_before_count_on_while_robots_txt_cannot_be_read(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", rules("User-agent: *\nDisallow: /no\n"), http(503))
    hourly = {"interval": "1h"}
    tools = watching(
        tools, server.on("/yes", http(200, page())), server.url("/no"), robots=True, source=hourly
    )
    one_visit(tools)
    clock.go_on(24 * 60)
    again = {entry.url: entry.check.error for entry in one_visit(tools)}
    assert again == {server.url("/yes"): None, server.url("/no"): FetchProblem.ROBOTS}
    assert server.asked == ["/robots.txt", "/yes", "/robots.txt", "/yes"]
    until = host_of(tools, server).robots_until
    assert until == clock.now + timedelta(hours=1)


def test_a_robots_txt_that_leads_to_another_host_is_read_there_in_its_turn(
    tools: Tools, server: Scripted, other: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", redirect("/robots2.txt"))
    server.on("/robots2.txt", redirect(other.url("/rules.txt")))
    other.on("/rules.txt", rules("User-agent: *\nDisallow: /no\n"))
    urls = [server.on("/yes", http(200, page())), server.url("/no"), other.on("/c", http(200, page()))]
    log = Log(watching(tools, *urls, interval="5s", robots=True), clock, server, other).go_on(90)
    errors = {entry.url: entry.check.error for entry in log.entries}
    assert errors == {urls[0]: None, urls[1]: FetchProblem.ROBOTS, urls[2]: None}
    assert server.asked == ["/robots.txt", "/robots2.txt", "/yes"]
    assert min(log.gaps(server) + log.gaps(other)) >= 5


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
def test_five_redirects_lead_to_robots_txt_and_more_lead_nowhere(
    tools: Tools, server: Scripted, hops: int, allowed: bool
) -> None:
    """Which is to say that there is none (RFC 9309, 2.3.1.2)."""
    server.on("/robots.txt", redirect("/r1"))
    for number in range(1, hops):
        server.on(f"/r{number}", redirect(f"/r{number + 1}"))
    server.on(f"/r{hops}", rules("User-agent: *\nDisallow: /\n"))
    check = the_check(watching(tools, server.on("/a", http(200, page())), robots=True)).check
    assert (check.error is None) is allowed


# ---------------------------------------------------------------------- Retry-After and back-off


@pytest.mark.parametrize("what", ["page", "robots", "feed"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_counts_for_all_that_is_asked_for(
    tools: Tools, server: Scripted, clock: Clock, what: str, status: int
) -> None:
    busy = http(status, "", {"Retry-After": "7200"})
    tools = watching(tools, server.on("/page", http(200, page())), robots=what == "robots")
    server.on({"page": "/page", "robots": "/robots.txt", "feed": "/feed"}[what], busy)
    if what == "feed":
        tools = with_config(tools, {"name": "Busy", "kind": "feed", "url": server.url("/feed")})
        (state,) = (s for s in tools.store.watchlist.sources() if s.name == "Busy")
        assert "answered" in (discover(state, tools) or "")
        (state,) = (s for s in tools.store.watchlist.sources() if s.name == "Busy")
        assert state.next_discovery_at == clock.now + timedelta(hours=2)
    else:
        one_visit(tools)
    host = host_of(tools, server)
    assert (host.free_at, host.waits) == (clock.now + timedelta(hours=2), Waiting.RETRY_AFTER)


def test_retry_after_as_a_date_is_kept_and_none_is_kept_for_more_than_a_day(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    said = ["Sun, 01 Mar 2026 15:00:00 GMT", "Sun, 01 Mar 2099 15:00:00 GMT"]
    url = server.on("/page", *(http(503, "", {"Retry-After": value}) for value in said))
    tools = watching(tools, url)
    for wait in (timedelta(hours=3), DAY):
        one_visit(tools)
        assert host_of(tools, server).free_at == clock.now + wait
        clock.now += wait


@pytest.mark.parametrize(("bad", "setbacks"), [(http(500), 4), (http(403, "no"), 4), (http(404), 0)])
def test_a_host_that_blocks_or_fails_gets_growing_pauses_until_its_first_good_answer(
    tools: Tools, server: Scripted, clock: Clock, bad: bytes, setbacks: int
) -> None:
    urls = [server.on(f"/{number}", bad) for number in range(4)]
    tools = replace(watching(tools, *urls, interval="30s"), chance=lambda: 1.0)
    pauses = []
    for _ in urls:
        one_visit(tools)
        host = host_of(tools, server)
        pauses.append((host.free_at - clock.now).total_seconds())
        clock.now = host.free_at
    assert host.setbacks == setbacks
    assert pauses == ([30, 75, 150, 300] if setbacks else [30, 60, 60, 60])
    for url in urls:
        server.on(url.removeprefix(server.url("")), http(200, page()))
    clock.go_on(60)
    one_visit(tools)
    host = host_of(tools, server)
    assert host.setbacks == 0
    assert host.free_at <= clock.now + timedelta(seconds=60)


def test_a_host_that_cannot_be_reached_is_left_for_an_hour_at_most(tools: Tools, clock: Clock) -> None:
    with Scripted() as short:
        urls = [short.url(f"/{number}") for number in range(14)]
    tools = replace(watching(tools, *urls, interval="5s"), chance=lambda: 0.0)
    for _ in urls:
        one_visit(tools)
        (host,) = tools.store.watchlist.hosts()
        before, clock.now = clock.now, host.free_at
    assert host.free_at - before == timedelta(hours=1)


def test_what_robots_txt_forbids_is_no_trouble_of_its_host_and_no_request(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/robots.txt", rules("User-agent: *\nDisallow: /\n"))
    tools = watching(tools, *(server.url(f"/{number}") for number in range(3)), interval="5s", robots=True)
    assert one_visit(tools) == []
    clock.go_on(1)
    assert len(one_visit(tools)) == 3
    host = host_of(tools, server)
    assert (host.setbacks, host.requests, server.asked) == (0, 1, ["/robots.txt"])


# ---------------------------------------------------------------------- beginnings


def test_a_new_host_is_asked_slowly_at_first(tools: Tools, server: Scripted, clock: Clock) -> None:
    urls = [server.on(f"/{number}", http(200, page())) for number in range(8)]
    log = Log(watching(tools, *urls, interval="5s"), clock, server).go_on(100)
    assert log.gaps(server) == [5, 10, 10, 10, 10, 5, 5]


def test_many_articles_of_a_new_host_come_in_growing_batches_where_no_interval_is_owed(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    urls = [server.on(f"/{number}", http(404)) for number in range(100)]
    log = Log(watching(tools, *urls), clock, server).go_on(10)
    moments = [at for at, _ in log.asked[server.host]]
    assert [moments.count(second) for second in range(5)] == [10, 20, 40, 30, 0]


def test_after_a_downtime_hosts_have_their_turns_one_after_the_other(tools: Tools, clock: Clock) -> None:
    urls = [f"https://h{number}.example/a" for number in range(100)]
    tools = watching(tools, *urls)
    clock.now += timedelta(hours=5)
    assert tools.store.watchlist.spread(clock.now, 20.0, timedelta(seconds=60)) == 100
    turns = sorted(h.next_visit_at for h in tools.store.watchlist.hosts() if h.next_visit_at)
    assert turns[0] == clock.now
    assert {later - earlier for earlier, later in pairwise(turns)} == {SECOND / 20}
    assert tools.store.watchlist.spread(clock.now + 2 * timedelta(minutes=1), 1.0, 10 * SECOND) == 100
    last = max(h.free_at for h in tools.store.watchlist.hosts())
    assert last <= clock.now + timedelta(seconds=130)


def test_after_a_downtime_what_is_looked_at_often_comes_first(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    """Since it fell due first: what is rarely looked at did so some time later."""
    quick = server.on("/quick", http(200, page()))
    slow = server.on("/slow", http(200, page(headline="Another story")))
    both = [
        {"name": name, "kind": "page", "url": url, "interval": every}
        for name, url, every in (("slow", slow, "4h"), ("quick", quick, "5m"))
    ]
    tools = with_config(tools, *both)
    discover_due(tools)
    assert len(one_visit(tools)) == 2
    clock.now += timedelta(hours=9)
    assert [entry.url for entry in one_visit(tools)] == [quick, slow]


# ---------------------------------------------------------------------- validators


TAGGED = {"ETag": '"1"', "Last-Modified": "Sun, 01 Mar 2026 08:00:00 GMT"}


def conditional(server: Scripted) -> list[str | None]:
    return [request.headers.get("if-none-match") for request in server.requests]


@pytest.mark.parametrize(
    "wall",
    [
        http(403, "no", {"ETag": '"wall"'}),
        http(200, "", {"ETag": '"wall"'}),
        http(404, "", {"ETag": '"wall"'}),
    ],
    ids=["blocked", "empty", "gone"],
)
def test_the_validators_of_what_is_no_article_are_never_sent(
    tools: Tools, server: Scripted, clock: Clock, wall: bytes
) -> None:
    story = [wall, http(200, page(), TAGGED), wall, head(304, {}), http(200, EDITED, {"ETag": '"2"'})]
    tools = watching(tools, server.on("/bridge", *story))
    results = []
    for _ in story:
        results.append(the_check(tools).check.result)
        clock.go_on(6 * 60)
    assert results == ["withheld", "first", "withheld", "not_modified", "changed"]
    assert conditional(server) == [None, None, '"1"', '"1"', '"1"']
    assert the_article(tools).validators == Validators(etag='"2"')


def test_every_eighth_look_asks_for_all_and_so_does_one_after_a_day(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    def answer(line: object) -> None:
        asked = "if-none-match" in line.request.headers  # type: ignore[attr-defined]
        line.send(head(304, {}) if asked else http(200, page(), TAGGED))  # type: ignore[attr-defined]

    tools = watching(tools, server.on("/bridge", answer), source={"interval": "1h"})
    for _ in range(17):
        the_check(tools)
        clock.go_on(60)
    assert [place for place, tag in enumerate(conditional(server)) if tag is None] == [0, 7, 15]
    clock.now += DAY
    the_check(tools)
    assert conditional(server)[-1] is None


def liar(texts: Callable[[], str], tags: Callable[[], str]) -> Answer:
    """A server that says to every conditional request that nothing is new."""

    def answer(line: object) -> None:
        asked = "if-none-match" in line.request.headers  # type: ignore[attr-defined]
        line.send(head(304, {}) if asked else http(200, texts(), {"ETag": tags()}))  # type: ignore[attr-defined]

    return answer


@pytest.mark.parametrize("moves", [False, True], ids=["the same validators", "other validators"])
def test_a_host_whose_validators_hide_an_edit_is_asked_without_them_for_a_while(
    tools: Tools, server: Scripted, clock: Clock, moves: bool
) -> None:
    edited = False
    server.on(
        "/bridge", liar(lambda: EDITED if edited else page(), lambda: '"2"' if edited and moves else '"1"')
    )
    server.on("/ferry", http(200, page(headline="Another story"), TAGGED))
    hourly = {"interval": "1h"}
    tools = watching(tools, server.url("/bridge"), server.url("/ferry"), source=hourly)
    results = {}
    for turn in range(14):
        edited = turn > 1
        results[turn] = [entry.check for entry in one_visit(tools) if entry.url == server.url("/bridge")]
        clock.go_on(60)
    told = [check.result for turn in results for check in results[turn]]
    assert told.count(CheckResult.CHANGED) == 1
    assert told[7] is CheckResult.CHANGED
    until = host_of(tools, server).distrusted_until
    assert until is not None
    assert timedelta(days=13) < until - clock.now < timedelta(days=14)
    last = results[13][0]
    assert last.result is CheckResult.SAME
    assert last.reasons[-1].startswith("asked without validators: until 2026-03-")
    assert conditional(server)[-6:] == [None] * 6
    clock.now += timedelta(days=14)
    for _ in range(3):
        one_visit(tools)
        clock.go_on(60)
    assert {'"1"', '"2"'} & set(conditional(server)[-4:])


def test_an_honest_host_keeps_its_benefit(tools: Tools, server: Scripted, clock: Clock) -> None:
    """An edit that an unconditional look comes upon is no lie; the old validators are sent once more to see."""
    edited = False

    def answer(line: object) -> None:
        tag = '"2"' if edited else '"1"'
        asked = line.request.headers.get("if-none-match")  # type: ignore[attr-defined]
        full = http(200, EDITED if edited else page(), {"ETag": tag})
        line.send(head(304, {}) if asked == tag else full)  # type: ignore[attr-defined]

    tools = watching(tools, server.on("/bridge", answer), source={"interval": "1h"})
    results = []
    for turn in range(11):
        edited = turn >= 7
        results.append(str(the_check(tools).check.result))
        clock.go_on(60)
    assert results[6:] == ["not_modified", "changed", "same", "not_modified", "not_modified"]
    assert conditional(server)[6:] == ['"1"', None, '"1"', '"2"', '"2"']
    assert host_of(tools, server).distrusted_until is None


def test_what_a_server_says_of_how_long_its_page_stays_fresh_puts_off_no_look(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    fresh = {"Cache-Control": "max-age=31536000, immutable", "Expires": "Sun, 01 Mar 2099 00:00:00 GMT"}
    due = []
    for path, headers in (("/plain", {}), ("/fresh", fresh)):
        server.on(path, http(200, page(headline=path), headers))
    tools = watching(tools, server.url("/plain"), server.url("/fresh"))
    one_visit(tools)
    due = [tools.store.article(number).next_check_at for number in (1, 2)]
    assert due[0] == due[1]


def test_a_feed_is_asked_for_all_of_it_once_an_hour_and_loses_the_benefit_by_a_lie(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    listed = ["/a"]

    def answer(line: object) -> None:
        asked = "if-none-match" in line.request.headers  # type: ignore[attr-defined]
        line.send(head(304, {}) if asked else rss(*map(server.url, listed)))  # type: ignore[attr-defined]

    server.on("/feed", answer)
    tools = with_config(
        tools, {"name": "Gazette", "kind": "feed", "url": server.url("/feed"), "interval": "20m"}
    )
    for turn in range(8):
        listed = ["/a"] if turn < 4 else ["/b", "/a"]
        discover_due(tools)
        clock.go_on(20)
    assert conditional(server) == [None, '"f1"', '"f1"', None, '"f1"', '"f1"', None, None]
    assert len(tools.store.articles()) == 2
    assert host_of(tools, server).distrusted_until is not None


def test_a_wall_in_front_of_a_feed_leaves_no_validators(tools: Tools, server: Scripted, clock: Clock) -> None:
    wall = http(200, "<html><body>Are you a robot?</body></html>", {"ETag": '"wall"'})
    server.on("/feed", rss("/a"), wall, rss("/a"))
    tools = with_config(tools, {"name": "Gazette", "kind": "feed", "url": server.url("/feed")})
    for _ in range(3):
        discover_due(tools)
        clock.go_on(5)
    assert conditional(server) == [None, '"f1"', '"f1"']


# ---------------------------------------------------------------------- the real daemon


@pytest.mark.slow
def test_the_daemon_keeps_every_servers_interval(tools: Tools, tmp_path: Path) -> None:
    """Feeds, redirects over three servers, errors and pages at once: by the servers' own clocks."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Scripted()) for _ in range(3)]
        for place, here in enumerate(servers):
            there = servers[(place + 1) % 3]
            here.on("/robots.txt", ALL_OPEN)
            here.on("/feed", redirect("/feed.xml"))
            here.on("/feed.xml", rss(*(here.url(f"/{number}") for number in range(3))))
            here.on("/0", http(200, page(), STAYS))
            here.on("/1", redirect(there.url("/0")))
            here.on("/2", http(500))
        feeds = [{"name": s.host, "kind": "feed", "url": s.url("/feed"), "interval": "4s"} for s in servers]
        often = {"min_interval": "1s", "max_interval": "2s"}
        real = in_real_time(with_config(tools, *feeds, robots=True, schedule=often), 0.25)
        daemon = Daemon(
            lambda: real, lambda channel: channel_fetcher(real.config, channel), lambda _: real.fetcher
        )
        real = replace(real, stopping=daemon.stopping)
        daemon.start()
        wanted = {("/0", CheckResult.SAME), ("/1", CheckResult.SAME), ("/2", CheckResult.FAILED)}
        ends = time.monotonic() + 60
        while not wanted <= {(e.url[-2:], e.check.result) for e in tools.store.checks()}:
            assert time.monotonic() < ends
            time.sleep(0.2)
        assert daemon.stop()
        for here in servers:
            assert len(here.requests) > 8
            assert min(here.gaps) >= 0.25
