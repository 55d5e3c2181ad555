"""The promises of the schema: the steps lead to what the code expects, and a step is done whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect

import storage
from storage.engine import HEAD
from storage.errors import StorageError
from storage.ledger import link
from storage.records import HostBlocks
from storage.schema import metadata
from storage.store import Store
from tests.test_store import DATABASE, changed, dump, first, watched


@pytest.fixture
def steps() -> ScriptDirectory:
    settings = Config()
    settings.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    return ScriptDirectory.from_config(settings)


def tables(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


# ---------------------------------------------------------------------- where the steps lead


def test_the_newest_step_is_the_one_the_code_expects(steps: ScriptDirectory) -> None:
    assert steps.get_heads() == [HEAD]


def test_the_steps_are_one_line_from_nothing(steps: ScriptDirectory) -> None:
    assert len(steps.get_bases()) == 1
    assert not any(step.is_branch_point or step.is_merge_point for step in steps.walk_revisions())


def test_the_steps_lead_to_the_schema_of_the_code(tmp_path: Path) -> None:
    Store.open(DATABASE, tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path}/archive.db")
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
            == []
        )
    engine.dispose()


def test_a_database_made_by_steps_is_like_one_made_at_once(tmp_path: Path) -> None:
    Store.open(DATABASE, tmp_path).close()
    by_steps, at_once = create_engine(f"sqlite:///{tmp_path}/archive.db"), create_engine("sqlite://")
    with at_once.begin() as connection:
        metadata.create_all(connection)
        wanted = shape(connection)
    with by_steps.connect() as connection:
        assert shape(connection) == wanted
    by_steps.dispose()
    at_once.dispose()


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that a database says of its tables."""
    seen = inspect(connection)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in seen.get_columns(table)},
            "key": seen.get_pk_constraint(table),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "indices": sorted(map(str, seen.get_indexes(table))),
        }
        for table in metadata.tables
    }


def test_every_table_says_what_it_holds() -> None:
    speechless = [table.name for table in metadata.sorted_tables if not table.comment]
    assert speechless == []


# ---------------------------------------------------------------------- whole or not at all


def test_a_database_of_today_is_left_as_it_is(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        store.record(first(article))
        before = dump(store)
    with Store.open(DATABASE, tmp_path) as store:
        assert dump(store) == before


@pytest.mark.parametrize("survived", range(len(metadata.tables)))
def test_a_step_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    made: list[str] = []
    create_table = op.create_table

    def fail_in_time(name: str, *columns: Any, **rest: Any) -> Any:
        if len(made) == survived:
            raise InterruptedError
        made.append(name)
        return create_table(name, *columns, **rest)

    monkeypatch.setattr(op, "create_table", fail_in_time)
    with pytest.raises(InterruptedError):
        Store.open(DATABASE, tmp_path)
    assert len(made) == survived
    assert tables(tmp_path) == set()
    monkeypatch.undo()
    Store.open(DATABASE, tmp_path).close()
    assert tables(tmp_path) == {*metadata.tables, "alembic_version"}


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        watched(store)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        before = list(connection.iterdump())
    with pytest.raises(
        StorageError, match=r"^The database was written by another version of Writethru: .*9999.*\.$"
    ):
        Store.open(DATABASE, tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        assert list(connection.iterdump()) == before


# ---------------------------------------------------------------------- an archive of an earlier release

ARCHIVES = Path(__file__).parent / "archives"


def archive_of(release: str, folder: Path) -> None:
    """An archive with an edit, a removal and an alert in it, as that release wrote it."""
    script = (ARCHIVES / f"{release}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.executescript(script)


def rows(folder: Path, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return {
            table: connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1").fetchall()  # noqa: S608
            for table, names in columns.items()
        }


def columns_of(folder: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        found = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in tables(folder)}
    return {table: [row[1] for row in found[table]] for table in found if table != "alembic_version"}


def test_the_first_release_s_archive_is_brought_up_with_every_row_as_it_was(tmp_path: Path) -> None:
    archive_of("0001", tmp_path)
    columns = columns_of(tmp_path)
    before = rows(tmp_path, columns)
    Store.open(DATABASE, tmp_path).close()
    assert rows(tmp_path, columns) == before
    assert len(before["ledger"]) == 4
    engine = create_engine(f"sqlite:///{tmp_path}/archive.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_an_archive_brought_up_is_read_and_written_on(tmp_path: Path) -> None:
    archive_of("0001", tmp_path)
    with Store.open(DATABASE, tmp_path) as store:
        told, quiet = store.articles()
        assert (told.revisions, told.state, told.read_as, told.returns, told.swings) == (
            2,
            "removed",
            None,
            0,
            0,
        )
        assert [entry.reason for entry in store.log()] == ["first", "edit", "removed", "first"]
        assert store.blocks(told) == HostBlocks()
        head = store.chain_head()
        store.record(changed(store.article(quiet.id), 20))
        *_, newest = store.log()
        assert newest.chain == link(head or "", newest.digest)


def test_an_upgrade_that_fails_leaves_the_old_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_of("0001", tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        before = list(connection.iterdump())

    def fail(*_: Any) -> None:
        raise InterruptedError

    monkeypatch.setattr(op, "add_column", fail)
    with pytest.raises(InterruptedError):
        Store.open(DATABASE, tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        assert list(connection.iterdump()) == before
