"""The fetcher's promises: what it hands on is complete and decoded, or it is a FetchError of one kind."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FetchError
from monitor.fetch import MAX_REDIRECTS, MAX_RETRY_AFTER, Fetcher, check_url, retry_after, url_trouble
from monitor.guard import Answer, Guard
from storage.records import FetchProblem, Redirect, Response, Validators
from tests.servers import Line, Scripted, head, http, redirect

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = Guard(["127.0.0.1"])
TEXT = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 40
PAGE = f"<html><body><p>{TEXT}</p></body></html>".encode()


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        yield running


def fetcher(guard: Guard = HOME, *, deadline: float = 5.0, max_body: int = 10 << 20) -> Fetcher:
    return Fetcher(
        guard, user_agent="Writethru/test", deadline=deadline, max_body=max_body, clock=lambda: NOW
    )


def problem_of(ask: Callable[[], Response]) -> FetchProblem:
    with pytest.raises(FetchError) as caught:
        ask()
    assert str(caught.value).endswith(".")
    assert str(caught.value).isprintable()
    return caught.value.problem


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


# ---------------------------------------------------------------------- a good answer


def test_what_was_asked_is_kept_and_what_may_be_a_secret_only_by_its_name(server: Scripted) -> None:
    url = server.on("/page", http(200, PAGE.decode()))
    kept = fetcher().get(url, validators=Validators(etag='"1"'), headers={"Cookie": "s3cret", "X-Key": "k"})
    assert dict(kept.asked) == {
        "User-Agent": "Writethru/test",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
        "Cookie": "(withheld)",
        "X-Key": "(withheld)",
        "If-None-Match": '"1"',
    }


def test_an_answer_comes_back_whole(server: Scripted) -> None:
    url = server.on(
        "/story", http(200, PAGE, {"ETag": '"1"', "Last-Modified": "Sun, 01 Mar 2026 11:00:00 GMT"})
    )
    response = fetcher().get(url)
    assert (response.url, response.final_url, response.status) == (url, url, 200)
    assert (response.body, response.fetched_at, response.redirects) == (PAGE, NOW, ())
    assert response.header("content-type") == "text/html; charset=utf-8"
    assert response.validators == Validators(etag='"1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT")


def test_we_say_who_we_are_and_ask_only_for_what_we_can_unpack(server: Scripted) -> None:
    fetcher().get(server.on("/", http()), headers={"X-Reader": "yes"})
    (request,) = server.requests
    assert request.headers["user-agent"] == "Writethru/test"
    assert request.headers["accept-encoding"] == "gzip, deflate"
    assert request.headers["x-reader"] == "yes"
    assert "if-none-match" not in request.headers


def test_a_second_look_is_conditional_and_a_304_comes_back_as_such(server: Scripted) -> None:
    seen = Validators(etag='W/"7"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT")
    response = fetcher().get(server.on("/", head(304, {"ETag": 'W/"7"'})), validators=seen)
    assert (response.status, response.body) == (304, b"")
    (request,) = server.requests
    assert request.headers["if-none-match"] == seen.etag
    assert request.headers["if-modified-since"] == seen.last_modified


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_may_tell_the_length_of_the_page(server: Scripted, status: int) -> None:
    response = fetcher().get(server.on("/", head(status, {"Content-Length": "4711"})))
    assert (response.status, response.body) == (status, b"")


@pytest.mark.parametrize("status", [200, 203, 401, 403, 404, 410, 429, 451, 500, 503, 999])
def test_every_status_is_an_answer(server: Scripted, status: int) -> None:
    response = fetcher().get(server.on("/", http(status, b"said so")))
    assert (response.status, response.body) == (status, b"said so")


def test_a_header_goes_on_without_its_control_characters(server: Scripted) -> None:
    response = fetcher().get(server.on("/", http(headers={"X-Odd": "red \x1b[31m\x9b and \x08 on"})))
    value = response.header("x-odd") or ""
    assert value.isprintable()
    assert value.startswith("red ")


# ---------------------------------------------------------------------- redirects


def test_redirects_are_followed_by_hand_and_remembered(server: Scripted) -> None:
    url = server.on("/a", redirect("/b", 301))
    server.on("/b", redirect(f"//{server.host}/c", 308))
    server.on("/c", redirect(server.url("/d#top"), 303))
    server.on("/d", http(200, PAGE))
    response = fetcher().get(url)
    assert (response.url, response.final_url, response.body) == (url, server.url("/d"), PAGE)
    assert response.redirects == (
        Redirect(status=301, url=server.url("/b")),
        Redirect(status=308, url=server.url("/c")),
        Redirect(status=303, url=server.url("/d")),
    )


@pytest.mark.parametrize(("hops", "fine"), [(MAX_REDIRECTS, True), (MAX_REDIRECTS + 1, False)])
def test_five_redirects_are_followed_and_no_sixth(server: Scripted, hops: int, *, fine: bool) -> None:
    for hop in range(hops):
        server.on(f"/{hop}", redirect(f"/{hop + 1}"))
    server.on(f"/{hops}", http(200, PAGE))
    if fine:
        assert fetcher().get(server.url("/0")).body == PAGE
    else:
        assert problem_of(lambda: fetcher().get(server.url("/0"))) is FetchProblem.REDIRECT_LOOP


def test_a_loop_ends(server: Scripted) -> None:
    server.on("/a", redirect("/b"))
    server.on("/b", redirect("/a"))
    assert problem_of(lambda: fetcher().get(server.url("/a"))) is FetchProblem.REDIRECT_LOOP
    assert (
        problem_of(lambda: fetcher().get(server.on("/self", redirect("/self")))) is FetchProblem.REDIRECT_LOOP
    )
    assert len(server.requests) <= MAX_REDIRECTS + 2


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://127.0.0.1/x",
        "data:text/html,hello",
        "javascript:alert(1)",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://[",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "/a b",
        "/\x1b[31m",
        "/a\tb",
        "/" + "x" * 3000,
    ],
)
def test_a_redirect_to_no_web_address_is_refused(server: Scripted, target: str) -> None:
    url = server.on("/", redirect(target))
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.BAD_REDIRECT
    assert server.asked == ["/"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://[::1]:{port}/", "//10.0.0.1/"])
def test_a_redirect_to_a_private_address_is_refused(server: Scripted, status: int, target: str) -> None:
    url = server.on("/", redirect(target.format(port=server.port), status))
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.REFUSED_ADDRESS


def test_a_redirect_from_https_to_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = (302, (("Location", "http://example.com/plain"),), b"")
    monkeypatch.setattr(Fetcher, "_exchange", lambda *_: answer)
    assert problem_of(lambda: fetcher().get("https://example.com/")) is FetchProblem.BAD_REDIRECT


def test_a_redirect_without_a_target_is_an_answer(server: Scripted) -> None:
    response = fetcher().get(server.on("/", http(302, b"nowhere")))
    assert (response.status, response.body, response.redirects) == (302, b"nowhere", ())


def test_a_length_may_be_said_twice(server: Scripted) -> None:
    url = server.on("/", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc")
    assert fetcher().get(url).body == b"abc"


def test_the_body_of_a_redirect_is_not_read(server: Scripted) -> None:
    def endless(line: Line) -> None:
        line.send(head(302, {"Location": "/page"}))
        for _ in range(10_000):
            line.send(b"x" * 65536)

    server.on("/page", http(200, PAGE))
    assert fetcher().get(server.on("/", endless)).body == PAGE


def test_a_redirect_may_be_spelled_in_utf_8(server: Scripted) -> None:
    server.on("/caf%C3%A0", http(200, PAGE))
    url = server.on("/", redirect("/cafà".encode().decode("latin-1")))
    assert fetcher().get(url).body == PAGE


def test_credentials_stay_with_the_origin_they_were_meant_for(server: Scripted) -> None:
    ours = {"Authorization": "Bearer secret", "Cookie": "session=secret", "X-Api-Key": "secret"}
    ours["Accept-Language"] = "de"
    with Scripted() as other:
        server.on("/out", redirect(other.on("/page", http(200, PAGE))))
        server.on("/stay", redirect("/page"))
        server.on("/page", http(200, PAGE))
        fetcher().get(server.url("/out"), headers=ours, validators=Validators(etag='"1"'))
        fetcher().get(server.url("/stay"), headers=ours)
        (foreign,) = other.requests
    assert "secret" not in str(foreign.headers)
    assert "if-none-match" not in foreign.headers
    assert foreign.headers["accept-language"] == "de"
    assert foreign.headers["user-agent"] == "Writethru/test"
    assert [request.headers["cookie"] for request in server.requests] == ["session=secret"] * 3


def test_no_cookie_is_kept(server: Scripted) -> None:
    server.on("/", http(302, b"", {"Location": "/page", "Set-Cookie": "visitor=1"}))
    server.on("/page", http(200, PAGE))
    one = fetcher()
    one.get(server.url("/"))
    one.get(server.url("/page"))
    assert not any("cookie" in request.headers for request in server.requests)


# ---------------------------------------------------------------------- packed bodies


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:])),
        ("gzip", gzip.compress(PAGE) + bytes(700)),
        ("deflate", zlib.compress(PAGE) + bytes(3)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", raw_deflate(PAGE)),
        ("identity", PAGE),
    ],
    ids=[
        "gzip",
        "x-gzip",
        "upper case",
        "two members",
        "padded",
        "padded deflate",
        "deflate",
        "raw deflate",
        "identity",
    ],
)
@pytest.mark.parametrize("way", ["length", "close", "chunked"])
def test_a_packed_body_is_unpacked(server: Scripted, coding: str, packed: bytes, way: str) -> None:
    framing = {"length": {"Content-Length": str(len(packed))}, "close": {}}
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    top = head(200, {"Content-Encoding": coding, **framing.get(way, {"Transfer-Encoding": "chunked"})})
    url = server.on("/", top + (chunked if way == "chunked" else packed))
    assert fetcher().get(url).body == PAGE


@pytest.mark.parametrize("packed", [gzip.compress(TEXT.encode()), zlib.compress(PAGE), raw_deflate(PAGE)])
def test_a_packed_body_may_come_byte_by_byte(server: Scripted, packed: bytes) -> None:
    def slowly(line: Line) -> None:
        line.send(head(200, {"Content-Encoding": "gzip" if packed[:2] == b"\x1f\x8b" else "deflate"}))
        line.drip([packed[:1], packed[1:2], packed[2:3]], every=0.02)
        line.send(packed[3:])

    assert TEXT.encode() in fetcher().get(server.on("/", slowly)).body


@pytest.mark.parametrize(("coding", "packer"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_bomb_is_too_large(server: Scripted, coding: str, packer: Callable[[bytes], bytes]) -> None:
    url = server.on("/", http(200, packer(bytes(64 << 20)), {"Content-Encoding": coding}))
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.TOO_LARGE


def test_what_is_packed_beyond_reason_is_too_large_whatever_the_limit(server: Scripted) -> None:
    url = server.on("/", http(200, gzip.compress(bytes(8 << 20)), {"Content-Encoding": "gzip"}))
    assert problem_of(lambda: fetcher(max_body=1 << 30).get(url)) is FetchProblem.TOO_LARGE


def test_what_is_received_counts_too_however_little_it_unpacks_to(server: Scripted) -> None:
    nothing = gzip.compress(b"") * 2000
    url = server.on("/", http(200, nothing, {"Content-Encoding": "gzip"}))
    assert fetcher(max_body=len(nothing)).get(url).body == b""
    assert problem_of(lambda: fetcher(max_body=len(nothing) - 1).get(url)) is FetchProblem.TOO_LARGE


def test_a_body_without_end_is_too_large(server: Scripted) -> None:
    def endless(line: Line) -> None:
        line.send(head(200, {"Transfer-Encoding": "chunked"}))
        while True:
            line.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    assert problem_of(lambda: fetcher().get(server.on("/", endless))) is FetchProblem.TOO_LARGE


def test_of_a_body_that_only_begins_to_be_wanted_the_rest_is_not_waited_for(server: Scripted) -> None:
    def stalls(line: Line) -> None:
        line.send(head(200, {"Content-Length": "9000"}) + bytes(5000))
        line.hold()

    def endless(line: Line) -> None:
        line.send(head(200, {}))
        while True:
            line.send(bytes(5000))

    for answer in (stalls, endless):
        assert fetcher(deadline=60.0).get(server.on("/", answer), first=4000).body == bytes(4000)
    cut = server.on("/cut", head(200, {"Content-Length": "9000"}) + bytes(3000))
    assert problem_of(lambda: fetcher().get(cut, first=4000)) is FetchProblem.TRUNCATED


@pytest.mark.parametrize("crumbs", ["chunks", "members"])
def test_a_body_in_crumbs_is_refused_before_it_has_cost_much(server: Scripted, crumbs: str) -> None:
    """Each piece takes work: a megabyte in pieces of a byte takes more of it than a hundred pages."""
    member = gzip.compress(b"")

    def endless(line: Line) -> None:
        line.send(head(200, {"Transfer-Encoding": "chunked", **coding}))
        with contextlib.suppress(OSError):
            while True:
                line.send(sent)

    coding = {"Content-Encoding": "gzip"} if crumbs == "members" else {}
    sent = (
        b"1\r\nx\r\n" * 10_000
        if crumbs == "chunks"
        else b"%x\r\n%b\r\n" % (len(member) * 3000, member * 3000)
    )
    fetch = fetcher(deadline=60.0, max_body=1 << 30)
    assert problem_of(lambda: fetch.get(server.on("/", endless))) is FetchProblem.PROTOCOL


def test_a_body_of_just_the_limit_is_let_through(server: Scripted) -> None:
    assert len(fetcher(max_body=5000).get(server.on("/", http(200, bytes(5000)))).body) == 5000
    over = server.on("/", http(200, bytes(5001)))
    assert problem_of(lambda: fetcher(max_body=5000).get(over)) is FetchProblem.TOO_LARGE


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"whatever"),
        ("zstd", b"(\xb5/\xfdwhatever"),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE))),
        ("\x1b[31m", PAGE),
        ("gzip", PAGE),
        ("deflate", PAGE),
        ("deflate", b"hello"),
        ("gzip", gzip.compress(PAGE) + b"and more"),
        ("gzip", gzip.compress(PAGE) + bytes(9) + b"and more"),
        ("deflate", zlib.compress(PAGE) + zlib.compress(PAGE)),
        ("deflate", raw_deflate(PAGE) + b"and more"),
        ("identity, gzip", gzip.compress(PAGE)),
        ("gzip", b"\x1f\x8b\x08\x00" + b"\xff" * 200),
    ],
)
def test_a_body_that_is_not_packed_as_asked_or_as_it_says_is_refused(
    server: Scripted, coding: str, body: bytes
) -> None:
    url = server.on("/", http(200, body, {"Content-Encoding": coding}))
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.BAD_ENCODING


def test_a_transfer_coding_that_was_not_asked_for_is_refused(server: Scripted) -> None:
    packed = gzip.compress(PAGE)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    url = server.on("/", head(200, {"Transfer-Encoding": "gzip, chunked"}) + body)
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.BAD_ENCODING


# ---------------------------------------------------------------------- cut short


CUT = {
    "gzip cut, no length": head(200, {"Content-Encoding": "gzip"}) + gzip.compress(PAGE)[:-20],
    "gzip without its checksum": head(200, {"Content-Encoding": "gzip"}) + gzip.compress(PAGE)[:-8],
    "deflate cut, no length": head(200, {"Content-Encoding": "deflate"}) + zlib.compress(PAGE)[:-20],
    "second member cut": head(200, {"Content-Encoding": "gzip"})
    + gzip.compress(PAGE)
    + gzip.compress(PAGE)[:-20],
    "shorter than promised": head(200, {"Content-Length": str(len(PAGE) + 1)}) + PAGE,
    "nothing of what was promised": head(200, {"Content-Length": "10"}),
    "chunk of less than nothing": head(200, {"Transfer-Encoding": "chunked"}) + b"-5\r\nhello\r\n0\r\n\r\n",
    "chunk cut": head(200, {"Transfer-Encoding": "chunked"}) + b"ff\r\nhello",
    "last chunk missing": head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n",
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT.keys())
def test_an_answer_that_was_cut_is_never_handed_on(server: Scripted, answer: bytes) -> None:
    assert problem_of(lambda: fetcher().get(server.on("/", answer))) is FetchProblem.TRUNCATED


# ---------------------------------------------------------------------- the deadline


def drip_body(line: Line) -> None:
    line.send(head(200, {"Content-Type": "text/html"}))
    line.drip(repeat(b"<p>more</p>"))


def drip_promised_body(line: Line) -> None:
    line.send(head(200, {"Content-Length": "100000"}))
    line.drip(repeat(b"x"))


def drip_chunks(line: Line) -> None:
    line.send(head(200, {"Transfer-Encoding": "chunked"}))
    line.drip(repeat(b"1\r\nx\r\n"))


def drip_headers(line: Line) -> None:
    line.send(b"HTTP/1.1 200 OK\r\n")
    line.drip(f"X-{n}: 1\r\n".encode() for n in range(1000))


def drip_one_header(line: Line) -> None:
    line.send(b"HTTP/1.1 200 OK\r\nX: ")
    line.drip(repeat(b"x"))


def drip_redirect(line: Line) -> None:
    line.send(b"HTTP/1.1 302 Found\r\nLocation: /page\r\n")
    line.drip(f"X-{n}: 1\r\n".encode() for n in range(1000))


def drip_gone(line: Line) -> None:
    line.send(b"HTTP/1.1 410 Gone\r\n")
    line.drip(repeat(b"X: 1\r\n"), every=0.15)


def go_on_and_on(line: Line) -> None:
    line.drip(repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), every=0.15)


def say_nothing(line: Line) -> None:
    line.hold()


SLOW = [
    drip_body, drip_promised_body, drip_chunks, drip_headers, drip_one_header, drip_redirect, drip_gone, go_on_and_on,
    say_nothing,
]  # fmt: skip


@pytest.mark.parametrize("script", SLOW)
def test_a_server_that_is_too_slow_ends_at_the_deadline(
    server: Scripted, script: Callable[[Line], None]
) -> None:
    server.on("/page", http(200, PAGE))
    url = server.on("/", script)
    assert problem_of(lambda: fetcher(deadline=0.5).get(url)) is FetchProblem.TIMEOUT


def test_a_secure_connection_that_is_never_made_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the call, and nobody speaks
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert problem_of(lambda: fetcher(deadline=0.5).get(url)) is FetchProblem.TIMEOUT


def test_addresses_that_do_not_answer_share_one_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(8)]
        for waiting in held:
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))  # the queue is full now: who connects later is not heard

        def eight_answers(name: str, port: int, timeout: float) -> list[Answer]:
            return [(socket.AF_INET, ("127.0.0.1", port))] * 8

        started = time.monotonic()
        home = Guard(["127.0.0.1"], resolve=eight_answers)
        found = problem_of(lambda: fetcher(home, deadline=1.0).get(f"http://news.example:{port}/"))
        for waiting in held:
            waiting.close()
    assert found in (FetchProblem.CONNECT, FetchProblem.TIMEOUT)
    assert time.monotonic() - started < 4


# ---------------------------------------------------------------------- no answer at all


def test_a_closed_port_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert problem_of(lambda: fetcher().get(f"http://127.0.0.1:{port}/")) is FetchProblem.CONNECT


def test_a_name_that_nobody_knows_is_a_dns_problem() -> None:
    def unknown(name: str, port: int, timeout: float) -> list[Answer]:
        raise FetchError(FetchProblem.DNS, f"The name {name} cannot be looked up.")

    found = problem_of(lambda: fetcher(Guard(resolve=unknown)).get("http://nowhere.example/"))
    assert found is FetchProblem.DNS


NOT_HTTP = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a page without a head": PAGE,
    "noise": bytes(range(256)) * 4,
    "no status": b"HTTP/1.1 \r\n\r\n",
    "status 0": b"HTTP/1.1 000 OK\r\n\r\n",
    "a header of 200 KB": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\nx",
    "500 headers": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 500 + b"\r\nx",
    "100 continues": b"HTTP/1.1 100 Continue\r\n\r\n" * 100 + http(200, PAGE),
    "100 early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100 + http(200, PAGE),
    "an early hint without end": b"HTTP/1.1 103 Early Hints\r\n" + b"Link: </a>\r\n" * 500,
    "another protocol, offered": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nx",
    "50 headers of 4 KB": b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"a" * 4000 + b"\r\n") * 50 + b"\r\nx",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: long\r\n\r\nabc",
    "a length below nothing": b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
}


def test_interim_answers_are_passed_over(server: Scripted) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    url = server.on("/", b"HTTP/1.1 100 Continue\r\n\r\n" + early * 2 + http(200, PAGE))
    response = fetcher().get(url)
    assert (response.status, response.body, response.header("link")) == (200, PAGE, None)


@pytest.mark.parametrize("answer", NOT_HTTP.values(), ids=NOT_HTTP.keys())
def test_what_is_not_http_is_a_protocol_problem(server: Scripted, answer: bytes) -> None:
    assert problem_of(lambda: fetcher().get(server.on("/", answer))) is FetchProblem.PROTOCOL


def test_a_plain_server_makes_no_secure_connection(server: Scripted) -> None:
    url = server.url("/").replace("http:", "https:")
    assert problem_of(lambda: fetcher().get(url)) is FetchProblem.TLS


# ---------------------------------------------------------------------- what the environment says


def test_proxies_and_netrc_of_the_environment_are_ignored(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login planted password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with Scripted() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert fetcher().get(server.on("/", http(200, PAGE))).body == PAGE
        assert proxy.requests == []
    assert "authorization" not in server.requests[0].headers


def open_files() -> int:
    return len(os.listdir("/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"))


def test_no_socket_is_left_open(server: Scripted) -> None:
    server.on("/page", http(200, PAGE))
    server.on("/moved", redirect("/page"))
    server.on("/packed", http(200, b"x", {"Content-Encoding": "br"}))
    server.on("/cut", CUT["chunk cut"])
    server.on("/big", http(200, bytes(20_000)))
    one = fetcher(max_body=10_000)
    before = open_files()
    for _ in range(10):
        one.get(server.url("/page"))
        one.get(server.url("/moved"))
        for path in ("/packed", "/cut", "/big"):
            problem_of(lambda path=path: one.get(server.url(path)))  # type: ignore[misc]
    ends = time.monotonic() + 5
    while open_files() > before and time.monotonic() < ends:
        time.sleep(0.05)  # the server's own ends close a moment later
    assert open_files() <= before


# ---------------------------------------------------------------------- post


def test_a_post_carries_its_body_and_does_not_follow_a_redirect(server: Scripted) -> None:
    url = server.on("/hook", redirect("/elsewhere", 307))
    response = fetcher().post(url, b'{"a": 1}', {"Content-Type": "application/json"})
    assert (response.status, response.final_url) == (307, url)
    (request,) = server.requests
    assert (request.method, request.body) == ("POST", b'{"a": 1}')
    assert request.headers["content-type"] == "application/json"


def test_of_an_answer_to_a_post_only_its_head_may_be_wanted(server: Scripted) -> None:
    def endless(line: Line) -> None:
        line.send(head(200, {"Content-Encoding": "br"}))
        line.drip(repeat(b"x"))

    response = fetcher().post(server.on("/hook", endless), b"{}", {}, max_answer=None)
    assert (response.status, response.body) == (200, b"")
    big = server.on("/big", http(200, bytes(2000)))
    assert problem_of(lambda: fetcher().post(big, b"{}", {}, max_answer=1000)) is FetchProblem.TOO_LARGE


def test_a_post_goes_through_the_same_guard(server: Scripted) -> None:
    found = problem_of(lambda: fetcher(Guard()).post(server.on("/hook", http()), b"", {}))
    assert found is FetchProblem.REFUSED_ADDRESS
    assert problem_of(lambda: fetcher().post("file:///etc/passwd", b"", {})) is FetchProblem.BAD_REDIRECT
    assert server.requests == []


# ---------------------------------------------------------------------- Retry-After


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("99999999", MAX_RETRY_AFTER),
        ("9" * 6000, MAX_RETRY_AFTER),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("99 Foo 9999 00:00:00 GMT", None),
        ("Sun, 01 Mar 2026 13:00:00", None),
    ],
)
def test_retry_after_is_read_or_ignored_and_never_more_than_a_day(value: str, wait: timedelta | None) -> None:
    assert retry_after((("Content-Type", "text/html"), ("RETRY-AFTER", value)), NOW) == wait


def test_without_the_header_nobody_asked_us_to_wait() -> None:
    assert retry_after((), NOW) is None


@given(st.text())
def test_no_retry_after_raises_or_asks_for_more_than_a_day(value: str) -> None:
    wait = retry_after((("Retry-After", value),), NOW)
    assert wait is None or timedelta(0) <= wait <= MAX_RETRY_AFTER


# ---------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://example.com/a?b=c#d",
        "HTTP://EXAMPLE.COM/",
        "http://example.com:8080/",
        "http://[2001:db8::1]:8080/",
        "http://example.com/ö",
        "https://www.süddeutsche.example/artikel",
        "http://example.com./",
        "http://example.com/" + "x" * 2000,
    ],
)
def test_a_web_address_is_in_order(url: str) -> None:
    assert url_trouble(url) is None
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "/relative",
        "file:///etc/passwd",
        "file:/etc/passwd",
        "file:x",
        "FILE:///x",
        " file://x",
        "file://localhost/x",
        "source:file:///x",
        "gopher://example.com/",
        "ftp://example.com/",
        "data:text/html,x",
        "javascript:alert(1)",
        "JaVa\tScript:alert(1)",
        "vbscript:x",
        "http://127.0.0.1\\@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http://example.com:80@127.0.0.1/",
        "http://example.com@[::1]/",
        "http://:@127.0.0.1/",
        "http://@127.0.0.1/",
        "http:///127.0.0.1",
        "http:127.0.0.1",
        "http:\\\\127.0.0.1\\",
        "http://exa\tmple.com/",
        "http://exa\nmple.com/",
        "http://exa mple.com/",
        "http://exa\u00admple.com/",
        "http://example.com/\r\nX: y",
        "http://example.com/\x00",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:http/",
        "http://127.0.0.1%20/",
        "http://%31%32%37.0.0.1/",
        "http://[fe80::1%25lo]/",
        "http://[::1",
        "http://[",
        "http://[not-an-address]/",
        "http://",
        "http://:80/",
        "http://example.com/" + "x" * 2048,
    ],
)
def test_what_two_parsers_could_read_in_two_ways_is_no_web_address(url: str) -> None:
    trouble = url_trouble(url)
    assert trouble
    assert problem_of(lambda: fetcher(Guard(["127.0.0.1", "::1"])).get(url)) is FetchProblem.BAD_REDIRECT


@pytest.mark.parametrize("url", ["http://127.0.0.1?@example.com/", "http://127.0.0.1#@example.com/"])
def test_where_parsers_agree_the_guard_judges_what_they_agree_on(url: str) -> None:
    assert problem_of(lambda: fetcher(Guard()).get(url)) is FetchProblem.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "url", ["http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127.0.0.1%00.example.com/"]
)
def test_a_disguised_loopback_address_is_refused(url: str) -> None:
    found = problem_of(lambda: fetcher(Guard()).get(url))
    assert found in (FetchProblem.BAD_REDIRECT, FetchProblem.REFUSED_ADDRESS)


@given(st.text(max_size=60))
def test_no_text_is_an_address_that_raises_anything_but_trouble(text: str) -> None:
    url_trouble(f"http://{text}")
    url_trouble(text)
