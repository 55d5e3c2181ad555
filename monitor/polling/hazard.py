"""What is believed of one article: how many revisions are still to come, and how fast it calms down.

Revisions of an article come at the rate ``theta * h(age)``, where h is a Lomax density (a shifted power
law) of some time scale. Neither theta nor the scale is known; a Belief holds a weight for each pair of
them, and every look changes the weights by Bayes' rule, exactly. Ages are in seconds. Knows no
clock, no budget and no address.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

HOUR = 3600.0
SCALES = (0.4 * HOUR, 2 * HOUR, 10 * HOUR)
"""Time scales of calming down; on the last, one revision in ten comes after five days."""
THETAS = (0.0, *(0.2 * 2**step for step in range(9)))
"""Revisions an article will have in all: none, or 0.2 to 51, each twice the one before."""
SIZE = len(SCALES) * len(THETAS)

_Q = 0.85  # exponent of the Lomax law: 75, 85 and 93 % of the revisions within 5, 10 and 24 hours at 2 hours
_DELAY_UNIT = 2 * HOUR
_STEPS = len(THETAS)
_LEAST = 1e-30
_NEAR = 0.01
_PACKED = struct.Struct(f"<{SIZE}f")


@dataclass(frozen=True)
class Belief:
    """Weights of the pairs of scale and theta, which sum to one: those of the first scale, then the next."""

    weights: tuple[float, ...]

    @cached_property
    def means(self) -> tuple[float, ...]:
        """The revisions expected in all, by scale."""
        return tuple(
            sum(map(float.__mul__, self.weights[first : first + _STEPS], THETAS))
            for first in range(0, SIZE, _STEPS)
        )

    def expected(self, age: float) -> float:
        """The revisions expected after that age."""
        return math.fsum(
            mean * (1 + age / scale) ** -_Q for mean, scale in zip(self.means, SCALES, strict=True)
        )

    def after_look(self, since: float, age: float, changed: bool) -> Belief:
        """What is believed after a look at that age which saw the article changed, or the same, since the
        last look at it, at the age ``since``."""
        weights: list[float] = []
        first = 0
        for scale in SCALES:
            mass = max((1 + since / scale) ** -_Q - (1 + age / scale) ** -_Q, 1e-12)
            none = math.exp(-THETAS[1] * mass)  # that none came, if theta is the least above 0
            rows = self.weights[first : first + _STEPS]
            weights.append(0.0 if changed else rows[0])
            for weight in rows[1:]:
                weights.append(weight * (1 - none if changed else none))
                none *= none
            first += _STEPS
        return belief(weights)

    def pack(self) -> bytes:
        return _PACKED.pack(*self.weights)


def belief(weights: Sequence[float]) -> Belief:
    """That belief, with the weights brought to a sum of one and none of them lost for good."""
    total = math.fsum(weights)
    return Belief(tuple(max(weight / total, _LEAST) for weight in weights))


def unpack(packed: bytes) -> Belief:
    return belief(_PACKED.unpack(packed))


class Prospect:
    """How much a look is worth as time goes by since the last one, which was at the age ``since``.

    :param share: what capture counts; the rest is what delay counts.
    """

    def __init__(self, held: Belief, since: float, share: float) -> None:
        self._since, self._share = since, share
        self._scales = []
        for number, scale in enumerate(SCALES):
            stretch = 1 + since / scale
            rest = stretch**-_Q
            rows = held.weights[number * _STEPS + 1 : (number + 1) * _STEPS]
            self._scales.append((scale, rest, stretch * rest, held.means[number], rows, sum(rows)))

    def worth(self, wait: float) -> float:
        """What a look that long after the last one is worth; it only grows with the wait.

        Capture, the versions that one look saves from being overwritten unseen,
        ``E[1 - exp(-L) - wait * rate * exp(-L)]`` with L the revisions expected in between; and
        delay, the time it saves, ``integral of s * E[rate(s)] ds``, in units of two hours.
        """
        age = self._since + wait
        captured = delayed = 0.0
        for scale, rest, moment, mean, rows, total in self._scales:
            stretch = 1 + age / scale
            left = stretch**-_Q
            none = math.exp(THETAS[1] * (left - rest))
            at_once = THETAS[1] * wait * _Q / scale * left / stretch
            lost = 0.0
            for weight in rows:
                lost += weight * none * (1 + at_once)
                none *= none
                at_once += at_once
            captured += total - lost
            delayed += mean * (scale / (1 - _Q) * (stretch * left - moment) - wait * left)
        return self._share * captured + (1 - self._share) / _DELAY_UNIT * delayed

    def until(self, price: float, least: float, most: float) -> float:
        """The wait after which a look is worth that price, to one part in a hundred, within those limits."""
        if self.worth(least) >= price:
            return least
        low, below = math.log(least), math.log(max(self.worth(least), _LEAST) / price)
        high, above = math.log(most), math.log(max(self.worth(most), _LEAST) / price)
        if above <= 0:
            return most
        kept = 0
        while high - low > _NEAR:
            middle = low - below * (high - low) / (above - below)
            middle = min(max(middle, low + _NEAR / 2), high - _NEAR / 2)
            over = math.log(max(self.worth(math.exp(middle)), _LEAST) / price)
            if abs(over) < _NEAR:
                return math.exp(middle)
            if over > 0:
                high, above, below, kept = middle, over, below / 2 if kept > 0 else below, 1
            else:
                low, below, above, kept = middle, over, above / 2 if kept < 0 else above, -1
        return math.exp(high)
