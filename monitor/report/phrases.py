"""The few English words and sentences that every report format shares."""

from __future__ import annotations

from storage.records import ArticleState, Check, Disclosure, Event, EventKind, LogEntry, Reason

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
}


def kind_label(event: Event) -> str:
    """``Headline changed``."""
    return sentence_case(event.kind.value.replace("_", " "))


def place_label(event: Event) -> str:
    """``paragraph 3``, or nothing where the kind says it already or the event is about the
    article as a whole. What was removed is counted in the old text."""
    if event.where == "article" or event.kind.value.startswith(event.where):
        return ""
    return f"{event.where} of the old text" if in_old_text(event) else event.where


def in_old_text(event: Event) -> bool:
    removed = event.kind is EventKind.PARAGRAPH_REMOVED or (event.old and event.new is None)
    return bool(removed) and event.where.startswith("paragraph")


def event_line(event: Event) -> str:
    """``Number changed, paragraph 3: “seven” → “eight”``."""
    label = ", ".join(filter(None, (kind_label(event), place_label(event))))
    values = event_values(event)
    return f"{label}: {values}" if values else label


def event_values(event: Event) -> str:
    return " → ".join(f"“{value}”" for value in (event.old, event.new) if value)


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
    return f"{_STATES[state]}, paused" if paused else _STATES[state]


def answer(check: Check) -> str:
    """``200 article``, ``dns``: status, and error or verdict."""
    said = check.error or (check.verdict.value if check.verdict else "")
    return " ".join(filter(None, (str(check.status or ""), said)))


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
