"""SQLite: which file, which connections, which settings, and the driver's errors in plain sentences.

Safe by default: ``synchronous=FULL``, BEGIN IMMEDIATE for writers, foreign keys on. WAL is used only
where the library is free of the WAL-reset bug (https://sqlite.org/wal.html#walresetbug); elsewhere
the rollback journal does the work.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from storage.errors import DamagedFile, StorageBusy, StorageError

_BUSY_MS = 5000
_DAMAGED = ("not a database", "malformed", "Could not decode")


class Sqlite:
    """Two engines on one file; ``shown`` is what people know the database by."""

    def __init__(self, url: str, folder: Path) -> None:
        self.path = database_path(url, folder)
        self.shown = str(self.path)
        self.writer = _engine(self.path, begin="BEGIN IMMEDIATE")
        self.reader = _engine(self.path, begin="BEGIN")
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer at a time, in turn: SQLite's own waiting is not fair."""
        with self._turn:
            yield

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn the driver's errors into one sentence that says what to do."""
        with plain_errors(self.path):
            yield


def database_path(url: str, folder: Path) -> Path:
    """The file that a ``sqlite:///`` address names; a relative one counts from ``folder``.

    :raises StorageError: the address is of another kind, or names no file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError(f"'{url}' is not a database address; write sqlite:///FILE.") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StorageError(f"The database address must be sqlite:///FILE, not '{url}'.")
    return folder / parsed.database


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether that SQLite is free of the WAL-reset bug (in 3.7.0 to 3.51.2, two backports apart)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into one sentence that says what to do."""
    try:
        yield
    except DBAPIError as error:
        cause = str(error.orig)
        if "locked" in cause or "busy" in cause:
            raise StorageBusy(
                f"The database {path} is locked by another process; close that, or try again later."
            ) from error
        damaged = any(sign in cause for sign in _DAMAGED)
        raise (DamagedFile if damaged else StorageError)(_sentence(path, cause)) from error
    except UnicodeDecodeError as error:  # the driver reads damaged text, or an error message that holds some
        raise DamagedFile(_sentence(path, "Could not decode its text")) from error
    except SQLAlchemyError as error:
        raise StorageError(f"The database {path} cannot be used: {error}.") from error


def _sentence(path: Path, cause: str) -> str:
    if not path.parent.is_dir():
        return f"The folder {path.parent} for the database does not exist; make it, or change [storage] url."
    for sign, remedy in (
        ("unable to open", "make the file and its folder readable and writable"),
        ("readonly", "make the file and its folder writable"),
        ("not a database", "it is a file of another kind: name another one in [storage] url"),
        ("malformed", "it is damaged: restore it from a backup"),
        ("Could not decode", "it is damaged: restore it from a backup"),
        ("full", "the disk is full: make room"),
    ):
        if sign in cause:
            return f"The database {path} cannot be used ({cause}): {remedy}."
    return f"The database {path} cannot be used: {cause}."


def _engine(path: Path, *, begin: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
    )
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves: the driver's own is late
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "journal_size_limit=67108864",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def integrity(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds wrong with the file: its pages, its indices, its references."""
    for (told,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if told != "ok":
            yield f"the file is damaged ({told.splitlines()[0]})"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20):
        yield f"row {row} of the table {table} points at a row of {parent} that is not there"
