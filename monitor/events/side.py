"""One text of a diff, laid out for telling what changed in it: which paragraph each sentence stands in,
and which paragraphs are told as something else than text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from monitor.events.likeness import key
from monitor.events.quotes import begin_inside
from monitor.extract.notices import is_stamp
from storage.records import Extraction, Notice, ParagraphKind, fold_spaces


class Side:
    """Sentences are counted from 0, paragraphs too; ``where`` counts paragraphs from 1, as people do. What is
    asked of a paragraph is found once, however many sentences it has."""

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
        self._texts: dict[int, str] = {}
        self._inside: dict[int, list[bool]] = {}

    def text(self, paragraph: int) -> str:
        if paragraph not in self._texts:
            joined = "".join(self.sentences[place] for place in self.members[paragraph])
            self._texts[paragraph] = fold_spaces(joined)
        return self._texts[paragraph]

    def text_at(self, where: str) -> str:
        """The paragraph of that name; empty where there is none."""
        number = where.removeprefix("paragraph ")
        known = number.isdecimal() and int(number) - 1 in self.members
        return self.text(int(number) - 1) if known else ""

    def begins_inside(self, place: int) -> bool:
        """Whether that sentence begins within a quotation that an earlier one of its paragraph opened."""
        paragraph = self.paragraph[place]
        members = self.members[paragraph]
        if len(members) == 1:
            return False
        if paragraph not in self._inside:
            self._inside[paragraph] = begin_inside(self.sentences[member] for member in members)
        return self._inside[paragraph][place - members[0]]

    def sentence(self, place: int) -> str:
        return fold_spaces(self.sentences[place])

    def unit(self, place: int, whole: Collection[int]) -> str:
        """The paragraph of that sentence where it is among the ``whole`` ones, or else the sentence."""
        paragraph = self.paragraph[place]
        return self.text(paragraph) if paragraph in whole else self.sentence(place)

    def whole(self, changed: Collection[int]) -> frozenset[int]:
        """The paragraphs all of whose sentences are among ``changed``, each of which stands there once."""
        counts = Counter(self.paragraph[place] for place in changed)
        return frozenset(number for number, count in counts.items() if count == len(self.members[number]))

    def kind(self, paragraph: int) -> ParagraphKind:
        return self._kinds[paragraph] if paragraph < len(self._kinds) else ParagraphKind.PARAGRAPH

    def is_caption(self, place: int) -> bool:
        return self.kind(self.paragraph[place]) is ParagraphKind.CAPTION

    def where(self, place: int) -> str:
        return f"paragraph {self.paragraph[place] + 1}"

    def told_elsewhere(self, places: Iterable[int], notices: Sequence[Notice]) -> frozenset[int]:
        """Those of the sentences that are told elsewhere or not at all: a notice is told as a notice, a plain
        text's headline as a headline, and the time that a system stamps on a page is no edit."""
        said = {key(notice.text) for notice in notices} - {""}
        found = set()
        told: dict[int, bool] = {}
        for place in places:
            paragraph = self.paragraph[place]
            if paragraph not in told:
                told[paragraph] = self._is_no_text(paragraph, said)
            if told[paragraph] or key(self.sentences[place]) in said:
                found.add(place)
        return frozenset(found)

    def _is_no_text(self, paragraph: int, said: Collection[str]) -> bool:
        text = self.text(paragraph)
        words = key(text)
        is_headline = paragraph == 0 and bool(self._headline) and words == self._headline
        return is_headline or words in said or is_stamp(text)
