"""The static site: every page there, every link arriving, one article in memory at a time."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from monitor.report import SiteArticle, is_page_path, site_pages
from storage.records import Assessment, Diff, Reason, Revision, Severity
from tests.test_report_samples import (
    AT,
    HOSTILE,
    article,
    assessment,
    check_entry,
    compared,
    entry,
    extraction,
    removed_entry,
    revisions,
)


class _Page(HTMLParser):
    """The links of a page, its ids, and whatever else it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.hrefs.append(value or "")
            elif name in ("src", "srcset", "data", "xlink:href", "href", "action", "poster", "style"):
                self.loaded.append(f"{tag} {name}={value}")
            elif name == "id":
                self.ids.append(value or "")


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


def _long(count: int, number: int = 12, apart: timedelta = timedelta(hours=5)) -> SiteArticle:
    """An article of so many revisions, each with one more word than the one before."""
    made = tuple(
        Revision(
            number=n,
            reason=Reason.FIRST if n == 1 else Reason.EDIT,
            seen_at=AT + apart * n,
            not_seen_before=None if n == 1 else AT + apart * (n - 1),
            extraction=extraction("The ferry is late" + " again" * n + ".", headline=f"Late, part {n // 9}"),
            assessment=None if n == 1 else assessment(),
        )
        for n in range(1, count + 1)
    )
    entries = tuple(
        entry(r.number, article_id=number, seen_at=r.seen_at, headline=r.extraction.headline) for r in made
    )
    return SiteArticle(article=article(id=number, revisions=count), entries=entries, revisions=made)


def _site(*articles: SiteArticle, **more: Any) -> dict[str, str]:
    return dict(site_pages(articles, compare=compared, assess=_assess, generated_at=AT, **more))


def _pairs(pages: dict[str, str]) -> set[tuple[int, int]]:
    found = (re.search(r"diff/(\d+)\.\.(\d+)\.html", path) for path in pages)
    return {(int(pair[1]), int(pair[2])) for pair in found if pair}


def test_the_site_has_every_version_and_the_pairs_of_a_short_history() -> None:
    assert set(_site(_article(12))) == {
        "index.html",
        "charts.html",
        "articles/12/index.html",
        "articles/12/1.html",
        "articles/12/2.html",
        "articles/12/3.html",
        "articles/12/diff/1..2.html",
        "articles/12/diff/2..3.html",
        "articles/12/diff/1..3.html",
    }


@pytest.mark.parametrize("count", [1, 2, 8, 9, 12, 13, 40, 41])
def test_neighbours_and_first_to_last_are_always_compared_and_pages_stay_few(count: int) -> None:
    pages = _site(_long(count))
    pairs = _pairs(pages)
    assert {(n, n + 1) for n in range(1, count)} <= pairs
    assert count < 2 or (1, count) in pairs
    assert len(pairs) <= min(count * (count - 1) / 2, max(28, 3 * count))
    assert all(old < new for old, new in pairs)
    whole = {(a, b) for a in range(1, count + 1) for b in range(a + 1, count + 1)}
    assert (pairs == whole) == ("--format html" not in pages["articles/12/index.html"])


def test_a_pair_without_a_page_comes_with_the_command_that_makes_it() -> None:
    pages = _site(_long(9))
    said = re.search(r"writethru diff 12 (\d+)\.\.(\d+) --format html", pages["articles/12/index.html"])
    assert said is not None
    assert (int(said[1]), int(said[2])) not in _pairs(pages)


def test_every_pair_of_a_short_history_is_a_cell_of_the_table() -> None:
    page = _site(_long(5))["articles/12/index.html"]
    for old in range(1, 6):
        for new in range(old + 1, 6):
            assert f'<a href="diff/{old}..{new}.html">{old}→{new}</a>' in page
    assert '<th scope="col">to 5</th>' in page
    assert '<th scope="row">4</th>' in page


def test_every_link_arrives_and_every_page_is_reached() -> None:
    pages = _site(_article(12), _article(13), _long(41, number=14), _long(10, number=15), since=AT)
    read = {path: _Page(text) for path, text in pages.items()}
    reached = {"index.html"}
    for path, page in read.items():
        for href in page.hrefs:
            if href.startswith("https://"):
                continue
            file, _, anchor = href.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
            assert target in pages, (path, href)
            assert not anchor or anchor in read[target].ids, (path, href)
            reached.add(target)
    assert reached == set(pages)
    assert all(map(is_page_path, pages))


def test_no_page_loads_anything_and_its_ids_are_its_own() -> None:
    for path, text in _site(_article(12), _long(30, number=14)).items():
        page = _Page(text)
        assert page.loaded == [], path
        assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "use", "image"}
        assert [name for name, count in Counter(page.ids).items() if count > 1] == [], path


def test_what_a_page_says_is_inert_in_the_charts_too() -> None:
    bad = SiteArticle(
        article=article(source=HOSTILE, host=HOSTILE),
        entries=(entry(1), entry(2, source=HOSTILE)),
        revisions=(),
    )
    for text in _site(bad).values():
        assert "<script" not in text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_a_part_of_the_history_makes_no_link_to_the_rest() -> None:
    whole = _article(12)
    part = SiteArticle(article=whole.article, entries=whole.entries, revisions=whole.revisions[1:])
    pages = _site(part)
    assert "articles/12/diff/2..3.html" in pages
    assert not any("1..2.html" in href for text in pages.values() for href in _Page(text).hrefs)


def test_the_first_change_since_then_is_linked_to_what_it_changed() -> None:
    whole = _long(6)
    part = SiteArticle(article=whole.article, entries=whole.entries[3:], revisions=whole.revisions[2:])
    pages = _site(part, since=AT + timedelta(hours=20))
    assert "articles/12/diff/3..4.html" in pages
    assert 'href="diff/3..4.html"' in pages["articles/12/index.html"]
    assert "what came before is left out" in pages["articles/12/index.html"]
    assert "Since <time" in pages["index.html"]


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


def test_the_newest_revisions_lead_to_what_changed() -> None:
    index = _Page(_site(_article(12))["index.html"])
    assert "articles/12/diff/2..3.html" in index.hrefs
    assert "articles/12/index.html" in index.hrefs


def test_a_long_list_of_articles_goes_over_several_pages_of_bounded_size() -> None:
    many = [
        SiteArticle(article=article(id=n, last_change_at=AT - timedelta(minutes=n)), entries=(), revisions=())
        for n in range(1, 502)
    ]
    pages = _site(*many)
    lists = [pages["index.html"], pages["index-2.html"], pages["index-3.html"]]
    assert "index-4.html" not in pages
    listed = [re.findall(r"articles/(\d+)/index", text) for text in lists]
    assert [int(n) for page in listed for n in page] == list(range(1, 502))
    assert all(len(text) < 300_000 for text in lists)
    assert 'href="index-2.html"' in lists[0]
    assert 'href="index.html#articles"' in lists[1]


def test_a_long_timeline_is_folded_and_still_reaches_every_version() -> None:
    page = _site(_long(200))["articles/12/index.html"]
    assert page.count('<details class="fold period">') > 3
    shown = page[: page.index('<details class="fold period">')]
    assert 10 <= shown.count('id="revision-') <= 20
    assert all(f'href="{n}.html"' in page for n in range(1, 201))


def test_a_busy_hour_is_a_period_of_its_own() -> None:
    page = _site(_long(60, apart=timedelta(seconds=50)))["articles/12/index.html"]
    assert "Sun 17 Nov 2024, 18:00 to 18:59" in page


def test_each_wording_of_the_headline_is_listed_with_its_revisions() -> None:
    page = _site(_long(20))["articles/12/index.html"]
    assert "3 headlines" in page
    assert '<a href="#revision-9">Revisions 9–17</a>' in page
    assert page.count('class="headline"') == 3 + 3


def test_a_change_of_state_stands_in_its_place() -> None:
    whole = _long(3)
    gone = removed_entry()
    entries = (*whole.entries[:2], gone, whole.entries[2])
    numbered = [replace(each, seq=seq) for seq, each in enumerate(entries, 1)]
    page = _site(SiteArticle(article=whole.article, entries=tuple(numbered), revisions=whole.revisions))[
        "articles/12/index.html"
    ]
    order = [page.index(word) for word in ("Revision 3, edited", "Removed", "Revision 2, edited")]
    assert order == sorted(order)


def test_the_same_archive_makes_the_same_site() -> None:
    grave = entry(2, severity=Severity.SUBSTANTIVE)
    one = SiteArticle(article=article(), entries=(entry(1), grave), revisions=revisions())
    assert _site(one) == _site(one)
