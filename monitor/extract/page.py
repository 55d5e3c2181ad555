"""An HTML page into an Extraction: its text and its fields put together.

The text stands where ``body`` finds it, the fields are what ``fields`` reads; a source's own
selectors win over both. On a second look at an article a locator says where its text stood, and
the search is spared if the same text still stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from monitor.extract.body import Place, body_text, find_place
from monitor.extract.charset import decode_utf8
from monitor.extract.chosen import Chosen
from monitor.extract.fields import Fields, read_fields
from monitor.extract.locator import Locator, digest
from monitor.extract.notices import find_notices
from monitor.extract.tree import parse, without_long_names
from storage.records import Extraction, Paragraph, Selectors, Told, block_key

EXTRACTOR = "page/2"
NOTHING_TOLD = Told()
_MOST_LEFT_OUT = 1 / 3
_LEAST_TEXT = 150


@dataclass(frozen=True)
class Known:
    """What an article read as at an earlier look, and the locator that was learnt from that."""

    locator: str
    extraction: Extraction


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one reading of a page found. ``root`` is its tree (None: there was nothing in it), ``place``
    where its text stands. ``recognised``: it reads as it is known to, by that locator."""

    extraction: Extraction
    root: _Element | None
    place: Place | None = None
    fields: Fields | None = None
    recognised: Locator | None = None
    troubles: tuple[str, ...] = ()


def extract(
    body: bytes, *, url: str, content_type: str | None = None, told: Told = NOTHING_TOLD
) -> Extraction:
    """Read one page.

    :param url: where it answered; relative addresses count from there.
    :param content_type: the HTTP header, which may name the encoding.
    :param told: a source's own selectors, each of which wins where it is set and finds something, and
        the keys of the blocks that the host repeats, which are left out.
    """
    return read_page(body, url=url, content_type=content_type, told=told).extraction


def read_page(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    told: Told = NOTHING_TOLD,
    known: Known | None = None,
) -> Reading:
    """Like ``extract``, with what a verdict and a next look need as well.

    :param known: what the same article was read as before. It never changes what is read, only how soon.
    """
    page = decode_utf8(body, content_type)
    root, troubles = parse(page)
    if root is None:
        nothing = Extraction(headline=None, paragraphs=(), extractor=EXTRACTOR, told=told.version)
        return Reading(extraction=nothing, root=None, troubles=troubles)
    locator = Locator.parse(known.locator, EXTRACTOR, told.version) if known and not troubles else None
    if known and locator and locator.read == digest(known.extraction) and locator.fits(root, url):
        return Reading(extraction=known.extraction, root=root, recognised=locator)
    without_long_names(root)
    chosen = Chosen(page, told.selectors)
    fields, place = read_fields(root, url), find_place(root)
    extraction = _put_together(fields, chosen, place, told)
    return Reading(extraction=extraction, root=root, place=place, fields=fields, troubles=troubles)


def learn(reading: Reading, url: str, told: Told) -> Locator | None:
    """For a next look at that page; None where that has to be a full one."""
    if reading.root is None or reading.place is None or reading.fields is None:
        return None
    if told.selectors not in (None, Selectors()):
        return None
    return Locator.learn(reading.root, reading.place, reading.fields, reading.extraction, url)


def _put_together(fields: Fields, chosen: Chosen, place: Place | None, told: Told) -> Extraction:
    found = chosen.paragraphs or (body_text(place) if place else ())
    headline = chosen.headline or fields.headline
    found = _without_repeated_headline(found, headline)
    byline = chosen.byline or fields.byline
    found = _without_byline(found, byline)
    standfirst, found = _standfirst(fields.standfirst, found)
    paragraphs, left_out = _without_boilerplate(found, told)
    return Extraction(
        headline=headline,
        paragraphs=paragraphs,
        extractor=EXTRACTOR,
        standfirst=standfirst,
        byline=byline,
        published_at=fields.published_at,
        modified_at=fields.modified_at,
        language=fields.language,
        canonical_url=fields.canonical_url,
        section=fields.section,
        image=fields.image,
        image_caption=fields.image_caption,
        live=fields.live,
        notices=find_notices(paragraphs, fields.labels, fields.corrections, fields.live),
        left_out=left_out,
        told=told.version,
        origins=dict(_origins(fields, chosen, place, standfirst)),
    )


def _origins(
    fields: Fields, chosen: Chosen, place: Place | None, standfirst: str | None
) -> Iterator[tuple[str, str]]:
    """Where each field came from, for those that were found."""
    own = {"headline": chosen.headline, "byline": chosen.byline, "text": chosen.paragraphs}
    for name, origin in fields.origins.items():
        if name != "standfirst" or standfirst:
            yield name, "selector" if own.get(name) else origin
    for name in ("headline", "byline"):
        if own[name] and name not in fields.origins:
            yield name, "selector"
    if own["text"] or place:
        yield "text", "selector" if own["text"] or place is None else f"page {place.element.tag!s}"


def _without_repeated_headline(
    paragraphs: tuple[Paragraph, ...], headline: str | None
) -> tuple[Paragraph, ...]:
    """A headline that opens the text is not of it, wherever among its first blocks it stands."""
    if headline is None:
        return paragraphs
    key = block_key(headline)
    for place, paragraph in enumerate(paragraphs[:3]):
        if block_key(paragraph.text) == key:
            return (*paragraphs[:place], *paragraphs[place + 1 :])
    return paragraphs


def _without_byline(paragraphs: tuple[Paragraph, ...], byline: tuple[str, ...]) -> tuple[Paragraph, ...]:
    """A line that gives the authors and nothing else is the byline, where it opens the text."""
    names = {word for name in byline for word in re.findall(r"\w+", name.lower())}
    for place, paragraph in enumerate(paragraphs[:3] if names else ()):
        words = re.findall(r"\w+", paragraph.text.lower())
        if names.issuperset(words[1:] if words[:1] in (["by"], ["von"], ["par"], ["por"], ["di"]) else words):
            return (*paragraphs[:place], *paragraphs[place + 1 :])
    return paragraphs


def _standfirst(
    said: str | None, paragraphs: tuple[Paragraph, ...]
) -> tuple[str | None, tuple[Paragraph, ...]]:
    """The standfirst, and the text without it: what is read as one is not read as the other, too.
    One that only repeats the opening of the text is none, and one without which there is next to no text
    is the text."""
    if said is None:
        return None, paragraphs
    key = block_key(said)
    for place, paragraph in enumerate(paragraphs[:2]):
        if block_key(paragraph.text) == key:
            if sum(len(other.text) for other in paragraphs) - len(paragraph.text) < _LEAST_TEXT:
                return None, paragraphs
            return said, (*paragraphs[:place], *paragraphs[place + 1 :])
    opening = " ".join(paragraph.text for paragraph in paragraphs[:3])
    return (None if said.rstrip(" .…") in opening else said), paragraphs


def _without_boilerplate(
    paragraphs: tuple[Paragraph, ...], told: Told
) -> tuple[tuple[Paragraph, ...], tuple[Paragraph, ...]]:
    """The text, and what is left out of it because the host repeats it. Where that would be more than a
    third of the words, the host repeats its articles, and nothing is left out."""
    if not told.boilerplate:
        return paragraphs, ()
    repeated = [block_key(paragraph.text) in told.boilerplate for paragraph in paragraphs]
    words = [len(paragraph.text.split()) for paragraph in paragraphs]
    lost = sum(amount for amount, known in zip(words, repeated, strict=True) if known)
    if lost == 0 or lost > sum(words) * _MOST_LEFT_OUT:
        return paragraphs, ()
    kept = tuple(p for p, known in zip(paragraphs, repeated, strict=True) if not known)
    return kept, tuple(p for p, known in zip(paragraphs, repeated, strict=True) if known)
