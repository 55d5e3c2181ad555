"""SQLite: which file, which library, which connections and settings, and the driver's errors in plain sentences.

Safe by default: what is committed is on the disk (``synchronous=FULL``), writers begin with BEGIN
IMMEDIATE, foreign keys are on. WAL is used only where the library is free of the WAL-reset bug
(https://sqlite.org/wal.html#walresetbug) and the file is this machine's alone; elsewhere a rollback
journal does the work.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from storage import lockfile
from storage.disk import file_system, is_network
from storage.errors import DamagedFile, StorageBusy, StorageError, StorageUnwritable

_BUSY_MS = 5000
_ANEW_SECONDS = 1.0  # how long others wait for that at most: one of them may be in the middle of something
_BUSY = {5, 6, 15}  # SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
_DAMAGED = ("not a database", "malformed", "Could not decode")
_UNWRITABLE = {8, 10, 13, 14}  # SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN


def _driver() -> ModuleType:
    """The newer SQLite that the package pysqlite3 carries where there is one, else Python's own."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


driver = _driver()
"""The one module that may open a database file in this process: with two copies of SQLite in a process, closing
a file in one drops the locks of the other (https://sqlite.org/howtocorrupt.html, 2.2.1)."""


class Journal(StrEnum):
    """How a commit is made safe; the value is SQLite's own name.

    Of the rollback journals it is the one that stays: deleting it is only durable once its folder is
    synced, which ``synchronous=FULL`` does not do, so that a power cut could bring it back and take
    the last commit with it.
    """

    WAL = "wal"
    ROLLBACK = "persist"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The journal of one database, and why it is that one."""

    journal: Journal
    why: str


class Sqlite:
    """Two engines on one file; ``shown`` is what people know the database by."""

    def __init__(self, url: str, folder: Path) -> None:
        self.path = database_path(url, folder)
        self.shown = str(self.path)
        self.choice = choose_journal(url, driver.sqlite_version_info, file_system(self.path.parent))
        self.writer = self._engine(begin="BEGIN IMMEDIATE")
        self.reader = self._engine(begin="BEGIN")
        self._turn = threading.Lock()
        self._users = threading.Condition()
        self._using = 0
        self._anew = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer at a time, in turn: SQLite's own waiting is not fair.

        :raises StorageBusy: the turn did not come, as while another process holds the database.
        """
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise StorageBusy(
                f"The database {self.path} is held by a long step of this process or by another; try again later."
            )
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn the driver's errors into one sentence that says what to do. After one that may pass the file
        is opened anew: its disk may come back as another one, its journal may be of the wrong kind."""
        with self._users:
            self._users.wait_for(lambda: not self._anew, timeout=_ANEW_SECONDS)
            self._using += 1
        try:
            with plain_errors(self.path):
                yield
        except (StorageBusy, StorageUnwritable):
            self._anew = True
            raise
        finally:
            self._leave()

    def _leave(self) -> None:
        """The last one out closes every connection where that is wanted: what SQLite knows of a file, that it
        can only be read for one, it keeps until the process has no connection to it at all."""
        with self._users:
            self._using -= 1
            if self._anew and self._using == 0:
                self.close()
                self._anew = False
                self._users.notify_all()

    def checkpoint(self) -> None:
        """Bring the write-ahead log into the database and give its room back; for a quiet minute.

        Does as much as readers let it, and nothing where there is no such log.
        """
        if self.choice.journal is Journal.WAL:
            with self.turn(), self.plain_errors(), closing(self.writer.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()

    def _engine(self, *, begin: str) -> Engine:
        engine = create_engine(
            f"sqlite:///{self.path}",
            module=driver,
            connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
            pool_size=8,
            max_overflow=24,
        )
        journal = self.choice.journal

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
                "wal_autocheckpoint=1000",
                "trusted_schema=OFF",
                *(["query_only=ON"] if begin == "BEGIN" else []),
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)
            if journal is Journal.ROLLBACK and begin != "BEGIN":
                _refuse_foreign_wal(connection, self.path)

        return engine

    # ---------------------------------------------------------------------- which file

    @contextmanager
    def alone(self) -> Iterator[Callable[[], bool]]:
        """Hold a file beside the database, which nobody can take away.

        :raises InUse: another has it.
        """
        with lockfile.held(lockfile.beside(self.path)):
            yield lambda: True

    def rewrite(self) -> None:
        """Write the whole file anew, and empty its journal: what was taken out stood in their free pages.

        :raises StorageBusy: another process reads it all the time.
        """
        with self.turn(), self.plain_errors(), closing(self.writer.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            (mode,) = cursor.execute("PRAGMA journal_mode").fetchone()
            if mode != "wal":  # a journal that stays in its place holds what the pages held before
                cursor.execute("PRAGMA journal_mode=DELETE")
                cursor.execute(f"PRAGMA journal_mode={mode}")
            elif cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise StorageBusy(
                    f"The database {self.path} is being read by another process, so its log could not be emptied; "
                    "do this again later."
                )


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
    if dict(parsed.query) not in ({}, {"journal": "rollback"}):
        raise StorageError(f"After sqlite:///FILE only ?journal=rollback may follow, not '{url}'.")
    return folder / parsed.database


# ---------------------------------------------------------------------- which journal


def choose_journal(url: str, version: tuple[int, int, int], kind: str | None) -> Choice:
    """The journal for the database at ``url``, by SQLite's version and the kind of the file system."""
    shown = ".".join(map(str, version))
    if make_url(url).query:
        return Choice(journal=Journal.ROLLBACK, why="[storage] url asks for it")
    if not wal_is_safe(version):
        return Choice(
            journal=Journal.ROLLBACK, why=f"SQLite {shown} has the WAL-reset bug, which can lose a commit"
        )
    if is_network(kind):
        return Choice(journal=Journal.ROLLBACK, why=f"WAL is not safe on a shared file system ({kind})")
    return Choice(journal=Journal.WAL, why=f"SQLite {shown} is free of the WAL-reset bug")


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether that SQLite is free of the WAL-reset bug (in 3.7.0 to 3.51.2, two backports apart)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _refuse_foreign_wal(connection: Connection, path: Path) -> None:
    """Another installation may have turned an idle database to WAL under our feet; to write on would be to
    use what this one must not."""
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar() == Journal.WAL:
        raise StorageBusy(
            f"The database {path} is held in WAL mode by another installation of Writethru, and this one may not "
            "use WAL; close that, or run both from one installation."
        )


# ---------------------------------------------------------------------- what goes wrong


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into one sentence that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(path, error.orig or error) from error
    except driver.Error as error:  # of the driver itself, where it was asked directly
        raise _plain(path, error) from error
    except UnicodeDecodeError as error:  # the driver reads damaged text, or an error message that holds some
        raise DamagedFile(_sentence(path, "Could not decode its text")) from error
    except SQLAlchemyError as error:
        raise StorageError(f"The database {path} cannot be used: {error}.") from error


def _plain(path: Path, cause: BaseException) -> StorageError:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the higher bits say more than we tell apart
    if code in _BUSY:
        return StorageBusy(
            f"The database {path} is locked by another process; close that, or try again later."
        )
    kind = StorageUnwritable if code in _UNWRITABLE else StorageError
    if any(sign in str(cause) for sign in _DAMAGED):
        kind = DamagedFile
    return kind(_sentence(path, str(cause)))


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
        (
            "I/O error",
            "the disk does not take or give what is asked: see to it that it is there and has room",
        ),
    ):
        if sign in cause:
            return f"The database {path} cannot be used ({cause}): {remedy}."
    return f"The database {path} cannot be used: {cause}."


def integrity(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds wrong with the file: its pages, its indices, its references."""
    for (told,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if told != "ok":
            yield f"the file is damaged ({told.splitlines()[0]})"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20):
        yield f"row {row} of the table {table} points at a row of {parent} that is not there"
