"""One text of a diff, laid out for telling what changed in it: which paragraph each sentence stands in,
and which paragraphs are told as something else than text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.events.likeness import key
from monitor.events.quotes import begin_inside
from monitor.extract.notices import is_stamp
from storage.records import Extraction, Notice, ParagraphKind, fold_spaces


class Side:
    """Sentences are counted from 0, paragraphs too; ``where`` counts paragraphs from 1, as people do."""

    def __init__(self, extraction: Extraction, sentences: Sequence[str]) -> None:
        self.sentences = sentences
        self.paragraph: list[int] = []
        self.members: dict[int, list[int]] = {}
        number = 0
        for place, sentence in enumerate(sentences):
            self.paragraph.append(number)
            self.members.setdefault(number, []).append(place)
            number += "\n" in sentence[len(sentence.rstrip()) :]
        self._headline = key(extraction.headline or "") if extraction.plain else ""
        self._kinds = [] if extraction.whole is not None else [p.kind for p in extraction.paragraphs]

    def text(self, paragraph: int) -> str:
        return fold_spaces("".join(self.sentences[place] for place in self.members[paragraph]))

    def text_at(self, where: str) -> str:
        """The paragraph of that name; empty where there is none."""
        number = where.removeprefix("paragraph ")
        known = number.isdecimal() and int(number) - 1 in self.members
        return self.text(int(number) - 1) if known else ""

    def begins_inside(self, place: int) -> bool:
        """Whether that sentence begins within a quotation that an earlier one of its paragraph opened."""
        members = self.members[self.paragraph[place]]
        if len(members) == 1:
            return False
        return begin_inside(self.sentences[member] for member in members)[members.index(place)]

    def sentence(self, place: int) -> str:
        return fold_spaces(self.sentences[place])

    def unit(self, place: int, changed: Collection[int]) -> str:
        """The paragraph of that sentence where all of it is among ``changed``, or else the sentence."""
        paragraph = self.paragraph[place]
        return self.text(paragraph) if self.is_whole(paragraph, changed) else self.sentence(place)

    def is_whole(self, paragraph: int, changed: Collection[int]) -> bool:
        return all(member in changed for member in self.members[paragraph])

    def kind(self, paragraph: int) -> ParagraphKind:
        return self._kinds[paragraph] if paragraph < len(self._kinds) else ParagraphKind.PARAGRAPH

    def is_caption(self, place: int) -> bool:
        return self.kind(self.paragraph[place]) is ParagraphKind.CAPTION

    def where(self, place: int) -> str:
        return f"paragraph {self.paragraph[place] + 1}"

    def is_no_text(self, place: int, notices: Sequence[Notice]) -> bool:
        """Whether that sentence is told elsewhere or not at all: a notice is told as a notice, a plain
        text's headline as a headline, and the time that a system stamps on a page is no edit."""
        paragraph = self.paragraph[place]
        words, own = key(self.text(paragraph)), key(self.sentences[place])
        if paragraph == 0 and self._headline and words == self._headline:
            return True
        if any(said in (words, own) for said in (key(notice.text) for notice in notices) if said):
            return True
        return is_stamp(self.text(paragraph))
