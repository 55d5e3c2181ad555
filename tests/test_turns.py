"""The promises of giving out turns: nobody is given what another has, nothing that was left is lost, and those who
come together go to the database once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.turns import Left, Turns
from storage.records import Host
from storage.store import Store
from storage.watchlist import Release, Turn
from tests.test_store import NOW, at, watched
from tests.test_watchlist import LEASE, SPACING, host_of

SITES = [f"https://host{number}.example/" for number in range(12)]


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


class Desk:
    """An exchange with a real watch list, which can be out of order or be held up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[tuple[int, int]] = []
        self.works = True
        self.now = NOW
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.second = 100.0
        self.turns = Turns(self.exchange, lambda: self.second)

    def exchange(self, left: Sequence[Left], most: int, slow: bool) -> Sequence[Turn] | None:
        self.goes_on.wait(20)
        self.asked.append((len(left), most))
        if not self.works:
            return None
        given = [
            Release(host=each.host, worker="a", free_at=self.now + each.rest_at(self.second)) for each in left
        ]
        return self.store.watchlist.claim_hosts(self.now, "a", LEASE, most, troubled=slow, releases=given)

    def leave(self, host: Host) -> None:
        self.turns.leave(host, SPACING)


def until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.005)


# ---------------------------------------------------------------------- many in one transaction


def test_turns_are_claimed_together_those_that_waited_longest_first(store: Store) -> None:
    watched(store, *SITES)
    turns = store.watchlist.claim_hosts(NOW, "a", LEASE, 5)
    assert [turn.host.name for turn in turns] == [f"host{number}.example" for number in range(5)]
    assert [turn.article_id for turn in turns] == [1, 2, 3, 4, 5]
    rest = store.watchlist.claim_hosts(NOW, "b", LEASE, 50)
    assert [turn.article_id for turn in rest] == [*range(6, 13)]
    assert store.watchlist.claim_hosts(NOW, "c", LEASE, 50) == []


def test_a_host_given_back_comes_when_its_rest_is_over_and_not_with_the_same_exchange(store: Store) -> None:
    watched(store, SITES[0])
    (turn,) = store.watchlist.claim_hosts(NOW, "a", LEASE, 1)
    left = [Release(host=turn.host, worker="a", free_at=NOW + SPACING)]
    assert store.watchlist.claim_hosts(NOW, "a", LEASE, 1, releases=left) == []
    assert [t.host.id for t in store.watchlist.claim_hosts(at(5), "a", LEASE, 1)] == [turn.host.id]


def test_of_many_given_back_at_once_those_that_others_hold_now_are_left(store: Store) -> None:
    watched(store, *SITES[:3])
    turns = store.watchlist.claim_hosts(NOW, "dead", LEASE, 3)
    after = NOW + LEASE + timedelta(seconds=1)
    (taken,) = store.watchlist.claim_hosts(after, "b", LEASE, 1)
    store.watchlist.release_hosts([Release(host=t.host, worker="dead", free_at=after) for t in turns])
    free = {turn.host.name for turn in store.watchlist.claim_hosts(after, "c", LEASE, 3)}
    assert free == {turn.host.name for turn in turns} - {taken.host.name}


def test_hosts_are_given_back_with_the_troubles_of_their_last_visit(store: Store) -> None:
    watched(store, *SITES[:2])
    turns = store.watchlist.claim_hosts(NOW, "a", LEASE, 2, troubled=False)
    left = [
        Release(host=replace(turn.host, troubles=number), worker="a", free_at=NOW)
        for number, turn in enumerate(turns)
    ]
    slow = store.watchlist.claim_hosts(NOW, "a", LEASE, 2, troubled=True, releases=left)
    assert [turn.host.name for turn in slow] == ["host1.example"]


def test_a_turn_whose_article_was_paused_just_then_is_empty(store: Store) -> None:
    """The turn of a host is counted when something there changes; until then it may be one for nothing."""
    watched(store, SITES[0])
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE articles SET paused = true")
    (turn,) = store.watchlist.claim_hosts(NOW, "a", LEASE, 1)
    assert turn.article_id is None
    store.watchlist.release_host(turn.host, "a", NOW)
    assert host_of(store, SITES[0]).next_visit_at is None


def test_workers_in_many_processes_are_never_given_the_same_host(url: str, tmp_path: Path) -> None:
    """Each worker has its own connection, as another process or machine would."""
    with Store.open(url, tmp_path) as store:
        watched(store, *SITES)
        start = threading.Barrier(4)

        def work(name: str) -> list[int]:
            with Store.open(url, tmp_path) as mine:
                start.wait(20)
                found: list[int] = []
                for _ in range(4):
                    found += [t.host.id for t in mine.watchlist.claim_hosts(NOW, name, LEASE, 2)]
                return found

        with ThreadPoolExecutor(4) as workers:
            found = [host for each in workers.map(work, "abcd") for host in each]
    assert sorted(found) == [*range(1, 13)]


# ---------------------------------------------------------------------- those who come together


def test_whoever_comes_while_another_is_at_the_door_shares_the_next_exchange(store: Store) -> None:
    watched(store, *SITES)
    desk = Desk(store)
    desk.goes_on.clear()
    with ThreadPoolExecutor(9) as workers:
        first = workers.submit(desk.turns.claim, False, 1)
        until(lambda: not desk.turns._asked[False])  # it is being heard
        rest = [workers.submit(desk.turns.claim, False, 1) for _ in range(8)]
        until(lambda: len(desk.turns._asked[False]) == 8)
        desk.goes_on.set()
        given = [turn.host.id for each in (first, *rest) for turn in each.result(20)]
    assert sorted(given) == [*range(1, 10)]
    assert desk.asked == [(0, 1), (0, 8)]


def test_each_is_given_no_more_than_was_asked_for_and_who_comes_late_may_go_empty(store: Store) -> None:
    watched(store, *SITES[:5])
    desk = Desk(store)
    counts = [len(desk.turns.claim(False, most)) for most in (2, 2, 2, 2)]
    assert counts == [2, 2, 1, 0]


def test_what_is_left_goes_back_with_the_next_exchange(store: Store) -> None:
    watched(store, *SITES[:2])
    desk = Desk(store)
    (one,) = desk.turns.claim(False, 1)
    desk.leave(one.host)
    assert [turn.host.name for turn in desk.turns.claim(False, 2)] == ["host1.example"]
    assert desk.asked == [(0, 1), (1, 2)]
    assert host_of(store, SITES[0]).free_at == NOW + SPACING


def test_a_host_rests_from_when_it_was_left_whatever_the_clock_is_set_to_meanwhile(store: Store) -> None:
    watched(store, SITES[0])
    desk = Desk(store)
    (one,) = desk.turns.claim(False, 1)
    desk.leave(one.host)
    desk.now = at(-60)
    desk.second += 2
    assert desk.turns.settle()
    assert host_of(store, SITES[0]).free_at == at(-60) + SPACING - timedelta(seconds=2)


def test_a_claim_that_ran_out_while_the_machine_slept_is_not_given_to_another_while_its_visit_goes_on(
    store: Store,
) -> None:
    watched(store, SITES[0])
    desk = Desk(store)
    (one,) = desk.turns.claim(False, 1)
    desk.now = at(8 * 60)
    assert not desk.turns.claim(False, 1)
    assert store.watchlist.claim_hosts(at(8 * 60), "another process", LEASE, 1) == []
    desk.leave(one.host)
    assert not desk.turns.claim(False, 1)
    desk.now += SPACING
    assert [turn.host.id for turn in desk.turns.claim(False, 1)] == [one.host.id]


@pytest.mark.parametrize("last", ["claim", "settle"])
def test_what_could_not_be_given_back_is_kept_until_it_can(store: Store, last: str) -> None:
    watched(store, *SITES[:2])
    desk = Desk(store)
    (one,) = desk.turns.claim(False, 1)
    desk.leave(one.host)
    desk.works = False
    assert not desk.turns.claim(False, 1)
    assert not desk.turns.settle()
    desk.works = True
    if last == "settle":
        assert desk.turns.settle()
    else:
        assert len(desk.turns.claim(False, 1)) == 1
    assert host_of(store, SITES[0]).free_at == NOW + SPACING
    assert desk.asked[-1][0] == 1


# ---------------------------------------------------------------------- what it costs


def test_an_exchange_takes_as_many_statements_for_many_hosts_as_for_one(store: Store) -> None:
    watched(store, *SITES)
    said: list[str] = []
    event.listen(
        store._database._server.writer,
        "before_cursor_execute",
        lambda *told: said.append(told[2]),
        named=False,
    )
    counts = []
    for most in (1, 5):
        left = [
            Release(host=turn.host, worker="a", free_at=NOW)
            for turn in store.watchlist.claim_hosts(NOW, "a", LEASE, most)
        ]
        said.clear()
        store.watchlist.claim_hosts(NOW, "a", LEASE, most, releases=left)
        counts.append(len(said))
    assert counts[0] == counts[1]
