"""assess(): a Diff into typed events, a severity, whether it was disclosed, and a summary.

Facts are compared as facts: figures as figures, quotations as quotations, hedges and negations by
name. A difference that is none of these is a rewritten sentence, a typing error or a matter of
style. Pure, and without opinion on who should be told.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.events.fields import field_events, notice_events
from monitor.events.summary import summary
from monitor.events.text import text_events
from storage.records import Assessment, Diff, Disclosure, Event, EventKind, Severity

__all__ = ["assess"]

_DISCLOSING = frozenset({EventKind.NOTICE_ADDED, EventKind.NOTICE_CHANGED})


def assess(diff: Diff) -> Assessment:
    """What that diff means. No events: nothing changed that a reader or an editor would call a change."""
    found: tuple[Event, ...] = (*field_events(diff), *notice_events(diff), *text_events(diff))
    if not found and diff.old.text_digest != diff.new.text_digest:
        found = (Event(kind=EventKind.STYLE_CHANGED, severity=Severity.COSMETIC, where="article"),)
    severity = max((event.severity for event in found), default=Severity.COSMETIC)
    disclosure = _disclosure(diff, found, severity)
    return Assessment(
        events=found, severity=severity, disclosure=disclosure, summary=summary(found, disclosure)
    )


def _disclosure(diff: Diff, found: Sequence[Event], severity: Severity) -> Disclosure:
    notice = any(event.kind in _DISCLOSING for event in found)
    moved = None
    if diff.new.modified_at is not None and not diff.old.plain:
        moved = diff.new.modified_at != diff.old.modified_at
    silent = not notice and not moved and severity >= Severity.SUBSTANTIVE
    return Disclosure(notice_changed=notice, modified_moved=moved, silent=silent)
