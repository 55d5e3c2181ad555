"""Which of the paired sentences stayed and which were moved: what stays is the heaviest run of pairs that
rises on both sides, weighed in words, so that of two that changed places the lighter one moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise


def heaviest_chain(pairs: Mapping[int, int], weights: Sequence[int]) -> set[int]:
    """Old places of the pairs that stay; ``weights`` are those of the old sentences. O(n log n), with a
    Fenwick tree of prefix maxima."""
    order = sorted(pairs)
    if all(pairs[a] < pairs[b] for a, b in pairwise(order)):
        return set(order)
    ranks = sorted(pairs.values())
    best: list[tuple[int, int]] = [(0, -1)] * (len(ranks) + 1)
    previous: dict[int, int] = {}
    champion = (0, -1)
    for i in order:
        rank = bisect_left(ranks, pairs[i]) + 1
        weight, previous[i] = _heaviest_below(best, rank)
        reached = (weight + 1 + 4 * weights[i], i)  # a sentence more decides between equal words
        _raise(best, rank, reached)
        champion = max(champion, reached, key=lambda chain: chain[0])
    stays, at = set(), champion[1]
    while at != -1:
        stays.add(at)
        at = previous[at]
    return stays


def _heaviest_below(best: Sequence[tuple[int, int]], rank: int) -> tuple[int, int]:
    found = (0, -1)
    place = rank - 1
    while place > 0:
        if best[place][0] > found[0]:
            found = best[place]
        place -= place & -place
    return found


def _raise(best: list[tuple[int, int]], rank: int, reached: tuple[int, int]) -> None:
    place = rank
    while place < len(best):
        if reached[0] > best[place][0]:
            best[place] = reached
        place += place & -place
