"""A host's robots.txt: remembered for a day, and asked for in the host's turn like anything else (RFC 9309).

Where it cannot be read, the rules that were read before count on; where there are none, nothing may be fetched.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from monitor.check import Tools
from monitor.errand import Errand
from monitor.errors import FetchError
from monitor.robots import AGAIN, LIFETIME, MOST, robots_text, stands_in_for_none
from monitor.turn import ask_in_turn, go_on, spacing_of
from storage.records import Host, Response, Waiting
from storage.watchlist import host_name

log = logging.getLogger("writethru.check")

_UNTIL_THEIR_TURN = timedelta(seconds=2)  # where a redirect leads to a host that is busy


def known_rules(host: Host, tools: Tools) -> str | None:
    """The rules of that host as remembered; None: they are to be asked for."""
    fresh = host.robots_until is not None and host.robots_until > tools.clock()
    return host.robots if fresh else None


def ask_for_rules(host: Host, url: str, tools: Tools) -> tuple[Host, FetchError | None]:
    """Go on asking a claimed host for its robots.txt; the host after that, with its rules once they are known.

    :param url: what is wanted there, with its scheme.
    :return: an error where there was no usable answer, and nothing is remembered.
    """
    whose = f"robots.txt of {host.name}"
    step: Response | Errand | FetchError = tools.errands.take(whose, tools.clock()) or _begun(url, tools)
    while isinstance(step, Errand) and host.free_at <= tools.clock():
        step, host = _go_on(step, host, tools)
    if isinstance(step, Errand):
        tools.errands.put(whose, step)
        return host, None
    try:
        text = _text_of(step)
        delay = tools.reader.crawl_delay(text, url)
    except FetchError as error:
        return _without_answer(host, error, tools)
    until = tools.clock() + LIFETIME
    tools.store.watchlist.keep_robots(host, text, until, delay)
    return _spaced(replace(host, robots=text, robots_until=until, crawl_delay=delay), tools), None


def _begun(url: str, tools: Tools) -> Errand | FetchError:
    """The question for the robots.txt that counts for that address."""
    try:
        parts = urlsplit(url)
        return tools.fetcher.errand(f"{parts.scheme}://{parts.netloc}/robots.txt", first=MOST + 1)
    except FetchError as error:
        return error


def _go_on(errand: Errand, host: Host, tools: Tools) -> tuple[Response | Errand | FetchError, Host]:
    """One step, also where it leads to another host; where it is not that one's turn, both wait."""
    if host_name(errand.at) == host.name:
        return go_on(errand, host, tools)
    try:
        step = ask_in_turn(errand, tools)
    except FetchError as error:
        return error, host
    if step is errand:
        return step, replace(host, free_at=tools.clock() + _UNTIL_THEIR_TURN)
    return step, host


def _text_of(answer: Response | FetchError) -> str:
    """
    :raises FetchError: it is none.
    """
    if isinstance(answer, Response):
        return robots_text(answer)
    if stands_in_for_none(answer):
        return ""
    raise answer


def _without_answer(host: Host, error: FetchError, tools: Tools) -> tuple[Host, FetchError | None]:
    if host.robots is None:
        return host, error
    log.warning("%s The rules that were read before count on.", error)
    until = tools.clock() + AGAIN
    tools.store.watchlist.keep_robots(host, host.robots, until, host.crawl_delay)
    return replace(host, robots_until=until), None


def _spaced(host: Host, tools: Tools) -> Host:
    """The host once its own wish is known: the request for it is the first that it counts for."""
    if not host.crawl_delay:
        return host
    free_at = tools.clock() + spacing_of(host, tools)
    return host if host.free_at >= free_at else replace(host, free_at=free_at, waits=Waiting.CRAWL_DELAY)
