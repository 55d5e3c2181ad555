"""Which article a page is: by the address that answered and by what the page says of itself. Pure.

An article is known by its canonical address and asked for where it was found, for a twin for telephones may be laid
out otherwise, and a change of layout is no revision. It moves when a permanent redirect says so and its text came
along. Both addresses are known afterwards.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from monitor.events.addresses import is_front, is_home, twin_key
from monitor.sources import canonical, same_site
from storage.records import Article, Extraction, Response, Revision

_PERMANENT = frozenset((301, 308))
_LONG_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[/-]?(?:[01]?\d|[a-z]{3})[/-]?[0-3]?\d(?!\d)", re.IGNORECASE)
_MOST_WORDS = 0.75  # of two names together
_ALIKE = 0.8  # of the words of two texts


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The article as it is known from now on; ``keys``: what the twins of each of its addresses share,
    where there may be news of that; ``moved``: the addresses from which and to which it moved."""

    url: str
    address: str | None
    keys: tuple[str, ...]
    moved: tuple[str, str] | None = None


def identity(
    article: Article, response: Response, extraction: Extraction, revision: Revision | None
) -> Identity:
    """Who the article is after a look that saw it as an article.

    :param revision: the new revision that this look made, if it did.
    """
    if article.revisions and revision is None and not response.redirects:  # most looks
        return Identity(url=article.url, address=article.address, keys=())
    asked, claimed = article.asked_at, believed(extraction.canonical_url, response)
    place = _moved_to(asked, response) if _came_along(revision) else None
    url = article.url
    if article.revisions == 0:
        url = claimed or place or url
    where = place or asked
    names = (article.url, asked, where, url, claimed or url) if place or revision is not None else ()
    return Identity(
        url=url,
        address=None if where == url else where,
        keys=tuple(dict.fromkeys(twin_key(name) for name in names)),
        moved=(asked, place) if place and article.revisions else None,
    )


def believed(claimed: str | None, response: Response) -> str | None:
    """The address that a page gives as its own, in its one form; None where it makes no sense: it is of another
    site, of a front page or a section, or does not name the story that the address which answered does."""
    if claimed is None:
        return None
    here, said = canonical(response.final_url), canonical(claimed)
    if twin_key(said) == twin_key(here):
        return here if said.partition("://")[2] == here.partition("://")[2] else said
    fronts = is_home(said) or (is_front(said) and not is_front(here))
    return said if not fronts and same_site(said, here) and _name_one_story(said, here) else None


def same_story(one: Extraction, other: Extraction) -> bool:
    """Whether two texts are nearly one, word by word."""
    here, there = (Counter(_WORD.findall(read.text.lower())) for read in (one, other))
    return 2 * (here & there).total() >= _ALIKE * (here.total() + there.total()) > 0


def _moved_to(asked: str, response: Response) -> str | None:
    """Where it is from now on; None: where it was. A redirect to a front page is no address of an article."""
    final = canonical(response.final_url)
    if (
        final == asked
        or not response.redirects
        or is_home(final)
        or (is_front(final) and not is_front(asked))
    ):
        return None
    return final if all(hop.status in _PERMANENT for hop in response.redirects) else None


def _came_along(revision: Revision | None) -> bool:
    """Whether the text is still mostly the one it was: another story behind a redirect is another article."""
    if revision is None or revision.assessment is None:
        return True
    return revision.words.kept >= revision.words.deleted


def _name_one_story(one: str, other: str) -> bool:
    """Whether two addresses share a long number, or nearly all words of a name, as those of one story do; not where
    each has another number, or another date."""
    here, there = (unquote(f"{parts.path}?{parts.query}") for parts in (urlsplit(one), urlsplit(other)))
    dates, numbers = ([set(sign.findall(path)) for path in (here, there)] for sign in (_DATE, _LONG_NUMBER))
    if all(dates) and not dates[0] & dates[1]:
        return False
    if all(numbers):
        return bool(numbers[0] & numbers[1])
    words, others = (set(_WORD.findall(_last(path).lower())) for path in (here, there))
    return len(words & others) >= _MOST_WORDS * len(words | others) > 0


def _last(path: str) -> str:
    return max(path.partition("?")[0].rstrip("/").split("/"), key=len)
