"""An HTML page into an Extraction: its text and its fields put together.

The text stands where ``body`` finds it, the fields are what ``fields`` reads; a source's own
selectors win over both. On a second look at an article a locator says where its text stood, and
the search is spared if the same text still stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from monitor.extract.addresses import base_of
from monitor.extract.body import Place, body_text, find_place
from monitor.extract.charset import decode_utf8
from monitor.extract.chosen import Chosen
from monitor.extract.fields import Fields, read_fields
from monitor.extract.locator import Locator, digest
from monitor.extract.notices import find_notices
from monitor.extract.passage import Passage, links_of
from monitor.extract.posts import find_posts
from monitor.extract.tree import parse, without_long_names
from storage.records import Extraction, Selectors, Told, block_key

EXTRACTOR = "page/4"
NOTHING_TOLD = Told()
_MOST_LEFT_OUT = 1 / 3
_LEAST_TEXT = 150
_LOST = "\ufffd"
_MANY_LOST = 20
_MOST_LOST = 0.01


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
    extraction = _put_together(fields, chosen, place, told, (base_of(root, url), url))
    troubles = troubles or _undecoded(root, page)
    return Reading(extraction=extraction, root=root, place=place, fields=fields, troubles=troubles)


def learn(reading: Reading, url: str, told: Told) -> Locator | None:
    """For a next look at that page; None where that has to be a full one."""
    if reading.root is None or reading.place is None or reading.fields is None:
        return None
    if told.selectors not in (None, Selectors()):
        return None
    return Locator.learn(reading.root, reading.place, reading.fields, reading.extraction, url)


def _undecoded(root: _Element, page: bytes) -> tuple[str, ...]:
    """Whether much of what the page shows cannot be decoded. A paragraph with no letter left in it is not read as
    one, so that the text alone does not tell."""
    if page.count(_LOST.encode()) < _MANY_LOST:
        return ()
    shown = "".join(
        text
        for element in root.iter()
        for text in (element.text if element.tag not in ("script", "style") else None, element.tail)
        if text
    )
    lost = shown.count(_LOST)
    if lost < _MANY_LOST or lost <= len(shown) * _MOST_LOST:
        return ()
    return (f"the page cannot be decoded: {lost} letters of it are lost",)


def _put_together(
    fields: Fields, chosen: Chosen, place: Place | None, told: Told, addresses: tuple[str, str]
) -> Extraction:
    """``addresses``: what relative ones count from, and the page's own."""
    found = chosen.passages or (body_text(place) if place else ())
    headline = chosen.headline or fields.headline
    found = _without_repeated_headline(found, headline)
    byline = chosen.byline or fields.byline
    found = _without_byline(found, byline)
    standfirst, found = _standfirst(fields.standfirst, found)
    passages, left_out = _without_boilerplate(found, told)
    paragraphs = tuple(passage.paragraph for passage in passages)
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
        links=links_of(passages, *addresses),
        posts=find_posts(passages, fields.updates) if fields.live else (),
        left_out=tuple(passage.paragraph for passage in left_out),
        told=told.version,
        origins=dict(_origins(fields, chosen, place, standfirst)),
    )


def _origins(
    fields: Fields, chosen: Chosen, place: Place | None, standfirst: str | None
) -> Iterator[tuple[str, str]]:
    """Where each field came from, for those that were found."""
    own = {"headline": chosen.headline, "byline": chosen.byline, "text": chosen.passages}
    for name, origin in fields.origins.items():
        if name != "standfirst" or standfirst:
            yield name, "selector" if own.get(name) else origin
    for name in ("headline", "byline"):
        if own[name] and name not in fields.origins:
            yield name, "selector"
    if own["text"] or place:
        yield "text", "selector" if own["text"] or place is None else f"page {place.element.tag!s}"


def _without_repeated_headline(found: tuple[Passage, ...], headline: str | None) -> tuple[Passage, ...]:
    """A headline that opens the text is not of it, wherever among its first blocks it stands."""
    if headline is None:
        return found
    key = block_key(headline)
    for place, passage in enumerate(found[:3]):
        if block_key(passage.text) == key:
            return (*found[:place], *found[place + 1 :])
    return found


def _without_byline(found: tuple[Passage, ...], byline: tuple[str, ...]) -> tuple[Passage, ...]:
    """A line that gives the authors and nothing else is the byline, where it opens the text."""
    names = {word for name in byline for word in re.findall(r"\w+", name.lower())}
    for place, passage in enumerate(found[:3] if names else ()):
        words = re.findall(r"\w+", passage.text.lower())
        if names.issuperset(words[1:] if words[:1] in (["by"], ["von"], ["par"], ["por"], ["di"]) else words):
            return (*found[:place], *found[place + 1 :])
    return found


def _standfirst(said: str | None, found: tuple[Passage, ...]) -> tuple[str | None, tuple[Passage, ...]]:
    """The standfirst, and the text without it: what is read as one is not read as the other, too.
    One that only repeats the opening of the text is none, and one without which there is next to no text
    is the text."""
    if said is None:
        return None, found
    key = block_key(said)
    for place, passage in enumerate(found[:2]):
        if block_key(passage.text) == key:
            if sum(len(other.text) for other in found) - len(passage.text) < _LEAST_TEXT:
                return None, found
            return said, (*found[:place], *found[place + 1 :])
    opening = " ".join(passage.text for passage in found[:3])
    return (None if said.rstrip(" .…") in opening else said), found


def _without_boilerplate(found: Sequence[Passage], told: Told) -> tuple[Sequence[Passage], Sequence[Passage]]:
    """The text, and what is left out of it because the host repeats it. Where that would be more than a
    third of the words, the host repeats its articles, and nothing is left out."""
    if not told.boilerplate:
        return found, ()
    repeated = [block_key(passage.text) in told.boilerplate for passage in found]
    words = [len(passage.text.split()) for passage in found]
    lost = sum(amount for amount, known in zip(words, repeated, strict=True) if known)
    if lost == 0 or lost > sum(words) * _MOST_LEFT_OUT:
        return found, ()
    kept = tuple(p for p, known in zip(found, repeated, strict=True) if not known)
    return kept, tuple(p for p, known in zip(found, repeated, strict=True) if known)
