"""Which of the paired sentences stayed and which were moved: what stays is the heaviest run of pairs that
rises on both sides, weighed in words, so that of two that changed places the lighter one moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate


def heaviest_chain(pairs: Mapping[int, int], weigh: Callable[[int], int]) -> set[int]:
    """Old places of the pairs that stay; ``weigh`` is asked for the weight of those that cross others."""
    order = sorted(pairs)
    values = [pairs[i] for i in order]
    highest = list(accumulate(values, max))
    lowest = list(accumulate(reversed(values), min))[::-1]
    crossing = [i for i, top, low in zip(order, highest, lowest, strict=True) if top != low]
    return set(order).difference(crossing) | set(_heaviest(crossing, pairs, weigh))


def _heaviest(order: Sequence[int], pairs: Mapping[int, int], weigh: Callable[[int], int]) -> list[int]:
    """The heaviest rising run of pairs that come in the order of the old text. Kept are the ends of the
    runs that may still grow to it, rising in place and in weight."""
    ends: list[int] = []
    heavy: list[int] = []
    holders: list[int] = []
    behind: dict[int, int | None] = {}
    for i in order:
        place = bisect_left(ends, pairs[i])
        behind[i] = holders[place - 1] if place else None
        weight = (heavy[place - 1] if place else 0) + 4 * weigh(i) + 1  # of equal ones, the most sentences
        beaten = place
        while beaten < len(ends) and heavy[beaten] <= weight:
            beaten += 1
        ends[place:beaten], heavy[place:beaten], holders[place:beaten] = [pairs[i]], [weight], [i]
    chain: list[int] = []
    at = holders[-1] if holders else None
    while at is not None:
        chain.append(at)
        at = behind[at]
    return chain
