"""The outbox's promises: an alert is told at least once, always under the same id and in the same words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.records import Alert, Delivery, DeliveryState, EventKind, PendingAlert
from storage.store import Store
from tests.test_store import NOW, at, changed, dump, first, removed, watched

LEASE = timedelta(minutes=2)
RUN_OUT = NOW + LEASE + timedelta(seconds=1)
DESK = Alert(channel="desk", rules=("big", "silent"))


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


def told(store: Store) -> list[PendingAlert]:
    """Three alerts: two about a change, one about a removal."""
    (article,) = watched(store)
    steps = [first(article)]
    steps.append(changed(steps[0].article, 5, alerts=(DESK, Alert(channel="phone", rules=("big",)))))
    steps.append(removed(steps[1].article, 10, alerts=(replace(DESK, about=EventKind.REMOVED),)))
    for step in steps:
        store.record(step)
    return store.outbox.waiting()


def message(*alerts: PendingAlert, name: str = "d-1") -> Delivery:
    content = {"subject": "Zwölf “changes”", "entries": [alert.entry.seq for alert in alerts]}
    return Delivery(id=name, channel="desk", content=content, alerts=tuple(alert.id for alert in alerts))


def composed(store: Store) -> Delivery:
    alerts = told(store)
    delivery = message(alerts[0], alerts[2])
    assert store.outbox.compose(delivery, NOW)
    return delivery


def tried(delivery: Delivery, state: DeliveryState, again_at: datetime, error: str | None = None) -> Delivery:
    done = at(1) if state is DeliveryState.DELIVERED else None
    return replace(
        delivery,
        state=state,
        attempts=delivery.attempts + 1,
        next_try_at=again_at,
        delivered_at=done,
        error=error,
    )


# ---------------------------------------------------------------------- from alert to delivery


def test_an_alert_waits_with_what_it_is_about(store: Store) -> None:
    change, phone, removal = told(store)
    assert [(alert.channel, alert.rules) for alert in (change, phone, removal)] == [
        ("desk", ("big", "silent")),
        ("phone", ("big",)),
        ("desk", ("big", "silent")),
    ]
    _, edit, gone = store.log()
    assert (change.entry, phone.entry, removal.entry) == (edit, edit, gone)
    assert store.outbox.waiting(limit=2) == [change, phone]


def test_an_alert_that_a_delivery_carries_waits_no_more(store: Store) -> None:
    change, phone, removal = told(store)
    assert store.outbox.compose(message(change, removal), NOW)
    assert store.outbox.waiting() == [phone]
    (delivery,) = store.outbox.deliveries()
    assert (delivery.id, delivery.alerts, delivery.state) == (
        "d-1",
        (change.id, removal.id),
        DeliveryState.PENDING,
    )


def test_an_alert_goes_into_one_delivery_only(store: Store) -> None:
    change, phone, removal = told(store)
    assert store.outbox.compose(message(change), NOW)
    before = dump(store)
    assert not store.outbox.compose(message(change, removal, name="d-2"), NOW)
    with pytest.raises(StorageError):
        store.outbox.compose(message(phone, name="d-1"), NOW)
    assert dump(store) == before


def test_of_two_processes_that_compose_the_same_alert_one_wins(url: str, tmp_path: Path) -> None:
    with Store.open(url, tmp_path) as store:
        alerts = told(store)
    start, won = threading.Barrier(4), list[str]()

    def compose(name: str) -> None:
        with Store.open(url, tmp_path) as mine:
            start.wait(10)
            if mine.outbox.compose(message(*alerts, name=name), NOW):
                won.append(name)

    threads = [threading.Thread(target=compose, args=(f"d-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.open(url, tmp_path) as store:
        assert [delivery.id for delivery in store.outbox.deliveries()] == won
    assert len(won) == 1


# ---------------------------------------------------------------------- sending


def test_a_delivery_is_due_at_once_and_claimed_by_one(store: Store) -> None:
    delivery = composed(store)
    (claim,) = store.outbox.claim(NOW, LEASE)
    assert (claim.id, claim.channel, claim.content, claim.attempts) == ("d-1", "desk", delivery.content, 0)
    assert store.outbox.claim(NOW, LEASE) == []
    assert store.outbox.claim(NOW + LEASE - timedelta(seconds=1), LEASE) == []


def test_a_delivery_that_worked_is_done(store: Store) -> None:
    composed(store)
    (claim,) = store.outbox.claim(NOW, LEASE)
    store.outbox.settle(tried(claim, DeliveryState.DELIVERED, at(1)))
    assert store.outbox.claim(at(1000), LEASE) == []
    (done,) = store.outbox.deliveries()
    assert (done.state, done.attempts, done.delivered_at, done.error) == (
        DeliveryState.DELIVERED,
        1,
        at(1),
        None,
    )
    assert not store.outbox.retry("d-1", at(2))


def test_a_delivery_that_failed_comes_back_with_what_was_said(store: Store) -> None:
    composed(store)
    (claim,) = store.outbox.claim(NOW, LEASE)
    store.outbox.settle(tried(claim, DeliveryState.PENDING, at(10), "the desk answered 503"))
    assert store.outbox.claim(at(9), LEASE) == []
    (again,) = store.outbox.claim(at(10), LEASE)
    assert (again.attempts, again.error, again.content) == (1, "the desk answered 503", claim.content)


def test_a_crash_between_sending_and_settling_repeats_the_same_message_under_the_same_id(
    url: str, tmp_path: Path
) -> None:
    with Store.open(url, tmp_path) as store:
        composed(store)
        (sent,) = store.outbox.claim(NOW, LEASE)
    with Store.open(url, tmp_path) as store:
        assert store.outbox.claim(at(1), LEASE) == []
        (again,) = store.outbox.claim(RUN_OUT, LEASE)
    assert (again.id, again.content, again.attempts) == (sent.id, sent.content, sent.attempts)


def test_what_a_process_that_is_gone_was_sending_is_due_again_at_once(store: Store) -> None:
    composed(store)
    (sent,) = store.outbox.claim(NOW, LEASE)
    store.outbox.void_claims()
    (again,) = store.outbox.claim(NOW, LEASE)
    assert (again.id, again.content) == (sent.id, sent.content)


def test_a_delivery_that_was_given_up_can_be_sent_again_under_the_same_id(store: Store) -> None:
    composed(store)
    (claim,) = store.outbox.claim(NOW, LEASE)
    store.outbox.settle(tried(claim, DeliveryState.DEAD, at(1), "no such desk"))
    assert store.outbox.claim(at(1000), LEASE) == []
    assert store.outbox.retry("d-1", at(60))
    (again,) = store.outbox.claim(at(60), LEASE)
    assert (again.id, again.content, again.attempts) == ("d-1", claim.content, 0)
    assert not store.outbox.retry("d-9", at(60))


def test_a_late_failure_does_not_undo_a_delivery(store: Store) -> None:
    composed(store)
    (slow,) = store.outbox.claim(NOW, LEASE)
    (other,) = store.outbox.claim(RUN_OUT, LEASE)
    store.outbox.settle(tried(other, DeliveryState.DELIVERED, at(3)))
    store.outbox.settle(tried(slow, DeliveryState.PENDING, at(4), "the desk did not answer"))
    assert store.outbox.claim(at(1000), LEASE) == []
    assert [delivery.state for delivery in store.outbox.deliveries()] == [DeliveryState.DELIVERED]


def test_what_waits_longest_is_claimed_first_and_no_more_than_asked_for(store: Store) -> None:
    change, phone, removal = told(store)
    for name, alert, moment in (("d-1", change, at(2)), ("d-2", phone, at(1)), ("d-3", removal, at(3))):
        assert store.outbox.compose(message(alert, name=name), moment)
    assert [delivery.id for delivery in store.outbox.claim(at(5), LEASE, limit=2)] == ["d-2", "d-1"]
    assert [delivery.id for delivery in store.outbox.claim(at(5), LEASE)] == ["d-3"]
    assert [delivery.id for delivery in store.outbox.deliveries()] == ["d-3", "d-1", "d-2"]
    assert [delivery.id for delivery in store.outbox.deliveries(limit=1)] == ["d-3"]
