"""The allowance of requests, for all hosts together and for some by themselves, shared by everything that asks.

Knows who spent how much; what a look is worth is decided elsewhere. A request that has to be made (a feed, a
robots.txt) is paid for as well, and the looks at articles wait for it.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor.config import Config
from monitor.polling import FLOOR, Habits, Purse, unpack_habits

ANY = ""
"""The purse of all hosts together, and the name of none."""

_LEARNT_EVERY = timedelta(hours=1)


class Budget:
    """:param config: today's, asked each time: a new allowance counts at once."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._purses: dict[str, Purse] = {}
        self._everywhere = Habits()
        self._learnt_at: datetime | None = None

    def price(self, host: str, now: datetime) -> float:
        """The price of a look at an article of that host: the highest of those that count for it."""
        with self._lock:
            return max(purse.price for purse in self._of(host, now).values())

    def take(self, host: str, now: datetime) -> bool:
        """Pay for one request to that host; False: there is none left just now."""
        with self._lock:
            purses = self._of(host, now)
            if not all(purse.has_one() for purse in purses.values()):
                return False
            self._pay(purses)
            return True

    def charge(self, host: str, now: datetime) -> None:
        """Pay for a request that is made in any case."""
        with self._lock:
            self._pay(self._of(host, now))

    def wait(self, host: str, now: datetime) -> timedelta:
        """How long until there is a request for that host (ANY: for any of them)."""
        with self._lock:
            free_at = max(purse.free_at() for purse in self._of(host, now).values())
            return timedelta(seconds=max(free_at - now.timestamp(), 0.0))

    def everywhere(self, now: datetime, habits: Callable[[], Mapping[str, bytes]]) -> Habits:
        """What the articles of all hosts do, added up once in an hour."""
        with self._lock:
            if self._learnt_at is None or abs(now - self._learnt_at) > _LEARNT_EVERY:
                self._learnt_at = now
                self._everywhere = sum(map(unpack_habits, habits().values()), Habits())
            return self._everywhere

    def written(self) -> str:
        """All of it, to be read back after a restart."""
        with self._lock:
            return json.dumps({name: [p.at, p.saved, p.price] for name, p in sorted(self._purses.items())})

    def read_back(self, written: str | None) -> None:
        """What ``written`` gave; what cannot be read is as if it never was."""
        try:
            kept = {
                str(name): Purse(per_hour=1, at=float(at), saved=float(saved), price=max(float(price), FLOOR))
                for name, (at, saved, price) in json.loads(written or "{}").items()
            }
        except (ValueError, TypeError, AttributeError):
            return
        with self._lock:
            self._purses = {name: p for name, p in kept.items() if math.isfinite(p.at + p.saved + p.price)}

    def _of(self, host: str, now: datetime) -> dict[str, Purse]:
        """The purses that a request to that host is paid from, as they stand now."""
        config, at = self._config(), now.timestamp()
        rates = {ANY: config.schedule.requests_per_hour}
        if host in config.host_budgets:
            rates[host] = config.host_budgets[host]
        for name, rate in rates.items():
            purse = self._purses.get(name) or Purse(per_hour=rate, at=at, saved=min(rate, 60.0))
            self._purses[name] = purse.allowed(rate).on(at)
        return {name: self._purses[name] for name in rates}

    def _pay(self, purses: Mapping[str, Purse]) -> None:
        self._purses.update((name, purse.spent()) for name, purse in purses.items())
