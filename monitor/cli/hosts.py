"""The hosts of ``status``: when each is asked next, what that waits for, and how its last looks went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from monitor.cli.common import clock_time
from monitor.config import Config
from monitor.pace import Health, health, spacing, why_not_now
from monitor.report import rfc3339
from storage.records import Host, Waiting
from storage.watchlist import FILES

SHOWN = 20
"""So many hosts are shown to people, those in trouble first; ``--json`` tells all."""


def host_row(host: Host, config: Config, now: datetime) -> dict[str, object]:
    """One host for other programs. Times in RFC 3339, lags in seconds, rates as shares of its last looks."""
    went, why = health([host.recent]), why_not_now(host, now)
    return {
        "host": host.name,
        "next_turn": rfc3339(host.next_visit_at),
        "waiting_for": _waiting_for(host, why, now),
        "why": why_said(host, config, now),
        "interval_s": _interval(host, config).total_seconds(),
        "not_before": rfc3339(host.free_at) if host.free_at > now else None,
        "setbacks": host.setbacks,
        "requests": host.requests,
        "validators_distrusted_until": rfc3339(_distrusted(host, now)),
        **_figures(went),
    }


def over_all(hosts: Sequence[Host]) -> dict[str, object]:
    """The same figures over all hosts' last looks."""
    return _figures(health([host.recent for host in hosts]))


def host_cells(host: Host, config: Config, now: datetime, zone: tzinfo) -> list[str]:
    """One host for people."""
    went = health([host.recent])
    return [
        host.name,
        clock_time(host.next_visit_at, now, zone),
        why_said(host, config, now, zone),
        _percent(went.blocked, went),
        _percent(went.failed, went),
        lag_said(went.lag_p50),
        lag_said(went.lag_p99),
    ]


HEADINGS = ["host", "next turn", "waiting for", "blocked", "failed", "lag p50", "p99"]


def troubled_first(hosts: Sequence[Host]) -> list[Host]:
    """Those that something is wrong with, then those whose turn comes next."""

    def place(host: Host) -> tuple[bool, bool, float]:
        went = health([host.recent])
        turn = host.next_visit_at
        well = not host.setbacks and not went.blocked and not went.failed
        return well, turn is None, turn.timestamp() if turn else 0.0

    return sorted(hosts, key=place)


def why_said(host: Host, config: Config, now: datetime, zone: tzinfo | None = None) -> str:
    """What its next turn waits for, in words."""
    match why_not_now(host, now):
        case Waiting.RETRY_AFTER:
            return f"it asked us to stay away until {_until(host, now, zone)}"
        case Waiting.BACKOFF:
            return f"back-off after {host.setbacks} troubles in a row"
        case Waiting.CRAWL_DELAY:
            return f"its robots.txt asks for {_seconds(_interval(host, config))} between requests"
        case Waiting.SLOW_START:
            return "it is new, and asked slowly at first"
        case Waiting.RESTART:
            return "turns are given out again after a restart"
        case Waiting.BUDGET:
            return "the requests of this hour are spent"
        case Waiting.SPACING:
            return f"{_seconds(_interval(host, config))} between requests"
    if host.next_visit_at is None:
        return "no article is watched there"
    if host.claimed_until is not None and host.claimed_until > now:
        return "it is being visited"
    return "nothing is due" if host.next_visit_at > now else "a visit: its turn has come"


def lag_said(lag: timedelta | None) -> str:
    """A lag in the largest unit that fits."""
    if lag is None:
        return ""
    seconds = lag.total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _waiting_for(host: Host, why: Waiting | None, now: datetime) -> str:
    if why is not None:
        return why.value
    due = host.next_visit_at is not None and host.next_visit_at <= now
    return "turn" if due else "nothing_due"


def _figures(went: Health) -> dict[str, object]:
    return {
        "looks": went.looks,
        "block_rate": round(went.blocked, 3),
        "error_rate": round(went.failed, 3),
        "lag_p50_s": None if went.lag_p50 is None else went.lag_p50.total_seconds(),
        "lag_p99_s": None if went.lag_p99 is None else went.lag_p99.total_seconds(),
    }


def _interval(host: Host, config: Config) -> timedelta:
    configured = timedelta(0) if host.name == FILES else config.host_interval(host.name)
    return spacing(host, configured, robots=config.fetch.robots)


def _distrusted(host: Host, now: datetime) -> datetime | None:
    until = host.distrusted_until
    return until if until is not None and until > now else None


def _until(host: Host, now: datetime, zone: tzinfo | None) -> str | None:
    return rfc3339(host.free_at) if zone is None else clock_time(host.free_at, now, zone)


def _percent(share: float, went: Health) -> str:
    return f"{share:.0%}" if went.looks else ""


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():g} s"
