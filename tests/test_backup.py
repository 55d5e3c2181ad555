"""Backups' promises: a copy of a live database is whole at one moment, and putting one back loses nothing."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import lockfile
from storage.backup import inspect
from storage.engine import HEAD
from storage.errors import StorageError
from storage.sqlite import driver
from storage.store import Store
from tests.newsdesk import ROOT, configure, desk, lines, one_page, page, writethru
from tests.servers import Scripted
from tests.test_keeping import unproved_in
from tests.test_store import DATABASE, changed, first, new_store, watched


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A configuration whose database, store.db, holds three log entries."""
    with Scripted() as server:
        found = configure(tmp_path, server, "")
        with Store.open("sqlite:///store.db", tmp_path) as store:
            recorded(store, 3)
        yield found


def recorded(store: Store, revisions: int) -> str | None:
    (article,) = watched(store)
    step = first(article)
    store.record(step)
    for minute in range(1, revisions):
        step = changed(step.article, minute, text=f"Text {minute}.")
        store.record(step)
    return store.chain_head()


def opened_copy(backup: Path, folder: Path) -> Path:
    """A folder with that backup as its database."""
    folder.mkdir()
    shutil.copy(backup, folder / "archive.db")
    return folder


def keep_recording(folder: str) -> None:
    """Record one change after the other and say each one's id once it is recorded."""
    with Store.open(DATABASE, Path(folder)) as store:
        (article,) = store.articles()
        for turn in range(100_000):
            step = changed(store.article(article.id), turn, text=f"{turn} {random.randbytes(3000).hex()}")
            print(store.record(step).check.id, flush=True)


@contextmanager
def somebody_recording(folder: Path) -> Iterator[threading.Event]:
    """Another process that records all the time; the event is set once it has begun."""
    code = f"from tests.test_backup import keep_recording; keep_recording({str(folder)!r})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        begun, lines_said = threading.Event(), process.stdout

        def listen() -> None:
            for _ in lines_said:
                begun.set()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield begun
        finally:
            process.kill()
            listener.join()


@pytest.mark.slow
def test_twenty_backups_under_load_are_whole_each_at_its_own_moment(store: Store, tmp_path: Path) -> None:
    recorded(store, 1)
    copies = []
    with somebody_recording(tmp_path) as begun:
        assert begun.wait(60)
        for turn in range(20):
            copies.append(store.back_up(tmp_path / f"backup-{turn}.db"))
    log = store.log()
    assert len({copied.entries for copied in copies}) > 10, "it went on recording meanwhile"
    for turn, copied in enumerate(copies):
        assert copied.head == log[copied.entries - 1].chain, "its head is that of the log at that point"
        folder = opened_copy(tmp_path / f"backup-{turn}.db", tmp_path / f"put-back-{turn}")
        with Store.open(DATABASE, folder) as put_back:
            assert put_back.chain_head() == copied.head
            assert put_back.log() == log[: copied.entries]
            assert len(put_back.checks()) == copied.entries
        assert unproved_in(DATABASE, folder) == []
    assert not list(tmp_path.glob(".*unfinished*"))


def test_a_copy_of_a_database_in_wal_mode_is_one_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.wal_is_safe", lambda _version: True)
    with new_store(tmp_path) as store:
        head = recorded(store, 5)
        assert (tmp_path / "archive.db-wal").stat().st_size > 0
        copied = store.back_up(tmp_path / "copy.sqlite")
    assert (copied.head, copied.entries) == (head, 5)
    assert [path.name for path in tmp_path.glob("*copy.sqlite*")] == ["copy.sqlite"]


def test_a_backup_is_one_file_that_nobody_else_may_read(store: Store, tmp_path: Path) -> None:
    head = recorded(store, 3)
    copied = store.back_up(tmp_path / "copy.sqlite")
    assert (copied.head, copied.entries, copied.step) == (head, 3, HEAD)
    assert copied.size == (tmp_path / "copy.sqlite").stat().st_size
    assert [path.name for path in tmp_path.glob("*copy.sqlite*")] == ["copy.sqlite"]
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == 0o600
    assert inspect(tmp_path / "copy.sqlite") == copied


def test_no_backup_is_written_over_anything(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.sqlite").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("copy.sqlite", "archive.db", "dangling"):
        with pytest.raises(StorageError, match="exists already; name a new file, or move that one away"):
            store.back_up(tmp_path / name)
    assert (tmp_path / "copy.sqlite").read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written: No such file or directory"):
        store.back_up(tmp_path / "nowhere" / "copy.sqlite")
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"archive.db"}


# ---------------------------------------------------------------------- the commands


def test_what_was_backed_up_comes_back_and_what_was_there_stays_beside(config: Path, tmp_path: Path) -> None:
    made = lines(writethru(config, "backup", str(tmp_path / "b"), "--json"))[0]
    assert made["entries"] == 3
    with Store.open("sqlite:///store.db", tmp_path) as store:
        article = store.article(1)
        store.record(changed(article, 99, text="What came after the backup."))
        after = store.chain_head()
    put = lines(writethru(config, "restore", str(tmp_path / "b"), "--json"))[0]
    assert (put["chain_head"], put["entries"]) == (made["chain_head"], 3)
    with Store.open("sqlite:///store.db", tmp_path) as store:
        assert store.chain_head() == made["chain_head"]
    before = Path(put["before"])
    assert before.name.startswith("store.db.before-restore-")
    with Store.open(f"sqlite:///{before.name}", tmp_path) as store:
        assert store.chain_head() == after
    assert unproved_in(DATABASE, opened_copy(tmp_path / "store.db", tmp_path / "again")) == []


def test_the_commands_say_what_they_did(config: Path, tmp_path: Path) -> None:
    said = writethru(config, "backup", str(tmp_path / "b"))
    assert said.returncode == 0
    assert f"backed up to {tmp_path / 'b'}: " in said.stdout
    assert "3 log entries, checked\nchain head " in said.stdout
    said = writethru(config, "restore", str(tmp_path / "b"))
    assert "The database that was there is now " in said.stdout


def test_nothing_is_restored_while_the_daemon_runs(config: Path, tmp_path: Path) -> None:
    writethru(config, "backup", str(tmp_path / "b"))
    before = (tmp_path / "store.db").read_bytes()
    with lockfile.held(lockfile.beside(tmp_path / "store.db")):
        said = writethru(config, "restore", str(tmp_path / "b"))
        assert writethru(config, "backup", str(tmp_path / "c")).returncode == 0
    assert said.returncode == 2
    assert "Another writethru run is using this database" in said.stderr
    assert (tmp_path / "store.db").read_bytes() == before


def test_nothing_is_restored_while_another_process_uses_the_database(config: Path, tmp_path: Path) -> None:
    writethru(config, "backup", str(tmp_path / "b"))
    with closing(driver.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = writethru(config, "restore", str(tmp_path / "b"))
        other.execute("ROLLBACK")
    assert said.returncode == 2
    assert said.stderr == (
        f"writethru: Another process is using {tmp_path / 'store.db'}; end it, then restore again. "
        "Nothing was changed.\n"
    )
    assert not list(tmp_path.glob("*before-restore*"))
    assert not list(tmp_path.glob(".*unfinished*"))


def test_only_a_whole_backup_of_ours_is_restored(config: Path, tmp_path: Path) -> None:
    writethru(config, "backup", str(tmp_path / "b"))
    whole = (tmp_path / "b").read_bytes()
    (tmp_path / "text").write_text("no database " * 1000)
    with closing(driver.connect(tmp_path / "foreign")) as foreign:
        foreign.execute("CREATE TABLE bookmarks (id INTEGER)")
        foreign.commit()
    (tmp_path / "short").write_bytes(whole[: len(whole) // 2])
    shutil.copy(tmp_path / "b", tmp_path / "later")
    with closing(driver.connect(tmp_path / "later")) as later:
        later.execute("UPDATE alembic_version SET version_num = '0999'")
        later.commit()
    before = (tmp_path / "store.db").read_bytes()
    for name, why in (
        ("nowhere", "There is no file"),
        ("text", "not a database"),
        ("foreign", "is no database of Writethru's; name a file that 'backup' made."),
        ("short", "damaged|malformed"),
        ("later", r"was made by a later version of Writethru \(schema 0999\)"),
    ):
        said = writethru(config, "restore", str(tmp_path / name))
        assert said.returncode == 2, name
        assert said.stderr.count("\n") == 1, name
        assert re.search(why, said.stderr), said.stderr
    assert (tmp_path / "store.db").read_bytes() == before


def test_a_damaged_database_can_be_replaced(config: Path, tmp_path: Path) -> None:
    made = lines(writethru(config, "backup", str(tmp_path / "b"), "--json"))[0]
    (tmp_path / "store.db").write_bytes(b"what is left of it" * 300)
    put = lines(writethru(config, "restore", str(tmp_path / "b"), "--json"))[0]
    assert put["chain_head"] == made["chain_head"]
    assert Path(put["before"]).read_bytes().startswith(b"what is left of it")


def test_a_backup_is_restored_where_there_is_no_database_yet(config: Path, tmp_path: Path) -> None:
    made = lines(writethru(config, "backup", str(tmp_path / "b"), "--json"))[0]
    (tmp_path / "store.db").unlink()
    put = lines(writethru(config, "restore", str(tmp_path / "b"), "--json"))[0]
    assert (put["chain_head"], put["before"]) == (made["chain_head"], None)


def test_no_secret_of_the_configuration_is_in_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIE", "c00kie-s3cret")
    monkeypatch.setenv("PASSWORD", "passw0rd-s3cret")
    with Scripted() as server:
        source = one_page(server, page()) + 'headers = { Authorization = "Bearer ${COOKIE}" }\n'
        source += 'cookies = { session = "${COOKIE}" }\n'
        config = configure(tmp_path, server, source, desk(server).replace("quay-secret", "${PASSWORD}"))
        assert writethru(config, "check", "--all").returncode == 0
        asked = next(request for request in server.requests if request.target == "/story")
        assert asked.headers["authorization"] == "Bearer c00kie-s3cret"
        writethru(config, "backup", str(tmp_path / "b"))
    with Store.open("sqlite:///b", tmp_path) as store:
        response = store.response(1, 1)
        assert response is not None
        kept = repr(response) + "".join(map(repr, store.log()))
    held = (tmp_path / "b").read_bytes()
    for secret in ("c00kie-s3cret", "passw0rd-s3cret"):
        assert secret not in kept
        assert secret.encode() not in held
