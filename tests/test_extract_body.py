"""Where an article stands on pages that are not built as most are, and what is not of it."""

from __future__ import annotations

import pytest

from monitor.extract import extract
from storage.records import Extraction

URL = "https://news.example.org/harbour"
HEADLINE = "Harbour town rebuilds its lighthouse"
FIRST = (
    "The harbour town began on Monday to rebuild the lighthouse that a storm had brought down in the spring."
)
SECOND = "Masons from three valleys have come to help, and the first stones were laid before noon, the warden said."
THIRD = (
    "The lamp itself, which was saved from the sea, will be shown in the town hall until the tower is ready."
)
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"


def read(body: str, *, head: str = "") -> Extraction:
    html = f"<!doctype html><html><head><title>{HEADLINE}</title>{head}</head><body>{body}</body></html>"
    return extract(html.encode(), url=URL)


def texts(body: str, *, head: str = "") -> list[str]:
    return [paragraph.text for paragraph in read(body, head=head).paragraphs]


def test_an_article_inside_an_aside_is_read() -> None:
    assert texts(f"<aside class='column'><article><h1>{HEADLINE}</h1>{TEXT}</article></aside>") == [
        FIRST,
        SECOND,
        THIRD,
    ]


def test_an_article_in_two_elements_of_one_name_is_read_whole() -> None:
    rest = f"<p>{THIRD}</p>" + "".join(f"<p>{number}. {SECOND}</p>" for number in range(5))
    found = texts(
        f"<h1>{HEADLINE}</h1><div><div class='entry-content'><p>{FIRST}</p></div>"
        f"<div class='entry-content'>{rest}</div></div>"
    )
    assert found[:2] == [FIRST, THIRD]


def test_an_embedded_post_and_a_hidden_label_cost_no_text() -> None:
    post = f"<div class='social-media-embed'><blockquote><p>{SECOND}</p></blockquote></div>"
    answer = f"<div class='field label-hidden'><p>{THIRD}</p></div>"
    assert texts(f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p>{post}{answer}</article>") == [
        FIRST,
        SECOND,
        THIRD,
    ]


def test_the_place_that_opens_a_sentence_is_text() -> None:
    opening = f"<p><span class='dateline'>OLDPORT — </span>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
    assert texts(f"<article><h1>{HEADLINE}</h1>{opening}</article>")[0] == f"OLDPORT — {FIRST}"


def test_a_lead_that_is_called_a_teaser_is_read_before_the_text() -> None:
    found = texts(
        f"<article><h1>{HEADLINE}</h1><div class='teaser-text'><p>{FIRST}</p></div>"
        f"<div itemprop='articleBody'><p>{SECOND}</p><p>{THIRD}</p><p>{SECOND} {THIRD}</p></div></article>"
    )
    assert found[:2] == [FIRST, SECOND]


def test_a_teaser_for_another_story_is_no_lead() -> None:
    teaser = f"<div class='teaser'><a href='/other'>{FIRST}</a></div>"
    body = f"<div itemprop='articleBody'><p>{SECOND}</p><p>{THIRD}</p><p>{SECOND} {THIRD}</p></div>"
    assert texts(f"<article><h1>{HEADLINE}</h1>{teaser}{body}</article>")[0] == SECOND


def test_a_page_of_short_lines_is_read_by_its_heading() -> None:
    lines = "".join(f"<div>Bell number {number} rings on quiet days</div>" for number in range(20))
    links = "".join(f"<li><a href='/{number}'>Section {number} of the site</a></li>" for number in range(30))
    found = texts(f"<ul>{links}</ul><div class='box'><h1>{HEADLINE}</h1>{lines}</div>")
    assert len(found) == 20


def test_a_page_of_nothing_but_links_is_not_read_as_an_article() -> None:
    links = "".join(f"<li><a href='/{number}'>Story number {number}</a></li>" for number in range(60))
    assert texts(f"<div class='box'><h1>{HEADLINE}</h1><ul>{links}</ul></div>") == []


def test_a_standfirst_without_which_there_is_no_text_is_the_text() -> None:
    head = f'<meta name="description" content="{FIRST}">'
    extraction = read(f"<article><h1>{HEADLINE}</h1><p class='summary'>{FIRST}</p></article>", head=head)
    assert [paragraph.text for paragraph in extraction.paragraphs] == [FIRST]
    assert extraction.standfirst is None


@pytest.mark.parametrize(
    "foreign",
    [
        "<p>A version of this article appears in print on Page 4 with the headline: Stones.</p>",
        "<p>Read also: How the storm came</p>",
        "<p>Auch interessant: Wie der Sturm kam</p>",
        "<p>Baca juga: Badai di pelabuhan</p>",
        "<p>Czytaj także: Jak nadeszła burza</p>",
        "<p>Читайте также: Как пришла буря</p>",
        "<p>関連記事：嵐の夜</p>",
        "<p>Advertisement - the finest ropes in town</p>",
        "<div class='info time'>Yesterday, 17:40</div>",
        "<p>Select the text and press Ctrl+Enter to tell us of a mistake.</p>",
        "<p>Harbour News. 무단 전재 및 재배포 금지</p>",
        "<p>warden@example.org</p>",
        "<p>Tags: " + ", ".join(f"<a href='/t/{n}'>lighthouse number {n}</a>" for n in range(15)) + "</p>",
    ],
)
def test_what_is_of_the_page_is_not_read_between_the_paragraphs(foreign: str) -> None:
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p>{foreign}<p>{SECOND}</p><p>{THIRD}</p></article>"
    assert texts(body) == [FIRST, SECOND, THIRD]


def test_rules_for_comments_are_left_out_where_they_end_a_page() -> None:
    rules = "<p>Comments are moderated and may take a day to appear.</p>"
    assert texts(f"<article><h1>{HEADLINE}</h1>{TEXT}{rules}</article>") == [FIRST, SECOND, THIRD]


def test_a_sentence_about_comments_inside_an_article_is_text() -> None:
    told = "Comments on the plan are moderated by the council, which has had many."
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{told}</p><p>{SECOND}</p></article>"
    assert texts(body) == [FIRST, told, SECOND]


def test_a_sentence_that_begins_like_a_teaser_is_text() -> None:
    told = "Auch interessant ist, dass der Turm schon einmal stand."
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{told}</p><p>{SECOND}</p></article>"
    assert texts(body) == [FIRST, told, SECOND]


def test_a_sentence_that_tells_where_something_was_posted_is_text() -> None:
    told = "Posted on the harbour wall, the plan drew crowds who read it by lantern light."
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{told}</p><p>{SECOND}</p></article>"
    assert texts(body) == [FIRST, told, SECOND]


def test_what_shows_only_over_a_name_is_not_in_its_sentence() -> None:
    card = (
        "<span class='rollover-block'><a href='/w'>All about the warden</a> <a href='/s'>A storm</a></span>"
    )
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}{card}</p><p>{SECOND}</p><p>{THIRD}</p></article>"
    assert texts(body) == [FIRST, SECOND, THIRD]


def test_a_label_for_screen_readers_is_no_part_of_a_caption() -> None:
    caption = "<figure><figcaption><span class='off-screen'>Image caption</span> The tower in May</figcaption></figure>"
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p>{caption}<p>{SECOND}</p><p>{THIRD}</p></article>"
    assert "The tower in May" in texts(body)


def test_what_an_entry_is_about_does_not_make_it_furniture() -> None:
    named = "post-7 type-post status-publish hentry category-newsletter tag-related-works"
    assert texts(f"<div class='{named}'><h2>{HEADLINE}</h2>{TEXT}</div>") == [FIRST, SECOND, THIRD]


def test_a_short_text_that_is_marked_as_one_is_read_whatever_holds_it() -> None:
    rail = f"<div id='left-rail'><div itemprop='articleBody'><p>{FIRST}</p><p>{SECOND}</p></div></div>"
    others = "".join(f"<p><a href='/{number}'>{THIRD}</a></p>" for number in range(3))
    body = f"<article><h1>{HEADLINE}</h1>{rail}</article><div class='cards'>{others}</div>"
    assert texts(body) == [FIRST, SECOND]


def test_a_short_article_is_preferred_to_the_teasers_beside_it() -> None:
    teasers = "".join(f"<p>{THIRD} So it was said {number} times.</p>" for number in range(3))
    body = f"<div class='entry-content'><p>{FIRST}</p><p>{SECOND}</p></div><div class='block'>{teasers}</div>"
    links = "".join(f"<p><a href='/{number}'>{SECOND}</a></p>" for number in range(5))
    assert texts(f"<div><h1>{HEADLINE}</h1></div>{links}{body}") == [FIRST, SECOND]


PAID = "<div class='css-1ab2'><div><a rel='sponsored nofollow' href='/x'>A sofa that fits every door</a></div></div>"
SLOT = "<div class='ad-slot ad-77'><span>Advertisement</span><p>A sofa that fits through every door</p></div>"
COUNT = "<a class='count' href='#comments'>151 comments</a>"
NEWER = (
    "<ul><li><time>5 minutes ago</time> <a href='/f'>The ferry strike enters its second week</a></li></ul>"
)


@pytest.mark.parametrize("more", [PAID, SLOT, COUNT, NEWER, f"<blockquote>{PAID}</blockquote>"])
@pytest.mark.parametrize("around", ["article", "div", "td"])
def test_what_comes_and_goes_is_left_out_wherever_it_stands(more: str, around: str) -> None:
    body = f"<h1>{HEADLINE}</h1><p>{FIRST}</p>{more}<p>{SECOND}</p>{more}<p>{THIRD}</p>"
    body = f"<table><tr><td>{body}</td></tr></table>" if around == "td" else f"<{around}>{body}</{around}>"
    assert texts(body) == [FIRST, SECOND, THIRD]


SEEN = [
    "<span>40 minutes ago</span><span>3270 views</span>",
    "<span>Updated just now</span> · <span>12.5K views</span>",
    "Last updated 2 hours ago · 12 comments · 4 min read",
    "Vor 5 Minuten aktualisiert · 12 Kommentare · Lesezeit: 4 Minuten",
    "Mis à jour il y a une heure · 12 commentaires · Temps de lecture : 4 min.",
    "Actualizado hace 20 minutos · 300 visitas",
    "3 ore fa · 20 commenti",
    "Atualizado há 5 minutos · 120 visualizações",
    "5 minuten geleden · 120 keer gelezen",
    "5 minut temu · 120 wyświetleń",
    "5 минут назад · 1 234 просмотра",
    "πριν από 5 λεπτά · 12 σχόλια",
    "5 dakika önce · 120 görüntülenme",
    "5 phút trước · 120 lượt xem",
    "منذ 5 دقائق · 120 مشاهدة",
    "5分前 · 12件のコメント",
    "5分钟前 · 阅读 1234",
    "5분 전 · 조회수 1,234회",
]


@pytest.mark.parametrize("line", SEEN)
@pytest.mark.parametrize("tag", ["div", "p", "li"])
def test_what_a_page_counts_by_itself_is_no_part_of_the_text(line: str, tag: str) -> None:
    line = f"<{tag}>{line}</{tag}>"
    body = (
        f"<article><h1>{HEADLINE}</h1>{line}<p>{FIRST}</p><p>{SECOND}</p>{line}<p>{THIRD}</p>{line}</article>"
    )
    assert texts(body) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "said",
    [
        "The bridge was closed 40 minutes ago.",
        "The film had 3,270 views on Monday.",
        "40 minutes ago the last ferry left.",
        "3 views of the harbour",
        "Yes: 52 votes",
        "No comments were deleted, 12 were read out.",
        "5,000 shares of the company were sold.",
        "Vor 5 Jahren sank die Fähre.",
        "The 4-minute read was too long, he said.",
    ],
)
def test_a_sentence_with_such_words_stays(said: str) -> None:
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{said}</p><p>{SECOND}</p><p>{THIRD}</p></article>"
    assert texts(body) == [FIRST, said, SECOND, THIRD]


def test_a_table_of_counts_is_of_the_article() -> None:
    rows = "<table><tr><td>Views</td><td>3,270</td></tr><tr><td>Shares</td><td>120</td></tr></table>"
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p>{rows}<p>{SECOND}</p><p>{THIRD}</p></article>"
    assert "Views 3,270" in texts(body)


def test_a_paid_link_in_a_sentence_is_of_the_sentence() -> None:
    told = (
        "The <a rel='sponsored' href='/x'>sofa</a> that we tried for a month costs 900 and is not worth it."
    )
    body = f"<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{told}</p><p>{THIRD}</p></article>"
    assert any("sofa that we tried" in text for text in texts(body))
