"""A migration that is killed: at every statement, before and after its commit, at any other moment.

An archive of each revision of the schema is brought up by a process that dies on the way. What it leaves
is the old archive or the new one, and the next start brings it up with every row as it should be.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event

import storage
from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.test_store import dump_of
from tests.torture.figures import Figures
from tests.torture.forks import Forks, serve

ARCHIVES = Path(__file__).parent.parent / "archives"
NOTHING = "nothing"
_DATABASE = "sqlite:///archive.db"


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """From an archive of that revision to today's schema: both as they read, and the way between."""

    revision: str
    archive: Path
    before: Sequence[str]
    after: Sequence[str]
    steps: int
    seconds: float


def revisions() -> list[str]:
    """Every revision of the schema but the newest, oldest first; before them, no database at all."""
    steps = ScriptDirectory.from_config(_settings())
    found = [step.revision for step in steps.walk_revisions()][::-1]
    return [NOTHING, *found[:-1]]


def upgrade_from(revision: str, folder: Path) -> Upgrade:
    """Make an archive of that revision, with something in it, and bring a copy of it up in peace."""
    archive, copy = folder / f"{revision}.db", folder / "archive.db"
    if revision != NOTHING:
        _make_archive(revision, archive)
    before = _put(archive, copy)
    steps: list[float] = []
    began = time.monotonic()
    with _each_step(lambda: steps.append(time.monotonic())):
        Store.open(_DATABASE, folder).close()
    return Upgrade(
        revision=revision,
        archive=archive,
        before=before,
        after=_read(copy),
        steps=len(steps),
        seconds=time.monotonic() - began,
    )


def trouble_after(death: str, way: Upgrade, folder: Path, runner: Forks) -> str | None:
    """What a process leaves wrong that dies on that way; None: nothing.

    :param death: before which step of it; or ``~`` and after how many seconds.
    """
    copy = folder / "archive.db"
    _put(way.archive, copy)
    code = runner.run(str(folder), death)
    if not death.startswith("~") and code != -signal.SIGKILL:
        return f"{way.revision}: it did not die at {death}, but ended with {code}"
    left = _read(copy)
    if left not in (way.before, way.after):
        return f"{way.revision}, killed at {death}: neither the old archive nor the new one"
    Store.open(_DATABASE, folder).close()
    if _read(copy) != way.after:
        return f"{way.revision}, killed at {death}: the next start does not make of it what it should"
    return None


def long_form(count: int) -> Figures:
    """Every step of every way, and ``count`` random moments on each."""
    found, chance, deaths = Figures(), random.Random(count), 0
    for revision in revisions():
        with tempfile.TemporaryDirectory() as name, Forks(__name__) as runner:
            way = upgrade_from(revision, Path(name))
            found.say(f"steps from {revision}", way.steps)
            moments = [f"~{chance.uniform(0.001, way.seconds * 1.2):.4f}" for _ in range(count)]
            for death in [*map(str, range(1, way.steps + 2)), *moments]:
                trouble = trouble_after(death, way, Path(name), runner)
                found.troubles += [trouble] if trouble else []
                deaths += 1
    found.say("deaths", deaths)
    found.expect("neither old nor new, or not completed", len(found.troubles), 0)
    return found


# ---------------------------------------------------------------------- archives


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    return settings


def _make_archive(revision: str, path: Path) -> None:
    """The archive that this release wrote; where none was kept, an older one brought up to there."""
    kept = ARCHIVES / f"{revision}.sql"
    script = kept if kept.exists() else min(ARCHIVES.glob("*.sql"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script.read_text(encoding="utf-8"))
    settings, engine = _settings(), create_engine(f"sqlite:///{path}")
    with engine.begin() as connection_:
        settings.attributes["connection"] = connection_
        command.upgrade(settings, revision)
    engine.dispose()


def _put(archive: Path, copy: Path) -> Sequence[str]:
    """Put a copy of the archive there in place of whatever is there; what is in it."""
    for end in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + end).unlink(missing_ok=True)
    if archive.exists():
        shutil.copyfile(archive, copy)
    return _read(copy)


def _read(path: Path) -> Sequence[str]:
    """Everything that is in a database, as text; nothing, where there is none or it is empty."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return dump_of(path)


# ---------------------------------------------------------------------- dying


@contextmanager
def _each_step(stepped: Callable[[], None]) -> Iterator[None]:
    """Call that before every statement and every commit."""

    def step(*_: object) -> None:
        stepped()

    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, step)
    try:
        yield
    finally:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(Engine, moment, step)


def _open_and_die(folder: str, death: str) -> None:
    """Open the archive, and be killed on the way or at its end."""
    steps = 0

    def stepped() -> None:
        nonlocal steps
        steps += 1
        if str(steps) == death:
            os.kill(os.getpid(), signal.SIGKILL)

    if death.startswith("~"):
        signal.setitimer(signal.ITIMER_REAL, float(death[1:]))  # nothing handles it, so it is the end
    with _each_step(stepped):
        Store.open(_DATABASE, Path(folder))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(_open_and_die)
