"""A locator: where the text of an article stood at its last full reading, for a cheap next look.

It names the element that held the text by its tag, id and class, and its turn among those that are
called the same, and keeps a digest of all that was read. A look that finds the same there, with
no more prose around it than before, has read the page; any other look searches anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from lxml.etree import _Element

from monitor.extract.body import Place
from storage.records import Extraction, canonical_json, sha256

_PROSE = 80
_MORE_PROSE = 300


@dataclass(frozen=True, kw_only=True)
class Locator:
    """``turn`` of ``among`` is the element's place among those with its tag, id and class; ``around`` is
    how much prose stood elsewhere on the page, in characters."""

    reader: str
    tag: str
    id: str | None
    named: str | None
    turn: int
    among: int
    strictly: bool
    around: int
    digest: str

    @classmethod
    def learn(cls, root: _Element, place: Place, extraction: Extraction) -> Self | None:
        """From a full reading; None where the page has no text worth finding again."""
        if not extraction.paragraphs:
            return None
        twins = _twins(root, place.element)
        return cls(
            reader=_reader(extraction.extractor, extraction.told),
            tag=str(place.element.tag),
            id=place.element.get("id"),
            named=place.element.get("class"),
            turn=twins.index(place.element),
            among=len(twins),
            strictly=place.strictly,
            around=_prose(root) - _prose(place.element),
            digest=_digest(extraction),
        )

    @classmethod
    def parse(cls, form: str | None, extractor: str, told: str) -> Self | None:
        """A kept one, if it was learnt by the same extractor with the same arguments."""
        if form is None:
            return None
        try:
            known = cls(**json.loads(form))
        except (ValueError, TypeError):
            return None
        return known if known.reader == _reader(extractor, told) else None

    @property
    def form(self) -> str:
        return canonical_json(asdict(self)).decode()

    def find(self, root: _Element) -> Place | None:
        """Where the text should stand; None where the page is built differently."""
        twins = [e for e in root.iter(self.tag) if e.get("id") == self.id and e.get("class") == self.named]
        return Place(twins[self.turn], self.strictly) if len(twins) == self.among else None

    def fits(self, extraction: Extraction, root: _Element, place: Place) -> bool:
        """Whether all is as it was."""
        if _digest(extraction) != self.digest:
            return False
        return abs(_prose(root) - _prose(place.element) - self.around) <= _MORE_PROSE


def _twins(root: _Element, element: _Element) -> list[_Element]:
    own = (element.get("id"), element.get("class"))
    return [other for other in root.iter(str(element.tag)) if (other.get("id"), other.get("class")) == own]


def _prose(element: _Element) -> int:
    """How many characters stand in long paragraphs; cheap, since only their first run of text is looked at."""
    return sum(len(p.text) for p in element.iter("p") if p.text and len(p.text) >= _PROSE)


def _reader(extractor: str, told: str) -> str:
    return f"{extractor} {told}".strip()


def _digest(extraction: Extraction) -> str:
    """Of everything that was read, so that a change of any field is seen."""
    return sha256(repr(replace(extraction, origins={})).encode("utf-8", "replace"))
