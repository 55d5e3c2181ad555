"""What stands beside the words is told where it changed, and only there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.compare import compare
from monitor.events.addresses import same_page
from monitor.events.media import (
    caption_events,
    image_events,
    link_events,
    media_events,
    moved_url_events,
)
from monitor.events.pictures import picture_key, same_picture
from monitor.extract import extract_plain
from storage.records import Event, EventKind, Extraction, Link, Paragraph, ParagraphKind, Severity
from tests.laws import law

LAW = law(100, derandomize=True)
BRIDGE = "The council voted on Tuesday to close the old bridge over the river."
FERRY = "Ferries were late all morning because of heavy fog in the harbour."
MILL = "Nobody was hurt when the roof of the paper mill came down."
TEXT = (BRIDGE, FERRY, MILL)


def page(*links: tuple[int, str, str], text: tuple[str, ...] = TEXT, **fields: Any) -> Extraction:
    paragraphs = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=paragraph) for paragraph in text)
    found = tuple(Link(paragraph=place, text=words, url=url) for place, words, url in links)
    return Extraction(
        **{"headline": "A day", "paragraphs": paragraphs, "extractor": "page/3", "links": found} | fields
    )


def links(old: Extraction, new: Extraction) -> list[tuple[str | None, str | None, str]]:
    found = list(link_events(compare(old, new)))
    assert all((e.kind, e.severity) == (EventKind.LINK_CHANGED, Severity.MINOR) for e in found)
    return [(event.old, event.new, event.where) for event in found]


A, B = "https://a.example/report", "https://b.example/2026/the-vote"


# ---------------------------------------------------------------------- links


def test_another_target_on_the_same_words_is_told() -> None:
    assert links(page((0, "old bridge", A)), page((0, "old bridge", B))) == [(A, B, "paragraph 1")]


def test_a_link_put_on_words_that_stood_there_is_told() -> None:
    assert links(page(), page((1, "the harbour", A))) == [(None, A, "paragraph 2")]


def test_a_link_taken_off_words_that_stay_is_told_where_it_was() -> None:
    old = page((1, "the harbour", A))
    new = page(text=("A first sentence that is new here.", *TEXT))
    assert links(old, new) == [(A, None, "paragraph 2")]


def test_links_that_come_or_go_with_their_words_are_told_with_these() -> None:
    assert links(page((1, "the harbour", A)), page(text=(BRIDGE, MILL))) == []
    assert links(page(text=(BRIDGE, MILL)), page((1, "the harbour", A))) == []
    reworded = (BRIDGE, "Ferries were late all morning because of heavy fog at the pier.", MILL)
    assert links(page((1, "in the harbour", A)), page(text=reworded)) == []
    assert links(page(), page((1, "at the pier", A), text=reworded)) == []


def test_a_link_in_a_sentence_that_is_new_is_no_link_put_on() -> None:
    longer = (f"{BRIDGE} A report on the bridge is due in May.", FERRY, MILL)
    assert links(page(), page((0, "A report on the bridge", A), text=longer)) == []


def test_nearly_the_same_words_with_another_target_are_the_same_link() -> None:
    assert links(page((0, "the old bridge", A)), page((0, "old bridge", B))) == [(A, B, "paragraph 1")]


def test_a_link_over_more_or_fewer_words_leads_where_it_led() -> None:
    assert links(page((0, "the old bridge", A)), page((0, "bridge", A))) == []
    assert links(page((0, "river", A)), page((0, "river.", A))) == []


def test_a_link_that_goes_along_with_a_moved_or_split_passage_is_no_change() -> None:
    old, new = page((2, "paper mill", A)), page((0, "paper mill", A), text=(MILL, BRIDGE, FERRY))
    assert links(old, new) == []
    one = page((0, "heavy fog", A), text=(f"{BRIDGE} {FERRY}", MILL))
    assert links(one, page((1, "heavy fog", A))) == []


def test_a_link_that_is_carried_to_another_sentence_is_no_change() -> None:
    text = (f"{BRIDGE} The bridge is old.", FERRY, MILL)
    assert links(page((0, "old bridge", A), text=text), page((0, "old bridge", A), text=text)) == []
    first = (f"The mayor said no. {BRIDGE}", "The mayor left.", MILL)
    assert links(page((0, "The mayor", A), text=first), page((1, "The mayor", A), text=first)) == []


def test_each_of_two_links_on_the_same_words_keeps_its_own_target() -> None:
    text = ("Read this report and that report before the vote on Friday evening.",)
    old = page((0, "report", A), (0, "report", B), text=text)
    assert links(old, page((0, "report", A), (0, "report", B), text=text)) == []
    other = "https://c.example/x"
    assert links(old, page((0, "report", A), (0, "report", other), text=text)) == [(B, other, "paragraph 1")]


TWINS = [
    ("http://a.example/report", "https://a.example/report"),
    ("https://www.a.example/report", "https://a.example/report/"),
    ("https://A.example/report", "https://a.example:443/report"),
    ("https://a.example/caf%C3%A9", "https://a.example/café"),
    ("https://a.example/report?utm_source=x", "https://a.example/report"),
    ("https://a.example/report?b=1&a=2", "https://a.example/report?a=2&b=1"),
    ("https://m.a.example/report", "https://a.example/report"),
    ("https://en.m.a.example/report", "https://en.a.example/report"),
    ("https://amp.a.example/report", "https://a.example/report"),
    ("https://a.example/report/amp/", "https://a.example/report"),
    ("https://a.example/amp/report", "https://a.example/report"),
    ("https://a.example/report.amp.html", "https://a.example/report.html"),
    ("https://a.example/report?outputType=amp", "https://a.example/report"),
    ("https://www.google.com/amp/s/a.example/report", "https://a.example/report"),
    ("https://a-example.cdn.ampproject.org/c/s/a.example/report", "https://a.example/report"),
    ("https://out.example/l.php?u=https%3A%2F%2Fa.example%2Freport&h=AT0r", "https://a.example/report"),
    ("https://a.example/news/index.html", "https://a.example/news/"),
    ("https://a.example/en-GB/report", "https://a.example/report"),
    ("https://a.example/report#part-2", "https://a.example/report"),
    ("mailto:Desk@a.example", "mailto:desk@a.example"),
]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_the_same_page_under_another_address_is_no_change(one: str, other: str) -> None:
    assert links(page((0, "old bridge", one)), page((0, "old bridge", other))) == []
    assert links(page((0, "old bridge", other)), page((0, "old bridge", one))) == []


OTHERS = [
    ("https://a.example/report", "https://a.example/report-2"),
    ("https://a.example/read?id=1", "https://a.example/read?id=2"),
    ("https://a.example/report", "https://b.example/report"),
    ("https://news.a.example/report", "https://a.example/report"),
    ("https://a.example/de/report", "https://a.example/fr/report"),
    ("https://a.example/report#part-1", "https://a.example/report#part-2"),
    ("https://a.example/Report.pdf", "https://a.example/report.pdf"),
    ("https://a.example/report", "mailto:desk@a.example"),
]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_page_is_a_change(one: str, other: str) -> None:
    assert links(page((0, "old bridge", one)), page((0, "old bridge", other))) == [
        (one, other, "paragraph 1")
    ]


WORDS = [f"word{number} and more" for number in range(12)]
MANY = tuple(f"A sentence of its own about {words} here." for words in WORDS)


def many(shape: str, count: int = 12) -> Extraction:
    """A text with a link in each paragraph; ``shape`` makes its address of a number."""
    return page(*((n, WORDS[n], shape.format(n)) for n in range(count)), text=MANY)


def test_a_site_that_moves_is_one_event_with_its_count() -> None:
    (event,) = links(many("https://old.example/a/{}"), many("https://new.example/a/{}"))
    assert event == ("old.example", "12 links lead to new.example instead", "article")
    (event,) = links(many("https://a.example/{}"), many("https://a.example/news/{}"))
    assert event == ("a.example", "12 links to a.example lead to other addresses there", "article")


def test_many_links_put_on_or_taken_off_at_once_are_one_event() -> None:
    assert links(many("", 0), many("https://a.example/{}")) == [
        (None, "12 links put on words that stay", "article")
    ]
    assert links(many("https://a.example/{}"), many("", 0)) == [
        ("12 links", "12 links taken off words that stay", "article")
    ]


def test_five_are_told_one_by_one() -> None:
    assert len(links(many("https://old.example/{}", 5), many("https://new.example/{}", 5))) == 5


def test_a_change_among_many_is_still_told_beside_them() -> None:
    old = replace(many("https://old.example/{}"), links=(*many("https://old.example/{}").links[:-1],))
    lone = Link(paragraph=11, text=WORDS[11], url=A)
    new = replace(many("https://new.example/{}"), links=(*many("https://new.example/{}").links[:-1], lone))
    assert [event[2] for event in links(old, new)] == ["article", "paragraph 12"]


def test_a_reading_that_knows_no_links_has_lost_none() -> None:
    old = page((0, "old bridge", A), image="https://a.example/x-one.jpg", image_caption="The bridge.")
    plain = extract_plain("A day\n\n" + "\n\n".join(TEXT))
    older = replace(page(), extractor="page/2")
    for other in (plain, older):
        assert not list(media_events(compare(old, other)))
        assert not list(media_events(compare(other, old)))


# ---------------------------------------------------------------------- pictures and captions


def events_of(kind: EventKind, old: Extraction, new: Extraction) -> list[Event]:
    return [event for event in media_events(compare(old, new)) if event.kind is kind]


SAME_PICTURES = [
    ("https://a.example/2026/bridge-1200x630.jpg", "https://a.example/2026/bridge-800x420.jpg"),
    ("https://a.example/bridge.jpg?w=1200&v=3", "https://cdn2.a.example/bridge.webp?w=600"),
    ("https://a.example/bridge-scaled.jpg", "https://a.example/bridge-e1700000000000-1024x683.jpg"),
    ("https://a.example/bridge-facebookJumbo.jpg", "https://a.example/bridge-superJumbo-v2.jpg"),
    ("https://img.example/w_1200,c_fill/v17/bridge.jpg", "https://img.example/w_640,c_fit/v18/bridge.jpg"),
    (
        "https://a.example/unsafe/1200x0/smart/https://s3.example/x/bridge.jpg",
        "https://s3.example/x/bridge.jpg",
    ),
    ("https://a.example/_next/image?url=%2Fimg%2Fbridge.jpg&w=1200", "https://a.example/img/bridge.jpg"),
    (
        "https://i.example/img/media/1f2e3d4c5b6a79880/0_100_5000_3000/master/5000.jpg?width=1200",
        "https://i.example/img/media/1f2e3d4c5b6a79880/0_50_4000_2400/500.jpg?width=300",
    ),
    (
        "https://a.example/news/1024/branded_news/12A/_98765_bridge.jpg",
        "https://b.example/640/cps/_98765_bridge.jpg",
    ),
    ("https://a.example/bridge@2x.png", "https://a.example/bridge_640.png"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PICTURES)
def test_the_same_picture_in_another_size_is_no_change(one: str, other: str) -> None:
    assert same_picture(one, other)
    assert not list(image_events(compare(page(image=one), page(image=other))))


OTHER_PICTURES = [
    ("https://a.example/2026/bridge-1200x630.jpg", "https://a.example/2026/ferry-1200x630.jpg"),
    ("https://a.example/photos/12345678.jpg", "https://a.example/photos/12345679.jpg"),
    (
        "https://i.example/img/media/1f2e3d4c5b6a79880/0_100_5000_3000/master/5000.jpg",
        "https://i.example/img/media/9988776655443322f/0_100_5000_3000/master/5000.jpg",
    ),
    ("https://a.example/bridge-1.jpg", "https://a.example/bridge-2.jpg"),
    ("https://a.example/image.php?id=1", "https://a.example/image.php?id=2"),
    ("https://a.example/story/4711/image.jpg", "https://a.example/story/4712345/image.jpg"),
    ("https://a.example/IMG_1234.jpg", "https://a.example/IMG_1235.jpg"),
]


@pytest.mark.parametrize(("one", "other"), OTHER_PICTURES)
def test_another_picture_is_told(one: str, other: str) -> None:
    (event,) = image_events(compare(page(image=one), page(image=other)))
    assert event == Event(
        kind=EventKind.IMAGE_CHANGED, severity=Severity.MINOR, old=one, new=other, where="image"
    )


def test_a_picture_that_came_or_went_is_told() -> None:
    shown = page(image="https://a.example/bridge.jpg")
    assert len(events_of(EventKind.IMAGE_CHANGED, page(), shown)) == 1
    assert len(events_of(EventKind.IMAGE_CHANGED, shown, page())) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/img/logo.png",
        "https://a.example/opengraph_default.jpg",
        "https://a.example/twitter-card.png",
    ],
)
def test_a_card_of_the_site_is_no_picture_of_the_article(address: str) -> None:
    other = page(image="https://a.example/assets/favicon.png")
    for one in (page(), other):
        assert not list(image_events(compare(one, page(image=address))))


@LAW
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_at_all_may_be_an_address(one: str, other: str) -> None:
    for start in ("", "https://", "https://a.example/"):
        assert same_page(start + one, start + one)
        assert same_page(start + one, start + other) == same_page(start + other, start + one)
        assert picture_key(start + one) == picture_key(start + one)
        old, new = (page(image=start + text, canonical_url=start + text) for text in (one, other))
        assert [e.kind for e in media_events(compare(old, old))] == []
        assert len(list(media_events(compare(old, new)))) <= 2


def test_a_caption_that_says_something_else_is_told_and_one_of_another_style_lightly() -> None:
    def told(old: str | None, new: str | None) -> list[Severity]:
        found = list(caption_events(compare(page(image_caption=old), page(image_caption=new))))
        assert all((e.kind, e.where) == (EventKind.CAPTION_CHANGED, "caption") for e in found)
        return [event.severity for event in found]

    assert told("The pier in May", "The pier in June") == [Severity.MINOR]
    assert told("The pier in May", "The pier in May.") == [Severity.COSMETIC]
    assert told("The pier in May", "The  pier in May") == []
    assert told("The pier in May", "The pier in May") == []
    assert told(None, "The pier in May") == [Severity.MINOR]


def test_a_caption_that_stands_in_the_text_is_told_there() -> None:
    old = page(image_caption=FERRY)
    new = page(image_caption="The pier in June", text=(BRIDGE, "The pier in June", MILL))
    assert not list(caption_events(compare(old, new)))


# ---------------------------------------------------------------------- the article's own address

STORY = "https://paper.example/2026/03/the-old-bridge-closes"
MOVED = "https://paper.example/local/2026/the-old-bridge-closes-for-good"


def moved(old: str | None, new: str | None) -> list[Event]:
    return list(moved_url_events(compare(page(canonical_url=old), page(canonical_url=new))))


def test_an_article_that_moves_says_so() -> None:
    (event,) = moved(STORY, MOVED)
    assert event == Event(
        kind=EventKind.MOVED_URL, severity=Severity.MINOR, old=STORY, new=MOVED, where="article"
    )
    assert moved("https://paper.example/read?id=7", "https://paper.example/read?id=8")
    assert moved(STORY, STORY.replace("paper", "gazette"))
    assert moved("https://paper.example/privacy", "https://paper.example/legal/privacy")


@pytest.mark.parametrize(("one", "other"), [pair for pair in TWINS if not pair[0].startswith("mailto")])
def test_an_address_that_leads_to_the_same_page_is_no_move(one: str, other: str) -> None:
    assert not moved(one, other)


@pytest.mark.parametrize(
    "other",
    [None, "https://paper.example/", "https://paper.example/world", "https://paper.example/world/europe"],
)
def test_an_address_of_no_article_is_no_move(other: str | None) -> None:
    assert not moved(STORY, other)
    assert not moved(other, STORY)
    assert not moved("https://paper.example/privacy", "https://paper.example/")


def test_a_picture_known_by_a_mere_token_is_another_one_only_where_its_caption_says_so() -> None:
    one, other = "https://i.example/img/k3xvq9wz71ab.jpg", "https://i.example/img/p0q8zzr4t2mn.jpg"
    assert list(image_events(compare(page(image=one), page(image=other)))) == []
    old, new = page(image=one, image_caption="The bridge."), page(image=other, image_caption="The harbour.")
    assert [event.kind for event in image_events(compare(old, new))] == [EventKind.IMAGE_CHANGED]


def test_a_token_that_happens_to_have_no_digit_is_no_name_either() -> None:
    one, other = "https://i.example/img/aoekzuvrnmei.jpg", "https://i.example/img/k3xvq9wz71ab.jpg"
    assert list(image_events(compare(page(image=one), page(image=other)))) == []
    long = "https://i.example/img/ouierazenmoq.jpg"
    assert list(image_events(compare(page(image=one), page(image=long)))) == []
