"""What changed in the text, in its order; each change is told once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from monitor.events.counting import stands_in
from monitor.events.effort import Effort
from monitor.events.facts import sentence_events
from monitor.events.house import UNKNOWN, HouseStyle, house_style
from monitor.events.likeness import is_style, key
from monitor.events.quotes import spans
from monitor.events.side import Side
from storage.records import (
    Aligned,
    Diff,
    Event,
    EventKind,
    Notice,
    ParagraphKind,
    SentenceOp,
    Severity,
    fold_spaces,
)

_POINTER = re.compile(
    r"\W*(read (more|also|next)|see also|more on this|related|watch|listen|photos?|picture|image|video|source|credit|"
    r"reporting by|editing by|additional reporting|with reporting|lesen sie auch|mehr zum thema|lire aussi|leer más|"
    r"leggi anche|leia (mais|também)|lees ook)\b.{0,3}[:|–—-]?",
    re.IGNORECASE,
)
_ENDED = re.compile(r"\W*?[.!?…:]")  # read from the end of a text
_FEW_WORDS = 12
_SAID = 2


@dataclass(kw_only=True)
class Telling:
    """What telling one diff needs to know: its two sides, and which sentences are told elsewhere or not at
    all. ``told`` grows: the paragraphs that were told as a whole."""

    diff: Diff
    old: Side
    new: Side
    old_elsewhere: frozenset[int]
    new_elsewhere: frozenset[int]
    style: HouseStyle
    effort: Effort
    told: set[tuple[EventKind, int]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        diff: Diff,
        old: Side,
        new: Side,
        notices: tuple[Sequence[Notice], Sequence[Notice]],
        effort: Effort,
        *,
        told: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset()),
    ) -> Telling:
        """:param told: sentences of the old and of the new text that somebody else tells."""
        changed = [group for group in diff.sentences if group.op is not SentenceOp.KEEP]
        gone = old.told_elsewhere((i for group in changed for i in group.old), notices[0])
        came = new.told_elsewhere((j for group in changed for j in group.new), notices[1])
        return cls(
            diff=diff,
            old=old,
            new=new,
            old_elsewhere=told[0] | gone,
            new_elsewhere=told[1] | came,
            style=house_style(diff.old.text, diff.new.text) if changed and not diff.coarse else UNKNOWN,
            effort=effort,
        )


def text_events(telling: Telling) -> Iterator[Event]:
    added = {j for group in telling.diff.sentences if group.op is SentenceOp.ADD for j in group.new}
    deleted = {i for group in telling.diff.sentences if group.op is SentenceOp.DELETE for i in group.old}
    wholes = telling.old.whole(deleted), telling.new.whole(added)
    for group in telling.diff.sentences:
        if group.op is not SentenceOp.KEEP:
            tell = partial(_group_events, telling, group, wholes)
            yield from telling.effort.counted(len(group.old), len(group.new), tell)
    yield from telling.effort.rest()


def _group_events(
    telling: Telling, group: Aligned, wholes: tuple[Collection[int], Collection[int]]
) -> Iterator[Event]:
    if group.op is SentenceOp.ADD:
        if group.new[0] not in telling.new_elsewhere:
            yield from _one_sided(telling, telling.new, group.new[0], wholes[1], EventKind.PARAGRAPH_ADDED)
    elif group.op is SentenceOp.DELETE:
        if group.old[0] not in telling.old_elsewhere:
            yield from _one_sided(telling, telling.old, group.old[0], wholes[0], EventKind.PARAGRAPH_REMOVED)
    elif group.old and group.new:
        yield from _edited(telling, group)


def _one_sided(
    telling: Telling, side: Side, place: int, wholes: Collection[int], kind: EventKind
) -> Iterator[Event]:
    """A sentence that came or went: its whole paragraph once, where all of it did."""
    paragraph = side.paragraph[place]
    whole = paragraph in wholes
    if whole and (kind, paragraph) in telling.told:
        return
    telling.told.add((kind, paragraph))
    text = side.unit(place, wholes)
    came = kind is EventKind.PARAGRAPH_ADDED
    if side.is_caption(place):
        kind, severity = EventKind.CAPTION_CHANGED, Severity.MINOR
    elif whole:
        severity = _paragraph_severity(text, side.kind(paragraph))
    else:
        kind, severity = EventKind.SENTENCE_REWRITTEN, _sentence_severity(text)
    old, new = (None, text) if came else (text, None)
    yield Event(kind=kind, severity=severity, old=old, new=new, where=side.where(place))
    if not came and kind is not EventKind.CAPTION_CHANGED:
        yield from _quotation_dropped(text, side.where(place))


def _quotation_dropped(text: str, where: str) -> Iterator[Event]:
    """Somebody's words that went whole: told beside the passage that held them, once for it."""
    said = max((text[span.start : span.end] for span in spans(text)), key=len, default="")
    if len(said.split()) >= _SAID:
        yield Event(kind=EventKind.QUOTE_CHANGED, severity=Severity.SUBSTANTIVE, old=said, where=where)


def _paragraph_severity(text: str, kind: ParagraphKind) -> Severity:
    """A heading, a pointer elsewhere and a credit tell a reader nothing of the story."""
    few = len(text.split()) <= _FEW_WORDS
    bare = few and _ENDED.match(text[::-1]) is None and not any(char.isdigit() for char in text)
    aside = (
        kind is ParagraphKind.HEADING
        or bare
        or (_POINTER.match(text) and len(text.split()) <= 2 * _FEW_WORDS)
    )
    return Severity.MINOR if aside else Severity.SUBSTANTIVE


def _sentence_severity(text: str) -> Severity:
    return Severity.MINOR if len(text.split()) < 3 else Severity.SUBSTANTIVE


def _edited(telling: Telling, group: Aligned) -> Iterator[Event]:
    if telling.old_elsewhere.issuperset(group.old) or telling.new_elsewhere.issuperset(group.new):
        return
    old, new = telling.old, telling.new
    where = new.where(group.new[0])
    before = fold_spaces("".join(old.sentences[i] for i in group.old))
    after = fold_spaces("".join(new.sentences[j] for j in group.new))
    if group.op is SentenceOp.MOVE:
        yield from _moved(telling, group, where)
    if before == after:
        return
    if not telling.effort.reads(before, after):
        yield _as_a_whole(before, after, where)
        return
    if new.is_caption(group.new[0]):
        severity = Severity.COSMETIC if is_style(before, after) else Severity.MINOR
        yield Event(kind=EventKind.CAPTION_CHANGED, severity=severity, old=before, new=after, where=where)
        return
    inside = old.begins_inside(group.old[0]), new.begins_inside(group.new[0])
    for event in sentence_events(before, after, where, style=telling.style, inside=inside):
        yield _with_weight(event, telling.diff)


def _as_a_whole(before: str, after: str, where: str) -> Event:
    """What is known of a passage without reading it for facts."""
    same = key(before) == key(after)
    kind, severity = (
        (EventKind.STYLE_CHANGED, Severity.COSMETIC)
        if same
        else (EventKind.SENTENCE_REWRITTEN, Severity.SUBSTANTIVE)
    )
    return Event(kind=kind, severity=severity, old=before, new=after, where=where)


def _with_weight(event: Event, diff: Diff) -> Event:
    """A figure that also stands in the headline is a key figure."""
    if event.kind is not EventKind.NUMBER_CHANGED or event.severity is Severity.CRITICAL:
        return event
    stood = event.old is not None and stands_in(event.old, diff.old.headline or "")
    stands = event.new is not None and stands_in(event.new, diff.new.headline or "")
    return replace(event, severity=Severity.CRITICAL) if stood or stands else event


def _moved(telling: Telling, group: Aligned, where: str) -> Iterator[Event]:
    paragraph = telling.new.paragraph[group.new[0]]
    if (EventKind.PARAGRAPH_MOVED, paragraph) not in telling.told:
        telling.told.add((EventKind.PARAGRAPH_MOVED, paragraph))
        was = telling.old.where(group.old[0])
        yield Event(kind=EventKind.PARAGRAPH_MOVED, severity=Severity.MINOR, old=was, new=where, where=where)
