"""A diff in the unified format that patch tools and mail readers know, a paragraph a line.

Parts outside the text (headline, standfirst, byline, notices) stand first, a line each.
Hidden characters are shown as badges, so it is for reading; it does not rebuild the text.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from monitor.report.head import Head
from monitor.report.times import stamp
from monitor.report.visible import clean
from storage.records import Diff, Extraction

_CONTEXT = 3
_MOST_LINES = 8_000
_MOST_PAIRS = 200_000


def diff_unified(diff: Diff, head: Head) -> str:
    """Empty where the two versions read the same."""
    old = _lines(diff.old, "".join(diff.old_sentences))
    new = _lines(diff.new, "".join(diff.new_sentences))
    if old == new:
        return ""
    before = _header("---", head.old_name, head.old_seen_at or head.not_seen_before)
    return "\n".join([before, _header("+++", head.new_name, head.seen_at), *_hunks(old, new)]) + "\n"


def _lines(extraction: Extraction, text: str) -> list[str]:
    notices = [notice.text for notice in extraction.notices]
    byline = ", ".join(extraction.byline)
    outside = [extraction.headline, extraction.standfirst, byline, *notices]
    above = [] if extraction.plain else [line for line in outside if line]
    return [clean(line) for line in [*above, *text.split("\n")] if line.strip()]


def _header(sign: str, name: str, at: datetime | None) -> str:
    return f"{sign} {clean(name)}" + (f"\t{stamp(at)}" if at else "")


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if _cheap(old, new):
        yield from list(difflib.unified_diff(old, new, n=_CONTEXT, lineterm=""))[2:]
    else:
        yield from _one_hunk(old, new)


def _cheap(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether difflib will be quick: its cost grows with lines squared and with how often the
    same line stands on both sides."""
    if len(old) + len(new) > _MOST_LINES:
        return False
    there = Counter(new)
    return sum(count * there[line] for line, count in Counter(old).items()) <= _MOST_PAIRS


def _one_hunk(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Everything between the common beginning and the common end as one change: always right,
    and linear."""
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    first, tail = max(start - _CONTEXT, 0), min(end, _CONTEXT)
    sides = (_range(first, len(side) - end + tail) for side in (old, new))
    yield "@@ -{} +{} @@".format(*sides)
    yield from (f" {line}" for line in old[first:start])
    yield from (f"-{line}" for line in old[start : len(old) - end])
    yield from (f"+{line}" for line in new[start : len(new) - end])
    yield from (f" {line}" for line in old[len(old) - end : len(old) - end + tail])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _range(first: int, last: int) -> str:
    """``start,length`` counted from 1; an empty range names the line before it."""
    length = last - first
    return f"{first + 1 if length else first},{length}"
