"""Which sentence of the old text became which of the new one, one to one.

The most alike are paired first; it takes less likeness to pair two that stand between the same neighbours
than two that would have been moved, and least where nothing else is left between them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from monitor.compare.chain import heaviest_chain
from monitor.compare.likeness import Likeness, Sentence

_IN_PLACE = 0.45
_MOVED = 0.55
_MOVED_WORDS = 4
_LONE, _FEW, _MANY = 0.25, 0.3, 0.4
_PLACE = 0.2
_NEIGHBOUR = 0.05
_FEW_LEFT = 3
_SMALL_GAP = 64
_NEAR = 1

Pairs = dict[int, int]
Gap = tuple[list[int], list[int]]


def pair_alike(old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs, likeness: Likeness) -> None:
    """Add the pairs that are much alike, best first."""
    left_old, left_new = left_over(old, new, pairs)
    gaps = _Gaps(old, pairs)
    ranked = []
    for i, j in likeness.promising(left_old, left_new):
        score = likeness.of(i, j)
        in_place = gaps.of_old(i) == gaps.of_new(j)
        long = min(len(old[i].words), len(new[j].words)) >= _MOVED_WORDS
        if score >= (_IN_PLACE if in_place else _MOVED) and (in_place or long):
            beside = (pairs.get(i - 1, -9) == j - 1) + (pairs.get(i + 1, -9) == j + 1)
            bonus = _PLACE * in_place + _NEIGHBOUR * beside
            ranked.append((-score - bonus, abs(i - j), i + j, i, j))
    taken = set(pairs.values())
    for *_rank, i, j in sorted(ranked):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def pair_between(gaps: Sequence[Gap], likeness: Likeness) -> Iterator[tuple[int, int]]:
    """Pairs of what is only a little alike between the same two neighbours, without crossing."""
    for ours, theirs in gaps:
        yield from _uncrossed(sorted(_scored(ours, theirs, likeness), reverse=True))


def _uncrossed(scored: Sequence[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """The best pair, then the next best that neither uses nor crosses one before, and so on."""
    chosen: list[tuple[int, int]] = []
    for _score, i, j in scored:
        place = bisect_left(chosen, (i, j))
        before, after = chosen[place - 1 : place], chosen[place : place + 1]
        if all(a < i and b < j for a, b in before) and all(a > i and b > j for a, b in after):
            chosen.insert(place, (i, j))
    return chosen


def _scored(
    ours: Sequence[int], theirs: Sequence[int], likeness: Likeness
) -> Iterator[tuple[float, int, int]]:
    """Every pair of a small gap, and of a large one those near its diagonal."""
    size = min(len(ours), len(theirs))
    least = _LONE if len(ours) == len(theirs) == 1 else _FEW if size <= _FEW_LEFT else _MANY
    for i, j in near_pairs(ours, theirs):
        score = likeness.of(i, j)
        if score >= least:
            yield score, i, j


def near_pairs(ours: Sequence[int], theirs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """All pairs, or so many about the diagonal that their number grows only with the gap."""
    if len(ours) * len(theirs) <= _SMALL_GAP:
        yield from product(ours, theirs)
        return
    for place, i in enumerate(ours):
        middle = place * len(theirs) // len(ours)
        for j in theirs[max(0, middle - _NEAR) : middle + _NEAR + 1]:
            yield i, j


def gaps_between(
    old: Sequence[Sentence], pairs: Pairs, left_old: Iterable[int], left_new: Iterable[int]
) -> list[Gap]:
    """What is left over of both texts, by the neighbours between which it stands; only where both have
    something."""
    gaps = _Gaps(old, pairs)
    here: dict[int, Gap] = defaultdict(lambda: ([], []))
    for i in left_old:
        here[gaps.of_old(i)][0].append(i)
    for j in left_new:
        here[gaps.of_new(j)][1].append(j)
    return [gap for gap in here.values() if gap[0] and gap[1]]


def left_over(old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    return [i for i in range(len(old)) if i not in pairs], [j for j in range(len(new)) if j not in taken]


class _Gaps:
    """The places between the pairs that stay, numbered: two sentences in one stand between the same
    neighbours."""

    def __init__(self, old: Sequence[Sentence], pairs: Pairs) -> None:
        self._old = sorted(heaviest_chain(pairs, lambda i: len(old[i].words)))
        self._new = [pairs[i] for i in self._old]

    def of_old(self, i: int) -> int:
        return bisect_left(self._old, i)

    def of_new(self, j: int) -> int:
        return bisect_left(self._new, j)
