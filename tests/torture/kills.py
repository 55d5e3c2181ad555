"""kill -9 of the real daemon at random moments while it checks, stores and alerts.

A season is one archive from its making on: so many kills, then a daemon that is left in peace until
everything is told.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from storage.records import DeliveryState
from storage.store import Store
from tests.servers import Scripted
from tests.torture.audit import DATABASE, Audit
from tests.torture.daemon import Running
from tests.torture.figures import Figures
from tests.torture.newsroom import DESKS, Newsroom

START_WITHIN = 3.0
_SEASON = 100
_STORIES = 12
_PATIENCE = 120.0
_STARTED, _CHECKED = "started with", '"outcome"'


@dataclass(kw_only=True)
class Tally:
    """What the kills met. ``starts`` are seconds from the making of the process until it was at work;
    ``own_starts`` are the same without those in which the machine's other work had the processors."""

    kills: int = 0
    writing: int = 0
    starting: int = 0
    revisions: int = 0
    checks: int = 0
    acknowledged: int = 0
    told: int = 0
    repeats: int = 0
    starts: list[float] = field(default_factory=list)
    own_starts: list[float] = field(default_factory=list)
    first_checks: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def long_form(count: int) -> Figures:
    tally, chance = Tally(), random.Random(count)
    left = count
    while left:
        turns = min(left, _SEASON)
        try:
            with tempfile.TemporaryDirectory() as folder:
                season(Path(folder), turns, chance, tally)
        except KeyboardInterrupt:
            break  # Ctrl-C ends it with the figures of the seasons that are over
        left -= turns
        print(f"kills: {tally.kills} of {count}, {len(tally.troubles)} broken promises", flush=True)
    return figures(tally)


def figures(tally: Tally) -> Figures:
    found = Figures(troubles=[*tally.troubles])
    found.say("kills", tally.kills)
    found.say("of them while it started", tally.starting)
    found.say("of them inside a write transaction", tally.writing)
    found.say("checks recorded", tally.checks)
    found.say("checks acknowledged", tally.acknowledged)
    found.say("revisions recorded", tally.revisions)
    found.say("messages received", tally.told)
    found.say("of them repeats under the same id", tally.repeats)
    found.say("start, median seconds", f"{statistics.median(tally.starts):.2f}")
    found.say("start, longest seconds", f"{max(tally.starts):.2f}")
    found.say("start without waiting for a processor, median", f"{statistics.median(tally.own_starts):.2f}")
    longest = round(max(tally.own_starts), 2)
    found.expect("start without waiting for a processor, longest", longest, START_WITHIN)
    found.say("first check recorded, median seconds", f"{statistics.median(tally.first_checks):.2f}")
    found.say("first check recorded, longest seconds", f"{max(tally.first_checks):.2f}")
    found.expect("lost, doubled or damaged", len(tally.troubles), 0)
    return found


def season(folder: Path, kills: int, chance: random.Random, tally: Tally) -> None:
    """So many kills of one archive's daemons, an audit after each, and the reckoning at the end."""
    audit = Audit()
    room = Newsroom(stories=_STORIES, chance=random.Random(chance.random()))
    with Scripted() as server:
        room.open(server)
        config = configuration(folder, server)
        for turn in range(kills):
            _one_kill(config, chance, tally, audit)
            audit.look(folder, folder / "aside")
            audit.name_troubles(f"kill {turn + 1}")
        finish(config, room, audit, tally)


def finish(config: Path, room: Newsroom, audit: Audit, tally: Tally) -> None:
    """The reckoning: a last daemon in peace, and the audit of everything."""
    _let_it_finish(config, room, audit, tally)
    audit.look(config.parent, config.with_name("aside"))
    audit.agrees_with_a_whole_one(config.parent, config.with_name("aside"))
    with Store.open(f"sqlite:///{DATABASE}", config.parent) as store:
        audit.alerts(store, room.told)
    audit.name_troubles("the end")
    tally.revisions += audit.revisions
    tally.checks += audit.checks
    tally.acknowledged += sum(audit.acknowledged.checks.values())
    tally.told += len(room.told)
    tally.repeats += len(room.told) - len({message.delivery for message in room.told})
    tally.troubles += audit.troubles


def configuration(folder: Path, server: Scripted) -> Path:
    """Every story looked at each second, under two names of one host, and two desks told of every edit."""
    names = (f"127.0.0.1:{server.port}", f"localhost:{server.port}")
    sources = "".join(
        f'[[sources]]\nname = "s{number}"\nkind = "page"\nurl = "http://{names[number % 2]}/story/{number}"\n'
        for number in range(_STORIES)
    )
    channels = "".join(
        f'[[channels]]\nname = "{desk}"\nurl = "{server.url(f"/desk/{desk}")}"\nallow_private = ["{names[0]}"]\n'
        for desk in DESKS
    )
    path = folder / "config.toml"
    path.write_text(
        f"""
[storage]
url = "sqlite:///{DATABASE}"
[web]
enabled = false
timezone = "UTC"
[log]
format = "json"
[fetch]
workers = 2
host_interval = "0s"
deadline = "3s"
allow_private = ["{names[0]}", "{names[1]}"]
[schedule]
min_interval = "1s"
requests_per_hour = 10000000
max_interval = "1s"
{sources}
{channels}
[[alerts]]
name = "everything"
to = ["day", "night"]
[[alerts]]
name = "facts"
to = ["day"]
severity = "substantive"
"""
    )
    return path


def _one_kill(config: Path, chance: random.Random, tally: Tally, audit: Audit) -> None:
    """Start it, and kill it while it starts, when it has just started, or when it is hard at work."""
    running = Running(config)
    try:
        when = chance.random()
        if when < 0.1:
            running.live(chance.uniform(0, 1.2 * max(tally.starts[-1:], default=1.0)))
            tally.starting += 1
        else:
            _started(running, tally)
            if when > 0.6:
                tally.first_checks.append(running.until(_CHECKED))
            running.live(running.age + chance.uniform(0, 0.8))
        tally.writing += running.kill() is not None
        tally.kills += 1
    finally:
        running.clear_away()
    for line in running.lines():
        audit.acknowledged.add(line)


def _started(running: Running, tally: Tally) -> None:
    tally.starts.append(running.until(_STARTED))
    tally.own_starts.append(tally.starts[-1] - running.waited())


def _let_it_finish(config: Path, room: Newsroom, audit: Audit, tally: Tally) -> None:
    """A daemon in peace, with desks that say thanks, until everything is told. What waits for its next
    try is asked for at once, as `writethru alerts retry` does it."""
    room.kind, room.restless = True, 0.0
    running = Running(config)
    try:
        _started(running, tally)
        began, ends = datetime.now(UTC), time.monotonic() + _PATIENCE
        with Store.open(f"sqlite:///{DATABASE}", config.parent) as store:
            for delivery in store.outbox.deliveries():
                if delivery.state is DeliveryState.PENDING and delivery.attempts:
                    store.outbox.retry(delivery.id, datetime.now(UTC))
            while not (_all_seen(store, began) and _all_told(store)):
                assert time.monotonic() < ends, "not everything was told"
                time.sleep(0.2)
        running.stop()
    finally:
        running.clear_away()
    for line in running.lines():
        audit.acknowledged.add(line)


def _all_seen(store: Store, since: datetime) -> bool:
    """Whether every story was looked at since then, so that there is nothing new to be told of."""
    return all(a.last_check_at is not None and a.last_check_at > since for a in store.articles())


def _all_told(store: Store) -> bool:
    return not store.outbox.waiting(1) and all(
        delivery.state is DeliveryState.DELIVERED for delivery in store.outbox.deliveries()
    )
