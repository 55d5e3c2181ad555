"""deliver(): pending alerts into deliveries, and deliveries to their channels.

At least once: a delivery's id and content are fixed and stored before it is first sent, so a
repeat after a crash carries the same id. What cannot be delivered is tried again for a day, then
kept as dead for someone to see.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.channels import send
from monitor.config import Channel
from monitor.errors import ChannelError
from monitor.fetch import Fetcher
from monitor.report import clean, log_json
from storage.records import Delivery, DeliveryState, LogEntry, PendingAlert
from storage.store import Store

log = logging.getLogger("writethru.alerts")

_LEASE = timedelta(seconds=120)
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=2)
_MOST_ATTEMPTS = 20  # the waits between them make a day; counted, for a clock may be set meanwhile


def deliver(
    store: Store,
    channels: Mapping[str, Channel],
    make_fetcher: Callable[[Channel], Fetcher],
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Compose what waits, send what is due; how many were delivered."""
    for alert in store.outbox.waiting():
        store.outbox.compose(compose(alert), clock())
    delivered = 0
    for delivery in store.outbox.claim(clock(), _LEASE):
        if stopping():
            break
        settled = attempt(delivery, channels.get(delivery.channel), make_fetcher, clock)
        store.outbox.settle(settled)
        delivered += settled.state is DeliveryState.DELIVERED
    return delivered


def attempt(
    delivery: Delivery,
    channel: Channel | None,
    make_fetcher: Callable[[Channel], Fetcher],
    clock: Callable[[], datetime],
) -> Delivery:
    """Try one delivery once: the delivery as it stands afterwards."""
    tried = replace(delivery, attempts=delivery.attempts + 1)
    try:
        if channel is None:
            raise ChannelError(f"There is no channel '{delivery.channel}' in the configuration.")
        send(channel, delivery, make_fetcher)
    except ChannelError as error:
        log.warning("alert %s to %s: %s", delivery.id, delivery.channel, error)
        return after_failure(tried, error, clock())
    log.info("alert %s to %s: delivered: %s", delivery.id, delivery.channel, delivery.content["subject"])
    now = clock()
    return replace(tried, state=DeliveryState.DELIVERED, delivered_at=now, next_try_at=now, error=None)


def after_failure(tried: Delivery, error: ChannelError, now: datetime) -> Delivery:
    """The delivery after a failed attempt: due again later, each time twice as late, or dead."""
    dead = error.permanent or tried.attempts >= _MOST_ATTEMPTS
    wait = min(_FIRST_RETRY * 2 ** min(tried.attempts - 1, 10), _LONGEST_RETRY)
    state = DeliveryState.DEAD if dead else DeliveryState.PENDING
    return replace(tried, state=state, next_try_at=now + wait, error=str(error))


def compose(alert: PendingAlert) -> Delivery:
    """One alert as a message, with its id and content fixed."""
    delivery_id = str(uuid.uuid4())
    entry = alert.entry
    content: dict[str, Any] = {
        "delivery": delivery_id,
        "rules": list(alert.rules),
        "subject": subject(entry),
        "text": text(entry, delivery_id),
        **log_json(entry),
    }
    return Delivery(id=delivery_id, channel=alert.channel, content=content, alerts=(alert.id,))


def subject(entry: LogEntry) -> str:
    """One line, free of control characters: it becomes a mail's subject."""
    mark = "silent " if entry.silent else ""
    what = f"{mark}{entry.severity.word} edit" if entry.number and entry.severity else entry.reason
    line = f"[Writethru] {what}: {entry.headline or entry.url}"
    return "".join(c if c.isprintable() else " " for c in line)[:200]


def text(entry: LogEntry, delivery_id: str) -> str:
    """The message in plain text: what an article says stays on its line."""
    seen = f"Seen {entry.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    if entry.not_seen_before is not None and entry.not_seen_before <= entry.seen_at:
        seen += f", not seen before {entry.not_seen_before:%Y-%m-%d %H:%M:%S} UTC"
    facts = [f"- {_fact(event.kind, event.old, event.new)}" for event in entry.events[:20]]
    more = len(entry.events) - 20
    if more > 0:
        facts.append(f"- and {more} more")
    where = f"Revision {entry.number} of {entry.url}" if entry.number else entry.url
    log_place = f"Log entry {entry.seq}, chain {entry.chain}"
    lines = [entry.summary, "", *facts, "", where, seen + ".", log_place, f"Delivery {delivery_id}"]
    return "\n".join(map(clean, lines))


def _fact(kind: str, old: str | None, new: str | None) -> str:
    said = kind.replace("_", " ")
    if old and new:
        return f"{said}: {_short(old)} → {_short(new)}"
    return f"{said}: {_short(new or old or '')}".rstrip(": ")


def _short(words: str) -> str:
    return words if len(words) <= 160 else words[:159] + "…"
