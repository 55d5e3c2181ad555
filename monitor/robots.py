"""robots.txt: what an answer to it means, and whether an address may be fetched (RFC 9309). Pure."""

from __future__ import annotations

from datetime import timedelta

from protego import Protego

from monitor.errors import FetchError
from storage.records import FetchProblem, Response

LIFETIME = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""After so long a robots.txt that could not be read is asked for again, while the rules read before count on."""
MOST = 500 * 1024
"""Bytes of a robots.txt that count; what follows need not be fetched, but for one to tell that it does."""
AGENT = "Writethru"
_DAY_SECONDS = 86_400


def robots_text(response: Response) -> str:
    """The rules in that answer; a host that has no robots.txt forbids nothing.

    :raises FetchError: HTTP_ERROR where the server is in trouble: nothing is fetched until it is well, however
        long that takes.
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


def stands_in_for_none(error: FetchError) -> bool:
    """Whether that there is no usable answer means that there are no rules: more than five redirects do."""
    return error.problem is FetchProblem.REDIRECT_LOOP


def crawl_delay(text: str) -> timedelta | None:
    """What lies between two of our requests at least, as those rules ask; None: they do not. No standard knows
    it, many sites write it."""
    asked = Protego.parse(text).crawl_delay(AGENT)
    if asked is None or not 0 < asked < _DAY_SECONDS:
        return None
    return timedelta(seconds=float(asked))


def allows(text: str, url: str) -> bool:
    return bool(Protego.parse(text).can_fetch(url, AGENT))
