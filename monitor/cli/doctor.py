"""doctor: what this installation can and cannot do, one line each, with the remedy where there is something wrong.

Looks only: it makes no file, changes no database and sends nothing. Works without a configuration as well.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from monitor.browser import installed, why_not
from monitor.cli.common import now, print_json, say
from monitor.config import Config, load_config
from monitor.errors import ConfigError
from storage import lockfile
from storage.errors import StorageError
from storage.survey import Library, Survey, library, survey

_PYTHONS = ((3, 11), (3, 13))
_LITTLE_ROOM = 1 << 30
_NO_ROOM = 64 << 20  # what a write-ahead log may take
_SLACK = timedelta(minutes=1)
_WAL_BUG = "https://sqlite.org/wal.html#walresetbug"


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it."""

    check: str
    said: str
    level: Level = Level.OK
    remedy: str | None = None


def doctor(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 where one of them is a problem."""
    found = list(findings(arguments.config, now(), library()))
    for finding in found:
        if arguments.json:
            print_json(
                {
                    "check": finding.check,
                    "level": finding.level,
                    "finding": finding.said,
                    "remedy": finding.remedy,
                }
            )
        else:
            remedy = f"; {finding.remedy}" if finding.remedy else ""
            say(f"{finding.level:8} {finding.check:14} {finding.said}{remedy}")
    return 1 if any(finding.level is Level.PROBLEM for finding in found) else 0


def findings(path: Path, at: datetime, using: Library) -> Iterator[Finding]:
    """Everything found, for the configuration at ``path``, by the clock and the SQLite that are given."""
    yield _python()
    yield _sqlite(using)
    config, read = _configuration(path)
    yield from read
    url, folder = (config.storage_url, config.folder) if config else (Config.storage_url, path.parent)
    on_sqlite = url.startswith("sqlite:")
    if on_sqlite:
        yield from _database(url, folder, at)
    else:
        yield _clock(at, None)
    yield _browser(config)
    yield _postgresql(needed=not on_sqlite)


# ---------------------------------------------------------------------- the programs


def _python() -> Finding:
    said = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        return Finding(check="python", said=said)
    return Finding(
        check="python", said=said, level=Level.WARNING, remedy="Writethru is tested on 3.11, 3.12 and 3.13"
    )


def _sqlite(found: Library) -> Finding:
    said = f"SQLite {found.version} {found.name}"
    if found.wal_is_safe:
        return Finding(check="sqlite", said=f"{said}, free of the WAL-reset bug")
    return Finding(
        check="sqlite",
        said=f"{said} has the WAL-reset bug ({_WAL_BUG}), so WAL is not used and commits are slower",
        level=Level.WARNING,
        remedy="install the package pysqlite3 where it has a wheel, or a Python with SQLite 3.51.3 or later",
    )


def _browser(config: Config | None) -> Finding:
    wanted = [source.name for source in config.sources if source.needs_browser] if config else []
    chosen = config.fetch.browser if config else None
    trouble = why_not(chosen)
    if trouble is None:
        return Finding(check="browser", said=f"{installed(chosen)}, with Playwright to drive it")
    missing, _, remedy = trouble.rpartition(": ")
    if not wanted:
        return Finding(check="browser", said=f'{missing}; no source has fetch = "browser"')
    said = f'{missing}, and the source {wanted[0]} has fetch = "browser"'
    return Finding(check="browser", said=said, level=Level.PROBLEM, remedy=remedy)


def _postgresql(*, needed: bool) -> Finding:
    if find_spec("psycopg") is not None:
        return Finding(check="postgresql", said="the driver psycopg is here")
    if not needed:
        return Finding(check="postgresql", said="the driver psycopg is not here; SQLite needs none")
    return Finding(
        check="postgresql",
        said="the driver psycopg is not here, and [storage] url names a PostgreSQL database",
        level=Level.PROBLEM,
        remedy="pip install 'psycopg[binary]'",
    )


# ---------------------------------------------------------------------- the configuration


def _configuration(path: Path) -> tuple[Config | None, list[Finding]]:
    if not path.exists():
        missing = Finding(
            check="configuration",
            said=f"there is no {path}; what follows is about the defaults",
            level=Level.WARNING,
            remedy="write one, or name it with --config",
        )
        return None, [missing]
    try:
        config = load_config(path)
    except ConfigError as error:
        return None, [
            Finding(check="configuration", said=problem, level=Level.PROBLEM, remedy=f"mend it in {path}")
            for problem in error.problems
        ]
    said = f"{path} is fine: {len(config.sources)} sources, {len(config.channels)} channels"
    cautions = [
        Finding(check="rights", said=caution.said, level=Level.WARNING, remedy=caution.remedy)
        for caution in config.cautions
    ]
    return config, [Finding(check="configuration", said=said), *cautions]


# ---------------------------------------------------------------------- the database


def _database(url: str, folder: Path, at: datetime) -> Iterator[Finding]:
    try:
        seen = survey(url, folder)
    except StorageError as error:
        yield Finding(check="database", said=str(error), level=Level.PROBLEM, remedy="change [storage] url")
        return
    yield _file(seen)
    if seen.size is not None and seen.error is None:
        yield _schema(seen)
        yield _integrity(seen)
    yield Finding(check="journal", said=f"{_JOURNALS[seen.journal.journal]}: {seen.journal.why}")
    yield from _room(seen)
    yield _clock(at, seen.written_at)
    yield _service(seen.path)


_JOURNALS = {"wal": "WAL, every commit synced", "persist": "rollback journal, every commit synced"}


def _file(seen: Survey) -> Finding:
    if seen.error is not None:
        return Finding(
            check="database",
            said=f"{seen.path} cannot be read ({seen.error})",
            level=Level.PROBLEM,
            remedy="see to its rights, name another one in [storage] url, or restore it from a backup",
        )
    if not seen.may_write and seen.free_bytes is not None:
        return Finding(
            check="database",
            said=f"{seen.path} cannot be written",
            level=Level.PROBLEM,
            remedy="make the file and its folder writable",
        )
    if seen.free_bytes is None:
        return Finding(
            check="database",
            said=f"the folder {seen.path.parent} does not exist",
            level=Level.PROBLEM,
            remedy="make it, or change [storage] url",
        )
    if seen.size is None:
        return Finding(check="database", said=f"{seen.path} is not there yet; the first command makes it")
    return Finding(check="database", said=f"{seen.path} can be read and written, {_amount(seen.size)}")


def _schema(seen: Survey) -> Finding:
    if seen.schema == seen.schema_of_today:
        return Finding(check="schema", said=f"{seen.schema}, today's")
    if seen.schema is None:
        return Finding(check="schema", said="none yet; the first command makes it")
    if seen.schema < seen.schema_of_today:
        said = f"{seen.schema}, an older one; the next command brings it to {seen.schema_of_today}"
        return Finding(check="schema", said=said)
    return Finding(
        check="schema",
        said=f"{seen.schema}, of a later version of Writethru than this",
        level=Level.PROBLEM,
        remedy="install that version",
    )


def _integrity(seen: Survey) -> Finding:
    if seen.damage is not None:
        return Finding(
            check="integrity", said=seen.damage, level=Level.PROBLEM, remedy="restore it from a backup"
        )
    how_far = "all of it" if seen.looked_through else "as much of it as a moment allows"
    return Finding(check="integrity", said=f"no damage in a quick look at {how_far}")


def _room(seen: Survey) -> Iterator[Finding]:
    if seen.free_bytes is None:
        return
    level = Level.OK
    if seen.free_bytes < _LITTLE_ROOM:
        level = Level.PROBLEM if seen.free_bytes < _NO_ROOM else Level.WARNING
    yield Finding(
        check="disk",
        said=f"{_amount(seen.free_bytes)} free on {seen.file_system or 'an unknown file system'}",
        level=level,
        remedy=None if level is Level.OK else "make room",
    )


def _service(database: Path) -> Finding:
    if lockfile.is_held(lockfile.beside(database)):
        return Finding(check="service", said="a daemon is running on this database")
    return Finding(check="service", said="no daemon is running; 'writethru run' starts one")


def _clock(at: datetime, written_at: datetime | None) -> Finding:
    """A clock that is behind what has been done by it was put back."""
    made = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    past = {"this program was installed": made}
    if written_at is not None:
        past["the database was last written"] = written_at
    what, when = max(past.items(), key=lambda item: item[1])
    if when > at + _SLACK:
        return Finding(
            check="clock",
            said=f"it is {_shown(at)}, but {what} at {_shown(when)}",
            level=Level.PROBLEM,
            remedy="set the clock",
        )
    return Finding(check="clock", said=f"{_shown(at)}, later than everything here")


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _amount(size: float) -> str:
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.0f} {units[0]}" if size >= 10 else f"{size:.1f} {units[0]}"
