"""One run: the newsroom here, the real daemon in a process of its own, both by one clock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.newsdesk import ROOT
from tests.rush.motion import VARIABLE, Motion
from tests.rush.newsroom import Asked, opened
from tests.rush.stories import Story, made

SPACING = 5.0
"""Seconds between two requests to a host, by the shared clock."""
_MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
_PATIENCE = 60.0
_ENDURANCE = "10h"
"""Of a fetch and, with it, of a claim: real waits on a busy machine are long ones by the shared clock."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What there was to see, and what was asked for; ``begins`` and ``ends`` are by the shared clock."""

    config: Path
    stories: Sequence[Story]
    names: Sequence[str]
    log: Sequence[Asked]
    begins: float
    ends: float
    processor: float
    strangers: int


def watch(
    folder: Path, *, count: int, hosts: int, hours: float, speed: float, seed: int = 7, schedule: str = ""
) -> Run:
    """Let the daemon watch so many stories for so long by the shared clock, which counts once it is at work.

    :param schedule: lines of the configuration's section of that name.
    """
    motion = Motion(began=time.clock_gettime(time.CLOCK_MONOTONIC), start=_MIDNIGHT, speed=speed)
    with opened(hosts, motion, agent := f"Writethru/rush {uuid.uuid4().hex}") as newsroom:
        config = _configure(folder, newsroom.names, schedule, agent)
        with _daemon(config, motion) as daemon:
            _wait(daemon, lambda: len({asked.host for asked in newsroom.log}) == hosts)
            begins = motion.epoch()
            stories = made(count, hosts, begins, hours * 3600, seed)
            ends = max(time for story in stories for time in story.times)
            newsroom.publish(stories)
            _wait(daemon, lambda: motion.epoch() > ends, (ends - begins) / speed)
            _wait(daemon, lambda: count <= len({asked.path for asked in newsroom.log if asked.of_story}))
            processor = _stop(daemon)
    said = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace")
    assert daemon.returncode == 0, said[-3000:]
    return Run(
        config=config,
        stories=stories,
        names=newsroom.names,
        log=newsroom.log,
        strangers=newsroom.strangers,
        begins=begins,
        ends=ends,
        processor=processor,
    )


@contextmanager
def _daemon(config: Path, motion: Motion) -> Iterator[subprocess.Popen[bytes]]:
    with (config.parent / "daemon.log").open("wb") as said:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "tests.rush.daemon", str(config)],
            cwd=ROOT,
            stderr=said,
            env={**os.environ, VARIABLE: motion.text()},
        )
    try:
        yield daemon
    finally:
        if daemon.returncode is None:
            daemon.kill()
            daemon.wait()


def _wait(daemon: subprocess.Popen[bytes], true: Callable[[], bool], seconds: float = 0.0) -> None:
    """Until that is true, which takes so many seconds of the real ones."""
    ends = time.monotonic() + seconds + _PATIENCE
    while not true():
        assert daemon.poll() is None, "the daemon ended by itself"
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.05)


def _stop(daemon: subprocess.Popen[bytes]) -> float:
    """The processor seconds that it took, with those of its children."""
    daemon.send_signal(signal.SIGTERM)
    _, status, used = os.wait4(daemon.pid, 0)
    daemon.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _configure(folder: Path, names: Sequence[str], schedule: str, agent: str) -> Path:
    sources = "".join(
        f'[[sources]]\nname = "host {number}"\nkind = "feed"\nurl = "http://{name}/feed"\n'
        for number, name in enumerate(names)
    )
    allowed = ", ".join(f'"{name}"' for name in names)
    path = folder / "config.toml"
    path.write_text(
        f"""
[storage]
url = "sqlite:///store.db"
[web]
enabled = false
timezone = "UTC"
[fetch]
user_agent = "{agent}"
host_interval = "{SPACING:g}s"
deadline = "{_ENDURANCE}"
allow_private = [{allowed}]
[schedule]
{schedule}
{sources}
"""
    )
    return path
