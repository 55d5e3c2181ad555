"""Quotations that changed between two versions of a passage: their words, their marks, who speaks them.

The kind of mark is nothing, nor is a quotation broken up by "he said" or joined again. Two quotations
are the same where most of their words are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rapidfuzz.distance import Indel

from monitor.events.pairing import Pair
from monitor.events.reading import Reading
from monitor.events.told import Fact, Told
from storage.records import EventKind, Severity, fold_spaces

_MOST_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """`items` are those inside the marks, `keys` what they are compared by."""

    items: tuple[int, ...]
    keys: tuple[object, ...]
    text: str


def quotations(reading: Reading) -> list[Quotation]:
    inside: dict[int, list[int]] = {}
    for at, item in enumerate(reading.items):
        if item.quote >= 0:
            inside.setdefault(item.quote, []).append(at)
    found = []
    for number, places in inside.items():
        span = reading.quotes[number]
        words = fold_spaces(reading.text[span.start : span.end]).strip(" ,.;")
        found.append(Quotation(tuple(places), tuple(reading.items[at].key for at in places), words))
    return found


def quote_changes(pair: Pair, told: Told) -> Iterator[Fact]:
    """Quotations that differ. All that stands in any quotation is told by this."""
    ours, theirs = quotations(pair.before), quotations(pair.after)
    told.add((at for q in ours for at in q.items), (at for q in theirs for at in q.items))
    if not ours and not theirs:
        return
    left, right = _unequal(ours, theirs)
    left, right = _not_broken_up(pair, left, right)
    for old, new in _matched(left, right):
        place = pair.place(_first(pair, old, True), _first(pair, new, False))
        yield Fact(
            EventKind.QUOTE_CHANGED,
            Severity.SUBSTANTIVE,
            old.text if old is not None else None,
            new.text if new is not None else None,
            place,
        )


def _unequal(
    ours: Sequence[Quotation], theirs: Sequence[Quotation]
) -> tuple[list[Quotation], list[Quotation]]:
    stay = Counter(q.keys for q in ours) & Counter(q.keys for q in theirs)
    return _without(ours, stay), _without(theirs, stay)


def _without(found: Sequence[Quotation], stay: Counter[tuple[object, ...]]) -> list[Quotation]:
    left = Counter(stay)
    rest = []
    for quotation in found:
        if left[quotation.keys] > 0:
            left[quotation.keys] -= 1
        else:
            rest.append(quotation)
    return rest


def _not_broken_up(
    pair: Pair, left: list[Quotation], right: list[Quotation]
) -> tuple[list[Quotation], list[Quotation]]:
    """Leave out quotations that are the same words in one piece and in several."""
    if len(left) * len(right) > _MOST_PAIRS:
        return left, right
    for whole, pieces in ((left, right), (right, left)):
        for one in list(whole):
            run = _pieces_of(one, pieces)
            if run:
                whole.remove(one)
                for piece in run:
                    pieces.remove(piece)
    return left, right


def _pieces_of(one: Quotation, pieces: Sequence[Quotation]) -> list[Quotation]:
    for start, first in enumerate(pieces):
        if first.keys[0] != one.keys[0]:
            continue
        keys: tuple[object, ...] = ()
        for end in range(start, min(len(pieces), start + 6)):
            keys += pieces[end].keys
            if keys == one.keys:
                return list(pieces[start : end + 1])
            if len(keys) >= len(one.keys):
                break
    return []


def _matched(
    left: list[Quotation], right: list[Quotation]
) -> Iterator[tuple[Quotation | None, Quotation | None]]:
    """The likest first; what is left in its order."""
    scored = sorted(
        (
            (-likeness, i, j)
            for i, old in enumerate(left[:40])
            for j, new in enumerate(right[:40])
            if (likeness := Indel.normalized_similarity(old.keys, new.keys)) >= 0.3
        ),
    )
    used_old: set[int] = set()
    used_new: set[int] = set()
    for _score, i, j in scored:
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            yield left[i], right[j]
    rest_old = [q for i, q in enumerate(left) if i not in used_old]
    rest_new = [q for j, q in enumerate(right) if j not in used_new]
    yield from zip_longest(rest_old, rest_new)


def _first(pair: Pair, quotation: Quotation | None, old: bool) -> int | None:
    """The first item of a quotation that did not stay, or its first one."""
    if quotation is None:
        return None
    kept = pair.partner if old else pair.back
    return next((at for at in quotation.items if at not in kept), quotation.items[0])
