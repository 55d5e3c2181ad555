"""attest(): revisions that a public archive should save, asked for one by one, politely, and asked after.

Nothing here is waited for: one round asks what is due and writes down how it went. An archive that is
down, slow or tired of us costs nothing but its own rounds, and is given up on after a day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.config import WitnessSettings
from monitor.errors import FetchError, WitnessError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.wayback import Capture, ask_to_save, look_at_job
from storage.records import Witness, WitnessState
from storage.store import Store

log = logging.getLogger("writethru.witness")

_LEASE = timedelta(minutes=5)
_GIVE_UP_AFTER = timedelta(hours=24)
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=2)
_FIRST_LOOK = timedelta(seconds=10)
_LONGEST_LOOK = timedelta(minutes=1)
_JOB_LIFE = timedelta(
    minutes=30
)  # a capture takes two minutes at most, and its job is forgotten after an hour
_RECENT = timedelta(hours=1)  # how long the archive may answer with a capture it has already
_CLOCKS = timedelta(minutes=1)  # how far its clock may be behind ours
_LOOK_UP_SECONDS = 10.0


def attest(
    store: Store,
    settings: WitnessSettings,
    fetcher: Fetcher,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    guard: Guard | None = None,
) -> int:
    """One round over what is due; how many pages the archive turned out to keep. Off, it asks nothing.

    :param guard: says which hosts are public; nothing is let through it.
    """
    if not settings.wayback:
        return 0
    kept = 0
    for witness in store.witnesses.claim(
        clock(), _LEASE, at_once=settings.at_once, spacing=settings.interval
    ):
        if stopping():
            break  # the claim is void when the service starts again
        settled = attempt(witness, settings, fetcher, clock, guard or Guard())
        store.witnesses.settle(settled)
        _log(settled)
        kept += settled.state is WitnessState.KEPT
    return kept


def attempt(
    witness: Witness,
    settings: WitnessSettings,
    fetcher: Fetcher,
    clock: Callable[[], datetime],
    guard: Guard,
) -> Witness:
    """One request to the archive: the witness as it stands afterwards."""
    now = clock()
    if now - witness.created_at > _GIVE_UP_AFTER:
        return _failed(witness, f"given up after a day: {witness.error or 'its turn never came'}")
    try:
        if witness.state is WitnessState.ASKED and witness.job is not None:
            capture = look_at_job(witness.job, settings, fetcher, now)
            return _looked(witness, capture, now)
        if witness.outdone:
            return _failed(witness, "the page had changed again before it could be saved")
        _expect_public(witness.url, guard)
        job = ask_to_save(witness.url, now - witness.seen_at, settings, fetcher, now)
        return replace(
            witness, state=WitnessState.ASKED, job=job, next_try_at=clock() + _FIRST_LOOK, error=None
        )
    except WitnessError as error:
        return _refused(witness, error, clock())
    except FetchError as error:
        return _unanswered(witness, error, clock())


def _expect_public(url: str, guard: Guard) -> None:
    """:raises WitnessError: that name leads to an address which the archive must not be told of."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        guard.addresses(parts.hostname or "", port, _LOOK_UP_SECONDS)
    except FetchError as error:
        raise WitnessError(
            f"{url} is not told to the archive: {error}", permanent=not error.transient
        ) from None


def _looked(witness: Witness, capture: Capture | None, now: datetime) -> Witness:
    """What looking at a job has shown."""
    if capture is None:
        waited = now - (witness.asked_at or now)
        if waited > _JOB_LIFE:
            return _again(witness, "the archive never came to an end with it", now, _FIRST_RETRY)
        return replace(witness, next_try_at=now + min(max(waited / 2, _FIRST_LOOK), _LONGEST_LOOK))
    if capture.saved_at < witness.seen_at - _CLOCKS:
        return _again(witness, "the archive answered with a page saved before the change", now, _RECENT)
    return replace(
        witness,
        state=WitnessState.KEPT,
        link=capture.link,
        kept_at=capture.saved_at,
        next_try_at=now,
        error=None,
    )


def _refused(witness: Witness, error: WitnessError, now: datetime) -> Witness:
    """The archive said no: for good, for this page and for now, or to whatever we might ask."""
    if error.permanent:
        return _failed(witness, str(error))
    wait = max(error.quiet or error.wait or _backoff(witness), _backoff(witness))
    quiet_until = None if error.quiet is None else now + error.quiet
    if error.quiet is not None and witness.job is not None:
        return replace(witness, next_try_at=now + wait, quiet_until=quiet_until, error=str(error))
    return replace(_again(witness, str(error), now, wait), quiet_until=quiet_until)


def _unanswered(witness: Witness, error: FetchError, now: datetime) -> Witness:
    """The archive could not be heard: nothing else is asked of it for a while either, and a job that it
    works on goes on."""
    wait = error.retry_after or _backoff(witness)
    forgotten = witness.job is None or now - (witness.asked_at or now) > _JOB_LIFE
    later = _again(witness, str(error), now, wait) if forgotten else witness
    return replace(later, next_try_at=now + wait, quiet_until=now + wait, error=str(error))


def _again(witness: Witness, why: str, now: datetime, wait: timedelta) -> Witness:
    """To be asked for once more, as if it never had been."""
    return replace(
        witness, state=WitnessState.PENDING, job=None, next_try_at=now + wait, quiet_until=None, error=why
    )


def _failed(witness: Witness, why: str) -> Witness:
    return replace(witness, state=WitnessState.FAILED, quiet_until=None, error=why)


def _backoff(witness: Witness) -> timedelta:
    doublings = min(max(witness.attempts - 1, 0), 10)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)


def _log(witness: Witness) -> None:
    match witness.state:
        case WitnessState.KEPT:
            log.info("the Wayback Machine keeps %s as %s", witness.url, witness.link)
        case WitnessState.FAILED:
            log.warning("the Wayback Machine does not keep %s: %s", witness.url, witness.error)
        case _ if witness.error:
            log.info("the Wayback Machine, asked for %s: %s", witness.url, witness.error)
