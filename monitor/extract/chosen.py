"""What a source's own selectors find on a page. Where one is set and finds something, it wins.

The only place where CSS selectors are run; a selector that finds nothing says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from monitor.extract.names import clean_names
from monitor.extract.passage import Passage
from storage.records import Paragraph, ParagraphKind, Selectors, fold_spaces

_HTML_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ParagraphKind.HEADING),
    "blockquote": ParagraphKind.QUOTE,
    "li": ParagraphKind.LIST,
    "figcaption": ParagraphKind.CAPTION,
}


class Chosen:
    """What a source's selectors find on a page in UTF-8; empty where there are none."""

    def __init__(self, page: bytes, selectors: Selectors | None) -> None:
        self.headline: str | None = None
        self.byline: tuple[str, ...] = ()
        self.passages: tuple[Passage, ...] = ()
        if selectors is None or selectors == Selectors():
            return
        soup = BeautifulSoup(page, "lxml", from_encoding="utf-8")
        for unwanted in soup.select(selectors.remove) if selectors.remove else ():
            unwanted.decompose()
        if selectors.headline and (found := soup.select_one(selectors.headline)):
            self.headline = _soup_text(found) or None
        if selectors.byline:
            said = [name for tag in soup.select(selectors.byline) for name in clean_names(_soup_text(tag))]
            self.byline = tuple(dict.fromkeys(said))
        if selectors.body:
            self.passages = tuple(_soup_blocks(soup.select(selectors.body)))


def _soup_blocks(chosen: list[Tag]) -> Iterator[Passage]:
    """Each block-level element inside what was chosen, or the chosen element itself."""
    inner = ["p", "li", "blockquote", "figcaption", *_HTML_KINDS]
    for tag in chosen:
        blocks = [] if tag.name in inner else tag.find_all(inner)
        for block in blocks or [tag]:
            nested = any(parent is not tag and parent.name in inner for parent in _parents_within(block, tag))
            text = _soup_text(block)
            if text and not nested:
                kind = _HTML_KINDS.get(block.name, ParagraphKind.PARAGRAPH)
                yield Passage(Paragraph(kind=kind, text=text), tuple(_soup_links(block)))


def _soup_links(block: Tag) -> Iterator[tuple[str, str]]:
    for link in block.find_all("a", href=True):
        yield _soup_text(link), str(link["href"])


def _parents_within(block: Tag, limit: Tag) -> Iterator[Tag]:
    for parent in block.parents:
        if parent is limit:
            return
        yield parent


def _soup_text(tag: Tag) -> str:
    return fold_spaces(tag.get_text())
