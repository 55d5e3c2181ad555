"""What two sequences have in common, in time that no input can drive up.

A short piece is matched as a reader would, the longest common run first (difflib); a longer one by its
longest common subsequence (rapidfuzz, bit-parallel). Very long ones are cut at landmarks before: what
stands once in each, and in the same order; where there are none, two long passages share nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from rapidfuzz.distance import Indel

Block = tuple[int, int, int]
_SHORT = 160
_CELLS = 20_000_000
_DEPTH = 5
_SHINGLES = (1, 6)


def matching(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Runs that both have, in order: (start in a, start in b, length). Exchanging the two exchanges the
    starts: it is always the smaller one that is matched to the other."""
    if (len(a), a) > (len(b), b):
        return [(i, j, length) for j, i, length in _joined(_blocks(b, a, 0, 0, _DEPTH))]
    return list(_joined(_blocks(a, b, 0, 0, _DEPTH)))


def _blocks(a: Sequence[str], b: Sequence[str], at_a: int, at_b: int, depth: int) -> Iterator[Block]:
    """The runs of two pieces that begin at those places of the whole."""
    least = min(len(a), len(b))
    head = next((k for k in range(least) if a[k] != b[k]), least)
    least -= head
    tail = next((k for k in range(least) if a[-1 - k] != b[-1 - k]), least)
    yield at_a, at_b, head
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if inner_a and inner_b:
        if len(inner_a) * len(inner_b) <= _CELLS:
            yield from _exact(inner_a, inner_b, at_a + head, at_b + head)
        elif depth:
            yield from _between_landmarks(inner_a, inner_b, at_a + head, at_b + head, depth)
    yield at_a + len(a) - tail, at_b + len(b) - tail, tail


def _exact(a: Sequence[str], b: Sequence[str], at_a: int, at_b: int) -> Iterator[Block]:
    if len(a) + len(b) <= _SHORT:
        ours, theirs = Counter(a), Counter(b)
        if sum(ours[word] * theirs[word] for word in ours) <= _SHORT:  # else difflib would be slow
            for i, j, length in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
                yield at_a + i, at_b + j, length
            return
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            yield at_a + code.src_start, at_b + code.dest_start, code.src_end - code.src_start


def _between_landmarks(
    a: Sequence[str], b: Sequence[str], at_a: int, at_b: int, depth: int
) -> Iterator[Block]:
    marks = next((found for size in _SHINGLES if (found := _landmarks(a, b, size))), [])
    if not marks:
        return
    for (i, j), (i_end, j_end) in pairwise([(0, 0), *marks, (len(a), len(b))]):
        yield from _blocks(a[i:i_end], b[j:j_end], at_a + i, at_b + j, depth - 1)


def _landmarks(a: Sequence[str], b: Sequence[str], size: int) -> list[tuple[int, int]]:
    """Places of runs of that length that stand once in each, as many as follow one another in both."""
    ours, theirs = _once(a, size), _once(b, size)
    return longest_chain([(i, theirs[run]) for run, i in ours.items() if run in theirs])


def _once(sequence: Sequence[str], size: int) -> dict[Hashable, int]:
    """The places of the runs of that length that stand there only once; long runs by their hashes."""
    runs: list[Hashable] = list(sequence)
    if size > 1:
        runs = list(map(hash, zip(*(sequence[k:] for k in range(size)), strict=False)))
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def longest_chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises on both sides; the pairs come in the order of the first."""
    ends: list[int] = []
    holders: list[int] = []
    behind: list[int] = []
    for number, (_i, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        behind.append(holders[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        holders[place : place + 1] = [number]
    chain = []
    number = holders[-1] if holders else -1
    while number >= 0:
        chain.append(pairs[number])
        number = behind[number]
    return chain[::-1]


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same without empty runs, and with neighbours made one."""
    waiting = (0, 0, 0)
    for i, j, length in blocks:
        if not length:
            continue
        if (i, j) == (waiting[0] + waiting[2], waiting[1] + waiting[2]):
            waiting = (waiting[0], waiting[1], waiting[2] + length)
        else:
            if waiting[2]:
                yield waiting
            waiting = (i, j, length)
    if waiting[2]:
        yield waiting
