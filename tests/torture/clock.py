"""The real daemon on a machine whose clock is set under it: by an hour, a day, ten years, both ways.

The clock is libfaketime's (`pip install libfaketime`), so that APScheduler, Python and SQLite all see it set
while the time that really passes goes on. Without libfaketime nothing is run, and that is said.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

from storage.store import Store
from tests.newsdesk import configure
from tests.servers import Line, Scripted, http
from tests.torture.audit import DATABASE
from tests.torture.daemon import Running
from tests.torture.figures import Figures
from tests.torture.newsroom import edition_of

HOUR, DAY, DECADE = timedelta(hours=1), timedelta(days=1), timedelta(days=3652)
SETTINGS = [sign * jump for jump in (HOUR, DAY, DECADE) for sign in (1, -1)]
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
_QUICK, _SLOW = 4, 4
_INTERVAL = 1.0
_WATCHED = 6.0
_LATE = 5.0


@dataclass(kw_only=True)
class Asked:
    """When each story was asked for, by a clock that is not set."""

    moments: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def show(self, number: int, path: str, line: Line) -> None:
        with self.lock:
            moments = self.moments.setdefault(path, [])
            moments.append(time.monotonic())
        line.send(http(200, edition_of(number, len(moments))))

    def count(self, kind: str, since: float = 0.0) -> int:
        with self.lock:
            return sum(m >= since for path, ms in self.moments.items() if kind in path for m in ms)

    def longest_gap(self, kind: str) -> float:
        """The longest that a story of that kind was not asked for."""
        with self.lock:
            return max(
                after - before
                for path, moments in self.moments.items()
                if kind in path
                for before, after in pairwise(moments)
            )


def long_form(count: int) -> Figures:
    found, library = Figures(), _library()
    if library is None:
        found.say("not run", "pip install libfaketime lets it run")
        return found
    for change in (None, *CHANGES):
        name = "set clock" if change is None else f"{change:%B}, Europe/Berlin"
        with tempfile.TemporaryDirectory() as folder, Scripted() as server:
            _watch(Path(folder), server, library, change, count, name, found)
    return found


def _watch(
    folder: Path,
    server: Scripted,
    library: Path,
    change: datetime | None,
    count: int,
    name: str,
    found: Figures,
) -> None:
    asked, stamp = Asked(), folder / "clock"
    offset = timedelta(0) if change is None else change - datetime.now(UTC) - timedelta(seconds=8)
    _set(stamp, offset)
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(stamp),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",  # as it was called before
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "TZ": "UTC" if change is None else "Europe/Berlin",
    }
    running = Running(_configuration(folder, server, asked), environment=environment)
    try:
        while asked.count("slow") < _SLOW or asked.count("quick") < 2 * _QUICK:
            assert running.age < 60, running.lines()
            time.sleep(0.05)
        steps = SETTINGS * count if change is None else [timedelta(0)] * 2
        for by in steps:
            offset += by
            _set(stamp, offset)
            time.sleep(_WATCHED)
        running.stop()
    finally:
        running.clear_away()
    found.say(f"{name}: looks", asked.count("quick"))
    found.expect(
        f"{name}: longest wait for a look due each second", round(asked.longest_gap("quick"), 1), _LATE
    )
    found.expect(f"{name}: looks that were not due for a day", asked.count("slow") - _SLOW, 0)
    found.expect(f"{name}: revisions out of order", _out_of_order(folder), 0)
    noticed = sum("The clock was put" in line for line in running.lines())
    found.expect(f"{name}: settings that were not noticed", abs(noticed - sum(map(bool, steps))), 0)


def _set(stamp: Path, offset: timedelta) -> None:
    """Put the clock to so much off the real one, at once and whole."""
    fresh = stamp.with_name("fresh")
    fresh.write_text(f"{offset.total_seconds():+.3f}\n")
    os.replace(fresh, stamp)


def _configuration(folder: Path, server: Scripted, asked: Asked) -> Path:
    sources = ""
    for number in range(_QUICK + _SLOW):
        kind, every = ("quick", "1s") if number < _QUICK else ("slow", "1d")
        path = f"/{kind}/{number}"
        url = server.on(path, partial(asked.show, number, path))
        sources += f'[[sources]]\nname = "{path}"\nkind = "page"\nurl = "{url}"\ninterval = "{every}"\n'
    return configure(folder, server, sources)


def _out_of_order(folder: Path) -> int:
    newest: dict[str, int] = {}
    wrong = 0
    with Store.open(f"sqlite:///{DATABASE}", folder) as store:
        for entry in store.log():
            wrong += entry.number != newest.get(entry.url, 0) + 1
            newest[entry.url] = entry.number or 0
    return wrong


def _library() -> Path | None:
    """libfaketime's own library, where the package is installed."""
    spec = importlib.util.find_spec("libfaketime")
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.rglob("libfaketime.so.1"), None)
