"""doctor's promises: one line for each thing, the truth about it, a remedy where one is needed, and nothing touched."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.cli.doctor import Finding, Level, findings
from storage.sqlite import driver
from storage.store import Store
from storage.survey import Library, library, survey
from tests.newsdesk import writethru
from tests.test_store import DATABASE, dump_of, first, new_store, watched

CONFIG = f'[storage]\nurl = "{DATABASE}"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


def found(config: Path, at: datetime | None = None, using: Library | None = None) -> dict[str, Finding]:
    """Findings by what was looked at; each thing is named once but for mistakes in the configuration."""
    listed = list(findings(config, at or datetime.now(UTC), using or library()))
    assert all(f.remedy for f in listed if f.level is not Level.OK)
    return {finding.check: finding for finding in reversed(listed)}


def in_trouble(listed: dict[str, Finding]) -> dict[str, Level]:
    return {name: finding.level for name, finding in listed.items() if finding.level is not Level.OK}


def test_a_sound_installation_has_no_trouble(config: Path) -> None:
    with new_store(config.parent) as store:
        (article,) = watched(store)
        store.record(first(article))
    listed = found(config)
    assert in_trouble(listed) == {}
    assert listed["schema"].said.endswith("today's")
    assert listed["integrity"].said == "no damage in a quick look at all of it"
    assert "no daemon is running" in listed["service"].said


def test_it_works_without_a_configuration_and_touches_nothing(tmp_path: Path) -> None:
    done = writethru(tmp_path / "config.toml", "doctor", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert {line["check"]: line["level"] for line in lines}["configuration"] == "warning"
    assert list(tmp_path.iterdir()) == []


def test_a_problem_is_said_with_its_remedy_and_ends_with_1(config: Path) -> None:
    config.write_text(CONFIG + "nonsense = 1\n[fetch]\nworkers = -1\n")
    done = writethru(config, "doctor")
    problems = [line for line in done.stdout.splitlines() if line.startswith("problem")]
    assert done.returncode == 1
    assert len(problems) == 2
    assert all(line.endswith(f"mend it in {config}") for line in problems)


def test_looking_changes_nothing_and_makes_no_lock(config: Path) -> None:
    new_store(config.parent).close()
    before = dump_of(config.parent / "archive.db")
    found(config)
    assert dump_of(config.parent / "archive.db") == before
    assert not (config.parent / "archive.db.lock").exists()


def test_a_running_daemon_is_seen(config: Path) -> None:
    with new_store(config.parent) as store, store.alone():
        assert found(config)["service"].said == "a daemon is running on this database"


def test_a_library_with_the_wal_reset_bug_is_a_warning(config: Path) -> None:
    old = Library(name="of this Python", version="3.40.1", wal_is_safe=False)
    listed = found(config, using=old)
    assert in_trouble(listed) == {"sqlite": Level.WARNING}
    assert "has the WAL-reset bug" in listed["sqlite"].said


def test_the_journal_is_said_with_its_reason(config: Path) -> None:
    config.write_text(CONFIG.replace(DATABASE, DATABASE + "?journal=rollback"))
    said = found(config)["journal"].said
    assert said == "rollback journal, every commit synced: [storage] url asks for it"


@pytest.mark.parametrize("content", [b"a shopping list " * 100, b"SQLite format 3\0" + b"\xff" * 8000])
def test_what_is_no_database_is_a_problem(config: Path, content: bytes) -> None:
    (config.parent / "archive.db").write_bytes(content)
    assert in_trouble(found(config)) == {"database": Level.PROBLEM}


def test_a_damaged_database_is_a_problem(config: Path) -> None:
    with new_store(config.parent) as store:
        (article,) = watched(store)
        store.record(first(article))
    path = config.parent / "archive.db"
    with closing(driver.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'checks'").fetchone()
    content = bytearray(path.read_bytes())
    content[4096 * (page - 1) : 4096 * page] = b"\xff" * 4096
    path.write_bytes(content)
    assert in_trouble(found(config)) == {"integrity": Level.PROBLEM}


def test_a_look_that_takes_too_long_is_broken_off_and_says_so(config: Path) -> None:
    new_store(config.parent).close()
    seen = survey(DATABASE, config.parent, seconds=-1)
    assert (seen.looked_through, seen.damage, seen.error) == (False, None, None)


def test_a_missing_folder_is_a_problem(config: Path) -> None:
    config.write_text(CONFIG.replace("archive.db", "nowhere/archive.db"))
    assert in_trouble(found(config)) == {"database": Level.PROBLEM}


@pytest.mark.parametrize(("revision", "level"), [("0001", None), ("9999", Level.PROBLEM)])
def test_an_older_schema_is_brought_up_and_a_later_one_is_not(
    config: Path, revision: str, level: Level | None
) -> None:
    new_store(config.parent).close()
    with closing(driver.connect(config.parent / "archive.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    assert in_trouble(found(config)).get("schema") == level


def test_a_clock_behind_the_database_is_a_problem(config: Path) -> None:
    with new_store(config.parent) as store:
        path = Path(store.shown)
    later = datetime.now(UTC) + timedelta(days=2)
    os.utime(path, (later.timestamp(), later.timestamp()))
    assert in_trouble(found(config)) == {"clock": Level.PROBLEM}
    assert in_trouble(found(config, at=later + timedelta(days=1))) == {}


def test_an_installation_from_the_future_is_a_problem(config: Path) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert in_trouble(found(config, at=long_ago)) == {"clock": Level.PROBLEM}


def test_a_store_that_is_open_is_looked_at_beside_it(config: Path) -> None:
    with Store.open(DATABASE, config.parent) as store:
        (article,) = watched(store)
        listed = found(config)
        store.record(first(article))
        assert in_trouble(listed) == {}
