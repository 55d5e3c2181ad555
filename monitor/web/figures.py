"""The charts of the served pages, kept up to date by reading only what was added to the log."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from monitor.report import Tally, charts, counts, publication
from monitor.report.charts import Chart
from storage.errors import TakenOut
from storage.ledger import LogFilter
from storage.records import Article, LogEntry
from storage.store import Store

_MOST = 2_000
"""The charts of more entries than this would keep the first reader waiting, and a million of them hold more memory
than the service should."""


class Figures:
    """The log is read with the first request, as a whole or, where it is long, its newest part; sums are
    kept, and drawn anew only when there is news. For any number of threads."""

    def __init__(self, store: Store, zone: tzinfo) -> None:
        self._store = store
        self._zone = zone
        self._tally = Tally()
        self._charts: Sequence[Chart] = ()
        self._seq = 0
        self._since: datetime | None = None
        self._lock = threading.Lock()

    @property
    def since(self) -> datetime | None:
        """Where that begins which the charts show; None: at the beginning of the log."""
        return self._since

    def charts(self) -> Sequence[Chart]:
        with self._lock:
            news = self._store.log(LogFilter(after=self._seq, last=_MOST))
            if news:
                read = [*self._read(news)]  # all of it before any of it counts: reading may fail
                if len(news) == _MOST:
                    self._tally, self._since = Tally(), news[0].seen_at
                for article, entries, published_at in read:
                    self._tally.add(article, entries, published_at)
                self._seq = max(entry.seq for entry in news)
                self._charts = charts(self._tally, self._zone)
            return self._charts

    def _read(
        self, news: Sequence[LogEntry]
    ) -> Iterator[tuple[Article, Sequence[LogEntry], datetime | None]]:
        """What is new of each article, with the article and when it says that it was published."""
        for article_id, entries in groupby(sorted(news, key=_article), key=_article):
            counted = [entry for entry in entries if counts(entry)]
            if counted:
                latest = max(entry.number or 1 for entry in counted)
                yield self._store.article(article_id), counted, self._published(article_id, latest)

    def _published(self, article_id: int, latest: int) -> datetime | None:
        """When the article says that it was published; None where that was taken out as well."""
        try:
            first = self._store.revision(article_id, 1)
            return publication(first, self._store.revision(article_id, latest))
        except TakenOut:
            return None


def _article(entry: LogEntry) -> int:
    return entry.article_id
