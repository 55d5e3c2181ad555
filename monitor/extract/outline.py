"""The outline of a page: all that its reading depends on, piece by piece, as digests.

A page is cut into pieces along the way from its top down to the paragraphs of the article: whatever
stands beside that way is a piece, and so is each paragraph. A piece matters if a reading could take
anything from it; an advertisement or a box of links does not. A page on which the same pieces that
matter stand in the same order, under the same head, reads the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from lxml.etree import _Element, tostring

from monitor.extract.addresses import steady
from monitor.extract.blocks import is_furniture, read_blocks
from monitor.extract.body import ENOUGH, Place, factor_of, may_lead, sway
from monitor.extract.byline import is_bare_opening, may_tell_names
from monitor.extract.chaff import heads_a_tail, is_chaff
from monitor.extract.dates import find_date
from monitor.extract.fields import STANDFIRST_TAGS, Fields, is_live
from monitor.extract.metadata import ASKED_METAS
from monitor.extract.notices import find_labels
from monitor.extract.shown import Shown, bare, is_aside, is_called_standfirst, look, shown_text
from storage.records import sha256

_PROSE = 80
_SOUGHT = ("published_at", "modified_at", "image_caption")
_BY_HEAD = ("json-ld", "meta")
_MUTE = frozenset("script style noscript template link meta iframe svg head".split())
_WHOLE = frozenset("p h1 h2 h3 h4 h5 h6 pre table a span time".split())
_OF_A_KIND = frozenset("li dd dt figure figcaption blockquote".split())
_MOST_CUTS = 12
_SHORTEST = 20  # letters of a standfirst
_RELIED_ON = 0.9  # of a lead, since worths are rounded
_HIGHEST_FACTOR = 1.5
_LARGEST = 50_000  # bytes; what is new and larger is not passed over


Moved = Counter[int]
"""How much sway came and went, by how far down the way."""


@dataclass(frozen=True)
class Node:
    """The digest of a piece that matters; of one that can be cut, also of what it is called, and its own
    pieces."""

    whole: str
    called: str = ""
    level: Level | None = None


@dataclass(frozen=True)
class Level:
    """Pieces that stand side by side: those that matter, in their order, and the digests of the others,
    each with its step on the way and its sway."""

    nodes: tuple[Node, ...]
    idle: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, pieces: Iterable[_Piece], needs: _Needs) -> Self:
        nodes: list[Node] = []
        idle: dict[str, tuple[int, int]] = {}
        for piece in pieces:
            digest = piece.digest()
            if not needs.any_of(piece):
                idle[digest] = (piece.step, round(sway(piece.element, needs.place.strictly)))
            elif piece.can_be_cut():
                nodes.append(Node(digest, piece.called(), cls.of(piece.parts(), needs)))
            else:
                nodes.append(Node(digest))
        return cls(tuple(nodes), idle)

    def match(self, pieces: Iterable[_Piece], needs: _Needs, moved: Moved) -> bool:
        """Whether all that matters of these pieces is what it was, in its order; what came and what went
        of the others is put down in ``moved``."""
        left, met = dict(self.idle), 0
        for piece in pieces:
            node, digest = self.nodes[met] if met < len(self.nodes) else None, piece.digest()
            if node and digest == node.whole:
                met += 1
            elif digest in self.idle:
                left.pop(digest, None)
            elif node and node.level and piece.can_be_cut() and piece.called() == node.called:
                if not node.level.match(piece.parts(), needs, moved):
                    return False
                met += 1
            elif needs.any_of(piece):
                return False
            else:
                moved[piece.step] += round(sway(piece.element, needs.place.strictly))
        for step, gone in left.values():
            moved[step] += gone
        return met == len(self.nodes)

    @property
    def form(self) -> list[Any]:
        """As plain lists, to be kept."""
        nodes = [[n.whole, n.called, n.level.form] if n.level else [n.whole] for n in self.nodes]
        return [nodes, self.idle]

    @classmethod
    def from_form(cls, form: list[Any]) -> Self:
        nodes, idle = form
        return cls(
            tuple(cls._node(*node) for node in nodes),
            {digest: (int(step), int(sway)) for digest, (step, sway) in idle.items()},
        )

    @classmethod
    def _node(cls, whole: str, called: str = "", level: list[Any] | None = None) -> Node:
        return Node(whole, called, cls.from_form(level) if level else None)


@dataclass(slots=True)
class _Piece:
    """One piece. ``inside``: within the place of the text; ``before``: it stands before the text;
    ``exposed``: among text that stands bare, which it would divide; ``step``: how far down the way it
    stands; ``cuts``: how often it was cut out;
    ``of_kind``: it stands in a list, a quote or a figure, where little is taken for chaff."""

    element: _Element
    inside: bool
    before: bool
    exposed: bool
    step: int
    cuts: int = 0
    of_kind: bool = False
    size: int = 0

    def digest(self) -> str:
        """Of its markup, its links without noise, and of where it stands; ``size`` is known afterwards, in
        bytes."""
        markup = tostring(self.element, with_tail=self.exposed)
        self.size = len(markup)
        stands = "inside" if self.inside else "before" if self.before else "after"
        return _short(steady(markup) + f"{stands} {self.step}".encode())

    def called(self) -> str:
        return _short(_called(self.element).encode("utf-8", "replace"))

    def can_be_cut(self) -> bool:
        element = self.element
        whole = self.exposed or self.cuts == _MOST_CUTS or element.tag in _WHOLE or len(element) == 0
        if whole or _is_bare(element):
            return False
        return not any(is_bare_opening(e) for child in element for e in (child, *child))

    def parts(self) -> Iterator[_Piece]:
        of_kind = self.of_kind or self.element.tag in _OF_A_KIND
        for child in self.element:
            if child.tag not in _MUTE:
                yield _Piece(child, self.inside, self.before, False, self.step, self.cuts + 1, of_kind)


@dataclass(frozen=True)
class Outline:
    """``head`` is of what the page says of itself and of how it is built, ``top`` of its pieces, ``lead``
    of how sure the place of the text is; ``sought`` are the fields that the page is searched for, since its
    head does not say them, and ``described`` is of what it says that it is about."""

    head: str
    top: Level
    lead: Lead
    sought: tuple[str, ...]
    described: tuple[str, ...]

    @property
    def form(self) -> dict[str, Any]:
        """As plain lists, to be kept."""
        rest = {"sought": self.sought, "described": self.described}
        return {"head": self.head, "top": self.top.form, "lead": self.lead.form, **rest}

    @classmethod
    def from_form(cls, form: dict[str, Any]) -> Self:
        rest = {name: tuple(form[name]) for name in ("sought", "described")}
        lead = Lead.from_form(form["lead"])
        return cls(head=form["head"], top=Level.from_form(form["top"]), lead=lead, **rest)

    @classmethod
    def of(cls, root: _Element, place: Place, fields: Fields, url: str) -> Self:
        sought = tuple(name for name in _SOUGHT if fields.origins.get(name) not in _BY_HEAD)
        described = tuple(_described(text) for text in fields.described)
        way = _way(place.element)
        top = Level.of(_pieces(place, way), _Needs(place, frozenset(way), sought, described))
        return cls(_head(root, place, way, url), top, Lead.of(place, way), sought, described)

    def holds(self, root: _Element, place: Place, url: str) -> bool:
        """Whether a page reads as the one that this was made of."""
        way = _way(place.element)
        if _head(root, place, way, url) != self.head:
            return False
        needs = _Needs(place, frozenset(way), self.sought, self.described)
        moved = Moved()
        return self.top.match(_pieces(place, way), needs, moved) and self.lead.stays(moved)


@dataclass(frozen=True)
class Lead:
    """By how much the place of the text was worth more than any other. ``at`` is its step on the way;
    ``over`` has, for each step, by how much it is ahead of the element there, and by how much their
    factors differ, in hundredths; ``others`` is by how much it is ahead of what is not on the way. All is
    in characters."""

    at: int
    over: tuple[tuple[int, int], ...]
    others: int

    @classmethod
    def of(cls, place: Place, way: list[_Element]) -> Self:
        at, worths, own = way.index(place.element), place.worths, place.worths.get(place.element, 0.0)
        on_way = frozenset(way)
        best = max((worth for element, worth in worths.items() if element not in on_way), default=0.0)
        factor = factor_of(place.element)
        over = tuple(
            (int(own - worths.get(element, 0.0)), round(100 * abs(factor - factor_of(element))))
            for element in way
        )
        return cls(at, over, int(min(own - best, own - ENOUGH)) if worths else -1)

    def stays(self, moved: Moved) -> bool:
        """Whether it is still the place of most worth after that came and went."""
        if not moved.total():
            return True
        if moved.total() * _HIGHEST_FACTOR > self.others:
            return False
        for step, (ahead, factors) in enumerate(self.over):
            near, far = sorted((step, self.at))
            between = sum(moved[other] for other in range(near, far))
            both = sum(amount for other, amount in moved.items() if other >= far)
            if step != self.at and between * _HIGHEST_FACTOR + both * factors / 100 > ahead * _RELIED_ON:
                return False
        return True

    @property
    def form(self) -> list[Any]:
        """As plain lists, to be kept."""
        return [self.at, self.over, self.others]

    @classmethod
    def from_form(cls, form: list[Any]) -> Self:
        at, over, others = form
        return cls(int(at), tuple((int(ahead), int(factors)) for ahead, factors in over), int(others))


@dataclass(frozen=True)
class _Needs:
    """What a reading of a page looks for, to tell the pieces that matter."""

    place: Place
    way: frozenset[_Element]
    sought: tuple[str, ...]
    described: tuple[str, ...]

    def any_of(self, piece: _Piece) -> bool:
        """Whether a reading could take anything from that piece, whose digest was taken."""
        element = piece.element
        if piece.exposed or _has_prose(piece, self.place.strictly) or piece.size > _LARGEST:
            return True
        if piece.inside and _has_text(piece, self.place.strictly):
            return True
        shown = look(element)
        if shown.headings or any(True for _ in find_labels(shown.labels)) or is_live(element):
            return True
        if any(may_tell_names(e) for e in element.iter()) or self._tells_dates(shown):
            return True
        return any(not is_aside(e, self.way) for e in self._marked(piece, shown))

    def _tells_dates(self, shown: Shown) -> bool:
        """Whether something is marked as a date of the article, which counts wherever it stands."""
        sought = "published_at" in self.sought or "modified_at" in self.sought
        return sought and any("date" in (e.get("itemprop") or "").lower() for e in shown.itemprops)

    def _marked(self, piece: _Piece, shown: Shown) -> Iterator[_Element]:
        """What in it is marked as something that is sought."""
        yield from shown.names
        if "published_at" in self.sought:
            yield from (e for e in shown.times if _has_date(e))
        if "image_caption" in self.sought:
            yield from piece.element.iter("figcaption")
        if piece.before:
            yield from (e for e in piece.element.iter(*STANDFIRST_TAGS) if self._opens(e))

    def _opens(self, element: _Element) -> bool:
        """Whether it may be the standfirst or the lead."""
        if is_called_standfirst(element) or may_lead(element):
            return True
        if len(element) > 8 or not self.described:
            return False
        text = shown_text(element)
        return len(text) >= _SHORTEST and _described(bare(text)) in self.described


def _has_date(element: _Element) -> bool:
    said = any(element.get(name) for name in ("datetime", "content", "title"))
    return said or find_date(shown_text(element)[:200]) is not None


def _way(place: _Element) -> list[_Element]:
    """From the top of the page down to the element that holds most of the paragraphs themselves."""
    holders = Counter(p.getparent() for p in place.iter("p") if p.text and len(p.text) >= _PROSE)
    core = holders.most_common(1)[0][0] if holders and place.tag != "p" else place
    return [] if core is None else [core, *core.iterancestors()][::-1]


def _pieces(place: Place, way: list[_Element]) -> Iterator[_Piece]:
    """All that stands beside the way or at its end, in the order of the page."""
    inside = of_kind = False
    after: list[list[_Piece]] = []
    for step, element in enumerate(way):
        inside = inside or element is place.element
        of_kind = of_kind or (inside and element.tag in _OF_A_KIND)
        following = way[step + 1] if step + 1 < len(way) else None
        exposed, before = inside and _is_bare(element), following is not None
        rest: list[_Piece] = []
        for child in element:
            if child is following:
                before = False
            elif child.tag not in _MUTE:
                piece = _Piece(child, inside, before, exposed, step, of_kind=of_kind)
                if before or following is None:
                    yield piece
                else:
                    rest.append(piece)
        after.append(rest)
    for rest in reversed(after):
        yield from rest


def _is_bare(element: _Element) -> bool:
    """Whether text stands in it that is in none of its children."""
    if element.text and not element.text.isspace():
        return True
    return any(child.tail and not child.tail.isspace() for child in element)


def _has_text(piece: _Piece, strictly: bool) -> bool:
    """Whether it has a block of the article, or one that may end the article."""
    if is_furniture(piece.element, strictly):
        return False
    blocks = read_blocks(piece.element, strictly=strictly)
    return any(piece.of_kind or not is_chaff(b) or (heads_a_tail(b) and not piece.before) for b in blocks)


def _has_prose(piece: _Piece, strictly: bool) -> bool:
    """Whether a paragraph of the article may stand in it; the first sign, since it is soon seen."""
    prose = any(p.text and len(p.text) >= _PROSE for p in piece.element.iter("p"))
    return prose and not (piece.inside and is_furniture(piece.element, strictly))


def _head(root: _Element, place: Place, way: list[_Element], url: str) -> str:
    """Of all that the page says of itself, and of what the elements on the way are called."""
    said = [url, str(place.strictly), *(root.get(name) or "" for name in ("lang", "xml:lang"))]
    for element in root.iter("title", "meta", "link", "script", "base"):
        tag = element.tag
        if tag == "meta":
            names = (element.get("property"), element.get("name"), element.get("itemprop"))
            if any(name and name.strip().lower() in ASKED_METAS for name in names):
                said += element.values()
        elif tag == "title" or (tag == "script" and "ld+json" in (element.get("type") or "").lower()):
            said.append(element.text or "")
        elif tag == "base":
            said.append(f"base {element.get('href') or ''}")
        elif tag == "link" and "canonical" in (element.get("rel") or "").lower():
            said.append(element.get("href") or "")
    for element in way[2:]:
        said.append(_called(element))
    for element in way:
        said += (element.text or "", *(child.tail or "" for child in element))
    said = [text for text in said if text and not text.isspace()]
    return _short("\n".join(said).encode("utf-8", "replace"))


def _called(element: _Element) -> str:
    return " ".join((str(element.tag), *(f"{name}={value}" for name, value in element.items())))


def _described(text: str) -> str:
    """The length of a description in words and its beginning, which tells it from any other near by."""
    words = text.split(" ")
    return f"{len(words)} {' '.join(words[:8])}"


def _short(content: bytes) -> str:
    return sha256(content)[:16]
