"""Addresses as a page writes them: without what changes from one reader to the next.

A link is known by where it leads. What a page adds to it to count its readers, or to tell one visit
from another, is taken off; the part of a query that names a document stays. Refuses to know whether
two addresses lead to the same place.
"""

from __future__ import annotations

import enum
import html
import re
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from lxml.etree import _Element

_COUNTS_READERS = re.compile(
    r"(?:utm|at|mc|pk|mtm|piwik|matomo|hsa|sc|oly|vero|cx|ns|trk|mkt|stm|wt|icid|cmp|x-amz|fb|guce|soc|__hs|_hs)[_.-].*|_hs\w+|"
    r"fbclid|gclid|gclsrc|dclid|[gw]braid|ttclid|twclid|ys?clid|msclkid|irclickid|li_fat_id|igsh(?:id)?|mkt_tok|s_kwcid|_g[al]|_ke|"
    r"xtor|ref_?(?:src|url)|cmp(?:id)?|icid|ito|ocid|ncid|smid|smtyp|sref|spm|trkid|taid|guccounter|__twitter_impression|"
    r"action_object_map|share(?:_?id|_?token|d?_?by)?|feature|si|ved|usg|ust|sei|tracking_?id|click_?id|campaign(?:_?id)?|partner",
    re.IGNORECASE,
)
_TELLS_VISITS = re.compile(
    r"(?:php|asp|j|jsp|cf)?sess(?:ion)?_?(?:id|key|token)?|sid|cftoken|cfid|osc?sid|zenid|nonce|_?csrf\w*|xsrf\w*|authenticity_token|"
    r"token|_t|_ts|_|ts|timestamp|rnd|rand|random|cb|cache_?bust\w*|no_?cache|_dc|hash|sig|signature|expires|req(?:uest)?_?id|"
    r"visit(?:or)?_?id|build",
    re.IGNORECASE,
)
_NAMES_DOCUMENT = re.compile(
    r"(?:^|[_-])(?:[pqvwnxu]|key|slug|file|path|url|link|doc\w*|story|article|page)$|(?:id|no|nr)$",
    re.IGNORECASE,
)
_NUMBER_OF_NOBODY = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MIXED = re.compile(r"[a-z](?=[A-Z\d])|\d(?=[A-Za-z])")
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
_IN_FRAGMENT = re.compile(
    r":~:.*|(?:^|&)(?:xtor|utm_\w+|ref|at_\w+|from|ftag|spm|echobox)=[^&]*", re.IGNORECASE
)
_WITH_QUERY = re.compile(rb'href="([^"?]*\?[^"]*)"')
_HIDDEN_MAIL = "/cdn-cgi/"  # Cloudflare writes a mail address anew for every answer
_LONGEST = 2000


def steady(markup: bytes) -> bytes:
    """Serialised markup with the noise taken out of its links, so that the same link is the same markup
    at every look. It is for comparing only."""
    return _WITH_QUERY.sub(_without_noise_in_it, markup) if b"?" in markup else markup


def _without_noise_in_it(found: re.Match[bytes]) -> bytes:
    return _steady_href(found[1])


@lru_cache(maxsize=8192)  # one outlet's pages share their links
def _steady_href(written: bytes) -> bytes:
    """What the rest of a reading looks for in an address stays: a name, and the place of the comments."""
    if b"author" in written.lower() or b"#" in written:
        return b'href="' + written + b'"'
    href = html.unescape(written.decode("utf-8", "replace"))
    return b'href="' + without_noise(href.strip()).encode("utf-8", "replace") + b'"'


def without_noise(href: str) -> str:
    """An address, relative or not, without what counts readers or tells visits apart. Cleaned twice it
    stays the same."""
    rest, _hash, fragment = href.partition("#")
    path, _mark, query = rest.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_noise(pair)) if query else ""
    fragment = _IN_FRAGMENT.sub("", fragment) if fragment else ""
    path = _IN_PATH.sub("", path) if ";" in path else path
    return f"{path}{'?' if kept else ''}{kept}{'#' if fragment else ''}{fragment}"


def leads_to(href: str, base: str, page: str) -> str | None:
    """Where a link leads, whole and without noise; None where that is no place of its own: a spot on the
    page itself, a script, a telephone.

    :param base: what a relative address counts from.
    :param page: the address of the page that it stands on.
    """
    href = without_noise(href.strip()).strip()
    if not href or href.startswith("#") or len(href) > _LONGEST:
        return None
    try:
        whole = href if href.startswith(("https://", "http://")) else without_noise(urljoin(base, href))
        parts = urlsplit(whole)
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return f"mailto:{parts.path.removeprefix('mailto:')}" if "@" in parts.path else None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.startswith(_HIDDEN_MAIL):
        return None
    whole = urlunsplit((parts.scheme, parts.netloc.lower(), *parts[2:]))
    return None if parts.fragment and _is_on(whole, page) else whole


def _is_on(address: str, page: str) -> bool:
    return address.partition("#")[0] == without_noise(page).partition("#")[0]


def base_of(root: _Element, url: str) -> str:
    """What the relative addresses of a page count from."""
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    try:
        return urljoin(url, base.strip()) if base else url
    except ValueError:
        return url


def _is_noise(pair: str) -> bool:
    name, _sign, value = pair.partition("=")
    kind = _kind_of(name)
    if kind is _Kind.REFERRER:
        return not any(character.isdigit() for character in value)  # else it may number a document
    return kind is _Kind.NOISE or (kind is _Kind.OTHER and len(value) > 15 and _is_opaque(unquote(value)))


def _is_opaque(value: str) -> bool:
    """Whether it is a long number in hexadecimal, or letters and digits mixed as no word mixes them."""
    if _NUMBER_OF_NOBODY.fullmatch(value):
        return True
    return len(value) >= 20 and "/" not in value and 5 * len(_MIXED.findall(value)) >= len(value)


class _Kind(enum.Enum):
    """What the name of a part of a query says that it is."""

    NOISE = 0
    DOCUMENT = 1
    REFERRER = 2
    OTHER = 3


@lru_cache(maxsize=8192)
def _kind_of(name: str) -> _Kind:
    name = unquote(name).removeprefix("amp;")
    if _COUNTS_READERS.fullmatch(name) or _TELLS_VISITS.fullmatch(name):
        return _Kind.NOISE
    if name.lower() == "ref":
        return _Kind.REFERRER
    return _Kind.DOCUMENT if _NAMES_DOCUMENT.search(name) else _Kind.OTHER
