"""An HTML page into an Extraction: its text and its fields put together.

The text stands where ``body`` finds it, the fields are what ``fields`` reads; a source's own
selectors win over both. On a second look at an article a locator says where its text stood, and
the search is spared if the same text still stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import HTMLParser, ParserError, XMLSyntaxError, _Element, fromstring

from monitor.extract.body import Place, body_text, find_place
from monitor.extract.charset import decode
from monitor.extract.chosen import Chosen
from monitor.extract.fields import Fields, read_fields
from monitor.extract.locator import Locator
from monitor.extract.notices import find_labels, find_notices
from storage.records import Extraction, Paragraph, Told, block_key

EXTRACTOR = "page/2"
NOTHING_TOLD = Told()
_MOST_LEFT_OUT = 1 / 3
_LEAST_TEXT = 150


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one reading of a page found. ``root`` is its tree (None: there was nothing in it);
    ``recognised`` says that the text stood where the locator said, and was the same."""

    extraction: Extraction
    root: _Element | None
    locator: str | None = None
    recognised: bool = False
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
    locator: str | None = None,
) -> Reading:
    """Like ``extract``, with what a verdict and a next look need as well.

    :param locator: that of an earlier reading of the same article. It never changes what is read, only
        how soon.
    """
    text = decode(body, content_type)
    root, troubles = parse(text)
    if root is None:
        return Reading(
            extraction=Extraction(headline=None, paragraphs=(), extractor=EXTRACTOR, told=told.version),
            root=None,
            troubles=troubles,
        )
    chosen = Chosen(text, told.selectors)
    fields = read_fields(root, url)
    known = Locator.parse(locator, EXTRACTOR, told.version)
    place = known.find(root) if known else None
    if known is not None and place is not None:
        extraction = _put_together(root, fields, chosen, place, told)
        if known.fits(extraction, root, place):
            return Reading(extraction=extraction, root=root, locator=locator, recognised=True)
    place = find_place(root)
    extraction = _put_together(root, fields, chosen, place, told)
    learnt = Locator.learn(root, place, extraction) if place else None
    return Reading(
        extraction=extraction, root=root, locator=learnt.form if learnt else None, troubles=troubles
    )


def parse(text: str) -> tuple[_Element | None, tuple[str, ...]]:
    """The tree of a page, and what the parser could not read; None where there is nothing in it."""
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root: _Element | None = fromstring(text.encode("utf-8"), parser)
    except (ParserError, XMLSyntaxError, ValueError):
        return None, ()
    if root is None:
        return None, ()
    lost = [entry.message for entry in parser.error_log if entry.level_name == "FATAL"]
    return root, tuple(f"the page cannot be read to its end: {message}" for message in lost[:1])


def _put_together(
    root: _Element, fields: Fields, chosen: Chosen, place: Place | None, told: Told
) -> Extraction:
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
        notices=find_notices(paragraphs, find_labels(root), fields.corrections, fields.live),
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
