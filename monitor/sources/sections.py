"""Section pages: which of a page's links are articles.

Learnt from the page itself: addresses of one shape (a date, a long slug, a number, so many parts) belong together, and
a shape is one of articles where its links carry headlines. What only may be one counts if it comes later: what stands
there at every look is the menu. Knows no outlet. Pure.
"""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.errors import ReadError
from monitor.extract.addresses import base_of
from monitor.extract.charset import decode_utf8
from monitor.extract.tree import parse
from monitor.sources.addresses import same_site, web_address
from monitor.sources.feeds import feeds_named
from monitor.sources.listing import Entry, Link, Listing
from monitor.sources.memory import key
from storage.records import fold_spaces

_MOST_LINKS = 5000
_COUNTS = re.compile(r"\d+")  # of comments, of minutes ago: they change and say nothing
_LONGEST_TEXT = 300

_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[/._-]?(?:[01]\d|[a-z]{3})(?:[/._-]?[0-3]\d)?|/\d{1,2}/\d{1,2})(?!\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{5,}")
_WHOLE_NUMBER = re.compile(r"\d{6,}")
_MIXED = re.compile(r"(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[a-z0-9_-]{8,}", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:[sx]?html?|php|aspx?|jsp|stm|ece|cms|amp)$", re.IGNORECASE)
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|pdf|mp[34]|m4[av]|avi|mov|zip|css|js|json|xml|rss|atom|txt|ics|docx?|xlsx?)$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_WITHOUT_SPACES = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
# What a site has beside its articles, as the name of a whole part of an address.
_BESIDE = frozenset(
    "abo about about-us accessibility account ads advertise advertisement advertising agb all-topics app apps "
    "auteur auth author authors autor autoren autores autori bookmark bookmarks careers cart categoria "
    "categorie categories category checkout comment comments community contact contact-us contacts "
    "contributor contributors cookie cookies corrections datenschutz disclaimer donate e-paper editorial- "
    "policy epaper faq feed feedback feeds follow forgot-password forum forums help hilfe home img impressum "
    "imprint index job jobs journalist journalists kontakt live-tv login logout mailto masthead member "
    "members membership my-account mypage newsletter newsletters page pages password policies privacy "
    "privacy-policy profile profiles redirect register registration rss search section share shop sign-in "
    "sign-up signin signup sitemap staff subscribe subscriber subscription subscriptions suche support tag "
    "tags tags-list team terms terms-of-service terms-of-use thema themen topic topics trending user users "
    "watch-live wishlist writer writers".split()
)  # fmt: skip
_OF_A_DOCUMENT = re.compile(
    r"(?:^|_)(?:id|p|a|no|nr|article|story|news|art|nid|aid|idx|sid|cid)(?:_?id)?$", re.IGNORECASE
)
_LEAST_OF_A_KIND = 4
_MOSTLY, _HARDLY = 0.6, 0.2


class Chance(enum.IntEnum):
    """Whether a link leads to an article."""

    NONE = 0
    MAYBE = 1
    LIKELY = 2


def read_section(body: bytes, url: str, content_type: str | None = None) -> Listing:
    """The links of a page, each address once with the longest words that lead there, and the feeds it names.

    :raises ReadError: there is no page in it.
    """
    root, troubles = parse(decode_utf8(body, content_type))
    if root is None:
        raise ReadError(f"{url} is no section page: {'; '.join(troubles) or 'there is nothing in it'}.")
    base = base_of(root, url)
    texts: dict[str, str] = {}
    for anchor in root.iter("a"):
        address = web_address(anchor.get("href"), base)
        if address is not None and (address in texts or len(texts) < _MOST_LINKS):
            text = fold_spaces(" ".join(anchor.itertext()))[:_LONGEST_TEXT]
            texts[address] = max(texts.get(address, ""), text, key=len)
    links = tuple(Link(url=address, text=text) for address, text in texts.items())
    return Listing(links=links, feeds=feeds_named(body, url, content_type))


def article_links(links: Sequence[Link], section: str, stood: Collection[str] | None) -> tuple[Entry, ...]:
    """Those that lead to articles, in their order.

    :param section: the address of the page.
    :param stood: the keys of ``maybe_links`` at the first look; None: this is the first.
    """
    chances = chances_of(links, section)
    known = None if stood is None else set(stood)
    return tuple(
        Entry(url=link.url, title=_COUNTS.sub("", link.text))
        for link in links
        if chances[link.url] is Chance.LIKELY
        or (chances[link.url] is Chance.MAYBE and known is not None and key(link.url) not in known)
    )


def maybe_links(links: Sequence[Link], section: str) -> list[str]:
    """Those of which cannot be told yet whether they belong to the menu."""
    return [url for url, chance in chances_of(links, section).items() if chance is Chance.MAYBE]


def chances_of(links: Sequence[Link], section: str) -> Mapping[str, Chance]:
    """What to think of each link, by its address."""
    seen = {link.url: _looks(link, section) for link in links}
    kinds: dict[tuple[str, ...], list[_Looks]] = defaultdict(list)
    for looks in seen.values():
        if looks is not None:
            kinds[looks.shape].append(looks)
    shares = {
        shape: sum(looks.has_headline for looks in of_it) / len(of_it)
        for shape, of_it in kinds.items()
        if len(of_it) >= _LEAST_OF_A_KIND
    }
    return {
        url: Chance.NONE if looks is None else looks.chance(shares.get(looks.shape))
        for url, looks in seen.items()
    }


@dataclass(frozen=True, kw_only=True)
class _Looks:
    """How a link looks: the shape of its address, how much in it speaks for an article, and its words."""

    shape: tuple[str, ...]
    signs: int
    has_headline: bool
    is_short: bool

    def chance(self, share: float | None) -> Chance:
        """:param share: of the links of that shape, how many carry headlines; None: they are too few to tell."""
        if share is not None and share >= _MOSTLY and (self.signs or self.has_headline):
            return Chance.LIKELY
        if self.signs >= 2 and not (self.is_short and share is not None and share <= _HARDLY):
            return Chance.LIKELY
        if self.signs and self.has_headline:
            return Chance.LIKELY
        return Chance.MAYBE if self.signs or self.has_headline else Chance.NONE


def _looks(link: Link, section: str) -> _Looks | None:
    """None: it is no article whatever its words are."""
    parts = urlsplit(link.url)
    path = unquote(parts.path)
    names = [name for name in path.split("/") if name]
    if not same_site(link.url, section) or _same_place(link.url, section) or _NO_PAGE.search(path):
        return None
    document = _document(parts.query)
    if not names and not document:
        return None
    last = _ENDING.sub("", names[-1]) if names else ""
    signs = _signs(path, last, document, has_ending=bool(names) and last != names[-1])
    beside = [name.lower() in _BESIDE for name in (*names[:-1], last)]
    if any(beside[-1:]) or (any(beside) and signs < 3):
        return None
    shape = (parts.netloc, *(_kind(name) for name in _dated(path)), "?" if document else "")
    words = _words(link.text)
    return _Looks(shape=shape, signs=signs, has_headline=words >= 5, is_short=words <= 2)


def _signs(path: str, last: str, document: bool, *, has_ending: bool) -> int:
    """How much in an address speaks for an article; two are enough."""
    slug = len(_WORDS.findall(last))
    dated = bool(_DATE.search(path)) and bool(_WORDS.search(last) or _NUMBER.search(last) or has_ending)
    numbered = document or bool(_NUMBER.search(last)) or bool(_MIXED.fullmatch(last))
    surely = slug >= 2 or _WHOLE_NUMBER.fullmatch(last) is not None
    return 2 * dated + (2 if slug >= 5 else 1 if slug >= 3 else 0) + (1 + surely) * numbered + has_ending


def _kind(name: str) -> str:
    """What kind of part of an address that is; a plain word stands for itself only as one of its kind."""
    if name == "@date":
        return name
    name = _ENDING.sub(".", name)
    if _NUMBER.search(name) or _MIXED.fullmatch(name.rstrip(".")):
        return "number" if len(_WORDS.findall(name)) < 2 else "slug+number"
    return "slug" if len(_WORDS.findall(name)) >= 3 else "word"


def _dated(path: str) -> Iterable[str]:
    return (name for name in _DATE.sub("/@date/", path).split("/") if name)


def _document(query: str) -> bool:
    """Whether a query names a document by its number."""
    return any(
        _OF_A_DOCUMENT.search(name) and re.search(r"\d{3,}", value) for name, value in parse_qsl(query)
    )


def _same_place(one: str, other: str) -> bool:
    here, there = urlsplit(one), urlsplit(other)
    return (here.netloc, here.path.rstrip("/"), here.query) == (
        there.netloc,
        there.path.rstrip("/"),
        there.query,
    )


def _words(text: str) -> int:
    """About how many words; of a script without spaces two letters make one."""
    dense = len(_WITHOUT_SPACES.findall(text))
    return len(text.split()) + dense // 2
