"""robots.txt: what an answer to it means, and whether an address may be fetched (RFC 9309). Pure.

Protego does the matching. It differs from the RFC in a few points, and is given the rules so that it does not: the name
of a robot that begins as ours does is not ours, a name ends where no product token goes on, a record that is no rule
ends no group, and an allowed `/index.html` does not allow its folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    asked = Protego.parse("\n".join(_rules_for(AGENT, text, delays=True))).crawl_delay(AGENT)
    if asked is None or not 0 < asked < _DAY_SECONDS:
        return None
    return timedelta(seconds=float(asked))


def allows(text: str, url: str, agent: str = AGENT) -> bool:
    return bool(Protego.parse("\n".join(_rules_for(agent, text))).can_fetch(url, agent))


_LINES = re.compile(r"\r\n?|\n")
_RECORD = re.compile(
    r"\s*(user[ -]?agent|crawl[ -]?delay|diss?all?[ao]w|diasllow|allow)(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE
)  # misspelt as well
_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)
_ANOTHER = "another-robot"


def _rules_for(agent: str, text: str, *, delays: bool = False) -> Iterator[str]:
    """The lines of which groups and rules are made, with each robot's name as ours, as everybody's or as another's.

    :param delays: with those that ask for a delay, which are no rules of the RFC's and end no group for it.
    """
    for line in _LINES.split(text):
        record = _RECORD.match(line)
        if record is None:
            continue
        name, value = record[1].lower(), " ".join(record[2].split())
        if name.startswith("user"):
            yield f"user-agent: {_robot(value, agent)}"
        elif name.startswith("crawl"):
            if delays:
                yield f"crawl-delay: {value}"
        elif name == "allow":
            yield f"allow: {value}{'*' if value.endswith('/index.html') else ''}"
        else:
            yield f"disallow: {value}"


def _robot(value: str, agent: str) -> str:
    if value.partition(" ")[0] == "*":
        return "*"
    token = _TOKEN.match(value)
    return agent if token and token[0].lower() == agent.lower() else _ANOTHER
