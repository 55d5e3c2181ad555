"""The crew's promises: all that is due is done, and who is held up holds up nobody else."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator

import pytest

from monitor import crew as crews
from monitor.crew import Crew

_PATIENCE = 20.0
MOMENT = 0.2


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_HELD_UP_SECONDS", MOMENT)
    monkeypatch.setattr(crews, "_SPARES", 4)


class Desk:
    """Work by name: what begins with 'long' lasts until it is let go, 'slow' was slow the last time."""

    def __init__(self, *work: str) -> None:
        self.waiting = {
            False: deque(w for w in work if w[:4] != "slow"),
            True: deque(w for w in work if w[:4] == "slow"),
        }
        self.begun: list[str] = []
        self.done: list[str] = []
        self.let_go = threading.Event()
        self.crew: Crew[str] = Crew("desk", self._claim, self._work)

    def _claim(self, slow: bool, most: int) -> list[str]:
        found: list[str] = []
        with contextlib.suppress(IndexError):
            while len(found) < most:
                found.append(self.waiting[slow].popleft())
        return found

    def _work(self, name: str, step: Callable[[], None]) -> None:
        self.begun.append(name)
        if "long" in name:
            self.let_go.wait(_PATIENCE)
        if "steps" in name:
            for _ in range(60):
                time.sleep(MOMENT / 20)
                step()
        self.done.append(name)

    def until(self, what: Callable[[], bool]) -> None:
        ends = time.monotonic() + _PATIENCE
        while not what():
            assert time.monotonic() < ends, (self.begun, self.done)
            self.crew.dispatch()
            time.sleep(0.01)


@pytest.fixture
def desks() -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def start(size: int, *work: str) -> Desk:
        desk = Desk(*work)
        made.append(desk)
        desk.crew.start(size)
        return desk

    yield start
    for desk in made:
        desk.let_go.set()
        desk.crew.stop()
        assert desk.crew.join(time.monotonic() + _PATIENCE)


def named(kind: str, count: int) -> list[str]:
    return [f"{kind} {number}" for number in range(count)]


def test_all_that_is_due_is_done_once(desks: Callable[..., Desk]) -> None:
    work = [*named("quick", 200), *named("slow", 50)]
    desk = desks(3, *work)
    desk.until(lambda: len(desk.done) == len(work))
    assert Counter(desk.done) == Counter(work)
    desk.until(desk.crew.is_idle)


def test_whoever_is_held_up_is_replaced(desks: Callable[..., Desk]) -> None:
    desk = desks(2, *named("long", 6), *named("quick", 20))
    desk.until(lambda: len(desk.done) == 20)
    assert Counter(name[:4] for name in desk.begun) == {"long": 6, "quic": 20}
    assert not desk.crew.is_idle()


def test_no_more_are_held_up_than_there_are_spares(desks: Callable[..., Desk]) -> None:
    desk = desks(1, *named("long", 20))
    desk.until(lambda: len(desk.begun) == 5)
    for _ in range(20):
        desk.crew.dispatch()
        time.sleep(MOMENT / 5)
    assert len(desk.begun) == 5, "one and its four spares"
    desk.let_go.set()
    desk.until(lambda: len(desk.done) == 20)


def test_a_replaced_worker_becomes_a_spare_again(desks: Callable[..., Desk]) -> None:
    desk = desks(1, *named("long", 4))
    before = threading.active_count()
    desk.until(lambda: len(desk.begun) == 4)
    desk.let_go.set()
    desk.until(desk.crew.is_idle)
    desk.until(lambda: threading.active_count() <= before)
    desk.let_go.clear()
    desk.waiting[False].extend(named("long again", 5))
    desk.until(lambda: len(desk.begun) == 9)


def test_what_was_slow_waits_for_its_like_alone(desks: Callable[..., Desk]) -> None:
    desk = desks(2, *named("slow long", 10), *named("quick", 50))
    desk.until(lambda: len(desk.done) == 50)
    assert len([name for name in desk.begun if "slow" in name]) <= 2
    desk.let_go.set()
    desk.until(lambda: len(desk.done) == 60)


def test_work_of_many_quick_steps_is_not_held_up(desks: Callable[..., Desk]) -> None:
    desk = desks(1, "steps", "quick")
    desk.until(lambda: desk.begun == ["steps"])
    while not desk.done:
        desk.crew.dispatch()
        time.sleep(MOMENT / 10)
    desk.until(lambda: len(desk.done) == 2)
    assert desk.done == ["steps", "quick"], "nobody was put in its place"


def test_stopped_it_takes_nothing_new_on(desks: Callable[..., Desk]) -> None:
    desk = desks(1, "long 0", "quick 0")
    desk.until(lambda: desk.begun == ["long 0"])
    desk.crew.stop()
    desk.crew.dispatch()
    assert not desk.crew.join(time.monotonic() + MOMENT)
    desk.let_go.set()
    assert desk.crew.join(time.monotonic() + _PATIENCE)
    assert desk.done == ["long 0"]
