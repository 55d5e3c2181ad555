"""A stretch of the ledger: is each entry chained to the one before? And what the service noted of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, select, type_coerce

from storage.errors import DamagedBody
from storage.ledger import ORIGIN, linked
from storage.schema import bodies, ledger
from storage.verify.articles import ENTRIES
from storage.verify.findings import Finding
from storage.verify.plain import Plain
from storage.verify.rows import UNREADABLE, Row, entry_troubles

BROKEN = "the chain breaks here: this entry, or one just before it, was altered, put in, moved or taken away"
_LINKS = (
    select(
        ledger.c.seq,
        type_coerce(ledger.c.chain, LargeBinary),
        type_coerce(bodies.c.digest, LargeBinary),
        ledger.c.article_id,
        ledger.c.number,
    )
    .outerjoin(bodies, bodies.c.id == ledger.c.record)
    .order_by(ledger.c.seq)
)
_BEFORE = select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1)


class Walked(NamedTuple):
    """A stretch as it was found: how many entries, whether it holds the head that was asked for."""

    findings: list[Finding]
    entries: int
    held: bool


def walk(connection: Connection, after: int, until: int, head: str | None) -> Walked:
    """Follow the chain through the entries later than ``after`` up to ``until``."""
    chain = bytes.fromhex(connection.scalar(_BEFORE.where(ledger.c.seq <= after)) or ORIGIN)
    wanted = None if head is None else bytes.fromhex(head)
    findings: list[Finding] = []
    entries, held = 0, False
    for seq, found, digest, article, number in connection.execute(
        _LINKS.where(ledger.c.seq > after, ledger.c.seq <= until)
    ):
        if digest is None or len(digest) != 32 or found != linked(chain, digest):
            findings.append(Finding(article=article, revision=number, entry=seq, trouble=BROKEN))
        chain, entries, held = found, entries + 1, held or found == wanted
    return Walked(findings, entries, held)


def noted(connection: Connection, plain: Plain) -> Iterator[Finding]:
    """What is wrong with the entries about the service itself."""
    found = connection.execute(ENTRIES.where(ledger.c.article_id.is_(None)).order_by(ledger.c.seq))
    rows = [Row(*row) for row in found]
    plain.fetch(connection, [row.record for row in rows])
    for row in rows:
        for trouble in _note_troubles(connection, plain, row):
            yield Finding(entry=row.seq, trouble=trouble)


def _note_troubles(connection: Connection, plain: Plain, row: Row) -> Iterator[str]:
    try:
        form = json.loads(plain.get(connection, row.record))
        yield from entry_troubles(row, form, None, (None, None, None), None)
        if (row.text, row.payload, row.screenshot) != (None, None, None):
            yield "it is about the service, and the log gives it a text or a page"
        body = plain.row(connection, row.record)
        if body is None or body.article_id is not None or body.shared or body.depth:
            yield "its record is not kept as the service keeps its own"
    except DamagedBody as damaged:
        yield f"its record {damaged.trouble}"
    except UNREADABLE:
        yield "it cannot be read"
