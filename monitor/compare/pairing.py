"""Which sentence of the old text became which of the new one, one to one.

Identical ones first. Of the rest the most alike are paired first; it takes less likeness to pair two that
stand between the same neighbours than two that would have been moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from monitor.compare.anchors import anchors
from monitor.compare.chain import heaviest_chain
from monitor.compare.likeness import Likeness, Sentence

_IN_PLACE = 0.45
_MOVED = 0.55
_MOVED_WORDS = 4
_BETWEEN = 0.3
_NEIGHBOUR = 0.05
_SMALL_GAP = 64

Pairs = dict[int, int]


def paired(old: Sequence[Sentence], new: Sequence[Sentence], likeness: Likeness) -> Pairs:
    """Old place to new place; neither side twice."""
    pairs = anchors([s.text for s in old], [s.text for s in new])
    if len(pairs) < min(len(old), len(new)):
        asked = _pair_alike(old, new, pairs, likeness)
        _pair_between(old, new, pairs, asked, likeness)
    return pairs


def _pair_alike(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs, likeness: Likeness
) -> dict[tuple[int, int], float]:
    """Add the pairs that are much alike, best first; all likenesses that were asked for are returned."""
    left_old, left_new = _left(old, new, pairs)
    gaps = _Gaps(old, pairs)
    asked: dict[tuple[int, int], float] = {}
    ranked = []
    for i, j in likeness.promising(left_old, left_new):
        score = asked[i, j] = likeness.of(i, j)
        in_place = gaps.of_old(i) == gaps.of_new(j)
        long = min(len(old[i].words), len(new[j].words)) >= _MOVED_WORDS
        if score >= (_IN_PLACE if in_place else _MOVED) and (in_place or long):
            beside = (pairs.get(i - 1, -9) == j - 1) + (pairs.get(i + 1, -9) == j + 1)
            bonus = 4 * in_place + beside
            ranked.append((-score - _NEIGHBOUR * bonus, abs(i - j), i + j, i, j))
    taken = set(pairs.values())
    for *_rank, i, j in sorted(ranked):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return asked


def _pair_between(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    pairs: Pairs,
    asked: Mapping[tuple[int, int], float],
    likeness: Likeness,
) -> None:
    """Add what is a little alike between the same two neighbours, without crossing."""
    for ours, theirs in gaps_between(old, new, pairs):
        pairs.update(_uncrossed(sorted(_scored(ours, theirs, asked, likeness), reverse=True)))


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
    ours: Sequence[int],
    theirs: Sequence[int],
    asked: Mapping[tuple[int, int], float],
    likeness: Likeness,
) -> Iterator[tuple[float, int, int]]:
    """Every pair of a small gap, and of a large one those near its diagonal."""
    small = len(ours) * len(theirs) <= _SMALL_GAP
    near = range(-3, 4)
    for place, i in enumerate(ours):
        middle = place * len(theirs) // len(ours)
        for j in theirs if small else (theirs[middle + k] for k in near if 0 <= middle + k < len(theirs)):
            score = asked.get((i, j))
            score = likeness.of(i, j) if score is None else score
            if score >= _BETWEEN:
                yield score, i, j


def gaps_between(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs
) -> list[tuple[list[int], list[int]]]:
    """The unpaired sentences of both texts, by the neighbours between which they stand."""
    gaps = _Gaps(old, pairs)
    left_old, left_new = _left(old, new, pairs)
    here: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in left_old:
        here[gaps.of_old(i)][0].append(i)
    for j in left_new:
        here[gaps.of_new(j)][1].append(j)
    return list(here.values())


def _left(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs
) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    return [i for i in range(len(old)) if i not in pairs], [j for j in range(len(new)) if j not in taken]


class _Gaps:
    """The places between the pairs that stay, numbered: two sentences in one stand between the same
    neighbours."""

    def __init__(self, old: Sequence[Sentence], pairs: Pairs) -> None:
        self._old = sorted(heaviest_chain(pairs, [len(s.words) for s in old]))
        self._new = [pairs[i] for i in self._old]

    def of_old(self, i: int) -> int:
        return bisect_left(self._old, i)

    def of_new(self, j: int) -> int:
        return bisect_left(self._new, j)
