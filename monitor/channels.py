"""Channels: how one delivery is sent. A webhook by our own fetcher, everything else by Apprise.

Apprise runs in a delivery process with a deadline. Knows nothing of retries: it sends once and says how it went.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as PoolTimeout

from pebble import ProcessExpired, ProcessPool

from monitor.config import Channel
from monitor.courier import carry
from monitor.errors import ChannelError, FetchError
from monitor.fetch import Fetcher
from storage.records import Delivery

_SECONDS = 30.0
_FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})


def send(channel: Channel, delivery: Delivery, make_fetcher: Callable[[Channel], Fetcher]) -> None:
    """Send one delivery over one channel.

    :param make_fetcher: a fetcher with the openings that this channel is allowed.
    :raises ChannelError: it did not go out.
    """
    if channel.url.split(":", 1)[0].lower() in ("http", "https"):
        _post(channel, delivery, make_fetcher(channel))
    else:
        _notify(channel, delivery)


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What a receiver checks: HMAC-SHA256 over ``<timestamp>.<body>``, in hexadecimal."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(channel: Channel, delivery: Delivery, fetcher: Fetcher) -> None:
    body = json.dumps(delivery.content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Writethru-Delivery": delivery.id}
    if channel.secret:
        stamp = str(int(time.time()))
        headers["X-Writethru-Timestamp"] = stamp
        headers["X-Writethru-Signature"] = f"sha256={signature(channel.secret, stamp, body)}"
    try:
        answer = fetcher.post(channel.url, body, headers, max_answer=None)
    except FetchError as error:
        raise ChannelError(_without_secret(str(error), channel), permanent=not error.transient) from None
    if not 200 <= answer.status < 300:
        final = answer.status in _FINAL or 300 <= answer.status < 400
        raise ChannelError(f"The receiver answered {answer.status}.", permanent=final)


def _notify(channel: Channel, delivery: Delivery) -> None:
    """Let Apprise send it, in a process of its own with a deadline."""
    context = multiprocessing.get_context("spawn")
    content = delivery.content
    with ProcessPool(max_workers=1, context=context) as pool:
        task = pool.schedule(
            carry,
            args=(channel.url, channel.allow_private, content["subject"], content["text"]),
            timeout=_SECONDS,
        )
        try:
            trouble = task.result()
        except (PoolTimeout, ProcessExpired):
            trouble = f"the receiver did not answer within {_SECONDS:.0f} s"
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in Apprise, the other messages go out
            trouble = f"it cannot be sent ({type(error).__name__})"
    if trouble:
        raise ChannelError(_without_secret(f"Not delivered: {trouble}.", channel))


def _without_secret(sentence: str, channel: Channel) -> str:
    """That sentence without the channel's address, which may hold a password."""
    return sentence.replace(channel.url, f"the channel {channel.name}")
