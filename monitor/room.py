"""Room: how many large bodies are in memory at once. Small ones are not counted: they are many, and small.

A place is held for as long as the answer lives whose body it is, so that no path can forget to give it back. Who
is slow to fill a place loses it to whoever waits for one.
"""

from __future__ import annotations

import threading
import time
import weakref
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from monitor.deadline import Deadline

LARGE = 1 << 20
"""Bytes from which on a body is a large one."""
_PLACES = 3  # with what is made of one on its way to a child, about 60 MB
_UNDISTURBED = 2.0  # seconds in which a place may be filled though others wait
_LOOK_EVERY = 0.2


class Room:
    """:param places: how many large bodies there may be at once."""

    def __init__(self, places: int = _PLACES) -> None:
        self._free = threading.Semaphore(places)
        self._lock = threading.Lock()
        self._coming: dict[Deadline, float] = {}

    def place(self) -> Place:
        return Place(self)

    def enter(self, deadline: Deadline) -> bool:
        """Wait for a place, as long as the deadline lets one; False: there was none."""
        while not self._free.acquire(timeout=min(_LOOK_EVERY, deadline.remaining())):
            if deadline.expired:
                return False
            self._hurry()
        with self._lock:
            self._coming[deadline] = time.monotonic()
        return True

    def is_whole(self, deadline: Deadline) -> None:
        """Nothing more comes under that deadline."""
        with self._lock:
            self._coming.pop(deadline, None)

    def leave(self) -> None:
        self._free.release()

    def _hurry(self) -> None:
        """End what has been coming for the longest time, where that is too long."""
        with self._lock:
            slowest = min(self._coming, key=self._coming.__getitem__, default=None)
            if slowest is None or time.monotonic() - self._coming[slowest] < _UNDISTURBED:
                return
            del self._coming[slowest]
        slowest.cut()


class Place(AbstractContextManager["Place"]):
    """A place that is taken once it is needed, and free again at the end unless an answer keeps it."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._taken: Deadline | None = None

    def take(self, deadline: Deadline) -> bool:
        """Wait for a place, if there is none yet; False: none was free in time."""
        if self._taken is None and self._room.enter(deadline):
            self._taken = deadline
        return self._taken is not None

    def keep_for(self, answer: object) -> None:
        """Leave it taken until that answer is gone from memory."""
        if self._taken is not None:
            self._room.is_whole(self._taken)
            self._taken = None
            weakref.finalize(answer, self._room.leave).atexit = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken is not None:
            self._room.is_whole(self._taken)
            self._taken = None
            self._room.leave()
