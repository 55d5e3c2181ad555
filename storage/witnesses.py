"""What a public archive was asked to save: which requests are due, and how they went.

A request was written in the transaction of its revision. What is claimed here is counted as asked
before it is sent, so that a crash in the middle neither loses it nor forgets that the archive was
asked a moment ago. Knows nothing of any archive's protocol.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from storage.engine import Database
from storage.records import Outcome, Witness, WitnessState
from storage.schema import witnesses

TURNS = (
    witnesses.c.next_try_at,
    witnesses.c.claimed_until,
    witnesses.c.quiet_until,
    witnesses.c.asked_at,
)
"""The times at which something is due or void, or from which a distance is kept."""

_OPEN = (WitnessState.PENDING, WitnessState.ASKED)
_FARTHEST = timedelta(days=1)
"""Nothing is put off for longer: what lies farther ahead was left there by a clock that was put back."""


def ask_for(connection: Connection, ledger_seq: int, outcome: Outcome) -> None:
    """Within the transaction of a revision: a public archive should save its page."""
    if outcome.revision is None:
        return
    connection.execute(
        witnesses.insert().values(
            ledger_seq=ledger_seq,
            article_id=outcome.article.id,
            number=outcome.revision.number,
            seen_at=outcome.revision.seen_at,
            url=outcome.witness,
            state=WitnessState.PENDING,
            created_at=outcome.check.at,
            next_try_at=outcome.check.at,
            attempts=0,
        )
    )


def withdraw(connection: Connection, article_id: int) -> None:
    """Within the transaction of whoever has a reason: nothing more is asked about that article; of what the
    archive keeps the address stays."""
    still_open = and_(witnesses.c.article_id == article_id, witnesses.c.state.in_(_OPEN))
    connection.execute(delete(witnesses).where(still_open))


class Witnesses:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, lease: timedelta, *, at_once: int, spacing: timedelta) -> list[Witness]:
        """What is due, nobody else's until the lease has run out: at most one page to be saved, and every
        job that is to be looked at.

        :param at_once: no more than so many jobs are with the archive at a time.
        :param spacing: at least so long between two pages to be saved.
        """
        tries = witnesses.c.next_try_at
        due = and_(witnesses.c.state.in_(_OPEN), or_(tries <= now, tries > now + _FARTHEST))
        with self._database.reading() as connection:
            if connection.scalar(select(witnesses.c.id).where(due).limit(1)) is None:
                return []
        held = witnesses.c.claimed_until
        free = or_(held.is_(None), held < now, held > now + _FARTHEST)
        with self._database.writing() as connection:
            if _wants_quiet(connection, now):
                return []
            jobs = _WITNESSES.where(due, free, witnesses.c.state == WitnessState.ASKED).limit(at_once)
            found = [_witness(row) for row in connection.execute(jobs)]
            if _has_room(connection, now, at_once, spacing):
                waiting = _WITNESSES.where(due, free, witnesses.c.state == WitnessState.PENDING)
                found += [_asked_now(connection, row, now) for row in connection.execute(waiting.limit(1))]
            claimed = witnesses.c.id.in_([witness.id for witness in found])
            connection.execute(update(witnesses).where(claimed).values(claimed_until=now + lease))
        return found

    def settle(self, witness: Witness) -> None:
        """Write down how it stands after an attempt. What is kept stays so, whatever an attempt that took
        longer than its lease has to say."""
        with self._database.writing() as connection:
            connection.execute(
                update(witnesses)
                .where(witnesses.c.id == witness.id, witnesses.c.state.in_(_OPEN))
                .values(
                    state=witness.state,
                    next_try_at=witness.next_try_at,
                    quiet_until=witness.quiet_until,
                    job=witness.job,
                    link=witness.link,
                    kept_at=witness.kept_at,
                    error=witness.error,
                    claimed_until=None,
                )
            )

    def void_claims(self) -> None:
        """Drop the claims of a process that is gone: what it was asking is due again."""
        with self._database.writing() as connection:
            held = witnesses.c.claimed_until.is_not(None)
            connection.execute(update(witnesses).where(held).values(claimed_until=None))

    def all(self, article_id: int | None = None) -> list[Witness]:
        """Every request, or those of one article, in the order they were made."""
        query = _WITNESSES.order_by(None).order_by(witnesses.c.id)
        if article_id is not None:
            query = query.where(witnesses.c.article_id == article_id)
        with self._database.reading() as connection:
            return [_witness(row) for row in connection.execute(query)]

    def link(self, article_id: int, number: int) -> str | None:
        """Where a public archive keeps that revision's page; None: nowhere that we know of."""
        its = and_(witnesses.c.article_id == article_id, witnesses.c.number == number)
        with self._database.reading() as connection:
            return connection.scalar(select(witnesses.c.link).where(its))

    def counts(self) -> dict[str, int]:
        """How many requests there are in each state; a state that none is in is left out."""
        query = select(witnesses.c.state, func.count()).group_by(witnesses.c.state)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _wants_quiet(connection: Connection, now: datetime) -> bool:
    quiet = witnesses.c.quiet_until.between(now, now + _FARTHEST)
    return connection.scalar(select(witnesses.c.id).where(quiet).limit(1)) is not None


def _has_room(connection: Connection, now: datetime, at_once: int, spacing: timedelta) -> bool:
    """Whether the archive may be asked for one more page by now. A page that somebody is just asking for
    counts as one with the archive."""
    asking = and_(witnesses.c.state == WitnessState.PENDING, witnesses.c.claimed_until >= now)
    busy = select(func.count()).where(or_(witnesses.c.state == WitnessState.ASKED, asking))
    just_asked = and_(witnesses.c.asked_at > now - spacing, witnesses.c.asked_at <= now)
    if connection.scalar(select(witnesses.c.id).where(just_asked).limit(1)) is not None:
        return False
    return (connection.scalar(busy) or 0) < at_once


def _asked_now(connection: Connection, row: Any, now: datetime) -> Witness:
    attempts = row.attempts + 1
    change = update(witnesses).where(witnesses.c.id == row.id).values(asked_at=now, attempts=attempts)
    connection.execute(change)
    return _witness(row, asked_at=now, attempts=attempts)


_later = witnesses.alias("later")
_OUTDONE = exists().where(_later.c.article_id == witnesses.c.article_id, _later.c.number > witnesses.c.number)
_WITNESSES = select(witnesses, _OUTDONE.label("outdone")).order_by(witnesses.c.next_try_at, witnesses.c.id)


def _witness(row: Any, **changed: Any) -> Witness:
    values = {
        "id": row.id,
        "url": row.url,
        "seen_at": row.seen_at,
        "created_at": row.created_at,
        "next_try_at": row.next_try_at,
        "state": WitnessState(row.state),
        "attempts": row.attempts,
        "outdone": bool(row.outdone),
        "asked_at": row.asked_at,
        "quiet_until": row.quiet_until,
        "job": row.job,
        "link": row.link,
        "kept_at": row.kept_at,
        "error": row.error,
    }
    return Witness(**(values | changed))
