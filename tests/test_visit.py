"""The promises of a visit: what one look means is recorded whole, politely, and only an article makes a revision."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.check import Seen, Tools, check_article, patiently, record_patiently
from monitor.config import parse_config
from monitor.discovery import discover, discover_due
from monitor.fetch import Fetcher
from monitor.guard import Answer, Guard
from monitor.reader import Reader
from monitor.visit import run_pass, visit
from storage.errors import Conflict, StorageBusy, StorageUnwritable
from storage.records import (
    Article,
    ArticleState,
    CheckEntry,
    CheckResult,
    EventKind,
    FetchProblem,
    Host,
    Reason,
    ServiceReason,
    Severity,
    Validators,
    Verdict,
)
from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.servers import Line, Scripted, head, http, redirect
from tests.test_reader import HANG
from tests.test_store import DATABASE, dump, new_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BRIDGE = [
    f"Speaker {number} told the council that the bridge over the river must be closed for {number} weeks."
    for number in range(2, 22)
]
ALL_OPEN = http(200, "User-agent: *\nDisallow:\n", kind="text/plain")


def page(*sentences: str, headline: str = "Bridge to close") -> str:
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences or BRIDGE)
    return (
        f"<!doctype html><html lang='en'><head><title>{headline}</title></head>"
        f"<body><article><h1>{headline}</h1>{body}</article></body></html>"
    )


EDITED = page(*(sentence.replace(" 3 weeks", " 30 weeks") for sentence in BRIDGE))


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1, deadline=2.0) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/robots.txt", ALL_OPEN)
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tools(store: Store, reader: Reader, clock: Clock, tmp_path: Path) -> Tools:
    """Tools without spacing and without robots; ``with_config`` makes others."""
    fetcher = Fetcher(Guard(["127.0.0.1"]), user_agent="Writethru/test", deadline=5.0, clock=clock)
    bare = Tools(
        store=store,
        fetcher=fetcher,
        reader=reader,
        config=parse_config({}, tmp_path, {}),
        clock=clock,
        worker="test",
    )
    return with_config(bare)


def with_config(
    tools: Tools, *sources: dict[str, Any], interval: str = "0s", robots: bool = False, **sections: Any
) -> Tools:
    """The same tools under another configuration, whose sources are then on the watch list."""
    settings = {
        "fetch": {"host_interval": interval, "robots": robots},
        "schedule": {"min_interval": "5m"},
        "sources": list(sources),
        **sections,
    }
    config = parse_config(settings, tools.config.folder, {})
    tools.store.watchlist.sync_sources(config.sources, tools.clock())
    return replace(tools, config=config)


def watching(tools: Tools, *urls: str, **settings: Any) -> Tools:
    """The same tools with a feed that has listed these addresses."""
    source = {
        "name": "Gazette",
        "kind": "feed",
        "url": "https://gazette.example/feed",
        **settings.pop("source", {}),
    }
    found = with_config(tools, source, **settings)
    (state,) = found.store.watchlist.sources()
    found.store.watchlist.discovered(state.id, urls, tools.clock(), tools.clock() + DAY, Validators())
    return found


def one_visit(tools: Tools) -> list[CheckEntry]:
    """The checks of one visit; none where no host has its turn."""
    seen: list[Seen] = []
    host = tools.store.watchlist.claim_host(tools.clock(), tools.worker, tools.lease)
    if host is not None:
        visit(host, tools, seen=seen.append)
    return [found.entry for found in seen]


def the_check(tools: Tools) -> CheckEntry:
    """That of one visit, or of the next where the first led to another host."""
    (entry,) = one_visit(tools) or one_visit(tools)
    return entry


def the_article(tools: Tools) -> Article:
    (article,) = tools.store.articles()
    return tools.store.article(article.id)


def the_host(tools: Tools) -> Host:
    (host,) = tools.store.watchlist.hosts()
    return host


# ---------------------------------------------------------------------- the story of one article


def test_where_the_text_stood_is_known_at_the_next_look_and_never_hides_an_edit(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    dated = page().replace("<title>", "<meta property='article:published_time' content='2026-03-01'><title>")
    noisy = dated.replace("</h1>", "</h1><aside class='related'><a href='/x'>The ferry</a></aside>")
    story = [dated, noisy, noisy.replace(" 3 weeks", " 30 weeks")]
    tools = watching(tools, server.on("/bridge", *(http(200, html) for html in story)))
    locators = []
    for outcome in (CheckResult.FIRST, CheckResult.SAME, CheckResult.CHANGED):
        assert the_check(tools).check.result is outcome
        locators.append(the_article(tools).locator)
        clock.go_on(24 * 60)
    first, second, third = locators
    assert first is not None
    assert second == first  # a full reading would have learnt another
    assert third not in (None, first)


def test_an_article_is_seen_first_then_the_same_then_changed_then_withheld_then_not_at_all(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    story = [http(200, page()), http(200, page()), http(200, EDITED), http(403, "no"), http(500, "oops")]
    tools = watching(tools, server.on("/bridge", *story))
    told = []
    for _ in story:
        entry = the_check(tools)
        told.append((entry.check.result, entry.check.verdict, entry.check.status, entry.revision))
        clock.go_on(60)
    assert told == [
        (CheckResult.FIRST, Verdict.ARTICLE, 200, 1),
        (CheckResult.SAME, Verdict.ARTICLE, 200, 1),
        (CheckResult.CHANGED, Verdict.ARTICLE, 200, 2),
        (CheckResult.WITHHELD, Verdict.BLOCKED, 403, 2),
        (CheckResult.FAILED, None, 500, 2),
    ]
    assert tools.store.counts()["revisions"] == 2
    article = the_article(tools)
    assert (article.state, article.checks, article.headline) == (ArticleState.BLOCKED, 5, "Bridge to close")
    assert article.last_seen_at == NOW + timedelta(hours=2)


def test_a_change_lies_between_two_looks_and_says_no_more(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page()), http(502), http(200, EDITED)))
    for _ in range(3):
        the_check(tools)
        clock.go_on(60)
    first, change = tools.store.log()
    assert (first.seen_at, first.not_seen_before) == (NOW, None)
    assert (change.seen_at, change.not_seen_before) == (NOW + timedelta(hours=2), NOW)
    assert change.severity is not None
    assert change.severity >= Severity.SUBSTANTIVE
    assert EventKind.NUMBER_CHANGED in [event.kind for event in change.events]


def test_what_the_server_sent_is_kept_as_it_was(tools: Tools, server: Scripted) -> None:
    server.on("/bridge", redirect("/bridge/2026"))
    server.on("/bridge/2026", http(200, page(), {"X-Served-By": "cache-1"}))
    tools = watching(tools, server.url("/bridge"))
    the_check(tools)
    kept = tools.store.response(the_article(tools).id, 1)
    assert kept is not None
    assert (kept.body.decode(), kept.header("x-served-by")) == (page(), "cache-1")
    assert (kept.url, kept.final_url) == (server.url("/bridge"), server.url("/bridge/2026"))
    assert [hop.url for hop in kept.redirects] == [server.url("/bridge/2026")]


def test_a_second_look_asks_whether_there_is_anything_new(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    story = [
        http(200, page(), {"ETag": '"1"'}),
        head(304, {}),
        http(200, EDITED, {"ETag": '"2"'}),
        head(304, {}),
    ]
    tools = watching(tools, server.on("/bridge", *story))
    results = []
    for _ in story:
        results.append(the_check(tools).check.result)
        clock.go_on(60)
    assert results == [
        CheckResult.FIRST,
        CheckResult.NOT_MODIFIED,
        CheckResult.CHANGED,
        CheckResult.NOT_MODIFIED,
    ]
    assert [request.headers.get("if-none-match") for request in server.requests] == [
        None,
        '"1"',
        '"1"',
        '"2"',
    ]


def test_a_304_that_nobody_asked_for_is_no_answer(tools: Tools, server: Scripted) -> None:
    tools = watching(tools, server.on("/bridge", head(304, {})))
    entry = the_check(tools)
    assert (entry.check.result, entry.check.error) == (CheckResult.FAILED, FetchProblem.HTTP_ERROR)


def test_nor_is_one_to_a_look_that_had_nothing_to_ask_with(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page()), head(304, {})))
    assert the_check(tools).check.result is CheckResult.FIRST
    clock.go_on(60)
    entry = the_check(tools)
    assert (entry.check.result, entry.check.error) == (CheckResult.FAILED, FetchProblem.HTTP_ERROR)


def test_a_source_sends_its_own_headers(tools: Tools, server: Scripted) -> None:
    source = {"headers": {"X-Reader": "yes"}, "cookies": {"session": "1"}}
    tools = watching(tools, server.on("/bridge", http(200, page())), source=source)
    the_check(tools)
    (request,) = server.requests
    assert (request.headers["x-reader"], request.headers["cookie"]) == ("yes", "session=1")


def test_a_change_that_a_rule_names_is_told_and_one_during_preparation_is_not(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    rules = {
        "channels": [{"name": "desk", "url": "https://desk.example/"}],
        "alerts": [{"name": "all", "to": ["desk"]}],
    }
    tools = watching(tools, server.on("/bridge", http(200, page()), http(200, EDITED)), **rules)
    run_pass(tools, [1], quietly=True)
    assert tools.store.revision(1, 1).reason is Reason.BASELINE
    assert tools.store.outbox.waiting() == []
    clock.go_on(60)
    the_check(tools)
    (alert,) = tools.store.outbox.waiting()
    assert (alert.channel, alert.rules, alert.entry.number) == ("desk", ("all",), 2)


# ---------------------------------------------------------------------- copies, absences and ways of reading

DESK = {
    "channels": [{"name": "desk", "url": "https://desk.example/"}],
    "alerts": [{"name": "all", "to": ["desk"]}],
}
LETTER = "The city desk meets readers every morning at nine in the old market hall by the river."


def checks_of(tools: Tools, clock: Clock, times: int, minutes: float = 60) -> list[CheckEntry]:
    """So many visits, one check each."""
    found = []
    for _ in range(times):
        found.append(the_check(tools))
        clock.go_on(minutes)
    return found


def told_of(tools: Tools) -> list[str]:
    return [alert.entry.reason for alert in tools.store.outbox.waiting()]


def test_a_cache_that_still_has_the_old_text_makes_no_revision_and_is_told_once(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    old, new = http(200, page()), http(200, EDITED)
    story = [old, new, old, new, old, old, new, old, new, new]
    tools = watching(tools, server.on("/bridge", *story), **DESK)
    seen = checks_of(tools, clock, len(story))
    assert [entry.check.result for entry in seen if entry.check.result is CheckResult.CHANGED] == ["changed"]
    assert [line.reason for line in tools.store.log()] == ["first", "edit", "alternated"]
    assert told_of(tools) == ["edit", "alternated"]
    assert [entry.check.verdict for entry in seen].count(Verdict.SUSPECT) == 4
    assert seen[-2].check.reasons == ("two copies of it alternate, 3 times in 5 h",)
    assert the_article(tools).revisions == 2


def test_an_old_text_that_stays_is_a_revert_after_two_more_looks_a_minimum_apart(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    old, new = http(200, page()), http(200, EDITED)
    tools = watching(tools, server.on("/bridge", old, new, old), **DESK)
    checks_of(tools, clock, 2)
    checks_of(tools, clock, 3, minutes=5)
    assert [line.reason for line in tools.store.log()] == ["first", "edit", "revert"]
    assert told_of(tools) == ["edit", "revert"]


def test_410_counts_once_it_has_held_for_hours(tools: Tools, server: Scripted, clock: Clock) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page()), http(410, "gone")), **DESK)
    the_check(tools)
    clock.go_on(60)
    first_sign = clock.now
    while the_article(tools).state is ArticleState.WATCHED:
        assert the_check(tools).check.verdict is Verdict.GONE
        at, clock.now = clock.now, the_article(tools).next_check_at
    assert at - first_sign == timedelta(hours=3)
    assert told_of(tools) == ["removed"]


def test_a_410_that_passes_was_nothing(tools: Tools, server: Scripted, clock: Clock) -> None:
    story = [http(200, page()), http(410, "gone"), http(410, "gone"), http(200, page())]
    tools = watching(tools, server.on("/bridge", *story), **DESK)
    checks_of(tools, clock, len(story), minutes=20)
    assert [line.reason for line in tools.store.log()] == ["first"]
    assert told_of(tools) == []


def test_a_new_selector_is_one_extractor_revision_and_tells_nobody(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    """Also where the text changes at the same time: then that is a revision of its own."""
    served = [
        page(*BRIDGE, LETTER),
        page(*BRIDGE, LETTER),
        EDITED.replace("</article>", f"<p>{LETTER}</p></article>"),
    ]
    url = server.on("/bridge", *(http(200, text) for text in served))
    before = watching(tools, url, **DESK)
    the_check(before)
    assert the_article(tools).read_as == tools.store.revision(1, 1).extraction.read_as
    told = watching(tools, url, source={"selectors": {"body": "article p:not(:last-child)"}}, **DESK)
    clock.go_on(60)
    entry = the_check(told)
    assert (entry.check.result, entry.revision) == (CheckResult.SAME, 2)
    assert [line.reason for line in tools.store.log()] == ["first", "extractor"]
    assert LETTER in tools.store.revision(1, 1).extraction.text
    assert LETTER not in tools.store.revision(1, 2).extraction.text
    assert tools.store.response(1, 2) == tools.store.response(1, 1)
    assert told_of(tools) == []
    clock.go_on(60)
    the_check(told)
    assert [line.reason for line in tools.store.log()] == ["first", "extractor", "edit"]
    assert told_of(tools) == ["edit"]


def test_a_selector_and_an_edit_at_once_are_two_revisions(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    url = server.on("/bridge", http(200, page(*BRIDGE, LETTER)), http(200, EDITED))
    the_check(watching(tools, url, **DESK))
    clock.go_on(60)
    told = watching(tools, url, source={"selectors": {"body": "article p:not(:nth-of-type(21))"}}, **DESK)
    assert the_check(told).check.result is CheckResult.CHANGED
    first, anew, edit = tools.store.log()
    assert (anew.reason, anew.seen_at, edit.reason) == ("extractor", first.seen_at, "edit")
    assert EventKind.PARAGRAPH_REMOVED not in [event.kind for event in edit.events]
    assert told_of(tools) == ["edit"]


def test_what_a_host_repeats_is_learnt_left_out_and_no_news(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    towns = ["Aldwick", "Burnham", "Corley", "Dunmore"]
    urls = []
    for town in towns:
        text = [sentence.replace("the bridge", f"the bridge of {town}") for sentence in BRIDGE]
        other = [*text, LETTER.replace("morning", "evening")]
        answers = [
            http(200, page(*body, headline=f"{town} closes its bridge")) for body in ([*text, LETTER], other)
        ]
        urls.append(server.on(f"/{town}", *answers))
    tools = watching(tools, *urls, **DESK)
    run_pass(tools, [1, 2, 3])
    article = tools.store.article(1)
    assert list(tools.store.blocks(article).learnt.values()) == [LETTER]
    run_pass(tools, [4])
    fourth = tools.store.revision(4, 1).extraction
    assert [left.text for left in fourth.left_out] == [LETTER]
    clock.go_on(60)
    run_pass(tools, [1])
    assert tools.store.revision(1, 2).reason is Reason.EXTRACTOR
    assert LETTER not in tools.store.revision(1, 2).extraction.text


# ---------------------------------------------------------------------- what makes no revision


NO_ARTICLE = {
    "server error": (http(500, page()), CheckResult.FAILED, "http_error"),
    "a teapot's colleague": (http(302, page()), CheckResult.FAILED, "http_error"),
    "a PDF": (http(200, b"%PDF-1.7 " + page().encode()), CheckResult.WITHHELD, Verdict.NOT_HTML),
    "an empty page": (http(200, ""), CheckResult.WITHHELD, Verdict.EMPTY),
    "a page without text": (http(200, "<html><body></body></html>"), CheckResult.WITHHELD, Verdict.EMPTY),
    "a wall": (http(200, page("Please verify you are a human.")), CheckResult.WITHHELD, Verdict.BLOCKED),
    "gone": (http(410, page()), CheckResult.WITHHELD, Verdict.GONE),
    "cut short": (head(200, {"Content-Length": "99999"}) + page().encode(), CheckResult.FAILED, "truncated"),
    "packed oddly": (http(200, page(), {"Content-Encoding": "br"}), CheckResult.FAILED, "bad_encoding"),
    "not HTTP": (b"SSH-2.0\r\n", CheckResult.FAILED, "protocol"),
    "a loop": (redirect("/bridge"), CheckResult.FAILED, "redirect_loop"),
    "somewhere private": (redirect("http://10.0.0.1/"), CheckResult.FAILED, "refused_address"),
    "a file": (redirect("file:///etc/passwd"), CheckResult.FAILED, "bad_redirect"),
    "a page that hangs": (http(200, HANG), CheckResult.FAILED, "parse_killed"),
}


@pytest.mark.parametrize("known", [False, True], ids=["never seen", "seen before"])
@pytest.mark.parametrize(("answer", "result", "why"), NO_ARTICLE.values(), ids=NO_ARTICLE.keys())
def test_what_is_no_article_makes_no_revision_and_is_said_in_a_sentence(
    tools: Tools, server: Scripted, clock: Clock, answer: bytes, result: CheckResult, why: str, *, known: bool
) -> None:
    tools = watching(tools, server.on("/bridge", *([http(200, page())] if known else []), answer))
    if known:
        the_check(tools)
        clock.go_on(60)
    before = the_article(tools)
    check = the_check(tools).check
    assert (check.result, check.error if result is CheckResult.FAILED else check.verdict) == (result, why)
    said = check.detail if result is CheckResult.FAILED else check.reasons[0]
    assert said
    assert said.isprintable()
    after = the_article(tools)
    assert (after.revisions, after.headline, after.last_seen_at) == (
        before.revisions,
        before.headline,
        before.last_seen_at,
    )
    assert after.validators == before.validators
    assert after.next_check_at > clock.now
    assert after.troubles == 1


def test_a_host_that_keeps_us_waiting_is_known_for_it_until_it_does_not(
    tools: Tools, server: Scripted, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.check.SLOW_SECONDS", 0.3)

    def late(line: Line) -> None:
        time.sleep(0.5)
        line.send(http(200, page(*BRIDGE)))

    tools = watching(tools, server.on("/story", late, http(200, page(*BRIDGE))))
    for troubles in (1, 0):
        one_visit(tools)
        assert the_host(tools).troubles == troubles
        clock.go_on(60)


def test_an_unreachable_host_is_said_in_a_sentence(tools: Tools) -> None:
    with Scripted() as short:
        url = short.url("/bridge")
    check = the_check(watching(tools, url)).check
    assert (check.result, check.error, check.verdict) == (CheckResult.FAILED, FetchProblem.CONNECT, None)
    assert check.detail is not None
    assert check.detail.endswith("cannot be reached: connection refused.")


def test_an_unknown_name_is_said_in_a_sentence(tools: Tools, clock: Clock) -> None:
    def private(name: str, port: int, timeout: float) -> list[Answer]:
        raise_for = {"private.example": "10.0.0.1"}
        return [(2, (raise_for[name], port))]  # type: ignore[list-item]

    fetcher = Fetcher(Guard(resolve=private), user_agent="test", clock=clock)
    check = the_check(watching(replace(tools, fetcher=fetcher), "http://private.example/")).check
    assert check.error == FetchProblem.REFUSED_ADDRESS
    assert check.detail is not None
    assert "10.0.0.1, which is not a public address" in check.detail


# ---------------------------------------------------------------------- robots.txt


def test_what_robots_txt_forbids_is_not_fetched(tools: Tools, server: Scripted) -> None:
    server.on("/robots.txt", http(200, "User-agent: *\nDisallow: /private/\n", kind="text/plain"))
    tools = watching(tools, server.url("/private/bridge"), robots=True)
    check = the_check(tools).check
    assert (check.result, check.error) == (CheckResult.FAILED, FetchProblem.ROBOTS)
    assert check.detail == f"robots.txt of {server.host} forbids {server.url('/private/bridge')}."
    assert server.asked == ["/robots.txt"]


def test_robots_txt_is_asked_for_once_a_day(tools: Tools, server: Scripted, clock: Clock) -> None:
    hourly = {"interval": "1h"}
    tools = watching(tools, server.on("/bridge", http(200, page())), robots=True, source=hourly)
    for minutes in (60, 60, 24 * 60, 60):
        the_check(tools)
        clock.go_on(minutes)
    the_check(tools)
    assert server.asked == [
        "/robots.txt",
        "/bridge",
        "/bridge",
        "/bridge",
        "/robots.txt",
        "/bridge",
        "/bridge",
    ]


@pytest.mark.parametrize("status", [404, 403])
def test_a_host_without_robots_txt_forbids_nothing(tools: Tools, server: Scripted, status: int) -> None:
    server.on("/robots.txt", http(status, "Disallow: /"))
    tools = watching(tools, server.on("/bridge", http(200, page())), robots=True)
    assert the_check(tools).check.result is CheckResult.FIRST


def test_a_host_whose_robots_txt_cannot_be_read_is_left_alone(tools: Tools, server: Scripted) -> None:
    server.on("/robots.txt", http(503))
    tools = watching(tools, server.on("/bridge", http(200, page())), robots=True)
    check = the_check(tools).check
    assert (check.result, check.error, check.status) == (CheckResult.FAILED, FetchProblem.HTTP_ERROR, 503)
    assert server.asked == ["/robots.txt"]
    assert the_article(tools).next_check_at > NOW


def test_a_source_may_say_that_robots_txt_does_not_count(tools: Tools, server: Scripted) -> None:
    server.on("/robots.txt", http(200, "User-agent: *\nDisallow: /\n", kind="text/plain"))
    tools = watching(tools, server.on("/bridge", http(200, page())), robots=True, source={"robots": False})
    assert the_check(tools).check.result is CheckResult.FIRST
    assert server.asked == ["/bridge"]


# ---------------------------------------------------------------------- politeness


def test_where_spacing_is_asked_for_a_visit_makes_one_request(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    urls = [server.on(f"/{number}", http(200, page())) for number in range(2)]
    tools = watching(tools, *urls, interval="5s", robots=True)
    for asked, seconds in (
        (["/robots.txt"], 5),
        (["/robots.txt", "/0"], 10),
        (["/robots.txt", "/0", "/1"], 10),
    ):
        one_visit(tools)
        assert server.asked == asked
        assert the_host(tools).free_at == clock.now + timedelta(seconds=seconds)
        assert one_visit(tools) == []
        clock.go_on(seconds / 60)
    assert one_visit(tools) == []


def test_where_none_is_asked_for_a_visit_checks_all_that_is_due(tools: Tools, server: Scripted) -> None:
    texts = [page(*BRIDGE, f"This was page {number} of the paper.") for number in range(3)]
    urls = [server.on(f"/{number}", http(200, text)) for number, text in enumerate(texts)]
    tools = watching(tools, *urls, robots=True)
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.FIRST] * 3
    assert server.asked == ["/robots.txt", "/0", "/1", "/2"]
    assert one_visit(tools) == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_to_be_left_alone_is(
    tools: Tools, server: Scripted, clock: Clock, status: int
) -> None:
    urls = [server.on(f"/{number}", http(status, "", {"Retry-After": "7200"})) for number in range(2)]
    tools = watching(tools, *urls)
    for turn in range(1, 4):
        assert len(one_visit(tools)) == 1
        assert the_host(tools).free_at == clock.now + timedelta(hours=2)
        assert len(server.requests) == turn
        clock.go_on(120)


def test_a_service_that_stops_makes_no_more_requests_and_gives_the_host_back(
    tools: Tools, server: Scripted
) -> None:
    urls = [server.on(f"/{number}", http(200, page())) for number in range(3)]
    tools = watching(tools, *urls)
    stopping = replace(tools, stopping=lambda: len(server.requests) > 0)
    assert len(one_visit(stopping)) == 1
    assert len(one_visit(tools)) == 2


def test_a_host_is_given_back_whatever_happens(
    tools: Tools, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page())))
    monkeypatch.setattr(Store, "latest_revision", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        one_visit(tools)
    monkeypatch.undo()
    assert the_check(tools).check.result is CheckResult.FIRST


def test_of_two_looks_at_once_the_later_one_is_not_recorded(tools: Tools, server: Scripted) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page())))
    article = the_article(tools)
    host = tools.store.watchlist.claim_host(tools.clock(), tools.worker, tools.lease)
    assert host is not None
    seen: list[Seen] = []

    class Overtaken(Fetcher):
        def go(self, *args: Any) -> Any:
            response = super().go(*args)
            check_article(article, tools, None)
            return response

    visit(host, replace(tools, fetcher=Overtaken(Guard(["127.0.0.1"]), user_agent="test")), seen=seen.append)
    assert seen == []
    assert [entry.check.result for entry in tools.store.checks()] == [CheckResult.FIRST]


def test_while_another_process_holds_the_database_a_look_waits_to_be_recorded(
    tools: Tools, server: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("storage.sqlite._BUSY_MS", 20)
    tools = watching(tools, server.on("/bridge", http(200, page())))
    with Store.open(DATABASE, tmp_path) as hasty, closing(sqlite3.connect(tools.store.shown)) as other:
        seen = check_article(the_article(tools), replace(tools, store=hasty), None)
        again = replace(seen.outcome.article, checks=2)
        late = replace(
            seen.outcome,
            article=again,
            check=replace(seen.outcome.check, id="1a7e" * 8),
            revision=None,
            expects=1,
        )
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageBusy):
            record_patiently(late, replace(tools, store=hasty, stopping=lambda: True))
        entries: list[CheckEntry] = []
        waiting = threading.Thread(
            target=lambda: entries.append(record_patiently(late, replace(tools, store=hasty)))
        )
        waiting.start()
        waiting.join(0.2)
        assert entries == []
        other.execute("ROLLBACK")
        waiting.join(10)
    assert [entry.check.id for entry in tools.store.checks()] == [seen.entry.check.id, "1a7e" * 8]


FULL = StorageUnwritable("The disk is full: make room.")


def failing(*errors: Exception) -> Callable[[], str]:
    """Something to write that fails so, one error a try, and is done after that."""
    left = list(errors)

    def write() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return write


def test_a_service_waits_for_a_full_disk_and_a_command_does_not(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.check._AGAIN_SECONDS", 0.0)
    service = replace(tools, outlives_disk=True)
    assert patiently("it", service, failing(FULL, StorageBusy("held"), FULL)) == "done"
    with pytest.raises(StorageUnwritable):
        patiently("it", tools, failing(FULL))
    with pytest.raises(StorageUnwritable):
        patiently("it", replace(service, stopping=lambda: True), failing(FULL))


def test_once_something_else_is_wrong_the_disk_is_no_longer_the_reason(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.check._AGAIN_SECONDS", 0.0)
    with pytest.raises(Conflict):
        patiently("it", replace(tools, outlives_disk=True), failing(FULL, Conflict("moved on")))
    assert tools.hindrance.reason is None


# ---------------------------------------------------------------------- a pass


def test_a_pass_looks_once_at_each_article_named(tools: Tools, server: Scripted, clock: Clock) -> None:
    urls = [server.on(f"/{number}", http(200, page())) for number in range(4)]
    tools = watching(tools, *urls)
    seen: list[Seen] = []
    assert run_pass(tools, [1, 3, 4], seen=seen.append) == []
    assert sorted(found.entry.article_id for found in seen) == [1, 3, 4]
    seen.clear()
    assert run_pass(tools, [1], seen=seen.append) == []
    assert [found.entry.check.result for found in seen] == [CheckResult.SAME]


def test_a_pass_names_what_it_had_no_patience_for(tools: Tools, server: Scripted) -> None:
    urls = [server.on(f"/{number}", http(200, page())) for number in range(2)]
    tools = watching(tools, *urls, interval="1h")
    assert run_pass(tools, [1, 2]) == [2]


def test_a_pass_over_what_is_paused_ends(tools: Tools, server: Scripted) -> None:
    tools = watching(tools, server.on("/bridge", http(200, page())))
    tools.store.watchlist.pause_article(1, True)
    assert run_pass(tools, [1]) == []
    assert server.requests == []


# ---------------------------------------------------------------------- discovery


def rss(*links: str) -> bytes:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'
    return http(200, feed, {"ETag": '"f1"'}, kind="application/rss+xml")


def with_feed(tools: Tools, server: Scripted, **settings: Any) -> Tools:
    return with_config(tools, {"name": "Gazette", "kind": "feed", "url": server.url("/feed"), **settings})


def test_a_feed_names_what_is_watched(tools: Tools, server: Scripted, clock: Clock) -> None:
    server.on(
        "/feed", rss("/bridge?utm_source=rss", "/sport/game", "/tunnel"), head(304, {"Content-Length": "500"})
    )
    tools = with_feed(tools, server, exclude=["/sport/"])
    assert discover_due(tools) == {}
    assert [article.url for article in tools.store.articles()] == [
        server.url("/bridge"),
        server.url("/tunnel"),
    ]
    assert discover_due(tools) == {}
    clock.go_on(5)
    assert discover_due(tools) == {}
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, '"f1"']
    assert len(tools.store.articles()) == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (http(500), "The feed {url} answered 500."),
        (http(404), "The feed {url} answered 404."),
        (http(200, page()), "{url} is not a feed: no RSS, Atom or JSON Feed was found in it."),
        (redirect("http://10.0.0.1/"), None),
        (b"", None),
    ],
)
def test_a_feed_that_fails_says_why_and_is_asked_again(
    tools: Tools, server: Scripted, clock: Clock, answer: bytes, sentence: str | None
) -> None:
    tools = with_feed(tools, server)
    url = server.on("/feed", rss("/bridge"), answer, rss("/bridge", "/tunnel"))
    discover_due(tools)
    clock.go_on(5)
    troubles = discover_due(tools)
    (state,) = tools.store.watchlist.sources()
    assert troubles == {"Gazette": state.last_error}
    assert sentence is None or state.last_error == sentence.format(url=url)
    assert state.articles == 1
    clock.go_on(5)
    assert discover_due(tools) == {}
    (state,) = tools.store.watchlist.sources()
    assert (state.last_error, state.articles) == (None, 2)


def test_a_source_that_answers_again_after_long_has_a_gap(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    tools = with_feed(tools, server)
    server.on("/feed", rss("/bridge"), *[http(500)] * 4, rss("/bridge", "/tunnel"), rss("/bridge"))
    began = clock.now
    for _ in range(7):
        discover_due(tools)
        clock.go_on(5)
    (gap,) = tools.store.notes(ServiceReason.GAP)
    assert (gap.not_seen_before, gap.seen_at) == (began, began + timedelta(minutes=25))
    assert gap.about == {"kind": "unreachable", "source": "Gazette"}


def test_a_source_that_failed_for_a_moment_has_none(tools: Tools, server: Scripted, clock: Clock) -> None:
    tools = with_feed(tools, server)
    server.on("/feed", rss("/bridge"), http(500), http(500), rss("/bridge"))
    for _ in range(4):
        discover_due(tools)
        clock.go_on(5)
    assert tools.store.notes() == []


def test_a_feed_is_asked_for_in_its_hosts_turn(tools: Tools, server: Scripted, clock: Clock) -> None:
    server.on("/feed", rss("/bridge"))
    tools = with_config(
        tools,
        {"name": "Gazette", "kind": "feed", "url": server.url("/feed")},
        {"name": "Gazette too", "kind": "feed", "url": server.url("/feed")},
        interval="5s",
    )
    discover_due(tools)
    discover_due(tools)
    assert server.asked == ["/feed"]
    assert one_visit(tools) == []
    clock.go_on(1)
    discover_due(tools)
    assert server.asked == ["/feed", "/feed"]
    assert len(tools.store.watchlist.due_sources(clock.now)) == 0


def test_a_page_is_its_own_article(tools: Tools, server: Scripted) -> None:
    url = server.on("/bridge", http(200, page()))
    tools = with_config(tools, {"name": "Bridge", "kind": "page", "url": f"{url}?utm_medium=mail#top"})
    assert discover_due(tools) == {}
    assert the_article(tools).url == url
    assert the_check(tools).check.result is CheckResult.FIRST


def test_a_stored_version_is_what_the_first_look_is_compared_with(
    tools: Tools, server: Scripted, tmp_path: Path
) -> None:
    stored = [sentence.replace(" 3 weeks", " 30 weeks") for sentence in BRIDGE]
    (tmp_path / "bridge.txt").write_text("\n\n".join(["Bridge to close", *stored]))
    url = server.on("/bridge", http(200, page()))
    source = {"name": "Bridge", "kind": "page", "url": url, "baseline": "bridge.txt"}
    tools = with_config(tools, source)
    assert discover_due(tools) == {}
    assert tools.store.revision(1, 1).reason is Reason.BASELINE
    before = dump(tools.store)
    (state,) = tools.store.watchlist.sources()
    discover(state, tools)
    assert dump(tools.store) == before, "the stored version is loaded once"
    entry = the_check(tools)
    assert (entry.check.result, entry.revision) == (CheckResult.CHANGED, 2)
    change = tools.store.log()[-1]
    assert (change.not_seen_before, [event.kind for event in change.events]) == (
        None,
        [EventKind.NUMBER_CHANGED],
    )


# ---------------------------------------------------------------------- a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "news"
    made.mkdir()
    (made / "bridge.txt").write_text("\n\n".join(BRIDGE))
    return made


def with_folder(tools: Tools) -> Tools:
    found = with_config(tools, {"name": "Desk", "kind": "folder", "url": "news"}, interval="5s", robots=True)
    assert discover_due(found) == {}
    return found


def test_the_text_files_of_a_folder_are_watched(tools: Tools, folder: Path, clock: Clock) -> None:
    (folder / "tunnel.MD").write_text("\n\n".join(BRIDGE))
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "deeper.txt").mkdir()
    tools = with_folder(tools)
    assert [article.host for article in tools.store.articles()] == ["files", "files"]
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.FIRST] * 2
    (folder / "bridge.txt").write_text("\n\n".join(BRIDGE).replace(" 3 weeks", " 30 weeks"))
    clock.go_on(60)
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.CHANGED, CheckResult.SAME]
    (folder / "bridge.txt").unlink()
    clock.go_on(60)
    assert [entry.check.verdict for entry in one_visit(tools)] == [Verdict.GONE, Verdict.ARTICLE]
    assert tools.store.article(1).state is ArticleState.REMOVED


@pytest.mark.parametrize(
    "name", ["a b.txt", "50%.txt", "what?#now.txt", "Brücke.txt", "%41.txt", "new\nline.txt"]
)
def test_a_file_may_be_called_anything(tools: Tools, folder: Path, name: str) -> None:
    (folder / "bridge.txt").rename(folder / name)
    tools = with_folder(tools)
    check = the_check(tools).check
    assert (check.result, check.status) == (CheckResult.FIRST, 200)


def test_a_file_whose_name_is_not_text_is_watched_like_any_other(tools: Tools, folder: Path) -> None:
    try:
        (folder / "bridge.txt").rename(folder / b"br\xfccke.txt".decode("utf-8", "surrogateescape"))
    except OSError:
        pytest.skip("this file system refuses such names")
    tools = with_folder(tools)
    assert the_check(tools).check.result is CheckResult.FIRST


def test_only_what_lies_in_the_folder_is_opened(tools: Tools, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("\n\n".join(BRIDGE))
    (folder / "bridge.txt").unlink()
    (folder / "link.txt").symlink_to(secret)
    tools = with_folder(tools)
    (state,) = tools.store.watchlist.sources()
    outside = [f"file://{secret}", f"file://{folder}/../secret.txt", f"file://{folder}/%2e%2e/secret.txt"]
    outside += [f"file://{folder}", "file:///etc/passwd"]
    tools.store.watchlist.discovered(state.id, outside, NOW, NOW + DAY, Validators())
    errors = [(entry.check.result, entry.check.error) for entry in one_visit(tools)]
    assert errors == [(CheckResult.FAILED, FetchProblem.REFUSED_ADDRESS)] * 6
    assert tools.store.counts()["revisions"] == 0


def test_what_keeps_its_reader_waiting_is_not_opened_and_holds_nobody_up(
    tools: Tools, folder: Path, clock: Clock
) -> None:
    (folder / "tunnel.txt").write_text("\n\n".join(BRIDGE))
    (folder / "loop.txt").write_text("\n\n".join(BRIDGE))
    tools = with_folder(tools)
    one_visit(tools)
    (folder / "bridge.txt").unlink()
    os.mkfifo(folder / "bridge.txt")
    (folder / "loop.txt").unlink()
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    clock.go_on(60)
    seen = {entry.url.rpartition("/")[2]: entry.check.result for entry in one_visit(tools)}
    assert seen == {
        "bridge.txt": CheckResult.FAILED,
        "loop.txt": CheckResult.FAILED,
        "tunnel.txt": CheckResult.SAME,
    }


def test_a_source_that_is_no_folder_opens_no_file(tools: Tools, folder: Path) -> None:
    tools = watching(tools, f"file://{folder}/bridge.txt")
    assert the_check(tools).check.error == FetchProblem.REFUSED_ADDRESS


def test_a_folder_that_is_gone_says_so(tools: Tools, folder: Path, clock: Clock) -> None:
    tools = with_folder(tools)
    (folder / "bridge.txt").unlink()
    folder.rmdir()
    clock.go_on(1)
    assert discover_due(tools) == {"Desk": f"The folder {folder} is not there."}
