"""The engine's promises: safe settings, one schema however many start at once, and plain sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from storage.disk import is_network, mounted_as
from storage.engine import Database
from storage.errors import StorageBusy, StorageError, StorageUnwritable
from storage.records import sha256
from storage.schema import articles, hosts
from storage.sqlite import Journal, choose_journal, database_path, driver, wal_is_safe
from storage.store import Store
from tests.newsdesk import ROOT
from tests.test_store import DATABASE, NOW, changed, count, dump, first, watched

# ---------------------------------------------------------------------- which SQLite may use WAL


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_it_cannot_lose_a_commit(version: tuple[int, int, int], *, safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize(
    ("url", "version", "kind", "journal", "why"),
    [
        (DATABASE, (3, 53, 4), "ext4", Journal.WAL, "SQLite 3.53.4 is free of the WAL-reset bug"),
        (DATABASE, (3, 53, 4), None, Journal.WAL, "SQLite 3.53.4 is free of the WAL-reset bug"),
        (DATABASE, (3, 40, 1), "ext4", Journal.ROLLBACK, "SQLite 3.40.1 has the WAL-reset bug"),
        (DATABASE, (3, 53, 4), "nfs4", Journal.ROLLBACK, "WAL is not safe on a shared file system (nfs4)"),
        (DATABASE + "?journal=rollback", (3, 53, 4), "ext4", Journal.ROLLBACK, "[storage] url asks for it"),
    ],
)
def test_the_journal_is_one_that_loses_nothing_there(
    url: str, version: tuple[int, int, int], kind: str | None, journal: Journal, why: str
) -> None:
    choice = choose_journal(url, version, kind)
    assert choice.journal is journal
    assert choice.why.startswith(why)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/desk/archive.db", "ext4"),
        ("/srv/archive.db", "ext4"),
        ("/srv/news/archive.db", "nfs4"),
        ("/srv/news room/archive.db", "fuse.sshfs"),
        ("/srv/newsroom/archive.db", "ext4"),
        ("/data/archive.db", "cifs"),
    ],
)
def test_a_file_lies_on_the_innermost_mount_and_the_latest_there(path: str, kind: str) -> None:
    mounts = [
        "/dev/sda1 / ext4 rw,relatime 0 0",
        "filer:/news /srv/news nfs4 rw 0 0",
        "desk@far:/ /srv/news\\040room fuse.sshfs rw 0 0",
        "tmpfs /data tmpfs rw 0 0",
        "//filer/data /data cifs rw 0 0",
    ]
    assert mounted_as(Path(path), mounts) == kind
    assert is_network(kind) is (kind != "ext4")


@pytest.mark.parametrize("url", [DATABASE, DATABASE + "?journal=rollback"])
def test_a_commit_is_on_the_disk_and_keys_are_kept(tmp_path: Path, url: str) -> None:
    database = Database(url, tmp_path)
    names = ("synchronous", "foreign_keys", "trusted_schema", "journal_mode", "wal_autocheckpoint")
    with database.writing() as connection:
        settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in names}
    journal = choose_journal(url, driver.sqlite_version_info, None).journal
    assert settings == {
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "journal_mode": journal,
        "wal_autocheckpoint": 1000,
    }
    orphan = {
        "url": "https://gazette.example/",
        "source_id": 7,
        "host_id": 7,
        "state": "watched",
        "found_at": NOW,
    }
    with pytest.raises(StorageError, match="FOREIGN KEY"), database.writing() as connection:
        connection.execute(insert(articles).values(next_check_at=NOW, **orphan))
    database.close()


def test_a_writer_takes_its_place_at_once_so_that_none_is_refused_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite._BUSY_MS", 50)
    ours, theirs = Database(DATABASE, tmp_path), Database(DATABASE, tmp_path)
    with ours.writing() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(StorageError), theirs.writing():
            pytest.fail("two writers at the same time")
    ours.close()
    theirs.close()


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(DATABASE, tmp_path)

    def fail_half_way() -> None:
        with database.writing() as connection:
            connection.execute(insert(hosts).values(name="gazette.example", free_at=NOW))
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM hosts")).scalar() == 0
    database.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = Database(DATABASE, tmp_path)
    with pytest.raises(StorageUnwritable), database.reading() as connection:
        connection.execute(text("DELETE FROM hosts"))
    database.close()


def test_after_trouble_with_the_disk_no_connection_is_left_open(tmp_path: Path) -> None:
    """Not even one that was in use: with it SQLite would keep what it took the file for."""

    def open_files() -> int:
        return len(os.listdir("/dev/fd"))

    database = Database(DATABASE, tmp_path)
    database.close()
    before = open_files()
    with database.reading() as early:
        early.execute(text("SELECT 1"))
        with pytest.raises(StorageUnwritable), database.reading() as connection:
            connection.execute(text("DELETE FROM hosts"))
        early.execute(text("SELECT 1"))
        assert open_files() > before
    assert open_files() == before
    with database.writing() as connection:
        assert connection.execute(text("SELECT count(*) FROM hosts")).scalar() == 0
    database.close()


def sizes(folder: Path) -> dict[str, int]:
    return {path.name.removeprefix("archive.db"): path.stat().st_size for path in folder.glob("archive.db*")}


def test_a_quiet_minute_brings_the_write_ahead_log_in(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store, closing(Database(DATABASE, tmp_path)) as database:
        (article,) = watched(store)
        store.record(first(article))
        in_wal = "-wal" in sizes(tmp_path)
        assert not in_wal or sizes(tmp_path)["-wal"] > 0
        database.checkpoint()
        assert sizes(tmp_path).get("-wal", 0) == 0
        store.record(changed(first(article).article, 5))
        assert count(store, "ledger") == 2


def test_a_database_goes_from_one_journal_to_the_other_and_back(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        store.record(first(article))
    with Store.open(DATABASE + "?journal=rollback", tmp_path) as store:
        store.record(changed(first(article).article, 5))
        assert "-wal" not in sizes(tmp_path)
    with Store.open(DATABASE, tmp_path) as store:
        assert [entry.number for entry in store.log()] == [1, 2]


def test_where_wal_may_not_be_used_a_database_that_another_holds_in_wal_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where it was turned to WAL while this one had it open."""
    monkeypatch.setattr("storage.sqlite._BUSY_MS", 50)
    with Store.open(DATABASE + "?journal=rollback", tmp_path) as careful:
        (article,) = watched(careful)
        with closing(driver.connect(Path(careful.shown))) as other:
            assert other.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
            other.execute("SELECT count(*) FROM articles").fetchone()
            with pytest.raises(StorageBusy, match="held in WAL mode by another installation"):
                careful.record(first(article))
            with pytest.raises(StorageBusy, match="locked by another process"):
                careful.record(first(article))
        careful.record(first(article))
        assert count(careful, "ledger") == 1


def test_without_the_package_python_s_own_sqlite_does_the_work_in_a_journal_that_is_safe_with_it(
    tmp_path: Path,
) -> None:
    code = f"""
import sys; sys.modules["pysqlite3"] = None
from pathlib import Path; from storage.engine import Database; from storage import sqlite
database = Database({DATABASE!r}, Path({str(tmp_path)!r}))
with database.writing() as connection:
    print(sqlite.driver.__name__, connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    print(sqlite.wal_is_safe(sqlite.driver.sqlite_version_info))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    name, journal, safe = done.stdout.split()
    assert (name, journal) == ("sqlite3", "wal" if safe == "True" else "persist")


# ---------------------------------------------------------------------- which file


def test_a_relative_file_counts_from_the_folder_and_an_absolute_one_does_not(tmp_path: Path) -> None:
    assert database_path("sqlite:///archive.db", tmp_path) == tmp_path / "archive.db"
    assert database_path("sqlite:///deep/archive.db", tmp_path) == tmp_path / "deep" / "archive.db"
    assert database_path(f"sqlite:///{tmp_path}/a.db", Path("elsewhere")) == tmp_path / "a.db"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "archive.db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://localhost",
        "://",
        "mysql://x/y",
        "sqlite:///archive.db?journal=wal",
        "sqlite:///archive.db?timeout=0",
    ],
)
def test_what_names_no_sqlite_file_is_said_in_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"sqlite:///FILE.*\.$"):
        Store.open(url, tmp_path)


# ---------------------------------------------------------------------- what can be in the way


def not_a_database(folder: Path) -> None:
    (folder / "archive.db").write_text("This is a shopping list, and a long one at that. " * 20)


def a_folder_of_that_name(folder: Path) -> None:
    (folder / "archive.db").mkdir()


def damaged_inside(folder: Path) -> None:
    with Store.open(DATABASE, folder) as store:
        watched(store)
    path = folder / "archive.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))


@pytest.mark.parametrize(
    ("prepare", "remedy"),
    [
        (not_a_database, "it is a file of another kind: name another one in [storage] url."),
        (a_folder_of_that_name, "make the file and its folder readable and writable."),
        (damaged_inside, "it is damaged: restore it from a backup."),
    ],
)
def test_a_file_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, prepare: object, remedy: str
) -> None:
    assert callable(prepare)
    prepare(tmp_path)
    with pytest.raises(StorageError) as caught, Store.open(DATABASE, tmp_path) as store:
        store.articles()
    assert str(caught.value).startswith(f"The database {tmp_path / 'archive.db'} cannot be used (")
    assert str(caught.value).endswith(remedy)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        Store.open("sqlite:///nowhere/archive.db", tmp_path)
    folder = tmp_path / "nowhere"
    assert (
        str(caught.value)
        == f"The folder {folder} for the database does not exist; make it, or change [storage] url."
    )
    assert not folder.exists()


@contextmanager
def each_connection(pragma: str) -> Iterator[None]:
    """Send a PRAGMA on every connection that is opened meanwhile."""

    def send(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}").close()

    event.listen(Engine, "connect", send)
    try:
        yield
    finally:
        event.remove(Engine, "connect", send)


def test_a_database_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
    with (
        each_connection("query_only=ON"),
        pytest.raises(StorageError, match="make the file and its folder writable"),
    ):
        Store.open(DATABASE, tmp_path).record(first(article))


def test_a_full_disk_loses_nothing_and_half_writes_nothing(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        store.record(first(article))
        before = dump(store)
        pages = Path(store.shown).stat().st_size // 4096 + 2
    noise = " ".join(sha256(str(number).encode()) for number in range(5_000))
    outcome = changed(first(article).article, 5, text=noise)
    with each_connection(f"max_page_count={pages}"), Store.open(DATABASE, tmp_path) as store:
        with pytest.raises(StorageError, match="the disk is full: make room"):
            store.record(outcome)
        assert dump(store) == before
    with Store.open(DATABASE, tmp_path) as store:
        store.record(outcome)
        assert (count(store, "ledger"), count(store, "checks")) == (2, 2)
    with closing(driver.connect(tmp_path / "archive.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# ---------------------------------------------------------------------- many at once


def test_processes_that_start_together_make_one_schema(tmp_path: Path) -> None:
    opening = f"Store.open({DATABASE!r}, Path({str(tmp_path)!r})).close()"
    code = f"from pathlib import Path; from storage.store import Store; {opening}"
    root = Path(__file__).parent.parent
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate(timeout=30)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    with Store.open(DATABASE, tmp_path) as store:
        assert count(store, "alembic_version") == 1
