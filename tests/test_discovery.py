"""The promises of discovery, over a real server: what a section page, a sitemap or a feed lists is watched once, under
whatever address it is listed, and is looked at sooner where a listing hints that it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.check import Tools
from monitor.cli.common import now
from monitor.config import parse_config
from monitor.discovery import discover_due
from monitor.events.addresses import twin_key
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.reader import Reader
from storage.records import CheckResult, EventKind, SourceState, Validators
from storage.store import Store
from storage.verify import verify
from tests.newsdesk import configure, lines, writethru
from tests.servers import Line, Scripted, head, http, redirect
from tests.test_listings import index, urlset
from tests.test_store import new_store
from tests.test_visit import EDITED, NOW, Clock, one_visit, page, rss, the_article, with_config, with_feed

DAY = timedelta(days=1)
RFC_822 = "%a, %d %b %Y %H:%M:%S GMT"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tools(store: Store, reader: Reader, clock: Clock, tmp_path: Path) -> Tools:
    fetcher = Fetcher(Guard(["127.0.0.1"]), user_agent="Writethru/test", deadline=5.0, clock=clock)
    config = parse_config({}, tmp_path, {})
    bare = Tools(store=store, fetcher=fetcher, reader=reader, config=config, clock=clock, worker="test")
    return with_config(bare)


def with_source(tools: Tools, kind: str, url: str, interval: str = "0s", **settings: object) -> Tools:
    return with_config(tools, {"name": "Gazette", "kind": kind, "url": url, **settings}, interval=interval)


def state_of(tools: Tools) -> SourceState:
    (state,) = tools.store.watchlist.sources()
    return state


def is_whole(tools: Tools) -> bool:
    """Whether the log says of every article what its row does."""
    return not list(verify(f"sqlite:///{tools.store.shown}", Path()).findings)


def watched(tools: Tools) -> list[str]:
    return [article.url.partition("//")[2].partition("/")[2] for article in tools.store.articles()]


def dated_rss(*entries: tuple[str, str]) -> bytes:
    items = "".join(f"<item><link>{link}</link><pubDate>{date}</pubDate></item>" for link, date in entries)
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'
    return http(200, feed, kind="application/rss+xml")


def section(*links: str) -> bytes:
    menu = '<nav><a href="/">Home</a><a href="/sport">Sport</a><a href="/travel.html">Travel</a></nav>'
    told = "".join(f'<h2><a href="{link}">What the council said about it</a></h2>' for link in links)
    return http(200, f"<!doctype html><html><body>{menu}{told}</body></html>")


# ---------------------------------------------------------------------- section pages


def test_the_articles_of_a_section_page_are_watched_and_its_menu_is_not(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    one, other = "2026/03/01/bridge-closed-for-weeks", "world/ferry-12345678"
    url = server.on("/world", section(f"/{one}", f"/{other}"), section(f"/{other}", "/tunnel.html"))
    tools = with_source(tools, "section", url)
    assert discover_due(tools) == {}
    assert watched(tools) == [one, other]
    clock.go_on(10)
    assert discover_due(tools) == {}
    assert watched(tools) == [one, other, "tunnel.html"]
    assert {entry.url for entry in one_visit(tools)} >= {server.url(f"/{one}")}, "it has left the page"


def test_include_says_which_links_are_wanted_whatever_they_look_like(tools: Tools, server: Scripted) -> None:
    url = server.on("/world", section("/sport/1", "/world/2", "/world/3", "/2026/03/01/a-b-c-d-e-f"))
    tools = with_source(tools, "section", url, include=["/world/"], exclude=["/3$"])
    discover_due(tools)
    assert watched(tools) == ["world/2"]


def test_a_section_page_on_which_nothing_is_found_says_so(tools: Tools, server: Scripted) -> None:
    tools = with_source(tools, "section", server.on("/world", section()))
    assert discover_due(tools) == {}
    assert state_of(tools).note == (
        "none of its links looks like an article; include = [...] can say which are"
    )


# ---------------------------------------------------------------------- sitemaps


def test_a_sitemap_index_is_read_one_request_a_turn(tools: Tools, server: Scripted, clock: Clock) -> None:
    today = NOW.isoformat()
    children = [f"<loc>{server.url(f'/s{n}.xml')}</loc><lastmod>{today}</lastmod>" for n in (1, 2)]
    url = server.on("/sitemap.xml", http(200, index(*children)))
    for number in (1, 2):
        loc = f"<loc>{server.url(f'/news/{number}')}</loc><lastmod>{today}</lastmod>"
        server.on(f"/s{number}.xml", http(200, urlset(loc)))
    tools = with_source(tools, "sitemap", url, interval="5s")
    for _ in range(9):
        assert discover_due(tools) == {}
        assert discover_due(tools) == {}, "it is not the host's turn"
        clock.go_on(0.1)
    assert server.asked == ["/sitemap.xml", "/s1.xml", "/s2.xml"]
    assert watched(tools) == ["news/1", "news/2"]
    clock.go_on(10)
    discover_due(tools)
    clock.go_on(1)
    discover_due(tools)
    assert server.asked[3:] == ["/sitemap.xml"], "both are as they were"


def test_a_sitemap_of_an_index_that_cannot_be_read_holds_nothing_up(tools: Tools, server: Scripted) -> None:
    children = [f"<loc>{server.url(f'/s{n}.xml')}</loc>" for n in (1, 2)]
    url = server.on("/sitemap.xml", http(200, index(*children)))
    loc = f"<loc>{server.url('/news/2')}</loc><lastmod>{NOW.isoformat()}</lastmod>"
    server.on("/s2.xml", http(200, urlset(loc)))
    tools = with_source(tools, "sitemap", url)
    assert discover_due(tools) == {}
    assert discover_due(tools) == {"Gazette": f"The sitemap {server.url('/s1.xml')} answered 404."}
    assert discover_due(tools) == {}
    assert watched(tools) == ["news/2"]
    assert state_of(tools).last_error is None


def test_a_sitemap_of_old_addresses_watches_none_of_them(tools: Tools, server: Scripted) -> None:
    old = [f"<loc>/old/{n}</loc><lastmod>2019-01-01</lastmod>" for n in range(2000)]
    url = server.on("/sitemap.xml", http(200, urlset(*old, "<loc>/new</loc><lastmod>2026-03-01</lastmod>")))
    tools = with_source(tools, "sitemap", url)
    discover_due(tools)
    assert watched(tools) == ["new"]


def test_an_index_that_names_itself_is_read_once(tools: Tools, server: Scripted, clock: Clock) -> None:
    url = server.url("/sitemap.xml")
    server.on("/sitemap.xml", http(200, index(f"<loc>{url}</loc>", f"<loc>{server.url('/s1.xml')}</loc>")))
    server.on("/s1.xml", http(200, index(f"<loc>{url}</loc>")))
    tools = with_source(tools, "sitemap", url)
    for _ in range(9):
        discover_due(tools)
    assert server.asked == ["/sitemap.xml", "/s1.xml", "/sitemap.xml"]


# ---------------------------------------------------------------------- feeds


def test_an_ill_formed_feed_is_used_and_the_source_says_so(tools: Tools, server: Scripted) -> None:
    body = "<rss version='2.0'><channel><item><title>Fish & Chips</title><link>/a</link></item>"
    tools = with_feed(tools, server)
    server.on("/feed", http(200, body))
    assert discover_due(tools) == {}
    assert watched(tools) == ["a"]
    assert state_of(tools).note == "it is not well-formed; what can be read of it is used"


def test_of_a_page_in_place_of_a_feed_the_feed_that_it_names_is_read(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    server.on("/feed", http(200, f"<html><head>{link}</head><body><p>Home</p></body></html>"))
    server.on("/rss", rss("/bridge"), rss("/bridge", "/tunnel"), http(404), rss("/ferry"))
    tools = with_feed(tools, server)
    for _ in range(3):
        assert discover_due(tools) == {}
    assert (server.asked, watched(tools)) == (["/feed", "/rss"], ["bridge"])
    assert state_of(tools).note == f"it is a page; its feed is {server.url('/rss')}"
    clock.go_on(5)
    discover_due(tools)
    assert (server.asked[2:], watched(tools)) == (["/rss"], ["bridge", "tunnel"])
    clock.go_on(5)
    assert discover_due(tools) == {"Gazette": f"The feed {server.url('/rss')} answered 404."}
    clock.go_on(5)
    discover_due(tools)
    discover_due(tools)
    assert (server.asked[4:], watched(tools)[2:]) == (["/feed", "/rss"], ["ferry"])


def test_an_article_stays_watched_and_is_looked_at_after_it_has_left_the_feed(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on("/bridge", http(200, page()), http(200, EDITED))
    server.on("/feed", rss("/bridge"), rss())
    tools = with_feed(tools, server)
    discover_due(tools)
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.FIRST]
    clock.go_on(30)
    discover_due(tools)
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.CHANGED]


# ---------------------------------------------------------------------- hints


def at_rest(tools: Tools, server: Scripted, clock: Clock, *answers: bytes) -> Tools:
    """A feed whose only article was looked at and rests for long."""
    server.on("/bridge", http(200, page()))
    server.on("/feed", dated_rss(("/bridge", "Sun, 01 Mar 2026 11:00:00 GMT")), *answers)
    tools = with_feed(tools, server)
    discover_due(tools)
    one_visit(tools)
    clock.go_on(1)
    for _ in range(3):  # it grows old
        clock.go_on(60 * 24 * 30)
        one_visit(tools)
    assert the_article(tools).next_check_at > clock.now + timedelta(hours=12)
    return tools


def test_an_entry_with_a_new_time_makes_its_article_due(tools: Tools, server: Scripted, clock: Clock) -> None:
    later = (NOW + 90 * DAY + timedelta(minutes=3)).strftime(RFC_822)
    tools = at_rest(tools, server, clock, dated_rss(("/bridge?utm_source=rss", later)))
    assert one_visit(tools) == []
    clock.go_on(5)
    discover_due(tools)
    article = the_article(tools)
    assert (article.hinted_at, article.next_check_at) == (clock.now, clock.now)
    server.on("/bridge", http(200, EDITED))
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.CHANGED]
    discovered = the_article(tools)
    assert discovered.next_check_at > clock.now


def test_an_entry_that_is_as_it_was_makes_nothing_due(tools: Tools, server: Scripted, clock: Clock) -> None:
    tools = at_rest(tools, server, clock)
    clock.go_on(5)
    discover_due(tools)
    assert the_article(tools).hinted_at is None
    assert one_visit(tools) == []


def test_a_hint_that_comes_during_a_look_is_not_answered_by_it(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    bridge = server.url("/bridge")
    with Scripted() as another:
        later = (NOW + timedelta(minutes=11)).strftime(RFC_822)
        another.on("/feed", rss(bridge), dated_rss((bridge, later)))
        tools = with_feed(tools, another)
        server.on("/bridge", http(200, page()))
        discover_due(tools)
        one_visit(tools)
        clock.go_on(10)

        def hinted_meanwhile(line: Line) -> None:
            clock.go_on(2)
            assert discover_due(replace(tools, worker="another")) == {}
            line.send(http(200, page()))

        server.on("/bridge", hinted_meanwhile, http(200, EDITED))
        results = [entry.check.result for entry in one_visit(tools)]
    assert results == [CheckResult.SAME, CheckResult.CHANGED]


# ---------------------------------------------------------------------- one story, several addresses


def test_a_twin_of_a_watched_address_makes_no_second_article(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    server.on(
        "/feed", rss("/bridge"), rss("/bridge/", "/amp/bridge", "/bridge?amp=1", "/bridge?utm_medium=x")
    )
    tools = with_feed(tools, server)
    discover_due(tools)
    clock.go_on(5)
    discover_due(tools)
    assert watched(tools) == ["bridge"]


def says_it_is(url: str, html: str | None = None) -> bytes:
    return http(200, (html or page()).replace("<title>", f'<link rel="canonical" href="{url}"><title>'))


def test_an_article_is_known_by_its_canonical_address_and_asked_for_where_it_was_found(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    url = server.url("/world/bridge-closed-for-weeks-12345678")
    server.on("/go/12345678", says_it_is(url), says_it_is(url, EDITED))
    server.on("/feed", rss("/go/12345678"), rss("/world/bridge-closed-for-weeks-12345678", "/go/12345678"))
    tools = with_feed(tools, server)
    discover_due(tools)
    (entry,) = one_visit(tools)
    assert (entry.url, the_article(tools).url, the_article(tools).asked_at) == (
        url,
        url,
        server.url("/go/12345678"),
    )
    assert tools.store.find_article(server.url("/go/12345678"), twin_key(server.url("/go/12345678"))).id == 1
    clock.go_on(5)
    discover_due(tools)
    assert watched(tools) == ["world/bridge-closed-for-weeks-12345678"]
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.CHANGED]
    assert is_whole(tools)
    assert server.asked.count("/world/bridge-closed-for-weeks-12345678") == 0


@pytest.mark.parametrize(
    "claim",
    ["/", "/world", "https://other.example/bridge-closed-for-weeks-12345678", "/another-story-altogether"],
)
def test_an_address_that_a_page_cannot_have_is_not_believed(
    tools: Tools, server: Scripted, claim: str
) -> None:
    url = server.on("/bridge-closed-for-weeks-12345678", says_it_is(claim))
    server.on("/feed", rss("/bridge-closed-for-weeks-12345678"))
    tools = with_feed(tools, server)
    discover_due(tools)
    one_visit(tools)
    assert the_article(tools).url == url


OTHERS = [
    f"Witness {n} saw the ferry leave the quay with {n} lorries and no lights on." for n in range(30, 60)
]


def test_an_address_that_one_article_has_is_no_other_ones(tools: Tools, server: Scripted) -> None:
    """A page made from a template that names the first story as all of them."""
    first = server.on("/2026/bridge-is-closed-for-weeks", http(200, page()))
    second = server.on("/ferries/bridge-is-closed-for-weeks", says_it_is(first, page(*OTHERS)))
    server.on("/feed", rss("/2026/bridge-is-closed-for-weeks", "/ferries/bridge-is-closed-for-weeks"))
    tools = with_feed(tools, server)
    discover_due(tools)
    assert {entry.check.result for entry in one_visit(tools)} == {CheckResult.FIRST}
    assert [article.url for article in tools.store.articles()] == [first, second]


def test_a_page_that_names_another_and_reads_like_it_is_that_one(tools: Tools, server: Scripted) -> None:
    first = server.on("/2026/bridge-is-closed-for-weeks", http(200, page()))
    server.on("/print/bridge-is-closed-for-weeks", says_it_is(first))
    server.on("/feed", rss("/2026/bridge-is-closed-for-weeks", "/print/bridge-is-closed-for-weeks"))
    tools = with_feed(tools, server)
    discover_due(tools)
    assert [entry.check.result for entry in one_visit(tools)] == [CheckResult.FIRST, CheckResult.SKIPPED]
    assert [article.url for article in tools.store.articles()] == [first]


def test_two_listed_addresses_of_one_story_become_one_article(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    url = server.on("/bridge-closed-1234567", http(200, page()))
    server.on("/short/1", redirect(url, 301))
    server.on("/feed", rss("/bridge-closed-1234567", "/short/1"))
    tools = with_feed(tools, server)
    discover_due(tools)
    assert sorted(entry.check.result for entry in one_visit(tools)) == [
        CheckResult.FIRST,
        CheckResult.SKIPPED,
    ]
    assert watched(tools) == ["bridge-closed-1234567"]
    clock.go_on(5)
    discover_due(tools)
    assert watched(tools) == ["bridge-closed-1234567"]
    assert tools.store.find_article(server.url("/short/1"), twin_key(server.url("/short/1"))).url == url


# ---------------------------------------------------------------------- an article that moves


def moving(tools: Tools, server: Scripted, clock: Clock, status: int, html: str) -> Tools:
    """An article that was seen once, and has moved since."""
    server.on("/bridge-closed", http(200, page()), redirect(server.url("/bridge-closed-for-good"), status))
    server.on("/bridge-closed-for-good", http(200, html))
    server.on("/feed", rss("/bridge-closed"), rss("/bridge-closed"), rss("/bridge-closed-for-good"))
    tools = with_feed(tools, server)
    discover_due(tools)
    one_visit(tools)
    clock.go_on(5)
    discover_due(tools)
    one_visit(tools)
    return tools


@pytest.mark.parametrize("status", [301, 308])
@pytest.mark.parametrize("html", [page(), EDITED], ids=["as it was", "edited"])
def test_an_article_that_moves_stays_one_article_and_is_asked_for_there(
    tools: Tools, server: Scripted, clock: Clock, status: int, html: str
) -> None:
    tools = moving(tools, server, clock, status, html)
    article = the_article(tools)
    there = server.url("/bridge-closed-for-good")
    assert (article.url, article.asked_at) == (server.url("/bridge-closed"), there)
    assert article.revisions == (1 if html == page() else 2)
    assert is_whole(tools)
    (told,) = [event for entry in tools.store.log() for event in entry.events if event.kind == "moved_url"]
    assert (told.kind, told.old, told.new) == (EventKind.MOVED_URL, server.url("/bridge-closed"), there)
    asked = len(server.asked)
    clock.go_on(10)
    discover_due(tools)
    assert watched(tools) == ["bridge-closed"], "the feed lists it under its new address"
    one_visit(tools)
    assert server.asked[asked:] == ["/feed", "/bridge-closed-for-good"]


def test_an_article_that_moves_to_another_host_is_looked_at_in_that_hosts_turns(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    with Scripted() as another:
        there = another.on("/bridge-closed", http(200, page()), http(200, EDITED))
        server.on("/bridge-closed", http(200, page()), redirect(there, 301))
        tools = with_feed(tools, server)
        server.on("/feed", rss("/bridge-closed"))
        discover_due(tools)
        for _ in range(3):  # the redirect and what it leads to are asked in two turns
            one_visit(tools)
            clock.go_on(12)
        assert (the_article(tools).host, the_article(tools).asked_at) == (another.host, there)
        results = [entry.check.result for entry in one_visit(tools)]
    assert (results, another.asked) == ([CheckResult.CHANGED], ["/bridge-closed", "/bridge-closed"])
    assert server.asked.count("/bridge-closed") == 2


def test_a_passing_redirect_moves_nothing(tools: Tools, server: Scripted, clock: Clock) -> None:
    tools = moving(tools, server, clock, 302, page())
    assert the_article(tools).asked_at == server.url("/bridge-closed")
    assert tools.store.log()[-1].number == 1


def test_an_article_that_was_listed_under_its_new_address_before_we_knew_goes_on_as_the_old_one(
    tools: Tools, server: Scripted, clock: Clock
) -> None:
    """The new one was looked at first: it rests, with what is in the log of it."""
    server.on("/bridge-closed", http(200, page()), redirect(server.url("/bridge-closed-for-good"), 301))
    server.on("/bridge-closed-for-good", http(200, page()))
    server.on("/feed", rss("/bridge-closed"), rss("/bridge-closed-for-good"))
    tools = with_feed(tools, server)
    discover_due(tools)
    one_visit(tools)
    clock.go_on(1)
    there = server.url("/bridge-closed-for-good")
    keys = {there: twin_key(there)}
    tools.store.watchlist.discovered(1, [there], clock.now, clock.now + DAY, Validators(), keys=keys)
    assert [entry.article_id for entry in one_visit(tools)] == [2]
    clock.go_on(30)
    one_visit(tools)
    old, new = tools.store.articles()
    assert (old.paused, new.paused) == (False, True)
    assert old.asked_at == new.url
    assert is_whole(tools)
    clock.go_on(600)
    discover_due(tools)
    assert [entry.article_id for entry in one_visit(tools)] == [old.id]


def test_a_304_of_a_feed_keeps_what_was_remembered(tools: Tools, server: Scripted, clock: Clock) -> None:
    server.on("/feed", rss("/bridge"), head(304, {}))
    tools = with_feed(tools, server)
    discover_due(tools)
    before = state_of(tools)
    clock.go_on(5)
    discover_due(tools)
    after = state_of(tools)
    assert (after.memory, after.validators, after.last_error) == (before.memory, before.validators, None)


# ---------------------------------------------------------------------- at the command line


def test_one_check_reads_an_index_to_its_end_and_says_what_is_odd(tmp_path: Path, server: Scripted) -> None:
    today = now().isoformat()
    children = "".join(f"<sitemap><loc>/s{n}.xml</loc></sitemap>" for n in (1, 2))
    url = server.on("/sitemap.xml", http(200, f"<sitemapindex>{children}</sitemapindex>"))
    for number in (1, 2):
        loc = f"<url><loc>/news/bridge-{number}</loc><lastmod>{today}</lastmod></url>"
        server.on(f"/s{number}.xml", http(200, f"<urlset>{loc}<url></urlset>"))
        server.on(f"/news/bridge-{number}", http(200, page(headline=f"Bridge {number} to close")))
    config = configure(tmp_path, server, "")
    assert writethru(config, "add", "--kind", "sitemap", url).returncode == 0
    checks = lines(writethru(config, "check", "--json"))
    assert [check["outcome"] for check in checks] == ["first", "first"]
    (source,) = lines(writethru(config, "sources", "--json"))
    assert source["note"] == "it is not well-formed; what can be read of it is used"
    assert "noted" in writethru(config, "status").stdout


def test_a_check_says_by_which_address_the_article_is_known(tmp_path: Path, server: Scripted) -> None:
    url = server.url("/news/bridge-closed-12345678")
    amp = server.on("/amp/12345678", says_it_is(url))
    config = configure(tmp_path, server, "")
    writethru(config, "add", amp)
    (check,) = lines(writethru(config, "check", amp, "--json"))
    assert (check["url"], check["article"], check["outcome"]) == (amp, url, "first")
    for asked in (url, amp):
        (again,) = lines(writethru(config, "check", asked, "--json"))
        assert (again["url"], again["article"], again["outcome"]) == (asked, url, "same")
