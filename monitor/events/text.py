"""What changed in the text, paragraph by paragraph; each change is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.events.facts import sentence_events
from monitor.events.likeness import key
from storage.records import (
    Aligned,
    Diff,
    Event,
    EventKind,
    Extraction,
    ParagraphKind,
    SentenceOp,
    Severity,
    fold_spaces,
)


def text_events(diff: Diff) -> Iterator[Event]:
    old, new = _Side(diff.old, diff.old_sentences), _Side(diff.new, diff.new_sentences)
    added = {j for group in diff.sentences if group.op is SentenceOp.ADD for j in group.new}
    deleted = {i for group in diff.sentences if group.op is SentenceOp.DELETE for i in group.old}
    told: set[tuple[str, int]] = set()
    for group in diff.sentences:
        if group.op is SentenceOp.KEEP:
            continue
        if group.op is SentenceOp.ADD:
            yield from _one_sided(new, group.new[0], added, told, EventKind.PARAGRAPH_ADDED)
        elif group.op is SentenceOp.DELETE:
            yield from _one_sided(old, group.old[0], deleted, told, EventKind.PARAGRAPH_REMOVED)
        else:
            yield from _edited(old, new, group, told)


class _Side:
    """One text of a diff: which paragraph each sentence stands in, and which are told elsewhere."""

    def __init__(self, extraction: Extraction, sentences: Sequence[str]) -> None:
        self.sentences = sentences
        self.paragraph: list[int] = []
        self.members: dict[int, list[int]] = {}
        number = 0
        for place, sentence in enumerate(sentences):
            self.paragraph.append(number)
            self.members.setdefault(number, []).append(place)
            number += "\n" in sentence[len(sentence.rstrip()) :]
        self._notices = [key(notice.text) for notice in extraction.notices]
        self._headline = key(extraction.headline or "") if extraction.plain else ""
        self._kinds = [] if extraction.whole is not None else [p.kind for p in extraction.paragraphs]

    def told_elsewhere(self, place: int) -> bool:
        """A notice is told as a notice, and a plain text's headline as a headline."""
        paragraph = self.paragraph[place]
        words = key(self.text(paragraph))
        is_headline = paragraph == 0 and words == self._headline
        return is_headline or any(words == notice for notice in self._notices if words)

    def text(self, paragraph: int) -> str:
        return fold_spaces("".join(self.sentences[place] for place in self.members[paragraph]))

    def is_caption(self, place: int) -> bool:
        paragraph = self.paragraph[place]
        return paragraph < len(self._kinds) and self._kinds[paragraph] is ParagraphKind.CAPTION

    def where(self, place: int) -> str:
        return f"paragraph {self.paragraph[place] + 1}"


def _one_sided(
    side: _Side, place: int, changed: set[int], told: set[tuple[str, int]], kind: EventKind
) -> Iterator[Event]:
    """A sentence that was added or removed: its whole paragraph once, where all of it was."""
    if side.told_elsewhere(place):
        return
    paragraph = side.paragraph[place]
    whole = all(member in changed for member in side.members[paragraph])
    if whole and (kind, paragraph) in told:
        return
    told.add((kind, paragraph))
    text = side.text(paragraph) if whole else fold_spaces(side.sentences[place])
    came = kind is EventKind.PARAGRAPH_ADDED
    if side.is_caption(place):
        kind = EventKind.CAPTION_CHANGED
    elif not whole:
        kind = EventKind.SENTENCE_REWRITTEN
    severity = Severity.MINOR if kind is EventKind.CAPTION_CHANGED else Severity.SUBSTANTIVE
    old, new = (None, text) if came else (text, None)
    yield Event(kind=kind, severity=severity, old=old, new=new, where=side.where(place))


def _edited(old: _Side, new: _Side, group: Aligned, told: set[tuple[str, int]]) -> Iterator[Event]:
    if old.told_elsewhere(group.old[0]) or new.told_elsewhere(group.new[0]):
        return
    where = new.where(group.new[0])
    before = fold_spaces("".join(old.sentences[i] for i in group.old))
    after = fold_spaces("".join(new.sentences[j] for j in group.new))
    if group.op is SentenceOp.MOVE:
        paragraph = new.paragraph[group.new[0]]
        if ("moved", paragraph) not in told:
            told.add(("moved", paragraph))
            yield Event(
                kind=EventKind.PARAGRAPH_MOVED,
                severity=Severity.MINOR,
                old=old.where(group.old[0]),
                new=where,
                where=where,
            )
    if before == after:
        return
    if new.is_caption(group.new[0]):
        yield Event(
            kind=EventKind.CAPTION_CHANGED, severity=Severity.MINOR, old=before, new=after, where=where
        )
        return
    yield from sentence_events(before, after, where)
