"""What is read out of a page is what a reader sees, and the same bytes are always read the same."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo import page as drawing
from demo.nouns import Page
from demo.story import SEEDS, load_story
from monitor.extract import EXTRACTOR, PLAIN_EXTRACTOR, extract, extract_plain
from monitor.extract.dates import parse_date
from monitor.extract.names import clean_names
from storage.records import Extraction, NoticeKind, ParagraphKind, Selectors, Told, fold_spaces

URL = "https://news.example/world/bridge.html"
HEADLINE = "Council votes to close the old bridge"
TEXTS = [
    "The council voted on Tuesday to close the old bridge over the river, after a debate that went on until midnight.",
    "The mayor said that the work would begin in June and that a ferry would carry people across in the meantime.",
    "“Nobody wants this, but the bridge would not stand another winter,” she told reporters on the steps of the hall.",
    "Shopkeepers on both sides of the water fear for their trade, and some of them have asked for help with the rent.",
]
BODY = "".join(f"<p>{text}</p>" for text in TEXTS)


def page(
    body: str = BODY, *, head: str = "", above: str = "", h1: str = HEADLINE, title: str = HEADLINE
) -> bytes:
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f"<nav><a href='/'>Home</a> <a href='/world'>World</a></nav><article><h1>{h1}</h1>{above}{body}</article>"
        "<aside class='related'><h2>More</h2><p>Ten things that you did not know about ferries.</p></aside>"
        "<footer><p>All rights reserved by the outlet and its partners.</p></footer></body></html>"
    ).encode()


def linked(**fields: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle"} | fields
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def read(body: bytes, **arguments: Any) -> Extraction:
    return extract(body, url=URL, **arguments)


def texts(extraction: Extraction) -> list[str]:
    return [paragraph.text for paragraph in extraction.paragraphs]


# --------------------------------------------------------------------- the text


def test_the_text_is_the_article_and_nothing_around_it() -> None:
    extraction = read(page())
    assert texts(extraction) == TEXTS
    assert extraction.text == "\n\n".join(TEXTS)
    assert (extraction.headline, extraction.extractor) == (HEADLINE, EXTRACTOR)
    assert not extraction.plain


@pytest.mark.parametrize(
    "name", ["newsletter-signup", "ad-slot", "related", "promo", "most-read", "trending", "read-more"]
)
def test_a_block_that_calls_itself_furniture_is_left_out(name: str) -> None:
    foreign = f"<div class='{name}'><p>Sign up here for the best of the week, every Friday at noon.</p></div>"
    assert texts(read(page(f"<p>{TEXTS[0]}</p>{foreign}" + BODY[len(TEXTS[0]) + 7 :]))) == TEXTS


def test_blocks_are_typed_by_what_they_are() -> None:
    body = (
        f"<p>{TEXTS[0]}</p><h2>What comes next</h2><p>{TEXTS[1]}</p><blockquote>{TEXTS[2]}</blockquote>"
        f"<ul><li>A ferry every ten minutes</li><li>No cars for two years</li></ul><p>{TEXTS[3]}</p>"
    )
    assert [paragraph.kind for paragraph in read(page(body)).paragraphs] == [
        ParagraphKind.PARAGRAPH,
        ParagraphKind.HEADING,
        ParagraphKind.PARAGRAPH,
        ParagraphKind.QUOTE,
        ParagraphKind.LIST,
        ParagraphKind.LIST,
        ParagraphKind.PARAGRAPH,
    ]


def test_a_caption_is_kept_in_its_place_and_typed_as_one() -> None:
    figure = (
        "<figure><img src='a.jpg' alt=''><figcaption>The bridge as it stood in May.</figcaption></figure>"
    )
    extraction = read(page(f"<p>{TEXTS[0]}</p>{figure}" + "".join(f"<p>{text}</p>" for text in TEXTS[1:])))
    assert texts(extraction) == [TEXTS[0], "The bridge as it stood in May.", *TEXTS[1:]]
    assert extraction.paragraphs[1].kind is ParagraphKind.CAPTION


@pytest.mark.parametrize("depth", [30, 300])
def test_no_text_is_lost_for_its_depth(depth: int) -> None:
    assert texts(read(page("<div>" * depth + BODY + "</div>" * depth))) == TEXTS


def test_spaces_are_folded_as_a_browser_folds_them() -> None:
    loose = TEXTS[0].replace(" ", "&nbsp;\n  ")
    assert texts(read(page(BODY.replace(TEXTS[0], loose)))) == TEXTS


def test_nul_characters_change_nothing() -> None:
    assert read(page().replace(b"council", b"coun\0cil")) == read(page())


@pytest.mark.parametrize(
    "body",
    [b"", b" \n", b"\0\0", b"<", b"<html></html>", b"<!-- only this -->", b"\xff\xfe", b"<p>", b"</p></p>"],
)
def test_a_page_with_nothing_in_it_reads_as_nothing(body: bytes) -> None:
    extraction = read(body)
    assert (extraction.headline, extraction.paragraphs, extraction.text) == (None, (), "")


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_the_encoding_of_a_page_changes_nothing_of_what_is_read(encoding: str) -> None:
    body = page().decode().replace('<meta charset="utf-8">', "").encode(encoding)
    assert read(body, content_type=f"text/html; charset={encoding}") == read(page())


def test_the_same_bytes_are_read_the_same_whatever_was_read_between() -> None:
    first = read(page())
    read(page("<p>Another page altogether, read in between.</p>" * 9, h1="Another"))
    assert read(page()) == first


# --------------------------------------------------------------------- the headline


@pytest.mark.parametrize(
    ("head", "h1", "headline"),
    [
        ("", HEADLINE, HEADLINE),
        (linked(headline="Council votes to close bridge"), HEADLINE, HEADLINE),
        ('<meta property="og:title" content="Council to close old bridge">', HEADLINE, HEADLINE),
        (
            linked(headline="Votes are in: the old bridge will be closed for ever"),
            "The Northgate Standard",
            None,
        ),
    ],
)
def test_the_headline_is_the_one_a_reader_sees_where_the_metadata_agrees(
    head: str, h1: str, headline: str | None
) -> None:
    expected = headline or "Votes are in: the old bridge will be closed for ever"
    assert read(page(head=head, h1=h1, title="x" if headline is None else HEADLINE)).headline == expected


def test_of_two_headings_the_one_that_the_metadata_means_is_the_headline() -> None:
    body = page(head=linked(headline=HEADLINE)).replace(b"<nav>", b"<h1>The Northgate Standard</h1><nav>")
    assert read(body).headline == HEADLINE


def test_without_a_heading_the_metadata_speaks_and_then_the_title() -> None:
    def without(head: str, title: str) -> str | None:
        return read(page(head=head, title=title).replace(f"<h1>{HEADLINE}</h1>".encode(), b"")).headline

    og = '<meta property="og:title" content="From OpenGraph">'
    assert without(linked(headline="From schema.org") + og, "From the title") == "From schema.org"
    assert without(og, "From the title") == "From OpenGraph"
    assert without("", "From the title | The Northgate Standard") == "From the title"


def test_a_headline_repeated_as_the_first_paragraph_is_not_text() -> None:
    body = page(f"<p>{HEADLINE.upper()}!</p>{BODY}").replace(f"<h1>{HEADLINE}</h1>".encode(), b"")
    assert texts(read(body)) == TEXTS


# --------------------------------------------------------------------- who, when and what else

META = (
    '<meta name="author" content="Meta Author"><meta property="article:published_time" content="2024-01-01T01:00:00Z">'
    '<meta property="article:modified_time" content="2024-01-01T02:00:00Z">'
    '<meta property="article:section" content="Meta section">'
)
LINKED = linked(
    author=[{"@type": "Person", "name": "Linked Author"}],
    datePublished="2024-02-02T01:00:00+01:00",
    dateModified="2024-02-02T03:00:00+0100",
    articleSection=["Linked section", "Another"],
)


def fields(extraction: Extraction) -> tuple[object, ...]:
    return extraction.byline, extraction.published_at, extraction.modified_at, extraction.section


def test_schema_org_is_believed_over_meta_elements() -> None:
    expected = (
        ("Linked Author",),
        datetime(2024, 2, 2, 0, 0, tzinfo=UTC),
        datetime(2024, 2, 2, 2, 0, tzinfo=UTC),
        "Linked section",
    )
    assert fields(read(page(head=META + LINKED))) == expected
    assert fields(read(page(head=LINKED))) == expected


def test_meta_elements_are_believed_where_schema_org_is_silent() -> None:
    expected = (
        ("Meta Author",),
        datetime(2024, 1, 1, 1, 0, tzinfo=UTC),
        datetime(2024, 1, 1, 2, 0, tzinfo=UTC),
        "Meta section",
    )
    assert fields(read(page(head=META))) == expected
    assert fields(read(page(head=META + linked(headline=HEADLINE)))) == expected


def test_an_article_inside_a_graph_is_found_beside_other_nodes() -> None:
    graph = {"@graph": [{"@type": "WebPage"}, {"@type": ["ReportageNewsArticle"], "author": "Ana Roux"}]}
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    assert read(page(head=script)).byline == ("Ana Roux",)


@pytest.mark.parametrize(
    "broken", ["{", "[" * 5000, '{"@type": "NewsArticle", "author": 7}', "null", '"text"', ""]
)
def test_broken_metadata_costs_nothing_but_itself(broken: str) -> None:
    head = f'<script type="application/ld+json">{broken}</script>'
    assert read(page(head=head)) == read(page())


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("By Jane Doe and John Smith", ("Jane Doe", "John Smith")),
        ("by  JANE DOE", ("JANE DOE",)),
        ("Von Anna Meier und Jan Kühn", ("Anna Meier", "Jan Kühn")),
        ("Par Élise Roux et Jean Dupont", ("Élise Roux", "Jean Dupont")),
        ("Por Ana Ruiz y Luis Gil", ("Ana Ruiz", "Luis Gil")),
        ("Jane Doe, Jane Doe", ("Jane Doe",)),
        ("By Jane Doe | 3 May 2024", ("Jane Doe",)),
        ("Andy Sandoval", ("Andy Sandoval",)),
        ("https://social.example/janedoe", ()),
        ("jane@news.example", ()),
        ("", ()),
    ],
)
def test_a_byline_is_names_only(said: str, names: tuple[str, ...]) -> None:
    assert clean_names(said) == names
    assert read(page(head=linked(author=said))).byline == names


def test_a_byline_that_only_a_reader_sees_is_read() -> None:
    assert read(page(above='<p class="byline">By Jane Doe and John Smith</p>')).byline == (
        "Jane Doe",
        "John Smith",
    )


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2024-11-17T18:52:00Z", datetime(2024, 11, 17, 18, 52, tzinfo=UTC)),
        ("2024-11-17T18:52:00+01:00", datetime(2024, 11, 17, 17, 52, tzinfo=UTC)),
        ("2024-11-17T18:52:00-0500", datetime(2024, 11, 17, 23, 52, tzinfo=UTC)),
        ("2024-11-17T18:52:00.500Z", datetime(2024, 11, 17, 18, 52, 0, 500_000, tzinfo=UTC)),
        ("2024-11-17 18:52", datetime(2024, 11, 17, 18, 52, tzinfo=UTC)),
        ("2024-11-17", datetime(2024, 11, 17, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1731869520, None),
    ],
)
def test_a_time_is_read_with_its_zone_or_not_at_all(said: object, moment: datetime | None) -> None:
    assert parse_date(said) == moment


def test_language_and_canonical_address_are_those_of_the_page() -> None:
    extraction = read(page(head='<link rel="canonical" href="/world/bridge#top">'))
    assert (extraction.language, extraction.canonical_url) == ("en", "https://news.example/world/bridge")
    for bad in ("javascript:alert(1)", "https://[::1/", "mailto:desk@news.example"):
        assert read(page(head=f'<link rel="canonical" href="{bad}">')).canonical_url is None


def test_a_description_is_a_standfirst_only_where_a_reader_sees_it() -> None:
    said = "After the debate the ferries are coming back to town"
    head = f'<meta name="description" content="{said}">'
    shown = page(head=head).replace(b"<article>", f"<div class='dek'>{said}</div><article>".encode())
    assert read(shown).standfirst == said
    assert read(page(head=head)).standfirst is None
    assert read(page(f"<p>{said}</p>{BODY}", head=head)).standfirst is None


def test_a_correction_in_the_metadata_is_a_notice() -> None:
    (notice,) = read(page(head=linked(correction="The vote was on Tuesday, not on Monday."))).notices
    assert (notice.kind, notice.text) == (NoticeKind.CORRECTION, "The vote was on Tuesday, not on Monday.")


def test_a_label_beside_the_headline_is_a_notice() -> None:
    (notice,) = read(page(above='<span class="label--breaking">Breaking</span>')).notices
    assert (notice.kind, notice.text) == (NoticeKind.BREAKING, "Breaking")


# --------------------------------------------------------------------- a source's own selectors


def test_selectors_that_find_something_win_over_everything() -> None:
    body = page(
        "<div class='b'><p>First.</p><blockquote>Said <b>so</b>.</blockquote><p class='x'>No.</p></div>"
        + BODY,
        above="<h2 class='h'>Chosen headline</h2><i class='w'>By Ana Roux</i>",
        head=linked(author="Linked Author", headline=HEADLINE),
    )
    chosen = read(body, told=Told(selectors=Selectors(body=".b", remove=".x", headline=".h", byline=".w")))
    assert (chosen.headline, chosen.byline) == ("Chosen headline", ("Ana Roux",))
    assert [(p.kind, p.text) for p in chosen.paragraphs] == [
        (ParagraphKind.PARAGRAPH, "First."),
        (ParagraphKind.QUOTE, "Said so."),
    ]


def test_selectors_that_find_nothing_change_nothing() -> None:
    told = Told(selectors=Selectors(body="#no", headline="#no", byline="#no"))
    assert read(page(), told=told) == replace(read(page()), told=told.version)


def test_a_paragraph_inside_a_quotation_is_read_once() -> None:
    body = page("<div class='b'><blockquote><p>Only once.</p></blockquote></div>")
    assert texts(read(body, told=Told(selectors=Selectors(body=".b")))) == ["Only once."]


# --------------------------------------------------------------------- plain text


@pytest.mark.parametrize(
    ("number", "headline"),
    [
        ("000", None),
        (
            "001",
            "Biden authorizes Ukraine to use US-supplied long-range missiles for deeper strikes inside Russia",
        ),
        ("002", "Joe Biden allows Ukraine to use US weapons in strikes on Russia - reports"),
        ("003", "Biden allows Ukraine to use US arms to strike inside Russia"),
        ("004", None),
    ],
)
def test_the_text_of_a_seed_is_the_whole_file_and_its_headline_is_found(
    number: str, headline: str | None
) -> None:
    text = next(Path(SEEDS).glob(f"{number}_*.txt")).read_text(encoding="utf-8")
    extraction = extract_plain(text)
    assert extraction.text == text
    assert extraction.headline == headline
    assert " ".join(texts(extraction)) == fold_spaces(text)
    assert (extraction.extractor, extraction.plain) == (PLAIN_EXTRACTOR, True)


def test_the_live_seed_carries_its_breaking_notice() -> None:
    text = next(Path(SEEDS).glob("000_*.txt")).read_text(encoding="utf-8")
    assert [notice.kind for notice in extract_plain(text).notices] == [NoticeKind.BREAKING]


@pytest.mark.parametrize(
    ("text", "headline", "paragraphs"),
    [
        ("Bridge shut\n\nIt was old.\n\nIt fell.", "Bridge shut", 3),
        ("Bridge shut\nIt was old.\nIt fell.", "Bridge shut", 3),
        ("Bridge shut\r\n\r\nIt was old.\r\n", "Bridge shut", 2),
        ("Bridge shut", None, 1),
        ("The bridge was shut.\n\nIt was old.", None, 2),
        ("word " * 26 + "\n\nIt was old.", None, 2),
        ("", None, 0),
        (" \n\n ", None, 0),
    ],
)
def test_a_short_first_block_that_is_no_sentence_is_the_headline(
    text: str, headline: str | None, paragraphs: int
) -> None:
    extraction = extract_plain(text)
    assert (extraction.headline, len(extraction.paragraphs)) == (headline, paragraphs)
    assert extraction.text == text


# --------------------------------------------------------------------- the demo's pages

PAGES = load_story().pages


@pytest.mark.parametrize("drawn", PAGES, ids=lambda drawn: drawn.name)
def test_the_same_version_amid_other_noise_reads_the_same(drawn: Page) -> None:
    for version in drawn.versions:
        bodies = [
            drawing.article(drawn, version, "https://news.example", random.Random(chance))
            for chance in range(4)
        ]
        assert len(set(bodies)) == 4
        first, *others = [extract(body, url="https://news.example" + drawn.path) for body in bodies]
        assert [replace(other, image=None) for other in others] == [replace(first, image=None)] * 3


@pytest.mark.parametrize("drawn", PAGES, ids=lambda drawn: drawn.name)
def test_a_drawn_page_is_read_as_it_was_written(drawn: Page) -> None:
    version = drawn.versions[0]
    body = drawing.article(drawn, version, "https://news.example", random.Random(7))
    extraction = extract(body, url="https://news.example" + drawn.path)
    assert extraction.headline == version.headline
    assert extraction.byline == drawn.byline
    assert (extraction.published_at, extraction.modified_at) == (version.published, version.modified)
    notices = [notice.text for notice in version.notices]
    assert [text for text in texts(extraction) if text not in notices] == [
        fold_spaces(t) for t in version.texts
    ]
    assert [notice.text for notice in extraction.notices] == notices
    captions = [p.text for p in extraction.paragraphs if p.kind is ParagraphKind.CAPTION]
    assert captions == [passage.text for passage in version.passages if passage.kind == "caption"]
