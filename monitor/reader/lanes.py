"""A lane: calls that wait, the children that take them, and what becomes of a call whose child was killed.

What waits at the same moment goes to a child together, since handing over costs more than most pages; a lone
call goes at once. Knows nothing of pages, and refuses to judge: whoever made the lane decides about killed calls.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as PoolTimeout
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawArray

from pebble import ProcessExpired, ProcessPool

from monitor.reader.child import Answer, Board, Call, Kind, settle
from monitor.reader.parcel import Parcel, open_and_work, packed

log = logging.getLogger("writethru.reader")

_MOST_TOGETHER = 16
_BYTES_TOGETHER = 1 << 20
_LEAST = 0.1  # seconds; nothing is given none at all
_RECYCLE_AFTER = 200  # batches
_OUT_OF_TIME = (-signal.SIGPROF, -signal.SIGXCPU)
TOO_LONG = "took too long"
TOO_MUCH = "took more memory than it may"


@dataclass(kw_only=True, eq=False)
class Job:
    """One call and who waits for its answer. ``left``: seconds that it may still be worked at; ``alone``: it
    shared its batch with one that was killed. ``patient``: it would rather wait than go without an answer."""

    call: Call
    about: str
    host: str
    size: int
    left: float
    patient: bool = False
    alone: bool = False
    answer: Future[Answer] = field(default_factory=Future)


@dataclass(kw_only=True, eq=False)
class _Batch:
    """Jobs that are in a child's hands. ``ends``: when they will be done at the latest, monotonic."""

    jobs: list[Job]
    seconds: float
    ends: float


class Lane:
    """Some children and the queue before them; close it.

    :param children: how many.
    :param seconds: the most that one batch may take; a job never gets more than it has left.
    :param at_once: seconds of processor time for one job; 0: as much as it has time.
    :param together: whether jobs may share a batch.
    :param killed: told of each job whose child was killed at it, with the reason in words.
    """

    def __init__(
        self,
        children: int,
        *,
        seconds: float,
        at_once: float,
        together: bool,
        nice: int,
        killed: Callable[[Job, str], None],
    ) -> None:
        self._children, self._nice = children, nice
        self._seconds, self._at_once = seconds, at_once
        self._most = _MOST_TOGETHER if together else 1
        self._killed = killed
        self._board: Board = RawArray("i", children)
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._idle = set(range(children))
        self._running: dict[int, _Batch] = {}
        self._closed = False
        self._pool: ProcessPool | None = None

    def put(self, job: Job, *, within: float | None = None) -> bool:
        """Have a job done.

        :param within: refuse it where its turn might come later than in so many seconds; None: never.
        :returns: whether it was taken.
        """
        with self._lock:
            if self._closed or (within is not None and self._ahead() > within):
                return False
            self._waiting.append(job)
        self._hand_over()
        return True

    def close(self) -> None:
        """End the children; nobody gets an answer any more."""
        with self._lock:
            self._closed = True
            left = [job for batch in self._running.values() for job in batch.jobs] + list(self._waiting)
            self._waiting.clear()
        if self._pool is not None:
            _end(self._pool)
        for job in left:
            job.answer.cancel()

    # ------------------------------------------------------------------ handing over

    def _hand_over(self) -> None:
        """Give what waits to the children that are idle."""
        while True:
            with self._lock:
                if self._closed or not self._idle or not self._waiting:
                    return
                slot, jobs = self._idle.pop(), self._take()
                seconds = max(min(self._seconds, *(job.left for job in jobs)), _LEAST)
                self._board[slot] = 0
                self._running[slot] = _Batch(jobs=jobs, seconds=seconds, ends=time.monotonic() + seconds)
            self._send(slot, self._running[slot])

    def _take(self) -> list[Job]:
        """The next batch: a fair share of what waits, and no more than would be a pity to read again."""
        share = min(self._most, -(-len(self._waiting) // (len(self._idle) + 1)))
        jobs = [self._waiting.popleft()]
        size = jobs[0].size
        while len(jobs) < share and not jobs[0].alone and not self._waiting[0].alone:
            size += self._waiting[0].size
            if size > _BYTES_TOGETHER:
                break
            jobs.append(self._waiting.popleft())
        return jobs

    def _send(self, slot: int, batch: _Batch) -> None:
        calls, size = [job.call for job in batch.jobs], sum(job.size for job in batch.jobs)
        parcel = _parcel(calls, size)
        future: Future[list[Answer]] = Future()
        try:
            arguments = (slot, batch.seconds, self._at_once, parcel or calls, size)
            future = self._living().schedule(open_and_work, args=arguments, timeout=batch.seconds)
        except (RuntimeError, OSError) as broken:  # it broke in this very moment, or cannot be made
            future.set_exception(broken)
        if parcel is not None:
            future.add_done_callback(lambda _: parcel.throw_away())
        future.add_done_callback(lambda done: self._ended(slot, batch, done))

    def _living(self) -> ProcessPool:
        """The pool; a new one at first, and where the old one broke: it does when a child that was idle is
        killed, or the fork server."""
        with self._lock:
            if self._pool is not None and not self._pool.active:
                threading.Thread(target=_end, args=(self._pool,), daemon=True).start()
                self._pool = None
            if self._pool is None:
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(["monitor.reader"])
                self._pool = ProcessPool(
                    max_workers=self._children,
                    max_tasks=_RECYCLE_AFTER,
                    initializer=settle,
                    initargs=(self._board, self._nice),
                    context=context,
                )
            return self._pool

    # ------------------------------------------------------------------ what came of it

    def _ended(self, slot: int, batch: _Batch, done: Future[list[Answer]]) -> None:
        """Called by the pool's own threads: nothing here may take long."""
        trouble, answers = _outcome(done)
        with self._lock:
            if self._closed:
                return
            del self._running[slot]
            self._idle.add(slot)
            killed = self._set_apart(slot, batch) if answers is None else None
        if killed is not None:
            self._killed(killed, trouble)
        for job, answer in zip(batch.jobs, answers or (), strict=False):
            if answer[0] is Kind.MEMORY:
                self._killed(job, TOO_MUCH)
            else:
                with suppress(InvalidStateError):  # closed in this very moment
                    job.answer.set_result(answer)
        self._hand_over()

    def _set_apart(self, slot: int, batch: _Batch) -> Job:
        """The job that was in hand when the child was killed; the others are done again, one by one."""
        killed = batch.jobs[self._board[slot]]
        took = batch.seconds - max(batch.ends - time.monotonic(), 0)
        for job in batch.jobs:
            job.left -= took
            job.alone = True
        self._waiting.extendleft(job for job in reversed(batch.jobs) if job is not killed)
        return killed

    def _ahead(self) -> float:
        """Seconds until a job that is put now would have its turn, at worst."""
        if self._idle and not self._waiting:
            return 0.0
        now = time.monotonic()
        running = sum(max(batch.ends - now, 0.0) for batch in self._running.values())
        return (running + sum(min(job.left, self._seconds) for job in self._waiting)) / self._children


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _parcel(calls: Sequence[Call], size: int) -> Parcel | None:
    """What is too much for the pipe; None: it is not, or there is no place for a parcel."""
    if size <= _BYTES_TOGETHER:
        return None
    try:
        return packed(calls)
    except OSError:
        return None


def _outcome(done: Future[list[Answer]]) -> tuple[str, list[Answer] | None]:
    try:
        return "", done.result()
    except PoolTimeout:
        return TOO_LONG, None
    except ProcessExpired as expired:
        return TOO_LONG if expired.exitcode in _OUT_OF_TIME else TOO_MUCH, None
    except (CancelledError, RuntimeError, OSError) as broken:
        log.error("The reading children have to be started again: %s", broken)
        return "met children that were ended", None
