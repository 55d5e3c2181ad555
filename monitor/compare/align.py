"""Which sentence of the old text is which of the new one.

Identical sentences are anchored first, nearest first; what is left is paired by likeness: half
IDF-weighted Dice of the words, half Indel similarity (rapidfuzz), best pairs first; then what is
contained in a paired sentence joins it as a split or a merge. Pairs off the heaviest increasing
chain are moves. Symmetric: exchanging the texts exchanges additions and deletions.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Indel

from storage.records import Aligned, SentenceOp

_ACCEPT = 0.50
_PRUNE = 0.28
_CONTAINED = 0.72
_SPLIT_WORDS = 4


@dataclass(frozen=True)
class Sentence:
    """A sentence as it is compared: as it is shown with spaces folded, its normalised text, and its
    words in lower case."""

    shown: str
    text: str
    words: tuple[str, ...]


def align(old: Sequence[Sentence], new: Sequence[Sentence]) -> tuple[Aligned, ...]:
    """Groups of sentences that belong together, in the order of the new text; what was deleted
    stands where it was, before what took its place."""
    pairs = _anchors(old, new)
    _pair_alike(old, new, pairs)
    joined_old, joined_new = _join_contained(old, new, pairs)
    stays = _heaviest_chain(pairs, new)
    return _in_order(old, new, pairs, joined_old, joined_new, stays)


def _anchors(old: Sequence[Sentence], new: Sequence[Sentence]) -> dict[int, int]:
    """Identical sentences, those in place first, then the nearest; old index to new index."""
    pairs: dict[int, int] = {}
    head = 0
    while head < min(len(old), len(new)) and old[head].text == new[head].text:
        pairs[head] = head
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail].text == new[-1 - tail].text:
        pairs[len(old) - 1 - tail] = len(new) - 1 - tail
        tail += 1
    places: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in range(head, len(old) - tail):
        places[old[i].text][0].append(i)
    for j in range(head, len(new) - tail):
        places[new[j].text][1].append(j)
    for ours, theirs in places.values():
        if len(ours) == len(theirs):
            pairs.update(zip(ours, theirs, strict=True))
            continue
        candidates = sorted(
            ((i, j) for i in ours for j in theirs[:200]), key=lambda p: (abs(p[0] - p[1]), p[0] + p[1])
        )
        taken_new: set[int] = set()
        for i, j in candidates:
            if i not in pairs and j not in taken_new:
                pairs[i] = j
                taken_new.add(j)
    return pairs


def _pair_alike(old: Sequence[Sentence], new: Sequence[Sentence], pairs: dict[int, int]) -> None:
    """Add the pairs of like sentences among those that are not anchored."""
    taken = set(pairs.values())
    left_old = [i for i in range(len(old)) if i not in pairs]
    left_new = [j for j in range(len(new)) if j not in taken]
    if not left_old or not left_new:
        return
    weights = _weights(old, new)
    scored = _scores(old, new, left_old, left_new, weights)
    for _score, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1] + s[2])):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _weights(old: Sequence[Sentence], new: Sequence[Sentence]) -> dict[str, float]:
    """Inverse document frequency of each word over all sentences of both texts."""
    seen = Counter(word for sentence in (*old, *new) for word in set(sentence.words))
    total = len(old) + len(new)
    return {word: math.log(1 + total / count) for word, count in seen.items()}


def _scores(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    left_old: Sequence[int],
    left_new: Sequence[int],
    weights: dict[str, float],
) -> list[tuple[float, int, int]]:
    """Likeness of every promising pair; found through shared rare words, so that all-different
    texts cost little."""
    postings: dict[str, list[int]] = defaultdict(list)
    for j in left_new:
        for word in set(new[j].words):
            postings[word].append(j)
    bags = {j: Counter(new[j].words) for j in left_new}
    mass = {j: sum(weights[w] for w in new[j].words) for j in left_new}
    scored = []
    for i in left_old:
        ours = Counter(old[i].words)
        own = sum(weights[w] * n for w, n in ours.items())
        shared: Counter[int] = Counter()
        for word in ours:
            theirs = postings.get(word, ())
            if len(theirs) <= 400:
                shared.update(theirs)
        for j in shared:
            common = sum(min(n, bags[j][w]) * weights[w] for w, n in ours.items())
            dice = 2 * common / (own + mass[j]) if own + mass[j] else 0.0
            if dice < _PRUNE:
                continue
            score = dice / 2 + Indel.normalized_similarity(old[i].words, new[j].words) / 2
            if score >= _ACCEPT:
                scored.append((score, i, j))
    return scored


def _join_contained(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: dict[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Unpaired sentences whose words stand in a neighbour's partner: (old index to new index it
    was merged into, new index to old index it was split from)."""
    back = {j: i for i, j in pairs.items()}
    merged = _contained(old, new, pairs)
    split = _contained(new, old, back)
    torn = {back[j] for j in merged.values()} & set(split.values())  # both at once would be neither
    merged = {i: j for i, j in merged.items() if back[j] not in torn}
    split = {j: i for j, i in split.items() if i not in torn}
    return merged, split


def _contained(ours: Sequence[Sentence], theirs: Sequence[Sentence], pairs: dict[int, int]) -> dict[int, int]:
    """Our unpaired sentences that are mostly contained in the partner of a neighbour, where that
    partner is not just the neighbour itself."""
    found = {}
    for i in range(len(ours)):
        if i in pairs or len(ours[i].words) < _SPLIT_WORDS:
            continue
        for neighbour in (i - 1, i + 1):
            j = pairs.get(neighbour)
            if j is None or ours[neighbour].text == theirs[j].text:
                continue
            rest = Counter(theirs[j].words) - Counter(ours[neighbour].words)
            inside = sum((Counter(ours[i].words) & rest).values())
            if inside >= _CONTAINED * len(ours[i].words):
                found[i] = j
                break
    return found


def _heaviest_chain(pairs: dict[int, int], new: Sequence[Sentence]) -> set[int]:
    """Old indices of the pairs that stay: the increasing chain with the most words in it
    (heaviest increasing subsequence, O(n log n) with a Fenwick tree of prefix maxima)."""
    order = sorted(pairs)
    if all(pairs[a] < pairs[b] for a, b in pairwise(order)):
        return set(order)
    ranks = sorted(pairs.values())
    best: list[tuple[int, int]] = [(0, -1)] * (len(ranks) + 1)
    previous: dict[int, int] = {}
    champion = (0, -1)
    for i in order:
        rank = bisect_left(ranks, pairs[i]) + 1
        weight, behind = 0, -1
        place = rank - 1
        while place > 0:
            if best[place][0] > weight:
                weight, behind = best[place]
            place -= place & -place
        reached = (weight + max(1, len(new[pairs[i]].words)), i)
        previous[i] = behind
        place = rank
        while place <= len(ranks):
            if reached[0] > best[place][0]:
                best[place] = reached
            place += place & -place
        if reached[0] > champion[0]:
            champion = reached
    stays, at = set(), champion[1]
    while at != -1:
        stays.add(at)
        at = previous[at]
    return stays


def _in_order(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    pairs: dict[int, int],
    merged: dict[int, int],
    split: dict[int, int],
    stays: set[int],
) -> tuple[Aligned, ...]:
    back = {j: i for i, j in pairs.items()}
    groups: list[Aligned] = []
    position = 0

    def flush(upto: int) -> None:
        nonlocal position
        for i in range(position, upto):
            if i not in pairs and i not in merged:
                groups.append(Aligned(op=SentenceOp.DELETE, old=(i,), new=()))
        position = max(position, upto)

    for j in range(len(new)):
        if j in split:
            continue
        i = back.get(j)
        if i is None:
            groups.append(Aligned(op=SentenceOp.ADD, old=(), new=(j,)))
            continue
        if i in stays:
            flush(i)
            position = max(position, i + 1)
        parts_old = tuple(sorted([i, *(k for k, into in merged.items() if into == j)]))
        parts_new = tuple(sorted([j, *(k for k, out_of in split.items() if out_of == i)]))
        groups.append(
            Aligned(op=_op(old, new, i, j, parts_old, parts_new, stays), old=parts_old, new=parts_new)
        )
    flush(len(old))
    return tuple(groups)


def _op(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    i: int,
    j: int,
    parts_old: tuple[int, ...],
    parts_new: tuple[int, ...],
    stays: set[int],
) -> SentenceOp:
    if i not in stays:
        return SentenceOp.MOVE
    if len(parts_new) > 1:
        return SentenceOp.SPLIT
    if len(parts_old) > 1:
        return SentenceOp.MERGE
    return SentenceOp.KEEP if old[i].shown == new[j].shown else SentenceOp.EDIT
