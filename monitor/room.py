"""Room: how many large bodies are in memory at once. Small ones are not counted: they are many, and small.

A place is held for as long as the answer lives whose body it is, so that no path can forget to give it back.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

LARGE = 1 << 20
"""Bytes from which on a body is a large one."""
_PLACES = 4


class Room:
    """:param places: how many large bodies there may be at once."""

    def __init__(self, places: int = _PLACES) -> None:
        self._free = threading.Semaphore(places)

    def place(self) -> Place:
        return Place(self._free)


class Place(AbstractContextManager["Place"]):
    """A place that is taken once it is needed, and free again at the end unless an answer keeps it."""

    def __init__(self, free: threading.Semaphore) -> None:
        self._free = free
        self._taken = False

    def take(self, seconds: float) -> bool:
        """Wait for a place, if there is none yet; False: none was free in time."""
        self._taken = self._taken or self._free.acquire(timeout=seconds)
        return self._taken

    def keep_for(self, answer: object) -> None:
        """Leave it taken until that answer is gone from memory."""
        if self._taken:
            self._taken = False
            weakref.finalize(answer, self._free.release).atexit = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken:
            self._taken = False
            self._free.release()
