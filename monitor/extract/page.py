"""An HTML page into an Extraction: which source of truth wins for which field.

The text is what a reader sees, found by trafilatura; the headline is the page's own heading
where it agrees with the metadata; names and times come from schema.org, then meta elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from urllib.parse import urljoin, urlsplit

import lxml.html
from bs4 import BeautifulSoup, Tag
from lxml.etree import ParserError, _Element
from rapidfuzz import fuzz
from trafilatura import bare_extraction

from monitor.extract.charset import decode
from monitor.extract.metadata import Said, clean_names, read_json_ld, read_meta
from monitor.extract.notices import find_notices
from storage.records import Extraction, Paragraph, ParagraphKind, Selectors, fold_spaces

EXTRACTOR = "page/1"
_FEW_WORDS = 60

_KINDS = {
    "p": ParagraphKind.PARAGRAPH,
    "head": ParagraphKind.HEADING,
    "quote": ParagraphKind.QUOTE,
    "item": ParagraphKind.LIST,
    "row": ParagraphKind.LIST,
}
_HTML_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ParagraphKind.HEADING),
    "blockquote": ParagraphKind.QUOTE,
    "li": ParagraphKind.LIST,
    "figcaption": ParagraphKind.CAPTION,
}
# Where a class or id says so, a block is not of the article, however much text it holds.
_FURNITURE = re.compile(
    r"(^|[\s_-])(ad|ads|advert|advertisement|promo|related|newsletter|share|social|cookie|consent|comments?|"
    r"recommend(ed|ations)?|most-?read|trending|outbrain|taboola|subscribe|paywall-offer|read-?more)([\s_-]|$)",
    re.IGNORECASE,
)
_LABEL_CLASS = re.compile(
    r"breaking|developing|correction|clarification|editors?-?note|update-?note", re.IGNORECASE
)


def extract(
    body: bytes, *, url: str, content_type: str | None = None, selectors: Selectors | None = None
) -> Extraction:
    """Read one page.

    :param url: where it answered; relative addresses count from there.
    :param content_type: the HTTP header, which may name the encoding.
    :param selectors: a source's own; each one that is set and finds something wins.
    """
    text = decode(body, content_type)
    root = parse(text)
    if root is None:
        return Extraction(headline=None, paragraphs=(), extractor=EXTRACTOR)
    chosen = _Chosen(text, selectors)
    said, meta = read_json_ld(root), read_meta(root)
    labels = [_text_of(element) for element in _labels(root)]
    headline = chosen.headline or _headline(root, said, meta)
    paragraphs = chosen.paragraphs or _main_text(root)
    paragraphs = _without_repeated_headline(paragraphs, headline)
    return Extraction(
        headline=headline,
        paragraphs=paragraphs,
        extractor=EXTRACTOR,
        standfirst=_standfirst(root, paragraphs, said.description or meta.description),
        byline=chosen.byline or said.byline or meta.byline or _visible_byline(root),
        published_at=said.published_at or meta.published_at,
        modified_at=said.modified_at or meta.modified_at,
        language=_language(root, said, meta),
        canonical_url=_canonical(root, url),
        section=said.section or meta.section,
        notices=find_notices(paragraphs, labels, said.corrections, said.live),
    )


def parse(text: str) -> _Element | None:
    """The tree of a page; None where there is nothing in it. Nothing is dropped for its depth."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root: _Element = lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
        return root
    except (ParserError, ValueError):
        return None


# ---------------------------------------------------------------------- the text


def _main_text(root: _Element) -> tuple[Paragraph, ...]:
    tree: lxml.html.HtmlElement = deepcopy(root)  # type: ignore[assignment]
    captions = _lift_captions(tree)
    _drop_furniture(tree)
    blocks = _found(tree, fast=True)
    if sum(len(text.split()) for _kind, text in blocks) < _FEW_WORDS:
        blocks = _found(tree, fast=False)
    return tuple(
        Paragraph(kind=ParagraphKind.CAPTION if text in captions else kind, text=text)
        for kind, text in blocks
    )


def _found(tree: lxml.html.HtmlElement, *, fast: bool) -> list[tuple[ParagraphKind, str]]:
    """What trafilatura takes for the article; not ``fast``: with its fall-back readers too."""
    found = bare_extraction(
        deepcopy(tree), with_metadata=False, include_comments=False, include_tables=True, fast=fast
    )
    body = getattr(found, "body", None)
    return [] if body is None else list(_blocks(body))


def _lift_captions(tree: _Element) -> set[str]:
    """Make captions of the article plain paragraphs, which trafilatura keeps, and return their texts."""
    captions = set()
    for caption in list(tree.iter("figcaption")):
        text, figure, parent = _text_of(caption), caption.getparent(), None
        if figure is not None:
            parent = figure.getparent()
        if len(text.split()) < 4 or figure is None or parent is None or figure.tag != "figure":
            continue
        captions.add(text)
        paragraph = lxml.html.Element("p")
        paragraph.text = text
        parent.insert(parent.index(figure) + 1, paragraph)
        caption.drop_tree()  # type: ignore[attr-defined]
    return captions


def _drop_furniture(tree: _Element) -> None:
    total = len(_text_of(tree))
    for element in list(tree.iter("div", "section", "aside", "ul", "ol", "nav", "form", "p")):
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        marked = _FURNITURE.search(named) or element.tag in ("nav", "form")
        if marked and element.getparent() is not None and len(_text_of(element)) < total / 3:
            element.drop_tree()  # type: ignore[attr-defined]
    for paragraph in tree.iter("p"):
        paragraph.attrib.pop("class", None)  # a generated name may read like furniture to trafilatura


def _blocks(body: _Element) -> Iterator[tuple[ParagraphKind, str]]:
    for element in body.iterdescendants():
        kind = _KINDS.get(str(element.tag))
        ancestors = {str(ancestor.tag) for ancestor in element.iterancestors()}
        if kind is None or ancestors & _KINDS.keys():
            continue
        text = _text_of(element)
        if text:
            yield kind, text


def _without_repeated_headline(
    paragraphs: tuple[Paragraph, ...], headline: str | None
) -> tuple[Paragraph, ...]:
    first = next(iter(paragraphs), None)
    if first is not None and headline is not None and _bare(first.text) == _bare(headline):
        return paragraphs[1:]
    return paragraphs


# ---------------------------------------------------------------------- the other fields


def _headline(root: _Element, said: Said, meta: Said) -> str | None:
    """The heading that a reader sees, where the metadata does not speak against it."""
    title = next((_text_of(element) for element in root.iter("title")), "")
    claimed = [text for text in (said.headline, meta.headline, title) if text]
    headings = [text for element in root.iter("h1") if (text := _text_of(element))]
    if headings and claimed:
        best = max(headings, key=lambda text: max(_agreement(text, claim) for claim in claimed))
        if max(_agreement(best, claim) for claim in claimed) >= 60:
            return best
    elif len(headings) == 1:
        return headings[0]
    if said.headline or meta.headline:
        return said.headline or meta.headline
    return re.split(r"\s+[|–—-]\s+", title)[0] or None


def _agreement(heading: str, claim: str) -> float:
    return fuzz.token_set_ratio(heading.lower(), claim.lower())


def _standfirst(root: _Element, paragraphs: tuple[Paragraph, ...], said: str | None) -> str | None:
    """What the page calls its description, where a reader sees it too and it is not the text."""
    if said is None or any(_bare(said) in _bare(paragraph.text) for paragraph in paragraphs[:5]):
        return None
    shown = root.iter("h2", "h3", "p", "div", "span")
    return said if any(_bare(_text_of(e)) == _bare(said) for e in shown if len(e) < 3) else None


def _visible_byline(root: _Element) -> tuple[str, ...]:
    marks: tuple[Callable[[_Element], bool], ...] = (
        lambda element: element.get("itemprop") == "author",
        lambda element: element.get("rel") == "author",
        lambda element: "byline" in (element.get("class") or ""),
    )
    for marked in marks:
        for element in root.iter("a", "span", "div", "p", "address"):
            names = clean_names(_text_of(element)) if marked(element) else ()
            if 0 < len(names) <= 4 and all(len(name.split()) <= 5 for name in names):
                return names
    return ()


def _language(root: _Element, said: Said, meta: Said) -> str | None:
    declared = root.get("lang") or root.get("xml:lang") or said.language or meta.language or ""
    found = re.match(r"[a-zA-Z]{2,3}", declared)
    return found[0].lower() if found else None


def _canonical(root: _Element, url: str) -> str | None:
    for element in root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            try:
                address = urljoin(url, (element.get("href") or "").strip())
                if urlsplit(address).scheme in ("http", "https") and urlsplit(address).hostname:
                    return address.partition("#")[0]
            except ValueError:
                continue
    return None


def _labels(root: _Element) -> Iterator[_Element]:
    for element in root.iter("div", "span", "p", "strong", "aside", "section"):
        if _LABEL_CLASS.search(element.get("class") or "") and len(_text_of(element).split()) <= 120:
            yield element


# ---------------------------------------------------------------------- a source's own selectors


class _Chosen:
    """What a source's selectors find; empty where there are none."""

    def __init__(self, text: str, selectors: Selectors | None) -> None:
        self.headline: str | None = None
        self.byline: tuple[str, ...] = ()
        self.paragraphs: tuple[Paragraph, ...] = ()
        if selectors is None or selectors == Selectors():
            return
        soup = BeautifulSoup(text, "lxml")
        for unwanted in soup.select(selectors.remove) if selectors.remove else ():
            unwanted.decompose()
        if selectors.headline and (found := soup.select_one(selectors.headline)):
            self.headline = _soup_text(found) or None
        if selectors.byline:
            said = [name for tag in soup.select(selectors.byline) for name in clean_names(_soup_text(tag))]
            self.byline = tuple(dict.fromkeys(said))
        if selectors.body:
            self.paragraphs = tuple(_soup_blocks(soup.select(selectors.body)))


def _soup_blocks(chosen: list[Tag]) -> Iterator[Paragraph]:
    """Each block-level element inside what was chosen, or the chosen element itself."""
    inner = ["p", "li", "blockquote", "figcaption", *_HTML_KINDS]
    for tag in chosen:
        blocks = [] if tag.name in inner else tag.find_all(inner)
        for block in blocks or [tag]:
            nested = any(parent is not tag and parent.name in inner for parent in _parents_within(block, tag))
            text = _soup_text(block)
            if text and not nested:
                yield Paragraph(kind=_HTML_KINDS.get(block.name, ParagraphKind.PARAGRAPH), text=text)


def _parents_within(block: Tag, limit: Tag) -> Iterator[Tag]:
    for parent in block.parents:
        if parent is limit:
            return
        yield parent


def _soup_text(tag: Tag) -> str:
    return fold_spaces(tag.get_text())


def _text_of(element: _Element) -> str:
    return fold_spaces("".join(str(text) for text in element.itertext()))


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()
