"""What feeds of every kind, sitemaps and section pages list, read from real bytes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import ReadError
from monitor.sources import Link, canonical, read_feed, read_section, read_sitemap, same_site
from monitor.sources.memory import key
from monitor.sources.packed import MOST_PLAIN
from monitor.sources.sections import article_links, maybe_links
from tests.test_sources import FEED, atom, listed, rss

MAP = "https://news.example/sitemap.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# --------------------------------------------------------------------- feeds


def json_feed(*items: object, version: str = "https://jsonfeed.org/version/1.1") -> bytes:
    return json.dumps({"version": version, "title": "World", "items": items}).encode()


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"])
def test_a_json_feed_is_a_feed(version: str) -> None:
    body = json_feed(
        {"id": "1", "url": "/a?utm_source=x", "title": "A", "date_modified": "2026-03-01T12:00:00Z"},
        {"id": "https://news.example/b", "date_published": "2026-03-01T13:00:00+01:00"},
        {"id": "c", "external_url": "https://other.example/c"},
        {"id": "d"},
        version=version,
    )
    found = read_feed(body, FEED).entries
    assert [entry.url for entry in found] == [
        "https://news.example/a",
        "https://news.example/b",
        "https://other.example/c",
    ]
    assert (found[0].title, found[0].updated_at, found[1].published_at) == ("A", NOON, NOON)


@pytest.mark.parametrize(
    "body", [b'{"items": []}', b'{"version": "https://jsonfeed.org/version/1", "items": {}}', b"{" * 100_000]
)
def test_json_that_is_no_json_feed_is_not_a_feed(body: bytes) -> None:
    with pytest.raises(ReadError, match="is not a feed"):
        read_feed(body, FEED)


def test_an_entry_carries_its_times_as_they_are_given() -> None:
    body = atom(
        '<link href="/1"/><published>2026-03-01T10:00:00Z</published><updated>2026-03-01T12:00:00Z</updated>',
        '<link href="/2"/>',
        '<link href="/3"/><updated>2926-03-01T12:00:00Z</updated>',
    )
    both, none, far = read_feed(body, FEED).entries
    assert (both.published_at, both.updated_at) == (NOON - timedelta(hours=2), NOON)
    assert (none.dated, far.dated) == (None, None)
    (of_rss,) = read_feed(
        rss("<link>/a</link><pubDate>Sun, 01 Mar 2026 13:00:00 +0100</pubDate>"), FEED
    ).entries
    assert (of_rss.published_at, of_rss.updated_at) == (NOON, None)


def test_an_ill_formed_feed_is_used_and_its_note_says_so() -> None:
    body = b"<rss version='2.0'><channel><item><title>Fish & Chips</title><link>/a</link></item>"
    found = read_feed(body, FEED)
    assert [entry.url for entry in found.entries] == ["https://news.example/a"]
    assert found.note == "it is not well-formed; what can be read of it is used"
    assert read_feed(rss("<link>/a</link>"), FEED).note is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"])
def test_utf_16_needs_no_declaration(encoding: str) -> None:
    text = "<rss version='2.0'><channel><item><title>Brücke</title><link>/a</link></item></channel></rss>"
    (entry,) = read_feed(text.encode(encoding), FEED).entries
    assert (entry.url, entry.title) == ("https://news.example/a", "Brücke")


def test_a_feed_that_is_served_as_a_packed_file_is_unpacked_by_its_content() -> None:
    assert listed(gzip.compress(rss("<link>/a</link>")), FEED) == ["https://news.example/a"]


def test_a_packed_listing_may_not_be_larger_than_a_plain_one() -> None:
    with pytest.raises(ReadError, match="larger than 10 MB"):
        read_sitemap(gzip.compress(b" " * (MOST_PLAIN + 1)), MAP)
    with pytest.raises(ReadError, match="ends too early"):
        read_sitemap(gzip.compress(b"<urlset/>" * 99)[:-20], MAP)
    with pytest.raises(ReadError, match="damaged"):
        read_sitemap(b"\x1f\x8b\x08" + b"x" * 99, MAP)


def test_a_page_in_place_of_a_feed_names_its_feeds() -> None:
    page = (
        b"<html><head><base href='/news/'><link rel='alternate' type='application/rss+xml' href='rss'>"
        b"<link rel='alternate' type='application/feed+json; charset=utf-8' href='https://feeds.example/j'>"
        b"<link rel='alternate' hreflang='de' href='/de'><link rel='stylesheet' href='x.css'></head></html>"
    )
    found = read_feed(page, FEED)
    assert found.feeds == ("https://news.example/news/rss", "https://feeds.example/j")
    assert found.entries == ()


def test_the_address_before_a_counter_of_clicks_is_the_entrys() -> None:
    body = rss(
        "<link>https://feeds.example/~r/x/1</link><f:origLink>https://news.example/a</f:origLink>"
    ).replace(b"<rss", b"<rss xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'")
    assert listed(body, FEED) == ["https://news.example/a"]


# --------------------------------------------------------------------- sitemaps


def urlset(*urls: str) -> bytes:
    inside = "".join(f"<url>{url}</url>" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{inside}</urlset>'
    ).encode()


def index(*children: str) -> bytes:
    inside = "".join(f"<sitemap>{child}</sitemap>" for child in children)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</sitemapindex>'.encode()
    )


def test_a_news_sitemap_lists_articles_with_their_times() -> None:
    body = urlset(
        "<loc>https://news.example/a</loc><lastmod>2026-03-01T12:00:00Z</lastmod><news:news><news:title> A &amp; B "
        "</news:title><news:publication_date>2026-03-01</news:publication_date></news:news>",
        "<loc> https://news.example/b?utm_source=map </loc>",
        "<loc>https://news.example/a</loc>",
    )
    one, other = read_sitemap(body, MAP).entries
    assert (one.url, one.title, one.updated_at) == ("https://news.example/a", "A & B", NOON)
    assert one.published_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert (other.url, other.dated) == ("https://news.example/b", None)


def test_a_sitemap_index_names_its_children_and_never_itself() -> None:
    body = index(
        "<loc><![CDATA[https://news.example/s1.xml.gz]]></loc><lastmod>2026-03-01T12:00:00Z</lastmod>",
        f"<loc>{MAP}</loc>",
        "<loc>https://news.example/s2.xml</loc>",
    )
    found = read_sitemap(gzip.compress(body), MAP)
    assert [(child.url, child.updated_at) for child in found.children] == [
        ("https://news.example/s1.xml.gz", NOON),
        ("https://news.example/s2.xml", None),
    ]


def test_a_sitemap_speaks_for_its_own_site_alone() -> None:
    body = urlset("<loc>https://other.example/a</loc>", "<loc>https://www.news.example/b</loc>")
    assert [entry.url for entry in read_sitemap(body, MAP).entries] == ["https://www.news.example/b"]
    assert read_sitemap(index("<loc>https://other.example/s.xml</loc>"), MAP).children == ()


def test_a_sitemap_of_more_addresses_than_one_may_have_is_not_read() -> None:
    with pytest.raises(ReadError, match="lists more than 50,000 addresses"):
        read_sitemap(urlset(*("<loc>/a</loc>" for _ in range(50_001))), MAP)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"nothing", rss("<link>/a</link>"), b"\0\1\2"])
def test_what_is_not_a_sitemap_is_called_so(body: bytes) -> None:
    with pytest.raises(ReadError, match="is not a sitemap"):
        read_sitemap(body, MAP)


def test_a_feed_and_a_sitemap_that_were_mistaken_for_each_other_are_told_apart() -> None:
    with pytest.raises(ReadError, match='it is a feed, which kind = "feed" reads'):
        read_sitemap(rss("<link>/a</link>"), MAP)
    with pytest.raises(ReadError, match='it is a sitemap, which kind = "sitemap" reads'):
        read_feed(urlset("<loc>/a</loc>"), FEED)


def test_a_sitemap_that_is_cut_off_is_used_as_far_as_it_goes() -> None:
    found = read_sitemap(urlset("<loc>/a</loc>", "<loc>/b</loc>")[:-12], MAP)
    assert [entry.url for entry in found.entries] == ["https://news.example/a", "https://news.example/b"]
    assert found.note is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://news.example/a", "http://www.news.example/b", True),
        ("https://news.example/a", "https://other.example/a", False),
        ("https://a.paper.co.uk/", "https://b.paper.co.uk/", True),
        ("https://paper.co.uk/", "https://times.co.uk/", False),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8001/a", False),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b", True),
    ],
)
def test_hosts_under_one_name_are_one_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


# --------------------------------------------------------------------- section pages

SECTION = "https://news.example/world"
PAGE = """<html><head><link rel="alternate" type="application/rss+xml" href="/world/rss.xml"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a> <a href="/world">World</a> <a href="/about-us">About us</a>
<a href="/weather-forecast/">Weather</a> <a href="/login?next=/world">Sign in</a></nav>
<main><a href="/world/2026/mar/01/bridge-closed-for-weeks"><img alt=""></a>
<h2><a href="/world/2026/mar/01/bridge-closed-for-weeks#top">Bridge is closed for three weeks</a></h2>
<h2><a href="https://www.news.example/world/ferry-12345678">Ferry company asks its captains back</a></h2>
<h2><a href="/story.php?id=48213&utm_source=front">Schools begin an hour later</a></h2>
<h2><a href="/world/tunnel.html">Tunnel counts nine thousand more cars than usual</a></h2>
<a href="/tag/bridges">Bridges</a> <a href="/author/a-reporter-of-ours/">A. Reporter</a>
<a href="/photos/bridge-in-the-morning-light.jpg">The bridge in the morning</a>
<a href="https://shop.invalid/2026/03/01/buy-this-very-nice-thing">Buy this very nice thing today</a></main>
<footer><a href="/privacy">Privacy</a>
<a href="mailto:desk@news.example">Mail</a><a href="javascript:x()">X</a></footer>"""
ARTICLES = [
    "https://news.example/world/2026/mar/01/bridge-closed-for-weeks",
    "https://www.news.example/world/ferry-12345678",
    "https://news.example/story.php?id=48213",
    "https://news.example/world/tunnel.html",
]


def test_of_a_section_page_the_links_that_look_like_articles_are_articles() -> None:
    found = read_section(PAGE.encode(), SECTION)
    assert [entry.url for entry in article_links(found.links, SECTION, None)] == ARTICLES
    assert found.feeds == ("https://news.example/world/rss.xml",)


def test_the_longest_words_that_lead_to_an_address_are_its_title() -> None:
    (first, *_rest) = article_links(read_section(PAGE.encode(), SECTION).links, SECTION, None)
    assert first.title == "Bridge is closed for three weeks"


def test_what_may_be_an_article_is_one_where_it_was_not_there_from_the_first() -> None:
    menu = [Link(url=f"https://news.example/{name}.html", text=name) for name in ("travel", "ferries")]
    stood = {key(url) for url in maybe_links(menu, SECTION)}
    assert len(stood) == 2
    later = [*menu, Link(url="https://news.example/bridge.html", text="Bridge closed")]
    assert article_links(later, SECTION, None) == ()
    assert [entry.url for entry in article_links(later, SECTION, stood)] == [
        "https://news.example/bridge.html"
    ]


def test_counts_and_minutes_beside_a_headline_are_no_change_of_it() -> None:
    links = [
        Link(url="https://news.example/world/ferry-12345678", text=f"Ferry is back {number} comments")
        for number in (3, 41)
    ]
    titles = {entry.title for link in links for entry in article_links([link], SECTION, None)}
    assert len(titles) == 1


@pytest.mark.parametrize("body", [b"", b"\0", b"<a>", b"plain text", rss("<link>/a</link>")])
def test_what_is_no_page_lists_nothing(body: bytes) -> None:
    assert read_section(body, SECTION).links == ()


# --------------------------------------------------------------------- what counts readers


@pytest.mark.parametrize(
    "counted",
    [
        "gbraid=1", "wbraid=1", "_ga=2.1", "_gl=1*x", "mkt_tok=x", "_hsenc=p", "hsCtaTracking=x", "vero_id=1",
        "ysclid=l", "ttclid=1", "pk_campaign=x", "mtm_source=x", "CMP=share_btn_tw", "ocid=socialflow",
        "smid=tw-share", "ncid=x", "icid=x", "s_kwcid=AL", "guccounter=1", "guce_referrer=x", "igsh=x",
        "itm_source=x", "cx_testId=1", "amp;utm_source=x", "ref_src=twsrc",
    ],
)  # fmt: skip
def test_what_counts_readers_is_taken_off(counted: str) -> None:
    assert canonical(f"https://news.example/a?{counted}&id=5") == "https://news.example/a?id=5"


@pytest.mark.parametrize(
    "kept",
    [
        "id=5",
        "p=7",
        "article=3",
        "ref=48213",
        "story=x",
        "page=2",
        "hash=ab12",
        "token=9",
        "v=x",
        "date=2026",
    ],
)
def test_what_may_name_a_document_stays(kept: str) -> None:
    assert canonical(f"https://news.example/a?{kept}") == f"https://news.example/a?{kept}"
