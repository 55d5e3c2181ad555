"""report: the static site, written into a folder of its own.

A run never leaves the folder worse than it found it: each page takes its place at once and
whole, the index comes last, and only then go the pages of an earlier run that are no longer
made. The folder lists what was written into it; nothing else in it is touched.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from monitor.cli.common import moment, now, opened, zone_of
from monitor.compare import compare
from monitor.errors import UsageError
from monitor.events import assess
from monitor.report import SiteArticle, counts, is_page_path, publication, site_pages
from storage.ledger import LogFilter
from storage.records import Article, ArticleState, ServiceReason
from storage.store import Store

_LATEST_CHECKS = 50
_LIST = ".writethru-report"


def report(arguments: argparse.Namespace) -> int:
    """Write the static site; its index is named at the end."""
    with opened(arguments) as (config, store):
        zone = zone_of(config)
        since = moment(arguments.since, zone) if arguments.since else None
        folder = Folder(arguments.out)
        progress = tqdm(store.articles(), unit="article", disable=None)  # none in a pipe
        pages = site_pages(
            report_articles(store, progress, since),
            compare=compare,
            assess=assess,
            generated_at=now(),
            zone=zone,
            since=since,
        )
        try:
            folder.write(pages)
        except OSError as error:
            raise UsageError(f"The report cannot be written to {arguments.out}: {error.strerror}.") from None
    print(arguments.out / "index.html")
    return 0


def report_articles(
    store: Store, articles: Iterable[Article], since: datetime | None
) -> Iterator[SiteArticle]:
    """The articles with something to show, each with the revisions seen since then and the one that
    the first of these is compared with, or, where none was seen, the latest."""
    gaps = tuple(store.notes(ServiceReason.GAP))
    for article in articles:
        entries = store.log(LogFilter(article_id=article.id, since=since))
        if since is not None and not entries:
            continue
        numbers = [entry.number for entry in entries if entry.number]
        first = max(1, min(numbers) - 1 if numbers else article.revisions)
        last = max(numbers, default=article.revisions)
        forgotten = article.state is ArticleState.FORGOTTEN
        readable = () if forgotten else range(first, last + 1)
        revisions = tuple(store.revision(article.id, number) for number in readable)
        published_at = None
        if revisions and any(map(counts, entries)):
            earliest = revisions[0] if first == 1 else store.revision(article.id, 1)
            published_at = publication(earliest, revisions[-1])
        yield SiteArticle(
            article=article,
            entries=tuple(entries),
            revisions=revisions,
            checks=tuple(store.checks(article_id=article.id, last=_LATEST_CHECKS)),
            gaps=gaps,
            published_at=published_at,
        )


class Folder:
    """A folder for one report.

    :raises UsageError: it holds something else, or a page would replace a file that is not ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._list = path / _LIST
        self._ours = self._read_list()

    def write(self, pages: Iterable[tuple[str, str]]) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        written: set[str] = set()
        with self._list.open("a", encoding="utf-8") as listed:
            for name, page in pages:
                self._claim(name)
                print(name, file=listed, flush=True)  # before the page: what a crash leaves is known as ours
                _replace(self._path / name, page)
                written.add(name)
        self._remove(self._ours - written)
        _replace(self._list, "".join(f"{name}\n" for name in sorted(written)))

    def _read_list(self) -> set[str]:
        """What earlier runs wrote, whether they came to their end or not."""
        if self._list.is_file():
            return {name for name in self._list.read_text(encoding="utf-8").split("\n") if is_page_path(name)}
        if self._path.exists() and (not self._path.is_dir() or any(self._path.iterdir())):
            raise UsageError(f"{self._path} holds something else; name a new or empty folder for the report.")
        return set()

    def _claim(self, name: str) -> None:
        if name not in self._ours and os.path.lexists(self._path / name):
            raise UsageError(f"{self._path / name} is not of a report; move it away, or name another folder.")

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            (self._path / name).unlink(missing_ok=True)
            _unfinished(self._path / name).unlink(missing_ok=True)
        for folder in sorted({parent for name in names for parent in Path(name).parents}, reverse=True):
            place = self._path / folder
            if folder != Path() and place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def _replace(path: Path, text: str) -> None:
    """Put a whole file in its place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _unfinished(path).write_text(text, encoding="utf-8")
    _unfinished(path).replace(path)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
