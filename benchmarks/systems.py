"""The readers that are compared, behind one shape: a page's bytes and address into what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lxml.html
from readability import Document
from readability.readability import Unparseable
from trafilatura import bare_extraction

from benchmarks.data import day
from monitor.extract import decode, extract

_INLINE = frozenset("a abbr b bdi cite code em font i mark q s small span strong sub sup time u var".split())


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a reader found; ``titles`` are all it offers, each of which may be the right one.
    ``failed``: it gave the page up, which is told apart from finding little."""

    text: str = ""
    titles: tuple[str, ...] = ()
    date: str | None = None
    authors: tuple[str, ...] = ()
    failed: bool = False


System = Callable[[bytes, str], Found]


def writethru(body: bytes, url: str) -> Found:
    read = extract(body, url=url)
    return Found(
        text=read.text,
        titles=(read.headline,) if read.headline else (),
        date=read.published_at.date().isoformat() if read.published_at else None,
        authors=read.byline,
    )


def trafilatura(body: bytes, url: str) -> Found:
    return _trafilatura(body, url, precise=False)


def trafilatura_precise(body: bytes, url: str) -> Found:
    return _trafilatura(body, url, precise=True)


def readability(body: bytes, url: str) -> Found:
    """It takes text, not bytes, so it is given ours. A page that it gives up is a page without text."""
    document = Document(decode(body), url=url)
    try:
        text = text_of(document.summary(html_partial=True))
    except Unparseable:
        return Found(failed=True)
    return Found(text=text, titles=(document.short_title(), document.title()))


def parse_only(body: bytes, url: str) -> Found:
    """The least that any reader has to do: it is here for its time."""
    lxml.html.document_fromstring(body, base_url=url)
    return Found()


SYSTEMS: dict[str, System] = {
    "writethru": writethru,
    "trafilatura": trafilatura,
    "trafilatura, precision": trafilatura_precise,
    "readability-lxml": readability,
}


def text_of(markup: str) -> str:
    """The text of a piece of HTML, with its blocks on lines of their own."""
    if not markup.strip():
        return ""
    root = lxml.html.fragment_fromstring(markup, create_parent=True)
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag not in _INLINE:
            element.text, element.tail = f"\n{element.text or ''}", f"\n{element.tail or ''}"
    return "".join(str(text) for text in root.itertext(tag="*"))


def _trafilatura(body: bytes, url: str, *, precise: bool) -> Found:
    read = bare_extraction(body, url=url, with_metadata=True, favor_precision=precise)
    if read is None or isinstance(read, dict):
        return Found(failed=True)
    return Found(
        text=read.text or "",
        titles=(read.title,) if read.title else (),
        date=day(read.date),
        authors=tuple(name.strip() for name in (read.author or "").split(";") if name.strip()),
    )
