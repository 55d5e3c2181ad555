"""The fields of an article page: headline, byline, times and the like, everything but its text.

Decides which source of truth wins for which field, and says for each where it came from. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from lxml.etree import _Element

from monitor.extract.blocks import is_beside, read_blocks
from monitor.extract.byline import Bylines, packed
from monitor.extract.chaff import is_chaff
from monitor.extract.dates import date_in_url, find_date, is_month_first, parse_date
from monitor.extract.headline import Headline, find_headline
from monitor.extract.metadata import Update, read_json_ld, read_metas, said_by_metas
from monitor.extract.names import opens_byline
from monitor.extract.notices import find_labels
from monitor.extract.shown import (
    after,
    bare,
    before,
    is_aside,
    is_called_standfirst,
    look,
    shown_text,
    spine,
)
from storage.records import fold_spaces

_Value = TypeVar("_Value")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?![a-zA-Z])")
_SCOPES = ("html", "body", "main", "article", "section", "div")
STANDFIRST_TAGS = frozenset("p h2 h3 h4 div span strong em".split())
_UPDATE = re.compile(
    r"updated?\b|modif|last-?edit|aktualisiert|stand\s*:|mis à jour|actualizad|aggiornat|atualizad|bijgewerkt|更新",
    re.IGNORECASE,
)

_FURTHER_OFF = "page time further off"
_NEAR = 150  # elements after the headline: where a byline and its date stand
_RIGHT_ABOVE = 30  # and before it


@dataclass(frozen=True, kw_only=True)
class Fields:
    """One page's fields; None or empty where the page is silent. ``labels`` are texts that are marked as
    notices, ``described`` what the head says that the page is about, ``updates`` the posts of a live blog
    that it lists; ``origins`` says where each field came from."""

    headline: str | None
    standfirst: str | None
    byline: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    section: str | None
    language: str | None
    canonical_url: str | None
    image: str | None
    image_caption: str | None
    corrections: tuple[str, ...]
    live: bool
    labels: tuple[str, ...] = ()
    described: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)


def read_fields(root: _Element, url: str) -> Fields:
    """Read the fields of one page. ``root`` is left as it is; relative addresses count from ``url``."""
    return _Reading(root, url).fields()


class _Reading:
    """One page while it is read: what it says, what it shows, and where each field came from."""

    def __init__(self, root: _Element, url: str) -> None:
        self.root, self.url = root, url
        self.metas, self.shown = read_metas(root), look(root)
        declared = root.get("lang") or root.get("xml:lang") or self.metas.first.get("og:locale")
        self.month_first = is_month_first(declared, url)
        self.meta = said_by_metas(self.metas, month_first=self.month_first)
        like = [self.meta.headline or "", *(shown_text(h) for h in self.shown.headings[:5])]
        self.linked = read_json_ld(root, like=like, month_first=self.month_first)
        told = (self.linked.description, self.meta.description)
        self.described = tuple(bare(text) for text in told if text)
        self.origins: dict[str, str] = {}

    def fields(self) -> Fields:
        headline = self.headline()
        self.heading = headline.element
        return Fields(
            headline=headline.text,
            standfirst=self.standfirst(),
            byline=self.byline(),
            published_at=self.published_at(),
            modified_at=self.modified_at(),
            section=self._first_of("section", self.linked.section, self._meta_section()),
            language=self.language(),
            canonical_url=self._address("canonical_url", ("link canonical", self.metas.canonical)),
            image=self._address("image", ("json-ld", self.linked.image), ("meta og:image", self.meta.image)),
            image_caption=self.image_caption(),
            corrections=self.linked.corrections,
            live=self.live(),
            labels=tuple(find_labels(self.shown.labels)),
            described=self.described,
            updates=self.linked.updates,
            origins=self.origins,
        )

    def headline(self) -> Headline:
        claims = [
            (o, t) for o, t in (("json-ld", self.linked.headline), ("meta og:title", self.meta.headline)) if t
        ]
        found = find_headline(
            self.root, self.shown, claims, (self.meta.site, self.linked.site, host_name(self.url))
        )
        self.origins["headline"] = found.origin
        self.spine = frozenset() if found.element is None else spine(found.element)
        self.place = -1 if found.element is None else self.shown.order.get(found.element, -1)
        return found

    def byline(self) -> tuple[str, ...]:
        said = (self.meta.site, self.linked.site, host_name(self.url), _host(self.url))
        bylines = Bylines(
            shown=self.shown,
            heading=self.heading,
            spine=self.spine,
            place=self.place,
            linked=self.linked,
            meta=self.meta,
            author=self.metas.first.get("author", ""),
            sites=frozenset(packed(name) for name in said if name),
        )
        for origin, names in bylines.candidates():
            if names:
                self.origins["byline"] = origin
                return names
        return ()

    def published_at(self) -> datetime | None:
        for origin, moment in self._dates():
            if moment is not None:
                self.origins["published_at"] = origin
                return moment
        return None

    def _dates(self) -> Iterator[tuple[str, datetime | None]]:
        yield "json-ld", self.linked.published_at
        yield "meta", self.meta.published_at
        for element in self.shown.itemprops:
            if "datepublished" in (element.get("itemprop") or "").lower():
                yield "page itemprop", self._date_of(element)
        own = [e for e in self.shown.times[:80] if not is_aside(e, self.spine)]
        yield from self._shown_dates([e for e in own if not _is_update(e)])
        yield "url", date_in_url(self.url) or date_in_url(self.metas.canonical or "")
        yield from self._marked_dates(own, _FURTHER_OFF)
        yield from self._written_dates(self._above(), self._around(300))

    def _shown_dates(self, times: list[_Element]) -> Iterator[tuple[str, datetime | None]]:
        """What a reader sees, the nearest to the headline first: cards of other stories stand further down."""
        near = frozenset(() if self.heading is None else after(self.heading, _NEAR, all_of_it=True))
        above = frozenset(() if self.heading is None else before(self.heading, _RIGHT_ABOVE))
        order, backwards = self.shown.order, times[::-1]
        yield from self._marked_dates(e for e in times if e in near)
        yield from self._marked_dates(e for e in backwards if e in above)
        texts = (self._around(60), self._above(), self._around(_NEAR, longest=40))
        yield from self._written_dates(
            *((text for text in some if not _UPDATE.search(text)) for some in texts)
        )
        yield from self._marked_dates((e for e in times if order[e] > self.place), _FURTHER_OFF)
        yield from self._marked_dates((e for e in backwards if order[e] < self.place), _FURTHER_OFF)

    def _marked_dates(
        self, times: Iterable[_Element], origin: str = "page time"
    ) -> Iterator[tuple[str, datetime | None]]:
        return ((origin, self._date_of(element)) for element in times)

    def _written_dates(self, *texts: Iterable[str]) -> Iterator[tuple[str, datetime | None]]:
        month_first = self.month_first
        return (("page text", find_date(text, month_first=month_first)) for some in texts for text in some)

    def _around(self, steps: int, longest: int = 150) -> Iterator[str]:
        """The texts with digits in them that follow the headline closely."""
        start = (
            islice(self.root.iter(), steps)
            if self.heading is None
            else after(self.heading, steps, all_of_it=True)
        )
        return _texts_with_digits(start, longest)

    def _above(self) -> Iterator[str]:
        """The short texts with digits in them right above the headline."""
        start = () if self.heading is None else before(self.heading, 15)
        return _texts_with_digits(start, 40)

    def _date_of(self, element: _Element) -> datetime | None:
        for said in (element.get("datetime"), element.get("content"), element.get("title")):
            if said and (moment := parse_date(said, month_first=self.month_first)):
                return moment
        return find_date(shown_text(element)[:200], month_first=self.month_first)

    def modified_at(self) -> datetime | None:
        marked = (e for e in self.shown.itemprops if "datemodified" in (e.get("itemprop") or "").lower())
        shown = next((moment for e in marked if (moment := self._date_of(e))), None)
        return self._first_of("modified_at", self.linked.modified_at, self.meta.modified_at or shown)

    def standfirst(self) -> str | None:
        """What the page calls its description, where a reader sees it near the headline; else what is
        marked as one there."""
        if self.heading is None:
            return None
        said = self.described
        for element in islice(self._near(), 60):
            if element.tag not in STANDFIRST_TAGS or len(element) > 8:
                continue
            marked = is_called_standfirst(element)
            if not marked and (len(element) > 2 or not said or _is_of_text(element)):
                continue
            text = _own_text(element)
            if not 20 <= len(text) <= 600 or not (bare(text) in said or (marked and self._is_prose(text))):
                continue
            if not is_aside(element, self.spine):
                self.origins["standfirst"] = "page class" if marked else "meta description"
                return text
        return None

    def _near(self) -> Iterator[_Element]:
        """What stands close before the headline, then what follows it."""
        if self.heading is None:
            return
        for element in (self.heading, *islice(self.heading.iterancestors(), 3)):
            yield from islice(element.itersiblings(preceding=True), 2)
        yield from after(self.heading, 60)

    def _is_prose(self, text: str) -> bool:
        return len(text.split()) >= 5 and find_date(text) is None and not opens_byline(text)

    def language(self) -> str | None:
        declared = self.root.get("lang") or self.root.get("xml:lang") or self.root.get(_XML_LANG)
        for origin, said in (
            ("html lang", declared),
            ("json-ld", self.linked.language),
            ("meta", self.meta.language),
        ):
            found = _LANGUAGE.match((said or "").strip())
            if found:
                self.origins["language"] = origin
                return found[1].lower()
        return None

    def _meta_section(self) -> str | None:
        said = self.meta.section
        return said if said and "://" not in said and len(said) <= 80 else None

    def image_caption(self) -> str | None:
        """The caption of the first figure that follows the headline, where the metadata has none."""
        if self.linked.image_caption and self.linked.image:
            self.origins["image_caption"] = "json-ld"
            return self.linked.image_caption
        for element in () if self.heading is None else after(self.heading, 80):
            if element.tag == "figcaption" and not is_aside(element, self.spine):
                text = _own_text(element)
                if 3 <= len(text) <= 600:
                    self.origins["image_caption"] = "page figcaption"
                    return text
        return None

    def live(self) -> bool:
        """A live blog says so in its metadata, or is marked up as one."""
        kind = self.metas.first.get("og:type", "").lower()
        for origin, found in (
            ("json-ld", self.linked.live),
            ("meta og:type", "liveblog" in kind),
            ("page itemtype", is_live(self.root)),
        ):
            if found:
                self.origins["live"] = origin
                return True
        return False

    def _first_of(self, name: str, linked: _Value | None, meta: _Value | None) -> _Value | None:
        if linked is not None or meta is not None:
            self.origins[name] = "meta" if linked is None else "json-ld"
        return meta if linked is None else linked

    def _address(self, name: str, *said: tuple[str, str | None]) -> str | None:
        for origin, address in said:
            whole = _absolute(self.url, address) if address else None
            if whole is not None:
                self.origins[name] = origin
                return whole
        return None


def is_live(root: _Element) -> bool:
    """Whether something in it is marked up as a live blog."""
    return any((e.get("itemtype") or "").endswith("/LiveBlogPosting") for e in root.iter(*_SCOPES))


def _absolute(base: str, address: str) -> str | None:
    """An address on the web, made whole; None for any other."""
    try:
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        return whole.partition("#")[0] if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _texts_with_digits(elements: Iterable[_Element], longest: int) -> Iterator[str]:
    for element in elements:
        if element.tag in ("script", "style", "title"):
            continue
        for text in (element.text, element.tail):
            if text and 6 <= len(text.strip()) <= longest and any(c.isdigit() for c in text):
                yield fold_spaces(text)


def _is_update(element: _Element) -> bool:
    parent = element.getparent()
    around = (element,) if parent is None or len(parent) > 2 else (element, parent)
    for here in around:
        named = f"{here.get('class') or ''} {here.get('itemprop') or ''}"
        if _UPDATE.search(named) or _UPDATE.search(shown_text(here)[:60]):
            return True
    return False


def _own_text(element: _Element) -> str:
    """The words of a caption or a standfirst, without what was put in between."""
    if len(element) == 0:
        return fold_spaces(element.text or "")
    blocks = read_blocks(element)
    own = blocks if len(blocks) < 2 else [block for block in blocks if not is_chaff(block)]
    return " ".join(block.text for block in own)


def _is_of_text(element: _Element) -> bool:
    """Whether a paragraph is the first of several, as the text's own are."""
    if element.tag != "p":
        return False
    following = next((e for e in element.itersiblings() if not is_beside(e) and not _is_linked(e)), None)
    return following is not None and following.tag == "p"


def _is_linked(element: _Element) -> bool:
    """Whether it is one link and nothing else, as an advertisement may be."""
    link = next(element.iter("a"), None)
    return link is not None and shown_text(element) == shown_text(link)


def host_name(url: str) -> str:
    """The longest label of a host: what a site that says no name is likely called."""
    return max(_host(url).split(".")[:-1], key=len, default="")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
