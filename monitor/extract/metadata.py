"""What a page says of itself: schema.org JSON-LD, OpenGraph and plain meta elements.

Knows the vocabularies and their common misuses; refuses to judge which source of truth wins.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from lxml.etree import _Element

from monitor.extract.charset import clean
from monitor.extract.dates import parse_date
from monitor.extract.names import clean_names, join_names
from monitor.extract.shown import bare
from storage.records import fold_spaces

_BEST_TYPES = re.compile(
    r"(?:Article|BlogPosting|^Report|^Recipe|^HowTo|^Review|^SocialMediaPosting|^DiscussionForumPosting)$"
)
_FAIR_TYPES = re.compile(r"(?:Page|^CreativeWork|^VideoObject|^NewsItem|^ImageGallery|^MediaGallery)$")
_HOUSES = re.compile(r"Organization$")
_LIVE = re.compile(r"^LiveBlogPosting$")
_UNCLEAN = re.compile(r"\\u(?:00[01]|007f|d[89a-f])", re.IGNORECASE)
_MOST_NODES = 3000
_DEEPEST = 8
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage")

_HEADLINES = tuple(
    ("og:title twitter:title dc.title dcterms.title sailthru.title parsely-title headline title ").split()
)
_DESCRIPTIONS = tuple(
    (
        "og:description description twitter:description dc.description dcterms.description sailthru.description "
    ).split()
)
_AUTHORS = tuple(
    (
        "author article:author article:author_name article_author og:article:author byl parsely-author "
        "sailthru.author dc.creator dcterms.creator dc.creator.personalname citation_author cxenseparse:author "
        "shareaholic:article_author_name content-creator bt:author analyticsattributes.author creator authors "
        "vr:author dc.contributor "
    ).split()
)
_PUBLISHED = tuple(
    (
        "article:published_time og:article:published_time article:published og:published_time published_time "
        "datepublished originalpublicationdate parsely-pub-date sailthru.date dc.date.issued dcterms.issued "
        "dc.date.created dcterms.created citation_publication_date citation_date citation_online_date "
        "publish-date publish_date publishdate publication_date publicationdate pub_date pubdate published_at "
        "published bt:pubdate article_date_original article.published article.created "
        "cxenseparse:recs:publishtime cxenseparse:publishtime shareaholic:article_published_time "
        "analyticsattributes.articledate rnews:datepublished dateposted datecreated pdate ptime dc.date "
        "dcterms.date prism.publicationdate release_date displaydate displaydatetime date_published "
        "article-published vr:published_time gwa_publish_date eomportal-publishdate date "
    ).split()
)
_MODIFIED = tuple(
    (
        "article:modified_time og:article:modified_time og:modified_time datemodified og:updated_time "
        "article:modified dcterms.modified dc.date.modified bt:moddate article_date_updated "
        "shareaholic:article_modified_time revision_date last-modified lastmod utime date_modified "
    ).split()
)
_SECTIONS = tuple(
    (
        "article:section og:article:section og:section articlesection parsely-section section prism.section "
        "sailthru_section meta-section outbrainsection cxenseparse:iid-category category "
    ).split()
)
_IMAGES = tuple(
    (
        "og:image:secure_url og:image og:image:url twitter:image twitter:image:src sailthru.image.full "
        "parsely-image-url thumbnail "
    ).split()
)
_LANGUAGES = ("og:locale", "language", "content-language", "dc.language", "inlanguage")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title")

ASKED_METAS = frozenset(
    (
        *_HEADLINES,
        *_DESCRIPTIONS,
        *_AUTHORS,
        *_PUBLISHED,
        *_MODIFIED,
        *_SECTIONS,
        *_IMAGES,
        *_LANGUAGES,
        *_SITES,
    )
) | {"og:type"}
"""The names of all meta elements that anything is read from."""


@dataclass(frozen=True)
class Update:
    """One post of a live blog, as JSON-LD lists it. ``id`` is the part of its address that names its place
    on the page; ``text`` is how it begins, or all of it."""

    headline: str | None
    text: str | None
    id: str | None


@dataclass(frozen=True, kw_only=True)
class Said:
    """One article's own metadata; None or empty where the page is silent."""

    headline: str | None = None
    description: str | None = None
    byline: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    section: str | None = None
    language: str | None = None
    corrections: tuple[str, ...] = ()
    live: bool = False
    updates: tuple[Update, ...] = ()
    site: str | None = None
    image: str | None = None
    image_caption: str | None = None


@dataclass(frozen=True)
class Metas:
    """The meta and link elements of a page: the first content of each name, all that share it in ``many``."""

    first: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, list[str]] = field(default_factory=dict)
    canonical: str | None = None

    def any_of(self, names: Iterable[str]) -> tuple[str, str]:
        """The first of these names that the page has, and what it says there; empty: none."""
        return next(((name, self.first[name]) for name in names if name in self.first), ("", ""))


def read_metas(root: _Element) -> Metas:
    """The meta elements, visited once."""
    many: dict[str, list[str]] = {}
    canonical = None
    for element in root.iter("meta", "link"):
        attributes = element.attrib
        if element.tag == "link":
            if canonical is None and "canonical" in (attributes.get("rel") or "").lower().split():
                canonical = (attributes.get("href") or "").strip() or None
            continue
        content = fold_spaces(attributes.get("content") or attributes.get("value") or "")
        if not content:
            continue
        said = ((attributes.get(kind) or "").strip().lower() for kind in ("property", "name", "itemprop"))
        for key in dict.fromkeys(said):
            if key:
                many.setdefault(key, []).append(content)
    return Metas({key: contents[0] for key, contents in many.items()}, many, canonical)


def said_by_metas(metas: Metas, *, month_first: bool = False) -> Said:
    """What the meta elements say of the article."""
    return Said(
        headline=_text(metas.any_of(_HEADLINES)[1]),
        description=_text(metas.any_of(_DESCRIPTIONS)[1]),
        byline=_authors(metas),
        published_at=_when(metas, _PUBLISHED, month_first),
        modified_at=_when(metas, _MODIFIED, month_first),
        section=_text(metas.any_of(_SECTIONS)[1]),
        language=metas.any_of(_LANGUAGES)[1] or None,
        site=_text(metas.any_of(_SITES)[1]),
        image=metas.any_of(_IMAGES)[1] or None,
    )


def _authors(metas: Metas) -> tuple[str, ...]:
    for name in _AUTHORS:
        found = join_names(clean_names(said) for said in metas.many.get(name, ()))
        if found:
            return found
    return ()


def _when(metas: Metas, names: Iterable[str], month_first: bool) -> datetime | None:
    found = (parse_date(metas.first[name], month_first=month_first) for name in names if name in metas.first)
    return next((moment for moment in found if moment is not None), None)


# ---------------------------------------------------------------------- JSON-LD


def read_json_ld(root: _Element, *, like: Iterable[str] = (), month_first: bool = False) -> Said:
    """The most article-like node of the page's JSON-LD.

    :param like: what else calls itself the headline, to tell the article from others on the page.
    """
    nodes = list(islice((node for script in _scripts(root) for node in _nodes(script)), _MOST_NODES))
    node = _article(nodes, [bare(text) for text in like])
    if node is None:
        return Said(site=_site(nodes))
    known = {str(n["@id"]): n for n in nodes if isinstance(n.get("@id"), str) and "name" in n}
    page = next((n for n in nodes if _typed(n, _FAIR_TYPES) and n is not node), {})
    image, caption = _image(node.get("image"), known)
    live = _live(nodes, node)
    return Said(
        headline=_text(node.get("headline")) or _text(node.get("name")),
        description=_text(node.get("description")) or _text(node.get("alternativeHeadline")),
        byline=_people(node.get("author") or node.get("creator"), known),
        published_at=_date(node.get("datePublished"), month_first)
        or _date(page.get("datePublished"), month_first)
        or _date(node.get("dateCreated"), month_first),
        modified_at=_date(node.get("dateModified"), month_first)
        or _date(page.get("dateModified"), month_first),
        section=_text(_first(node.get("articleSection"))),
        language=_text(_named(_first(node.get("inLanguage")))),
        corrections=tuple(_corrections(node.get("correction"))),
        live=live is not None,
        updates=tuple(_updates(live)) if live else (),
        site=_text(_named(_first(node.get("publisher")))) or _site(nodes),
        image=image,
        image_caption=caption,
    )


def _article(nodes: list[dict[str, Any]], like: list[str]) -> dict[str, Any] | None:
    best, most = None, 0.0
    for node in nodes:
        worth = 10.0 if _typed(node, _BEST_TYPES) else 4.0 if _typed(node, _FAIR_TYPES) else 0.0
        if not worth or (worth < 10 and not ({"headline", "datePublished", "author"} & node.keys())):
            continue
        worth += sum(
            1 for key in ("headline", "author", "datePublished", "articleBody", "correction") if node.get(key)
        )
        worth += 5 * (bare(_text(node.get("headline")) or _text(node.get("name")) or "-") in like)
        if worth > most:
            best, most = node, worth
    return best


def _live(nodes: list[dict[str, Any]], article: dict[str, Any]) -> dict[str, Any] | None:
    """The node of a live blog, where the article is one, or is called the same as one."""
    if _typed(article, _LIVE):
        return article
    title = bare(_text(article.get("headline")) or "")
    lives = (node for node in nodes if title and _typed(node, _LIVE))
    return next((node for node in lives if bare(_text(node.get("headline")) or "") == title), None)


def _updates(live: dict[str, Any]) -> Iterator[Update]:
    for post in islice(_list(live.get("liveBlogUpdate")), _MOST_NODES):
        if isinstance(post, dict):
            address = _text(_first(post.get("url"))) or _text(_first(post.get("@id"))) or ""
            place = address.partition("#")[2] or None
            yield Update(_text(post.get("headline")), _text(post.get("articleBody")), place)


def _scripts(root: _Element) -> Iterator[Any]:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            yield from _loaded((script.text or "").strip())


def _loaded(text: str) -> Iterator[Any]:
    """What a script holds, mended as far as it can be: whole, or one value after another, or field by field."""
    for mended in _mendings(text):
        try:
            value = json.loads(mended, strict=False, parse_int=float)
            yield _cleaned(value) if _UNCLEAN.search(mended) else value
            return
        except (ValueError, RecursionError):
            continue
    yield from _salvaged(text)


def _cleaned(value: Any) -> Any:
    """A value without the control characters and lone surrogates that escapes can put into its strings."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


def _mendings(text: str) -> Iterator[str]:
    yield text
    text = re.sub(
        r"^\s*(?:<!--|/\*<!\[CDATA\[\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|/\*\]\]>\*/|//\s*\]\]>|\]\]>)\s*(?:;\s*)?$",
        "",
        text,
    )
    text = text.strip().rstrip(";")
    yield text
    commas = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"[\x00-\x1f]+", " ", text))
    yield commas
    yield re.sub(r"}\s*{", "},{", f"[{commas}]")
    if "&quot;" in text:
        yield html.unescape(commas)


_SALVAGE = re.compile(
    r'"(headline|datePublished|dateModified|articleSection|description|inLanguage)"\s*:\s*"((?:[^"\\\n]|\\.){1,500})"'
)
_SALVAGED_AUTHOR = re.compile(r'"author"\s*:\s*[\[{][^\]}]{0,200}?"name"\s*:\s*"([^"\\]{1,80})"')


def _salvaged(text: str) -> Iterator[dict[str, Any]]:
    if not re.search(r'"@type"\s*:\s*(?:\[\s*)?"\w*(?:Article|Posting)"', text[:100_000]):
        return
    node: dict[str, Any] = {"@type": "Article"}
    for found in _SALVAGE.finditer(text[:100_000]):
        node.setdefault(found[1], found[2].replace('\\"', '"').replace("\\/", "/"))
    author = _SALVAGED_AUTHOR.search(text[:100_000])
    yield node | ({"author": author[1]} if author else {})


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _INSIDE:
            yield from _nodes(value.get(key), depth + 1)


def _typed(node: dict[str, Any], wanted: re.Pattern[str]) -> bool:
    kinds = node.get("@type")
    return any(isinstance(kind, str) and wanted.search(kind) for kind in _list(kinds))


def _people(value: Any, known: Mapping[str, dict[str, Any]]) -> tuple[str, ...]:
    said: list[tuple[str, ...]] = []
    for person in _list(value):
        for one in _list(person):
            if isinstance(one, dict) and "name" not in one:
                one = known.get(str(one.get("@id")), {})
            names = [html.unescape(name) for name in _list(_named(one)) if isinstance(name, str)]
            whole = isinstance(one, dict) and _typed(one, _HOUSES)
            said += [
                (fold_spaces(name),) if whole and "://" not in name else clean_names(name) for name in names
            ]
    return join_names(said)


def _image(value: Any, known: Mapping[str, dict[str, Any]]) -> tuple[str | None, str | None]:
    first = _first(_first(value))
    if not isinstance(first, dict):
        return _text(first), None
    if "url" not in first and "contentUrl" not in first:
        first = known.get(str(first.get("@id")), first)
    return _text(_first(first.get("url"))) or _text(_first(first.get("contentUrl"))), _text(
        first.get("caption")
    )


def _site(nodes: list[dict[str, Any]]) -> str | None:
    return next((_text(n.get("name")) for n in nodes if _typed(n, re.compile("^WebSite$"))), None)


def _corrections(value: Any) -> Iterator[str]:
    for item in _list(value):
        said = (item.get("text") or item.get("description")) if isinstance(item, dict) else item
        text = _text(said)
        if text and "://" not in text.partition(" ")[0]:
            yield text


def _date(value: Any, month_first: bool) -> datetime | None:
    return parse_date(_named(_first(value)), month_first=month_first)


def _named(value: Any) -> Any:
    """The name of a node, or the value itself where it is none; JSON-LD's own ``@value`` too."""
    return value.get("name") or value.get("@value") if isinstance(value, dict) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first(value: Any) -> Any:
    return next(iter(_list(value)), None)


def _text(value: Any) -> str | None:
    folded = fold_spaces(html.unescape(re.sub(r"<[^<>]{1,80}>", "", value))) if isinstance(value, str) else ""
    return folded or None
