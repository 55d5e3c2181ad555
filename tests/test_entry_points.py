"""Everything that reaches out, led to everywhere that it must not: nothing goes past the guard.

The names are looked up by a resolver of the test's own, and a connection that the guard lets through is
refused by the seal that all tests are under, which writes it down: nothing is ever sent. Here the seal is
strict: loopback as well is reached only where the guard let through that very address just before.
"""

from __future__ import annotations

import gzip
import html
import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pebble import ProcessPool

from monitor import guard as guard_module
from monitor.browser.proxy import Proxy as BrowsersProxy
from monitor.channels import send
from monitor.check import Tools, check_article
from monitor.config import Channel, Proxy, StampSettings, WitnessSettings, parse_config
from monitor.courier import carry
from monitor.discovery import discover
from monitor.errors import ChannelError, FetchError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.reader import Reader
from monitor.stamps import ask_for_stamp
from monitor.visit import visit
from monitor.wayback import ask_to_save
from monitor.witness import attempt
from storage.records import Source, SourceKind, Validators, Witness, WitnessState
from tests.addresses import (
    FAILS,
    HANGS,
    LIKE_NIP_IO,
    MANY,
    MANY_AND_ONE_BAD,
    NOT_PUBLIC,
    PUBLIC,
    SPELLINGS,
    UNKNOWN,
    Names,
    in_url,
    leads_to,
)
from tests.connectproxy import ConnectProxy
from tests.newsdesk import edited, lines, program, writethru
from tests.newsdesk import page as article
from tests.sealed.sitecustomize import SEAL, Attempt
from tests.servers import Line, Scripted, head, http, redirect
from tests.test_channels import DELIVERY
from tests.test_store import NOW, new_store
from tests.test_visit import Clock, with_config

Attempts = Callable[[], list[Attempt]]

P = leads_to("8.8.8.8")
TRICKS = [
    f"http://127.0.0.1\\@{P}/",
    f"http://{P}\\@127.0.0.1/",
    f"http://{P}@127.0.0.1/",
    f"http://{P}:80@127.0.0.1/",
    f"http://{P}@[::1]/",
    f"http://127.0.0.1?@{P}/",
    f"http://127.0.0.1#@{P}/",
    f"http://127.0.0.1:80#@{P}/",
    "http:\\\\127.0.0.1\\",
    "http://127.0.0.1\t/",
    "http://127.0.0.1\n/",
    "http:// 127.0.0.1/",
    "http://127.0.0.1%20/",
    "http://127.\u00ad0.0.1/",
    f"http://{P}/\r\nHost: 127.0.0.1",
    "http://127.0.0.1:0/",
]
NO_HOST = "http:///127.0.0.1"  # after a redirect it is a page of the same server (RFC 3986, 5.2)
SCHEMES = [
    "file:///etc/passwd", "file:/etc/passwd", "FILE://localhost/etc/passwd", "source:file:///etc/passwd",
    "gopher://127.0.0.1/", "ftp://127.0.0.1/", "data:text/html,x", "javascript:alert(1)",
]  # fmt: skip
REFUSED, BAD, DNS, CONNECT = "refused_address", "bad_redirect", "dns", "connect"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Where something is led, what may come of it, and the addresses that it may be let through to."""

    name: str
    url: str
    outcomes: frozenset[str]
    through: frozenset[str] = frozenset()


def _cases() -> Iterator[Case]:
    refused, none = frozenset({REFUSED}), frozenset({REFUSED, BAD, DNS})
    for address in NOT_PUBLIC:
        yield Case(name=address, url=f"http://{in_url(address)}/", outcomes=refused)
        yield Case(name=f"a name of {address}", url=f"http://{leads_to(address)}/", outcomes=refused)
    for spelling in SPELLINGS:
        yield Case(name=f"spelled {spelling}", url=f"http://{spelling}/", outcomes=none)
    for trick in TRICKS:
        yield Case(name=f"trick {trick!r}", url=trick, outcomes=none)
    for url in [*SCHEMES, NO_HOST]:
        yield Case(name=url, url=url, outcomes=frozenset({BAD, REFUSED}))
    mixed = [
        ("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ("8.8.8.8", "::1"), ("fe80::1", "8.8.8.8"),
        ("8.8.8.8", "2606:4700:4700::1111", "fd00::1"),
    ]  # fmt: skip
    for addresses in mixed:
        url = f"http://{leads_to(*addresses)}/"
        yield Case(name=f"mixed {' '.join(addresses)}", url=url, outcomes=refused)
    yield Case(name="200 answers and a bad one", url=f"http://{MANY_AND_ONE_BAD}/", outcomes=refused)
    yield Case(name="like nip.io", url=f"http://{LIKE_NIP_IO}/", outcomes=refused)
    yield Case(name="NXDOMAIN", url=f"http://{UNKNOWN}/", outcomes=frozenset({DNS}))
    yield Case(name="SERVFAIL", url=f"http://{FAILS}/", outcomes=frozenset({DNS}))
    for port in (22, 25, 6379):
        yield Case(name=f"port {port}", url=f"http://{P}:{port}/", outcomes=refused)
    for address in PUBLIC:
        let, reached = frozenset({address}), frozenset({CONNECT})
        yield Case(name=f"control {address}", url=f"http://{in_url(address)}/", outcomes=reached, through=let)
        url = f"https://{leads_to(address)}/"
        yield Case(name=f"control, a name of {address}", url=url, outcomes=reached, through=let)


CASES = list(_cases())
MANY_PUBLIC = {f"8.8.{n}.8" for n in range(100)} | {f"2606:4700::{n:x}" for n in range(1, 101)}


# ---------------------------------------------------------------------- the ways out


@pytest.fixture(scope="module", autouse=True)
def names() -> Iterator[Names]:
    found = Names()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", found)
        SEAL.be_strict()
        yield found
        SEAL.be_strict(False)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the ways out lead from: a daemon's tools, and what stands on loopback and may be reached."""

    tools: Tools
    clock: Clock
    server: Scripted
    proxy: ConnectProxy
    browsers: BrowsersProxy
    courier: ProcessPool
    number: Iterator[int]

    @property
    def fetcher(self) -> Fetcher:
        return self.tools.fetcher


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, names: Names) -> Iterator[Outside]:
    folder, clock = tmp_path_factory.mktemp("outside"), Clock()
    with (
        Scripted() as server,
        ConnectProxy(0, b"HTTP/1.1 403 Not here\r\n\r\n") as proxy,
        closing(BrowsersProxy(Guard().connect)) as browsers,
        new_store(folder) as store,
        Reader(workers=1) as reader,
        _warm_courier() as courier,
    ):
        config = parse_config({"fetch": {"robots": True, "host_interval": "0s"}}, folder, {})
        opened = Guard([server.host])
        fetcher = Fetcher(opened, user_agent="Writethru/test", deadline=5.0, clock=clock)
        tools = Tools(store=store, fetcher=fetcher, reader=reader, config=config, clock=clock, worker="test")
        tools = with_config(tools, {"name": "page", "kind": "feed", "url": server.url("/feed")}, robots=True)
        yield Outside(
            tools=tools,
            clock=clock,
            server=server,
            proxy=proxy,
            browsers=browsers,
            courier=courier,
            number=count(),
        )


def _warm_courier() -> ProcessPool:
    """A delivery process that is kept, with the hook that every one has, and with our resolver."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WRITETHRU_SEAL_STRICT", "1")
        pool = ProcessPool(
            max_workers=1, context=multiprocessing.get_context("spawn"), initializer=_with_our_resolver
        )
        assert pool.schedule(os.getpid).result(60) != os.getpid()
    return pool


def _with_our_resolver() -> None:
    socket.getaddrinfo = Names()


def page(outside: Outside, url: str) -> str:
    tools = outside.tools
    outside.clock.go_on(60 * 24 * 30)
    (state,) = (state for state in tools.store.watchlist.sources() if state.name == "page")
    tools.store.watchlist.discovered(state.id, [url], outside.clock(), outside.clock(), Validators())
    return check_article(tools.store.find_article(url), tools, None).entry.check.error or ""


def robots(outside: Outside, url: str) -> str:
    if "\r\n" in url:
        return BAD  # behind the host; robots.txt has an address of its own
    tools = outside.tools
    outside.clock.go_on(60 * 24 * 30)
    (state,) = (state for state in tools.store.watchlist.sources() if state.name == "page")
    tools.store.watchlist.discovered(state.id, [url], outside.clock(), outside.clock(), Validators())
    article = tools.store.find_article(url)
    tools.store.watchlist.make_due([article.id], outside.clock())
    host = tools.store.watchlist.claim_host_of(url, outside.clock(), tools.worker, tools.lease)
    assert host is not None
    seen: list[str] = []
    visit(host, tools, only={article.id}, seen=lambda found: seen.append(found.entry.check.error or ""))
    return " ".join(seen)


def feed(outside: Outside, url: str) -> str:
    return kind_of(discovered(outside, SourceKind.FEED, url))


def section(outside: Outside, url: str) -> str:
    return kind_of(discovered(outside, SourceKind.SECTION, url))


def sitemap(outside: Outside, url: str) -> str:
    return kind_of(discovered(outside, SourceKind.SITEMAP, url))


def named_feed(outside: Outside, url: str) -> str:
    """A page of ours in place of a feed names its feed."""
    link = f'<link rel="alternate" type="application/rss+xml" href="{html.escape(url)}">'
    start = outside.server.on("/named", http(200, f"<html><head>{link}</head></html>"))
    said = discovered(outside, SourceKind.FEED, start, looks=2)
    return (
        BAD if outside.server.host in said else kind_of(said)
    )  # none was named, or another page of the same server


def in_index(outside: Outside, url: str) -> None:
    """A sitemap that an index of ours names; one of another site is not asked for at all."""
    start = outside.server.on(
        "/index", http(200, f"<sitemapindex><sitemap><loc>{html.escape(url)}</loc></sitemap></sitemapindex>")
    )
    said = discovered(outside, SourceKind.SITEMAP, start, looks=2)
    assert not said or outside.server.host in said


def discovered(outside: Outside, kind: SourceKind, url: str, looks: int = 1) -> str:
    """What the last of so many looks at a source says."""
    tools, name = outside.tools, f"source {next(outside.number)}"
    outside.clock.go_on(60 * 24 * 30)
    assert tools.store.watchlist.add_source(Source(name=name, kind=kind, url=url), outside.clock())
    said = None
    for _ in range(looks):
        (state,) = (state for state in tools.store.watchlist.sources() if state.name == name)
        said = discover(state, tools)
        outside.clock.go_on(1)
    tools.store.watchlist.remove_source(name)
    return said or ""


def hop(outside: Outside, url: str, status: int = 302) -> str:
    if "\r\n" in url or url == NO_HOST:
        return BAD  # where the header ends, so does the address
    start = outside.server.on("/hop", redirect(url.encode().decode("latin-1"), status))
    return fetched(lambda: outside.fetcher.get(start))


def tunnelled(outside: Outside, url: str) -> str:
    """Through a proxy, which must not even hear of what is refused."""
    proxy = Proxy(host="127.0.0.1", port=outside.proxy.port)
    outside.proxy.heads.clear()
    said = fetched(lambda: Fetcher(Guard(), user_agent="test", proxy=proxy).get(url))
    assert said == CONNECT or outside.proxy.asked == []
    return said


def webhook(outside: Outside, url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        return BAD  # that is one of Apprise's channels, see there
    try:
        send(Channel(name="desk", url=url), DELIVERY, lambda _: outside.fetcher)
    except ChannelError as error:
        return kind_of(str(error))
    return ""


def archive(outside: Outside, url: str) -> str:
    settings = WitnessSettings(wayback=True, url=url)
    wish = "https://gazette.example/story"
    return fetched(lambda: ask_to_save(wish, timedelta(0), settings, outside.fetcher, NOW))


def archived_page(outside: Outside, url: str) -> str:
    """The archive is told of no page whose host is not public; that one is not connected to either way."""
    settings = WitnessSettings(wayback=True, url=outside.server.url(""))
    outside.server.requests.clear()
    wanted = Witness(id=1, url=url, seen_at=NOW, created_at=NOW, next_try_at=NOW)
    settled = attempt(wanted, settings, outside.fetcher, lambda: NOW, Guard())
    assert settled.state is not WitnessState.ASKED
    told = any(request.method == "POST" for request in outside.server.requests)
    return CONNECT if told else kind_of(settled.error or "")


def authority(outside: Outside, url: str) -> str:
    return fetched(lambda: ask_for_stamp("0" * 64, StampSettings(url=url), outside.fetcher))


def apprise(outside: Outside, url: str) -> str:
    said = outside.courier.schedule(carry, args=(url, (), "A subject", "A text")).result(30)
    return kind_of(said) if said else ""


def json_channel(outside: Outside, url: str) -> str:
    return apprise(outside, url.replace("http", "json", 1))


def xml_channel(outside: Outside, url: str) -> str:
    return apprise(outside, url.replace("http", "xml", 1))


def form_channel(outside: Outside, url: str) -> str:
    return apprise(outside, url.replace("http", "form", 1))


def mail_channel(outside: Outside, url: str) -> str:
    there = url.partition("://")[2].partition("/")[0]
    return apprise(
        outside, f"mailto://u:p@{there}/?smtp={quote(there)}&to=a@desk.example&from=b@desk.example"
    )


def browsed(outside: Outside, url: str) -> str:
    """What a page in the browser asks its proxy for."""
    if "\r\n" in url:
        return BAD  # where the line ends, so does the address
    with outside.browsers.load(1 << 20) as load:
        browser, ours = socket.socketpair()
        with browser:
            secret = f"Proxy-Authorization: Basic {load.credentials}"
            asked = f"CONNECT {urlsplit(url).netloc}:443" if url.startswith("https:") else f"GET {url}"
            browser.sendall(f"{asked} HTTP/1.1\r\n{secret}\r\n\r\n".encode())
            assert outside.browsers._room.acquire(blocking=False)
            outside.browsers._serve(ours)
            answer = browser.recv(65536)
        if answer == b"":
            return BAD  # this was no request
        (failure,) = load.failures.values()
        assert answer.startswith(b"HTTP/1.1 403 " if failure.problem == REFUSED else b"HTTP/1.1 502 ")
        return str(failure.problem)


def fetched(ask: Callable[[], object]) -> str:
    try:
        ask()
    except FetchError as error:
        return str(error.problem)
    return ""


def kind_of(sentence: str) -> str:
    """What kind of refusal a sentence tells of."""
    signs = {
        "not a public address": REFUSED,
        "another service": REFUSED,
        "address has spaces": BAD,
        "only http:// and https://": BAD,
        "names no host": BAD,
        "carries credentials": BAD,
        "not a web address": BAD,
        "cannot be looked up": DNS,
        "Looking up": DNS,
        "cannot be reached": CONNECT,
    }
    return next((kind for sign, kind in signs.items() if sign in sentence), sentence)


OURS = [
    page,
    robots,
    feed,
    section,
    sitemap,
    named_feed,
    hop,
    tunnelled,
    browsed,
    webhook,
    archive,
    authority,
]
APPRISE = [json_channel, xml_channel, form_channel, mail_channel]


def named(value: object) -> str | None:
    return value.name if isinstance(value, Case) else getattr(value, "__name__", None)


# ---------------------------------------------------------------------- nothing goes past the guard


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.parametrize("way", OURS, ids=named)
def test_no_way_of_our_own_leads_past_the_guard(
    way: Callable[[Outside, str], str], case: Case, outside: Outside, attempts: Attempts
) -> None:
    said = way(outside, case.url)
    assert said in case.outcomes
    reached = {attempt.host for attempt in attempts()}
    if way is tunnelled:
        assert reached == set()
        assert {asked.rpartition(":")[0].strip("[]") for asked in outside.proxy.asked} == case.through
    else:
        assert reached == case.through


@pytest.mark.parametrize("case", CASES, ids=named)
def test_an_index_of_one_site_leads_to_no_other(case: Case, outside: Outside, attempts: Attempts) -> None:
    in_index(outside, case.url)
    assert attempts() == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.name.startswith("port")], ids=named)
@pytest.mark.parametrize("way", APPRISE, ids=named)
def test_no_message_of_apprise_leads_past_the_guard(
    way: Callable[[Outside, str], str], case: Case, outside: Outside, attempts: Attempts
) -> None:
    said = way(outside, case.url)
    assert said, "it was not delivered"
    reached = {attempt.host for attempt in attempts()}
    if way is mail_channel and any(":" in address for address in case.through):
        assert reached <= case.through, "Apprise knows no mail server by its IPv6 address"
    elif case.through:
        assert reached == case.through
    elif case.name.startswith(("trick", "mixed", "200")):
        assert reached <= set(PUBLIC) | MANY_PUBLIC, "each is judged as it is connected to"
    else:
        assert reached == set()


@pytest.mark.parametrize("case", [case for case in CASES if case.outcomes <= {REFUSED, DNS}], ids=named)
def test_the_archive_is_told_of_no_page_that_is_not_public(
    case: Case, outside: Outside, attempts: Attempts
) -> None:
    if not case.name.startswith("port"):
        assert archived_page(outside, case.url) in case.outcomes
    assert attempts() == []


def test_the_archive_is_told_of_a_public_page(outside: Outside) -> None:
    assert archived_page(outside, f"http://{P}/") == CONNECT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_redirect_leads_past_the_guard(
    address: str, status: int, outside: Outside, attempts: Attempts
) -> None:
    for host in (in_url(address), leads_to(address)):
        assert hop(outside, f"http://{host}/latest/", status) == REFUSED
    assert hop(outside, f"//{in_url(address)}/", status) == REFUSED
    assert attempts() == []


@pytest.mark.parametrize("url", SCHEMES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_to_another_scheme(
    url: str, status: int, outside: Outside, attempts: Attempts
) -> None:
    assert hop(outside, url, status) == BAD
    assert attempts() == []


def test_the_third_hop_is_judged_as_the_first_is(outside: Outside, attempts: Attempts) -> None:
    start = outside.server.on("/1", redirect("/2"))
    outside.server.on("/2", redirect("/3", 308))
    outside.server.on("/3", redirect("http://169.254.169.254/latest/meta-data/", 307))
    assert fetched(lambda: outside.fetcher.get(start)) == REFUSED
    assert attempts() == []


@pytest.mark.parametrize("hops", [2, 31])
def test_redirects_without_end_end(hops: int, outside: Outside) -> None:
    for place in range(hops):
        outside.server.on(f"/{hops}/{place}", redirect(f"/{hops}/{(place + 1) % hops}"))
    outside.server.requests.clear()
    assert fetched(lambda: outside.fetcher.get(outside.server.url(f"/{hops}/0"))) == "redirect_loop"
    assert len(outside.server.requests) <= 6


def test_the_body_of_a_redirect_is_neither_unpacked_nor_waited_for(outside: Outside) -> None:
    bomb = gzip.compress(bytes(32 << 20))

    def packed(line: Line) -> None:
        line.send(head(302, {"Location": "/end", "Content-Encoding": "gzip", "Content-Length": "999999999"}))
        line.send(bomb)

    def dripping(line: Line) -> None:
        line.send(head(302, {"Location": "/packed"}))
        line.drip(b"x" for _ in range(1000))

    outside.server.on("/end", http(200, b"here"))
    outside.server.on("/packed", packed)
    assert outside.fetcher.get(outside.server.on("/", dripping)).body == b"here"


def test_a_page_that_asks_to_go_elsewhere_is_not_followed(outside: Outside, attempts: Attempts) -> None:
    body = b'<meta http-equiv="refresh" content="0;url=http://169.254.169.254/">'
    url = outside.server.on("/refresh", http(200, body, {"Refresh": "0; url=http://10.0.0.1/"}))
    answer = outside.fetcher.get(url)
    assert (answer.final_url, answer.body) == (url, body)
    assert attempts() == []


# ---------------------------------------------------------------------- names that change their mind


@pytest.mark.parametrize("way", [way for way in OURS if way is not tunnelled], ids=named)
def test_each_connection_takes_one_look_up_and_opens_what_was_judged(
    way: Callable[[Outside, str], str], outside: Outside, attempts: Attempts, names: Names
) -> None:
    name = leads_to("8.8.8.8", "127.0.0.1", turns=way.__name__.replace("_", ""))
    assert way(outside, f"http://{name}/") == CONNECT
    assert [attempt.host for attempt in attempts()] == ["8.8.8.8"]
    assert names.asked.count(name) == 1
    assert fetched(lambda: outside.fetcher.get(f"http://{name}/")) == REFUSED
    assert names.asked.count(name) == 2
    assert attempts() == []


@pytest.mark.parametrize("way", [way for way in OURS if way is not tunnelled], ids=named)
def test_of_many_answers_a_few_are_tried(
    way: Callable[[Outside, str], str], outside: Outside, attempts: Attempts
) -> None:
    assert way(outside, f"http://{MANY}/") == CONNECT
    tried = [attempt.host for attempt in attempts()]
    assert tried == ["8.8.0.8", "2606:4700::1", "8.8.1.8", "2606:4700::2"]


@pytest.mark.parametrize("way", OURS, ids=named)
def test_a_look_up_that_hangs_ends(
    way: Callable[[Outside, str], str], outside: Outside, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_module, "_DNS_SECONDS", 0.05)
    names.let_go.clear()
    assert way(outside, f"http://{HANGS}/") == DNS
    names.let_go.set()


# ---------------------------------------------------------------------- what is typed


def configured(folder: Path, more: str) -> Path:
    path = folder / "config.toml"
    path.write_text(
        '[storage]\nurl = "sqlite:///store.db"\n[fetch]\nhost_interval = "0s"\nrobots = false\n'
        f"[web]\nenabled = false\n{more}"
    )
    return path


def sources(kind: str, *hosts: str) -> str:
    return "".join(
        f'[[sources]]\nname = "{kind} {n}"\nkind = "{kind}"\nurl = "http://{host}/{n}"\n'
        for n, host in enumerate(hosts)
    )


def test_the_command_line_checks_nothing_that_is_not_public(tmp_path: Path, attempts: Attempts) -> None:
    hosts = [in_url(address) for address in NOT_PUBLIC]
    config = configured(tmp_path, sources("page", *hosts))
    done = writethru(config, "check", "--all", "--json")
    assert {line["error"] for line in lines(done)} == {REFUSED}
    assert len(lines(done)) == len(hosts)
    assert attempts() == []


def test_the_command_line_looks_at_no_feed_that_is_not_public(tmp_path: Path, attempts: Attempts) -> None:
    hosts = [leads_to(address) for address in NOT_PUBLIC]
    done = writethru(configured(tmp_path, sources("feed", *hosts)), "check", "--all")
    assert done.stderr.count("not a public address") == len(hosts)
    assert attempts() == []


def test_the_command_line_reaches_a_public_address(tmp_path: Path, attempts: Attempts) -> None:
    config = configured(tmp_path, sources("page", P) + sources("feed", leads_to("1.1.1.1")))
    done = writethru(config, "check", "--all", "--json")
    assert [line["error"] for line in lines(done)] == [CONNECT]
    assert {attempt.host for attempt in attempts()} == {"8.8.8.8", "1.1.1.1"}


@pytest.mark.parametrize("url", [*TRICKS[:5], *TRICKS[8:13], *SCHEMES], ids=repr)
def test_what_is_no_web_address_is_not_added(url: str, tmp_path: Path, attempts: Attempts) -> None:
    done = writethru(configured(tmp_path, ""), "add", url)
    assert done.returncode == 2
    assert "cannot be watched" in done.stderr
    assert attempts() == []


def test_to_add_an_address_asks_nobody(tmp_path: Path, attempts: Attempts, names: Names) -> None:
    before = len(names.asked)
    assert writethru(configured(tmp_path, ""), "add", f"http://{P}/").returncode == 0
    assert (attempts(), len(names.asked)) == ([], before)


def test_a_test_message_goes_to_no_private_address(tmp_path: Path, attempts: Attempts) -> None:
    channels = "".join(
        f'[[channels]]\nname = "{n}"\nurl = "https://{in_url(address)}/"\n'
        for n, address in enumerate([*NOT_PUBLIC[::4], "8.8.8.8"])
    )
    config = configured(tmp_path, channels)
    last = len(NOT_PUBLIC[::4])
    for n in range(last):
        done = writethru(config, "alerts", "test", str(n))
        assert (done.returncode, "not a public address" in done.stdout) == (1, True)
    assert attempts() == []
    assert writethru(config, "alerts", "test", str(last)).returncode == 1
    assert {attempt.host for attempt in attempts()} == {"8.8.8.8"}


def test_the_pages_are_never_fetched_by_the_daemon_that_serves_them(
    tmp_path: Path, attempts: Attempts
) -> None:
    everything = '"0.0.0.0/0", "::/0", "localhost:8420"'
    hosts = ["127.0.0.1:8420", "localhost:8420", "[::1]:8420", "0.0.0.0:8420", "[::ffff:127.0.0.1]:8420"]
    config = configured(tmp_path, sources("page", *hosts))
    text = config.read_text().replace("enabled = false", "enabled = true")
    config.write_text(text.replace("robots = false", f"robots = false\nallow_private = [{everything}]"))
    done = writethru(config, "check", "--all", "--json")
    assert {line["error"] for line in lines(done)} == {REFUSED}
    assert attempts() == []


# ---------------------------------------------------------------------- the program itself


@pytest.mark.slow
def test_all_that_a_daemon_reaches_the_guard_has_let_through_just_before(
    tmp_path: Path, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything that it can do, in its own process and in all of its children."""
    with Scripted() as server:
        server.on("/robots.txt", http(200, b"User-agent: *\nAllow: /", kind="text/plain"))
        item = f"<item><title>One</title><link>{server.url('/one')}</link></item>"
        rss = f'<rss version="2.0"><channel><title>Quay</title>{item}</channel></rss>'
        server.on("/feed", http(200, rss, kind="application/rss+xml"))
        server.on("/one", *(http(200, text) for text in (article(), edited("Seven", "Eight"))))
        for path in ("/hook", "/message"):
            server.on(path, http(200, b"ok"))
        config = watching_everything(tmp_path, server)
        monkeypatch.setenv("WRITETHRU_SEAL_STRICT", "1")
        first, second = (program(config, "check", "--all") for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert second.returncode == 0, second.stdout + second.stderr
    assert set(server.asked) == {"/robots.txt", "/feed", "/one", "/hook", "/message", "/tsa"}
    assert attempts() == []


def watching_everything(folder: Path, server: Scripted) -> Path:
    opened = f'allow_private = ["{server.host}"]\n'
    path = folder / "config.toml"
    path.write_text(
        f"""
[storage]
url = "sqlite:///store.db"
[web]
enabled = false
[fetch]
host_interval = "0s"
{opened}
[stamp]
url = "{server.url("/tsa")}"
{opened}
[[sources]]
name = "feed"
kind = "feed"
url = "{server.url("/feed")}"
[[channels]]
name = "hook"
url = "{server.url("/hook")}"
{opened}
[[channels]]
name = "message"
url = "json://{server.host}/message"
{opened}
[[alerts]]
name = "all"
to = ["hook", "message"]
"""
    )
    return path
