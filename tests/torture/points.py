"""Every named crash point: the daemon's own code, with one seam patched to kill the process there.

Nothing in the product knows of this. A runner process has the code loaded and forks a daemon for each
point, which dies before a step, in the middle of its transaction, before its commit, or after it.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import monitor.alerts
import monitor.cli
import monitor.cli.service  # loaded once, in the runner
from monitor.fetch import Fetcher
from monitor.reader import Reader
from monitor.turns import Turns
from storage.engine import Database
from storage.outbox import Outbox
from storage.store import Store
from storage.watchlist import Watchlist
from tests.servers import Scripted
from tests.torture.audit import Audit
from tests.torture.figures import Figures
from tests.torture.forks import Forks, serve
from tests.torture.kills import Tally, configuration, finish
from tests.torture.newsroom import Newsroom

_PATIENCE = 60.0
BEFORE, MIDDLE, COMMIT, AFTER = "before", "in the middle of", "before the commit of", "after"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the daemon's: a function of ours, and where in it a process may die. ``once``: a daemon
    may come there only once, and some need an archive in which it has not been done."""

    name: str
    owner: Any
    function: str
    moments: tuple[str, ...] = (BEFORE, COMMIT, AFTER)
    once: bool = False


STEPS = (
    Step(name="taking over the sources", owner=Watchlist, function="sync_sources", once=True),
    Step(
        name="voiding claims on hosts", owner=Watchlist, function="void_claims", moments=(COMMIT,), once=True
    ),
    Step(
        name="voiding claims on deliveries",
        owner=Outbox,
        function="void_claims",
        moments=(COMMIT,),
        once=True,
    ),
    Step(name="watching what was discovered", owner=Watchlist, function="discovered", once=True),
    Step(name="keeping robots.txt", owner=Watchlist, function="keep_robots", once=True),
    Step(
        name="claiming hosts and giving back others",
        owner=Watchlist,
        function="claim_hosts",
        moments=(BEFORE, MIDDLE, COMMIT, AFTER),
    ),
    Step(name="asking for a page", owner=Fetcher, function="go", moments=(BEFORE, AFTER)),
    Step(name="reading a page", owner=Reader, function="read", moments=(BEFORE, AFTER)),
    Step(name="recording", owner=Store, function="record", moments=(BEFORE, MIDDLE, COMMIT, AFTER)),
    Step(name="leaving a host", owner=Turns, function="leave", moments=(BEFORE, AFTER)),
    Step(
        name="composing a message", owner=Outbox, function="compose", moments=(BEFORE, MIDDLE, COMMIT, AFTER)
    ),
    Step(name="claiming deliveries", owner=Outbox, function="claim"),
    Step(name="sending", owner=monitor.alerts, function="send", moments=(BEFORE, AFTER)),
    Step(name="settling a delivery", owner=Outbox, function="settle"),
)
POINTS = {f"{moment} {step.name}": (step, moment) for step in STEPS for moment in step.moments}
"""Where a daemon dies, by name, in an order in which each can be reached."""


def long_form(count: int) -> Figures:
    tally, chance = Tally(), random.Random(count)
    for turn in range(count):
        with tempfile.TemporaryDirectory() as folder:
            dying_at(Path(folder), [*POINTS], chance, tally)
        print(f"points: {turn + 1} of {count} times, {len(tally.troubles)} broken promises", flush=True)
    found = Figures(troubles=[*tally.troubles])
    found.say("named points", len(POINTS))
    found.say("deaths", tally.kills)
    found.say("checks recorded", tally.checks)
    found.say("revisions recorded", tally.revisions)
    found.say("messages received", tally.told)
    found.say("of them repeats under the same id", tally.repeats)
    found.expect("lost, doubled or damaged", len(tally.troubles), 0)
    return found


def dying_at(folder: Path, points: Sequence[str], chance: random.Random, tally: Tally) -> None:
    """One archive whose daemons die at these points in turn, each of them starting where the last one died."""
    audit, room = Audit(), Newsroom(stories=12, chance=random.Random(chance.random()))
    log = folder / "daemon.log"
    with (
        Scripted() as server,
        Forks(__name__, str(config := configuration(folder, server)), str(log)) as runner,
    ):
        room.open(server)
        for point in points:
            step, _ = POINTS[point]
            for line in _die_at(point, 1 if step.once else chance.randint(1, 3), runner, log):
                audit.acknowledged.add(line)
            audit.look(folder, folder / "aside")
            audit.name_troubles(point)
            tally.kills += 1
        finish(config, room, audit, tally)


# ---------------------------------------------------------------------- one death


def _die_at(point: str, time: int, runner: Forks, log: Path) -> list[str]:
    """Let a daemon die when it comes to that point for that time; the complete lines it has said."""
    log.write_bytes(b"")
    code = runner.run(point, str(time))
    said = log.read_text(encoding="utf-8").splitlines(keepends=True)
    assert code == -signal.SIGKILL, f"it did not die {point}: {code}: {''.join(said[-20:])}"
    return [line for line in said if line.endswith("\n")]


def _become_the_daemon(config: str, log: str, point: str, time: str) -> None:
    said = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(said, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    _patch(*POINTS[point], int(time))
    threading.Timer(_PATIENCE, lambda: os._exit(3)).start()
    os._exit(monitor.cli.main(["--config", config, "run"]))


# ---------------------------------------------------------------------- the seams


def _patch(step: Step, moment: str, time: int) -> None:
    """Let the process die at that moment of that step, the ``time``-th time that it comes there."""
    original = getattr(step.owner, step.function)
    die, at_work = _countdown(time), threading.local()

    def wrapped(*given: Any, **named: Any) -> Any:
        if moment == BEFORE:
            die()
        at_work.is_it = True
        done = original(*given, **named)
        at_work.is_it = False
        if moment == AFTER:
            die()
        return done

    setattr(step.owner, step.function, wrapped)
    if moment == COMMIT:
        _die_before_commit(at_work, die)
    if moment == MIDDLE:
        _die_after_statements(at_work, die)


def _countdown(time: int) -> Callable[[], None]:
    left, lock = [time], threading.Lock()

    def die() -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return die


def _die_before_commit(at_work: threading.local, die: Callable[[], None]) -> None:
    original = Database.writing

    @contextmanager
    def writing(self: Database) -> Iterator[Any]:
        with original(self) as connection:
            yield connection
            if getattr(at_work, "is_it", False):
                die()

    setattr(Database, "writing", writing)  # noqa: B010


def _die_after_statements(at_work: threading.local, die: Callable[[], None]) -> None:
    def executed(*_: Any) -> None:
        if getattr(at_work, "is_it", False):
            die()

    event.listen(Engine, "after_cursor_execute", executed)


if __name__ == "__main__":
    serve(partial(_become_the_daemon, *sys.argv[1:]))
