"""Dates that changed between two versions of a passage, piece by piece.

Pieces that stand side by side are told as one. A relative day brought up to date, or a weekday put
beside the date it names, is minor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from monitor.events.dates import DateSort
from monitor.events.pairing import Pair
from monitor.events.reading import Part, Reading
from monitor.events.told import Fact, Told
from storage.records import EventKind, Severity

_Run = tuple[int, ...]


def date_changes(pair: Pair, told: Told) -> Iterator[Fact]:
    """Dates that differ, outside of quotations."""
    found: list[tuple[_Run, _Run]] = []
    gone: list[_Run] = []
    came: list[_Run] = []
    for change in pair.changes:
        old = _runs(pair.before, [at for at in change.old if _is_told(pair.before, at, told.old)])
        new = _runs(pair.after, [at for at in change.new if _is_told(pair.after, at, told.new)])
        both = min(len(old), len(new))
        found += zip(old[:both], new[:both], strict=True)
        gone += old[both:]
        came += new[both:]
    moved = Counter(_keys(pair.before, run) for run in gone) & Counter(_keys(pair.after, run) for run in came)
    gone, came = _without(pair.before, gone, moved), _without(pair.after, came, moved)
    both = min(len(gone), len(came))
    found += zip(gone[:both], came[:both], strict=True)
    found += [(run, ()) for run in gone[both:]] + [((), run) for run in came[both:]]
    for old_run, new_run in found:
        told.add(old_run, new_run)
        if _keys(pair.before, old_run) != _keys(pair.after, new_run):
            place = pair.place(old_run[0] if old_run else None, new_run[0] if new_run else None)
            severity = _severity(pair, old_run, new_run)
            old_text, new_text = _shown(pair.before, old_run), _shown(pair.after, new_run)
            yield Fact(EventKind.DATE_CHANGED, severity, old_text, new_text, place)


def _is_told(reading: Reading, at: int, told: set[int]) -> bool:
    item = reading.items[at]
    return item.part is Part.DATE and at not in told and item.quote < 0


def _runs(reading: Reading, places: Sequence[int]) -> list[_Run]:
    """Pieces side by side, with no more than a comma between them."""
    runs: list[_Run] = []
    for at in places:
        if runs and runs[-1][-1] == at - 1 and reading.items[at].gap.strip() in ("", ","):
            runs[-1] = (*runs[-1], at)
        else:
            runs.append((at,))
    return runs


def _keys(reading: Reading, run: _Run) -> tuple[object, ...]:
    return tuple(reading.items[at].key for at in run)


def _without(reading: Reading, runs: Sequence[_Run], moved: Mapping[tuple[object, ...], int]) -> list[_Run]:
    """Those runs without the first ones of each date that only moved."""
    left, rest = Counter(moved), []
    for run in runs:
        keys = _keys(reading, run)
        if left[keys] > 0:
            left[keys] -= 1
        else:
            rest.append(run)
    return rest


def _sorts(reading: Reading, run: _Run) -> set[DateSort]:
    return {item.date.sort for at in run if (item := reading.items[at]).date is not None}


def _severity(pair: Pair, old: _Run, new: _Run) -> Severity:
    ours, theirs = _sorts(pair.before, old), _sorts(pair.after, new)
    if old and new:
        days = {DateSort.RELATIVE, DateSort.WEEKDAY}
        up_to_date = DateSort.RELATIVE in ours | theirs and ours | theirs <= days
        return Severity.MINOR if up_to_date else Severity.SUBSTANTIVE
    reading, run, sorts = (pair.before, old, ours) if old else (pair.after, new, theirs)
    beside = [reading.items[at] for at in (run[0] - 1, run[-1] + 1) if 0 <= at < len(reading.items)]
    dated = any(item.part is Part.DATE for item in beside)
    return Severity.MINOR if sorts == {DateSort.WEEKDAY} and dated else Severity.SUBSTANTIVE


def _shown(reading: Reading, run: _Run) -> str | None:
    return reading.shown(run[0], run[-1]) if run else None
