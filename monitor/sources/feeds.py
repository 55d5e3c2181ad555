"""read_feed(): the bytes of a feed into its entries: RSS, Atom and JSON Feed.

A feed that is ill-formed but has entries is used, and its note says so. A page in place of a feed may name the
feeds that it has.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from monitor.errors import ReadError
from monitor.extract.addresses import base_of
from monitor.extract.charset import decode_utf8
from monitor.extract.tree import parse
from monitor.sources.addresses import web_address
from monitor.sources.listing import Entry, Listing
from monitor.sources.packed import plain
from storage.records import fold_spaces

_MOST_ENTRIES = 5000
_MOST_FEEDS = 10
_LONGEST_TITLE = 300
_ENTRY = re.compile(rb"<(?:item|entry)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:rss|feed|channel|[\w-]+:(?:RDF|feed))[\s>]", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
_JSON_FEED = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")
_FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))
_YEARS = range(1990, 2100)
_ILL_FORMED = "it is not well-formed; what can be read of it is used"

# What feedparser runs into on bytes that are no feed: an encoding with a NUL in its name, an id without links.
_STUMBLES = (ValueError, LookupError, TypeError, AttributeError, AssertionError)


def read_feed(body: bytes, url: str) -> Listing:
    """The entries of a feed, each address once, in its order.

    :param url: where it answered; relative addresses count from there.
    :raises ReadError: this is not a feed and names none, or one with more entries than are ever new.
    """
    found = plain(body, url)
    if found.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(found, url)
    if len(_ENTRY.findall(found)) > _MOST_ENTRIES:
        raise _too_many(url)
    try:
        feed = feedparser.parse(io.BytesIO(found), resolve_relative_uris=False, sanitize_html=False)
    except _STUMBLES as error:
        raise ReadError(f"{url} cannot be read as a feed: it is not well-formed.") from error
    if not feed.get("version") and not feed.get("entries") and not _ROOT.search(found[:4096]):
        return _named_by_page(found, url)
    entries = _each_once(_entry(entry, url) for entry in feed.entries)
    harmless = isinstance(feed.get("bozo_exception"), feedparser.CharacterEncodingOverride)
    return Listing(entries=entries, note=_ILL_FORMED if feed.get("bozo") and not harmless else None)


def feeds_named(page: bytes, url: str, content_type: str | None = None) -> tuple[str, ...]:
    """The addresses of the feeds that a page names as its own, in its order."""
    root, _troubles = parse(decode_utf8(page, content_type))
    if root is None:
        return ()
    base = base_of(root, url)
    links = (link for link in root.iter("link") if "alternate" in (link.get("rel") or "").lower().split())
    named = (
        web_address(link.get("href"), base)
        for link in links
        if (link.get("type") or "").lower().partition(";")[0].strip() in _FEED_TYPES
    )
    return tuple(dict.fromkeys(address for address in named if address is not None))[:_MOST_FEEDS]


def _named_by_page(found: bytes, url: str) -> Listing:
    if _SITEMAP.search(found[:4096]):
        raise ReadError(f'{url} is not a feed: it is a sitemap, which kind = "sitemap" reads.')
    feeds = feeds_named(found, url)
    if not feeds:
        raise ReadError(f"{url} is not a feed: no RSS, Atom or JSON Feed was found in it.")
    return Listing(feeds=feeds)


def _too_many(url: str) -> ReadError:
    return ReadError(f"{url} is not read: it lists more than {_MOST_ENTRIES:,} entries.")


def _each_once(entries: Iterator[Entry | None]) -> tuple[Entry, ...]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry is not None:
            first.setdefault(entry.url, entry)
    return tuple(first.values())


# ---------------------------------------------------------------------- RSS and Atom


def _entry(entry: feedparser.FeedParserDict, base: str) -> Entry | None:
    """The entry under its link, or what that stood for before a counter of clicks was put in front of it; under its
    id where that is an address and there is no link."""
    said = (entry.get(name) for name in ("feedburner_origlink", "pheedo_origlink", "link", "id"))
    address = next(filter(None, (web_address(value, base) for value in said)), None)
    if address is None:
        return None
    return Entry(
        url=address,
        title=_title(entry.get("title")),
        published_at=_moment(dict.get(entry, "published_parsed")),
        updated_at=_moment(dict.get(entry, "updated_parsed")),  # by itself: feedparser would take the other
    )


def _title(said: object) -> str:
    return fold_spaces(str(said)[: 2 * _LONGEST_TITLE])[:_LONGEST_TITLE] if said else ""


def _moment(parsed: time.struct_time | None) -> datetime | None:
    """A time that feedparser read, which is in UTC; None where it is none."""
    if parsed is None or parsed.tm_year not in _YEARS:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None


# ---------------------------------------------------------------------- JSON Feed


def _json_feed(body: bytes, url: str) -> Listing:
    """https://www.jsonfeed.org/version/1.1/"""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        raise ReadError(f"{url} is not a feed: it begins like JSON and is not well-formed.") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not _JSON_FEED.match(str(feed.get("version"))):
        raise ReadError(f"{url} is not a feed: it is JSON, and not a JSON Feed.")
    if len(items) > _MOST_ENTRIES:
        raise _too_many(url)
    odd = sum(not isinstance(item, dict) for item in items)
    entries = _each_once(_item(item, url) for item in items if isinstance(item, dict))
    return Listing(entries=entries, note=_ILL_FORMED if odd else None)


def _item(item: dict[str, Any], base: str) -> Entry | None:
    said = [item.get(name) for name in ("url", "id", "external_url")]
    whole = [web_address(value, base) for value in said[:1]]
    whole += [
        web_address(value, base) for value in said[1:] if str(value).startswith(("http://", "https://"))
    ]
    address = next((value for value in whole if value is not None), None)
    if address is None:
        return None
    return Entry(
        url=address,
        title=_title(item.get("title")),
        published_at=read_time(item.get("date_published")),
        updated_at=read_time(item.get("date_modified")),
    )


def read_time(written: object) -> datetime | None:
    """A time as RFC 3339 or the W3C's note has it, a day alone being its beginning; None where it is none."""
    try:
        found = datetime.fromisoformat(str(written).strip()[:40])
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None
