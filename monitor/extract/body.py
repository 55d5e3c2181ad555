"""Where on a page the article stands, and which blocks there are the article.

Of all elements it takes the innermost one that holds the most text of the kind that articles are
made of, and the least of any other kind; inside it, a block is left out that says itself that it is
furniture. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from lxml.etree import _Element

from monitor.extract.blocks import Block, is_furniture, read_blocks
from monitor.extract.chaff import follows_an_article, heads_a_tail, is_chaff
from monitor.extract.passage import Passage
from storage.records import ParagraphKind

_JUNK_WEIGHT = 0.7
ENOUGH = 1000
_TAIL_SHARE = 0.35
_NEXT_TO_NOTHING = 150
_NAMED = 1.3
_SHORT_SHARE = 0.3
_MUCH_UNLINKED = 400
_DECAY = 0.94
_WIDE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_STOPS = re.compile(r"[.!?…。！？\"”»:;](?:\s|$)|[,،，、]")
_BODY_NAMES = re.compile(
    r"(?:article|story)-?_*(?:body|content|text|copy|main)|(?:entry|post|blog|news)-?_*(?:body|content|text|copy)|"
    r"articlebody|body-?copy|content-?body|rich-?text|prose\b",
    re.IGNORECASE,
)


_LEAD_NAMES = re.compile(
    r"(?<![a-z])(?:teaser(?:-?text)?|chapo|chapeau)(?![a-z])|^ *description$", re.IGNORECASE
)
_NO_LEAD_NAMES = re.compile(
    r"author|bio\b|video|image|photo|newsletter|promo|related|caption|comment|product|meta\b", re.IGNORECASE
)
_LEAD_LEVELS = 4
_LEAD_SIBLINGS = 16
_LEAD_ELEMENTS = 40

_PARTS = frozenset(
    "p li ul ol blockquote table tbody thead tr dl dd figure figcaption pre h1 h2 h3 h4".split()
)


@dataclass(frozen=True)
class Place:
    """The element that holds the article, and whether furniture was left out there by its class.
    ``worths`` are those of all elements, in characters; empty where more than they decided."""

    element: _Element
    strictly: bool
    worths: Mapping[_Element, float] = field(default_factory=dict, compare=False)


class _Best(NamedTuple):
    element: _Element
    worth: float
    worths: Mapping[_Element, float]


def find_place(root: _Element) -> Place | None:
    """The element that holds the article; None where there is no text at all."""
    best = _best(read_blocks(root, strictly=True))
    if best is not None and best.worth > ENOUGH:
        whole = _whole(best.element)
        return Place(whole, True, best.worths if whole is best.element else {})
    blocks = read_blocks(root, strictly=False)
    second = _best(blocks)
    if second is None:
        return None
    if second.worth < _NEXT_TO_NOTHING:
        headed = _headed(blocks)
        return Place(second.element if headed is None else headed, False)
    if best is not None and best.worth > 0 and second.worth < 3 * best.worth:
        return Place(_whole(best.element), True)
    return Place(_whole(second.element), False)


def _headed(blocks: list[Block]) -> _Element | None:
    """What stands with the page's only heading, for an article of nothing but short lines or links; None
    where that is not much, or is the whole page."""
    tops = [place for place, block in enumerate(blocks) if block.owner.tag == "h1"]
    if len(tops) != 1:
        return None
    amounts: dict[_Element, int] = {}
    for block in blocks[tops[0] + 1 :]:
        if block.kind is not ParagraphKind.HEADING:
            for element in (block.owner, *block.owner.iterancestors()):
                amounts[element] = amounts.get(element, 0) + len(block.text) - block.linked
    around = blocks[tops[0]].owner.iterancestors("article", "main", "section", "div", "td")
    return next((element for element in around if amounts.get(element, 0) > _MUCH_UNLINKED), None)


def _whole(element: _Element) -> _Element:
    """What holds all parts of an article that is cut into several of the same name, side by side."""
    around, named = element.getparent(), element.get("class")
    if around is None or element.tag != "div" or not named or not _BODY_NAMES.search(named):
        return element
    likes = [
        other for other in around.iterchildren("div") if other is not element and other.get("class") == named
    ]
    return around if any(_is_prose(block) for like in likes for block in read_blocks(like)) else element


def body_text(place: Place) -> tuple[Passage, ...]:
    """The paragraphs of the article in that place."""
    blocks = [*_lead(place.element), *_trimmed(read_blocks(place.element, strictly=place.strictly))]
    return tuple(Passage.of(block) for block in _without_copies(blocks))


def _lead(element: _Element) -> list[Block]:
    """The first paragraph of an article, where it stands between the heading and the text by its own name."""
    if next(element.iter("h1"), None) is not None:
        return []
    for around in (element, *islice(element.iterancestors(), _LEAD_LEVELS)):
        for before in islice(around.itersiblings(preceding=True), _LEAD_SIBLINGS):
            headed = next(before.iter("h1"), None) is not None
            for inner in islice(before.iter("p", "div", "h2", "section", "strong", "span"), _LEAD_ELEMENTS):
                lead = _lead_in(inner)
                if lead:
                    return lead if headed or _follows_heading(before) else []
            if headed:
                return []
    return []


def _lead_in(element: _Element) -> list[Block]:
    """The blocks of an element that is called a lead; none where it is not made of sentences."""
    named = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    if len(named) < 4 or not _LEAD_NAMES.search(named) or _NO_LEAD_NAMES.search(named):
        return []
    blocks = read_blocks(element, strictly=False)
    fits = 0 < len(blocks) <= 3 and all(_is_sentence(block) for block in blocks)
    return blocks if fits and not is_furniture(element, strictly=False) else []


def _is_sentence(block: Block) -> bool:
    """Enough words to be the first ones of an article, and hardly a link among them."""
    enough = len(block.text) >= 60 or (len(_WIDE.findall(block.text)) >= 25)
    return enough and block.linked < 0.2 * len(block.text) and not is_chaff(block)


def _follows_heading(element: _Element) -> bool:
    """Whether the page's heading stands not far before it."""
    for around in (element, *islice(element.iterancestors(), 2)):
        for before in islice(around.itersiblings(preceding=True), _LEAD_SIBLINGS):
            if next(before.iter("h1"), None) is not None:
                return True
    return False


def _without_copies(blocks: list[Block]) -> Iterator[Block]:
    """A long block that stands there twice is the same one for another width of screen."""
    seen: set[str] = set()
    for block in blocks:
        caption = block.kind is ParagraphKind.CAPTION
        key = block.text[:60] if caption else block.text
        if len(block.text) < (60 if caption else 200) or key not in seen:
            seen.add(key)
            yield block


def _worth(block: Block) -> float:
    """Characters of article in a block; negative: of something else."""
    size = len(block.text)
    density = block.linked / size
    if not block.text.isascii():
        size += 2 * len(_WIDE.findall(block.text))
    if block.kind is ParagraphKind.HEADING:
        return 0.0 if density < 0.5 else -size
    if block.kind is ParagraphKind.LIST and block.linked > 35 and density > 0.15:
        return -0.3 * size
    if density > 0.5:
        return -float(size) * (0.4 if block.kind is ParagraphKind.LIST else 1)
    stops = len(_STOPS.findall(block.text))
    if size >= 80 or (size >= 40 and stops) or stops >= 2:
        return size * (1 - density) * (0.6 if block.kind is ParagraphKind.LIST else 1)
    return 0.0 if block.kind is ParagraphKind.CAPTION or block.owner.tag == "tr" else -5.0 - size * 0.3


def _best(blocks: list[Block]) -> _Best | None:
    scores: dict[_Element, float] = {}
    for block, worth in zip(blocks, _worths(blocks), strict=True):
        weighed = worth if worth > 0 else worth * _JUNK_WEIGHT
        scores[block.owner] = scores.get(block.owner, 0.0) + weighed
        element = block.owner.getparent()
        while element is not None:
            scores[element] = scores.get(element, 0.0) + weighed
            element = element.getparent()
            weighed *= _DECAY if weighed > 0 else 1
    return _foremost(scores)


def _foremost(scores: dict[_Element, float]) -> _Best | None:
    """The element of most worth. A short article may be worth less than the teasers beside it: then the
    name that it has counts."""
    factors = {element: factor_of(element) for element in scores if element.tag not in _PARTS}
    worths = {element: scores[element] * factor for element, factor in factors.items()}
    best = max(worths, key=lambda element: worths[element], default=None)
    if best is None or worths[best] > ENOUGH:
        return None if best is None else _Best(best, worths[best], worths)
    names = [element for element, factor in factors.items() if factor >= _NAMED]
    named = max(names, key=lambda element: worths[element], default=None)
    if named is None or factors[best] != 1 or worths[named] < worths[best] * _SHORT_SHARE:
        return _Best(best, worths[best], worths)
    apart = best not in named.iterancestors() and named not in best.iterancestors()
    chosen = named if apart else best
    return _Best(chosen, worths[chosen], worths)


def sway(element: _Element, strictly: bool) -> float:
    """By how much the blocks in an element may change what is found to be the article's place, where that
    is found strictly or not."""
    if is_furniture(element, strictly):
        return 0.0
    worths = [_worth(block) for block in read_blocks(element, strictly=strictly)]
    return sum(worth if worth > 0 else -worth * _JUNK_WEIGHT for worth in worths)


def may_lead(element: _Element) -> bool:
    """Whether an element is called what a lead is called."""
    named, said = element.get("class"), element.get("itemprop")
    return bool((named and _says_lead(named)) or (said and _says_lead(said)))


@lru_cache(maxsize=8192)
def _says_lead(named: str) -> bool:
    return _LEAD_NAMES.search(named) is not None


def _worths(blocks: list[Block]) -> list[float]:
    """The worth of each; what stands before the page's only heading is worth nothing, and what stands in
    another article than the page's main one is worth less than that."""
    worths = [_worth(block) for block in blocks]
    main = _main_article(blocks)
    if main is not None:
        around = set(main.iterancestors())
        for place, block in enumerate(blocks):
            own = _article_of(block.owner)
            if own is not None and own is not main and own not in around and main not in own.iterancestors():
                worths[place] = -0.2 * len(block.text)
    tops = [place for place, block in enumerate(blocks) if block.owner.tag == "h1"]
    if len(tops) == 1:
        worths[: tops[0]] = [min(worth, 0.0) for worth in worths[: tops[0]]]
    return worths


def _main_article(blocks: list[Block]) -> _Element | None:
    """The one of several ``article`` elements that has the page's heading, or by far the most text."""
    amounts: dict[_Element, int] = {}
    headed: _Element | None = None
    for block in blocks:
        own = _article_of(block.owner)
        if own is None:
            continue
        if headed is None and block.owner.tag == "h1":
            headed = own
        amounts[own] = amounts.get(own, 0) + (len(block.text) if _worth(block) > 0 else 0)
    if len(amounts) < 2:
        return None
    if headed is not None and amounts[headed] > 400:
        return headed
    largest = max(amounts, key=lambda article: amounts[article])
    return largest if amounts[largest] > 0.5 * sum(amounts.values()) else None


def _article_of(element: _Element) -> _Element | None:
    current: _Element | None = element
    while current is not None and current.tag != "article":
        current = current.getparent()
    return current


def factor_of(element: _Element) -> float:
    """What the worth of an element's text is multiplied by, for what the element is called."""
    attributes = element.attrib
    if attributes.get("itemprop") == "articleBody":
        return 1.5
    if element.tag == "td":
        return 0.9
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if len(named) > 5 and _BODY_NAMES.search(named):
        return 1.3
    return 1.15 if element.tag == "article" else 1.0


def _trimmed(blocks: list[Block]) -> list[Block]:
    """Without what follows after the article under a heading of its own, and without the headings that
    end it: they head something that is not the article."""
    left = total = sum(len(block.text) for block in blocks if not is_chaff(block))
    last = _last_of_column(blocks)
    kept: list[Block] = []
    for place, block in enumerate(blocks):
        tail = heads_a_tail(block)
        if tail and left < total * _TAIL_SHARE and place > last:
            break
        if is_chaff(block):
            continue
        left -= len(block.text)
        if not (tail and block.kind is ParagraphKind.HEADING):
            kept.append(block)
    blocks = kept
    while blocks and (blocks[-1].kind is ParagraphKind.HEADING or follows_an_article(blocks[-1])):
        blocks = blocks[:-1]
    return blocks


def _last_of_column(blocks: list[Block]) -> int:
    """Where the last prose stands that is marked up as most of it is; 0: nowhere."""
    column = _column(blocks)
    for place in range(len(blocks) - 1, 0, -1):
        if _is_prose(blocks[place]) and _cut_of(blocks[place]) == column:
            return place
    return 0


def _column(blocks: list[Block]) -> tuple[str | None, ...] | None:
    """How most of the prose is marked up."""
    amounts: dict[tuple[str | None, ...], int] = {}
    for block in blocks:
        if _is_prose(block):
            cut = _cut_of(block)
            amounts[cut] = amounts.get(cut, 0) + len(block.text)
    return max(amounts, key=lambda cut: amounts[cut], default=None)


def _cut_of(block: Block) -> tuple[str | None, ...]:
    """Tag and class of the element that holds a block, and of the one around it."""
    around = block.owner.getparent()
    outer = (None, None) if around is None else (str(around.tag), around.get("class"))
    return (str(block.owner.tag), block.owner.get("class"), *outer)


def _is_prose(block: Block) -> bool:
    return block.kind is ParagraphKind.PARAGRAPH and len(block.text) >= 80 and not is_chaff(block)
