"""Figures as figures: what a number in a passage stands for, with its unit, however it is written.

"seven" is 7, "$1.5bn" is 1.5 billion dollars, "5 per cent" is 5%, "2:30 p.m." is 14:30. Whether a
figure changed is for others to say; dates are read elsewhere and before.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal


class Sort(enum.Enum):
    COUNT = "count"
    ORDINAL = "ordinal"
    VAGUE = "vague"  # hundreds, dozens
    FRACTION = "fraction"
    RANGE = "range"  # 20-30, and a score
    CLOCK = "clock"
    CODE = "code"  # 18.2.0, MH370, 9/11


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is what two figures are compared by, `size` what they are ordered by (None: nothing).
    `unit` is one name for all ways to write it. `weak`: a word such as "one", "first" or "half",
    which is a figure only where another figure takes its place."""

    value: object
    size: float | None
    unit: str
    sort: Sort
    weak: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return ("figure", self.value, self.unit, self.sort)


@dataclass(frozen=True, slots=True)
class Found:
    """A figure and the tokens that it takes up: those that name it, and with those of its unit."""

    figure: Figure
    named: int
    whole: int


def is_spread(before: str, first: Found, second: Found) -> bool:
    """Whether "20 to 30" is one figure: two counts of which the second is more, and no "from" before them."""
    ours, theirs = first.figure, second.figure
    counts = ours.sort is theirs.sort is Sort.COUNT and ours.unit in ("", theirs.unit)
    more = ours.size is not None and theirs.size is not None and ours.size < theirs.size
    return counts and more and not ours.weak and before not in ("from", "von", "de", "da", "desde", "van")


def range_of(first: Found, second: Found) -> Found:
    """ "20-30" or a score; the unit behind the second is that of both."""
    unit = second.figure.unit or first.figure.unit
    value = tuple(  # "20-30" and "20 to 30" alike
        number.normalize() if isinstance(number, Decimal) else number
        for number in (first.figure.value, second.figure.value)
    )
    return Found(Figure(value, first.figure.size, unit, Sort.RANGE), second.named, second.whole)
