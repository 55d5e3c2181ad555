"""Rows 26 to 28 and 30: feeds, sitemaps and section pages with entities that explode or lead elsewhere, too many
entries, none, and odd times.

What came of one is said as the number of articles that were found in it, or as its source's trouble.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.case import READING, Case, Load, Look, drip, endless, made
from tests.hostile.led import VAULT
from tests.hostile.packed import bomb
from tests.servers import Answer, head, http

SENTINEL = "SENTINEL"
"""Stands for the path of a file whose text must never show up."""
NOT_A_FEED, GIVEN_UP, NOT_READ = "is not a feed", "was given up", "not read"
_TYPE = {"Content-Type": "application/rss+xml"}


def sent(body: str) -> bytes:
    return head(200, _TYPE) + body.encode()


def _rss(*items: str, before: str = "", after: str = "</channel></rss>") -> str:
    top = f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>The Quay</title>'
    return top + "".join(f"<item>{item}</item>" for item in items) + after


def _item(link: str = "/over", title: str = "Bridge closed", more: str = "") -> str:
    return f"<title>{title}</title><link>{link}</link>{more}"


def _laughs(of: str) -> str:
    """Ten to the ninth times that."""
    layers = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    return f'<!DOCTYPE rss [<!ENTITY a "{of}">{layers}]>'


def feed(
    row: int, name: str, answer: Answer, *outcomes: str, within: float | None = None, kind: str = "feed"
) -> Case:
    return Case(
        row=row,
        kind=kind,
        name=f"{kind}: {name}",
        turns=lambda _: Look(answer=answer, outcomes=outcomes),
        load=Load.FEED,
        anew=True,
        within=within,
    )


def large(row: int, name: str, body: Callable[[], str], *outcomes: str, kind: str = "feed") -> Case:
    """A feed that takes long to read, and may be given up."""
    answer = made(lambda: sent(body()))
    return feed(row, name, answer, *outcomes, GIVEN_UP, NOT_READ, within=2 * READING, kind=kind)


def _urlset(*urls: str, before: str = "", after: str = "</urlset>") -> str:
    return f'<?xml version="1.0"?>{before}<urlset>{"".join(f"<url>{url}</url>" for url in urls)}{after}'


def _loc(link: str = "/over", more: str = "<lastmod>2099-01-01</lastmod>") -> str:
    return f"<loc>{link}</loc>{more}"


def _index(*links: str) -> str:
    return (
        f"<sitemapindex>{''.join(f'<sitemap><loc>{link}</loc></sitemap>' for link in links)}</sitemapindex>"
    )


_TWO = (_item("/over"), _item("/over?2"))
_OUTSIDE = f"http://127.0.0.1:{VAULT}/"
_EXTERNAL = (
    f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{SENTINEL}">]>',
    f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{_OUTSIDE}">]>',
    f'<!DOCTYPE rss PUBLIC "-//X//Y" "{_OUTSIDE}evil.dtd">',
    f'<!DOCTYPE rss SYSTEM "file://{SENTINEL}">',
    f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "file://{SENTINEL}"><!ENTITY % y SYSTEM "{_OUTSIDE}">%x;%y;]>',
    f'<?xml-stylesheet href="{_OUTSIDE}"?>',
)
_WHEN = (
    "99 Foo 9999",
    "Thu, 01 Jan 1970 00:00:00 -9999",
    "0001-01-01T00:00:00+14:00",
    "Fri, 31 Dec 99999 23:59:59 GMT",
    "9" * 5000,
    "\x1b[31mtoday",
)

CASES: tuple[Case, ...] = (
    large(
        26,
        "a billion laughs in a title",
        lambda: _rss(_item(title="&j;"), before=_laughs("ha")),
        "found 1",
        "found 0",
        NOT_A_FEED,
    ),
    large(
        26,
        "a billion laughs in a link",
        lambda: _rss(_item("/over?&j;"), before=_laughs("ha")),
        "found 1",
        "found 0",
        NOT_A_FEED,
    ),
    large(
        26,
        "a million times one long entity",
        lambda: _rss(_item(title="&a;" * 1_000_000), before=f'<!DOCTYPE rss [<!ENTITY a "{"ha" * 9000}">]>'),
        "found 1",
        "found 0",
        NOT_A_FEED,
    ),
    *(
        feed(
            26,
            f"entities from elsewhere, {number}",
            sent(_rss(_item("/over?q=&x;", "&x;"), before=before)),
            "found 1",
            "found 0",
            NOT_A_FEED,
        )
        for number, before in enumerate(_EXTERNAL, 1)
    ),
    feed(
        26,
        "parts that are included",
        sent(
            _rss(
                _item(),
                f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{SENTINEL}" parse="text"/>',
            )
        ),
        "found 1",
    ),
    feed(26, "ill-formed, with entries", sent(_rss(*_TWO, "<title>A & B <b>", after="")), "found 2"),
    feed(26, "cut in its middle", sent(_rss(*_TWO, _item("/over?3"))[:260]), "found "),
    feed(27, "the feed itself as its article", sent(_rss(_item("/feed"), _item("/feed#2"))), "found 1"),
    feed(
        27,
        "links to what is not fetched",
        sent(
            _rss(
                *(
                    _item(link)
                    for link in (
                        "javascript:alert(1)",
                        f"file://{SENTINEL}",
                        "data:,x",
                        "ftp://127.0.0.1/",
                        "http://",
                        "http://[",
                        "//",
                    )
                ),
                _item(),
            )
        ),
        "found 2",
    ),
    feed(27, "a link of 10 KB", sent(_rss(_item("/over?" + "a" * 10_000), _item())), "found 1"),
    feed(27, "a link to a private address", sent(_rss(_item(_OUTSIDE))), "found 1", "found 0"),  # once
    large(
        27,
        "100,000 entries",
        lambda: _rss(*(_item(f"/over?{n}", "x") for n in range(100_000))),
        "found ",
        NOT_A_FEED,
    ),
    large(27, "100,000 levels", lambda: _rss(_item(), "<a>" * 100_000), "found 1", "found 0", NOT_A_FEED),
    large(
        27,
        "100,000 attributes",
        lambda: _rss(_item(), "<a " + " ".join(f"b{n}='c'" for n in range(100_000)) + "/>"),
        "found 1",
        NOT_A_FEED,
    ),
    large(27, "a title of 9 MB", lambda: _rss(_item(title="x " * 4_500_000)), "found 1", NOT_A_FEED),
    feed(28, "an address in place of a feed", sent(_OUTSIDE), NOT_A_FEED),
    feed(28, "the name of a file in place of a feed", sent(SENTINEL), NOT_A_FEED),
    feed(28, "the address of a file in place of a feed", sent(f"file://{SENTINEL}"), NOT_A_FEED),
    feed(28, "a page in place of a feed", http(200, "<html><body><p>No feed.</p></body></html>"), NOT_A_FEED),
    feed(28, "nothing in place of a feed", http(200, b""), NOT_A_FEED),
    feed(28, "noise in place of a feed", http(200, bytes(range(256)) * 99), NOT_A_FEED),
    *(
        feed(30, f"published {when[:20]!a}", sent(_rss(_item(more=f"<pubDate>{when}</pubDate>"))), "found 1")
        for when in _WHEN
    ),
    feed(4, "drips", drip(sent(_rss(_item(), after=""))), "did not answer within"),
    feed(
        6,
        "without an end",
        endless(sent(_rss(after="")), f"<item>{_item()}</item>".encode() * 90),
        "larger than",
    ),
    feed(
        1,
        "gzip of 1 GB",
        made(lambda: http(200, bomb(1024), {"Content-Encoding": "gzip"})),
        "larger than",
        within=1.0,
    ),
    *(
        feed(
            26,
            f"entities from elsewhere, {number}",
            sent(_urlset(_loc(), _loc("/x&x;"), before=before)),
            "found ",
            kind="sitemap",
        )
        for number, before in enumerate(_EXTERNAL, 1)
    ),
    large(
        26,
        "a billion laughs",
        lambda: _urlset(_loc("/over?&j;"), before=_laughs("ha")),
        "found ",
        kind="sitemap",
    ),
    feed(
        27,
        "an index that names itself",
        sent(_index("/feed", "/feed#2", "/feed?")),
        "found 0",
        kind="sitemap",
    ),
    feed(
        27,
        "links to other sites",
        sent(_urlset(_loc(_OUTSIDE), _loc("https://news.example/a"))),
        "found 0",
        kind="sitemap",
    ),
    large(
        27,
        "50,001 addresses",
        lambda: _urlset(*(_loc(f"/{n}", "") for n in range(50_001))),
        "lists more than",
        kind="sitemap",
    ),
    large(
        27,
        "10,000 addresses of today",
        lambda: _urlset(*(_loc(f"/{n}") for n in range(10_000))),
        "found 0",
        kind="sitemap",
    ),
    large(
        27,
        "100,000 levels",
        lambda: _urlset(_loc(), "<a>" * 100_000),
        "found ",
        "is not a sitemap",
        kind="sitemap",
    ),
    feed(
        27,
        "gzip of 1 GB by its content",
        made(lambda: http(200, bomb(1024))),
        "larger than 10 MB",
        kind="sitemap",
    ),
    feed(
        28,
        "a page in place of one",
        http(200, "<html><body><p>None.</p></body></html>"),
        "is not a sitemap",
        kind="sitemap",
    ),
    feed(28, "the name of a file in place of one", sent(SENTINEL), "is not a sitemap", kind="sitemap"),
    feed(
        30,
        "changed when nobody knows",
        sent(_urlset(*(_loc("/a", f"<lastmod>{when}</lastmod>") for when in _WHEN))),
        "found 0",
        kind="sitemap",
    ),
    feed(28, "nothing on it", http(200, b""), "found 0", kind="section"),
    feed(
        27,
        "links to what is not fetched",
        sent(
            "".join(
                f"<a href='{link}'>What the council said about it</a>"
                for link in (f"file://{SENTINEL}", _OUTSIDE, "//[", "data:,x", "http://", "javascript:a()")
            )
        ),
        "found 0",
        kind="section",
    ),
    large(
        27,
        "300,000 links",
        lambda: "".join(f"<a href='/a-b-c-d-{n}'>x</a>" for n in range(300_000)),
        "found ",
        "no section page",
        kind="section",
    ),
    large(
        23,
        "100,000 attributes",
        lambda: "<a href=/over " + " ".join(f"b{n}=c" for n in range(100_000)) + ">x</a>",
        "found ",
        "more than 10,000 attributes",
        kind="section",
    ),
)
