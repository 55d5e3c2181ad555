"""What changed beside the text: headline, standfirst and byline."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.events.facts import sentence_events
from monitor.events.headline import headline_event
from monitor.events.likeness import differ, key
from storage.records import Diff, Event, EventKind, Severity


def field_events(diff: Diff) -> Iterator[Event]:
    old, new = diff.old, diff.new
    if differ(old.headline, new.headline) and (old.headline or not old.plain):
        yield headline_event(old.headline, new.headline)
    if old.plain or new.plain:
        return  # plain text knows no more fields than the headline
    if differ(old.standfirst, new.standfirst):
        yield Event(
            kind=EventKind.STANDFIRST_CHANGED,
            severity=_standfirst_severity(old.standfirst, new.standfirst),
            old=old.standfirst,
            new=new.standfirst,
            where="standfirst",
        )
    before, after = ", ".join(old.byline), ", ".join(new.byline)
    if differ(before, after):
        yield Event(
            kind=EventKind.BYLINE_CHANGED,
            severity=_byline_severity(old.byline, new.byline),
            old=before or None,
            new=after or None,
            where="byline",
        )


def _standfirst_severity(old: str | None, new: str | None) -> Severity:
    """As grave as the facts that changed in it. One that comes or goes is minor: templates show one on one
    page and not on the next."""
    if not old or not new:
        return Severity.MINOR
    return max(
        (event.severity for event in sentence_events(old, new, "standfirst")), default=Severity.COSMETIC
    )


def _byline_severity(old: tuple[str, ...], new: tuple[str, ...]) -> Severity:
    """A name taken off is substantive, since somebody no longer stands by the report."""
    before, after = ({key(name) for name in names} for names in (old, new))
    if before == after:
        return Severity.COSMETIC
    return Severity.SUBSTANTIVE if after and before - after else Severity.MINOR
