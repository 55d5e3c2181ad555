"""The static site: every page there, every link arriving, one article in memory at a time."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from html.parser import HTMLParser

from monitor.report import SiteArticle, site_pages
from storage.records import Assessment, Diff
from tests.test_report_samples import (
    AT,
    article,
    assessment,
    check_entry,
    compared,
    entry,
    removed_entry,
    revisions,
)


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


def _assess(diff: Diff) -> Assessment:
    return assessment(summary="Assessed anew.")


def _article(number: int) -> SiteArticle:
    entries = tuple(entry(n, article_id=number, seq=number * 10 + n) for n in (1, 2, 3))
    return SiteArticle(
        article=article(id=number),
        entries=(*entries, removed_entry()),
        revisions=revisions(),
        checks=(check_entry(),),
    )


def _site(*articles: SiteArticle) -> dict[str, str]:
    return dict(site_pages(articles, compare=compared, assess=_assess, generated_at=AT))


def test_the_site_has_every_version_and_the_neighbouring_diffs() -> None:
    assert set(_site(_article(12))) == {
        "index.html",
        "articles/12/index.html",
        "articles/12/1.html",
        "articles/12/2.html",
        "articles/12/3.html",
        "articles/12/diff/1..2.html",
        "articles/12/diff/2..3.html",
        "articles/12/diff/1..3.html",
    }


def test_every_link_arrives_and_every_page_is_reached() -> None:
    pages = _site(_article(12), _article(13))
    reached = {"index.html"}
    for path, text in pages.items():
        local = [href for href in _Links(text).found if not href.startswith(("http", "#"))]
        targets = {posixpath.normpath(posixpath.join(posixpath.dirname(path), href)) for href in local}
        assert targets <= set(pages), path
        reached |= targets
    assert reached == set(pages)


def test_a_part_of_the_history_makes_no_link_to_the_rest() -> None:
    whole = _article(12)
    part = SiteArticle(article=whole.article, entries=whole.entries, revisions=whole.revisions[1:])
    pages = _site(part)
    assert "articles/12/diff/2..3.html" in pages
    assert not any("1..2.html" in href for text in pages.values() for href in _Links(text).found)


def test_a_diff_of_neighbours_shows_what_was_decided_then() -> None:
    pages = _site(_article(12))
    assert "Assessed anew." not in pages["articles/12/diff/1..2.html"]
    assert "Assessed anew." in pages["articles/12/diff/1..3.html"]


def test_articles_are_taken_one_at_a_time() -> None:
    taken: list[int] = []

    def archive() -> Iterator[SiteArticle]:
        for number in (1, 2, 3):
            taken.append(number)
            yield _article(number)

    pages = site_pages(archive(), compare=compared, assess=_assess, generated_at=AT)
    assert taken == []
    assert next(pages)[0] == "articles/1/index.html"
    assert taken == [1]
    assert [path for path, _ in pages][-1] == "index.html"


def test_an_empty_archive_is_one_page() -> None:
    assert "Nothing has been seen yet." in _site()["index.html"]
