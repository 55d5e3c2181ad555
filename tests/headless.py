"""The product's own browser for tests: as it is where they run as an ordinary user, and as another user where
they run as root, since no page is opened as root.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.browser import Browser, chromium, installed
from monitor.errors import FetchError
from monitor.guard import Guard
from storage.records import FetchProblem
from tests.servers import Scripted, http

NOBODY = 65534
runs_as_root = chromium.runs_as_root
"""As it is, whatever a test has put in its place."""
_AS_NOBODY = """#!/bin/sh
for word; do case "$word" in --user-data-dir=*) home="${{word#*=}}";; esac; done
chown -R {nobody}:{nobody} "$home"
exec setpriv --reuid={nobody} --regid={nobody} --clear-groups env HOME="$home" '{chromium}' "$@"
"""


def program(folder: Path) -> str:
    """A Chromium that does not run as root; the test is skipped where there is none."""
    found = installed(None)
    if found is None:
        pytest.skip("There is no Chromium here: install Debian's chromium.")
    if os.geteuid() != 0:
        return found
    if shutil.which("setpriv") is None:
        pytest.skip("The tests run as root, and there is no setpriv to start Chromium as another user with.")
    wrapper = folder / "chromium-as-nobody"
    wrapper.write_text(_AS_NOBODY.format(nobody=NOBODY, chromium=found))
    wrapper.chmod(0o755)
    return str(wrapper)


@contextmanager
def as_another_user() -> Iterator[None]:
    """The product takes itself for what the browser's program makes of it: no root."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chromium, "runs_as_root", lambda: False)
        yield


@contextmanager
def browser(folder: Path, *allow: str, guard: Guard | None = None, **settings: Any) -> Iterator[Browser]:
    """A browser that may reach these places on loopback; the test is skipped where its sandbox cannot run."""
    usual: dict[str, Any] = {"user_agent": "Writethru/test (+desk@example.org)", "deadline": 20.0}
    with (
        as_another_user(),
        Browser(guard or Guard(allow), program=program(folder), **usual | settings) as opened,
    ):
        yield opened


def needs_sandbox(folder: Path) -> None:
    """Open one page, or skip the test with what the browser says."""
    with Scripted() as server, browser(folder, server.host) as opened:
        server.on("/", http(200, "<p>Is there a sandbox?"))
        try:
            opened.get(server.url("/"))
        except FetchError as error:
            if error.problem is FetchProblem.BROWSER:
                pytest.skip(f"Chromium's sandbox cannot run here: {error}")
            raise
