"""Crew: the threads that do what is due, and what keeps the slow from standing in the way of the rest.

Waiting for a server takes a thread, and nobody can tell a slow one beforehand. So a worker that is held
up is replaced while there are spares; and what was slow the last time is left to workers of its own, where
it waits for its like and for nobody else. Knows nothing of what the work is.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

SLOW_SECONDS = 2.0
"""What takes longer is slow. A healthy server answers in a fraction of it."""
_HELD_UP_SECONDS = 1.0
_SPARES = 12

Work = Callable[[T, Callable[[], None]], None]


class Crew(Generic[T]):
    """:param claim: the next pieces of work, slow or not as asked, at most so many; fewer: there are no more.
        It raises nothing.
    :param work: does it. It is handed a function to call whenever a step of it is done, and raises nothing.
    """

    def __init__(self, name: str, claim: Callable[[bool, int], Sequence[T]], work: Work[T]) -> None:
        self._quick = _Lane(name, lambda most: claim(False, most), work)
        self._slow = _Lane(f"slow-{name}", lambda most: claim(True, most), work)
        self._lanes = (self._quick, self._slow)

    def start(self, size: int) -> None:
        """:param size: how many work at what is quick, and how many more at what was slow the last time.
        While quick ones are held up there may be twelve times as many in their place."""
        self._quick.spares = size * _SPARES
        for lane in self._lanes:
            lane.start(size)

    def dispatch(self) -> None:
        """Hand out work for as long as there is some and somebody to do it; replace who is held up."""
        for lane in self._lanes:
            lane.relieve()
            lane.dispatch()

    def is_idle(self) -> bool:
        return all(lane.is_idle() for lane in self._lanes)

    def stop(self) -> None:
        """Take nothing new on."""
        for lane in self._lanes:
            lane.stop()

    def join(self, ends: float) -> bool:
        """Wait for what is in hand until then (monotonic); False: some is left."""
        return all(lane.join(ends) for lane in self._lanes)


@dataclass(eq=False)
class _Worker:
    """``since``: when the step it is at began, None: it is idle. ``replaced``: it ends after this work."""

    thread: threading.Thread | None = None
    since: float | None = None
    replaced: bool = False

    def step(self) -> None:
        self.since = time.monotonic()


@dataclass(eq=False)
class _Lane(Generic[T]):
    """Workers of one kind, with a free place for each that is idle."""

    name: str
    claim: Callable[[int], Sequence[T]]
    work: Work[T]
    spares: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    _turns: queue.SimpleQueue[T | None] = field(default_factory=queue.SimpleQueue)  # None: go home
    _free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _workers: set[_Worker] = field(default_factory=set)

    def start(self, size: int) -> None:
        for _ in range(size):
            self._hire()

    def dispatch(self) -> None:
        while not self.stopping.is_set() and (idle := self._take_idle()):
            tasks: Sequence[T] = ()
            try:
                tasks = self.claim(idle)
            finally:
                self._put_back(idle - len(tasks))
            for task in tasks:
                self._turns.put(task)
            if len(tasks) < idle:
                return

    def _take_idle(self) -> int:
        """Take the places of all who are idle, and say how many that is."""
        idle = 0
        while self._free.acquire(blocking=False):
            idle += 1
        return idle

    def _put_back(self, places: int) -> None:
        if places:
            self._free.release(places)

    def relieve(self) -> None:
        """Put another in the place of everyone who has been at one step for too long."""
        now = time.monotonic()
        with self._lock:
            held_up = [
                w for w in self._workers if w.since and now - w.since > _HELD_UP_SECONDS and not w.replaced
            ]
            held_up = held_up[: self.spares]
            self.spares -= len(held_up)
            for worker in held_up:
                worker.replaced = True
        for _ in held_up:
            self._hire()

    def is_idle(self) -> bool:
        with self._lock:
            return self._turns.empty() and all(worker.since is None for worker in self._workers)

    def stop(self) -> None:
        self.stopping.set()
        with self._lock:
            for _ in self._workers:
                self._turns.put(None)

    def join(self, ends: float) -> bool:
        with self._lock:
            threads = [worker.thread for worker in self._workers if worker.thread is not None]
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _hire(self) -> None:
        worker = _Worker()
        worker.thread = threading.Thread(target=self._serve, args=(worker,), name=self.name, daemon=True)
        with self._lock:
            self._workers.add(worker)
        worker.thread.start()
        self._free.release()

    def _serve(self, worker: _Worker) -> None:
        while not self.stopping.is_set():
            task = self._turns.get()
            while task is not None:
                worker.step()
                self.work(task, worker.step)
                if self._may_go(worker):
                    return
                task = None if self.stopping.is_set() else next(iter(self.claim(1)), None)
            self._free.release()
        with self._lock:
            self._workers.discard(worker)

    def _may_go(self, worker: _Worker) -> bool:
        """Whether another has its place; if not, it is ready for more."""
        with self._lock:
            worker.since = None
            if worker.replaced:
                self._workers.discard(worker)
                self.spares += 1
            return worker.replaced
