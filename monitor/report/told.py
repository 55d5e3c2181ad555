"""The events as a page or a mail lists them: in order of severity, what changed in each cut to
its core, and many of one kind gathered.

It knows what a reader can take in at a glance; it refuses to know how a list is drawn.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.report import phrases
from monitor.report.inline import Mark, Span, excerpt, joined, word_diff
from monitor.report.visible import shorten
from storage.records import Event, Severity

_MANY = 12
_GATHER_FROM = 3
_SHORT = 50
_LONGEST = 180
_CONTEXT = 4
_ALIKE = 0.5


@dataclass(frozen=True, kw_only=True)
class Group:
    """Events of one kind and severity; ``gathered`` where a reader should have to ask for them."""

    kind: str
    severity: Severity
    events: tuple[Event, ...]
    gathered: bool


def groups(events: Sequence[Event]) -> tuple[Group, ...]:
    """All events, the gravest first and otherwise in their order. Where there are more than twelve,
    three or more of one kind and severity are gathered where the first of them stands."""
    ordered = sorted(events, key=lambda event: -event.severity)
    if len(ordered) <= _MANY:
        return tuple(_group([event]) for event in ordered)
    alike: dict[tuple[Severity, str], list[Event]] = {}
    for event in ordered:
        alike.setdefault((event.severity, phrases.kind_label(event)), []).append(event)
    return tuple(itertools.chain.from_iterable(_gathered(found) for found in alike.values()))


def _gathered(events: Sequence[Event]) -> Iterator[Group]:
    if len(events) >= _GATHER_FROM:
        yield _group(events)
    else:
        yield from (_group([event]) for event in events)


def _group(events: Sequence[Event]) -> Group:
    first = events[0]
    return Group(
        kind=phrases.kind_label(first),
        severity=first.severity,
        events=tuple(events),
        gathered=len(events) > 1,
    )


def event_spans(event: Event) -> tuple[Span, ...]:
    """What changed, as marked words: of two long texts that are alike only the words around each
    change, of others the beginning."""
    old, new = event.old or "", event.new or ""
    if phrases.in_own_words(event):
        return _kept(phrases.event_values(event))
    if not (old and new):
        return _one(event)
    if max(len(old), len(new)) <= _SHORT:
        return (*_marked(Mark.DELETE, old), *_kept(" → "), *_marked(Mark.INSERT, new))
    spans = word_diff(old, new)
    if kept_share(spans) < _ALIKE:
        return (*_marked(Mark.DELETE, old), *_kept(" → "), *_marked(Mark.INSERT, new))
    return shortened(excerpt(spans, _CONTEXT), _LONGEST)


def kept_share(spans: Sequence[Span]) -> float:
    """How much of two texts stands in both, by length: 0 for nothing, 1 for all (Dice's coefficient)."""
    kept, changed = (
        sum(len(span.text) for span in spans if (span.mark is Mark.KEEP) is kept) for kept in (True, False)
    )
    return 2 * kept / max(2 * kept + changed, 1)


def shortened(spans: Sequence[Span], longest: int) -> tuple[Span, ...]:
    """The same, each run cut to so many columns."""
    return joined(Span(mark=span.mark, text=shorten(span.text, longest)) for span in spans)


def _one(event: Event) -> tuple[Span, ...]:
    mark = Mark.INSERT if event.new else Mark.DELETE
    return _marked(mark, event.new or event.old or "")


def _marked(mark: Mark, text: str) -> tuple[Span, ...]:
    return (Span(mark=mark, text=shorten(text, _LONGEST)),) if text else ()


def _kept(text: str) -> tuple[Span, ...]:
    return (Span(mark=Mark.KEEP, text=shorten(text, _LONGEST)),) if text else ()
