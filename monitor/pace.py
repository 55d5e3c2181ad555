"""How often a host may be asked: what each request and its answer mean for the next. Pure; it waits for nobody.

Between any two requests lies the interval of the configuration, or what robots.txt asks for where that is more. A
host that is new to us gets its first requests further apart; one that blocks us or fails gets a pause that doubles,
for all that is watched there, and ends with the first good answer. What a host asks for in Retry-After it gets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.records import (
    Check,
    CheckResult,
    FetchProblem,
    Host,
    Verdict,
    Waiting,
)

LONGEST_CRAWL_DELAY = timedelta(seconds=60)
LONGEST_BACKOFF = timedelta(hours=1)
_WIDE = range(2, 6)  # of the first requests those after which the interval counts twice; 0 is none yet
_FIRST_BATCH = (
    10  # where there is no interval: so many requests, then a second's rest, twice as many, and so on
)
_REST = timedelta(seconds=1)
_REMEMBERED = 100  # looks
_NOTHING = timedelta(0)

_GOOD, _BLOCKED, _FAILED = ".bf"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_STEP = 1.25  # each letter stands for a lag so many times that of the one before
_LEAST = 0.5  # seconds
_THEIR_FAULT = frozenset(
    {
        FetchProblem.DNS,
        FetchProblem.CONNECT,
        FetchProblem.TLS,
        FetchProblem.TIMEOUT,
        FetchProblem.TRUNCATED,
        FetchProblem.PROTOCOL,
        FetchProblem.HTTP_ERROR,
    }
)


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the last ``looks`` went: shares of them that were blocked and that failed, and how late they were."""

    looks: int
    blocked: float
    failed: float
    lag_p50: timedelta | None
    lag_p99: timedelta | None


def spacing(host: Host, interval: timedelta, *, robots: bool) -> timedelta:
    """What lies between two requests at least.

    :param interval: as configured.
    :param robots: whether robots.txt counts.
    """
    asked_for = (host.crawl_delay or _NOTHING) if robots else _NOTHING
    return max(interval, min(asked_for, LONGEST_CRAWL_DELAY))


def after_request(
    host: Host,
    now: datetime,
    interval: timedelta,
    chance: Callable[[], float],
    *,
    robots: bool,
    retry_after: timedelta | None = None,
    well: bool | None = None,
) -> Host:
    """The host after a request that was answered, or failed, just now; ``free_at`` is when the next may be made.

    :param chance: from 0 to 1, for the jitter.
    :param well: whether it took us well; None: that request says nothing of it, such as a redirect.
    """
    apart = spacing(host, interval, robots=robots)
    setbacks = host.setbacks if well is None else 0 if well else host.setbacks + 1
    host = replace(host, requests=host.requests + 1, setbacks=setbacks)
    pauses = (
        (apart, Waiting.CRAWL_DELAY if apart > interval else Waiting.SPACING),
        (_slow_start(host.requests, apart), Waiting.SLOW_START),
        (_backoff(setbacks, apart, chance), Waiting.BACKOFF),
        (retry_after or _NOTHING, Waiting.RETRY_AFTER),
    )
    pause, why = max(pauses, key=lambda each: each[0])  # of equals the first: the plainest reason
    return replace(host, free_at=now + pause, waits=why if pause else None)


def after_look(host: Host, check: Check, due_at: datetime) -> Host:
    """The host with that look among those that are remembered of it."""
    went = _BLOCKED if is_block(check) else _FAILED if check.result is CheckResult.FAILED else _GOOD
    return replace(host, recent=(host.recent + went + _letter(check.at - due_at))[-2 * _REMEMBERED :])


def took_well(check: Check) -> bool | None:
    """Whether the host took that look well; None: what went wrong was not its doing."""
    if check.result is CheckResult.FAILED:
        return False if check.error in _THEIR_FAULT else None
    return not is_block(check)


def is_block(check: Check) -> bool:
    return check.verdict is Verdict.BLOCKED


def health(recent: Sequence[str]) -> Health:
    """How it went at one host or at several, by their ``recent``."""
    went = "".join(each[0::2] for each in recent)
    lags = sorted(_LETTERS.index(letter) for each in recent for letter in each[1::2])
    return Health(
        looks=len(went),
        blocked=went.count(_BLOCKED) / len(went) if went else 0.0,
        failed=went.count(_FAILED) / len(went) if went else 0.0,
        lag_p50=_lag_at(lags, 0.5),
        lag_p99=_lag_at(lags, 0.99),
    )


def why_not_now(host: Host, now: datetime) -> Waiting | None:
    """What the host's next turn waits for besides for something to be due; None: nothing."""
    if host.free_at <= now or host.waits is None:
        return None
    asked_away = host.waits in (Waiting.BACKOFF, Waiting.RETRY_AFTER)
    due_first = host.next_visit_at is not None and host.next_visit_at <= host.free_at
    return host.waits if asked_away or due_first else None


# ---------------------------------------------------------------------- pauses


def _slow_start(requests: int, apart: timedelta) -> timedelta:
    if apart:
        return 2 * apart if requests in _WIDE else _NOTHING
    batches, left = divmod(requests, _FIRST_BATCH)
    ends_a_batch = not left and (batches + 1) & batches == 0  # after 10, 30, 70, 150, ...
    return _REST if ends_a_batch and batches else _NOTHING


def _backoff(setbacks: int, apart: timedelta, chance: Callable[[], float]) -> timedelta:
    """Doubled with each setback after the first, and a little more, so that what failed together does not come
    back together. No pause is owed where no interval is."""
    if setbacks < 2 or not apart:
        return _NOTHING
    pause: timedelta = min(apart * 2 ** min(setbacks - 1, 20), LONGEST_BACKOFF)
    return pause * (1 + chance() / 4)


# ---------------------------------------------------------------------- lags


def _letter(lag: timedelta) -> str:
    seconds = max(0.0, lag.total_seconds())
    return _LETTERS[min(len(_LETTERS) - 1, round(math.log(1 + seconds / _LEAST, _STEP)))]


def _lag_at(lags: Sequence[int], share: float) -> timedelta | None:
    """The lag that so large a share of the looks did not exceed (nearest rank), to about an eighth."""
    if not lags:
        return None
    place = lags[math.ceil(share * len(lags)) - 1]
    return timedelta(seconds=round(_LEAST * (_STEP**place - 1), 1))
