"""The ledger: revisions, state events and what the service notes of itself, in one order, each entry chained
to the one before.

What an entry claims is its record, canonical JSON that is kept as a body; the columns beside it are an
index of it. ``chain`` is SHA-256 over the chain before and the record's digest, each with its length in
front (eight bytes, big-endian), so that no entry can be altered, dropped or moved without every later one
showing it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from storage.bodies import Bodies
from storage.errors import StorageError, TakenOut
from storage.forms import CAPTURED, KINDS, Form, log_entry, parse_time, service_form
from storage.records import (
    EventKind,
    LogEntry,
    Proof,
    ServiceEntry,
    ServiceReason,
    Severity,
    WordCount,
    canonical_json,
)
from storage.schema import articles, bodies, ledger, sources, witnesses

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
    connection: Connection,
    kept: Bodies,
    wanted: LogFilter | None = None,
    *,
    seqs: Sequence[int] | None = None,
) -> list[LogEntry]:
    """Entries about articles in their order, by filter or by number."""
    query = _query(wanted or LogFilter())
    if seqs is not None:
        query = query.where(ledger.c.seq.in_(seqs))
    newest = query.order_by(ledger.c.seq.desc()).limit(wanted.last if wanted else None)
    return [_entry(connection, kept, row) for row in connection.execute(newest).all()[::-1]]


def service_entries(
    connection: Connection, kept: Bodies, reason: ServiceReason | None = None, last: int | None = None
) -> list[ServiceEntry]:
    """What the service noted of itself, in order; with ``last``, no more than the newest."""
    query = select(ledger, bodies.c.digest).join(bodies, bodies.c.id == ledger.c.record)
    query = query.where(ledger.c.article_id.is_(None)).order_by(ledger.c.seq.desc()).limit(last)
    if reason is not None:
        query = query.where(ledger.c.reason == reason)
    rows = connection.execute(query).all()[::-1]
    return [_service_entry(record(connection, kept, row.record), row) for row in rows]


def record(connection: Connection, kept: Bodies, number: int) -> Form:
    """What a record says.

    :raises DamagedBody: it cannot be read as it was written.
    """
    form: Form = json.loads(kept.get(connection, number))
    return form


def proof(
    connection: Connection, kept: Bodies, article_id: int, number: int, head: str | None = None
) -> Proof:
    """What proves that a revision stands in the log.

    :param head: the link of the chain that the proof leads to; None: the newest.
    :raises StorageError: there is no such revision, or that head is none that comes after it.
    """
    numbers = (number - 1, number)
    query = select(ledger).where(ledger.c.article_id == article_id, ledger.c.number.in_(numbers))
    rows = connection.execute(query.order_by(ledger.c.number)).all()
    if not rows or rows[-1].number != number:
        raise StorageError(f"There is no revision {number} of that article; 'writethru log' lists them.")
    last = select(ledger.c.seq, ledger.c.chain).where(ledger.c.seq >= rows[-1].seq)
    last = last.order_by(ledger.c.seq.desc()) if head is None else last.where(ledger.c.chain == head)
    end = connection.execute(last.limit(1)).first()
    if end is None:
        raise StorageError(f"The head {head} is not that of this revision or of a later entry in the log.")
    digests = select(bodies.c.digest).join(ledger, ledger.c.record == bodies.c.id).order_by(ledger.c.seq)
    return Proof(
        record=kept.get(connection, rows[-1].record),
        text=kept.get(connection, rows[-1].text),
        previous=kept.get(connection, rows[0].record) if len(rows) == 2 else None,
        previous_text=_if_there(connection, kept, rows[0].text) if len(rows) == 2 else None,
        before=connection.scalar(_HEAD.where(ledger.c.seq < rows[0].seq)) or ORIGIN,
        digests=tuple(connection.scalars(digests.where(ledger.c.seq.between(rows[0].seq, end.seq)))),
        head=end.chain,
    )


def _if_there(connection: Connection, kept: Bodies, number: int) -> bytes | None:
    """The bytes of that body; None: they were taken out."""
    there = select(bodies.c.data.is_not(None)).where(bodies.c.id == number)
    return kept.get(connection, number) if connection.scalar(there) else None


def append(
    connection: Connection, kept: Bodies, form: Form, columns: dict[str, Any], bases: Sequence[int] = ()
) -> int:
    """Chain a record to the ledger as its newest entry and return its number.

    :param columns: what the ledger keeps beside the record, the article among them.
    :param bases: bodies that the record resembles or quotes.
    """
    stored = kept.put(connection, canonical_json(form), article_id=columns["article_id"], bases=bases)
    chain = link(connection.scalar(_HEAD) or ORIGIN, stored.digest)
    row = {**_NO_COLUMNS, **columns, "record": stored.number, "chain": chain}
    return int(connection.execute(_APPEND, row).scalar_one())


def append_service(connection: Connection, kept: Bodies, entry: ServiceEntry) -> int:
    """Chain an entry about the service itself."""
    columns = {
        "article_id": None,
        "number": None,
        "reason": entry.reason.value,
        "seen_at": entry.seen_at,
        "kinds": 0,
    }
    return append(connection, kept, service_form(entry), columns)


_HEAD = select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1)
_APPEND = ledger.insert().returning(ledger.c.seq)
_NO_COLUMNS = dict.fromkeys(column.name for column in ledger.columns if column.nullable)


def link(chain: str, digest: str) -> str:
    """The chain after ``digest`` is put on ``chain``; both are hexadecimal SHA-256."""
    return linked(bytes.fromhex(chain), bytes.fromhex(digest)).hex()


def linked(chain: bytes, digest: bytes) -> bytes:
    """The same in bytes."""
    return hashlib.sha256(_LENGTH + chain + _LENGTH + digest).digest()


_LENGTH = (32).to_bytes(8, "big")


def _query(wanted: LogFilter) -> Select[Any]:
    query = (
        select(
            ledger.c.seq,
            ledger.c.number,
            ledger.c.reason,
            ledger.c.seen_at,
            ledger.c.severity,
            ledger.c.chain,
            ledger.c.record,
            ledger.c.headline,
            bodies.c.digest,
            articles.c.id.label("article_id"),
            articles.c.url,
            articles.c.headline.label("article_headline"),
            sources.c.name.label("source"),
            witnesses.c.link.label("witness"),
        )
        .join(articles, articles.c.id == ledger.c.article_id)
        .join(sources, sources.c.id == articles.c.source_id)
        .join(bodies, bodies.c.id == ledger.c.record)
        .outerjoin(witnesses, witnesses.c.ledger_seq == ledger.c.seq)
        .where(ledger.c.seq > wanted.after, ledger.c.reason != CAPTURED)
    )
    if wanted.article_id is not None:
        query = query.where(ledger.c.article_id == wanted.article_id)
    if wanted.since is not None:
        query = query.where(ledger.c.seen_at >= wanted.since)
    if wanted.severity is not None:
        query = query.where(ledger.c.severity >= int(wanted.severity))
    if wanted.kind is not None:
        bit = 1 << KINDS.index(wanted.kind.value)
        query = query.where(and_(ledger.c.kinds.op("&")(bit) != 0))
    return query


def _entry(connection: Connection, kept: Bodies, row: Any) -> LogEntry:
    try:
        form = record(connection, kept, row.record)
    except TakenOut:
        return _forgotten(row)
    if "form" not in form:
        form = form | {"headline": row.headline or row.article_headline}  # form 1 does not say
    return log_entry(
        form,
        article_id=row.article_id,
        source=row.source,
        digest=row.digest,
        chain=row.chain,
        seq=row.seq,
        witness=row.witness,
    )


def _forgotten(row: Any) -> LogEntry:
    """What the ledger itself still knows of an entry whose record was taken out with its article."""
    return LogEntry(
        article_id=row.article_id,
        url=row.url,
        source=row.source,
        headline=None,
        number=row.number,
        reason=row.reason,
        seen_at=row.seen_at,
        not_seen_before=None,
        severity=None if row.severity is None else Severity(row.severity),
        silent=False,
        summary="What it said was taken out for good.",
        events=(),
        words=WordCount(),
        digest=row.digest,
        chain=row.chain,
        seq=row.seq,
        witness=row.witness,
    )


def _service_entry(form: Form, row: Any) -> ServiceEntry:
    return ServiceEntry(
        reason=ServiceReason(form["reason"]),
        seen_at=row.seen_at,
        not_seen_before=parse_time(form["not_seen_before"]),
        about=form["about"],
        digest=row.digest,
        chain=row.chain,
        seq=row.seq,
    )
