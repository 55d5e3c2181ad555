"""The log of one article laid out for reading: periods of time, headlines, pairs to compare.

Two hundred revisions are not read one after the other: what is not the newest is put by
the year, month, day or hour, so that no period is long. Knows what belongs together, not
how it looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from monitor.report.links import Links
from monitor.report.phrases import counted, entry_label
from monitor.report.times import day, month
from storage.records import LogEntry, Severity

_LONGEST = 20  # entries in one period, and open from the start
_MOST_IN_MATRIX = 12

_Key = Callable[[datetime], str]
_CUTS: tuple[_Key, ...] = (
    lambda here: str(here.year),
    month,
    day,
    lambda here: f"{day(here)}, {here:%H}:00 to {here:%H}:59",
)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Entries of one period of time, newest first; without a ``name`` it is all there is."""

    name: str
    entries: tuple[LogEntry, ...]
    is_open: bool

    @property
    def summary(self) -> str:
        """``14 revisions, 3 substantive or worse, 1 silent; removed``."""
        revisions = [entry for entry in self.entries if entry.number is not None]
        grave = sum((entry.severity or 0) >= Severity.SUBSTANTIVE for entry in revisions)
        silent = sum(entry.silent for entry in revisions)
        parts = [counted(len(revisions), "revision")] if revisions else []
        parts += [f"{grave} substantive or worse"] if grave else []
        parts += [f"{silent} silent"] if silent else []
        states = [entry_label(entry).lower() for entry in self.entries if entry.number is None]
        return "; ".join(filter(None, (", ".join(parts), ", ".join(dict.fromkeys(reversed(states))))))


def periods(entries: Sequence[LogEntry], zone: tzinfo) -> tuple[Period, ...]:
    """The entries, newest first, in periods of which the newest are open."""
    if len(entries) <= _LONGEST:
        return (Period(name="", entries=tuple(entries), is_open=True),) if entries else ()
    found: list[Period] = []
    seen = 0
    for name, part in _cut(entries, zone, _CUTS):
        seen += len(part)
        found.append(Period(name=name, entries=part, is_open=seen <= _LONGEST or not found))
    return tuple(found)


def _cut(
    entries: Sequence[LogEntry], zone: tzinfo, cuts: Sequence[_Key]
) -> Iterator[tuple[str, tuple[LogEntry, ...]]]:
    """By the first cut, and what is still too long by the next one."""
    parts: dict[str, list[LogEntry]] = {}
    for entry in entries:
        parts.setdefault(cuts[0](entry.seen_at.astimezone(zone)), []).append(entry)
    for name, part in parts.items():
        if len(part) > _LONGEST and len(cuts) > 1:
            yield from _cut(part, zone, cuts[1:])
        else:
            yield name, tuple(part)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One wording of the headline and the revisions that had it."""

    headline: str
    numbers: tuple[int, ...]

    @property
    def revisions(self) -> str:
        """``revision 4``, ``revisions 1–3, 5``."""
        runs: list[list[int]] = []
        for number in self.numbers:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        names = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
        return f"revision{'' if len(self.numbers) == 1 else 's'} {', '.join(names)}"


def variants(entries: Sequence[LogEntry]) -> tuple[Variant, ...]:
    """The headlines in the order they came up."""
    numbers: dict[str, list[int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.number or 0):
        if entry.number is not None and entry.headline:
            numbers.setdefault(entry.headline, []).append(entry.number)
    return tuple(Variant(headline=text, numbers=tuple(found)) for text, found in numbers.items())


def new_headlines(entries: Sequence[LogEntry]) -> frozenset[int]:
    """The revisions whose headline is not that of the one before; the first is always one."""
    told = sorted((entry.number, entry.headline) for entry in entries if entry.number is not None)
    before = [None, *(headline for _, headline in told)]
    return frozenset(number for (number, text), old in zip(told, before, strict=False) if text != old)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Which version can be compared with which: for each old one its number, and a link (or None)
    for each of ``numbers`` after the first."""

    numbers: tuple[int, ...]
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]


def matrix(article_id: int, numbers: Sequence[int], links: Links) -> Matrix | None:
    """All pairs as a table; None where there is only one pair, or so many that a table does not help."""
    if not 2 < len(numbers) <= _MOST_IN_MATRIX:
        return None
    later = numbers[1:]
    rows = tuple(
        (old, tuple(links.diff(article_id, old, new) if old < new else None for new in later))
        for old in numbers[:-1]
    )
    return Matrix(numbers=tuple(numbers), rows=rows)


def unlinked(article_id: int, numbers: Sequence[int], links: Links) -> tuple[int, int] | None:
    """Two versions that have no page of their own, as an example; None: every pair has one."""
    if len(numbers) < 5:
        return None
    old, new = numbers[1], numbers[-2]  # the pair that is left out first
    return (old, new) if links.diff(article_id, old, new) is None else None


def window(entry: LogEntry) -> str:
    """How long before the sight of a change the article was last seen without it: ``6 minutes``; empty
    where nothing can be said of that: it is a first sight, or the clock was put back in between."""
    if entry.not_seen_before is None or entry.not_seen_before > entry.seen_at:
        return ""
    return length(entry.seen_at - entry.not_seen_before)


def length(span: timedelta) -> str:
    """In the largest unit of which there are two: ``90 seconds``, ``36 hours``, ``3 days``."""
    seconds = max(0, round(span.total_seconds()))
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return counted(round(seconds / size), noun)
    return counted(seconds, "second")
