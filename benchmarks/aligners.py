"""The aligners that are compared, behind one shape: two lists of sentences into pairs of places.

Writethru is given the two texts, as a user would give them, and what it says of its own sentences is
carried over to those of the list; the others are given the lists.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from rapidfuzz import fuzz, process

from monitor.compare import compare
from monitor.extract import extract_plain
from storage.records import Diff

Links = set[tuple[int, int]]
Paragraphs = Sequence[Sequence[str]]
_MATCH = 50.0


def writethru(old: Paragraphs, new: Paragraphs) -> Links:
    diff = compare(extract_plain(joined(old)), extract_plain(joined(new)))
    return links_of(diff, old, new)


def difflib_sentences(old: Paragraphs, new: Paragraphs) -> Links:
    """Equal sentences, and within what was replaced one for one in their order."""
    a, b = _flat(old), _flat(new)
    links: Links = set()
    for tag, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            links.update(zip(range(i, i_end), range(j, j_end), strict=False))
    return links


def best_match(old: Paragraphs, new: Paragraphs) -> Links:
    """Each sentence to the one most like it, from both sides, where they are half alike: rapidfuzz's
    ratio of the sorted words."""
    scores = _scores(old, new)
    links: Links = set()
    for i, row in enumerate(scores):
        if row and max(row) >= _MATCH:
            links.add((i, row.index(max(row))))
    for j, column in enumerate(zip(*scores, strict=True)):
        if column and max(column) >= _MATCH:
            links.add((column.index(max(column)), j))
    return links


def hungarian(old: Paragraphs, new: Paragraphs) -> Links:
    """The one-to-one pairing of the largest sum of the same ratio; pairs less than half alike fall away."""
    scores = _scores(old, new)
    if not scores or not scores[0]:
        return set()
    flipped = len(scores) > len(scores[0])
    table = [list(column) for column in zip(*scores, strict=True)] if flipped else scores
    pairs = ((j, i) if flipped else (i, j) for i, j in enumerate(_assigned(table)))
    return {(i, j) for i, j in pairs if scores[i][j] >= _MATCH}


ALIGNERS: dict[str, Callable[[Paragraphs, Paragraphs], Links]] = {
    "writethru": writethru,
    "difflib": difflib_sentences,
    "best match": best_match,
    "Hungarian": hungarian,
}


def joined(paragraphs: Paragraphs) -> str:
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def links_of(diff: Diff, old: Paragraphs, new: Paragraphs) -> Links:
    """What a diff says of its sentences, said of those of two lists: a sentence of ours stands for those
    of the list that it mostly covers, or that mostly cover it."""
    places_old, places_new = _places(diff.old_sentences, old), _places(diff.new_sentences, new)
    flat_old, flat_new = _flat(old), _flat(new)
    links: Links = set()
    for group in diff.sentences:
        ours = sorted({place for one in group.old for place in places_old[one]})
        theirs = sorted({place for one in group.new for place in places_new[one]})
        several = len(ours) > 1 and len(theirs) > 1
        links |= {
            (i, j) for i in ours for j in theirs if not several or _share_half(flat_old[i], flat_new[j])
        }
    return links


def _share_half(one: str, other: str) -> bool:
    """Whether half the words of the shorter stand in the other: which of many in one of our groups is which."""
    ours, theirs = Counter(one.split()), Counter(other.split())
    return 2 * (ours & theirs).total() >= min(ours.total(), theirs.total())


def _places(ours: Sequence[str], paragraphs: Paragraphs) -> list[list[int]]:
    """For each sentence of ours the places in the list; counted in characters that are no spaces."""
    theirs = [len("".join(sentence.split())) for sentence in _flat(paragraphs)]
    ends = list(accumulate(theirs))
    places, start = [], 0
    for sentence in ours:
        size = len("".join(sentence.split()))
        places.append(list(_covered(start, start + size, ends, theirs)))
        start += size
    return places


def _covered(start: int, end: int, ends: Sequence[int], sizes: Sequence[int]) -> Iterator[int]:
    for place in range(bisect_right(ends, start), len(ends)):
        begin = ends[place] - sizes[place]
        if begin >= end:
            return
        common = min(end, ends[place]) - max(start, begin)
        if 2 * common > min(sizes[place], end - start):
            yield place


def _scores(old: Paragraphs, new: Paragraphs) -> list[list[float]]:
    """Of every old sentence with every new one, 0 to 100."""
    a, b = ([sentence.lower() for sentence in _flat(side)] for side in (old, new))
    return [[match[1] for match in _in_place(one, b)] for one in a]


def _in_place(one: str, others: Sequence[str]) -> list[tuple[str, float, int]]:
    found = process.extract(one, others, scorer=fuzz.token_sort_ratio, limit=None)
    return sorted(found, key=lambda match: match[2])


def _assigned(scores: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row in the assignment of the largest sum: shortest augmenting paths with
    potentials (Jonker and Volgenant 1987), rows no more than columns, O(rows² · columns)."""
    columns = len(scores[0])
    row_of = [-1] * (columns + 1)  # the last column is where each new row begins
    potentials = [0.0] * len(scores), [0.0] * (columns + 1)
    for row in range(len(scores)):
        row_of[columns] = row
        at, came = _shortest_path(scores, row_of, *potentials)
        while at != columns:
            row_of[at], at = row_of[came[at]], came[at]
    places = {row: column for column, row in enumerate(row_of[:columns])}
    return [places[row] for row in range(len(scores))]


def _shortest_path(
    scores: Sequence[Sequence[float]],
    row_of: Sequence[int],
    over_rows: list[float],
    over_columns: list[float],
) -> tuple[int, list[int]]:
    """The free column that is cheapest to reach, and from where each column was reached; the potentials
    are raised on the way."""
    columns = len(row_of) - 1
    least, came = [float("inf")] * columns, [-1] * columns
    done: list[int] = []
    open_columns = set(range(columns))
    at = columns
    while row_of[at] != -1:
        done.append(at)
        here = row_of[at]
        for column in open_columns:
            cost = -scores[here][column] - over_rows[here] - over_columns[column]
            if cost < least[column]:
                least[column], came[column] = cost, at
        at = min(open_columns, key=lambda column: (least[column], column))
        step = least[at]
        open_columns.discard(at)
        for column in done:
            over_rows[row_of[column]] += step
            over_columns[column] -= step
        for column in (*open_columns, at):
            least[column] -= step
    return at, came


def _flat(paragraphs: Paragraphs) -> list[str]:
    return [sentence for paragraph in paragraphs for sentence in paragraph]
