"""The power is cut at any moment while revisions are recorded: nothing acknowledged is missing when it is back.

A process records with the real store; a shim writes down what that does to the files. Any prefix of it, with what
was not synced lost, torn or out of order, is a state in which the machine may come up again.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from storage.errors import StorageError
from storage.sqlite import driver
from storage.store import Store
from tests.test_store import changed, first, watched
from tests.torture.figures import Figures
from tests.torture.power_cut import Disk, Fate
from tests.torture.tracing import Call, traced

WAL = "sqlite:///archive.db"
ROLLBACK = "sqlite:///archive.db?journal=rollback"
WITHOUT_PACKAGE = "import sys; sys.modules['pysqlite3'] = None"
"""Python code after which the package pysqlite3 cannot be imported."""
_FATES = [Fate.KEPT, *[Fate.LOST] * 2, *[Fate.CUT_OFF] * 3, *[Fate.SCATTERED] * 4]


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """What the recording process said after a commit: the check, and the head of the chain."""

    check: str
    head: str


@dataclass(kw_only=True)
class Found:
    """States that were looked at, how many of them were not as promised, and what was wrong."""

    states: int = 0
    bad: int = 0
    corrupt: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)

    @property
    def troubles(self) -> list[str]:
        return [*self.corrupt, *self.lost, *self.halves]


# ---------------------------------------------------------------------- what is traced


def record(folder: str, url: str, count: int, pragma: str = "") -> None:
    """Record ``count`` revisions, each acknowledged in the file ``acks``, with every kind of checkpoint between:
    those that come by themselves, those of closing, and a log that starts again from its beginning."""

    def often(connection: Any, *_: object) -> None:
        for setting in ("wal_autocheckpoint=60", *filter(None, [pragma])):
            connection.execute(f"PRAGMA {setting}").close()

    place, noise = Path(folder), random.Random(7)
    acks = os.open(place / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Store.open(url, place) as store:
        (article,) = watched(store)
    event.listen(Pool, "checkout", often)
    for turn in range(count):
        if turn % 16 == 0:
            store.close()
            store = Store.open(url, place)
        text = noise.randbytes(noise.choice((200, 2000, 9000))).hex()
        article = store.article(article.id)
        outcome = changed(article, turn, text=text, name=f"turn-{turn}-") if turn else first(article, 0)
        entry = store.record(outcome)
        said = json.dumps({"check": entry.check.id, "head": store.chain_head()})
        os.write(acks, f"{said}\n".encode())
    store.close()


def trace(url: str, count: int, pragma: str = "", *, packaged: bool = True) -> list[Call]:
    """What recording does to the files; with ``packaged`` false by Python's own SQLite, whatever else is there."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as workplace:
        code = f"from tests.torture.power import record; record({folder!r}, {url!r}, {count}, {pragma!r})"
        return traced(code if packaged else f"{WITHOUT_PACKAGE}; {code}", Path(folder), Path(workplace))


# ---------------------------------------------------------------------- cuts


def cuts(
    calls: list[Call], states: int, seed: int
) -> Iterator[tuple[dict[str, bytes], list[Acknowledged], str]]:
    """Distinct states in which the machine may come up, what was acknowledged before, and how it came about."""
    chance = random.Random(seed)
    begun = next(number for number, call in enumerate(calls) if _is_ack(call))
    early, late = range(begun), range(begun, len(calls) + 1)
    seen: set[str] = set()
    while len(seen) < states:
        wanted = (states - len(seen)) * 5 // 4 + 1
        moments = sorted(chance.choice(early if chance.random() < 0.05 else late) for _ in range(wanted))
        disk, done, acks = Disk(ignored=("-shm", "acks")), 0, list[Acknowledged]()
        for moment in moments:
            for call in calls[done:moment]:
                disk.carry_out(call)
                if _is_ack(call):
                    acks.append(Acknowledged(**json.loads(call.data)))
            done = moment
            fate = chance.choice(_FATES)
            files = disk.after(fate, chance)
            digest = _digest(files)
            if digest not in seen and len(seen) < states:
                seen.add(digest)
                yield files, acks.copy(), f"cut after call {moment}, {fate.name.lower()}"


def _digest(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name} {len(files[name])} ".encode())
        whole.update(files[name])
    return whole.hexdigest()


def _is_ack(call: Call) -> bool:
    return call.kind == "w" and call.data.startswith(b'{"check"')


# ---------------------------------------------------------------------- and what comes up


def look(calls: list[Call], url: str, states: int, seed: int = 1) -> Found:
    """Bring each state up with the real store and hold it against what was acknowledged."""
    found = Found()
    for files, acks, how in cuts(calls, states, seed):
        found.states += 1
        known = len(found.troubles)
        with tempfile.TemporaryDirectory(dir=_fast()) as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            try:
                _look_at(Path(folder), url, acks, how, found)
            except (StorageError, driver.Error, LookupError, ValueError, TypeError) as error:
                found.corrupt.append(f"{how}: {error!r}")
        found.bad += len(found.troubles) > known
    return found


def _look_at(folder: Path, url: str, acks: list[Acknowledged], how: str, found: Found) -> None:
    with Store.open(url, folder) as store:
        checks = [entry.check.id for entry in store.checks()]
        log = store.log()
        for entry in [*log[:: max(1, len(log) // 4)], *log[-4:]]:  # reading them verifies their digests
            store.revision(entry.article_id, entry.number or 1)
            store.response(entry.article_id, entry.number or 1)
        counts = store.counts()
    with closing(driver.connect(folder / "archive.db")) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchall()
    if said != [("ok",)]:
        found.corrupt.append(f"{how}: {said[0][0]}")
    wanted = [ack.check for ack in acks]
    if checks[: len(wanted)] != wanted or [entry.chain for entry in log[: len(acks)]] != [
        a.head for a in acks
    ]:
        found.lost.append(f"{how}: {len(checks)} of {len(wanted)} are there")
    if len(checks) > len(wanted) + 1 or not len(checks) == len(log) == counts["revisions"]:
        found.halves.append(
            f"{how}: {len(checks)} checks, {len(log)} entries, {counts['revisions']} revisions"
        )


def _fast() -> str | None:
    """Memory, where there is such a folder: what is looked at is thrown away."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


# ---------------------------------------------------------------------- the long form


def long_form(states: int) -> Figures:
    """As many states for each journal; and two controls in which the same cuts must find a loss."""
    figures = Figures()
    for name, url, packaged in (
        ("WAL", WAL, True),
        ("rollback journal", ROLLBACK, True),
        ("rollback journal of Python's own SQLite", ROLLBACK, False),
    ):
        calls = trace(url, 100, packaged=packaged)
        began = time.perf_counter()
        found = look(calls, url, states)
        figures.say(f"{name}: file calls traced", len(calls))
        figures.say(f"{name}: distinct states", found.states, f"{time.perf_counter() - began:.0f} s")
        figures.expect(f"{name}: corrupt", len(found.corrupt), 0)
        figures.expect(f"{name}: acknowledged and lost", len(found.lost), 0)
        figures.expect(f"{name}: half revisions", len(found.halves), 0)
        figures.troubles += found.troubles[:10]
    for name, url, pragma in (
        ("control, nothing synced", WAL, "synchronous=OFF"),
        ("control, a journal that is deleted", ROLLBACK, "journal_mode=DELETE"),
    ):
        found = look(trace(url, 40, pragma), url, max(40, states // 10))
        seen = f"{len(found.corrupt)} corrupt, {len(found.lost)} with a loss"
        figures.say(f"{name}: bad states of {found.states}", found.bad, f"> 0; {seen}")
        if not found.bad:
            figures.troubles.append(f"{name}: the cuts found nothing, so they prove nothing")
    return figures
