"""A stub that grew into the story: one event with its figures, where one for each new paragraph would
bury what matters.

What a reader gains is counted; what he loses (a fact of a sentence that stayed, a quotation, a paragraph
that counts people) is still told on its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from monitor.events.counting import is_toll
from monitor.events.quotes import spans
from monitor.events.reading import Part, language_between, read
from storage.records import Diff, Event, EventKind, Extraction, NoticeKind, Severity, fold_spaces

_DEVELOPING_WORDS = 600
_SHORT_WORDS = 150
_GROWN = 1.5
_SHORT_GROWN = 2.5
_LEAST_ADDED = 60
_LEAST_PARAGRAPHS = 2
_LOST = frozenset({EventKind.QUOTE_CHANGED, EventKind.CERTAINTY_CHANGED})
_EXCHANGED = frozenset({EventKind.NUMBER_CHANGED, EventKind.DATE_CHANGED})


def stub_grew(diff: Diff) -> Event | None:
    """The event, where the old text was a stub: one that says of itself that more follows and has grown by
    half, or one of 150 words at most that has grown two and a half times; by 60 words and two paragraphs
    at least."""
    old, new = _Size.of(diff.old), _Size.of(diff.new)
    if diff.new.live or not old.words or new.paragraphs - old.paragraphs < _LEAST_PARAGRAPHS:
        return None
    growth = new.words / old.words
    says_so = any(notice.kind is NoticeKind.BREAKING for notice in diff.old.notices)
    developing = says_so and old.words <= _DEVELOPING_WORDS and growth >= _GROWN
    short = old.words <= _SHORT_WORDS and growth >= _SHORT_GROWN
    if not (developing or short) or new.words - old.words < _LEAST_ADDED:
        return None
    return Event(
        kind=EventKind.STUB_GREW,
        severity=Severity.SUBSTANTIVE,
        old=str(old),
        new=str(new),
        where="article",
    )


@dataclass(frozen=True)
class _Size:
    """Of an article without its notices, which are no part of the story."""

    words: int
    paragraphs: int

    @classmethod
    def of(cls, extraction: Extraction) -> Self:
        said = {fold_spaces(notice.text) for notice in extraction.notices}
        sizes = [len(p.text.split()) for p in extraction.paragraphs if fold_spaces(p.text) not in said]
        return cls(sum(sizes), len(sizes))

    def __str__(self) -> str:
        return f"{self.words:,} words in {self.paragraphs} paragraph{'' if self.paragraphs == 1 else 's'}"


def told_by_growth(diff: Diff, found: Iterable[Event]) -> Iterator[Event]:
    """The events of the text; where a stub grew, that first, and of the others those that it leaves to tell."""
    grown = stub_grew(diff)
    if grown is None:
        yield from found
        return
    yield grown
    yield from (event for event in found if _is_loss(event))


def _is_loss(event: Event) -> bool:
    """A name or a source that is not repeated where a sentence grew is none."""
    if event.kind is EventKind.PARAGRAPH_REMOVED:
        return bool(spans(event.old or "")) or _holds_toll(event.old or "")
    exchanged = event.kind in _EXCHANGED and event.old is not None and event.new is not None
    lost = event.kind in _LOST and event.old is not None
    return exchanged or lost or event.severity is Severity.CRITICAL


def _holds_toll(text: str) -> bool:
    """Whether a figure in that text counts people harmed or held."""
    reading = read(text, language_between(text, ""))
    return any(item.part is Part.FIGURE and is_toll(reading, at) for at, item in enumerate(reading.items))
