"""The headline at the top of a report: one line with its words marked where little changed, the old
line above the new one where much did."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.report.head import Head
from monitor.report.inline import Mark, Span, word_diff
from monitor.report.told import kept_share
from storage.records import Diff, fold_spaces

_LITTLE = 0.6


@dataclass(frozen=True, kw_only=True)
class Headline:
    """``spans`` is the line to show, ``was`` the old one where it stands apart, ``now`` plain text."""

    now: str
    spans: tuple[Span, ...]
    was: str | None = None


def headline_of(diff: Diff, head: Head) -> Headline:
    """Of two plain texts too, whose headlines also stand in the text."""
    old, new = diff.old.headline or "", diff.new.headline or ""
    now = head.headline or new or old or "Untitled"
    kept = (Span(mark=Mark.KEEP, text=now),)
    if fold_spaces(old) == fold_spaces(new) or (diff.new.plain and not (old and new)):
        return Headline(now=now, spans=kept)
    spans = word_diff(old, new)
    if old and new and kept_share(spans) < _LITTLE:
        return Headline(now=now, spans=(Span(mark=Mark.KEEP, text=new),), was=old)
    return Headline(now=now, spans=spans)
