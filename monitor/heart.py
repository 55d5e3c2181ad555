"""The heart: notes that the service is alive, so that afterwards it is known when it was not.

A gap is noted in the log with both its ends: while the daemon was down or asleep nothing was watched, and while
a source did not answer nothing new could be found there. The clock on the wall may be set at any time; how long
the service itself was silent is measured by one that nobody sets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.clock import elapsed
from storage.records import ServiceEntry, ServiceReason, SourceState
from storage.store import Store

log = logging.getLogger("writethru.service")

BEAT_SECONDS = 60.0
LONGEST = timedelta(minutes=3)
_INTERVALS = 3


class Heart:
    """:param longest: a silence up to this is none."""

    def __init__(
        self, store: Store, longest: timedelta = LONGEST, elapsed: Callable[[], float] = elapsed
    ) -> None:
        self._store = store
        self._longest = longest
        self._elapsed = elapsed
        self._last: float | None = None

    def beat(self, now: datetime) -> ServiceEntry | None:
        """Alive at ``now``; a silence before this is noted, and returned. The first beat after a start goes
        by the clock on the wall, which is all there is to go by."""
        at = self._elapsed()
        silent = self._last is None or at - self._last > self._longest.total_seconds()
        gap = self._store.beat(now, self._longest if silent else None)
        self._last = at
        if gap is not None:
            log.warning("nothing was watched from %s to %s", gap.not_seen_before, gap.seen_at)
        return gap


def note_unreachable(store: Store, state: SourceState, interval: timedelta, now: datetime) -> None:
    """A source works at ``now``: where it had failed for more than three of its intervals, that is noted."""
    if (
        state.last_error is None
        or state.last_ok_at is None
        or now - state.last_ok_at <= interval * _INTERVALS
    ):
        return
    store.note(
        ServiceEntry(
            reason=ServiceReason.GAP,
            seen_at=now,
            not_seen_before=state.last_ok_at,
            about={"kind": "unreachable", "source": state.name},
        )
    )
    log.warning("source %s was not reached from %s to %s", state.name, state.last_ok_at, now)
