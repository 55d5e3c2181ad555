"""robots.txt: what an answer to it means, and whether an address may be fetched (RFC 9309). Pure."""

from __future__ import annotations

from datetime import timedelta

from protego import Protego

from monitor.errors import FetchError
from storage.records import FetchProblem, Response

LIFETIME = timedelta(hours=24)
MOST = 500 * 1024
"""Bytes of a robots.txt that count; what follows need not be fetched, but for one to tell that it does."""
AGENT = "Writethru"


def robots_text(response: Response) -> str:
    """The rules in that answer; a host that has no robots.txt forbids nothing.

    :raises FetchError: HTTP_ERROR where the server is in trouble: nothing is fetched until it is well.
    """
    if response.status >= 500:
        raise FetchError(
            FetchProblem.HTTP_ERROR,
            f"{response.url} answered {response.status}, so nothing may be fetched there for now.",
            status=response.status,
        )
    if response.status != 200:
        return ""
    body = response.body
    if len(body) > MOST:  # a rule that is cut may forbid more than it does: the last line goes
        body = body[:MOST].rpartition(b"\n")[0]
    return body.decode("utf-8-sig", "replace")


def allows(text: str, url: str) -> bool:
    return bool(Protego.parse(text).can_fetch(url, AGENT))
