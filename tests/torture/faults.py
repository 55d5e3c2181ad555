"""The real daemon while its database cannot be written: it lives, says so, turns red, loses nothing, and goes on.

Every look at its one page gives another text, so that each answer served has to become a revision.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.sqlite import driver
from tests.newsdesk import ROOT, command, configure, edited
from tests.servers import Line, Scripted
from tests.servers import http as answer

PATIENCE = 60.0


@dataclass(kw_only=True)
class Service:
    """The running daemon, seen from outside."""

    process: subprocess.Popen[str]
    database: Path
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def health(self, which: str) -> tuple[int, str]:
        """The status that the health page answers, and the reason it gives."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request("GET", f"/health/{which}")
            answered = connection.getresponse()
            said = json.loads(answered.read())
        return answered.status, said.get("reason", "")

    def is_ready(self) -> bool:
        return self.health("ready")[0] == 200

    def said(self, *parts: str) -> list[str]:
        return [line for line in self.lines if any(part in line for part in parts)]

    def revisions(self) -> int:
        with closing(driver.connect(self.database, timeout=30)) as connection:
            return int(
                connection.execute("SELECT count(*) FROM ledger WHERE number IS NOT NULL").fetchone()[0]
            )


@dataclass(frozen=True, kw_only=True)
class Story:
    """How a fault went: what was said of it while it lasted, and what was there in the end."""

    lived: bool
    reason: str
    said: list[str]
    seconds_to_resume: float
    said_again: list[str]
    served: int
    checks: int
    revisions: int
    integrity: str
    tracebacks: list[str]

    @property
    def troubles(self) -> list[str]:
        found = [] if self.lived else ["the daemon died"]
        if not self.served == self.checks == self.revisions:
            found.append(f"{self.served} answers, {self.checks} checks, {self.revisions} revisions")
        if self.integrity != "ok":
            found.append(self.integrity)
        if len(self.said_again) != 1:
            found.append(f"its end was said {len(self.said_again)} times")
        return [*found, *self.tracebacks]


def until(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.2)


@contextmanager
def service(folder: Path, server: Scripted, url: str) -> Iterator[Service]:
    """The daemon over ``folder``, its log read from a pipe; whatever happens, it is gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    source = f'[[sources]]\nname = "story"\nkind = "page"\nurl = "{server.url("/story")}"\ninterval = "1s"\n'
    config = configure(folder, server, source)
    settings = config.read_text().replace("sqlite:///store.db", url)
    settings = settings.replace("[fetch]", "[fetch]\nworkers = 1")  # one that is lost to a fault is missed
    config.write_text(settings.replace("enabled = false", f'enabled = true\nlisten = "127.0.0.1:{port}"'))
    process = subprocess.Popen(command(config, "run"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    found = Service(process=process, database=folder / "store.db", port=port)
    reading = threading.Thread(target=_read_log, args=(found,), daemon=True)
    reading.start()
    try:
        yield found
    finally:
        if found.lives:
            process.kill()
        process.wait()
        reading.join(5)
        assert process.stderr is not None
        process.stderr.close()


def _read_log(found: Service) -> None:
    assert found.process.stderr is not None
    for line in found.process.stderr:
        found.lines.append(line.rstrip())


def suffer(
    folder: Path, url: str, fault: Callable[[Service], AbstractContextManager[None]], seconds: float
) -> Story:
    """Let a daemon in ``folder`` suffer ``fault`` for so long after its health has turned red."""
    with Scripted() as server, service(folder, server, url) as daemon:
        _keep_changing(server)
        until(lambda: daemon.database.exists() and "/story" in server.asked and daemon.is_ready())
        until(lambda: daemon.revisions() >= 2)
        with fault(daemon):
            until(lambda: not daemon.is_ready())
            time.sleep(seconds)
            reason, lived = daemon.health("ready")[1], daemon.lives and daemon.health("live")[0] == 200
            said = daemon.said("cannot be used", "locked", "held by")
        healed, before = time.monotonic(), server.asked.count("/story")
        until(daemon.is_ready)
        until(lambda: daemon.revisions() > before)
        resumed = time.monotonic() - healed
        daemon.process.terminate()
        ended = daemon.process.wait(30) == 0
        until(lambda: bool(daemon.said("stopped")))
        return Story(
            lived=lived and ended,
            reason=reason,
            said=said,
            seconds_to_resume=resumed,
            said_again=daemon.said("can be written again"),
            served=server.asked.count("/story"),
            tracebacks=daemon.said("Traceback", "Error:"),
            **_left_in(daemon.database),
        )


def _keep_changing(server: Scripted) -> None:
    versions = iter(range(43, 10_000))

    def current(line: Line) -> None:
        line.send(answer(200, edited("42,000", f"{next(versions)},000")))

    server.on("/story", current)


def _left_in(database: Path) -> dict[str, Any]:
    with closing(driver.connect(database)) as connection:
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {where}").fetchone()[0]  # noqa: S608
            for name, where in (("checks", "checks"), ("revisions", "ledger WHERE number IS NOT NULL"))
        }
        return {**counts, "integrity": connection.execute("PRAGMA integrity_check").fetchone()[0]}


# ---------------------------------------------------------------------- faults


@contextmanager
def no_room(daemon: Service, most: int = 4096) -> Iterator[None]:
    """No file of the daemon's may grow beyond a few bytes: what a full disk is, without a disk of one's own."""
    old = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (most, old[1]))
    try:
        yield
    finally:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, old)


@contextmanager
def held(daemon: Service) -> Iterator[None]:
    """Another process has the database for itself."""
    with closing(driver.connect(daemon.database, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def ballast(daemon: Service) -> Iterator[None]:
    """The daemon's own small disk is full to the last byte."""
    path = daemon.database.with_name("ballast")
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    yield
    path.unlink()


@contextmanager
def read_only(daemon: Service) -> Iterator[None]:
    """The daemon's folder comes back as a read-only mount, after a moment in which nothing could be written: a
    disk with files open for writing is never turned read-only but by an error."""
    folder = str(daemon.database.parent)
    with no_room(daemon):
        until(lambda: not daemon.is_ready())
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        until(
            lambda: "readonly" in daemon.health("ready")[1] or "unable to open" in daemon.health("ready")[1]
        )
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of that size; root only."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def may_mount() -> bool:
    return os.geteuid() == 0
