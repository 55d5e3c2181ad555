"""PostgreSQL: which server, which connections, which settings, and the driver's errors in plain sentences.

Writers take one lock for the whole of their transaction, in whichever process or machine they run: what
one has read stays true until it has written, and rows are numbered in the order in which they are
committed. Readers see one state throughout. Nothing here shows a password.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import NullPool

from storage.errors import InUse, StorageAway, StorageBusy, StorageError

_PATIENCE = "5s"
_GIVEN_UP_SECONDS = 120.0

_OURS = 0x57524954
"""The first half of the numbers of our advisory locks; the locks of others are none of our business."""
_WRITING, _DAEMON = 1, 2

_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,  # a server that vanished without a word is noticed within a minute
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 20_000,
    "client_encoding": "utf8",
    "application_name": "writethru",
}
_EVERYONE = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "tcp_keepalives_idle": "30",  # and a client that vanished, with its locks, by the server
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}
_WRITERS = {
    "default_transaction_isolation": "read committed",  # what was committed while it waited, a writer sees
    "default_transaction_read_only": "off",
    "lock_timeout": _PATIENCE,
    "idle_in_transaction_session_timeout": "60s",  # a writer that was stopped does not hold up all others
}
_READERS = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
}

_BUSY = {"55P03", "40P01", "40001"}
_AWAY = {"57P01", "57P02", "57P03", "53300", "25006", "53100"}
"""Shutting down, crashed, starting, no free connection, a standby, no space: all of them pass."""
_REMEDIES = (
    (r"password authentication failed", "check the user and the password"),
    (r"no password supplied", "put the password into the address, or into ~/.pgpass"),
    (r"role .* does not exist", "check the user, or make it with createuser"),
    (r"database .* does not exist", "make it with createdb, or name another one"),
    (r"permission denied for schema", "let its user make tables there, as the owner of a database may"),
    (r"No space left|could not extend file", "make room on its disk"),
    (r"read-only transaction", "it is a standby: name the server that may be written"),
    (
        r"too many (clients|connections)|connection slots",
        "let it take more connections, or stop a program that holds some",
    ),
)


class Postgres:
    """Two engines on one database; ``shown`` is what people know it by, without the password."""

    def __init__(self, address: URL) -> None:
        self._address = address.set(drivername="postgresql+psycopg")
        self.shown = _shown(address)
        self.writer = _engine(self._address, _WRITERS, pool_size=1, max_overflow=0)
        self.reader = _engine(self._address, _READERS, pool_size=8, max_overflow=8)
        event.listen(self.writer, "begin", _wait_for_turn)
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer at a time in this process, so that all of them need one connection."""
        with self._turn:
            yield

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn the driver's errors into one sentence that says what to do."""
        try:
            yield
        except DBAPIError as error:
            raise _in_plain_words(self.shown, error) from error
        except PoolTimeoutError as error:
            raise StorageBusy(f"All connections to {self.shown} are in use; try again later.") from error
        except SQLAlchemyError as error:
            raise StorageError(f"The database {self.shown} cannot be used: {error}.") from error

    def checkpoint(self) -> None:
        """The server sees to its own log."""

    def rewrite(self) -> None:
        """Have the tables written anew that may hold what was taken out; the server's own log and its backups
        keep it for as long as they are set to.

        :raises StorageBusy: others use them all the time.
        """
        engine = _engine(self._address, _WRITERS, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with self.plain_errors(), engine.connect() as connection:
            for table in ("articles", "bodies", "checks", "deliveries", "host_blocks", "ledger"):
                connection.execute(text(f"VACUUM (FULL) {table}"))

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()

    @contextmanager
    def alone(self) -> Iterator[Callable[[], bool]]:
        """Hold the lock that only one daemon holds, in a session of its own.

        :raises InUse: another has it.
        """
        hold = _Hold(_engine(self._address, _WRITERS, poolclass=NullPool, isolation_level="AUTOCOMMIT"))
        try:
            with self.plain_errors():
                taken = hold.take()
            if not taken:
                raise InUse(self.shown)
            yield hold.keep
        finally:
            hold.drop()


class _Hold:
    """A session that holds the daemon's lock. The server may end the session: then the lock is taken again
    as soon as that can be done."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None
        self._lost_at: float | None = None

    def take(self) -> bool:
        self._session = self._engine.connect()
        if self._session.scalar(text(f"SELECT pg_try_advisory_lock({_OURS}, {_DAEMON})")):
            self._lost_at = None
            return True
        self.drop()
        return False

    def keep(self) -> bool:
        """Whether the lock is ours still. One that was lost may for a while be held by our own session,
        which the server does not know to be dead; only after that it is another daemon's."""
        try:
            if self._session is not None:
                self._session.execute(text("SELECT 1"))
                return True
            if self.take():
                return True
        except DBAPIError:
            self.drop()
            return True  # the server is away: nobody can do anything with it now
        self._lost_at = self._lost_at or time.monotonic()
        return time.monotonic() - self._lost_at < _GIVEN_UP_SECONDS

    def drop(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None


def _wait_for_turn(connection: Connection) -> None:
    """The PostgreSQL for BEGIN IMMEDIATE: the lock is held until the transaction has ended, however it ends."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, {_WRITING})")


def _engine(address: URL, settings: dict[str, str], **pool: Any) -> Engine:
    try:
        engine = create_engine(address, connect_args=_network(address), pool_pre_ping=True, **pool)
    except ImportError as error:
        raise StorageError(
            "PostgreSQL needs its driver; install it with: python -m pip install 'psycopg[binary]'."
        ) from error
    except ArgumentError:
        raise StorageError("The database address has a part that PostgreSQL does not know.") from None

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        parts = [
            f"set_config('{name}', '{value}', false)" for name, value in {**_EVERYONE, **settings}.items()
        ]
        asked = ", ".join(["current_setting('server_encoding')", _DURABLE, *parts])
        (encoding, *_) = connection.execute(f"SELECT {asked}").fetchone()
        connection.commit()
        if encoding != "UTF8":
            connection.close()
            raise StorageError(
                f"The database {_shown(address)} keeps text as {encoding}, which cannot hold every page; make "
                "one with: createdb --encoding=UTF8 --template=template0."
            )

    return engine


_DURABLE = """set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,
    false)"""


def _network(address: URL) -> dict[str, Any]:
    """What the address itself says goes before."""
    return {name: value for name, value in _NETWORK.items() if name not in address.query}


def _shown(address: URL) -> str:
    """The address without the password, and without what else stands behind its question mark."""
    host = (
        address.query.get("host", "") or f"{address.host or ''}{f':{address.port}' if address.port else ''}"
    )
    user = f"{address.username}@" if address.username else ""
    return f"postgresql://{user}{host}/{address.database}"


def _in_plain_words(shown: str, error: DBAPIError) -> StorageError:
    said = (str(error.orig).splitlines() or ["no reason given"])[0].strip().rstrip(".")
    code = getattr(error.orig, "sqlstate", None)
    if code in _BUSY:
        return StorageBusy(
            f"The database {shown} is held by another process; close that, or try again later."
        )
    remedy = next((remedy for sign, remedy in _REMEDIES if re.search(sign, said)), None)
    without_answer = code is None and isinstance(error, OperationalError)
    if code in _AWAY or without_answer or error.connection_invalidated:
        return StorageAway(
            f"The database {shown} is away ({said}): {remedy or 'see that it runs, or try again later'}."
        )
    return StorageError(
        f"The database {shown} cannot be used{f' ({said}): {remedy}' if remedy else f': {said}'}."
    )
