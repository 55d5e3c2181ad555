"""Opening the database: a connection inside a transaction, and a schema that is today's.

Knows of the database products only which address is whose: what is peculiar to one is in
``storage.sqlite`` or ``storage.postgres``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError

from storage.backup import Copied, back_up
from storage.errors import InUse, StorageError
from storage.postgres import Postgres
from storage.schema import metadata
from storage.sqlite import Sqlite

HEAD = "0010"


class Database:
    """``writing()`` and ``reading()`` give a connection inside a transaction that commits at the end of
    the block.

    :raises StorageError: with one sentence, from every method, in place of the driver's errors.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._server = _server(url, folder)
        try:
            with self.writing() as connection:
                _upgrade(connection)
        except BaseException:
            self.close()
            raise

    @property
    def shown(self) -> str:
        """What people know the database by: the file, or the address without its password."""
        return self._server.shown

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        server = self._server
        with server.turn(), server.plain_errors(), server.writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._server.plain_errors(), self._server.reader.begin() as connection:
            yield connection

    def checkpoint(self) -> None:
        """What a quiet minute is good for: the write-ahead log is brought in and its room given back."""
        self._server.checkpoint()

    def alone(self) -> AbstractContextManager[Callable[[], bool]]:
        """Be the one daemon on this database for the length of the block. What it gives is to be asked now
        and then; False: the hold was lost, and another daemon has it.

        :raises InUse: another daemon has it.
        """
        return self._server.alone()

    def is_held(self) -> bool:
        """Whether a daemon works on this database."""
        try:
            with self.alone():
                return False
        except InUse:
            return True
        except StorageError:
            return False

    def rewrite(self) -> None:
        """Write all of it anew, so that nothing is left of what was taken out."""
        self._server.rewrite()

    def back_up(self, path: Path) -> Copied:
        """A consistent copy in a new file, checked.

        :raises StorageError: it cannot be made, or the database is a server's, which has its own tools.
        """
        if isinstance(self._server, Postgres):
            raise StorageError(f"Make a backup of {self.shown} with pg_dump --format=custom.")
        with self._server.plain_errors():
            return back_up(self._server.reader, path)

    def close(self) -> None:
        self._server.close()


_STEP = Table(
    "alembic_version",  # as Alembic makes it; what it holds is the step that the schema stands at
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _server(url: str, folder: Path) -> Sqlite | Postgres:
    """
    :raises StorageError: without the address in it, which may hold a password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    match address and address.get_backend_name():
        case "sqlite":
            return Sqlite(url, folder)
        case "postgresql" if address is not None and address.database:
            return Postgres(address)
    raise StorageError(
        "The database address must be sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
    )


def _upgrade(connection: Connection) -> None:
    """Bring the schema to HEAD inside the caller's transaction; nothing to do is the usual case."""
    found = _revision(connection)
    if found is None and not inspect(connection).get_table_names():
        _make(connection)
    elif found != HEAD:
        climb(connection)


def _make(connection: Connection) -> None:
    """Today's schema at once, without the steps that led to it."""
    metadata.create_all(connection, checkfirst=False)
    _STEP.create(connection, checkfirst=False)
    connection.execute(_STEP.insert().values(version_num=HEAD))


def climb(connection: Connection) -> None:
    """Take every step from where the schema stands to HEAD."""
    from alembic import command, config, util  # only where there is something to do: slow to load

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except util.CommandError as error:
        raise StorageError(f"The database was written by another version of Writethru: {error}.") from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
