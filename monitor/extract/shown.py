"""What a reader sees of a page, apart from its text: its headings, and what is marked as a name or a time.

Knows elements, their classes and the words inside them; refuses to know what any of it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree
from lxml.etree import XPath, _Element

from storage.records import fold_spaces

_HIDDEN = frozenset("script style noscript template svg button select option iframe".split())
_BREAKS = frozenset("br p div li ul ol td tr h1 h2 h3 h4 h5 h6 section header footer figure".split())
_STEPS = 400  # of a walk through one element: a heading, a byline or a date line is far smaller

_MARKS = ("uthor", "yline", "riter", "date", "Date", "ublish", "time", "posted", "reated", "ontributor")
_FIND = XPath(
    "descendant::*[self::h1 or self::time or @itemprop or @datetime or contains(@rel,'author') or contains(@href,'/author') or "
    + " or ".join(f"contains(@class,'{mark}')" for mark in _MARKS)
    + " or contains(@id,'yline') or contains(@id,'uthor') or contains(@id,'date')]"
)
_NAME_CLASS = re.compile(
    r"(?<![a-z])(?:by-?_?lines?|authors?|writers?|contributors?)(?![a-z])|(?:[a-z_-]|\b)(?:Byline|Author|Writer)s?(?![a-z])"
)
_TIME_CLASS = re.compile(
    r"(?<![a-z])(?:pub-?_?)?(?:date|time|datetime|timestamp|dateline|published|posted|created)(?![a-z])|pubdate|postdate|"
    r"[a-z](?:Date|Time|Timestamp|Published)(?![a-z])|publi(?:sh|cation)"
)
_ASIDE = re.compile(
    r"(?<![a-z])(?:comments?|disqus|related|sidebar|side-?bar|footer|nav|menu|recirc|recommend\w*|trending|popular|most-?read|"
    r"more-?(?:stories|news|from|articles)|promo|teasers?|newsletter|carousel|widget|latest|read-?next|also|cookie|modal|popup)"
    r"(?![a-z])|comment-?_?list|commentlist",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Shown:
    """The marked elements of one page, each kind in the order of the page."""

    headings: list[_Element] = field(default_factory=list)
    names: list[_Element] = field(default_factory=list)
    times: list[_Element] = field(default_factory=list)
    itemprops: list[_Element] = field(default_factory=list)


def look(root: _Element) -> Shown:
    """One look through the whole page."""
    shown = Shown()
    try:
        found = _FIND(root)
    except etree.XPathError:  # a tree too large for the library's own limits
        found = root.iter("h1", "time")
    for element in found:
        if isinstance(element, _Element) and isinstance(element.tag, str):
            _sort(element, shown)
    return shown


def _sort(element: _Element, shown: Shown) -> None:
    attributes, tag = element.attrib, element.tag
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    said = (attributes.get("itemprop") or "").lower()
    if tag == "h1":
        shown.headings.append(element)
    if said:
        shown.itemprops.append(element)
    if tag in ("meta", "link", "body", "html", "script"):
        return
    if "author" in said or "author" in (attributes.get("rel") or "").lower() or _NAME_CLASS.search(named):
        shown.names.append(element)
    elif tag == "a" and "/author" in (attributes.get("href") or ""):
        shown.names.append(element)
    if tag == "time" or "datetime" in attributes or "date" in said or _TIME_CLASS.search(named):
        shown.times.append(element)


def shown_text(element: _Element, *, gap: str = " ") -> str:
    """The words of a small element as they stand on the page; ``gap`` stands between blocks."""
    if len(element) == 0:
        return fold_spaces(element.text or "")
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end", "comment"))
    for event, inner in islice(walk, _STEPS):
        if event == "start":
            if inner.tag in _HIDDEN and inner is not element:
                walk.skip_subtree()
                continue
            parts += (gap if inner.tag in _BREAKS else "", inner.text or "")
        elif inner is not element:
            parts += (gap if inner.tag in _BREAKS else "", inner.tail or "")
    return fold_spaces("".join(parts)) if gap == " " else "".join(parts)


def pieces(element: _Element) -> list[str]:
    """The runs of text in a small element, one for each element that holds some."""
    walk = etree.iterwalk(element, events=("start", "end", "comment"))
    found: list[str] = []
    for event, inner in islice(walk, _STEPS):
        if event == "start":
            if inner.tag in _HIDDEN:
                walk.skip_subtree()
                continue
            found.append(fold_spaces(inner.text or ""))
        elif inner is not element:
            found.append(fold_spaces(inner.tail or ""))
    return [text for text in found if text]


def after(element: _Element, steps: int) -> Iterator[_Element]:
    """The elements that follow, in the order of the page, those inside of it left out."""
    left, here = steps, element
    while here is not None:
        for sibling in here.itersiblings():
            for inner in sibling.iter():
                left -= 1
                if left < 0:
                    return
                yield inner
        parent = here.getparent()
        if parent is None:
            return
        here = parent


def is_aside(element: _Element) -> bool:
    """Whether the page says that this belongs to something else: comments, teasers, a footer."""
    for here in islice(_lineage(element), 40):
        if here.tag in ("nav", "footer", "body"):
            return here.tag != "body"
        attributes = here.attrib
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if len(named) > 3 and _ASIDE.search(named):
            return True
    return False


def _lineage(element: _Element) -> Iterator[_Element]:
    yield element
    yield from element.iterancestors()
