"""What a source lists: feed bytes into article addresses, and which of them are wanted.

Also the one form of an address by which an article is known. Pure; refuses to fetch or to
remember anything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import feedparser

from monitor.errors import ReadError
from monitor.extract import overburdened
from monitor.patterns import TooSlow, finder
from storage.records import Source

_MOST_ENTRIES = 5000
_ENTRY = re.compile(rb"<(?:item|entry)\b", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY[^>]*>", re.IGNORECASE)
_PATIENCE = 2.0  # seconds for all addresses of a source
_TRACKING = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|cmpid|at_medium|at_campaign|at_.*|ns_.*|xtor|wt\.mc.*|__twitter_impression)$",
    re.IGNORECASE,
)

# What feedparser runs into on bytes that are no feed: an encoding with a NUL in its name, an id without links.
_STUMBLES = (ValueError, LookupError, TypeError, AttributeError, AssertionError)


def feed_entries(body: bytes, url: str) -> list[str]:
    """The addresses of a feed's entries, each once, in its order. An ill-formed feed that has
    entries is used.

    :raises ReadError: this is not a feed, or one with more entries than are ever new.
    """
    if len(_ENTRY.findall(body)) > _MOST_ENTRIES:
        raise ReadError(f"{url} is not read: it lists more than {_MOST_ENTRIES:,} entries.")
    refused = overburdened(body)
    if refused is not None:
        raise ReadError(f"{url} is not read: {refused}.")
    plain = _ENTITY.sub(b"", body)  # no feed needs entities of its own, and they can multiply
    try:
        feed = feedparser.parse(io.BytesIO(plain), resolve_relative_uris=False, sanitize_html=False)
    except _STUMBLES as error:
        raise ReadError(f"{url} cannot be read as a feed: it is not well-formed.") from error
    if not feed.get("version") and not feed.get("entries"):
        raise ReadError(f"{url} is not a feed: no RSS or Atom was found in it.")
    found = (_entry_address(entry, url) for entry in feed.entries)
    return list(dict.fromkeys(address for address in found if address is not None))


def wanted(source: Source, urls: Iterable[str]) -> list[str]:
    """Those that the source's include and exclude patterns let through.

    :raises ReadError: it takes too long to say.
    """
    found = finder(_PATIENCE)
    try:
        return [
            url
            for url in urls
            if (not source.include or any(found(pattern, url) for pattern in source.include))
            and not any(found(pattern, url) for pattern in source.exclude)
        ]
    except TooSlow as slow:
        raise ReadError(
            f"Which of its addresses are wanted cannot be told: {slow}. Write it in a simpler way."
        ) from None


def canonical(url: str) -> str:
    """The form of an address by which an article is known: host in lower case, no default port, no
    tracking parameters, no fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url  # no address at all; whoever looks it up will not find it
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host = f"{host}:{port}"
    kept = [pair for pair in parts.query.split("&") if not _TRACKING.match(unquote(pair.partition("=")[0]))]
    return urlunsplit((parts.scheme, host, parts.path or "/", "&".join(kept), ""))


def _entry_address(entry: feedparser.FeedParserDict, base: str) -> str | None:
    """The entry's link; its id where that is an address and there is no link."""
    for candidate in (entry.get("link"), entry.get("id")):
        try:
            address = urljoin(base, str(candidate).strip()) if candidate else ""
            parts = urlsplit(address)
            if (
                parts.scheme in ("http", "https")
                and parts.hostname
                and parts.port != 0
                and len(address.encode("utf-8", "replace")) <= 2048  # what an index of PostgreSQL can hold
            ):
                return canonical(address)
        except ValueError:
            continue
    return None
