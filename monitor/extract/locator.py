"""A locator: where the text of an article stood at its last full reading, for a cheap next look.

It names the element that held the text by its tag, id and class, and its turn among those that are
called the same, and keeps the outline of the page around it. A page that still has that outline
reads as it did; any other page is read anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Self

from lxml.etree import _Element

from monitor.extract.body import Place
from monitor.extract.fields import Fields
from monitor.extract.outline import Outline
from storage.records import Extraction, canonical_json, sha256

_NAMES = ("reader", "tag", "id", "named", "turn", "among", "strictly", "read")
_MARKED_DATES = ("json-ld", "meta", "page itemprop", "page time")


@dataclass(frozen=True, kw_only=True)
class Locator:
    """``turn`` of ``among`` is the element's place among those with its tag, id and class; ``read`` is a
    digest of what was read, ``reasons`` what was noted about it."""

    reader: str
    tag: str
    id: str | None
    named: str | None
    turn: int
    among: int
    strictly: bool
    outline: Outline
    read: str
    reasons: tuple[str, ...] = ()

    @classmethod
    def learn(
        cls, root: _Element, place: Place, fields: Fields, extraction: Extraction, url: str
    ) -> Self | None:
        """From a full reading; None where the page has no text, where a field was found by searching all of
        it, or where it is a live blog: what tells its posts apart comes and goes, and so do they."""
        if not extraction.paragraphs or not _is_marked(fields) or extraction.live:
            return None
        twins = _twins(root, str(place.element.tag), place.element.get("id"), place.element.get("class"))
        return cls(
            reader=_reader(extraction.extractor, extraction.told),
            tag=str(place.element.tag),
            id=place.element.get("id"),
            named=place.element.get("class"),
            turn=twins.index(place.element),
            among=len(twins),
            strictly=place.strictly,
            outline=Outline.of(root, place, fields, url),
            read=digest(extraction),
        )

    @classmethod
    def parse(cls, form: str | None, extractor: str, told: str) -> Self | None:
        """A kept one, if it was learnt by the same extractor with the same arguments."""
        if form is None:
            return None
        try:
            given = json.loads(form)
            outline, reasons = Outline.from_form(given.pop("outline")), tuple(given.pop("reasons"))
            known = cls(outline=outline, reasons=reasons, **given)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return known if known.reader == _reader(extractor, told) else None

    def form(self, reasons: tuple[str, ...]) -> str:
        """As it is kept, with what was noted about the page."""
        given = {name: getattr(self, name) for name in _NAMES}
        return canonical_json({**given, "outline": self.outline.form, "reasons": reasons}).decode()

    def fits(self, root: _Element, url: str) -> bool:
        """Whether this page reads as the one that this was learnt from."""
        twins = _twins(root, self.tag, self.id, self.named)
        return len(twins) == self.among and self.outline.holds(
            root, Place(twins[self.turn], self.strictly), url
        )


def digest(extraction: Extraction) -> str:
    """Of everything that was read, so that a change of any field is seen."""
    return sha256(repr(replace(extraction, origins={})).encode("utf-8", "replace"))


def _is_marked(fields: Fields) -> bool:
    """Whether each field that only the page gives stood in an element that is marked as such."""
    origins = fields.origins
    return origins.get("headline") == "page h1" and origins.get("published_at") in _MARKED_DATES


def _twins(root: _Element, tag: str, id_: str | None, named: str | None) -> list[_Element]:
    return [other for other in root.iter(tag) if other.get("class") == named and other.get("id") == id_]


def _reader(extractor: str, told: str) -> str:
    return f"{extractor} {told}".strip()
