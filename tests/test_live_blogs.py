"""A live blog is marked as one, and its posts are told apart."""

from __future__ import annotations

import json

import pytest

from monitor.extract import extract
from storage.records import Extraction, NoticeKind, ParagraphKind

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
}


def post(number: int) -> str:
    return (
        f"<h2>Post {number}: the river rises to {number} metres</h2><time>{TIMES[number % len(TIMES)]}</time>"
        f"<p>Speaker {number} told the council that the bridge must be closed for {number} weeks.</p>"
        f"<p>Engineers went down to pillar {number}, looked at it for a while and shook their heads.</p>"
    )


def blog(shape: str, first: int = 12, *, linked: bool = True) -> Extraction:
    """The newest post stands on top."""
    numbers = range(first, 0, -1)
    updates = [{"@type": "BlogPosting", "headline": f"Post {number}"} for number in numbers]
    node = {"@type": "LiveBlogPosting", "headline": "Flood: live", "liveBlogUpdate": updates}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>' if linked else ""
    scope = "" if linked else ' itemscope itemtype="https://schema.org/LiveBlogPosting"'
    posts = "".join(SHAPES[shape].format(post(number)) for number in numbers)
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
