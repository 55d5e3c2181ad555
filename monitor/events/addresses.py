"""Whether two addresses lead to the same page.

One page is served under http and https, with and without www, for telephones and as AMP, out of one
cache or another. All of these are twins: a change is claimed only where the page is another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.extract.addresses import without_noise
from storage.records import composed

_TWIN_LABELS = frozenset("www www2 m mobile amp touch".split())
_AMP_PARTS = frozenset(("amp", "amp.html", "index.amp.html", "amp_articleshow"))
_AMP_QUERY = frozenset(("amp", "_amp", "is_amp", "outputtype", "mobile"))
_AMP_FILE = re.compile(r"\.amp(?=\.html?$|$)|(?<=.)-amp(?=\.html?$)")
_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?)$")
_PASSES_ON = frozenset("u url q to target dest destination redirect redirect_url link out murl".split())
_LANGUAGE = re.compile(r"^([^/]+)/[a-z]{2}(?:[-_][a-z]{2})?(?:/|$)", re.IGNORECASE)
_FRONT_PARTS = 2
_CACHED = re.compile(r"(?:/amp|/[cv])(?:/s)?/(?=[^/]+\.[^/]+/)")


def same_page(one: str, other: str) -> bool:
    """Whether two addresses lead to the same page, wherever on it. One that names a language leads where
    one does that leaves it open."""
    here, there = page_key(one), page_key(other)
    if here == there:
        return True
    bare = [_LANGUAGE.sub(r"\1/", key) for key in (here, there)]
    return bare[0] == bare[1] and (bare[0] == here or bare[1] == there)


def same_target(one: str, other: str) -> bool:
    """Whether two links lead to the same page and, where both name one, to the same place on it."""
    if not same_page(one, other):
        return False
    here, there = (url.partition("#")[2] for url in (one, other))
    return not here or not there or unquote(here) == unquote(there)


@lru_cache(maxsize=4096)
def page_key(url: str) -> str:
    """What is left of an address without the ways in which a page may be asked for: equal for twins. Of an
    address that only passes on to another one it is the key of that."""
    try:
        return _key(without_noise(_passed_on_to(url.strip())))
    except ValueError:
        return url


def twin_key(url: str) -> str:
    """What the twins of an address share, its query being its own: for who is to tell articles apart by it. Two
    stories that a query alone tells apart are never one."""
    try:
        return _key(url)
    except ValueError:
        return url


def _key(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:{unquote(parts.path).lower()}"
    host, path = (parts.hostname or "").rstrip("."), parts.path
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    cached = _CACHED.match(path) if _is_cache(host) else None
    if cached:
        host, _slash, path = path[cached.end() :].partition("/")
    query = "&".join(sorted(_query(parts.query)))
    return f"{_own_host(host)}{port}/{'/'.join(_path(path))}{'?' if query else ''}{query}"


def _passed_on_to(url: str) -> str:
    """The address that a counter of clicks sends its readers to, which has it whole in its own address."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name.lower() in _PASSES_ON and value.startswith(("http://", "https://")):
            return value
    return url


def host_of(url: str) -> str:
    """The host without the labels that only say how it is asked; that of a mail address too."""
    try:
        parts = urlsplit(url)
        return _own_host(parts.hostname or "") or parts.path.rpartition("@")[2].lower()
    except ValueError:
        return ""


def is_home(url: str) -> bool:
    """Whether an address is that of a whole site."""
    return page_key(url).endswith("/")


def is_front(url: str) -> bool:
    """Whether an address is that of a whole site, or looks like that of a section: a plain word or two, and
    nothing that would name a story."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    names = [part for part in unquote(parts.path).split("/") if part]
    return len(names) <= _FRONT_PARTS and not parts.query and all(name.isalpha() for name in names)


def _is_cache(host: str) -> bool:
    """Google's two caches of AMP pages, which have the page's own address in theirs."""
    return (
        host.endswith(".cdn.ampproject.org") or re.fullmatch(r"(?:www\.)?google\.[a-z.]+", host) is not None
    )


def _own_host(host: str) -> str:
    labels = host.lower().split(".")
    return ".".join(
        label for place, label in enumerate(labels) if label not in _TWIN_LABELS or place > len(labels) - 3
    )


def _path(path: str) -> Iterator[str]:
    parts = [part for part in composed(unquote(path)).split("/") if part]
    if parts and _INDEX.match(parts[-1].lower()):
        del parts[-1]
    for place, part in enumerate(parts):
        if part.lower() not in _AMP_PARTS:
            yield _AMP_FILE.sub("", part) if place == len(parts) - 1 else part


def _query(query: str) -> Iterator[str]:
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() not in _AMP_QUERY:
            yield f"{name}={value}"
