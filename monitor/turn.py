"""A host's turn: what is asked of a host in it, how it is given back, and how another host is asked in its own."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from monitor.check import Tools, patiently, took_long
from monitor.errand import Errand
from monitor.errors import FetchError
from monitor.fetch import retry_after
from monitor.pace import after_request, spacing
from storage.records import Host, Response
from storage.watchlist import FILES, host_name

_MAY_BE_MEANT = frozenset({401, 403})


def spacing_of(host: Host, tools: Tools) -> timedelta:
    """What lies between two requests to it at least."""
    return spacing(host, _interval(host, tools), robots=tools.config.fetch.robots)


def asked(
    host: Host, tools: Tools, *, well: bool | None = None, retry_after: timedelta | None = None
) -> Host:
    """The host after a request that was made just now; see ``after_request``."""
    robots = tools.config.fetch.robots
    return after_request(
        host,
        tools.clock(),
        _interval(host, tools),
        tools.chance,
        robots=robots,
        retry_after=retry_after,
        well=well,
    )


def go_on(errand: Errand, host: Host, tools: Tools) -> tuple[Response | Errand | FetchError, Host]:
    """An errand's next request, of that claimed host, and the host after it."""
    try:
        step = tools.fetcher.go(
            errand, lambda url: host_name(url) == host.name and not spacing_of(host, tools)
        )
    except FetchError as error:
        return error, asked(host, tools, well=False)
    if isinstance(step, Errand):
        return step, asked(host, tools)
    wait = retry_after(step.headers, tools.clock()) if step.status >= 400 else None
    refused = step.status in _MAY_BE_MEANT  # or it has no robots.txt that is anybody's business
    well = None if refused else step.status < 500 and step.status != 429
    return step, asked(host, tools, well=well, retry_after=wait)


def ask_in_turn(errand: Errand, tools: Tools) -> Response | Errand:
    """Go on with an errand as far as may be now: each request in the turn of the host that it goes to. It comes
    back as it was where it is not that host's turn.

    :raises FetchError: there is no usable answer.
    """
    step: Response | Errand | FetchError = errand
    while isinstance(step, Errand):
        host = tools.store.watchlist.claim_host_of(step.at, tools.clock(), tools.worker, tools.lease)
        if host is None:
            return step
        began = time.monotonic()
        if tools.budget is not None:
            tools.budget.charge(host.name, tools.clock())
        try:
            step, host = go_on(step, host, tools)
        finally:
            give_back(host, tools, slow=took_long(began))
    if isinstance(step, FetchError):
        raise step
    return step


def give_back(host: Host, tools: Tools, *, slow: bool = False) -> None:
    """With its next turn; patiently, or nobody could visit the host before the claim has run out."""
    host = replace(host, troubles=host.troubles + 1 if slow else 0)
    if tools.leave is not None:
        tools.leave(host, max(timedelta(0), host.free_at - tools.clock()))
        return
    patiently(
        f"the visit to {host.name}",
        tools,
        lambda: tools.store.watchlist.release_host(host, tools.worker, host.free_at),
    )


def _interval(host: Host, tools: Tools) -> timedelta:
    return timedelta(0) if host.name == FILES else tools.config.host_interval(host.name)
