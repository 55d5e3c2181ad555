"""What the charts count: revisions by hour, by outlet and by age, added up one article at a time.

Only what an outlet did counts, an edit or a return to an earlier text; a first sight, a
baseline and our own reading differently never do. Keeps sums, no entry and no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.records import Article, LogEntry, Reason, Revision, Severity

_COUNTED = frozenset({Reason.EDIT, Reason.REVERT})
_HOUR = timedelta(hours=1)

HOURS = 24
DAYS = 7
LATER = HOURS + DAYS - 1
"""The last age: 24 single hours, the second to the seventh day, and whatever comes later."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """``silent`` are among the ``substantive``, which are substantive or worse."""

    revisions: int = 0
    substantive: int = 0
    silent: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            revisions=self.revisions + other.revisions,
            substantive=self.substantive + other.substantive,
            silent=self.silent + other.silent,
        )


class Tally:
    """Sums over any number of articles; its size grows with the hours and outlets seen, not with
    the revisions.

    ``hours`` are by the full hour, in UTC. ``ages`` counts the revisions by how long after
    publication they were seen (see ``LATER``); ``undated`` are those among them that count
    from when their article was found, for want of a time of publication.
    """

    def __init__(self) -> None:
        self.hours: dict[datetime, Count] = {}
        self.ages: Counter[int] = Counter()
        self.undated = 0
        self._outlets: dict[tuple[str, str], Count] = {}

    def add(self, article: Article, entries: Iterable[LogEntry], published_at: datetime | None) -> None:
        """:param entries: entries of that article's log that were not added before."""
        for entry in entries:
            if counts(entry):
                self._add(article, entry, published_at)

    def _add(self, article: Article, entry: LogEntry, published_at: datetime | None) -> None:
        substantive = entry.severity is not None and entry.severity >= Severity.SUBSTANTIVE
        count = Count(revisions=1, substantive=int(substantive), silent=int(substantive and entry.silent))
        hour = entry.seen_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        outlet = (article.source, article.host)
        self.hours[hour] = self.hours.get(hour, Count()) + count
        self._outlets[outlet] = self._outlets.get(outlet, Count()) + count
        dated = published_at is not None and published_at <= entry.seen_at
        start = published_at if published_at is not None and dated else article.found_at
        self.ages[_age(entry.seen_at - start)] += 1
        self.undated += not dated

    @property
    def total(self) -> Count:
        return sum(self.hours.values(), Count())

    def outlets(self) -> dict[str, Count]:
        """Sums by the name of the source; by the host for a source that covers several, or that
        has no name but its address."""
        hosts = Counter(source for source, _ in self._outlets)
        found: dict[str, Count] = {}
        for (source, host), count in self._outlets.items():
            name = host if hosts[source] > 1 or "://" in source else source
            found[name] = found.get(name, Count()) + count
        return found


def counts(entry: LogEntry) -> bool:
    """Whether the entry is a revision that the outlet made."""
    return entry.number is not None and entry.reason in _COUNTED


def publication(*revisions: Revision | None) -> datetime | None:
    """When the article says that it was published: what the first of these that says so, says."""
    said = (revision.extraction.published_at for revision in revisions if revision is not None)
    return next((time for time in said if time is not None), None)


def _age(passed: timedelta) -> int:
    hour = max(0, passed // _HOUR)
    return hour if hour < HOURS else min(HOURS + hour // HOURS - 1, LATER)
