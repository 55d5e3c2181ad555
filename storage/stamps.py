"""Stamps on the head of the chain: what outside authorities said, and what they were asked last.

Knows nothing of tokens beyond their bytes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from storage.engine import Database
from storage.records import Stamp
from storage.schema import ledger, stamps


class Stamps:
    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> tuple[int, str] | None:
        """The newest entry of the log, as its number and its chain; None: the log is empty."""
        newest = select(ledger.c.seq, ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).first()
            return None if row is None else (row.seq, row.chain)

    def latest(self) -> Stamp | None:
        """The newest stamp there is, and not the failures since."""
        query = select(stamps).where(stamps.c.token.is_not(None)).order_by(stamps.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            return None if row is None else _stamp(row)

    def failure(self) -> Stamp | None:
        """The last attempt, where it came to nothing."""
        query = select(stamps).where(stamps.c.token.is_(None)).order_by(stamps.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            return None if row is None else _stamp(row)

    def keep(self, stamp: Stamp) -> None:
        """Add a stamp, or the last failure in place of the one before: what came to nothing is no proof of
        anything, and is kept only until the next attempt."""
        with self._database.writing() as connection:
            connection.execute(delete(stamps).where(stamps.c.token.is_(None)))
            connection.execute(
                stamps.insert().values(
                    head=stamp.head,
                    seq=stamp.seq,
                    made_at=stamp.made_at,
                    kind=stamp.kind,
                    token=stamp.token,
                    error=stamp.error,
                )
            )

    def all(self) -> list[Stamp]:
        """Every stamp, oldest first."""
        query = select(stamps).where(stamps.c.token.is_not(None)).order_by(stamps.c.id)
        with self._database.reading() as connection:
            return [_stamp(row) for row in connection.execute(query)]

    def astray(self) -> list[Stamp]:
        """Stamps on a head that the chain does not have at their entry."""
        query = select(stamps.c.id, ledger.c.chain).join(ledger, ledger.c.seq == stamps.c.seq)
        with self._database.reading() as connection:
            chains = {row.id: row.chain for row in connection.execute(query)}
            found = select(stamps).where(stamps.c.token.is_not(None)).order_by(stamps.c.id)
            return [_stamp(row) for row in connection.execute(found) if chains.get(row.id) != row.head]


def _stamp(row: Any) -> Stamp:
    return Stamp(
        head=row.head,
        seq=row.seq,
        made_at=row.made_at,
        kind=row.kind,
        token=row.token,
        error=row.error,
    )
