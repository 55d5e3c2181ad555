"""The byline: what names the writers of an article, in its head or on its page.

Decides which of several claims is believed; refuses to know how names are worded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from lxml.etree import _Element

from monitor.extract.metadata import Said
from monitor.extract.names import first_names, is_firm, is_person, join_names, only_post, opens_byline
from monitor.extract.shown import Shown, after, bare, is_aside, pieces, shown_text

_LONGEST_BYLINE = 300
_LONGEST_OPENING = 20
_PROFILE = re.compile(
    r"/(?:editors?|people|staff|journalists?|contributors?|writers?|reporters?|columnists?|profiles?|by|autor(?:en|es)?|"
    r"auteurs?|autore|redaktion)/[a-z]+[-._][a-z-]+/?$"
)
_OTHER_WORK = re.compile(
    r"\b(?:updated|edited|reviewed|checked|analysis|research(?:ed)?|illustrat(?:ed|ions?)|photo(?:graph)?(?:ed|s|y)?|video|"
    r"graphics?|translated|produced|curated|approved|verified)\s+by:?\s*$|"
    r"\b(?:editor|reviewer|translator|photographer|illustrator)s?:\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Bylines:
    """All that one page says of its writers. ``linked`` and ``meta`` are what its head says, ``author`` the
    bare meta element, ``sites`` what the site is called, packed; ``place`` is the headline's in the order of
    what is shown, and ``spine`` what it stands in."""

    shown: Shown
    heading: _Element | None
    spine: frozenset[_Element]
    place: int
    linked: Said
    meta: Said
    author: str
    sites: frozenset[str]

    def candidates(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What names the writers, the best first. What a reader sees wins where it names the same and more."""
        shown, linked, meta = self._shown_names(), self.linked.byline, self.meta.byline
        persons = all(is_person(name) for name in shown)
        said = linked or meta
        more = len(shown) > len(said) or _words(shown) > _words(said) or _turned(said, shown)
        if more and shown and persons and all(any(_same(name, other) for other in shown) for name in said):
            yield "page byline", shown
        if linked and not self._are_site(linked):
            yield "json-ld", linked
        meta = tuple(name for name in meta if not is_firm(name)) or meta
        whole = len(meta) <= 3 and all(any(_same(name, other) for other in meta) for name in shown)
        if shown and persons and not whole:
            yield "page byline", shown
        if meta and not self._are_site(meta):
            yield "meta", meta
        yield "page byline", shown
        yield "json-ld", linked
        yield "meta", meta or only_post(self.author)

    def _are_site(self, names: tuple[str, ...]) -> bool:
        """Whether these are but the site itself."""
        return all(packed(name) in self.sites for name in names)

    def _shown_names(self) -> tuple[str, ...]:
        """The names in the first byline of the article itself."""
        marked = self._marked_names()
        if self._are_persons(marked) or self._are_persons(self.linked.byline or self.meta.byline):
            return marked
        opened = self._opened_names()
        fuller = opened and all(any(_same(name, other) for other in opened) for name in marked)
        return opened if not marked or fuller or (opened and self._are_site(marked)) else marked

    def _are_persons(self, names: tuple[str, ...]) -> bool:
        return bool(names) and all(is_person(name) for name in names) and not self._are_site(names)

    def _marked_names(self) -> tuple[str, ...]:
        """The names in what is marked as a byline: after the headline, else nearest before it."""
        marked, order = self.shown.names[:240], self.shown.order
        first = next((at for at, e in enumerate(marked) if order[e] > self.place), len(marked))
        for at in (*range(first, len(marked))[:40], *range(first)[::-1][:10]):
            element = marked[at]
            names = () if is_aside(element, self.spine) else _in_byline(element, marked[at + 1 : at + 25])
            if names:
                return self._without_site(names)
        return ()

    def _without_site(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Persons without the site that they write for."""
        if len(names) < 2 or not is_person(names[0]):
            return names
        return tuple(name for name in names if not self._are_site((name,)))

    def _opened_names(self) -> tuple[str, ...]:
        """The names in the first unmarked line below the headline that says "By" itself."""
        for element in () if self.heading is None else after(self.heading, 80):
            if element.text and opens_byline(element.text):
                names = first_names(pieces(element)) or first_names(_beside(element))
                if 0 < len(names) <= 6 and (is_person(names[0]) or is_firm(names[0])):
                    return names
            elif element.tag == "a" and _PROFILE.search(element.get("href") or ""):
                names = first_names(pieces(element))
                if len(names) == 1 and is_person(names[0]) and not is_aside(element, self.spine):
                    return names
        return ()


def _in_byline(element: _Element, following: list[_Element]) -> tuple[str, ...]:
    """The names in one marked element: in what is marked inside of it, if anything is.

    :param following: what is marked behind it, in the order of the page.
    """
    inner = list(takewhile(lambda e: element in islice(e.iterancestors(), 8), following))
    if inner and len(shown_text(element)) > _LONGEST_BYLINE:
        return ()
    leaves = [e for e in inner if not any(e in islice(other.iterancestors(), 8) for other in inner)]
    if len(leaves) > 1:
        leaves = [e for e in leaves if not _OTHER_WORK.search(_before(e))] or leaves[:1]
    names = join_names(first_names(pieces(e)) for e in leaves) or first_names(pieces(element))
    said = f"{element.get('rel') or ''} {element.get('itemprop') or ''} {element.get('href') or ''}"
    fits = 0 < len(names) <= 6 and (is_person(names[0]) or names[0][0].isupper() or "author" in said)
    return names if fits else ()


def _before(element: _Element) -> str:
    """The text that stands right before an element, in its parent or in that one's parent."""
    for here in islice((element, *element.iterancestors()), 2):
        earlier, parent = here.getprevious(), here.getparent()
        if earlier is not None:
            return (earlier.tail or "").strip() or shown_text(earlier)[-40:]
        if parent is not None and (parent.text or "").strip():
            return (parent.text or "").strip()
    return ""


def may_tell_names(element: _Element) -> bool:
    """Whether it opens a line of names, links to a person's page, or says of whom beside the writers."""
    text = element.text
    if text and not text.isspace() and (opens_byline(text) or _OTHER_WORK.search(text[-40:])):
        return True
    return element.tag == "a" and _PROFILE.search(element.get("href") or "") is not None


def is_bare_opening(element: _Element) -> bool:
    """Whether it opens a line of names, and these stand beside it."""
    text = (element.text or "").strip()
    return len(element) == 0 and 0 < len(text) <= _LONGEST_OPENING and opens_byline(text)


def _beside(label: _Element) -> list[str]:
    """The runs of text that follow a label which stands alone in its element, or in the one around it."""
    for here in islice((label, *label.iterancestors()), 3):
        following, tail = here.getnext(), (here.tail or "").strip()
        if tail:
            return [tail]
        if following is not None:
            return pieces(following)[:6]
    return []


def _same(name: str, other: str) -> bool:
    ours, theirs = set(bare(name).split()), set(bare(other).split())
    return ours <= theirs or theirs <= ours


def _turned(said: tuple[str, ...], shown: tuple[str, ...]) -> bool:
    """Whether names are the shown ones in another order of words, as "Doe, Jane" is that of Jane Doe."""
    return len(said) > len(shown) and sorted(bare(" ".join(said)).split()) == sorted(
        bare(" ".join(shown)).split()
    )


def packed(name: str) -> str:
    return "".join(re.findall(r"\w", name.lower()))


def _words(names: tuple[str, ...]) -> int:
    return sum(len(name.split()) for name in names)
