"""The events of a revision in one or two plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storage.records import (
    Disclosure,
    Event,
    EventKind,
    Severity,
)

_NUMERALS = "no one two three four five six seven eight nine ten".split()


def summary(found: Sequence[Event], disclosure: Disclosure) -> str:
    """One or two plain sentences put together from the events."""
    if not found:
        return "Nothing changed."
    parts = [*_headline_words(found), *_fact_words(found), *_paragraph_words(found), *_notice_words(found)]
    if not parts:
        cosmetic = all(event.severity is Severity.COSMETIC for event in found)
        parts = ["Only spelling or style changed" if cosmetic else "The wording changed"]
    if disclosure.silent:
        parts.append("No notice was published")
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def _headline_words(found: Sequence[Event]) -> Iterator[str]:
    kinds = {event.kind for event in found}
    for kind, words in (
        (EventKind.HEADLINE_CHANGED, "headline changed"),
        (EventKind.STANDFIRST_CHANGED, "standfirst changed"),
        (EventKind.BYLINE_CHANGED, "byline changed"),
    ):
        if kind in kinds:
            yield words


def _fact_words(found: Sequence[Event]) -> Iterator[str]:
    numbers = [event for event in found if event.kind is EventKind.NUMBER_CHANGED]
    for event in numbers[:3]:
        old, new = (text.lower() if text and text.isalpha() else text for text in (event.old, event.new))
        if old and new:
            yield f"{old} became {new}"
        else:
            yield f"the figure {old} was dropped" if old else f"the figure {new} was added"
    if len(numbers) > 3:
        yield f"{_numeral(len(numbers) - 3)} more figure{'s' if len(numbers) > 4 else ''} changed"
    for kind, one, more in (
        (EventKind.QUOTE_CHANGED, "a quotation changed", "quotations changed"),
        (EventKind.CERTAINTY_CHANGED, "a hedge or a negation changed", "hedges or negations changed"),
        (EventKind.SENTENCE_REWRITTEN, "a sentence was rewritten", "sentences were rewritten"),
        (EventKind.CAPTION_CHANGED, "a caption changed", "captions changed"),
    ):
        count = sum(event.kind is kind for event in found)
        if count:
            yield one if count == 1 else f"{_numeral(count)} {more}"


def _paragraph_words(found: Sequence[Event]) -> Iterator[str]:
    for kind, verb in (
        (EventKind.PARAGRAPH_ADDED, "added"),
        (EventKind.PARAGRAPH_REMOVED, "removed"),
        (EventKind.PARAGRAPH_MOVED, "moved"),
    ):
        count = sum(event.kind is kind for event in found)
        if count:
            yield f"{_numeral(count)} paragraph{'s' if count > 1 else ''} {verb}"


def _notice_words(found: Sequence[Event]) -> Iterator[str]:
    verbs = {
        EventKind.NOTICE_ADDED: "put on",
        EventKind.NOTICE_CHANGED: "reworded",
        EventKind.NOTICE_DROPPED: "dropped",
    }
    for event in found:
        if event.kind in verbs:
            kind = (
                event.where.removeprefix("notice ")
                .replace("editors_note", "editor's note")
                .replace("breaking", "breaking-news")
            )
            article = "an" if kind.startswith(("editor", "update")) else "a"
            what = kind if kind in ("correction", "clarification", "editor's note") else f"{kind} notice"
            yield f"{article if verbs[event.kind] == 'put on' else 'the'} {what} was {verbs[event.kind]}"


def _numeral(count: int) -> str:
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)
