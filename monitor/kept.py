"""Kept: connections that wait for their host's next turn, so that a host need not greet us anew each time.

Few, and not for long. Over one of them goes only what carries the same headers of a source's own, so that no source
speaks over a connection on which another made itself known. Each was opened by the guard and leads where it did then.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from monitor.adapter import GuardedAdapter
from monitor.errand import Line

_MOST = 64
_IDLE_SECONDS = 65.0  # the longest pause that robots.txt can ask for, and a little


class Kept:
    """For any number of threads; who takes a connection has it alone.

    :param clock: monotonic seconds.
    """

    def __init__(
        self,
        most: int = _MOST,
        idle_seconds: float = _IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: OrderedDict[Line, tuple[GuardedAdapter, float]] = OrderedDict()

    def take(self, line: Line) -> GuardedAdapter | None:
        self.tidy()
        with self._lock:
            found = self._idle.pop(line, None)
        return None if found is None else found[0]

    def keep(self, line: Line, adapter: GuardedAdapter) -> None:
        with self._lock:
            before = self._idle.pop(line, None)
            self._idle[line] = adapter, self._clock()
            too_many = self._idle.popitem(last=False)[1] if len(self._idle) > self._most else None
        for left in (before, too_many):
            if left is not None:
                left[0].close()

    def tidy(self) -> None:
        """Close what has been idle for too long."""
        self._close_older_than(self._clock() - self._idle_seconds)

    def close(self) -> None:
        self._close_older_than(float("inf"))

    def _close_older_than(self, when: float) -> None:
        with self._lock:
            old = [line for line, (_, since) in self._idle.items() if since < when]
            closing = [self._idle.pop(line)[0] for line in old]
        for adapter in closing:
            adapter.close()
