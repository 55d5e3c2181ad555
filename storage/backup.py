"""Backups of an SQLite database: a consistent copy of a live one, and a copy put in its place.

A backup is one file, checked before it takes its name: it is written beside it, synced, and renamed. It is
made with SQLite's backup API, which copies page by page and can do so in steps: where there is no
write-ahead log writers get their turn between them, while VACUUM INTO would keep them out to its end. Knows
nothing of daemons.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from storage.errors import StorageBusy, StorageError
from storage.sqlite import driver, plain_errors

_STEP = 2048  # pages; between two steps writers get their turn
_RESTARTS = 5
_TABLES = {"articles", "bodies", "checks", "ledger"}
_SIDES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a database file holds: its size in bytes, the schema's step, and the head of its log with how
    many entries led to it. ``before`` is where the database lies that it replaced."""

    size: int
    step: str
    head: str | None
    entries: int
    before: Path | None = None


def back_up(source: Engine, path: Path) -> Copied:
    """Copy the database into a new file.

    :raises StorageError: there is such a file already, or the copy cannot be made or is damaged.
    """
    if os.path.lexists(path):
        raise StorageError(f"{path} exists already; name a new file, or move that one away.")
    with _beside(path) as unfinished:
        with (
            closing(source.raw_connection()) as live,
            closing(driver.connect(unfinished)) as copy,
        ):
            _copy_pages(live.driver_connection, copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, and no log beside it
        found = inspect(unfinished)
        _sync(unfinished)
        if os.path.lexists(path):
            raise StorageError(f"{path} exists already; name a new file, or move that one away.")
        _place(unfinished, path)
    return found


def inspect(path: Path) -> Copied:
    """What a backup holds.

    :raises StorageError: it is not there, is damaged, or is none of ours.
    """
    if not path.is_file():
        raise StorageError(f"There is no file {path}.")
    with (
        plain_errors(path),
        closing(driver.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file,
    ):
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in tables or not tables & _TABLES:
            raise StorageError(f"{path} is no database of Writethru's; name a file that 'backup' made.")
        trouble = file.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if trouble != "ok":
            raise StorageError(f"{path} is damaged ({trouble}); use another backup.")
        (step,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
        (entries,) = file.execute("SELECT count(*) FROM ledger").fetchone()
        head = file.execute("SELECT chain FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    shown = None if head is None else head[0] if isinstance(head[0], str) else bytes(head[0]).hex()
    return Copied(size=path.stat().st_size, step=step, head=shown, entries=entries)


def restore(backup: Path, database: Path, newest_step: str, now: datetime) -> Copied:
    """Put a copy of that backup in the place of the database, which is kept beside it.

    At no moment is there no database, or half of one. Nobody may be using it.

    :param newest_step: the newest step of the schema that is understood.
    :raises StorageError: the backup is damaged, newer than this program, or none of ours.
    :raises StorageBusy: another process uses the present database.
    """
    found = inspect(backup)
    if found.step > newest_step:
        raise StorageError(
            f"{backup} was made by a later version of Writethru (schema {found.step}); restore it with that one."
        )
    before = None
    with _beside(database) as unfinished, plain_errors(backup):
        with (
            closing(driver.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as kept,
            closing(driver.connect(unfinished)) as copy,
        ):
            kept.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        inspect(unfinished)
        _sync(unfinished)
        if database.exists():
            before = database.with_name(
                f"{database.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            )
            _set_aside(database, before)
        _place(unfinished, database)
    return Copied(size=found.size, step=found.step, head=found.head, entries=found.entries, before=before)


# ---------------------------------------------------------------------- pages


def _copy_pages(live: Any, copy: Any) -> None:
    """In WAL mode all at once, since a reader is in nobody's way there. Else in steps, between which others
    write, and from the beginning after they did; where they write too often for that, all at once."""
    if live.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        live.backup(copy)
        return
    left: list[int] = []
    restarts = 0

    def step(_status: int, remaining: int, _total: int) -> None:
        nonlocal restarts
        restarts += bool(left) and remaining >= left[-1]
        left[:] = [remaining]
        if restarts > _RESTARTS:
            raise _TooBusy

    try:
        live.backup(copy, pages=_STEP, progress=step, sleep=0.01)
    except _TooBusy:
        live.backup(copy)


class _TooBusy(Exception):
    pass


# ---------------------------------------------------------------------- files


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file in the same folder, for its owner alone; gone at the end, if it did not take its place."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield unfinished
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        for each in (unfinished, *(Path(f"{unfinished}{side}") for side in _SIDES)):
            each.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _place(unfinished: Path, path: Path) -> None:
    if path.exists():
        shutil.copymode(path, unfinished)
    unfinished.replace(path)
    _sync(path.parent)


def _set_aside(database: Path, before: Path) -> None:
    """Give the present database a second name, with everything in the one file; a damaged one keeps its
    journals, under that name."""
    try:
        with closing(driver.connect(database, timeout=1.0)) as present:
            present.execute("PRAGMA journal_mode=DELETE")  # needs it for itself alone
            present.execute("BEGIN EXCLUSIVE")
            present.execute("ROLLBACK")
    except driver.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise StorageBusy(
                f"Another process is using {database}; end it, then restore again. Nothing was changed."
            ) from None
    except driver.DatabaseError:
        pass  # damaged: that is why it is being replaced
    try:
        os.link(database, before)
    except FileExistsError:
        raise StorageError(f"{before} exists already; wait a second, then restore again.") from None
    except OSError:  # a file system without second names
        shutil.copy2(database, before)
        _sync(before)
    for side in _SIDES:
        with suppress(FileNotFoundError):
            Path(f"{database}{side}").replace(f"{before}{side}")
