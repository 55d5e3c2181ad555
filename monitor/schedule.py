"""The daemon: a handful of APScheduler ticks, the workers that make visits, and a graceful stop.

Due-ness lives in the database, so a tick only asks "whose turn is it?" and a restart loses nothing.
Times of day never matter here: ticks run in UTC, are never skipped for being late, and never pile up.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor.alerts import deliver
from monitor.check import Tools, visit
from monitor.config import Channel
from monitor.discovery import discover_due
from monitor.fetch import Fetcher
from storage.errors import StorageBusy, StorageError
from storage.records import Host

log = logging.getLogger("writethru.service")

GRACE_SECONDS = 9.0
_WATCHDOG_SECONDS = 30.0


class Daemon:
    """:param tools: what visits are made with, made anew from the current configuration each time.
    :param make_fetcher: a fetcher for one channel.
    """

    def __init__(self, tools: Callable[[], Tools], make_fetcher: Callable[[Channel], Fetcher]) -> None:
        self._tools = tools
        self._make_fetcher = make_fetcher
        self._stop = threading.Event()
        self._turns: queue.Queue[Host] = queue.Queue()
        self._busy = threading.Semaphore(0)
        self._workers: list[threading.Thread] = []
        self._scheduler = _scheduler()
        self._ticked = time.monotonic()
        self._said_busy = 0.0

    def start(self) -> None:
        tools = self._tools()
        tools.store.watchlist.void_claims(tools.worker.partition(":")[0] + ":")
        tools.store.outbox.void_claims()
        for number in range(tools.config.fetch.workers):
            worker = threading.Thread(target=self._work, name=f"visit-{number}", daemon=True)
            worker.start()
            self._workers.append(worker)
            self._busy.release()
        for job, seconds in ((self._discover, 1.0), (self._dispatch, 0.5), (self._deliver, 0.5)):
            self._add_tick(job, seconds)
        self._scheduler.start()

    def stopping(self) -> bool:
        return self._stop.is_set()

    def is_well(self) -> bool:
        """Whether the ticks go round."""
        return not self._stop.is_set() and time.monotonic() - self._ticked < _WATCHDOG_SECONDS

    def stop(self) -> bool:
        """Take nothing new on and wait for the checks in hand; False: some did not end in time."""
        self._stop.set()
        self._scheduler.shutdown(wait=False)
        ends = time.monotonic() + GRACE_SECONDS
        for worker in self._workers:
            worker.join(max(0.0, ends - time.monotonic()))
        return not any(worker.is_alive() for worker in self._workers)

    def watch_over_ticks(self) -> None:
        """Start the ticks again where they have stopped, as they do while the clock is put back."""
        if time.monotonic() - self._ticked > _WATCHDOG_SECONDS and not self._stop.is_set():
            log.warning("The ticks had stopped, as when the clock is put back; they are started again.")
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
            self._scheduler.wakeup()
            self._ticked = time.monotonic()

    # ------------------------------------------------------------------ ticks

    def _add_tick(self, job: Callable[[], None], seconds: float) -> None:
        def tick() -> None:
            if self._stop.is_set():
                return
            try:
                job()
            except StorageBusy as busy:
                self._say_busy(str(busy))
            except StorageError as error:
                log.error("%s", error)
            except Exception:  # the outermost loop: whatever it was, the next tick is worth a try
                log.exception("A tick failed.")

        self._scheduler.add_job(
            tick, IntervalTrigger(seconds=seconds, timezone=UTC), next_run_time=datetime.now(UTC)
        )

    def _discover(self) -> None:
        discover_due(self._tools())

    def _dispatch(self) -> None:
        """Hand out host visits for as long as there are free workers and hosts whose turn it is."""
        self._ticked = time.monotonic()
        tools = self._tools()
        while not self._stop.is_set() and self._busy.acquire(blocking=False):
            host = self._claim(tools)
            if host is None:
                self._busy.release()
                return
            self._turns.put(host)

    def _deliver(self) -> None:
        tools = self._tools()
        channels = {channel.name: channel for channel in tools.config.channels}
        deliver(tools.store, channels, self._make_fetcher, tools.clock, self.stopping)

    def _say_busy(self, sentence: str) -> None:
        if time.monotonic() - self._said_busy > 60:
            log.warning("%s", sentence)
            self._said_busy = time.monotonic()

    # ------------------------------------------------------------------ workers

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                host: Host | None = self._turns.get(timeout=0.2)
            except queue.Empty:
                continue
            while host is not None:
                host = self._visit(host)
            self._busy.release()

    def _visit(self, host: Host) -> Host | None:
        """Make one visit; the next host whose turn it is, claimed."""
        try:
            tools = self._tools()
            visit(host, tools)
            return None if self._stop.is_set() else self._claim(tools)
        except StorageBusy as busy:
            self._say_busy(str(busy))
        except StorageError as error:
            log.error("%s", error)
        except Exception:  # the outermost loop: one visit must not end its worker
            log.exception("A visit to %s failed.", host.name)
        return None

    def _claim(self, tools: Tools) -> Host | None:
        return tools.store.watchlist.claim_host(tools.clock(), tools.worker, tools.lease)


def _scheduler() -> BackgroundScheduler:
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
