"""The static site: every page of an archive as ``(relative path, text)``, made one by one.

It knows which pages there are and how they link; it refuses to know where records come
from, how texts are compared, or where the pages are written to.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import combinations, pairwise

from monitor.report.charts import Chart, charts
from monitor.report.head import Head
from monitor.report.html import (
    article_page,
    charts_page,
    diff_page,
    index_page,
    index_pages,
    text_page,
)
from monitor.report.links import (
    SiteLinks,
    article_path,
    charts_path,
    diff_path,
    index_path,
    version_path,
)
from monitor.report.tally import Tally
from storage.records import (
    Article,
    Assessment,
    CheckEntry,
    Diff,
    Extraction,
    LogEntry,
    Revision,
    ServiceEntry,
)

_NEWEST = 100

# Pages of pairs cost time and space (about 35 KB each). These limits keep them at no more than
# three a revision: all pairs of 8 revisions are 28, and beyond that each revision is compared with
# the one before, the first and the latest; with very many, only with the one before.
_ALL_PAIRS_UP_TO = 8
_ENDS_UP_TO = 40


@dataclass(frozen=True, kw_only=True)
class SiteArticle:
    """One article as the site shows it. ``revisions`` may be a part of all there are; pages
    are made, and linked, for those given. ``checks`` are the latest ones, to be listed;
    ``gaps`` when nothing was watched. ``published_at`` is when the article says that it was published."""

    article: Article
    entries: tuple[LogEntry, ...]
    revisions: tuple[Revision, ...]
    checks: tuple[CheckEntry, ...] = ()
    gaps: tuple[ServiceEntry, ...] = ()
    published_at: datetime | None = None


def site_pages(
    articles: Iterable[SiteArticle],
    *,
    compare: Callable[[Extraction, Extraction], Diff],
    assess: Callable[[Diff], Assessment],
    generated_at: datetime,
    zone: tzinfo = UTC,
    since: datetime | None = None,
) -> Iterator[tuple[str, str]]:
    """All pages, the index last. Articles are taken one at a time, and of those gone by only
    what the index and the charts show is kept: the Article, sums, and the newest log entries
    of all. ``since`` is said on the pages; what is older is for the caller to leave out."""
    shown: list[Article] = []
    newest: list[LogEntry] = []
    changes: dict[int, frozenset[str]] = {}  # of the articles among the newest, the pages there are
    tally = Tally()
    for each in articles:
        made = _Pages.of(each)
        yield from made.written(compare, assess, zone, since)
        shown.append(each.article)
        newest = heapq.nlargest(_NEWEST, [*newest, *each.entries], key=lambda entry: entry.seq)
        among = {entry.article_id for entry in newest}
        changes = {
            key: paths for key, paths in {**changes, each.article.id: made.paths}.items() if key in among
        }
        tally.add(each.article, each.entries, each.published_at)
    paths = frozenset(article_path(article.id) for article in shown).union(*changes.values())
    overview = _Overview(
        articles=sorted(shown, key=lambda a: a.last_change_at or a.found_at, reverse=True),
        newest=newest,
        charts=charts(tally, zone),
        paths=paths,
    )
    yield from overview.written(generated_at, zone, since)


@dataclass(frozen=True, kw_only=True)
class _Overview:
    """The pages about all articles; ``paths`` are the others that they may link to."""

    articles: Sequence[Article]
    newest: Sequence[LogEntry]
    charts: Sequence[Chart]
    paths: frozenset[str]

    def written(
        self, generated_at: datetime, zone: tzinfo, since: datetime | None
    ) -> Iterator[tuple[str, str]]:
        """The charts, then the pages of the index from the last to the first."""
        lists = range(index_pages(len(self.articles)), 0, -1)
        paths = self.paths.union((charts_path(),), map(index_path, lists))
        links = SiteLinks(here=charts_path(), pages=paths)
        yield charts_path(), charts_page(self.charts, generated_at, links, zone=zone, since=since)
        for number in lists:
            links = SiteLinks(here=index_path(number), pages=paths)
            yield (
                index_path(number),
                index_page(
                    self.articles,
                    self.newest,
                    generated_at,
                    links,
                    zone=zone,
                    charts=self.charts,
                    since=since,
                    page=number,
                ),
            )


@dataclass(frozen=True, kw_only=True)
class _Pages:
    """The pages of one article: its timeline, its versions, and pairs of them."""

    each: SiteArticle
    revisions: Sequence[Revision]
    pairs: Sequence[tuple[Revision, Revision]]
    paths: frozenset[str]

    @classmethod
    def of(cls, each: SiteArticle) -> _Pages:
        article = each.article
        revisions = sorted(each.revisions, key=lambda revision: revision.number)
        pairs = _pairs(revisions)
        versions = (version_path(article.id, revision.number) for revision in revisions)
        diffs = (diff_path(article.id, old.number, new.number) for old, new in pairs)
        paths = frozenset({index_path(), charts_path(), article_path(article.id), *versions, *diffs})
        return cls(each=each, revisions=revisions, pairs=pairs, paths=paths)

    def written(
        self,
        compare: Callable[[Extraction, Extraction], Diff],
        assess: Callable[[Diff], Assessment],
        zone: tzinfo,
        since: datetime | None,
    ) -> Iterator[tuple[str, str]]:
        article, numbers = self.each.article, [revision.number for revision in self.revisions]
        entries = {entry.number: entry for entry in self.each.entries}
        path = article_path(article.id)
        yield (
            path,
            article_page(
                article,
                self.each.entries,
                links=self._links(path),
                checks=self.each.checks,
                gaps=self.each.gaps,
                zone=zone,
                since=since,
            ),
        )
        for revision in self.revisions:
            path = version_path(article.id, revision.number)
            links, entry = self._links(path), entries.get(revision.number)
            yield path, text_page(article, revision, links=links, numbers=numbers, zone=zone, entry=entry)
        for old, new in self.pairs:
            path = diff_path(article.id, old.number, new.number)
            diff = compare(old.extraction, new.extraction)
            known = new.assessment if new.number == old.number + 1 else None
            head = Head.of(article, old, new, zone, entries.get(new.number), self.each.gaps)
            yield path, diff_page(diff, known or assess(diff), head, links=self._links(path))

    def _links(self, here: str) -> SiteLinks:
        return SiteLinks(here=here, pages=self.paths)


def _pairs(revisions: Sequence[Revision]) -> list[tuple[Revision, Revision]]:
    """The pairs that get a page: of few revisions all, of more each with the one before, the first
    and the last, of very many the neighbours, and the first with the last."""
    if len(revisions) <= _ALL_PAIRS_UP_TO:
        return list(combinations(revisions, 2))
    first, last = revisions[0], revisions[-1]
    if len(revisions) > _ENDS_UP_TO:
        return [*pairwise(revisions), (first, last)]
    from_first = [(first, each) for each in revisions[2:]]
    to_last = [(each, last) for each in revisions[1:-2]]
    return [*pairwise(revisions), *from_first, *to_last]
