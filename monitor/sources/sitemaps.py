"""read_sitemap(): the bytes of a sitemap or a sitemap index into entries or children (sitemaps.org, news sitemaps).

Only what lies on the sitemap's own site counts, as the protocol has it. Which entries are recent, and which
children are worth a request, is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml.etree import XMLParser, XMLSyntaxError, _Element, fromstring

from monitor.errors import ReadError
from monitor.sources.addresses import same_site, web_address
from monitor.sources.feeds import read_time
from monitor.sources.listing import Child, Entry, Listing
from monitor.sources.packed import plain
from storage.records import fold_spaces

MOST_URLS = 50_000
"""Of one file, as the protocol has it."""

_ILL_FORMED = "it is not well-formed; what can be read of it is used"


def read_sitemap(body: bytes, url: str) -> Listing:
    """What a sitemap lists, each address once, in its order.

    :param url: where it answered.
    :raises ReadError: this is no sitemap, or it has more in it than one may.
    """
    root, note = _root(plain(body, url), url)
    kind = _name(root)
    if kind in ("rss", "rdf", "feed"):
        raise ReadError(f'{url} is not a sitemap: it is a feed, which kind = "feed" reads.')
    if kind not in ("urlset", "sitemapindex"):
        raise ReadError(f"{url} is not a sitemap: it holds neither a urlset nor a sitemapindex.")
    listed = [child for child in root if _name(child) == ("url" if kind == "urlset" else "sitemap")]
    if len(listed) > MOST_URLS:
        raise ReadError(f"{url} is not read: it lists more than {MOST_URLS:,} addresses.")
    if kind == "urlset":
        return Listing(entries=tuple(_entries(listed, url)), note=note)
    return Listing(children=tuple(_children(listed, url)), note=note)


def _root(body: bytes, url: str) -> tuple[_Element, str | None]:
    parser = XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: _Element | None = fromstring(body, parser)
    except (XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise ReadError(f"{url} is not a sitemap: it is no XML.")
    return root, _ILL_FORMED if len(parser.error_log.filter_from_errors()) else None


def _entries(listed: list[_Element], base: str) -> Iterator[Entry]:
    seen: set[str] = set()
    for element in listed:
        address = _address(element, base)
        if address is None or address in seen:
            continue
        seen.add(address)
        news = next((child for child in element if _name(child) == "news"), None)
        yield Entry(
            url=address,
            title=fold_spaces(_text(news, "title"))[:300],
            published_at=read_time(_text(news, "publication_date")),
            updated_at=read_time(_text(element, "lastmod")),
        )


def _children(listed: list[_Element], base: str) -> Iterator[Child]:
    seen: set[str] = set()
    for element in listed:
        address = _address(element, base)
        if address is not None and address not in seen and address != base:
            seen.add(address)
            yield Child(url=address, updated_at=_time(element))


def _address(element: _Element, base: str) -> str | None:
    address = web_address(_text(element, "loc"), base)
    return address if address is not None and same_site(address, base) else None


def _time(element: _Element) -> datetime | None:
    return read_time(_text(element, "lastmod"))


def _text(element: _Element | None, name: str) -> str:
    found = None if element is None else next((child for child in element if _name(child) == name), None)
    return "" if found is None else str(found.text or "").strip()


def _name(element: _Element) -> str:
    """Its name without its space: many a sitemap names a wrong one."""
    return str(element.tag).rpartition("}")[2].lower()
