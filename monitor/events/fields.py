"""What changed beside the text: headline, standfirst, byline and notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.events.facts import hedges, number_events
from monitor.events.likeness import differ, is_style, key
from storage.records import (
    Diff,
    Event,
    EventKind,
    Extraction,
    Notice,
    NoticeKind,
    Severity,
)


def field_events(diff: Diff) -> Iterator[Event]:
    old, new = diff.old, diff.new
    if differ(old.headline, new.headline) and (old.headline or not old.plain):
        yield _headline_event(old.headline, new.headline)
    if old.plain or new.plain:
        return  # plain text knows no more fields than the headline
    if differ(old.standfirst, new.standfirst):
        yield Event(
            kind=EventKind.STANDFIRST_CHANGED,
            severity=Severity.MINOR,
            old=old.standfirst,
            new=new.standfirst,
            where="standfirst",
        )
    before, after = ", ".join(old.byline), ", ".join(new.byline)
    if differ(before, after):
        yield Event(
            kind=EventKind.BYLINE_CHANGED,
            severity=Severity.MINOR,
            old=before or None,
            new=after or None,
            where="byline",
        )


def _headline_event(old: str | None, new: str | None) -> Event:
    numbers = list(number_events(old or "", new or "", "headline"))
    if numbers or hedges(old or "") != hedges(new or ""):
        severity = Severity.CRITICAL
    elif is_style(old or "", new or ""):
        severity = Severity.COSMETIC
    else:
        severity = Severity.SUBSTANTIVE
    return Event(kind=EventKind.HEADLINE_CHANGED, severity=severity, old=old, new=new, where="headline")


def notice_events(diff: Diff) -> Iterator[Event]:
    old, new = list(diff.old.notices), list(diff.new.notices)
    if diff.old.plain or diff.new.plain:  # plain text shows only what stands in the text itself
        old, new = _in_text(old, diff.old), _in_text(new, diff.new)
    dropped = [n for n in old if not any(_same_notice(n, other) for other in new)]
    added = [n for n in new if not any(_same_notice(n, other) for other in old)]
    for notice in list(added):
        before = next((n for n in dropped if n.kind is notice.kind), None)
        if before is not None:
            dropped.remove(before)
            added.remove(notice)
            yield _notice_event(EventKind.NOTICE_CHANGED, notice, before, notice)
    for notice in added:
        yield _notice_event(EventKind.NOTICE_ADDED, notice, None, notice)
    for notice in dropped:
        yield _notice_event(EventKind.NOTICE_DROPPED, notice, notice, None)


def _notice_event(kind: EventKind, about: Notice, old: Notice | None, new: Notice | None) -> Event:
    grave = about.kind in (NoticeKind.CORRECTION, NoticeKind.EDITORS_NOTE, NoticeKind.CLARIFICATION)
    return Event(
        kind=kind,
        severity=Severity.CRITICAL if grave else Severity.MINOR,
        old=old.text if old else None,
        new=new.text if new else None,
        where=f"notice {about.kind}",
    )


def _same_notice(one: Notice, other: Notice) -> bool:
    return one.kind is other.kind and key(one.text) == key(other.text)


def _in_text(notices: Iterable[Notice], extraction: Extraction) -> list[Notice]:
    text = key(extraction.text)
    return [notice for notice in notices if key(notice.text) in text]
