"""The fields of a page are what its reader is told, and each says where it came from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from monitor.extract.fields import Fields, read_fields
from monitor.extract.tree import parse

URL = "https://www.standard.example/world/bridge.html"
HEADLINE = "Council votes to close the old bridge"


def read(body: str = "", head: str = "", *, url: str = URL, lang: str = "en") -> Fields:
    root, _troubles = parse(f'<html lang="{lang}"><head>{head}</head><body>{body}</body></html>'.encode())
    assert root is not None
    before = etree.tostring(root)
    fields = read_fields(root, url)
    assert etree.tostring(root) == before
    return fields


def linked(**said: Any) -> str:
    node = {"@type": "NewsArticle"} | said
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def day(fields: Fields) -> str | None:
    return fields.published_at.date().isoformat() if fields.published_at else None


# --------------------------------------------------------------------- the headline


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f"<h1>The Standard</h1><h1>{HEADLINE}</h1>", f"<title>{HEADLINE} | The Standard</title>"),
        (f"<h1>{HEADLINE}</h1>", "<title>Bridge to shut for good</title>"),
        (f"<h1><span>Town hall</span> <span>{HEADLINE}</span></h1>", f"<title>{HEADLINE}</title>"),
        (
            f"<h1>Standard</h1><h2>{HEADLINE}</h2><p>Text.</p>",
            f'<meta property="og:title" content="{HEADLINE}">',
        ),
        (
            "",
            f'<meta property="og:site_name" content="The Standard"><title>{HEADLINE} - The Standard</title>',
        ),
        ("", f'<meta name="twitter:title" value="{HEADLINE}">'),
    ],
)
def test_the_headline_is_the_articles_and_not_the_sites(body: str, head: str) -> None:
    assert read(body, head).headline == HEADLINE


# --------------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("body", "head", "origin"),
    [
        ("", linked(headline=HEADLINE, datePublished="2020-05-04T23:00:00-05:00"), "json-ld"),
        ("", '<meta name="parsely-pub-date" content="2020-05-04T10:00:00Z">', "meta"),
        ("", '<meta name="DC.date.issued" content="2020-05-04">', "meta"),
        ('<span itemprop="datePublished">4 May 2020</span>', "", "page itemprop"),
        (f"<h1>{HEADLINE}</h1><time datetime='2020-05-04'>Monday</time>", "", "page time"),
        (f"<h1>{HEADLINE}</h1><p>Jane Doe</p><p>4 de mayo de 2020</p>", "", "page text"),
        (f"<p class='date'>4.5.2020</p><h1>{HEADLINE}</h1><p>Text.</p>", "", "page time"),
    ],
)
def test_the_day_is_found_wherever_it_stands(body: str, head: str, origin: str) -> None:
    fields = read(body, head, lang="es")
    assert (day(fields), fields.origins["published_at"]) == ("2020-05-04", origin)


def test_the_address_names_the_day_where_nothing_else_does() -> None:
    fields = read(f"<h1>{HEADLINE}</h1>", url="https://x.example/2020/05/04/bridge")
    assert (day(fields), fields.origins["published_at"]) == ("2020-05-04", "url")


def test_neither_an_update_nor_a_teaser_nor_a_comment_says_when_it_was_published() -> None:
    others = (
        "<div class='updated'>Updated <time>6 May 2020</time></div>"
        "<div class='related'><time>7 May 2020</time></div><div class='comments'><time>8 May 2020</time></div>"
    )
    assert day(read(f"<h1>{HEADLINE}</h1>{others}<p><time>4 May 2020</time></p>")) == "2020-05-04"


def test_a_date_right_above_the_headline_wins_over_those_of_cards_further_down() -> None:
    cards = "<div><p>Text.</p></div>" * 100 + "<div><h3>Other</h3><time>7 May 2020</time></div>"
    assert day(read(f"<p>4 May 2020</p><h1>{HEADLINE}</h1><p>Text.</p>{cards}")) == "2020-05-04"
    assert (
        day(read(f"<time>4 May 2020</time><h1>{HEADLINE}</h1><p>Rule 1.1.12 is gone.</p>{cards}"))
        == "2020-05-04"
    )


def test_a_written_update_counts_only_where_nothing_else_says_when() -> None:
    update = "<div><span>Last updated 6 May 2020</span></div>"
    assert day(read(f"{update}<h1>{HEADLINE}</h1><p>4 May 2020</p>")) == "2020-05-04"
    assert day(read(f"{update}<h1>{HEADLINE}</h1><p>Text.</p>")) == "2020-05-06"


# --------------------------------------------------------------------- who


@pytest.mark.parametrize(
    ("body", "head", "names"),
    [
        ("", linked(author=[{"name": "Jane Doe"}, {"name": "John Roe"}]), ("Jane Doe", "John Roe")),
        (
            "",
            linked(author={"@type": "Organization", "name": "Centre for Bridges and Roads"}),
            ("Centre for Bridges and Roads",),
        ),
        ("", '<meta name="parsely-author" content="Jane Doe">', ("Jane Doe",)),
        (
            "<p class='byline'>By <a>Jane Doe</a> and <a>John Roe</a><i>Town reporter</i></p>",
            "",
            ("Jane Doe", "John Roe"),
        ),
        ("<div class='author'><b class='author-name'>Jane Doe</b><i>Founder</i></div>", "", ("Jane Doe",)),
        ("<p>By Jane Doe</p>", "", ("Jane Doe",)),
        ("<p class='byline'>Jane Doe</p>", '<meta name="author" content="Standard">', ("Jane Doe",)),
        ("<p class='byline'>Jane Doe and John Roe</p>", linked(author="Jane Doe"), ("Jane Doe", "John Roe")),
        ("<ol class='comments'><li><b class='author'>Troll Name</b></li></ol>", "", ()),
        ("<p>Text by nobody at all.</p>", "", ()),
        ("<div><span>By</span><span>Jane Doe</span></div>", "", ("Jane Doe",)),
        ("<div><p><b>Written by</b></p></div><div><p>Jane Doe</p></div>", "", ("Jane Doe",)),
        ("<p>Eine Kolumne von Jane Doe</p>", "", ("Jane Doe",)),
        ("<p><em>-- by Jane Doe</em></p>", "", ("Jane Doe",)),
        ("<a href='/about/editors/jane-doe/'>Jane Doe</a>", "", ("Jane Doe",)),
        ("<span class='authorname-txt'>Jane Doe</span>", "", ("Jane Doe",)),
        ("<p class='byline'>Jane Doe</p>", '<meta name="author" content="Doe, Jane">', ("Jane Doe",)),
        (
            "<p class='byline'>Jane Doe, The Standard</p>",
            '<meta property="og:site_name" content="The Standard">',
            ("Jane Doe",),
        ),
        ("<p class='byline'>Jane Doe <i>News & Culture Writer</i></p>", "", ("Jane Doe",)),
        (
            "<p class='byline'>By <a class='author'>Jane Doe</a> Fact checked by <a class='author'>John Roe</a></p>",
            "",
            ("Jane Doe",),
        ),
        ("<div class='post-footer'><p class='author'>Jane Doe</p></div>", "", ("Jane Doe",)),
        ("<div class='elementor-widget-container'><p class='author'>Jane Doe</p></div>", "", ("Jane Doe",)),
        ("", '<meta name="author" content="Editor">', ("Editor",)),
        ("", '<meta name="author" content="admin">', ()),
    ],
)
def test_the_byline_is_the_articles_own(body: str, head: str, names: tuple[str, ...]) -> None:
    assert read(f"<h1>{HEADLINE}</h1>{body}", head).byline == names


def test_names_above_the_headline_are_those_of_a_menu_where_others_follow_it() -> None:
    menu = "".join(f"<p class='author'>Other Name{letter}</p>" for letter in "abc")
    assert read(f"{menu}<h1>{HEADLINE}</h1><p class='author'>Jane Doe</p>").byline == ("Jane Doe",)
    assert read(f"<p class='author'>Jane Doe</p><h1>{HEADLINE}</h1><p>Text.</p>").byline == ("Jane Doe",)


def test_the_foot_of_the_article_is_its_own_and_that_of_the_page_is_not() -> None:
    foot = "<footer><span class='author'>Jane Doe</span></footer>"
    assert read(f"<article><h1>{HEADLINE}</h1><p>Text.</p>{foot}</article>").byline == ("Jane Doe",)
    assert read(f"<article><h1>{HEADLINE}</h1><p>Text.</p></article>{foot}").byline == ()


def test_a_biography_in_the_box_of_a_byline_is_no_name() -> None:
    life = f"<p class='author-bio'>I am Jane. {'Words. ' * 60}</p>"
    box = f"<div class='author'><p class='author-name'>Jane Doe</p>{life}</div>"
    assert read(f"<h1>{HEADLINE}</h1>{box}").byline == ("Jane Doe",)


def test_an_author_is_found_elsewhere_in_the_graph() -> None:
    graph = {
        "@graph": [
            {"@type": "WebPage", "datePublished": "2020-05-04"},
            {"@type": "Article", "headline": HEADLINE, "author": {"@id": "#jane"}},
            {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
        ]
    }
    fields = read(head=f'<script type="application/ld+json">{json.dumps(graph)}</script>')
    assert (fields.byline, day(fields)) == (("Jane Doe",), "2020-05-04")


def test_of_many_articles_the_one_with_the_pages_headline_is_meant() -> None:
    nodes = [{"@type": "NewsArticle", "headline": f"Story {n}", "author": f"Other Name{n}"} for n in "abc"]
    nodes.insert(2, {"@type": "NewsArticle", "headline": HEADLINE, "author": "Jane Doe"})
    script = f'<script type="application/ld+json">{json.dumps([nodes])}</script>'
    assert read(f"<h1>{HEADLINE}</h1>", script).byline == ("Jane Doe",)


# --------------------------------------------------------------------- the rest


def test_standfirst_section_language_addresses_and_caption() -> None:
    fields = read(
        f"<h1>{HEADLINE}</h1><p class='standfirst'>Ferries are coming back to town, the mayor says.</p>"
        "<figure><img src='/a.jpg'><figcaption>The bridge in winter.</figcaption></figure>",
        '<link rel="canonical" href="/bridge#top"><meta property="og:image" content="/lead.jpg">'
        '<meta property="article:section" content="World">',
        lang="pt-BR",
    )
    assert fields.standfirst == "Ferries are coming back to town, the mayor says."
    assert (fields.section, fields.language) == ("World", "pt")
    assert fields.canonical_url == "https://www.standard.example/bridge"
    assert fields.image == "https://www.standard.example/lead.jpg"
    assert fields.image_caption == "The bridge in winter."
    found = {"headline", "standfirst", "section", "language", "canonical_url", "image", "image_caption"}
    assert fields.origins.keys() == found


def test_the_first_paragraph_of_the_text_is_no_standfirst() -> None:
    said = "The council voted on Tuesday to close the bridge."
    head = f'<meta name="description" content="{said}">'
    assert read(f"<h1>{HEADLINE}</h1><p>{said}</p><p>More of it.</p>", head).standfirst is None


def test_corrections_and_live_blogs_say_so() -> None:
    note = {"@type": "CorrectionComment", "text": "It was Tuesday.", "datePublished": "2020-05-05"}
    fields = read(head=linked(headline=HEADLINE, correction=[note, "Another one."]))
    assert fields.corrections == ("It was Tuesday.", "Another one.")
    assert not fields.live
    assert read(head=linked(**{"@type": "LiveBlogPosting"})).live
    assert read('<article itemscope itemtype="http://schema.org/LiveBlogPosting"></article>').live


# --------------------------------------------------------------------- what is broken


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","author":"Jane Doe","datePublished":"2020-05-04",}',
        '<!-- {"@type":"NewsArticle","author":"Jane Doe","datePublished":"2020-05-04"}; -->',
        '{"@type":"NewsArticle","description":"a\nb\tc","author":"Jane Doe","datePublished":"2020-05-04"}',
        '{"a":1}{"@type":"NewsArticle","author":"Jane Doe","datePublished":"2020-05-04"}',
        '{"@type":"NewsArticle","author":"Jane Doe","datePublished":"2020-05-04"}'.replace('"', "&quot;"),
        '{"@type":"NewsArticle","wordCount":'
        + "9" * 5000
        + ',"author":"Jane Doe","datePublished":"2020-05-04"}',
        '{"@type":"NewsArticle","headline":"A "b" c","author":{"name":"Jane Doe"},"datePublished":"2020-05-04"}',
    ],
)
def test_malformed_json_ld_is_read_as_far_as_it_goes(script: str) -> None:
    fields = read(head=f'<script type="application/ld+json">{script}</script>')
    assert (fields.byline, day(fields)) == (("Jane Doe",), "2020-05-04")


@pytest.mark.parametrize(
    "body",
    [
        "<div class='author'>" * 3000 + "By Jane",
        "<h1>" + "<span>" * 2000 + "x",
        "<time datetime='" + "9" * 5000 + "'></time>",
        "<h1></h1><link rel=canonical href='https://[::1/'><meta property='og:image' content='http://['>",
        "<script type='application/ld+json'>" + "[" * 5000 + "</script>",
        '<script type=\'application/ld+json\'>[{"@type":"Article","author":[[{}]],"image":[[]],"headline":3}]</script>',
        "<a href='/author' class='" + "author " * 3000 + "'>" + "a, " * 5000 + "</a>",
        "",
    ],
)
def test_nothing_on_a_page_raises(body: str) -> None:
    for url in (URL, "", "https://[::1", "not an address"):
        assert read(body, url=url) == read(body, url=url)


def test_a_moment_is_comparable_with_any_other() -> None:
    fields = read(head=linked(datePublished="2020-05-04T10:00:00"))
    assert fields.published_at == datetime(2020, 5, 4, 10, tzinfo=UTC)
