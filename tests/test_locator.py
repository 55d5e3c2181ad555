"""Looking again: a page that is recognised reads as it would be read in full, always."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from benchmarks.noise import with_noise
from monitor.extract import Known
from monitor.extract.page import EXTRACTOR
from monitor.reader import read
from storage.records import Capture, Response, Selectors, Told, Verdict
from tests.laws import law

URL = "https://paper.example/news/the-bridge-over-the-tamber"
HEAD = """<title>Bridge over the Tamber closed for good | The Paper</title>
<meta property="og:title" content="Bridge over the Tamber closed for good">
<meta property="og:site_name" content="The Paper">
<meta name="description" content="Engineers found cracks in two of the four piers of the bridge.">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bridge over the Tamber closed for good",
 "datePublished": "2026-03-02T08:10:00Z", "dateModified": "2026-03-02T09:00:00Z",
 "author": {"@type": "Person", "name": "Ada Merrow"}}</script>"""
TEXT = [
    "The bridge over the Tamber will not open again, the council of Ostrey said on Monday after a short meeting.",
    "Engineers found cracks in two of its four piers in January, and a third in the deck eleven days ago.",
    "“Nobody will drive over it again, and nobody should walk over it either,” said Noor Valdane of the council.",
    "A ferry takes people on foot across every twenty minutes; drivers have to go by Kelling, nine miles upstream.",
    "The bridge was built in 1931 for carts and for the few cars there were, and carried 14,000 vehicles a day.",
    "A new one would cost 62 million and would not be open before 2031, according to the county’s own estimate.",
    "Shops on the far bank have lost half of their trade since the winter, and two of them have given up already.",
    "“We can see the market from here, and it might as well be on the moon,” said Tamsin Orley, who sells tools.",
    "The county says that it will run the ferry for as long as it has to, and that nobody will be made to pay.",
    "A meeting for all who live on either side is to be held in the corn exchange at seven in the evening on Friday.",
    "The engineers’ report, of 210 pages, can be read at the library, but only there and not on Wednesdays.",
]
LINKED = [TEXT[0].replace("council", '<a href="/council?id=7">council</a>'), *TEXT[1:]]
ASIDE = (
    '<aside class="related"><h3>More on this</h3><ul><li><a href="/a">The ferry and its captain</a></li>'
    '<li><a href="/b">Where the money for roads goes</a></li></ul></aside>'
)


def page(
    head: str = HEAD, text: list[str] = TEXT, before: str = "", between: str = "", after: str = ""
) -> str:
    """A page as a newspaper makes one, with places for more."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in text[:3])
    rest = "\n".join(f"<p>{paragraph}</p>" for paragraph in text[3:])
    return f"""<!doctype html><html lang="en"><head>{head}</head><body class="news">
<header class="site"><nav><a href="/">The Paper</a><a href="/news">News</a></nav></header>
<main><article class="story"><div class="top"><h1>Bridge over the Tamber closed for good</h1>
<p class="standfirst">Engineers found cracks in two of the four piers of the bridge.</p>
<div class="byline">By <a rel="author" href="/people/merrow">Ada Merrow</a></div>{before}</div>
<div class="story-body">{body}
{between}
{rest}</div>{after}</article>{ASIDE}</main>
<footer><p>All rights reserved. The Paper is made in Ostrey by people who live there and read it too.</p></footer>
</body></html>"""


def look(html: str, known: Known | None = None, told: Told = Told()) -> Capture:  # noqa: B008
    response = Response(
        url=URL,
        final_url=URL,
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=html.encode("utf-8", "replace"),
        fetched_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )
    return read(response, told, known=known)


@cache
def known(html: str) -> Known:
    first = look(html)
    assert first.locator is not None
    assert first.extraction is not None
    return Known(first.locator, first.extraction)


def looked_again(first: str, second: str) -> tuple[bool, Capture]:
    """Whether the second page is recognised; it reads as it would without the first, in either case."""
    before = known(first)
    again, anew = look(second, before), look(second)
    assert again.extraction == anew.extraction
    assert (again.verdict, again.reasons) == (anew.verdict, anew.reasons)
    return again.extraction is before.extraction, again


def test_the_same_page_is_recognised() -> None:
    recognised, capture = looked_again(page(), page())
    assert recognised
    assert capture.verdict is Verdict.ARTICLE
    assert capture.locator == known(page()).locator


NOISE = [
    '<div class="ad-slot" id="ad-77"><span>Advertisement</span><a href="/x">Boots for the wet months</a></div>',
    '<script nonce="abc">window.build = 7</script>',
    '<aside class="related"><h3>Also</h3><ul><li><a href="/c">Another story altogether</a></li></ul></aside>',
    '<ul class="share-tools"><li><a href="#">Share</a></li></ul>',
]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_noise_does_not_keep_a_page_from_being_recognised(noise: str, where: str) -> None:
    recognised, _ = looked_again(page(), page(**{where: noise}))  # type: ignore[arg-type]
    assert recognised


@pytest.mark.parametrize("seed", range(1, 9))
def test_nor_does_all_of_it_at_once_and_anew_each_time(seed: int) -> None:
    recognised, _ = looked_again(with_noise(page(), 0), with_noise(page(), seed))
    assert recognised


CHANGES: list[Callable[[str], str]] = [
    lambda html: html.replace("nine miles", "six miles"),
    lambda html: html.replace("closed for good</h1>", "to be pulled down</h1>"),
    lambda html: html.replace(
        "cracks in two of the four piers of the bridge.</p>", "a crack in the deck.</p>"
    ),
    lambda html: html.replace(
        "Ada Merrow</a>", "Ada Merrow</a> and <a rel='author' href='/b'>Ilan Broom</a>"
    ),
    lambda html: html.replace('"name": "Ada Merrow"', '"name": "Ilan Broom"').replace(
        "Ada Merrow", "Ilan Broom"
    ),
    lambda html: html.replace("09:00:00Z", "11:30:00Z"),
    lambda html: html.replace(
        "</article>", '<div class="correction">Correction: it was two piers.</div></article>'
    ),
    lambda html: html.replace("<main>", '<main><div class="breaking">Breaking news</div>'),
    lambda html: html.replace(f"<p>{TEXT[3]}</p>", ""),
    lambda html: html.replace(f"<p>{TEXT[1]}</p>\n<p>{TEXT[2]}</p>", f"<p>{TEXT[2]}</p>\n<p>{TEXT[1]}</p>"),
    lambda html: html.replace(f"<p>{TEXT[4]}</p>", f"<blockquote>{TEXT[4]}</blockquote>"),
    lambda html: html.replace(f"<p>{TEXT[5]}</p>", f"<p>{TEXT[5]}</p><p>The county will vote on it.</p>"),
    lambda html: html.replace('<html lang="en">', '<html lang="de">'),
    lambda html: html.replace("</head>", '<link rel="canonical" href="https://paper.example/n/1"></head>'),
    lambda html: html.replace(
        "</head>", '<meta property="og:image" content="https://paper.example/1.jpg"></head>'
    ),
    lambda html: html.replace("nine miles", '<a href="/kelling">nine miles</a>'),
    lambda html: html.replace(
        "</div></article>", f"<h2>What is next</h2><p>{TEXT[0][9:]}</p></div></article>"
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_edit_is_never_passed_over(change: Callable[[str], str]) -> None:
    edited = change(page())
    assert edited != page()
    recognised, capture = looked_again(page(), edited)
    assert not recognised
    assert capture.extraction != known(page()).extraction


LINK_CHANGES: list[Callable[[str], str]] = [
    lambda html: html.replace("/council?id=7", "/council?id=8"),
    lambda html: html.replace("/council?id=7", "https://council.example/?id=7"),
    lambda html: html.replace('<a href="/council?id=7">council</a>', "council"),
    lambda html: html.replace("council</a> of Ostrey", "council of Ostrey</a>"),
    lambda html: html.replace("<head>", "<head><base href='https://other.example/'>"),
]


@pytest.mark.parametrize("change", LINK_CHANGES)
def test_another_link_is_never_passed_over(change: Callable[[str], str]) -> None:
    first = page(text=LINKED)
    recognised, capture = looked_again(first, change(first))
    assert not recognised
    assert capture.extraction is not None
    assert capture.extraction.links != known(first).extraction.links


@pytest.mark.parametrize(
    "noise", ["&utm_source=mail", "&amp;fbclid=Iw{}", "&_={}", "&h=AT{}dryDPnZCl0AoeTM2dCQd63f"]
)
def test_what_a_link_says_of_a_visit_does_not_keep_a_page_from_being_recognised(noise: str) -> None:
    first, second = (
        page(text=LINKED).replace("/council?id=7", f"/council?id=7{noise.format(visit)}") for visit in (3, 4)
    )
    recognised, capture = looked_again(first, second)
    assert recognised
    assert capture.extraction is not None
    assert [link.url for link in capture.extraction.links] == ["https://paper.example/council?id=7"]


def test_a_live_blog_is_read_in_full_each_time_for_its_posts_come_and_go() -> None:
    live = page().replace(
        '<article class="story">', '<article class="story" itemscope itemtype="x/LiveBlogPosting">'
    )
    posts = "".join(
        f"<section class='live-post'><h2>Post {n}</h2><p>{text}</p></section>" for n, text in enumerate(TEXT)
    )
    capture = look(live.replace('<div class="story-body">', f'<div class="story-body">{posts}'))
    assert capture.extraction is not None
    assert len(capture.extraction.posts) == len(TEXT)
    assert capture.locator is None


def test_a_date_that_is_marked_as_the_articles_counts_wherever_it_stands() -> None:
    first = page(head=HEAD.replace(', "dateModified": "2026-03-02T09:00:00Z"', ""))
    marked = "<span itemprop='dateModified' content='2026-03-03T10:00:00Z'>Tuesday</span>"
    recognised, capture = looked_again(
        first, first.replace("More on this</h3>", f"More on this</h3>{marked}")
    )
    assert not recognised
    assert capture.extraction is not None
    assert capture.extraction.modified_at == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_where_nothing_is_furniture_a_new_box_may_be_the_text() -> None:
    first = page(text=TEXT[:3]).replace('class="story-body"', 'class="sidebar widget"')
    box = "".join(f"<span>{text}</span><br><br>" for text in TEXT * 3)
    recognised, _ = looked_again(
        first, first.replace("</main>", f"<div class='related promo'>{box}</div></main>")
    )
    assert not recognised


def test_a_wall_is_not_recognised_as_the_article_it_stands_before() -> None:
    wall = "<title>Just a moment...</title><body><h1>Checking your browser</h1><p>Please wait.</p></body>"
    recognised, capture = looked_again(page(), wall)
    assert not recognised
    assert capture.verdict is Verdict.BLOCKED


def test_what_was_noted_is_noted_again() -> None:
    offer = '<div class="offer"><p>Subscribe to continue reading this story.</p></div>'
    short = page(text=TEXT[:2], after=offer)
    recognised, capture = looked_again(short, short)
    assert recognised
    assert capture.reasons
    assert "paywall" in capture.reasons[0]


@pytest.mark.parametrize("form", ["", "[]", "{}", "{", '"x"', '{"outline": 1}', '{"reader": "page/1"}'])
def test_a_locator_that_cannot_be_read_is_as_good_as_none(form: str) -> None:
    before = known(page())
    assert look(page(), Known(form, before.extraction)).extraction == before.extraction


def test_a_locator_of_another_reading_is_as_good_as_none() -> None:
    before = known(page())
    other = Known(before.locator, look(page(text=TEXT[:4])).extraction or before.extraction)
    assert look(page(), other).extraction == before.extraction
    older = Known(before.locator.replace(EXTRACTOR, "page/0"), before.extraction)
    assert look(page(), older).extraction is not before.extraction


def test_where_a_source_has_selectors_every_look_is_a_full_one() -> None:
    told = Told(selectors=Selectors(body=".story-body p"))
    assert look(page(), told=told).locator is None


PARTS = [
    *NOISE,
    *(f"<p>{text}</p>" for text in TEXT),
    "Bare words. ",
    "<h2>A heading</h2>",
    "<br>",
    "<b>bold</b>",
    '<a href="/somewhere?id=1&utm_source=a">Words that lead somewhere</a>',
    f'<p>{TEXT[6]} <a href="/else?sid=1">More of it stands there</a>, and here.</p>',
    f'<p>{TEXT[6]} <a href="/else?sid=2">More of it stands there</a>, and here.</p>',
    f'<p>{TEXT[6]} <a href="/other?p=2">More of it stands there</a>, and here.</p>',
    '<figure><img src="/pier.jpg"><figcaption>The second pier in January</figcaption></figure>',
    '<div><a rel="author" href="/author?ref=a">Ada Merrow</a></div>',
]
HEADS = [
    HEAD,
    HEAD.replace("</title>", "</title><base href='/news/'>"),
    HEAD + '<meta property="og:image" content="/pier.jpg">',
    HEAD + '<meta property="og:image" content="/deck.jpg">',
]


@law(60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_ways_agree_whatever_is_put_in_or_taken_out(data: st.DataObject) -> None:
    draw = data.draw
    some = st.lists(st.sampled_from(PARTS), max_size=4).map("".join)
    head = st.sampled_from(HEADS)
    text = st.sampled_from([TEXT, LINKED])
    first, second = (
        page(head=draw(head), text=draw(text), before=draw(some), between=draw(some), after=draw(some))
        for _ in range(2)
    )
    if look(first).locator is not None:
        looked_again(first, second)
        looked_again(first, first)
        looked_again(first, first.replace("sid=1", "sid=3").replace("utm_source=a", "utm_source=b"))
        looked_again(first, first.replace("id=1", "id=3").replace("ref=a", "ref=/author/b"))
        looked_again(first, with_noise(first, draw(st.integers(1, 99))))
