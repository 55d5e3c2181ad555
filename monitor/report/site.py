"""The static site: every page of an archive as ``(relative path, text)``, made one by one.

It knows which pages there are and how they link; it refuses to know where records come
from, how texts are compared, or where the pages are written to.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from monitor.report.head import Head
from monitor.report.html import article_page, diff_page, index_page, text_page
from monitor.report.links import SiteLinks, article_path, diff_path, index_path, version_path
from storage.records import Article, Assessment, CheckEntry, Diff, Extraction, LogEntry, Revision

_NEWEST = 100


@dataclass(frozen=True, kw_only=True)
class SiteArticle:
    """One article as the site shows it. ``revisions`` may be a part of all there are; pages
    are made, and linked, for those given. ``checks`` are the latest ones, to be listed."""

    article: Article
    entries: tuple[LogEntry, ...]
    revisions: tuple[Revision, ...]
    checks: tuple[CheckEntry, ...] = ()


def site_pages(
    articles: Iterable[SiteArticle],
    *,
    compare: Callable[[Extraction, Extraction], Diff],
    assess: Callable[[Diff], Assessment],
    generated_at: datetime,
    zone: tzinfo = UTC,
) -> Iterator[tuple[str, str]]:
    """All pages, the index last. Articles are taken one at a time, and of those gone by only
    what the index shows is kept: the Article and the newest log entries of all."""
    shown: list[Article] = []
    newest: list[LogEntry] = []
    for each in articles:
        yield from _article(each, compare, assess, zone)
        shown.append(each.article)
        newest = heapq.nlargest(_NEWEST, [*newest, *each.entries], key=lambda entry: entry.seq)
    yield index_path(), _index(shown, newest, generated_at, zone)


def _index(
    articles: Sequence[Article], newest: Sequence[LogEntry], generated_at: datetime, zone: tzinfo
) -> str:
    pages = {article_path(article.id) for article in articles}
    links = SiteLinks(here=index_path(), pages=frozenset({index_path(), *pages}))
    by_change = sorted(articles, key=lambda a: a.last_change_at or a.found_at, reverse=True)
    return index_page(by_change, newest, generated_at, links, zone=zone)


def _article(
    each: SiteArticle,
    compare: Callable[[Extraction, Extraction], Diff],
    assess: Callable[[Diff], Assessment],
    zone: tzinfo,
) -> Iterator[tuple[str, str]]:
    article, revisions = each.article, sorted(each.revisions, key=lambda r: r.number)
    pairs = _pairs(revisions)
    pages = _pages(article, revisions, pairs)
    numbers = [revision.number for revision in revisions]
    path = article_path(article.id)
    links = SiteLinks(here=path, pages=pages)
    yield path, article_page(article, each.entries, links=links, checks=each.checks, zone=zone)
    for revision in revisions:
        path = version_path(article.id, revision.number)
        links = SiteLinks(here=path, pages=pages)
        yield path, text_page(article, revision, links=links, numbers=numbers, zone=zone)
    for old, new in pairs:
        path = diff_path(article.id, old.number, new.number)
        diff = compare(old.extraction, new.extraction)
        known = new.assessment if new.number == old.number + 1 else None
        head = Head.of(article, old, new, zone)
        links = SiteLinks(here=path, pages=pages)
        yield path, diff_page(diff, known or assess(diff), head, links=links)


def _pairs(revisions: Sequence[Revision]) -> list[tuple[Revision, Revision]]:
    """Each revision with the next, and the first with the last."""
    neighbours = list(pairwise(revisions))
    return [*neighbours, (revisions[0], revisions[-1])] if len(revisions) > 2 else neighbours


def _pages(
    article: Article, revisions: Sequence[Revision], pairs: Sequence[tuple[Revision, Revision]]
) -> frozenset[str]:
    versions = (version_path(article.id, revision.number) for revision in revisions)
    diffs = (diff_path(article.id, old.number, new.number) for old, new in pairs)
    return frozenset({index_path(), article_path(article.id), *versions, *diffs})
