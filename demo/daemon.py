"""The real daemon as a child process: started from its config file, stopped as a service is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from demo.setting import PROJECT, Setting

STOPS_WITHIN = 15.0  # seconds; the product promises ten


class DaemonError(Exception):
    """The daemon did something that a service does not do."""


def command(setting: Setting, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "monitor", "--config", str(setting.config), *arguments]


@contextmanager
def daemon(setting: Setting) -> Iterator[subprocess.Popen[bytes]]:
    """A running daemon; at the end it is gone, whatever happened.

    It has a session of its own, so that a Ctrl-C at the terminal is ours alone to pass on.
    """
    with (
        setting.daemon_log.open("wb") as log,
        subprocess.Popen(
            command(setting, "run"),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            _end(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and the exit code must be 0. Raises DaemonError."""
    code = _end(process)
    if code != 0:
        raise DaemonError(f"the daemon ended with exit code {code} after SIGTERM, not 0")


def write_report(setting: Setting) -> None:
    """The static site of everything seen. Raises DaemonError where the command fails."""
    run = subprocess.run(
        command(setting, "report", "--out", str(setting.report)),
        cwd=PROJECT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise DaemonError(f"the report command failed: {run.stderr.strip()}")


def last_words(setting: Setting) -> str:
    """The last line of the daemon's log."""
    lines = setting.daemon_log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "(empty)"


def is_alive(process: subprocess.Popen[bytes], wait: float) -> bool:
    """Wait up to that many seconds for the daemon to end; True: it has not."""
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.terminate()
    if is_alive(process, STOPS_WITHIN):
        process.kill()
    return process.wait()


def _environment() -> dict[str, str]:
    """Ours, without a proxy between the daemon and the loopback."""
    hidden = {"http_proxy", "https_proxy", "all_proxy"}
    return {name: value for name, value in os.environ.items() if name.lower() not in hidden}
