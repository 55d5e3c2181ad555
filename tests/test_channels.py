"""Channels: what goes out, what is refused, and what is tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts import after_failure, attempt
from monitor.channels import send, signature
from monitor.config import Channel
from monitor.errors import ChannelError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from storage.records import Delivery, DeliveryState
from tests.servers import Scripted, http, redirect

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DELIVERY = Delivery(
    id="7d9f2c1e-0000-4000-8000-000000000001",
    channel="desk",
    content={"subject": "A number changed", "text": "Seven became eight.", "revision": 2},
    alerts=(1,),
    created_at=NOW,
)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


def fetcher(channel: Channel) -> Fetcher:
    return Fetcher(Guard(channel.allow_private), user_agent="Writethru/test", deadline=5.0)


def channel(server: Scripted, url: str, *, opened: bool = True) -> Channel:
    allow = (server.host,) if opened else ()
    return Channel(name="desk", url=url, secret="quay-secret", allow_private=allow)


def test_a_webhook_carries_the_delivery_id_and_a_signature_of_the_body(server: Scripted) -> None:
    send(channel(server, server.on("/desk", http(204))), DELIVERY, fetcher)
    (sent,) = server.requests
    assert json.loads(sent.body) == DELIVERY.content
    assert sent.headers["x-writethru-delivery"] == DELIVERY.id
    stamp = sent.headers["x-writethru-timestamp"]
    assert sent.headers["x-writethru-signature"] == f"sha256={signature('quay-secret', stamp, sent.body)}"


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (http(500), False),
        (http(429), False),
        (http(404), True),
        (http(410), True),
        (redirect("http://127.0.0.1:1/"), True),
    ],
)
def test_an_answer_says_whether_another_try_is_worth_it(
    server: Scripted, answer: bytes, permanent: bool
) -> None:
    with pytest.raises(ChannelError) as caught:
        send(channel(server, server.on("/desk", answer)), DELIVERY, fetcher)
    assert caught.value.permanent is permanent
    assert len(server.requests) == 1


def test_a_webhook_to_a_private_address_needs_an_opening(server: Scripted) -> None:
    with pytest.raises(ChannelError, match="not a public address"):
        send(channel(server, server.on("/desk", http(204)), opened=False), DELIVERY, fetcher)
    assert server.requests == []


@pytest.mark.slow
def test_any_other_address_is_sent_by_apprise(server: Scripted) -> None:
    server.on("/hook", http(200, b"ok"))
    send(channel(server, f"json://{server.host}/hook"), DELIVERY, fetcher)
    (sent,) = server.requests
    content = json.loads(sent.body)
    assert (content["title"], content["message"]) == ("A number changed", "Seven became eight.")


@pytest.mark.slow
def test_apprise_asks_the_guard_as_well(server: Scripted) -> None:
    server.on("/hook", http(200, b"ok"))
    with pytest.raises(ChannelError, match="not a public address"):
        send(channel(server, f"json://{server.host}/hook", opened=False), DELIVERY, fetcher)
    assert server.requests == []


@pytest.mark.slow
def test_an_address_that_nothing_understands_is_said_so_without_being_shown(server: Scripted) -> None:
    with pytest.raises(ChannelError, match="not an address") as caught:
        send(channel(server, "nonsense://user:hidden@example.org"), DELIVERY, fetcher)
    assert "hidden" not in str(caught.value)


def test_a_channel_that_left_the_configuration_is_tried_again_later() -> None:
    settled = attempt(DELIVERY, None, fetcher, lambda: NOW)
    assert (settled.state, settled.attempts) == (DeliveryState.PENDING, 1)
    assert settled.error == "There is no channel 'desk' in the configuration."


def test_tries_come_ever_later_and_end_after_a_day() -> None:
    delivery, now, waits = DELIVERY, NOW, []
    while delivery.state is DeliveryState.PENDING:
        tried = Delivery(**{**vars(delivery), "attempts": delivery.attempts + 1})
        delivery = after_failure(tried, ChannelError("no answer"), now)
        assert delivery.next_try_at is not None
        waits.append(delivery.next_try_at - now)
        now = delivery.next_try_at
    assert waits == sorted(waits)
    assert timedelta(hours=24) < now - NOW < timedelta(hours=30)


def test_a_final_refusal_is_dead_at_once() -> None:
    dead = after_failure(DELIVERY, ChannelError("gone", permanent=True), NOW)
    assert dead.state is DeliveryState.DEAD


def test_an_error_in_apprise_that_nobody_foresaw_is_a_failed_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.channels.carry", int)  # to which neither arguments nor a guard mean anything
    with pytest.raises(ChannelError, match="TypeError") as caught:
        send(Channel(name="desk", url="json://desk.example"), DELIVERY, fetcher)
    assert not caught.value.permanent
