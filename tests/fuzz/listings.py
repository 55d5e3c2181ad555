"""What a site lists and allows: feeds, and robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.errors import FetchError, ReadError
from monitor.robots import allows, robots_text
from monitor.sources import canonical, feed_entries
from storage.records import Response
from tests.fuzz.target import Target, parted
from tests.test_sources import FEED, atom, rss


def feed(data: bytes) -> None:
    """Addresses of the web, each once and in the form it is known by, or a sentence."""
    try:
        found = feed_entries(data, FEED)
    except ReadError as error:
        assert str(error).isprintable()
        return
    assert len(set(found)) == len(found)
    for address in found:
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
        name="robots",
        trial=robots,
        seeds=lambda: _RULES,
        guides=("monitor", "protego"),
        longest=4096,
        words=(b"User-agent: ", b"Disallow: ", b"Allow: ", b"Crawl-delay: ", b"Visit-time: ", b"%", b"*$"),
    ),
)  # fmt: skip
