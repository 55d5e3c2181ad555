"""The events of a revision in one to three plain sentences: its headline, its facts, its paragraphs and
notices; and, where nothing was said of it, that no correction was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from storage.records import Disclosure, Event, EventKind, Severity

_NUMERALS = "no one two three four five six seven eight nine ten".split()
_MOST_FACTS = 3
_LONGEST_VALUE = 60
_NOTICES = {
    "breaking": "breaking-news notice",
    "update": "update notice",
    "live": "live label",
    "editors_note": "editor's note",
}
_FACTS = (
    (EventKind.QUOTE_CHANGED, "a quotation changed", "quotations changed"),
    (EventKind.NAME_CHANGED, "a name changed", "names changed"),
    (EventKind.DATE_CHANGED, "a date changed", "dates changed"),
    (EventKind.ATTRIBUTION_CHANGED, "an attribution changed", "attributions changed"),
    (EventKind.CERTAINTY_CHANGED, "a hedge or a negation changed", "hedges or negations changed"),
    (EventKind.SENTENCE_REWRITTEN, "a sentence was rewritten", "sentences were rewritten"),
    (EventKind.CAPTION_CHANGED, "a caption changed", "captions changed"),
    (EventKind.LINK_CHANGED, "a link changed", "links changed"),
    (EventKind.IMAGE_CHANGED, "the picture was exchanged", "pictures were exchanged"),
    (EventKind.DATELINE_CHANGED, "the dateline changed", "datelines changed"),
    (EventKind.MOVED_URL, "the article moved to another address", "moves to other addresses"),
)

Told = Callable[[Event], str | None]


def summary(
    found: Sequence[Event], disclosure: Disclosure, told: Told = lambda _: None, *, in_full: bool = True
) -> str:
    """The sentences, put together from the events.

    :param told: what a number event counts and how it moved, in words ("death toll raised from seven to
        eight"), where that is known.
    :param in_full: whether the events tell all that changed.
    """
    if not found:
        return "Nothing changed."
    paragraphs = list(_structure(found))
    whole = [*paragraphs, *_notices(found, verb="" if paragraphs else "was ")]
    clauses = [_listed(_fields(found)), _listed(list(_facts(found, told))), ", ".join(whole)]
    sentences = [clause for clause in clauses if clause]
    if not sentences:
        cosmetic = all(event.severity is Severity.COSMETIC for event in found)
        sentences = ["only spelling or style changed" if cosmetic else "the wording changed"]
    if disclosure.silent and not any(event.kind is EventKind.STUB_GREW for event in found):
        sentences[-1] += "; no correction was published"
    if not in_full:
        sentences.append("too much changed to tell all of it in detail")
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)


# ---------------------------------------------------------------------- headline and the other fields


def _fields(found: Sequence[Event]) -> list[str]:
    kinds = {event.kind for event in found}
    if EventKind.HEADLINE_TEST in kinds:
        return ["an earlier headline is back over the same text"]
    names = {
        EventKind.HEADLINE_CHANGED: "headline",
        EventKind.STANDFIRST_CHANGED: "standfirst",
        EventKind.BYLINE_CHANGED: "byline",
    }
    changed = [name for kind, name in names.items() if kind in kinds]
    return [f"{_listed(changed)} changed"] if changed else []


# ---------------------------------------------------------------------- facts


def _facts(found: Sequence[Event], told: Told) -> Iterator[str]:
    numbers = [event for event in found if event.kind is EventKind.NUMBER_CHANGED]
    said = list(dict.fromkeys(_number(event, told) for event in sorted(numbers, key=lambda e: -e.severity)))
    yield from said[:_MOST_FACTS]
    left = len(said) - _MOST_FACTS
    if left > 0:
        yield f"{_numeral(left)} more figure{'s' if left > 1 else ''} changed"
    dropped = [event for event in found if event.kind is EventKind.QUOTE_CHANGED and event.new is None]
    if dropped:
        yield (
            "a quotation was dropped"
            if len(dropped) == 1
            else f"{_numeral(len(dropped))} quotations were dropped"
        )
    for kind, one, more in _FACTS:
        count = sum(event.kind is kind and event not in dropped for event in found)
        if count:
            yield one if count == 1 else f"{_numeral(count)} {more}"


def _number(event: Event, told: Told) -> str:
    words = told(event)
    if words is not None:
        return words
    old, new = (_short(text) for text in (event.old, event.new))
    if old and new:
        return f"{old} became {new}"
    return f"the figure {old} was dropped" if old else f"the figure {new} was added"


def _short(text: str | None) -> str | None:
    if text is None or len(text) > _LONGEST_VALUE:
        return text and f"{text[: _LONGEST_VALUE - 1].rstrip()}…"
    return text.lower() if text.isalpha() else text


# ---------------------------------------------------------------------- paragraphs and notices


def _structure(found: Sequence[Event]) -> Iterator[str]:
    grown = next((event for event in found if event.kind is EventKind.STUB_GREW), None)
    if grown is not None:
        yield f"the stub grew into the story, from {grown.old} to {grown.new}"
    live = next((event for event in found if event.kind is EventKind.LIVE_POSTS_ADDED), None)
    if live is not None and live.new:
        yield f"{live.new.partition(':')[0]} added"
    noun = "paragraph"
    for kind, verb in (
        (EventKind.PARAGRAPH_ADDED, "added"),
        (EventKind.PARAGRAPH_REMOVED, "removed"),
        (EventKind.PARAGRAPH_MOVED, "moved"),
    ):
        count = sum(event.kind is kind for event in found)
        if count:
            yield f"{_numeral(count)} {noun}{'s' if noun and count > 1 else ''}{' ' if noun else ''}{verb}"
            noun = ""  # "two paragraphs added, one removed"


def _notices(found: Sequence[Event], verb: str) -> Iterator[str]:
    verbs = {
        EventKind.NOTICE_ADDED: "put on",
        EventKind.NOTICE_CHANGED: "reworded",
        EventKind.NOTICE_DROPPED: "dropped",
    }
    for event in found:
        if event.kind in verbs:
            kind = event.where.removeprefix("notice ")
            what = _NOTICES.get(kind, kind)
            article = "the" if event.kind is not EventKind.NOTICE_ADDED else _article(what)
            yield f"{article} {what} {verb}{verbs[event.kind]}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _numeral(count: int) -> str:
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)
