"""Connections that are kept for a host: one is enough for many requests, and it tells nobody's secrets."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator

import pytest

from monitor.adapter import GuardedAdapter
from monitor.errors import FetchError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.kept import Kept
from storage.records import FetchProblem
from tests.servers import STAYS, Line, Scripted, head, http


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/", http(200, "a page", STAYS))
        yield running


def fetcher(deadline: float = 5.0) -> Fetcher:
    return Fetcher(Guard(["127.0.0.1"]), user_agent="Writethru/test", deadline=deadline)


def test_one_connection_serves_many_requests(server: Scripted) -> None:
    server.on("/304", head(304, STAYS))
    one = fetcher()
    for path in ("/", "/304", "/"):
        one.get(server.url(path))
    assert server.connections == [1, 1, 1]


def test_a_connection_that_the_server_has_ended_is_replaced_and_nothing_is_asked_twice(
    server: Scripted,
) -> None:
    one = fetcher()
    for _ in range(3):
        assert one.get(server.url()).body == b"a page"
        server.hang_up()
    assert server.connections == [1, 2, 3]


def test_a_server_that_hangs_up_on_a_request_is_asked_again_over_a_new_connection(server: Scripted) -> None:
    """What it may have seen of the request counts as one: where an interval is owed, the next waits for it."""

    def hang_up(line: Line) -> None:
        pass

    server.on("/b", hang_up, http(200, "a page", STAYS))
    one = fetcher()
    one.get(server.url())
    asked = one.errand(server.url("/b"))
    again = one.go(asked, lambda _: False)
    assert not hasattr(again, "status")
    assert server.asked == ["/", "/b"]
    assert one.get(server.url("/b")).body == b"a page"
    assert server.connections == [1, 1, 2]


def test_a_server_that_hangs_up_on_a_new_connection_has_failed(server: Scripted) -> None:
    server.on("/b", lambda _: None)
    with pytest.raises(FetchError) as caught:
        fetcher().get(server.url("/b"))
    assert caught.value.problem in (FetchProblem.PROTOCOL, FetchProblem.CONNECT)
    assert server.asked == ["/b"]


def test_what_was_not_read_to_its_end_is_not_in_the_next_answer(server: Scripted) -> None:
    server.on("/long", http(200, b"x" * 100_000, STAYS))
    one = fetcher()
    assert one.get(server.url("/long"), first=10).body == b"x" * 10
    assert one.get(server.url()).body == b"a page"
    assert server.connections == [1, 2]


def test_what_was_sent_too_much_is_not_in_the_next_answer(server: Scripted) -> None:
    server.on("/more", http(200, "a page", STAYS) + http(200, "for somebody else" * 10_000, STAYS))
    one = fetcher()
    one.get(server.url("/more"))
    assert one.get(server.url()).body == b"a page"


def test_a_sources_own_headers_go_over_a_connection_of_their_own(server: Scripted) -> None:
    one = fetcher()
    for session in (None, "ada", "bob", "ada", None):
        one.get(server.url(), headers={"Cookie": session} if session else None)
    assert server.connections == [1, 2, 3, 2, 1]
    assert [request.headers.get("cookie") for request in server.requests] == [None, "ada", "bob", "ada", None]


def test_each_connection_was_let_through_by_the_guard_that_is_asked_now(server: Scripted) -> None:
    fetcher().get(server.url())
    with pytest.raises(FetchError) as caught:
        Fetcher(Guard(), user_agent="test").get(server.url())
    assert caught.value.problem is FetchProblem.REFUSED_ADDRESS
    assert len(server.requests) == 1


def test_the_deadline_ends_a_kept_connection_as_well(server: Scripted) -> None:
    server.on("/slow", lambda line: line.hold())
    one = fetcher(deadline=0.5)
    one.get(server.url())
    with pytest.raises(FetchError) as caught:
        one.get(server.url("/slow"))
    assert caught.value.problem is FetchProblem.TIMEOUT
    assert server.connections == [1, 1]


def test_a_fetcher_that_is_gone_leaves_no_connection_open(server: Scripted) -> None:
    gone = threading.Event()

    def watch(line: Line) -> None:
        line.send(http(200, "a page", STAYS))
        line.hold()
        gone.set()

    server.on("/", watch)
    one = fetcher()
    one.get(server.url())
    assert not gone.is_set()
    del one
    gc.collect()
    assert gone.wait(5)


# ---------------------------------------------------------------------- how many, and for how long


class Idle(GuardedAdapter):
    """An adapter that says whether it was closed."""

    def __init__(self) -> None:
        super().__init__(socket.create_connection)
        self.closed = False

    def close(self) -> None:
        self.closed = True
        super().close()


def test_few_are_kept_and_not_for_long() -> None:
    now = 0.0
    kept = Kept(2, 60.0, lambda: now)
    lines = [("http", f"{name}.example", frozenset[tuple[str, str]]()) for name in "abc"]
    first, second, third = (Idle() for _ in lines)
    for line, adapter in zip(lines, (first, second, third), strict=True):
        now += 10
        kept.keep(line, adapter)
    assert (first.closed, second.closed, third.closed) == (True, False, False)
    assert kept.take(lines[0]) is None
    assert kept.take(lines[2]) is third
    assert kept.take(lines[2]) is None
    now = 81.0
    kept.tidy()
    assert second.closed
    assert not third.closed


def test_of_two_for_the_same_use_the_later_stays() -> None:
    kept, line = Kept(), ("http", "a.example", frozenset[tuple[str, str]]())
    first, second = Idle(), Idle()
    kept.keep(line, first)
    kept.keep(line, second)
    assert (first.closed, kept.take(line)) == (True, second)
