"""Reads what the product remembers while the daemon is still writing it: new checks, new log entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from demo.judge import Recorded
from demo.newsroom import DeskAlert
from storage.ledger import LogFilter
from storage.records import Article, CheckEntry, LogEntry, Revision
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class News:
    """What came in since the last look, each in its order."""

    checks: Sequence[CheckEntry] = ()
    entries: Sequence[LogEntry] = ()


class Record:
    """One archive, followed from its first row. Revisions never change, so each is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revisions: dict[tuple[int, int], Revision] = {}
        self.checks: list[CheckEntry] = []
        self.entries: list[LogEntry] = []

    def news(self) -> News:
        """The entries first: a check lands together with what it found, so none comes before its check."""
        entries = self._store.log(LogFilter(after=self.entries[-1].seq if self.entries else 0))
        checks = self._store.checks(after=self.checks[-1].seq if self.checks else 0)
        self.entries += entries
        self.checks += checks
        return News(checks=checks, entries=entries)

    def revision(self, article_id: int, number: int) -> Revision:
        key = (article_id, number)
        if key not in self._revisions:
            self._revisions[key] = self._store.revision(article_id, number)
        return self._revisions[key]

    def article(self, article_id: int) -> Article:
        return self._store.article(article_id)

    def recorded(self, alerts: Sequence[DeskAlert]) -> Recorded:
        """Everything so far, for the judge."""
        numbered = [(e.article_id, e.number) for e in self.entries if e.number is not None]
        return Recorded(
            entries=tuple(self.entries),
            revisions={key: self.revision(*key) for key in numbered},
            deliveries=tuple(self._store.outbox.deliveries()),
            alerts=tuple(alerts),
        )
