"""The headline: the heading that a reader sees, where the metadata does not speak against it.

Knows the claims that a page makes and the names of sites glued onto them; pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml.etree import _Element
from rapidfuzz import fuzz

from monitor.extract.shown import Shown, bare, is_aside, pieces, shown_text

_AGREES = 60
_CLEARLY = 92  # what a lesser heading needs
_MOST_HEADINGS = 30
_LONGEST = 1000  # no headline is longer, and each is compared with every heading
_GLUE = re.compile(r"(\s+[|–—·•»«:~]+\s+|\s+-{1,2}\s+|\s*[|｜»＿]\s*|:\s+|\s+::\s+|\s+—|_)")
_PLAIN_GLUE = re.compile(r"\s+[|–—-]\s+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


@dataclass(frozen=True)
class Headline:
    """A headline, where it came from, and the element that shows it, if one does."""

    text: str | None
    origin: str
    element: _Element | None = None


@dataclass(frozen=True)
class _Heading:
    element: _Element
    text: str
    aside: bool


def find_headline(
    root: _Element, shown: Shown, claims: list[tuple[str, str]], sites: Iterable[str | None]
) -> Headline:
    """The headline of a page.

    :param claims: what the metadata calls the headline, each with its origin, the best first.
    :param sites: what the site is called.
    """
    names = {bare(site) for site in sites if site}
    claims = [(origin, text) for origin, text in claims if len(text) <= _LONGEST]
    title = next((shown_text(element) for element in root.iter("title")), "")
    title = title if len(title) <= _LONGEST else ""
    said = [without_site(text, names) for _origin, text in claims]
    said += [without_site(title, names), title] if title else []
    first = [h for h in _read(shown.headings) if bare(h.text) not in names and not _ends(title, h.text)]
    found = _agreeing(first, said, _AGREES) or _agreeing(_read(root.iter("h2", "h3")), said, _CLEARLY)
    found = found or _only(first, said)
    if found:
        return Headline(_meant(found, said), f"page {found.element.tag!s}", found.element)
    for (origin, _text), text in zip(claims, said, strict=False):
        return Headline(text, origin)
    return Headline(without_site(title, names, even_unknown=True) or None, "page title" if title else "")


def without_site(text: str, names: Iterable[str], *, even_unknown: bool = False) -> str:
    """A title without the names of the site before and after it."""
    known = frozenset(names)
    parts = _GLUE.split(text)
    while len(parts) > 2 and _is_site(parts[-1], known):
        del parts[-2:]
    while len(parts) > 2 and _is_site(parts[0], known):
        del parts[:2]
    shorter = "".join(parts).strip()
    return _PLAIN_GLUE.split(shorter)[0].strip() if even_unknown else shorter


def _is_site(part: str, names: frozenset[str]) -> bool:
    said = bare(part)
    packed = said.replace(" ", "")
    return any(
        said == name or (len(packed) > 3 and packed == name.replace(" ", "")) for name in names if name
    )


def _read(elements: Iterable[_Element]) -> list[_Heading]:
    found = []
    for element in elements:
        text = shown_text(element)
        if text and len(text) < 400:
            found.append(_Heading(element, text, is_aside(element)))
        if len(found) >= _MOST_HEADINGS:
            break
    return found


def _agreeing(headings: list[_Heading], claims: list[str], least: int) -> _Heading | None:
    """The heading that comes nearest to what is claimed, if it comes near enough."""
    best, most = None, 0.0
    for heading in headings:
        if least > _AGREES and len(heading.text) < 12 and not _WIDE.search(heading.text):
            continue
        worth = max((_agreement(heading.text, claim) for claim in claims), default=0.0) - 5 * heading.aside
        worth = worth if worth >= least else 0.0
        if worth > most:
            best, most = heading, worth
    return best


def _agreement(heading: str, claim: str) -> float:
    """100 for equal texts; a part of the other is worth the less, the shorter it is."""
    ours, theirs = bare(heading), bare(claim)
    together = fuzz.token_set_ratio(ours, theirs)
    length = min(len(ours), len(theirs)) / max(len(ours), len(theirs), 1)
    if together < 100 or length > 0.5:
        return 0.9 * together + 10 * length
    return 55 + 70 * length


def _only(headings: list[_Heading], claims: list[str]) -> _Heading | None:
    """The one heading of a page whose metadata says something else, as search engines are told."""
    texts = {bare(heading.text) for heading in headings if not heading.aside}
    if len(texts) != 1:
        return None
    found = next(heading for heading in headings if not heading.aside)
    long = len(found.text.split()) >= 4 or len(_WIDE.findall(found.text)) >= 8
    return found if long or not any(claims) else None


def _ends(title: str, heading: str) -> bool:
    """Whether a heading is the lesser end of the title, where a site puts its own name."""
    parts = _GLUE.split(title)
    if len(parts) < 3 or len(bare(heading)) * 2 > len(bare(title)):
        return False
    return bare(heading) in (bare(parts[-1]), bare(parts[0])) and len(heading.split()) < 5


def _meant(found: _Heading, claims: list[str]) -> str:
    """The heading, without a kicker or a second line in it that no claim has."""
    if len(found.element) == 0 or any(bare(found.text) == bare(claim) for claim in claims):
        return found.text
    parts = pieces(found.element)[:8]
    wanted = {bare(claim) for claim in claims if len(claim) > 15}
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            if bare(" ".join(parts[start:end])) in wanted:
                return " ".join(parts[start:end])
    return found.text
