"""A live blog is marked as one, and its posts are told apart: where they begin, which are new."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from monitor.compare import compare
from monitor.events.live import NO_POSTS, live_posts
from monitor.extract import extract, extract_plain
from storage.records import Diff, EventKind, Extraction, NoticeKind, ParagraphKind, Severity

TIMES = (
    "14:05",
    "vor 5 Minuten",
    "10 min ago",
    "2 hours ago",
    "il y a 3 heures",
    "hace 7 minutos",
    "4 minuti fa",
)
SHAPES = {
    "articles": '<article itemprop="liveBlogUpdate" itemscope itemtype="https://schema.org/BlogPosting">{}</article>',
    "sections": '<section class="live-post">{}</section>',
    "marked divs": '<div itemprop="liveBlogUpdate" itemscope itemtype="https://schema.org/BlogPosting">{}</div>',
    "list items": "<li>{}</li>",
    "sorted divs": '<div class="c-4f" data-sort-time="1700000000">{}</div>',
    "divs with a head": '<div class="liveblog-entry"><div class="liveblog-entry-head"></div>'
    '<div class="liveblog-entry-content">{}</div></div>',
    "nothing around": "{}",
}


def post(number: int) -> str:
    return (
        f"<h2>Post {number}: the river rises to {number} metres</h2><time>{TIMES[number % len(TIMES)]}</time>"
        f"<p>Speaker {number} told the council that the bridge must be closed for {number} weeks.</p>"
        f"<p>Engineers went down to pillar {number}, looked at it for a while and shook their heads.</p>"
    )


def blog(
    shape: str,
    first: int = 12,
    last: int = 1,
    *,
    linked: bool = True,
    numbers: Sequence[int] = (),
    edit: Callable[[str], str] = str,
) -> Extraction:
    """The newest post stands on top, unless ``numbers`` says otherwise."""
    numbers = numbers or range(first, last - 1, -1)
    updates = [{"@type": "BlogPosting", "headline": f"Post {number}"} for number in numbers]
    node = {"@type": "LiveBlogPosting", "headline": "Flood: live", "liveBlogUpdate": updates}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>' if linked else ""
    scope = "" if linked else ' itemscope itemtype="https://schema.org/LiveBlogPosting"'
    posts = edit("".join(SHAPES[shape].format(post(number)) for number in numbers))
    around = f"<ul>{posts}</ul>" if shape == "list items" else posts
    page = (
        f'<!doctype html><html lang="en"><head><title>Flood: live</title>{head}</head><body><main{scope}>'
        f"<h1>Flood: live</h1><div>{around}</div></main></body></html>"
    )
    return extract(page.encode(), url="https://gazette.example/live/flood")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("linked", [True, False])
def test_a_live_blog_says_that_it_is_one(shape: str, linked: bool) -> None:
    found = blog(shape, linked=linked)
    assert found.live
    assert NoticeKind.LIVE in {notice.kind for notice in found.notices}
    assert found.headline == "Flood: live"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("posts", [3, 12, 40])
def test_every_post_is_read_under_its_own_heading(shape: str, posts: int) -> None:
    found = blog(shape, posts).paragraphs
    headings = [p.text for p in found if p.text.startswith("Post ")]
    assert headings == [f"Post {n}: the river rises to {n} metres" for n in range(posts, 0, -1)]
    assert sum(p.text.startswith(("Speaker ", "Engineers ")) for p in found) == 2 * posts
    if shape != "list items":
        assert {p.kind for p in found if p.text.startswith("Post ")} == {ParagraphKind.HEADING}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_new_post_on_top_changes_no_other(shape: str) -> None:
    before, after = blog(shape, 8).paragraphs, blog(shape, 9).paragraphs
    assert after[-len(before) :] == before
    assert len(after) == len(before) + 3


@pytest.mark.parametrize("shape", SHAPES)
def test_how_long_ago_a_post_was_is_not_read(shape: str) -> None:
    assert not {paragraph.text for paragraph in blog(shape).paragraphs} & set(TIMES)


# ---------------------------------------------------------------------- where posts begin


def beginnings(found: Extraction) -> list[str]:
    return [found.paragraphs[place].text for place in found.posts]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("linked", [True, False])
def test_every_post_begins_at_its_heading(shape: str, linked: bool) -> None:
    assert beginnings(blog(shape, linked=linked)) == [
        f"Post {n}: the river rises to {n} metres" for n in range(12, 0, -1)
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_posts_grow_by_one_with_a_new_one_on_top(shape: str) -> None:
    before, after = blog(shape, 8), blog(shape, 9)
    assert beginnings(after)[1:] == beginnings(before)


def test_posts_are_known_by_the_ids_and_the_words_that_json_ld_lists() -> None:
    texts = [f"Speaker {n} told the council that bridge {n} must be closed for {n} weeks." for n in range(5)]
    for mark, name in (("id", "url"), ("none", "articleBody")):
        updates = [
            {"@type": "BlogPosting", "url": f"https://gazette.example/live#p{n}"}
            if name == "url"
            else {name: text}
            for n, text in enumerate(texts)
        ]
        node = {"@type": "LiveBlogPosting", "headline": "Flood: live", "liveBlogUpdate": updates}
        posts = "".join(
            f"<div {mark}='p{n}'><p>14:0{n} {text}</p><p>It rained.</p></div>" for n, text in enumerate(texts)
        )
        page = (
            f'<html><head><script type="application/ld+json">{json.dumps(node)}</script></head><body><main>'
            f"<h1>Flood: live</h1><p>What happens on the river, as it happens, from our people there.</p>{posts}"
            "</main></body></html>"
        )
        found = extract(page.encode(), url="https://gazette.example/live")
        assert beginnings(found) == [f"14:0{n} {text}" for n, text in enumerate(texts)]


def test_a_live_blog_beside_an_article_of_the_same_name_makes_that_one_live() -> None:
    nodes = [{"@type": kind, "headline": "Flood: live"} for kind in ("LiveBlogPosting", "NewsArticle")]
    nodes[1] |= {"datePublished": "2026-03-02", "author": "Ada Merrow"}
    body = "<main><h1>Flood: live</h1><p>The river is two metres above its mark, and it is still rising.</p></main>"
    for other, live in (("Flood: live", True), ("Another blog", False)):
        nodes[0]["headline"] = other
        head = f'<script type="application/ld+json">{json.dumps(nodes)}</script>'
        assert extract(f"{head}{body}".encode(), url="https://gazette.example/a").live is live


def test_a_page_that_is_no_live_blog_has_no_posts() -> None:
    page = (
        "<main><h1>Flood</h1>"
        + "".join(f"<div class='live-post'>{post(n)}</div>" for n in range(4))
        + "</main>"
    )
    assert extract(page.encode(), url="https://gazette.example/flood").posts == ()


def test_posts_that_cannot_be_told_apart_are_none() -> None:
    node = {"@type": "LiveBlogPosting", "headline": "Flood: live"}
    text = "".join(f"<p>Speaker {n} told the council that the bridge must be closed.</p>" for n in range(9))
    page = f'<script type="application/ld+json">{json.dumps(node)}</script><main><h1>Flood: live</h1>{text}</main>'
    found = extract(page.encode(), url="https://gazette.example/flood")
    assert (found.live, found.posts) == (True, ())


# ---------------------------------------------------------------------- which posts are new


def between(old: Extraction, new: Extraction) -> Diff:
    return compare(old, new)


def came(diff: Diff) -> list[str]:
    return [diff.new_sentences[place].strip() for place in sorted(live_posts(diff).came)]


def gone(diff: Diff) -> list[str]:
    return [diff.old_sentences[place].strip() for place in sorted(live_posts(diff).gone)]


def sentences(number: int) -> list[str]:
    return [
        f"Post {number}: the river rises to {number} metres",
        f"Speaker {number} told the council that the bridge must be closed for {number} weeks.",
        f"Engineers went down to pillar {number}, looked at it for a while and shook their heads.",
    ]


UNLIKE = (
    (
        "Schools stay shut",
        "Every school on the east bank stays shut until the water has gone, says the county.",
    ),
    (
        "A boat for the islands",
        "The coast guard sends its largest boat to fetch forty people from the islands.",
    ),
    ("Power is back", "Lights went on again in most streets of Ostrey after two nights without any."),
    ("The minister arrives", "She walked along the dyke with the mayor and spoke to nobody from the press."),
    ("Rain until Friday", "Forecasters expect no dry hour before the weekend, and more wind from the west."),
    (
        "Trains run to Kelling",
        "The line beyond the viaduct is closed; buses go from the yard every half hour.",
    ),
)


def told(numbers: Sequence[int], edit: Callable[[str], str] = str) -> Extraction:
    """A live blog of posts that have nothing in common with each other, in that order."""
    posts = "".join(
        f'<article itemprop="liveBlogUpdate"><h2>{UNLIKE[n][0]}</h2><time>14:05</time><p>{UNLIKE[n][1]}</p></article>'
        for n in numbers
    )
    page = (
        '<html><body><main itemscope itemtype="https://schema.org/LiveBlogPosting"><h1>Flood: live</h1>'
        f"<p>What happens on the river, as it happens, from our people there.</p>{edit(posts)}</main></body></html>"
    )
    return extract(page.encode(), url="https://gazette.example/live/flood")


def whole(*numbers: int) -> list[str]:
    return [sentence for number in numbers for sentence in UNLIKE[number]]


def test_new_posts_are_one_event_with_their_number_and_their_headings() -> None:
    diff = between(told([2, 1, 0]), told([4, 3, 2, 1, 0]))
    (event,) = live_posts(diff).events
    assert (event.kind, event.severity) == (EventKind.LIVE_POSTS_ADDED, Severity.MINOR)
    assert event.new == "2 new posts: “Rain until Friday”; “The minister arrives”"
    assert (event.old, event.where) == (None, "paragraph 2")
    assert came(diff) == whole(4, 3)
    assert gone(diff) == []


def test_one_new_post_is_one_and_of_many_a_few_are_named() -> None:
    (event,) = live_posts(between(told([0, 1]), told([0, 1, 2]))).events
    assert event.new == "1 new post: “Power is back”"
    (event,) = live_posts(between(told([0, 1]), told([5, 4, 3, 2, 0, 1]))).events
    assert event.new is not None
    assert event.new.startswith("4 new posts: ")
    assert event.new.endswith(" and 1 more")


def test_old_posts_that_scroll_off_are_no_removals() -> None:
    diff = between(told([3, 2, 1, 0]), told([5, 4, 3, 2]))
    assert came(diff) == whole(5, 4)
    assert gone(diff) == whole(1, 0)
    below = between(told([0, 1, 2, 3]), told([2, 3, 4, 5]))
    assert came(below) == whole(4, 5)
    assert gone(below) == whole(0, 1)


def test_a_post_taken_out_of_the_middle_or_where_new_ones_come_is_a_removal() -> None:
    assert gone(between(told([3, 2, 1, 0]), told([4, 3, 1, 0]))) == []
    assert gone(between(told([3, 2, 1, 0]), told([4, 2, 1, 0]))) == []


def test_where_no_post_came_none_scrolled_off() -> None:
    assert live_posts(between(told([3, 2, 1, 0]), told([3, 2]))) == NO_POSTS
    assert live_posts(between(told([2, 1, 0]), told([2, 1, 0]))) == NO_POSTS


def test_an_edit_inside_an_older_post_is_not_among_the_new_ones() -> None:
    diff = between(
        told([1, 0]), told([2, 1, 0], edit=lambda html: html.replace("forty people", "fifty people"))
    )
    assert came(diff) == whole(2)
    longer = between(
        told([1, 0]),
        told([1, 0], edit=lambda html: html.replace("islands.</p>", "islands.</p><p>It is late.</p>")),
    )
    assert live_posts(longer) == NO_POSTS


def test_posts_that_are_alike_are_still_told_apart() -> None:
    diff = between(blog("articles", 8), blog("articles", 9))
    assert came(diff) == sentences(9)


def test_an_article_that_is_no_live_blog_has_no_new_posts() -> None:
    page = "<main><h1>Flood</h1>{}<p>The river is two metres above its mark, and still rising.</p></main>"
    old, new = (
        extract(page.format(text).encode(), url="https://gazette.example/a") for text in ("", post(1))
    )
    assert live_posts(between(old, new)) == NO_POSTS


PLAIN = "Flood: live updates\n\nThe river is two metres above its mark.\n\n"


def timed(numbers: Sequence[int], stamp: str) -> str:
    return "\n\n".join(f"{stamp.format(9 + number)}{UNLIKE[number][1]}" for number in numbers)


@pytest.mark.parametrize("stamp", ["{:02}:05 ", "{}.05 Uhr – ", "{:02}:30 GMT\n\n", "{}:15 a.m.: "])
def test_in_plain_text_the_time_at_its_head_makes_a_post(stamp: str) -> None:
    old, new = (extract_plain(PLAIN + timed(numbers, stamp)) for numbers in ([3, 2, 1, 0], [4, 3, 2, 1]))
    diff = between(old, new)
    (event,) = live_posts(diff).events
    assert event.new is not None
    assert event.new.startswith("1 new post: “Forecasters expect")
    assert UNLIKE[4][1] in " ".join(came(diff))
    assert UNLIKE[0][1] in " ".join(gone(diff))
    assert not live_posts(between(old, old)).events


def test_plain_text_without_times_or_without_the_word_has_no_posts() -> None:
    for head, stamp in ((PLAIN, ""), (PLAIN.replace(": live updates", ""), "{:02}:05 ")):
        old, new = (extract_plain(head + timed(numbers, stamp)) for numbers in ([3, 2, 1, 0], [4, 3, 2, 1]))
        assert live_posts(between(old, new)) == NO_POSTS
