"""The promises of the browser's only way out: what it lets through, for whom, and how it ends."""

from __future__ import annotations

import base64
import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from monitor import config
from monitor.browser.proxy import Load, Proxy
from monitor.guard import Answer, Guard
from monitor.tunnel import way_out
from storage.records import FetchProblem
from tests.connectproxy import ConnectProxy
from tests.servers import Line, Scripted, head, http

PATIENCE = 5.0
ENOUGH = 1 << 20


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@pytest.fixture
def proxy(server: Scripted) -> Iterator[Proxy]:
    proxy = Proxy(Guard([server.host]).connect)
    yield proxy
    proxy.close()


def dialled(proxy: Proxy) -> socket.socket:
    name, _, port = proxy.address.removeprefix("http://").rpartition(":")
    return socket.create_connection((name, int(port)), timeout=PATIENCE)


def asked(proxy: Proxy, load: Load | None, line: str, *more: str, body: bytes = b"") -> bytes:
    """All that the proxy says to that request until it hangs up."""
    secret = [f"Proxy-Authorization: Basic {load.credentials}"] if load else []
    with dialled(proxy) as line_to:
        line_to.sendall("\r\n".join([line, *secret, *more, "", ""]).encode() + body)
        return everything(line_to)


def everything(line: socket.socket) -> bytes:
    received = b""
    while more := line.recv(65536):
        received += more
    return received


# ---------------------------------------------------------------------- for whom


def test_who_has_no_secret_gets_nothing(server: Scripted, proxy: Proxy) -> None:
    guess = "Proxy-Authorization: Basic " + base64.b64encode(b"page:guess").decode()
    with proxy.load(ENOUGH):
        for words in ([], [guess]):
            assert asked(proxy, None, f"GET {server.url('/a')} HTTP/1.1", *words).startswith(b"HTTP/1.1 407 ")
            assert asked(proxy, None, f"CONNECT {server.host} HTTP/1.1", *words).startswith(b"HTTP/1.1 407 ")
    assert server.requests == []


def test_a_secret_is_good_for_one_load_alone(server: Scripted, proxy: Proxy) -> None:
    server.on("/a", http(200, b"here"))
    with proxy.load(ENOUGH) as load:
        assert asked(proxy, load, f"GET {server.url('/a')} HTTP/1.1").endswith(b"here")
    assert asked(proxy, load, f"GET {server.url('/a')} HTTP/1.1").startswith(b"HTTP/1.1 407 ")
    assert server.asked == ["/a"]


# ---------------------------------------------------------------------- what goes through


def test_the_server_hears_nothing_of_the_proxy(server: Scripted, proxy: Proxy) -> None:
    server.on("/a?b=c", http(200, b"here"))
    with proxy.load(ENOUGH) as load:
        words = ("Host: other.example", "Proxy-Connection: keep-alive", "User-Agent: us")
        asked(proxy, load, f"GET {server.url('/a?b=c')} HTTP/1.1", *words)
    (request,) = server.requests
    assert request.target == "/a?b=c"
    assert request.headers == {"host": server.host, "user-agent": "us", "connection": "close"}


def test_what_follows_a_request_goes_to_nobody(server: Scripted, proxy: Proxy) -> None:
    """A second request on the same connection may be for another host, and carries the secret."""

    def stay(line: Line) -> None:
        line.send(head(200, {"Content-Length": "2", "Connection": "keep-alive"}) + b"ok")
        heard.append(line._connection.recv(65536))

    heard: list[bytes] = []
    server.on("/a", stay)
    with proxy.load(ENOUGH) as load, dialled(proxy) as line:
        secret = f"Proxy-Authorization: Basic {load.credentials}\r\n\r\n"
        first = f"POST {server.url('/a')} HTTP/1.1\r\nContent-Length: 0\r\n{secret}"
        second = f"GET http://elsewhere.example/ HTTP/1.1\r\n{secret}"
        line.sendall((first + second).encode())
        answer = line.recv(65536)
        assert answer.endswith(b"ok")
        assert b"Connection: close" in answer
        assert b"keep-alive" not in answer
        line.sendall(second.encode())
        time.sleep(0.3)
    assert all(not said for said in heard)


def test_a_body_is_passed_on_whole(server: Scripted, proxy: Proxy) -> None:
    server.on("/a", http(200, b"thanks"))
    sent = bytes(range(256)) * 1000
    with proxy.load(ENOUGH) as load:
        asked(proxy, load, f"POST {server.url('/a')} HTTP/1.1", f"Content-Length: {len(sent)}", body=sent)
    assert server.requests[0].body == sent


def test_a_tunnel_carries_both_ways(server: Scripted, proxy: Proxy) -> None:
    server.on("/a", http(200, b"here"))
    with proxy.load(ENOUGH) as load, dialled(proxy) as line:
        line.sendall(
            f"CONNECT {server.host} HTTP/1.1\r\nProxy-Authorization: Basic {load.credentials}\r\n\r\n".encode()
        )
        assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        line.sendall(b"GET /a HTTP/1.1\r\n\r\n")
        assert everything(line).endswith(b"here")
    assert server.asked == ["/a"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("GET http://127.0.0.2:99/ HTTP/1.1", FetchProblem.REFUSED_ADDRESS),
        ("CONNECT [::1]:443 HTTP/1.1", FetchProblem.REFUSED_ADDRESS),
        ("CONNECT 0x7f.1:443 HTTP/1.1", FetchProblem.REFUSED_ADDRESS),
        ("GET ftp://127.0.0.1/ HTTP/1.1", FetchProblem.BAD_REDIRECT),
        ("GET https://127.0.0.1/ HTTP/1.1", FetchProblem.BAD_REDIRECT),
        ("GET file:///etc/passwd HTTP/1.1", FetchProblem.BAD_REDIRECT),
        ("GET http://a@127.0.0.1/ HTTP/1.1", FetchProblem.BAD_REDIRECT),
        ("CONNECT /etc/passwd HTTP/1.1", FetchProblem.BAD_REDIRECT),
    ],
)
def test_what_is_refused_is_noted_by_what_was_asked(proxy: Proxy, line: str, problem: FetchProblem) -> None:
    with proxy.load(ENOUGH) as load:
        answer = asked(proxy, load, line)
    assert answer.startswith(
        b"HTTP/1.1 403 " if problem is FetchProblem.REFUSED_ADDRESS else b"HTTP/1.1 502 "
    )
    assert {target: error.problem for target, error in load.failures.items()} == {line.split()[1]: problem}


@pytest.mark.parametrize(
    "said", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01" * 30, b"GET /" + b"a" * 70_000]
)
def test_what_is_no_request_is_hung_up_on(proxy: Proxy, said: bytes) -> None:
    with dialled(proxy) as line:
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):  # it did not read all of it
            assert everything(line) == b""


# ---------------------------------------------------------------------- how it ends


def test_an_answer_that_breaks_off_is_not_made_to_look_whole(server: Scripted, proxy: Proxy) -> None:
    def break_off(line: Line) -> None:
        line.send(head(200, {"Content-Type": "text/html"}) + b"<p>half")
        line._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    server.on("/a", break_off)
    with proxy.load(ENOUGH) as load, pytest.raises(ConnectionResetError):
        asked(proxy, load, f"GET {server.url('/a')} HTTP/1.1")


def test_what_is_beyond_the_allowance_does_not_come(server: Scripted, proxy: Proxy) -> None:
    server.on("/a", http(200, b"x" * (4 << 20)))
    with proxy.load(ENOUGH) as load:
        received = b""
        with dialled(proxy) as line, contextlib.suppress(ConnectionResetError):
            line.sendall(
                f"GET {server.url('/a')} HTTP/1.1\r\nProxy-Authorization: Basic {load.credentials}\r\n\r\n".encode()
            )
            while more := line.recv(65536):
                received += more
        assert load.is_over
        assert len(received) <= ENOUGH
        with pytest.raises(ConnectionResetError):
            asked(proxy, load, f"GET {server.url('/a')} HTTP/1.1")
    assert len(server.requests) == 1


def test_the_end_of_a_load_is_the_end_of_its_sockets(server: Scripted, proxy: Proxy) -> None:
    ended: list[bool] = []

    def wait(line: Line) -> None:
        line.hold()
        ended.append(True)

    server.on("/a", wait)
    line = dialled(proxy)
    with line:
        with proxy.load(ENOUGH) as load:
            line.sendall(
                f"GET {server.url('/a')} HTTP/1.1\r\nProxy-Authorization: Basic {load.credentials}\r\n\r\n".encode()
            )
            while not server.requests:
                time.sleep(0.01)
        with contextlib.suppress(ConnectionResetError):
            assert everything(line) == b""
    until = time.monotonic() + PATIENCE
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended


def test_the_browsers_own_errands_are_not_run(proxy: Proxy) -> None:
    with proxy.load(ENOUGH) as load:
        for line in (
            "GET http://connectivitycheck.gstatic.com/generate_204 HTTP/1.1",
            "CONNECT clients3.google.com:443 HTTP/1.1",
        ):
            assert asked(proxy, load, line).startswith(b"HTTP/1.1 502 ")
        assert all("errand" in str(failure) for failure in load.failures.values())


# ---------------------------------------------------------------------- through another proxy


def test_where_pages_go_through_a_proxy_the_browsers_do_too(server: Scripted) -> None:
    def resolve(_name: str, port: int, _timeout: float) -> list[Answer]:
        return [(socket.AF_INET, ("93.184.216.34", port))]

    server.on("/a", http(200, b"here"))
    with ConnectProxy(server.port) as outer:
        way = way_out(Guard(resolve=resolve), config.Proxy(host="127.0.0.1", port=outer.port))
        inner = Proxy(way)
        with inner.load(ENOUGH) as load:
            assert asked(inner, load, "GET http://news.example/a HTTP/1.1").endswith(b"here")
        inner.close()
    assert outer.asked == ["93.184.216.34:80"]


def test_addresses_longer_than_any_page_has_are_refused_and_not_kept(proxy: Proxy) -> None:
    with proxy.load(ENOUGH) as load:
        said = asked(proxy, load, f"GET http://page.example/{'a' * 50_000} HTTP/1.1")
    assert said.startswith(b"HTTP/1.1 502")
    assert load.failures == {}
