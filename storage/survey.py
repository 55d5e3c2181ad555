"""survey(): what a database is and how it fares, looked at without changing it.

Only of a SQLite file; knows nothing of what is in the tables.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.disk import file_system, free_bytes
from storage.engine import HEAD
from storage.sqlite import Choice, choose_journal, database_path, driver, wal_is_safe

_LOOK_SECONDS = 3.0
_STEPS = 100  # of SQLite's machine between two looks at the time


@dataclass(frozen=True, kw_only=True)
class Library:
    """The SQLite in use: which module speaks to it, its version, and whether WAL is safe with it."""

    name: str
    version: str
    wal_is_safe: bool


@dataclass(frozen=True, kw_only=True)
class Survey:
    """``schema``: its revision, None in a file without one. ``damage``: what a quick look found wrong.
    ``looked_through``: whether it came to its end. ``error``: why the file cannot be read at all."""

    path: Path
    journal: Choice
    file_system: str | None
    free_bytes: int | None
    may_write: bool
    size: int | None = None
    written_at: datetime | None = None
    schema: str | None = None
    schema_of_today: str = HEAD
    damage: str | None = None
    looked_through: bool = True
    error: str | None = None


def library() -> Library:
    version: tuple[int, int, int] = driver.sqlite_version_info
    name = "of the package pysqlite3" if driver.__name__.startswith("pysqlite3") else "of this Python"
    return Library(name=name, version=driver.sqlite_version, wal_is_safe=wal_is_safe(version))


def survey(url: str, folder: Path, seconds: float = _LOOK_SECONDS) -> Survey:
    """Look at the database file that ``url`` names, its contents for so many seconds at most.

    :raises StorageError: it names none.
    """
    path = database_path(url, folder)
    kind = file_system(path.parent)
    facts: dict[str, Any] = {
        "path": path,
        "journal": choose_journal(url, driver.sqlite_version_info, kind),
        "file_system": kind,
        "free_bytes": free_bytes(path.parent) if path.parent.is_dir() else None,
        "may_write": all(os.access(place, os.W_OK) for place in (path.parent, path) if place.exists()),
    }
    if not path.exists():
        return Survey(**facts)
    facts["size"] = sum(part.stat().st_size for part in _parts(path))
    facts["written_at"] = datetime.fromtimestamp(max(part.stat().st_mtime for part in _parts(path)), UTC)
    try:
        with closing(driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return Survey(**facts, **_look_inside(connection, seconds))
    except driver.Error as error:
        return Survey(**facts, error=str(error))


def _parts(path: Path) -> list[Path]:
    """The file and what lies beside it for a commit."""
    beside = [path.with_name(path.name + ending) for ending in ("", "-wal", "-journal")]
    return [part for part in beside if part.exists()]


def _look_inside(connection: Any, seconds: float) -> dict[str, Any]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found: dict[str, Any] = {}
    if "alembic_version" in tables:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        found = {"schema": row[0]} if row else {}
    ends = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
    try:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except driver.DatabaseError as error:
        match error.sqlite_errorcode & 0xFF:
            case 9:  # SQLITE_INTERRUPT
                return {**found, "looked_through": False}
            case 11:  # SQLITE_CORRUPT
                return {**found, "damage": str(error)}
        raise
    return {**found, "damage": None if said == "ok" else said}
