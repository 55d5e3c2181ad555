"""What a reader sees of a page, apart from its text: its headings, and what is marked as a name or a time.

Knows elements, their classes and the words inside them; refuses to know what any of it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from monitor.extract.blocks import is_beside
from storage.records import fold_spaces

_HIDDEN = frozenset("script style noscript template svg button select option iframe".split())
_BREAKS = frozenset("br p div li ul ol td tr h1 h2 h3 h4 h5 h6 section header footer figure".split())
_STEPS = 400  # of a walk through one element: a heading, a byline or a date line is far smaller

_TAGS = "h1 time a abbr address aside cite dd div em figcaption h3 h4 h5 li meta p section small span strong td".split()
_LABEL_TAGS = frozenset("aside div p section span strong".split())
_NAMED, _TIMED, _LABELLED = 1, 2, 4
_HINTS = (
    "uthor",
    "yline",
    "y-line",
    "y_line",
    "riter",
    "ontributor",
    "date",
    "Date",
    "time",
    "Time",
    "ubli",
    "posted",
    "reated",
)
_NAME_CLASS = re.compile(
    r"(?<![a-z])(?:by-?_?lines?|authors?(?:names?)?|writers?|contributors?)(?![a-z])|(?:[a-z_-]|\b)(?:Byline|Author|Writer)s?(?![a-z])"
)
_TIME_CLASS = re.compile(
    r"(?<![a-z])(?:pub-?_?)?(?:date|time|datetime|timestamp|dateline|published|posted|created)(?![a-z])|pubdate|postdate|"
    r"[a-z](?:Date|Time|Timestamp|Published)(?![a-z])|publi(?:sh|cation)"
)
_LABEL_PARTS = ("reaking", "eveloping", "orrection", "larification", "ditor", "pdate")
_STANDFIRST_CLASS = re.compile(
    r"(?<![a-z])(?:standfirst|dek|deck|sub-?_?(?:title|headline|heading|hed|head|headings?)|lede?|lead|intro|summary|excerpt|abstract|chapo|"
    r"teaser-?text|vorspann|kicker-?text|entradilla|bajada|sommario|ingress|description)(?![a-z])",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?<![a-z])(?:comments?|disqus|related|sidebar|side-?bar|footer(?<!post-footer)(?<!entry-footer)(?<!article-footer)|nav|menu|recirc|recommend\w*|trending|popular|most-?read|"
    r"more-?(?:stories|news|from|articles)|promo|teasers?|newsletter|carousel|widget(?<!elementor-widget)|latest|read-?next|also|cookie|modal|popup)"
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
    labels: list[_Element] = field(default_factory=list)
    order: dict[_Element, int] = field(default_factory=dict)


def look(root: _Element) -> Shown:
    """One look through the whole page."""
    shown = Shown()
    rare = set(root.iter("h1", "time"))
    rare.update(
        e for e in root.iter("a") if "author" in (e.get("rel") or "") or "/author" in (e.get("href") or "")
    )
    for element in root.iter(*_TAGS):
        named, id_ = element.get("class"), element.get("id")
        marks = _marks(named) if named else 0
        if marks & _LABELLED and element.tag in _LABEL_TAGS:
            shown.labels.append(element)
        marks &= _NAMED | _TIMED
        if id_ and not marks:
            marks = _read_marks(id_) & (_NAMED | _TIMED)
        if marks or element.get("itemprop") or element.get("datetime") or element in rare:
            shown.order[element] = len(shown.order)
            _sort(element, shown, marks)
    return shown


def _read_marks(named: str) -> int:
    """Whether a class or an id says that it is of names, of times, of notices."""
    marks = _LABELLED if any(part in named for part in _LABEL_PARTS) else 0
    if not any(hint in named for hint in _HINTS):
        return marks
    named_so, timed = _NAME_CLASS.search(named), _TIME_CLASS.search(named)
    return marks | (_NAMED if named_so else 0) | (_TIMED if timed else 0)


_marks = lru_cache(maxsize=8192)(_read_marks)  # one outlet's pages share their classes


def _sort(element: _Element, shown: Shown, marks: int) -> None:
    attributes, tag = element.attrib, element.tag
    said = (attributes.get("itemprop") or "").lower()
    if tag == "h1":
        shown.headings.append(element)
    if said:
        shown.itemprops.append(element)
    if tag in ("meta", "aside"):
        return
    linked = f"{attributes.get('rel') or ''} {attributes.get('href') or ''}".lower() if tag == "a" else ""
    if marks & _NAMED or "author" in said or linked.startswith("author") or "/author" in linked:
        shown.names.append(element)
    if marks & _TIMED or tag == "time" or "datetime" in attributes or "date" in said:
        shown.times.append(element)


def is_called_standfirst(element: _Element) -> bool:
    """Whether its class says that it is a standfirst."""
    named, said = element.get("class"), element.get("itemprop")
    return bool((named and _says_standfirst(named)) or (said and _says_standfirst(said)))


@lru_cache(maxsize=8192)
def _says_standfirst(named: str) -> bool:
    return _STANDFIRST_CLASS.search(named) is not None


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


def after(element: _Element, steps: int, *, all_of_it: bool = False) -> Iterator[_Element]:
    """The elements that follow, in the order of the page: not those inside of it, nor, unless wanted,
    what says itself that it is beside the article, for that comes and goes."""
    left, here = steps, element
    while here is not None:
        for sibling in here.itersiblings():
            walk = etree.iterwalk(sibling, events=("start",))
            for _event, inner in walk:
                if not all_of_it and is_beside(inner):
                    walk.skip_subtree()
                    continue
                left -= 1
                if left < 0:
                    return
                yield inner
        parent = here.getparent()
        if parent is None:
            return
        here = parent


def before(element: _Element, steps: int) -> Iterator[_Element]:
    """The elements that stand before one, the nearest first, those around it left out."""
    left = steps
    for here in _lineage(element):
        for sibling in here.itersiblings(preceding=True):
            found = list(islice(sibling.iter(), left))
            left -= len(found)
            yield from reversed(found)
            if left <= 0:
                return


def spine(element: _Element) -> frozenset[_Element]:
    """An element and all that it stands in: what holds the headline is never beside the article."""
    return frozenset(islice(_lineage(element), 500))


def is_aside(element: _Element, within: frozenset[_Element] = frozenset()) -> bool:
    """Whether the page says that this belongs to something else: comments, teasers, a footer.

    :param within: where the looking ends, the article's own surroundings.
    """
    for here in islice(_lineage(element), 40):
        if here in within or here.tag in ("nav", "body"):
            return here.tag == "nav" and here not in within
        if here.tag == "footer" and not _is_articles_own(here, within):
            return True
        attributes = here.attrib
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if len(named) > 3 and _ASIDE.search(named):
            return True
    return False


def _is_articles_own(footer: _Element, within: frozenset[_Element]) -> bool:
    """Whether a footer closes the very article that is being read."""
    article = next(footer.iterancestors("article", "aside", "nav"), None)
    return article is not None and article in within


def _lineage(element: _Element) -> Iterator[_Element]:
    yield element
    yield from element.iterancestors()


def bare(text: str) -> str:
    """The words of a text, in lower case and without what stands between them."""
    return " ".join(re.findall(r"\w+", text.lower()))
