"""What stands at the head of a diff report, beside what the diff itself knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from monitor.report.gaps import gap_sentence, gaps_within
from storage.records import Article, LogEntry, Revision, ServiceEntry


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the two versions came from and when they were seen.

    Everything is optional, for two files compared without a database. ``not_seen_before``
    is the last check that still saw the old version, ``gaps`` sentences about the times between the two when
    nothing was watched. ``witness`` is where a public archive keeps the new
    version as well. ``chain`` is that of the new version's log entry, ``entry`` its number: whoever keeps
    the report can tell any later change to the log up to there. ``article_id`` and the two numbers
    are what the HTML page needs for its links (with ``revisions``, how many there are);
    without labels they also name the versions.
    """

    headline: str | None = None
    url: str | None = None
    source: str | None = None
    old_label: str | None = None
    new_label: str | None = None
    old_seen_at: datetime | None = None
    seen_at: datetime | None = None
    not_seen_before: datetime | None = None
    gaps: tuple[str, ...] = ()
    zone: tzinfo = UTC
    reason: str | None = None
    article_id: int | None = None
    old_number: int | None = None
    new_number: int | None = None
    revisions: int | None = None
    witness: str | None = None
    entry: int | None = None
    chain: str | None = None

    @property
    def old_name(self) -> str:
        return self.old_label or _numbered(self.old_number) or "old"

    @property
    def new_name(self) -> str:
        return self.new_label or _numbered(self.new_number) or "new"

    @classmethod
    def of(
        cls,
        article: Article,
        old: Revision,
        new: Revision,
        zone: tzinfo,
        entry: LogEntry | None = None,
        gaps: Sequence[ServiceEntry] = (),
    ) -> Head:
        """The head of the diff between two revisions of one article. The reason is only given
        where no other revision lies between the two.

        :param entry: what the log says of the new one.
        :param gaps: when nothing was watched; those that bear on the new version are said.
        """
        within = gaps_within(gaps, new.not_seen_before, new.seen_at)
        return cls(
            headline=new.extraction.headline or article.headline,
            url=article.url,
            source=article.source,
            old_seen_at=old.seen_at,
            seen_at=new.seen_at,
            not_seen_before=_in_order(new),
            gaps=tuple(gap_sentence(gap, zone) for gap in within),
            zone=zone,
            reason=new.reason.value if new.number == old.number + 1 else None,
            article_id=article.id,
            old_number=old.number,
            new_number=new.number,
            revisions=max(article.revisions, new.number),
            witness=entry.witness if entry else None,
            entry=entry.seq if entry else None,
            chain=entry.chain if entry else None,
        )


def _in_order(new: Revision) -> datetime | None:
    """When the revision was not seen yet; where the clock was put back after that, no span is claimed."""
    before = new.not_seen_before
    return None if before is None or before > new.seen_at else before


def _numbered(number: int | None) -> str | None:
    return None if number is None else f"revision {number}"
