"""Alerts on their way: which no delivery carries yet, which deliveries are due, how they went.

An alert was written in the transaction of its subject. Here it is put into a delivery, whose
id and content are fixed before it is first sent, so that a repeat carries the same id. Knows
nothing of channels.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from storage.bodies import Bodies
from storage.engine import Database
from storage.ledger import entries
from storage.records import Delivery, DeliveryState, PendingAlert
from storage.schema import alerts, deliveries

TURNS = (deliveries.c.next_try_at, deliveries.c.claimed_until)
"""The times at which something is due or void."""


class Outbox:
    def __init__(self, database: Database, kept: Bodies) -> None:
        self._database = database
        self._kept = kept

    def waiting(self, limit: int = 100) -> list[PendingAlert]:
        """Alerts that no delivery carries yet, oldest first."""
        query = select(alerts).where(alerts.c.delivery_id.is_(None)).order_by(alerts.c.id).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            seqs = [row.ledger_seq for row in rows]
            about = {entry.seq: entry for entry in entries(connection, self._kept, seqs=seqs)}
        return [
            PendingAlert(id=r.id, channel=r.channel, rules=tuple(r.rules), entry=about[r.ledger_seq])
            for r in rows
        ]

    def compose(self, delivery: Delivery, now: datetime) -> bool:
        """Fix a delivery and put its alerts into it; False: another process was faster."""
        free = select(func.count()).where(alerts.c.id.in_(delivery.alerts), alerts.c.delivery_id.is_(None))
        with self._database.writing() as connection:
            if connection.scalar(free) != len(delivery.alerts):
                return False
            connection.execute(
                deliveries.insert().values(
                    id=delivery.id,
                    channel=delivery.channel,
                    content=delivery.content,
                    state=DeliveryState.PENDING,
                    attempts=0,
                    created_at=now,
                    next_try_at=now,
                )
            )
            connection.execute(
                update(alerts).where(alerts.c.id.in_(delivery.alerts)).values(delivery_id=delivery.id)
            )
            return True

    def claim(self, now: datetime, lease: timedelta, limit: int = 20) -> list[Delivery]:
        """Due deliveries, nobody else's until the lease has run out."""
        due = (
            select(deliveries)
            .where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.next_try_at <= now)
            .where(or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < now))
            .order_by(deliveries.c.next_try_at, deliveries.c.created_at, deliveries.c.id)
            .limit(limit)
        )
        with self._database.writing() as connection:
            found = [_delivery(row) for row in connection.execute(due)]
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([delivery.id for delivery in found]))
                .values(claimed_until=now + lease)
            )
        return found

    def settle(self, delivery: Delivery) -> None:
        """Write down how an attempt went: state, attempts, next try, error. What was delivered stays so,
        whatever an attempt that took longer than its lease has to say."""
        with self._database.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery.id, deliveries.c.state != DeliveryState.DELIVERED)
                .values(
                    state=delivery.state,
                    attempts=delivery.attempts,
                    next_try_at=delivery.next_try_at,
                    delivered_at=delivery.delivered_at,
                    error=delivery.error,
                    claimed_until=None,
                )
            )

    def void_claims(self) -> None:
        """Drop the claims of a process that is gone: what it was sending is due again."""
        with self._database.writing() as connection:
            connection.execute(update(deliveries).values(claimed_until=None))

    def retry(self, delivery_id: str, now: datetime) -> bool:
        """Send again, with the same id, what was given up or still waits; False: none such."""
        with self._database.writing() as connection:
            again = update(deliveries).where(
                deliveries.c.id == delivery_id, deliveries.c.state != DeliveryState.DELIVERED
            )
            values = {"state": DeliveryState.PENDING, "attempts": 0, "next_try_at": now}
            return connection.execute(again.values(**values)).rowcount > 0

    def deliveries(self, limit: int | None = None) -> list[Delivery]:
        """What was sent and what waits, newest first, with the alerts each one carries."""
        query = select(deliveries).order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(limit)
        with self._database.reading() as connection:
            found = [_delivery(row) for row in connection.execute(query)]
            carried: dict[str, list[int]] = {}
            for row in connection.execute(
                select(alerts.c.id, alerts.c.delivery_id).where(alerts.c.delivery_id.is_not(None))
            ):
                carried.setdefault(row.delivery_id, []).append(row.id)
        return [replace(delivery, alerts=tuple(carried.get(delivery.id, ()))) for delivery in found]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        content=row.content,
        alerts=(),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        delivered_at=row.delivered_at,
        error=row.error,
    )
