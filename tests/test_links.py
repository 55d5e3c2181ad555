"""The links of the text are read with it: their words, their place, and where they lead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.extract import extract
from monitor.extract.addresses import leads_to, steady, without_noise
from storage.records import Extraction, Link, Selectors, Told, block_key
from tests.laws import law

URL = "https://paper.example/news/the-ferry"
FIRST = (
    "The ferry to the far bank ran late all morning, because the river had risen by two metres since Sunday."
)
SECOND = (
    "People who work over there were told to go by Kelling, where the old bridge was open to everybody again."
)
THIRD = (
    "The council wants to talk about a second boat next week, and about what it would cost to hire the crew."
)
LAW = law(200, derandomize=True)


def read(*blocks: str, head: str = "", told: Told = Told(), url: str = URL) -> Extraction:  # noqa: B008
    body = "".join(blocks)
    page = (
        f"<!doctype html><html lang='en'><head><title>The ferry</title>{head}</head><body><main>"
        f"<h1>The ferry</h1><div class='story-body'>{body}</div></main></body></html>"
    )
    return extract(page.encode(), url=url, told=told)


def linked(text: str, words: str, href: str) -> str:
    assert words in text
    link = f'<a href="{href}">{words}</a>'
    return f"<p>{text.replace(words, link, 1)}</p>"


def found(extraction: Extraction) -> list[tuple[int, str, str]]:
    for link in extraction.links:
        assert link.text in extraction.paragraphs[link.paragraph].text
    return [(link.paragraph, link.text, link.url) for link in extraction.links]


def test_a_link_is_its_words_its_paragraph_and_where_it_leads() -> None:
    page = read(
        linked(FIRST, "the far bank", "/places/far-bank"),
        f"<p>{SECOND}</p>",
        linked(THIRD, "The council", "https://council.example/"),
    )
    assert page.links == (
        Link(paragraph=0, text="the far bank", url="https://paper.example/places/far-bank"),
        Link(paragraph=2, text="The council", url="https://council.example/"),
    )


def test_links_keep_their_order_within_a_paragraph() -> None:
    text = FIRST.replace("The ferry", "<a href='/a'>The ferry</a>").replace("river", "<a href='/b'>river</a>")
    assert [words for _, words, _ in found(read(f"<p>{text}</p><p>{SECOND}</p>"))] == ["The ferry", "river"]


def test_words_that_are_marked_up_inside_a_link_are_one_link() -> None:
    page = read(f"<p><a href='/a'>The <b>ferry</b> to <i>the far</i> bank</a>{FIRST[25:]}</p><p>{SECOND}</p>")
    assert found(page) == [(0, "The ferry to the far bank", "https://paper.example/a")]


def test_a_link_around_two_blocks_stands_in_both() -> None:
    long = f"{FIRST} {SECOND} {THIRD}"
    page = read(
        f"<p>{FIRST}</p><a href='/a'><p>{long}</p><blockquote>{THIRD}</blockquote></a><p>{long} {FIRST}</p>"
    )
    assert found(page) == [(1, long, "https://paper.example/a"), (2, THIRD, "https://paper.example/a")]


def test_relative_links_count_from_the_base_of_the_page() -> None:
    page = read(
        linked(FIRST, "the far bank", "bank"),
        f"<p>{SECOND}</p>",
        head="<base href='https://archive.example/2026/'>",
    )
    assert found(page) == [(0, "the far bank", "https://archive.example/2026/bank")]


NOWHERE = [
    "#note-3",
    "",
    "javascript:void(0)",
    "tel:+4912345",
    "data:text/html,x",
    f"{URL}#note-3",
    "https://",
    "http://[bad/",
    "/cdn-cgi/l/email-protection#5b3a29",
    "mailto:",
]


@pytest.mark.parametrize("href", NOWHERE)
def test_what_leads_to_no_other_place_is_no_link(href: str) -> None:
    assert read(linked(FIRST, "the far bank", href), f"<p>{SECOND}</p>").links == ()


def test_a_picture_in_a_link_has_no_words_and_is_none() -> None:
    assert read(f"<p>{FIRST}<a href='/large.jpg'><img src='/s.jpg'></a></p><p>{SECOND}</p>").links == ()


def test_a_mail_address_is_a_target_too() -> None:
    page = read(linked(FIRST, "The ferry", "mailto:boat@ferry.example?subject=Late"), f"<p>{SECOND}</p>")
    assert found(page) == [(0, "The ferry", "mailto:boat@ferry.example")]


FURNITURE = [
    '<div class="related"><a href="/x">Another story altogether</a></div>',
    '<aside><p><a href="/x">Another story altogether</a></p></aside>',
    '<p><a href="/x">Read more</a></p>',
    '<ul class="share-tools"><li><a href="/x">Share</a></li></ul>',
    '<div hidden><p>Unseen words with <a href="/x">a link</a>, long enough to be taken for prose by anyone.</p></div>',
    '<p>Follow us on <a href="/x">Facebook</a> and subscribe to our newsletter.</p>',
]


@pytest.mark.parametrize("block", FURNITURE)
def test_links_of_furniture_never_count(block: str) -> None:
    page = read(linked(FIRST, "The ferry", "/a"), block, f"<p>{SECOND}</p>", linked(THIRD, "boat", "/b"))
    assert found(page) == [
        (0, "The ferry", "https://paper.example/a"),
        (2, "boat", "https://paper.example/b"),
    ]


def test_links_keep_their_paragraph_after_what_is_no_paragraph_is_taken_out() -> None:
    """A headline said twice, a byline, a standfirst and what the host repeats stand before or among them."""
    page = read(
        "<h2>The ferry</h2><p>By <a rel='author' href='/people/merrow'>Ada Merrow</a></p>",
        "<p class='standfirst'>A river that rose by two metres keeps a <a href='/boat'>boat</a> from its pier.</p>",
        linked("Our readers pay for what we write, and we thank them for it.", "pay", "/pay"),
        linked(FIRST, "The ferry", "/a"),
        linked(SECOND, "Kelling", "/b"),
        head="<meta name='author' content='Ada Merrow'><meta name='description' "
        "content='A river that rose by two metres keeps a boat from its pier.'>",
        told=Told(
            boilerplate=frozenset({block_key("Our readers pay for what we write, and we thank them for it.")})
        ),
    )
    assert page.standfirst is not None
    assert [paragraph.text for paragraph in page.left_out] == [
        "Our readers pay for what we write, and we thank them for it."
    ]
    assert [paragraph.text for paragraph in page.paragraphs] == [FIRST, SECOND]
    assert found(page) == [
        (0, "The ferry", "https://paper.example/a"),
        (1, "Kelling", "https://paper.example/b"),
    ]


def test_a_sources_own_selectors_find_links_as_well() -> None:
    told = Told(selectors=Selectors(body=".own p"))
    page = read(
        f"<div class='own'>{linked(FIRST, 'The ferry', 'a?utm_source=x')}</div>",
        linked(SECOND, "Kelling", "/b"),
        told=told,
    )
    assert found(page) == [(0, "The ferry", "https://paper.example/news/a")]


NOISE = [
    "utm_source=mail&utm_campaign=x",
    "fbclid=IwAR0abc",
    "gclid=1",
    "at_medium=rss",
    "mc_cid=3f&mc_eid=4",
    "xtor=RSS-1",
    "PHPSESSID=abcdef0123",
    "sid=4",
    "_=1699999999",
    "nonce=abc",
    "h=AT0ryDPnZCl0AoeTM2dCQd63f5v9Zr4A09gMeazDnRLLFno",
    "s=0a1b2c3d4e5f60718293a4b5",
    "ref=homepage",
    "amp;utm_medium=mail",
]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize(
    "shape", ["/story?{}", "/story?id=7&{}", "/story?{}&id=7", "https://other.example/?{}#part"]
)
def test_what_counts_readers_or_tells_visits_apart_is_taken_off(noise: str, shape: str) -> None:
    clean = shape.format("").replace("?&", "?").rstrip("?&").replace("?#", "#")
    assert leads_to(shape.format(noise), URL, URL) == leads_to(clean, URL, URL)


NAMES = [
    "?id=5f2a9c1b3d4e5f6071829304",
    "?p=4711",
    "?story=the-ferry",
    "?v=dQw4w9WgXcQ",
    "?article=20260301",
    "?q=river+ferry",
    "?page=2",
    "?ref=2026-114",
    "?lang=en",
    "?doc=privacy-policy-2026-for-europe",
]


@pytest.mark.parametrize("query", NAMES)
def test_what_names_a_document_stays(query: str) -> None:
    assert leads_to(f"https://other.example/read{query}", URL, URL) == f"https://other.example/read{query}"


def test_hosts_are_in_lower_case_and_sessions_leave_the_path() -> None:
    assert leads_to("HTTPS://Other.Example/A;jsessionid=4F3?x=1", URL, URL) == "https://other.example/A?x=1"


HREFS = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(
            [
                "",
                "/",
                "a/b",
                "../c",
                "https://a.example/b",
                "http://B.example",
                "//c.example/x ",
                "mailto:a@b.c",
            ]
        ),
        st.sampled_from(["", ";jsessionid=1", ";a", "?"]),
        st.lists(st.sampled_from([*NOISE, *NAMES, "a=b", "&", "?", "amp;a=1"]), max_size=4).map(
            lambda pairs: "?" + "&".join(pairs)
        ),
        st.sampled_from(["", "#", "#part", "#xtor=RSS", "#:~:text=a", "#ref=x&utm_source=y"]),
    ),
)


@LAW
@given(HREFS)
@example("?utm_source=x")
@example("https://a.example/b ?utm_source=x")
def test_a_link_that_is_cleaned_twice_stays_the_same(href: str) -> None:
    assert without_noise(without_noise(href)) == without_noise(href)
    once = leads_to(href, URL, URL)
    if once is not None:
        assert leads_to(once, URL, URL) == once
        assert leads_to(once, "https://elsewhere.example/", URL) == once


@LAW
@given(HREFS, HREFS)
def test_markup_that_is_steady_has_the_same_links(one: str, other: str) -> None:
    """A page is recognised by its steady markup: then its links must lead where they led."""
    blocks = [f'<p><a href="{_quoted(href)}">words</a></p>'.encode() for href in (one, other)]
    if steady(blocks[0]) == steady(blocks[1]):
        assert leads_to(one, URL, URL) == leads_to(other, URL, URL)


def _quoted(href: str) -> str:
    return href.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def test_links_are_not_of_the_text() -> None:
    page = read(linked(FIRST, "The ferry", "/a"), f"<p>{SECOND}</p>")
    other = read(linked(FIRST, "The ferry", "/b"), f"<p>{SECOND}</p>")
    assert page.text_digest == other.text_digest
    assert replace(page, links=()) == replace(other, links=())
