"""upkeep(): what the daemon does in passing for the archive: the rules of retention, article after article.

A little at a time, from where it left off, so that nobody who checks or reads waits for it. What a rule means
is decided in storage; here it is carried out.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import elapsed
from storage.keeping import Excess
from storage.records import Retention
from storage.store import Store

log = logging.getLogger("writethru.upkeep")

_BATCH = 100
_SECONDS = 10.0
_EVERY = timedelta(hours=1)
_PLACE = "upkeep"
_LEAP_SECONDS = 300.0
_DOUBT_SECONDS = 86400.0


class Calendar:
    """Whether the clock on the wall can be believed: what a rule takes out is gone for good, and a clock that
    was set to the year after next makes everything old. After a leap it is doubted for a day.

    :param elapsed: seconds on a clock that nobody sets.
    """

    def __init__(self, elapsed: Callable[[], float] = elapsed) -> None:
        self._elapsed = elapsed
        self._last: tuple[datetime, float] | None = None
        self._doubted_until = 0.0

    def is_sure_of(self, now: datetime) -> bool:
        """To be asked often: a leap is what happens between two times of asking."""
        at = self._elapsed()
        if self._last is not None:
            leap = (now - self._last[0]).total_seconds() - (at - self._last[1])
            if abs(leap) > _LEAP_SECONDS:
                self.doubt()
        self._last = (now, at)
        return at >= self._doubted_until

    def doubt(self) -> None:
        self._doubted_until = self._elapsed() + _DOUBT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Done:
    """What went: bodies received, their length, and rows of checks that went into others."""

    payloads: int = 0
    size: int = 0
    checks: int = 0

    def __add__(self, other: Done) -> Done:
        return Done(
            payloads=self.payloads + other.payloads,
            size=self.size + other.size,
            checks=self.checks + other.checks,
        )


def upkeep(
    store: Store,
    rule: Retention,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    seconds: float = _SECONDS,
) -> Done:
    """Go on with the round over all articles for so many seconds; once it is through, the next one begins
    an hour after this one did."""
    if rule == Retention():
        return Done()
    after, began = _place(store)
    now = clock()
    if after == 0 and began is not None and timedelta(0) <= now - began < _EVERY:
        return Done()
    began = now if after == 0 or began is None else began
    ends, done = time.monotonic() + seconds, Done()
    while not stopping() and time.monotonic() < ends:
        ids = store.keeping.some(after, _BATCH)
        for excess in store.keeping.excess(ids, rule, now):
            done += tidy(store, excess, rule, now, stopping)
        after = ids[-1] if len(ids) == _BATCH else 0
        if after == 0:
            break
    store.put_note(_PLACE, json.dumps({"after": after, "began": began.isoformat()}))
    if done != Done():
        log.info(
            "upkeep: %d bodies (%d bytes) that no rule keeps were taken out, %d checks went into spans",
            done.payloads,
            done.size,
            done.checks,
        )
    return done


def excesses(store: Store, rule: Retention, now: datetime) -> Iterator[tuple[int, list[Excess]]]:
    """What the rule would take out, in batches, each with how many articles were looked through."""
    after = 0
    while ids := store.keeping.some(after, _BATCH):
        yield len(ids), store.keeping.excess(ids, rule, now)
        after = ids[-1]


def tidy(
    store: Store,
    excess: Excess,
    rule: Retention,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> Done:
    """Take out of one article what the rule keeps no longer."""
    payloads = 0
    while excess.payloads and not stopping():
        went = store.keeping.take_out(excess.article_id, rule, now)
        payloads += went
        if not went:
            break
    checks = store.keeping.roll_up(excess.article_id, rule, now) if excess.checks else 0
    return Done(payloads=payloads, size=excess.size if payloads else 0, checks=checks)


def _place(store: Store) -> tuple[int, datetime | None]:
    """Where the round stands and when it began; where that cannot be read it begins anew."""
    try:
        noted = json.loads(store.noted(_PLACE) or "{}")
        return int(noted["after"]), datetime.fromisoformat(noted["began"])
    except (ValueError, KeyError, TypeError):
        return 0, None
