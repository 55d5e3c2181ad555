"""assess(): a Diff into typed events, a severity, whether it was disclosed, and a summary.

Facts are compared as facts: figures as figures, quotations as quotations, hedges and negations by
name. A difference that is none of these is a rewritten sentence, a typing error or a matter of
style. Pure, and without opinion on who should be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from monitor.events.effort import Effort
from monitor.events.fields import field_events
from monitor.events.in_words import figure_in_words
from monitor.events.live import live_posts
from monitor.events.media import media_events
from monitor.events.notices import notice_events, notices_of
from monitor.events.side import Side
from monitor.events.stub import told_by_growth
from monitor.events.summary import summary
from monitor.events.text import Telling, text_events
from monitor.extract.notices import is_stamp
from storage.records import Assessment, Diff, Disclosure, Event, EventKind, Extraction, Severity, fold_spaces

__all__ = ["assess"]

_DISCLOSING = frozenset({EventKind.NOTICE_ADDED, EventKind.NOTICE_CHANGED})


def assess(diff: Diff) -> Assessment:
    """What that diff means. No events: nothing changed that a reader or an editor would call a change."""
    old, new = Side(diff.old, diff.old_sentences), Side(diff.new, diff.new_sentences)
    effort = Effort(sufficed=not diff.coarse)
    found = tuple(_events(diff, old, new, effort))
    if not found and _lines(diff.old) != _lines(diff.new):
        found = (Event(kind=EventKind.STYLE_CHANGED, severity=Severity.COSMETIC, where="article"),)
    severity = max((event.severity for event in found), default=Severity.COSMETIC)
    disclosure = _disclosure(diff, found, severity)
    in_words = partial(_in_words, old=old, new=new, effort=effort)
    said = summary(found, disclosure, in_words, in_full=effort.sufficed)
    return Assessment(events=found, severity=severity, disclosure=disclosure, summary=said)


def _in_words(event: Event, *, old: Side, new: Side, effort: Effort) -> str | None:
    before, after = old.text_at(event.where), new.text_at(event.where)
    return figure_in_words(event, before, after) if effort.puts_in_words(before, after) else None


def _events(diff: Diff, old: Side, new: Side, effort: Effort) -> Iterator[Event]:
    notices, posts = notices_of(diff, old, new), live_posts(diff)
    yield from field_events(diff)
    yield from notice_events(*notices)
    yield from posts.events
    told = Telling.of(diff, old, new, notices, effort, told=(posts.gone, posts.came))
    yield from told_by_growth(diff, text_events(told))
    yield from media_events(diff)


def _lines(extraction: Extraction) -> list[str]:
    """The headline and the paragraphs, without what a system stamps on a page."""
    lines = [fold_spaces(extraction.headline or ""), *(fold_spaces(p.text) for p in extraction.paragraphs)]
    if lines[1:2] == lines[:1]:
        del lines[0]
    return [line for line in lines if line and not is_stamp(line)]


# ---------------------------------------------------------------------- was it disclosed?


def _disclosure(diff: Diff, found: Sequence[Event], severity: Severity) -> Disclosure:
    notice = any(event.kind in _DISCLOSING for event in found)
    moved = _modified_moved(diff.old, diff.new)
    silent = not notice and not moved and severity >= Severity.SUBSTANTIVE
    return Disclosure(notice_changed=notice, modified_moved=moved, silent=silent)


def _modified_moved(old: Extraction, new: Extraction) -> bool | None:
    """Whether the time moved that the publisher gives for the last change: in the page's metadata, or
    else stamped on it for readers; None: it gives none."""
    if new.modified_at is not None and not old.plain:
        return new.modified_at != old.modified_at
    before, after = _stamps(old), _stamps(new)
    return before != after if after else None


def _stamps(extraction: Extraction) -> list[str]:
    return [fold_spaces(p.text).lower() for p in extraction.paragraphs if is_stamp(fold_spaces(p.text))]
