"""Figures that changed between two versions of a passage, and what a figure counts.

An old figure is paired with the new one in its place, or else with the one of the same unit and noun.
A figure that counts people killed, hurt, missing, arrested or driven out is a key figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from monitor.events.counting import is_toll
from monitor.events.dates import DateSort
from monitor.events.figures import Sort
from monitor.events.numbering import is_lettered_anew, is_numbering
from monitor.events.pairing import Change, Pair
from monitor.events.reading import Item, Part, Reading
from monitor.events.told import Fact, Told
from storage.records import EventKind, Severity

_NEAR = 3
_LONG_CLAUSE = 8  # content words
_TOO_FAR = 0.35  # share of plain words kept, under which a passage is another one
_MOST_PAIRS, _MOST_LEFT = 400, 40  # beyond these a passage is a table, and its figures pair as they stand


def figure_changes(pair: Pair, told: Told, *, quoted: bool = False) -> Iterator[Fact]:
    """Figures that differ. Those in quotations are left to the quotation, but for key figures;
    `quoted` takes them in."""
    found: list[tuple[int | None, int | None]] = []
    gone: list[int] = []
    came: list[int] = []
    for change in pair.changes:
        _tell_numbering(pair, change, told)
        old = _untold(pair.before, change.old, told.old)
        new = _untold(pair.after, change.new, told.new)
        exchanged = _pairs(pair, old, new)
        found += exchanged
        ours, theirs = {a for a, _b in exchanged}, {b for _a, b in exchanged}
        gone += [at for at in old if at not in ours]
        came += [at for at in new if at not in theirs]
    found += _left_over(pair, gone, came)
    for a, b in found:
        key = _is_key(pair.before, a) or _is_key(pair.after, b)
        in_quotation = _is_quoted(pair.before, a) and _is_quoted(pair.after, b)
        if in_quotation and not quoted and not key:
            continue
        told.add([a] if a is not None else [], [b] if b is not None else [])
        old_text, new_text = _texts(pair, a, b)
        severity = Severity.CRITICAL if key else Severity.SUBSTANTIVE
        yield Fact(EventKind.NUMBER_CHANGED, severity, old_text, new_text, pair.place(a, b))


def _tell_numbering(pair: Pair, change: Change, told: Told) -> None:
    """Take out what only numbers the parts of the text."""
    told.add(
        (at for at in change.old if is_numbering(pair.before, at)),
        (at for at in change.new if is_numbering(pair.after, at)),
    )
    if is_lettered_anew(pair, change):
        told.add(change.old, change.new)


def _untold(reading: Reading, among: Sequence[int], told: set[int]) -> list[int]:
    return [
        at for at in among if _counts(reading.items[at]) and (at not in told or _in_quotation(reading, at))
    ]


def _counts(item: Item) -> bool:
    return item.part is Part.FIGURE or (item.date is not None and item.date.sort is DateSort.YEAR)


def _pairs(pair: Pair, old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
    """Figures that took each other's place in one change: the likest first, then in their order. A year
    pairs only with a figure, not with another year, which is a date."""
    if len(old) * len(new) > _MOST_PAIRS:
        return [(a, b) for a, b in zip(old, new, strict=False) if _score(pair, a, b) is not None]
    scored = []
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            score = _score(pair, a, b)
            if score is not None:
                scored.append((-score, abs(i - j), i + j, a, b))
    found: list[tuple[int, int]] = []
    used_old: set[int] = set()
    used_new: set[int] = set()
    for *_rank, a, b in sorted(scored):
        if a not in used_old and b not in used_new:
            used_old.add(a)
            used_new.add(b)
            found.append((a, b))
    return sorted(found)


def _score(pair: Pair, a: int, b: int) -> int | None:
    """How well two figures would stand for each other; None where they cannot."""
    old, new = pair.before.items[a], pair.after.items[b]
    ours, theirs = old.figure, new.figure
    if ours is None or theirs is None:
        other = ours or theirs
        return (
            0
            if other is not None and other.sort is Sort.COUNT and not other.unit and not other.weak
            else None
        )
    if old.key == new.key:
        return None
    if (ours.weak or theirs.weak) and not _fits(ours.sort, theirs.sort):
        return None
    if ours.weak and theirs.weak and ours.sort is not theirs.sort:
        return None
    score = 2 * (ours.unit == theirs.unit) + 2 * (ours.sort is theirs.sort)
    score += 2 * bool(_nouns(pair.before, a)[:1] and _nouns(pair.before, a)[:1] == _nouns(pair.after, b)[:1])
    return score + (_before(pair.before, a) == _before(pair.after, b))


_CARDINAL = frozenset((Sort.COUNT, Sort.VAGUE, Sort.RANGE))


def _fits(one: Sort, other: Sort) -> bool:
    return one is other or (one in _CARDINAL and other in _CARDINAL)


def _before(reading: Reading, at: int) -> object:
    return reading.items[at - 1].key if at else None


def _nouns(reading: Reading, at: int) -> list[object]:
    """The content words right behind a figure, as long as no comma or other figure stands between."""
    found: list[object] = []
    for item in reading.items[at + 1 : at + 1 + _NEAR]:
        if item.part is not Part.WORD or any(mark in item.gap for mark in ",;:().!?"):
            break
        if item.is_content:
            found.append(item.key)
    return found


def _left_over(pair: Pair, gone: list[int], came: list[int]) -> Iterator[tuple[int | None, int | None]]:
    """Figures without another in their place: those that only moved are none, those of one noun are a
    pair, the rest went or came alone. A word such as "one" is no figure alone, nor is a year."""
    gone = [at for at in gone if _stands_alone(pair.before, at)]
    came = [at for at in came if _stands_alone(pair.after, at)]
    moved = Counter(pair.before.items[a].key for a in gone) & Counter(pair.after.items[b].key for b in came)
    gone, came = _without(pair.before, gone, moved), _without(pair.after, came, moved)
    if pair.kept_share < _TOO_FAR:
        gone = [at for at in gone if is_toll(pair.before, at)]
        came = [at for at in came if is_toll(pair.after, at)]
    gone = [at for at in gone if not _is_told_beside(pair.before, at, pair.after)]
    came = [at for at in came if not _is_told_beside(pair.after, at, pair.before)]
    for old in gone[:_MOST_LEFT]:
        new = next((b for b in came[:_MOST_LEFT] if _same_thing(pair, old, b)), None)
        if new is not None:
            gone.remove(old)
            came.remove(new)
            yield old, new
    yield from ((old, None) for old in gone if not _is_in_clause(pair, old, old=True))
    yield from ((None, new) for new in came if not _is_in_clause(pair, new, old=False))


def _is_told_beside(reading: Reading, at: int, other: Reading) -> bool:
    """Whether a time of day stands right beside a date, with which it came or went, or a number in a link
    of the other passage."""
    items, figure = reading.items, reading.items[at].figure
    beside = [items[place] for place in (at - 1, at + 1) if 0 <= place < len(items)]
    if figure is not None and figure.sort is Sort.CLOCK and any(item.part is Part.DATE for item in beside):
        return True
    number = items[at].text
    return len(number) > 2 and any(number in link for link in other.links)


def _without(reading: Reading, places: Sequence[int], moved: Counter[Hashable]) -> list[int]:
    left, rest = Counter(moved), []
    for at in places:
        key = reading.items[at].key
        if left[key] > 0:
            left[key] -= 1
        else:
            rest.append(at)
    return rest


def _stands_alone(reading: Reading, at: int) -> bool:
    item, figure = reading.items[at], reading.items[at].figure
    after = reading.items[at + 1] if at + 1 < len(reading.items) else None
    kind_of = after is not None and after.gap == "-" and item.text.isalpha()  # two-factor, three-dimensional
    return figure is not None and not figure.weak and not kind_of


def _is_in_clause(pair: Pair, at: int, *, old: bool) -> bool:
    """Whether a figure that is no key figure came or went with a long clause, whose news it is a part of."""
    number = pair.change_at(at, None) if old else pair.change_at(None, at)
    words = pair.clauses[number][0 if old else 1] if number is not None else 0
    return words >= _LONG_CLAUSE and not is_toll(pair.before if old else pair.after, at)


def _same_thing(pair: Pair, old: int, new: int) -> bool:
    ours, theirs = pair.before.items[old].figure, pair.after.items[new].figure
    if ours is None or theirs is None or ours.unit != theirs.unit or not _fits(ours.sort, theirs.sort):
        return False
    return bool(set(_nouns(pair.before, old)[:2]) & set(_nouns(pair.after, new)[:2]))


def _in_quotation(reading: Reading, at: int) -> bool:
    return reading.items[at].quote >= 0


def _is_quoted(reading: Reading, at: int | None) -> bool:
    return at is None or reading.items[at].quote >= 0


def _is_key(reading: Reading, at: int | None) -> bool:
    return at is not None and is_toll(reading, at)


def _texts(pair: Pair, a: int | None, b: int | None) -> tuple[str | None, str | None]:
    """Both figures as they stand; with their unit where it differs, or where one stands alone."""
    old = pair.before.items[a] if a is not None else None
    new = pair.after.items[b] if b is not None else None
    units = [item.figure.unit if item is not None and item.figure is not None else "" for item in (old, new)]
    with_unit = old is None or new is None or units[0] != units[1]
    return _shown(pair.before, old, with_unit), _shown(pair.after, new, with_unit)


def _shown(reading: Reading, item: Item | None, with_unit: bool) -> str | None:
    return None if item is None else reading.text[item.start : item.whole if with_unit else item.end]
