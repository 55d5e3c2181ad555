"""Turns: where workers get their next visit and leave the host of their last one.

All who come within a moment share one transaction, which gives back what was left and claims what is wanted: the
busier it is, the less each of them costs. Knows nothing of what a visit is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.clock import elapsed
from storage.records import Host
from storage.watchlist import Turn

_GATHER_SECONDS = 0.05
"""Exchanges that follow each other come no closer than this; whoever comes alone does not wait."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A host whose visit was over at that second of a clock that nobody sets, and which rests from then on. What is
    not written down yet must not be a time of day, for that may be set."""

    host: Host
    rest: timedelta
    second: float

    def rest_at(self, second: float) -> timedelta:
        """How much of its rest is left by then."""
        return self.rest - timedelta(seconds=second - self.second)


Exchange = Callable[[Sequence[Left], int, bool], Sequence[Turn] | None]


class Turns:
    """For any number of threads.

    :param exchange: gives hosts back and claims so many, slow ones or not; None: it could do neither. It raises
        nothing.
    """

    def __init__(self, exchange: Exchange, elapsed: Callable[[], float] = elapsed) -> None:
        self._exchange = exchange
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._door = threading.Lock()
        self._left: list[Left] = []
        self._in_hand: set[int] = set()
        self._asked: dict[bool, list[_Wish]] = {False: [], True: []}
        self._exchanged = time.monotonic()

    def leave(self, host: Host, rest: timedelta) -> None:
        """Give that host back with the next exchange, to rest for so long from now; until then it is ours."""
        left = Left(host=host, rest=rest, second=self._elapsed())
        with self._lock:
            self._in_hand.discard(host.id)
            self._left.append(left)

    def claim(self, slow: bool, most: int) -> Sequence[Turn]:
        """Up to so many hosts whose turn it is, those that waited longest first."""
        wish = _Wish(most)
        with self._lock:
            self._asked[slow].append(wish)
        with self._door:
            if not wish.heard:  # by whoever was at the door before
                self._serve(slow)
        return wish.turns

    def settle(self) -> bool:
        """Give back what was left, and claim nothing; False: it could not be done."""
        with self._door:
            return self._give_and_take(0, False) is not None

    def _serve(self, slow: bool) -> None:
        """Hear all who ask for that kind by now, in the order in which they came."""
        time.sleep(max(0.0, self._exchanged + _GATHER_SECONDS - time.monotonic()))
        with self._lock:
            wishes, self._asked[slow] = self._asked[slow], []
        turns = self._fresh(self._give_and_take(sum(wish.most for wish in wishes), slow) or ())
        for wish in wishes:
            wish.turns, turns = turns[: wish.most], turns[wish.most :]
            wish.heard = True
        self._exchanged = time.monotonic()

    def _fresh(self, turns: Sequence[Turn]) -> Sequence[Turn]:
        """Those that nobody has in hand. Where a machine has slept, claims have run out whose visits go on: they are
        renewed by that, and nothing more."""
        with self._lock:
            fresh = [turn for turn in turns if turn.host.id not in self._in_hand]
            self._in_hand.update(turn.host.id for turn in fresh)
        return fresh

    def _give_and_take(self, most: int, slow: bool) -> Sequence[Turn] | None:
        with self._lock:
            leaving, self._left = self._left, []
        turns = self._exchange(leaving, most, slow)
        if turns is None:
            with self._lock:
                self._left = leaving + self._left
        return turns


@dataclass(eq=False)
class _Wish:
    most: int
    turns: Sequence[Turn] = field(default=())
    heard: bool = False
