"""The clock of the daemon: the machine's, and word of it whenever that was set.

Due times are times of day, so a clock that is set would bring everything due at once, or nothing for
years. How much time has really passed is known from a second clock that nobody can set. Knows
nothing of what is due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

_LEAST = timedelta(seconds=1)  # less than that is a clock that is kept right, not one that is set
_AT_ONCE = 0.1


def elapsed() -> float:
    """Seconds that go on also while the machine sleeps, whatever its clock is set to."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clock:
    """Call it for the time. For any number of threads.

    :param wall: the machine's clock.
    :param when_set: told by how much that was set, before anybody is given a time of the new reckoning;
        it answers whether everything follows now. Until then the old reckoning goes on.
    """

    def __init__(
        self,
        wall: Callable[[], datetime],
        when_set: Callable[[timedelta], bool],
        elapsed: Callable[[], float] = elapsed,
    ) -> None:
        self._wall = wall
        self._when_set = when_set
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._last = self._both()
        self._owed = timedelta(0)

    def __call__(self) -> datetime:
        with self._lock:
            wall, passed = self._both()
            set_by = wall - self._last[0] - timedelta(seconds=passed - self._last[1])
            self._last = wall, passed
            if abs(set_by) >= _LEAST:
                self._owed += set_by
            if self._owed and self._when_set(self._owed):
                self._owed = timedelta(0)
            return wall - self._owed

    def _both(self) -> tuple[datetime, float]:
        """Both clocks, read at one moment: a thread that is held up between the two reads them again."""
        for _ in range(10):
            before = self._elapsed()
            wall, after = self._wall(), self._elapsed()
            if after - before < _AT_ONCE:
                break
        return wall, after
