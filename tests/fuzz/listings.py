"""What a site lists and allows: feeds, sitemaps, section pages, and robots.txt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.errors import FetchError, ReadError
from monitor.robots import allows, robots_text
from monitor.sources import Listing, canonical, read_feed, read_section, read_sitemap
from monitor.sources.sections import article_links
from storage.records import Response
from tests.fuzz.target import Target, parted
from tests.test_sources import FEED, atom, rss


def feed(data: bytes) -> None:
    """Addresses of the web, each once and in the form it is known by, or a sentence."""
    _tried(data, read_feed)


def sitemap(data: bytes) -> None:
    """As for a feed."""
    _tried(data, read_sitemap)


def section(data: bytes) -> None:
    """As for a feed; what may be an article is one of the links."""
    found = _tried(data, read_section)
    if found is not None:
        links = {link.url for link in found.links}
        assert {entry.url for entry in article_links(found.links, FEED, ())} <= links


def _tried(data: bytes, read: Callable[[bytes, str], Listing]) -> Listing | None:
    try:
        found = read(data, FEED)
    except ReadError as error:
        assert str(error).isprintable()
        return None
    for listed in (found.entries, found.children, found.links):
        addresses = [each.url for each in listed]
        assert len(set(addresses)) == len(addresses)
        for address in addresses:
            _is_address(address)
    for address in found.feeds:
        _is_address(address)
    return found


def _is_address(address: str) -> None:
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert canonical(address) == address, address
    assert len(address.encode("utf-8", "replace")) <= 2048


def robots(data: bytes) -> None:
    """A path, and what a host answers for its robots.txt; of an answer that is none, nothing is forbidden."""
    path, body = parted(data)
    answer = Response(
        url="http://a.example/robots.txt",
        final_url="http://a.example/robots.txt",
        status=200,
        headers=(),
        body=body,
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    try:
        text = robots_text(answer)
    except FetchError:
        return
    for url in (f"http://a.example/{path.lstrip('/')}", "http://a.example", path):
        assert allows(text, url) in (True, False)
        assert allows("", url)


def _feeds() -> list[bytes]:
    return [
        rss(
            "<title>A</title><link>https://news.example/a</link><pubDate>Mon, 02 Mar 2026 13:00:00 GMT</pubDate>"
        ),
        rss("<guid isPermaLink='true'>https://news.example/b?utm_source=x</guid>", "<link>../c</link>"),
        atom(
            '<link rel="alternate" href="/1"/><id>tag:news.example,2024:1</id><updated>2026-03-02</updated>'
        ),
        atom('<id>https://news.example/2</id><content type="xhtml"><div>&lt;p&gt;</div></content>'),
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b'<item rdf:about="https://news.example/r"><link>https://news.example/r</link></item></rdf:RDF>',
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss version="2.0"><channel><item>'
        b"<link>https://news.example/&c;</link></item></channel></rss>",
        '<?xml version="1.0" encoding="utf-16"?><rss version="2.0"><channel></channel></rss>'.encode(
            "utf-16"
        ),
        b"<html><body>No feed</body></html>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://news.example/j"}]}',
    ]


_SITEMAPS = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/a</loc>'
    b"<lastmod>2026-03-02T10:00:00Z</lastmod></url><url><loc>/b</loc></url></urlset>",
    b'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://news.example/n</loc><n:news>'
    b"<n:publication_date>2026-03-02</n:publication_date><n:title>N</n:title></n:news></url></urlset>",
    b"<sitemapindex><sitemap><loc><![CDATA[https://news.example/s.xml]]></loc><lastmod>2026</lastmod></sitemap></sitemapindex>",
)
_SECTIONS = (
    b'<html><head><base href="/x/"><link rel="alternate" type="application/rss+xml" href="/rss"></head><body><nav>'
    b'<a href="/sport">Sport</a></nav><a href="2026/03/02/bridge-closed-for-weeks"><h2>Bridge closed for weeks</h2></a>'
    b'<a href="/story.php?id=12345#c">Ferry</a><a href="//news.example/a-12345678.html">A</a></body></html>',
)

_RULES = (
    b"/news/a\nUser-agent: *\nDisallow: /private\nAllow: /private/open$\nCrawl-delay: 10\nSitemap: /s.xml\n",
    b"/a?b=c\nUser-agent: Writethru\nUser-agent: other\nDisallow: /*?*b=\n\nUser-agent: *\nDisallow: /\n",
    b"/%E4\n\xef\xbb\xbfuser-agent:*\rdisallow:/%e4*$\r\nRequest-rate: 1/5 0900-1700\nVisit-time: 0600-0845\nHost: x",
    b"/\n<html><body>Not found</body></html>",
)

TARGETS = (
    Target(
        name="feed",
        trial=feed,
        seeds=_feeds,
        guides=("monitor", "feedparser"),
        longest=8192,
        words=(
            b"<item>", b"</item>", b"<entry>", b"<link>", b"</link>", b'<link href="', b"<guid>", b"<id>", b"<![CDATA[",
            b"]]>", b"<!ENTITY ", b"<!DOCTYPE ", b"encoding=", b"xml:base=", b"xmlns=", b"&#0;", b"http://", b"//[",
        ),
    ),
    Target(
        name="sitemap",
        trial=sitemap,
        seeds=lambda: _SITEMAPS,
        guides=("monitor",),
        longest=8192,
        words=(
            b"<url>", b"</url>", b"<loc>", b"<lastmod>", b"<sitemap>", b"<![CDATA[", b"<!ENTITY ", b"\x1f\x8b\x08", b"http://",
        ),
    ),
    Target(
        name="section",
        trial=section,
        seeds=lambda: _SECTIONS,
        guides=("monitor",),
        longest=8192,
        words=(
            b"<a href=", b"<base href=", b"<link rel=", b"alternate", b"/2026/03/02/", b"-a-b-c-", b"?id=1", b"//[",
            b"%",
        ),
    ),
    Target(
        name="robots",
        trial=robots,
        seeds=lambda: _RULES,
        guides=("monitor", "protego"),
        longest=4096,
        words=(b"User-agent: ", b"Disallow: ", b"Allow: ", b"Crawl-delay: ", b"Visit-time: ", b"%", b"*$"),
    ),
)  # fmt: skip
