"""A paragraph of the article together with what stands beside its words: its links, and its element.

What is left out of a text takes its links along, so that each link knows its paragraph to the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Self

from lxml.etree import _Element

from monitor.extract.addresses import leads_to
from monitor.extract.blocks import Block
from storage.records import Link, Paragraph, fold_spaces


@dataclass(frozen=True, slots=True)
class Passage:
    """``links`` are the words of each link and its address as it stands in the page; ``owner`` is the
    element that made the paragraph, where that is known."""

    paragraph: Paragraph
    links: tuple[tuple[str, str], ...] = ()
    owner: _Element | None = None

    @classmethod
    def of(cls, block: Block) -> Self:
        links = tuple(_joined(block)) if block.links else ()
        return cls(Paragraph(kind=block.kind, text=block.text), links, block.owner)

    @property
    def text(self) -> str:
        return self.paragraph.text


def links_of(passages: Sequence[Passage], base: str, page: str) -> tuple[Link, ...]:
    """All links of the text that lead anywhere, in their order.

    :param base: what relative addresses count from.
    :param page: the address of the page itself.
    """
    return tuple(
        Link(paragraph=place, text=words, url=url)
        for place, passage in enumerate(passages)
        for words, href in passage.links
        if words and (url := leads_to(href, base, page)) is not None
    )


def _joined(block: Block) -> Iterator[tuple[str, str]]:
    """Each link once, though its words may be cut into several pieces."""
    for link, pieces in groupby(block.links, key=itemgetter(0)):
        href = link.get("href")
        if href:
            yield fold_spaces("".join(text for _link, text in pieces)), href
