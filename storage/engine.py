"""Opening the database: a connection inside a transaction, and a schema that is today's.

Knows no database product: what is peculiar to one is in ``storage.sqlite``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from storage.errors import StorageError
from storage.schema import metadata
from storage.sqlite import Sqlite

HEAD = "0004"


class Database:
    """``writing()`` and ``reading()`` give a connection inside a transaction that commits at the end of
    the block.

    :raises StorageError: with one sentence, from every method, in place of the driver's errors.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._server = Sqlite(url, folder)
        with self.writing() as connection:
            _upgrade(connection)

    @property
    def path(self) -> Path:
        return self._server.path

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

    def close(self) -> None:
        self._server.close()


_STEP = Table(
    "alembic_version",  # as Alembic makes it; what it holds is the step that the schema stands at
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
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
