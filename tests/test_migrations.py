"""The promises of the schema: the steps lead to what the code expects, and a step is done whole or not at all."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

import storage
from storage.engine import HEAD, climb
from storage.errors import StorageError
from storage.ledger import link
from storage.records import HostBlocks
from storage.schema import metadata
from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.test_store import DATABASE, changed, dump, dump_of, first, watched

quiet_about_expressions = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index",
    "ignore:autogenerate skipping metadata-specified expression-based index",
)


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


def made_by_steps(folder: Path) -> Engine:
    """A database brought from nothing to today's schema by every step in turn."""
    engine = create_engine(f"sqlite:///{folder}/archive.db", module=sqlite3)
    with engine.begin() as connection:
        climb(connection)
    return engine


@quiet_about_expressions
def test_the_steps_lead_to_the_schema_of_the_code(tmp_path: Path) -> None:
    engine = made_by_steps(tmp_path)
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
            == []
        )
    engine.dispose()


@quiet_about_expressions
def test_a_database_made_by_steps_is_like_one_made_at_once(tmp_path: Path) -> None:
    by_steps = made_by_steps(tmp_path)
    (tmp_path / "new").mkdir()
    Store.open(DATABASE, tmp_path / "new").close()
    at_once = create_engine(f"sqlite:///{tmp_path}/new/archive.db", module=sqlite3)
    with by_steps.connect() as old, at_once.connect() as new:
        assert shape(old) == shape(new)
        assert names(old) == names(new)
    by_steps.dispose()
    at_once.dispose()


def test_a_new_database_takes_no_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        pytest.fail("a step was taken")

    monkeypatch.setattr(op, "create_table", fail)
    monkeypatch.setattr(op, "add_column", fail)
    Store.open(DATABASE, tmp_path).close()
    assert tables(tmp_path) == {*metadata.tables, "alembic_version"}


def test_a_file_with_tables_of_its_own_keeps_them(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    Store.open(DATABASE, tmp_path).close()
    assert tables(tmp_path) == {*metadata.tables, "alembic_version", "recipes"}


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that a database says of its tables."""
    seen = inspect(connection)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "indices": sorted(json.dumps(index, default=str) for index in seen.get_indexes(table)),
        }
        for table in seen.get_table_names()
    }


def names(connection: Connection) -> set[tuple[str, str]]:
    """All that there is beside the tables too: indices, triggers, views."""
    return {(kind, name) for kind, name in connection.execute(text("SELECT type, name FROM sqlite_master"))}


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


@contextmanager
def before_each_change(act: Callable[[int], None]) -> Iterator[None]:
    """Call ``act`` before each statement that changes the schema, with how many went before it."""
    done = itertools.count()

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("CREATE", "ALTER")):
            act(next(done))

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", watch)


@pytest.mark.parametrize("survived", [0, 1, 7, len(metadata.tables), -1])
def test_a_new_database_that_fails_half_way_is_left_empty(tmp_path: Path, survived: int) -> None:
    fatal = survived % changes_of_a_new_database(tmp_path)

    def fail_in_time(done: int) -> None:
        if done == fatal:
            raise InterruptedError

    with before_each_change(fail_in_time), pytest.raises(InterruptedError):
        Store.open(DATABASE, tmp_path)
    assert tables(tmp_path) == set()
    Store.open(DATABASE, tmp_path).close()
    assert tables(tmp_path) == {*metadata.tables, "alembic_version"}


def changes_of_a_new_database(folder: Path) -> int:
    """How many statements make one."""
    (folder / "other").mkdir()
    done: list[int] = []
    with before_each_change(done.append):
        Store.open(DATABASE, folder / "other").close()
    assert len(done) > len(metadata.tables)
    return len(done)


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        watched(store)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = dump_of(tmp_path / "archive.db")
    with pytest.raises(
        StorageError, match=r"^The database was written by another version of Writethru: .*9999.*\.$"
    ):
        Store.open(DATABASE, tmp_path)
    assert dump_of(tmp_path / "archive.db") == before


# ---------------------------------------------------------------------- an archive of an earlier release

ARCHIVES = Path(__file__).parent / "archives"
DIGESTS = [
    "7078bead147f853e3c248f03913116550eacd7c281bbb772808eb416945960e1",
    "a8731c2c84f4b0a5a8f2a3c64eae724b027c845d3abcdf34ec30428728ac4723",
    "8e5e09dcd54394d591f717981d74f875c0b2e2dc47aa1f63ef0b350075da1198",
    "37908bbad2fc2b125608b7018e55f7d59ea692e9e57f7659b7e9560dc725f394",
]
"""What the first release's archive says that its log entries hash to."""


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


KEPT = ("sources", "hosts", "deliveries", "alerts")
"""Tables of the first release that hold today what they held then."""


@quiet_about_expressions
def test_the_first_release_s_archive_is_brought_up_with_every_row_as_it_was(tmp_path: Path) -> None:
    archive_of("0001", tmp_path)
    columns = {table: names for table, names in columns_of(tmp_path).items() if table in KEPT}
    before = rows(tmp_path, columns)
    chained = rows(tmp_path, {"ledger": ["seq", "chain"]})["ledger"]
    Store.open(DATABASE, tmp_path).close()
    assert rows(tmp_path, columns) == before
    assert rows(tmp_path, {"ledger": ["seq", "lower(hex(chain))"]})["ledger"] == chained
    assert len(chained) == 4
    engine = create_engine(f"sqlite:///{tmp_path}/archive.db", module=sqlite3)
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
        assert [entry.digest for entry in store.log()] == DIGESTS
        head = store.chain_head()
        store.record(changed(store.article(quiet.id), 20))
        *_, newest = store.log()
        assert newest.chain == link(head or "", newest.digest)


def test_an_upgrade_that_fails_leaves_the_old_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_of("0001", tmp_path)
    before = dump_of(tmp_path / "archive.db")

    def fail(*_: Any) -> None:
        raise InterruptedError

    monkeypatch.setattr(op, "add_column", fail)
    with pytest.raises(InterruptedError):
        Store.open(DATABASE, tmp_path)
    assert dump_of(tmp_path / "archive.db") == before
