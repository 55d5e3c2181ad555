"""The few English words and sentences that every report format shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo

from monitor.report.times import short
from monitor.report.visible import shorten
from storage.records import (
    STATE_EVENTS,
    ArticleState,
    Assessment,
    Check,
    CheckEntry,
    CheckResult,
    Disclosure,
    Event,
    EventKind,
    LogEntry,
    Reason,
    Severity,
)

INVISIBLE = "Only characters that do not show were changed."

_REASONS = {
    Reason.FIRST: "first seen",
    Reason.EDIT: "edited",
    Reason.REVERT: "back to an earlier text",
    Reason.BASELINE: "baseline",
    Reason.EXTRACTOR: "same page, read differently",
}
_STATES = {
    ArticleState.WATCHED: "watched",
    ArticleState.BLOCKED: "blocked",
    ArticleState.REMOVED: "removed",
    ArticleState.STALLED: "stalled",
    ArticleState.FORGOTTEN: "forgotten",
}
_SEEN = frozenset({CheckResult.SAME, CheckResult.NOT_MODIFIED})


_SIGNS = {Severity.COSMETIC: "○", Severity.MINOR: "◇", Severity.SUBSTANTIVE: "◆", Severity.CRITICAL: "▲"}
_KINDS = {
    EventKind.HEADLINE_TEST: "Headline test",
    EventKind.MOVED_URL: "URL moved",
    EventKind.REVERTED: "Back to an earlier text",
}
_NOTICES = {
    "breaking": "breaking-news notice",
    "update": "update notice",
    "editors_note": "editor’s note",
    "live": "live notice",
}
_NOTICE_VERBS = {
    EventKind.NOTICE_ADDED: "put on",
    EventKind.NOTICE_CHANGED: "reworded",
    EventKind.NOTICE_DROPPED: "dropped",
}
# What these hold is said in words of our own, or is an address; the others hold the outlet's words.
_OWN_WORDS = STATE_EVENTS | {
    EventKind.PARAGRAPH_MOVED,
    EventKind.STUB_GREW,
    EventKind.LIVE_POSTS_ADDED,
    EventKind.REVERTED,
    EventKind.MOVED_URL,
    EventKind.IMAGE_CHANGED,
    EventKind.LINK_CHANGED,
}
_WHOLE = {EventKind.PARAGRAPH_ADDED, EventKind.PARAGRAPH_REMOVED, *_NOTICE_VERBS}
_WHOLE |= _OWN_WORDS - {EventKind.LINK_CHANGED, EventKind.IMAGE_CHANGED}


def severity_sign(severity: Severity) -> str:
    """A shape for each severity, so that colour is never the only sign."""
    return _SIGNS[severity]


def kind_label(event: Event) -> str:
    """``Headline changed``, ``Editor’s note put on``."""
    if event.kind in _NOTICE_VERBS and event.where.startswith("notice "):
        kind = event.where.removeprefix("notice ")
        return sentence_case(f"{_NOTICES.get(kind, spaced(kind))} {_NOTICE_VERBS[event.kind]}")
    return _KINDS.get(event.kind) or sentence_case(spaced(event.kind.value))


def place_label(event: Event) -> str:
    """``paragraph 3``, or nothing where the kind says it already or the event is about the
    article as a whole. What was removed is counted in the old text."""
    place = event.where.partition(" ")[0]
    if place in ("article", "notice") or event.kind.value.startswith(event.where):
        return ""
    if event.kind is EventKind.PARAGRAPH_MOVED and event.old and event.new:
        return ""
    return f"{event.where} of the old text" if in_old_text(event) else event.where


def in_old_text(event: Event) -> bool:
    removed = event.kind is EventKind.PARAGRAPH_REMOVED or (event.old and event.new is None)
    return bool(removed) and event.where.startswith("paragraph")


def event_line(event: Event, longest: int | None = None) -> str:
    """``Number changed, paragraph 3: “seven” → “eight”``; ``longest`` is for each of the values."""
    values = event_values(event, longest)
    return f"{event_label(event)}: {values}" if values else event_label(event)


def event_label(event: Event) -> str:
    """``Number changed, paragraph 3``."""
    return ", ".join(filter(None, (kind_label(event), place_label(event))))


def event_values(event: Event, longest: int | None = None) -> str:
    """What stood there and what stands there; where there is only one, whether it came or went,
    unless the kind says so."""
    old, new = (_value(event, value, longest) for value in (event.old, event.new))
    if old and new:
        moved = event.kind is EventKind.PARAGRAPH_MOVED
        return f"from {old} to {new}" if moved else f"{old} → {new}"
    if not (old or new) or says_itself(event):
        return old or new
    return f"{new} put in" if new else f"{old} taken out"


def says_itself(event: Event) -> bool:
    """Does the kind say whether the only value came or went, or is that a sentence about it?"""
    sentence = event.kind is EventKind.LINK_CHANGED and not re.match(
        "(?i)https?:", event.old or event.new or ""
    )
    return event.kind in _WHOLE or sentence


def in_own_words(event: Event) -> bool:
    """Are the values ours (or addresses), which stand without quotation marks?"""
    return event.kind in _OWN_WORDS


def _value(event: Event, value: str | None, longest: int | None) -> str:
    if not value:
        return ""
    short = shorten(value, longest) if longest else value
    return short if in_own_words(event) else f"“{short}”"


def reason_label(reason: str) -> str:
    """The reason of a log entry or a head; an unknown one is shown as it is."""
    return _REASONS.get(Reason(reason), reason) if reason in set(Reason) else spaced(reason)


def entry_label(entry: LogEntry) -> str:
    """What a log entry is: a numbered revision with its reason, or a state event."""
    if entry.number is not None:
        return f"Revision {entry.number}, {reason_label(entry.reason)}"
    kinds = [kind_label(event) for event in entry.events]
    return ", ".join(kinds) or sentence_case(spaced(entry.reason))


def state_label(state: ArticleState, paused: bool) -> str:
    watched = paused and state is not ArticleState.FORGOTTEN
    return f"{_STATES[state]}, paused" if watched else _STATES[state]


def answer(check: Check) -> str:
    """``200 article``, ``dns``: status, and error or verdict."""
    said = check.error or (check.verdict.value if check.verdict else "")
    return " ".join(filter(None, (str(check.status or ""), said)))


def span(entry: CheckEntry, zone: tzinfo) -> str:
    """``seen 412 times, unchanged, 10:02:00 to 18:40:00``; nothing where the entry is one check."""
    if entry.until is None:
        return ""
    first, last = short(entry.check.at, zone), short(entry.until, zone)
    if first[:10] == last[:10]:
        first, last = first[11:], last[11:]
    alike = "unchanged" if entry.check.result in _SEEN else "alike each time"
    seen = "seen" if entry.check.result in _SEEN else spaced(entry.check.result.value)
    return f"{seen} {entry.count:,} times, {alike}, {first} to {last}"


def disclosure_sentence(disclosure: Disclosure) -> str:
    """Why the edit is called silent or is not."""
    if disclosure.silent and disclosure.modified_moved is None:
        return "Silent edit: no notice, and the publisher gives no modified time."
    if disclosure.silent:
        return "Silent edit: no notice, and the publisher’s modified time did not move."
    if disclosure.notice_changed:
        return "Not silent: a notice was put on or changed."
    if disclosure.modified_moved:
        return "Not silent: the publisher’s modified time moved."
    return "Not called silent: the change is not substantive."


def disclosure_points(assessment: Assessment) -> Sequence[tuple[str, str]]:
    """The three observations behind that sentence, each with its answer."""
    disclosure = assessment.disclosure
    moved = {True: "yes", False: "no", None: "the publisher gives none"}
    return (
        ("Notice put on or changed", moved[disclosure.notice_changed]),
        ("Publisher’s modified time moved", moved[disclosure.modified_moved]),
        ("Substantive change", moved[assessment.severity >= Severity.SUBSTANTIVE]),
    )


def counted(number: int, noun: str) -> str:
    """``1 word``, ``1,312 words``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def folded(words: int) -> str:
    """``312 unchanged words``."""
    return counted(words, "unchanged word")


def spaced(word: str) -> str:
    return word.replace("_", " ")


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
