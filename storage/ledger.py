"""The revision log: revisions and state events in one order, each chained to the one before.

``chain`` is SHA-256 over the chain before and the record's digest, each with its length in
front (eight bytes, big-endian), so that no entry can be altered, dropped or moved without
every later one showing it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from storage.forms import entry_bytes
from storage.records import Event, EventKind, LogEntry, Severity, WordCount, sha256
from storage.schema import articles, events, ledger, revisions, sources, witnesses

ORIGIN = "0" * 64
"""The chain before the first entry."""


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which part of the log; an absent wish excludes nothing.

    ``after`` is a ledger number, ``since`` a time of first sight, ``severity`` the least one
    (an entry without one, a first revision, is then left out), ``kind`` an event it must hold,
    ``last`` how many of the newest.
    """

    after: int = 0
    article_id: int | None = None
    since: datetime | None = None
    severity: Severity | None = None
    kind: EventKind | None = None
    last: int | None = None


def entries(
    connection: Connection, wanted: LogFilter | None = None, *, seqs: Sequence[int] | None = None
) -> list[LogEntry]:
    """Log entries in their order, by filter or by number."""
    query = _query(wanted or LogFilter())
    if seqs is not None:
        query = query.where(ledger.c.seq.in_(seqs))
    newest = query.order_by(ledger.c.seq.desc()).limit(wanted.last if wanted else None)
    rows = connection.execute(newest).all()[::-1]
    facts = _facts(connection, rows)
    return [_entry(row, facts.get(row.seq, ())) for row in rows]


def append(
    connection: Connection, entry: LogEntry, row: dict[str, Any], extraction: str | None, payload: str | None
) -> int:
    """Chain ``entry`` to the log as its newest and return its number.

    :param row: what the ledger row points at: the article and the revision or event.
    :param extraction: digest of the extraction that the entry rests on.
    :param payload: digest of the bytes received.
    """
    digest = sha256(entry_bytes(entry, extraction, payload))
    head = connection.scalar(select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1)) or ORIGIN
    made = connection.execute(
        ledger.insert().values(digest=digest, chain=link(head, digest), **row).returning(ledger.c.seq)
    )
    return int(made.scalar_one())


def link(chain: str, digest: str) -> str:
    """The chain after ``digest`` is put on ``chain``; both are hexadecimal SHA-256."""
    parts = (bytes.fromhex(chain), bytes.fromhex(digest))
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def _query(wanted: LogFilter) -> Select[Any]:
    query = (
        select(
            ledger.c.seq,
            ledger.c.digest,
            ledger.c.chain,
            ledger.c.event_id,
            ledger.c.revision_id,
            articles.c.id.label("article_id"),
            articles.c.url,
            articles.c.headline.label("article_headline"),
            sources.c.name.label("source"),
            revisions,
            events.c.kind.label("event_kind"),
            events.c.severity.label("event_severity"),
            events.c.at.label("event_at"),
            events.c.not_seen_before.label("event_not_before"),
            witnesses.c.link.label("witness"),
        )
        .join(articles, articles.c.id == ledger.c.article_id)
        .join(sources, sources.c.id == articles.c.source_id)
        .outerjoin(revisions, revisions.c.id == ledger.c.revision_id)
        .outerjoin(events, events.c.id == ledger.c.event_id)
        .outerjoin(witnesses, witnesses.c.ledger_seq == ledger.c.seq)
        .where(ledger.c.seq > wanted.after)
    )
    if wanted.article_id is not None:
        query = query.where(ledger.c.article_id == wanted.article_id)
    if wanted.since is not None:
        query = query.where(or_(revisions.c.seen_at >= wanted.since, events.c.at >= wanted.since))
    if wanted.severity is not None:
        words = [severity.word for severity in Severity if severity >= wanted.severity]
        query = query.where(or_(revisions.c.severity.in_(words), events.c.severity.in_(words)))
    if wanted.kind is not None:
        holding = select(events.c.revision_id).where(
            events.c.kind == wanted.kind, events.c.revision_id.is_not(None)
        )
        query = query.where(
            or_(
                ledger.c.revision_id.in_(holding),
                and_(events.c.id.is_not(None), events.c.kind == wanted.kind),
            )
        )
    return query


def _facts(connection: Connection, rows: Sequence[Any]) -> dict[int, tuple[Event, ...]]:
    """The events of each log row, by ledger number, in the order they were recorded."""
    of_revision = {row.revision_id: row.seq for row in rows if row.revision_id is not None}
    of_event = {row.event_id: row.seq for row in rows if row.event_id is not None}
    found: dict[int, list[Event]] = {}
    for column, owners in ((events.c.revision_id, of_revision), (events.c.id, of_event)):
        for batch in _batches(sorted(owners)):
            for row in connection.execute(select(events).where(column.in_(batch)).order_by(events.c.id)):
                key = row.revision_id if column is events.c.revision_id else row.id
                found.setdefault(owners[key], []).append(event_from(row))
    return {seq: tuple(facts) for seq, facts in found.items()}


def event_from(row: Any) -> Event:
    return Event(
        kind=EventKind(row.kind),
        severity=Severity.of(row.severity),
        old=row.old,
        new=row.new,
        where=row.place,
    )


def _entry(row: Any, facts: tuple[Event, ...]) -> LogEntry:
    shared: dict[str, Any] = {
        "article_id": row.article_id,
        "url": row.url,
        "source": row.source,
        "events": facts,
        "digest": row.digest,
        "chain": row.chain,
        "seq": row.seq,
        "witness": row.witness,
    }
    if row.revision_id is None:
        return LogEntry(
            number=None,
            reason=row.event_kind,
            headline=row.article_headline,
            seen_at=row.event_at,
            not_seen_before=row.event_not_before,
            severity=Severity.of(row.event_severity),
            silent=False,
            summary=facts[0].new or "" if facts else "",
            words=WordCount(),
            **shared,
        )
    return LogEntry(
        number=row.number,
        reason=row.reason,
        headline=row.headline,
        seen_at=row.seen_at,
        not_seen_before=row.not_seen_before,
        severity=Severity.of(row.severity) if row.severity else None,
        silent=row.silent,
        summary=row.summary,
        words=WordCount(added=row.words_added, deleted=row.words_deleted, kept=row.words_kept),
        **shared,
    )


def _batches(keys: Sequence[int], size: int = 5000) -> Iterator[Sequence[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
