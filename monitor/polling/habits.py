"""What the articles of an outlet usually do, learnt from those older than a day for as long as they are
looked at, and what that lets one expect of the next.

An outlet of which little is known is taken to be like all the others, and those like the law of the
published counts of revisions. Articles with a breaking marker are left out: they have a prior of their own.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from itertools import pairwise

from monitor.polling.hazard import SIZE, THETAS, Belief, belief

GROWN_UP = 86400.0
"""Seconds of age from which an article is learnt from."""

_KNOWN_OF_ALL = 20  # articles that the general law counts for, beside those seen at all outlets
_KNOWN_OF_ONE = 15  # articles that all outlets together count for, beside those of one
_MOST = 2000  # articles remembered: an outlet may change its ways
_NEWS = 0.01  # of what is believed of an article has to have moved, to be worth writing down
_MARKED = 0.6  # of the articles with a breaking marker are the beginning of a story
_PACKED = struct.Struct(f"<{SIZE + 1}f")


@dataclass(frozen=True)
class Habits:
    """The sum of what is believed of so many articles."""

    articles: float = 0.0
    weights: tuple[float, ...] = (0.0,) * SIZE

    def after_look(self, before: Belief, since: float, held: Belief, age: float) -> Habits | None:
        """With what a look at one of the articles told, at that age and since the last look at the age
        ``since``; None: nothing worth writing down."""
        if age <= GROWN_UP:
            return None
        if since <= GROWN_UP:
            return self.learnt(held)
        moved = math.fsum(abs(now - then) for now, then in zip(held.weights, before.weights, strict=True))
        return self.followed(before, held) if self.articles and moved >= _NEWS else None

    def learnt(self, held: Belief) -> Habits:
        """With one article more, as it is believed to be when it has grown up."""
        kept = min(1.0, (_MOST - 1) / self.articles) if self.articles else 1.0
        sums = tuple(kept * had + new for had, new in zip(self.weights, held.weights, strict=True))
        return Habits(kept * self.articles + 1, sums)

    def followed(self, before: Belief, held: Belief) -> Habits:
        """With what is believed now of an article that is counted already, in place of what was."""
        moves = map(float.__sub__, held.weights, before.weights)
        sums = tuple(max(had + move, 0.0) for had, move in zip(self.weights, moves, strict=True))
        return Habits(self.articles, sums)

    def __add__(self, other: Habits) -> Habits:
        sums = tuple(map(float.__add__, self.weights, other.weights))
        return Habits(self.articles + other.articles, sums)

    def pack(self) -> bytes:
        return _PACKED.pack(self.articles, *self.weights)


def unpack_habits(packed: bytes) -> Habits:
    articles, *weights = _PACKED.unpack(packed)
    return Habits(articles, tuple(weights))


def first_belief(outlet: Habits, everywhere: Habits, *, breaking: bool) -> Belief:
    """What to expect of an article that was never looked at again."""
    usual = [_KNOWN_OF_ALL * law + seen for law, seen in zip(_LAW, everywhere.weights, strict=True)]
    share = _KNOWN_OF_ONE / (_KNOWN_OF_ALL + everywhere.articles)
    held = belief([share * all_of_them + own for all_of_them, own in zip(usual, outlet.weights, strict=True)])
    if not breaking:
        return held
    return belief(
        [(1 - _MARKED) * own + _MARKED * begun for own, begun in zip(held.weights, _BEGUN, strict=True)]
    )


def _law() -> tuple[float, ...]:
    """55 of 100 articles are never revised; of the others the revisions to come follow a Lomax law of
    exponent 2 and scale 2.5, after the version counts of NewsEdits."""
    edges = [*(math.sqrt(low * high) for low, high in pairwise(THETAS)), math.inf]
    above = [(1 + edge / 2.5) ** -2 for edge in edges]
    revised = [0.45 * (low - high) for low, high in pairwise(above)]
    return _spread([0.55, *revised], (0.25, 0.5, 0.25))


def _begun() -> tuple[float, ...]:
    """A story that has only begun is all but sure to be revised, and soon."""
    return _spread([0.01, *(0.1 if theta < 2 else 1.0 for theta in THETAS[1:])], (0.5, 0.35, 0.15))


def _spread(thetas: list[float], scales: tuple[float, ...]) -> tuple[float, ...]:
    return belief([share * weight for share in scales for weight in thetas]).weights


_LAW = _law()
_BEGUN = _begun()
