"""The room's promises: large bodies are counted for as long as they live, and small ones never wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import repeat

import pytest

from monitor.errors import FetchError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.room import LARGE, Room
from storage.records import FetchProblem
from tests.servers import Line, Scripted, head, http

PLACES = 2


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


def fetcher(server: Scripted, deadline: float = 10.0) -> Fetcher:
    made = Fetcher(Guard([server.host]), user_agent="Writethru/test", deadline=deadline)
    made._room = Room(PLACES)
    return made


def large(server: Scripted) -> str:
    return server.on("/large", http(200, b"x" * (LARGE + 1)))


def test_a_large_body_waits_until_another_is_gone(server: Scripted) -> None:
    url, fetch = large(server), fetcher(server)
    held = [fetch.get(url) for _ in range(PLACES)]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(fetch.get, url)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        held.pop()
        assert len(waiting.result(10).body) == LARGE + 1


def test_a_large_body_that_gets_no_place_in_time_is_a_timeout(server: Scripted) -> None:
    url, fetch = large(server), fetcher(server, deadline=0.5)
    held = [fetch.get(url) for _ in range(PLACES)]
    with pytest.raises(FetchError) as caught:
        fetch.get(url)
    assert (caught.value.problem, caught.value.transient) == (FetchProblem.TIMEOUT, True)
    del held[:]
    assert fetch.get(url).status == 200


def test_a_small_body_never_waits(server: Scripted) -> None:
    url, fetch = large(server), fetcher(server)
    held = [fetch.get(url) for _ in range(PLACES)]
    small = server.on("/small", http(200, b"x" * LARGE))
    assert [len(fetch.get(small).body) for _ in range(2 * PLACES)] == [LARGE] * 2 * PLACES
    assert len(held) == PLACES


@pytest.mark.parametrize(
    "answer", [http(200, b"x" * (3 * LARGE)), http(200, b"x" * (2 * LARGE))[:-5]], ids=["too large", "cut"]
)
def test_a_large_body_that_is_none_gives_its_place_back(server: Scripted, answer: bytes) -> None:
    fetch = fetcher(server)
    fetch._max_body = 2 * LARGE
    url = server.on("/bad", answer)
    for _ in range(2 * PLACES):
        with pytest.raises(FetchError):
            fetch.get(url)
    assert len([fetch.get(large(server)) for _ in range(PLACES)]) == PLACES


def test_however_many_ask_no_more_are_held_at_once(server: Scripted) -> None:
    url, fetch = large(server), fetcher(server, deadline=30.0)
    lock, held, most = threading.Lock(), 0, 0

    def look() -> None:
        nonlocal held, most
        answer = fetch.get(url)
        with lock:
            held += 1
            most = max(most, held)
        with lock:
            held -= 1
        del answer

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: look(), range(40)))
    assert most <= PLACES
    assert len(server.asked) == 40


def test_who_is_slow_to_fill_a_place_loses_it_to_whoever_waits(server: Scripted) -> None:
    def slow(line: Line) -> None:
        line.send(head(200, {"Content-Length": str(8 * LARGE)}) + b"x" * (LARGE + 1))
        with suppress(OSError):
            line.drip(repeat(b"x"))

    fetch, drip, url = fetcher(server, deadline=60.0), server.on("/slow", slow), large(server)
    with ThreadPoolExecutor(PLACES) as pool:
        dripping = [pool.submit(fetch.get, drip) for _ in range(PLACES)]
        while len(fetch._room._coming) < PLACES:
            time.sleep(0.05)
        kept = [fetch.get(url) for _ in range(PLACES)]  # each in the place of one of them
        for each in dripping:
            with pytest.raises(FetchError, match="others had to wait") as caught:
                each.result()
            assert (caught.value.problem, caught.value.transient) == (FetchProblem.TIMEOUT, True)
    assert [len(each.body) for each in kept] == [LARGE + 1] * PLACES
