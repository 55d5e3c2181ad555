"""The daemon: a handful of APScheduler ticks, the workers that make visits, and a graceful stop.

Due-ness lives in the database, so a tick only asks "whose turn is it?" and a restart loses nothing.
Times of day never matter here: ticks run in UTC, are never skipped for being late, and never pile up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor.alerts import deliver
from monitor.budget import ANY, Budget
from monitor.check import Tools, took_long
from monitor.clock import Clock, elapsed
from monitor.config import Channel
from monitor.crew import Crew
from monitor.discovery import Round, discover
from monitor.fetch import Fetcher
from monitor.heart import BEAT_SECONDS, Heart
from monitor.stamps import stamp_head
from monitor.turns import Left, Turns
from monitor.upkeep import Calendar, upkeep
from monitor.visit import visit
from monitor.witness import attest
from storage.errors import StorageBusy, StorageError, StorageUnwritable
from storage.records import SourceState
from storage.watchlist import Release, Turn

Done = TypeVar("Done")
log = logging.getLogger("writethru.service")

GRACE_SECONDS = 9.0
TICK_SECONDS = {
    "discover": 1.0,
    "dispatch": 0.5,
    "deliver": 0.5,
    "attest": 1.0,
    "stamp": 10.0,
    "beat": BEAT_SECONDS,
    "upkeep": 60.0,
}
"""How long each tick waits for the next."""
_WATCHDOG_SECONDS = 30.0
_DISCOVERERS = 4
_CHECKPOINT_SECONDS = 3600.0
_SWEEP_SECONDS = 3600.0
_HOSTS_A_SECOND = 20.0  # at the start, of those whose turn came while nobody looked: they may be one machine
_SPREAD_OVER = timedelta(seconds=60)
_BUDGET = "budget"
_LONG_AWAY = timedelta(days=30)  # or is it the clock?


class Daemon:
    """:param tools: what visits are made with, made anew from the current configuration each time.
    :param make_fetcher: a fetcher for one channel.
    :param outside: a fetcher for the public archive and the time-stamping authority, with these openings.
    :param elapsed: seconds on a clock that nobody sets.
    """

    def __init__(
        self,
        tools: Callable[[], Tools],
        make_fetcher: Callable[[Channel], Fetcher],
        outside: Callable[[Sequence[str]], Fetcher],
        elapsed: Callable[[], float] = elapsed,
    ) -> None:
        self._make_tools = tools
        self._make_fetcher = make_fetcher
        self._outside = outside
        self._elapsed = elapsed
        self._stop = threading.Event()
        self._turns = Turns(self._exchange, elapsed)
        self._visitors = Crew("visit", self._turns.claim, self._visit)
        self._round = Round()
        self._discoverers = Crew("discover", self._round.claim, self._discover_one)
        self._in_hand: list[threading.Lock] = []
        self._scheduler = _scheduler()
        self._ticked = time.monotonic()
        self._brought_in = time.monotonic()
        self._swept = -_SWEEP_SECONDS
        self._heart: Heart | None = None
        self._calendar = Calendar(elapsed)
        self._budget = Budget(lambda: self._make_tools().config)

    def start(self) -> None:
        tools = self._make_tools()
        put_back = tools.store.wake(tools.clock())
        if put_back:
            log.warning(
                "The clock was put back by %s or more; what is due was moved with it.", _rounded(put_back)
            )
        self._clock = Clock(tools.clock, self._follow, self._elapsed)
        self._heart = Heart(tools.store, elapsed=self._elapsed)
        gap = self._heart.beat(self._clock())
        if gap is not None and gap.not_seen_before and gap.seen_at - gap.not_seen_before > _LONG_AWAY:
            self._calendar.doubt()
        self._budget.read_back(tools.store.noted(_BUDGET))
        begins = self._clock()
        ours = tools.worker.partition(":")[0] + ":"
        tools.store.watchlist.void_claims(ours, lambda name: begins + tools.config.host_interval(name))
        tools.store.watchlist.spread(begins, _HOSTS_A_SECOND, _SPREAD_OVER)
        tools.store.outbox.void_claims()
        tools.store.witnesses.void_claims()
        self._visitors.start(tools.config.fetch.workers)
        self._discoverers.start(_DISCOVERERS)
        for name, job in (
            ("discover", self._discover),
            ("dispatch", self._dispatch),
            ("deliver", self._deliver),
            ("attest", self._attest),
            ("stamp", self._stamp),
            ("beat", self._beat),
            ("upkeep", self._upkeep),
        ):
            self._add_tick(name, job, TICK_SECONDS[name])
        self._scheduler.start()

    def stopping(self) -> bool:
        return self._stop.is_set()

    def trouble(self) -> str | None:
        """Why the service is not doing its work, in a sentence; None: it is."""
        if self._stop.is_set():
            return "The service is stopping."
        if time.monotonic() - self._ticked > _WATCHDOG_SECONDS:
            return "The ticks do not go round."
        return self._tools().hindrance.reason

    def stop(self) -> bool:
        """Take nothing new on and wait for the checks and ticks in hand; False: some did not end in time."""
        self._stop.set()
        self._visitors.stop()
        self._discoverers.stop()
        self._scheduler.shutdown(wait=False)
        ends = time.monotonic() + GRACE_SECONDS
        work_ended = self._visitors.join(ends) and self._discoverers.join(ends)
        ticks_ended = all(tick.acquire(timeout=max(0.0, ends - time.monotonic())) for tick in self._in_hand)
        self._turns.settle()
        self._last_beat()
        return ticks_ended and work_ended

    def watch_over_ticks(self) -> None:
        """Called every second or so: notice a clock that was set, and start the ticks where they stand still."""
        self._tools().clock()
        if time.monotonic() - self._ticked > _WATCHDOG_SECONDS and not self._stop.is_set():
            log.warning("The ticks had stopped; they are started again.")
            self._start_ticks_again()

    # ------------------------------------------------------------------ when the clock is set

    def _tools(self) -> Tools:
        """Today's tools, with a clock that tells us when it was set before it tells anybody the time; hosts are
        given back where turns are given out."""
        return replace(self._make_tools(), clock=self._clock, budget=self._budget, leave=self._turns.leave)

    def _follow(self, by: timedelta) -> bool:
        """Move what is due with a clock that was set; False: it cannot be written down just now."""
        tools = self._make_tools()
        try:
            tools.store.clock_was_set(by)
        except StorageError as error:
            tools.hindrance.met("clock", error)
            return False
        tools.hindrance.over("clock")
        way = "forward" if by > timedelta(0) else "back"
        log.warning("The clock was put %s by %s; what is due moves with it.", way, _rounded(by))
        self._start_ticks_again()
        return True

    def _start_ticks_again(self) -> None:
        """The ticks go by the machine's clock: put back an hour, it makes them wait for an hour."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        self._scheduler.wakeup()
        self._ticked = time.monotonic()

    # ------------------------------------------------------------------ ticks

    def _add_tick(self, name: str, job: Callable[[], None], seconds: float) -> None:
        in_hand = threading.Lock()
        self._in_hand.append(in_hand)

        def tick() -> None:
            if self._stop.is_set():
                return
            with in_hand:
                self._outermost(name, "A tick failed.", job)

        self._scheduler.add_job(tick, _Every(timedelta(seconds=seconds)), next_run_time=datetime.now(UTC))

    def _discover(self) -> None:
        tools = self._tools()
        self._round.begin(tools.store.watchlist.due_sources(tools.clock()))
        self._discoverers.dispatch()

    def _dispatch(self) -> None:
        """Hand out host visits for as long as there are free workers and hosts whose turn it is."""
        self._ticked = time.monotonic()
        self._visitors.dispatch()

    def _deliver(self) -> None:
        tools = self._tools()
        channels = {channel.name: channel for channel in tools.config.channels}
        deliver(tools.store, channels, self._make_fetcher, tools.clock, self.stopping)

    def _attest(self) -> None:
        tools = self._tools()
        settings = tools.config.witness
        if settings.wayback:
            fetcher = self._outside(settings.allow_private)
            attest(tools.store, settings, fetcher, tools.clock, self.stopping)

    def _stamp(self) -> None:
        tools = self._tools()
        settings = tools.config.stamp
        if settings.url is not None:
            stamp_head(tools.store, settings, self._outside(settings.allow_private), tools.clock)

    def _beat(self) -> None:
        self._tools().fetcher.tidy()
        if self._heart is not None:
            self._heart.beat(self._tools().clock())
            self._tools().store.put_note(_BUDGET, self._budget.written())

    def _last_beat(self) -> None:
        """What follows is a gap from here on; where this cannot be written, from the beat before."""
        try:
            self._beat()
        except StorageError as error:
            log.warning("%s", error)

    def _upkeep(self) -> None:
        tools = self._tools()
        if self._calendar.is_sure_of(tools.clock()):
            upkeep(tools.store, tools.config.retention, tools.clock, self.stopping)
        if time.monotonic() - self._swept > _SWEEP_SECONDS:
            tools.store.watchlist.drop_strangers(tools.clock())
            self._swept = time.monotonic()
        if self._visitors.is_idle() and time.monotonic() - self._brought_in > _CHECKPOINT_SECONDS:
            tools.store.checkpoint()
            self._brought_in = time.monotonic()

    # ------------------------------------------------------------------ workers

    def _exchange(self, left: Sequence[Left], most: int, slow: bool) -> Sequence[Turn] | None:
        """Give back what visits left, and claim hosts whose turn it is, of those that kept us waiting the last
        time or of the others."""
        tools = self._tools()
        if self._budget.wait(ANY, tools.clock()):
            most = 0

        def exchange() -> Sequence[Turn]:
            second, now = self._elapsed(), tools.clock()
            releases = [
                Release(host=each.host, worker=tools.worker, free_at=now + each.rest_at(second))
                for each in left
            ]
            return tools.store.watchlist.claim_hosts(
                now, tools.worker, tools.lease, most, troubled=slow, releases=releases
            )

        return self._outermost("claims", "The next visit was not found.", exchange)

    def _visit(self, turn: Turn, step: Callable[[], None]) -> None:
        def make() -> None:
            visit(turn.host, self._tools(), first=turn.article_id, seen=lambda _: step())

        self._outermost("visits", f"A visit to {turn.host.name} failed.", make)

    def _discover_one(self, state: SourceState, _step: Callable[[], None]) -> None:
        began = time.monotonic()
        try:
            self._outermost(
                "discover", f"Discovery in {state.name} failed.", lambda: discover(state, self._tools())
            )
        finally:
            self._round.done(state, slow=took_long(began))

    def _outermost(self, who: str, failed: str, work: Callable[[], Done]) -> Done | None:
        """Do that work; whatever goes wrong in it, the next is worth a try."""
        hindrance = self._make_tools().hindrance
        try:
            done = work()
        except (StorageBusy, StorageUnwritable) as error:
            hindrance.met(who, error)
        except StorageError as error:
            log.error("%s", error)
        except Exception:
            log.exception("%s", failed)
        else:
            hindrance.over(who)
            return done
        return None


class _Every(BaseTrigger):  # type: ignore[misc]
    """So long after the last time. APScheduler's own trigger of this kind makes a list of all the times
    that were missed: with the clock put forward ten years, more than fit into memory."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._interval


def _rounded(by: timedelta) -> timedelta:
    return timedelta(seconds=round(abs(by).total_seconds()))


def _scheduler() -> BackgroundScheduler:
    # A tick that still waits for a server is left out until it is done, and that is no news each second.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(10)},  # more than there are ticks: none waits for another
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
