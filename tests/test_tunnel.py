"""Through a proxy: the promises that hold without one hold, and the proxy learns no more than an address."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from monitor.config import Proxy
from monitor.errors import FetchError
from monitor.fetch import Fetcher
from monitor.guard import Answer, Guard
from storage.records import FetchProblem, Response
from tests.connectproxy import ConnectProxy
from tests.servers import Line, Scripted, http, redirect

PUBLIC, ANOTHER = "93.184.216.34", "2606:4700:4700::1111"


def resolve(name: str, port: int, timeout: float) -> list[Answer]:
    """Every name is public and has two addresses, but for one."""
    if name == "inside.example":
        return [(socket.AF_INET, ("10.0.0.1", port))]
    return [(socket.AF_INET, (PUBLIC, port)), (socket.AF_INET6, (ANOTHER, port))]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/story", http(200, b"a story"))
        yield running


@pytest.fixture
def proxy(server: Scripted) -> Iterator[ConnectProxy]:
    with ConnectProxy(server.port) as running:
        yield running


def through(port: int, *, login: str | None = None, deadline: float = 5.0) -> Fetcher:
    guard = Guard(resolve=resolve)
    way = Proxy(host="127.0.0.1", port=port, login=login)
    return Fetcher(guard, user_agent="Writethru/test", deadline=deadline, proxy=way)


def problem_of(ask: Callable[[], Response]) -> FetchError:
    with pytest.raises(FetchError) as caught:
        ask()
    assert str(caught.value).endswith(".")
    return caught.value


def test_a_page_comes_through_the_proxy_which_is_told_an_address_and_no_name(
    server: Scripted, proxy: ConnectProxy
) -> None:
    answer = through(proxy.port).get("http://news.example/story")
    assert answer.body == b"a story"
    assert proxy.asked == [f"{PUBLIC}:80"]
    assert "news.example" not in proxy.heads[0]
    assert server.requests[0].headers["host"] == "news.example"


def test_the_login_is_for_the_proxy_alone(server: Scripted, proxy: ConnectProxy) -> None:
    through(proxy.port, login="reader:pass word").get("http://news.example/story")
    expected = base64.b64encode(b"reader:pass word").decode()
    assert f"Proxy-Authorization: Basic {expected}\r\n" in proxy.heads[0]
    assert "proxy-authorization" not in server.requests[0].headers


def test_each_redirect_has_a_tunnel_of_its_own(server: Scripted, proxy: ConnectProxy) -> None:
    server.on("/moved", redirect("http://other.example:8080/story"))
    assert through(proxy.port).get("http://news.example/moved").body == b"a story"
    assert proxy.asked == [f"{PUBLIC}:80", f"{PUBLIC}:8080"]


def test_https_goes_through_the_tunnel_as_it_is(server: Scripted, proxy: ConnectProxy) -> None:
    error = problem_of(lambda: through(proxy.port).get("https://news.example/story"))
    assert error.problem is FetchProblem.TLS, "what is behind speaks no TLS"
    assert proxy.asked == [f"{PUBLIC}:443"]
    assert server.requests == [], "and was asked nothing in plain text"


@pytest.mark.parametrize("host", ["inside.example", "10.0.0.1", "127.0.0.1", "[::1]", "169.254.169.254"])
def test_what_is_refused_is_refused_before_the_proxy_hears_of_it(host: str, proxy: ConnectProxy) -> None:
    guard = Guard(resolve=resolve if host == "inside.example" else None)
    way = Proxy(host="127.0.0.1", port=proxy.port)
    error = problem_of(lambda: Fetcher(guard, user_agent="test", proxy=way).get(f"http://{host}/"))
    assert error.problem is FetchProblem.REFUSED_ADDRESS
    assert proxy.heads == []


def test_the_proxy_itself_is_open_to_no_page(proxy: ConnectProxy) -> None:
    way = Proxy(host="127.0.0.1", port=proxy.port)
    ask = Fetcher(Guard(), user_agent="test", proxy=way).get
    assert problem_of(lambda: ask(f"http://127.0.0.1:{proxy.port}/")).problem is FetchProblem.REFUSED_ADDRESS
    assert proxy.heads == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it answered 407"),
        (b"HTTP/1.0 502 Bad\r\n\r\n", "it answered 502"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "it does not speak HTTP"),
        (b"HTTP/1.1 ok\r\n\r\n", "it does not speak HTTP"),
        (b"HTTP/1.1 200", "it gave no answer"),
        (b"HTTP/1.1 403 No\r\nX: " + b"x" * 20_000, "it gave no answer"),
    ],
)
def test_a_proxy_that_does_not_let_us_through_is_named_without_its_login(
    server: Scripted, answer: bytes, said: str
) -> None:
    with ConnectProxy(server.port, answer) as proxy:
        ask = through(proxy.port, login="reader:hidden").get
        error = problem_of(lambda: ask("http://news.example/story"))
    assert error.problem is FetchProblem.CONNECT
    assert said in str(error)
    assert "hidden" not in str(error)
    if b" 20" not in answer:
        assert proxy.asked == [f"{PUBLIC}:80", f"[{ANOTHER}]:80"], "each address is tried"


def test_a_proxy_that_is_not_there_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = problem_of(lambda: through(port).get("http://news.example/story"))
    assert error.problem is FetchProblem.CONNECT


def test_a_proxy_that_never_ends_its_answer_ends_at_the_deadline() -> None:
    def drip(line: Line) -> None:
        line.send(b"HTTP/1.1 200 ")
        line.drip(repeat(b"x"))

    with Scripted() as slow:
        slow.on(f"{PUBLIC}:80", drip)
        error = problem_of(lambda: through(slow.port, deadline=0.5).get("http://news.example/story"))
    assert error.problem is FetchProblem.TIMEOUT
