"""One run: the hosts in a process of their own, the real daemon that watches them, and what both were seen at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.newsdesk import ROOT, command
from tests.soak.hosts import address_of

_PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What the daemon held at one moment: megabytes of it and of its children, descriptors, threads; and the
    processor seconds it had used by then."""

    second: float
    processor: float
    memory: float
    children: float
    descriptors: int
    threads: int


@dataclass(kw_only=True)
class Run:
    """What was seen. ``asked``: the moments at which each host was asked, in seconds since the start."""

    interval: float
    healthy: int
    seconds: float = 0.0
    asked: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    samples: list[Sample] = field(default_factory=list)
    said: str = ""

    def lags(self, since: float = 0.0, until: float = float("inf")) -> list[float]:
        """How late each healthy host's next look was, in order of size; a look that never came is as late
        as the run was long."""
        found = []
        for number in range(self.healthy):
            moments = [*self.asked[number], max(self.seconds, *self.asked[number][-1:], 0.0)]
            looks = [(then, now - then - self.interval) for then, now in pairwise(moments)]
            last = looks.pop() if looks else None
            found += [max(0.0, lag) for then, lag in looks if since <= then < until]
            if last and last[1] > 0 and since <= last[0] < until:
                found.append(last[1])
        return sorted(found)

    def first_looks(self) -> list[float]:
        """When each healthy host was looked at first, in order."""
        return sorted(
            self.asked[number][0] if self.asked[number] else self.seconds for number in range(self.healthy)
        )


def share(sorted_values: list[float], part: float) -> float:
    """That quantile of what is in order already; 0 where there is nothing."""
    return (
        sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))] if sorted_values else 0.0
    )


def watch(
    folder: Path,
    *,
    count: int,
    hostile: int,
    interval: float,
    seconds: float,
    every: float = 10.0,
    more: str = "",
    told: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Let the daemon watch so many hosts for so long.

    :param interval: between two looks at an article, in seconds.
    :param every: seconds between two samples; ``told`` is handed the run after each.
    :param more: more of the configuration.
    """
    run = Run(interval=interval, healthy=count - hostile)
    with _hosts(count, hostile, run) as port:
        config = _configure(folder, count, port, interval, more)
        with (folder / "daemon.log").open("wb") as log:
            daemon = subprocess.Popen(command(config, "run"), cwd=ROOT, stderr=log)
            try:
                _sample_until(daemon, run, seconds, every, told)
                daemon.send_signal(signal.SIGTERM)
                code = daemon.wait(_PATIENCE)
            finally:
                daemon.kill()
                daemon.wait()
    run.said = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace")
    assert code == 0, run.said[-2000:]
    return run


def _sample_until(
    daemon: subprocess.Popen[bytes], run: Run, seconds: float, every: float, told: Callable[[Run], None]
) -> None:
    began = time.monotonic()
    while run.seconds < seconds:
        time.sleep(min(every, seconds - run.seconds))
        run.seconds = time.monotonic() - began
        assert daemon.poll() is None, "the daemon ended by itself"
        run.samples.append(_sample(daemon.pid, run.seconds))
        told(run)


def _sample(pid: int, second: float) -> Sample:
    status = _status(pid)
    return Sample(
        second=second,
        processor=_processor(pid),
        memory=_megabytes(status, "VmRSS"),
        children=sum(_megabytes(_status(child), "VmRSS") for child in _descendants(pid)),
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),
        threads=int(status["Threads"]),
    )


def _processor(pid: int) -> float:
    """Of the daemon alone; what its children used stands with them until they end."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(int(tick) for tick in ticks) / os.sysconf("SC_CLK_TCK")


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}  # it ended meanwhile
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _megabytes(status: dict[str, str], name: str) -> float:
    return int(status.get(name, "0 kB").split()[0]) / 1024


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield int(child)
            yield from _descendants(int(child)) if Path(f"/proc/{child}/task").exists() else ()


@contextmanager
def _hosts(count: int, hostile: int, run: Run) -> Iterator[int]:
    """The hosts, listening; their port."""
    words = [sys.executable, "-m", "tests.soak.hosts", "--count", str(count), "--hostile", str(hostile)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[1])
        listener = threading.Thread(target=_listen, args=(process.stdout, run), daemon=True)
        listener.start()
        try:
            yield port
        finally:
            process.terminate()
            listener.join(_PATIENCE)


def _listen(lines: Iterator[str], run: Run) -> None:
    began = time.monotonic()
    for line in lines:
        moment, number = line.split()
        run.asked[int(number)].append(float(moment) - began)


def _configure(folder: Path, count: int, port: int, interval: float, more: str) -> Path:
    sources = "".join(
        f'[[sources]]\nname = "host {number}"\nkind = "page"\n'
        f'url = "http://{address_of(number)}:{port}/story"\ninterval = "{interval:.0f}s"\n'
        for number in range(count)
    )
    path = folder / "config.toml"
    path.write_text(
        f"""[storage]
url = "sqlite:///store.db"
[web]
enabled = false
[log]
level = "warning"
[fetch]
host_interval = "1s"
robots = false
allow_private = ["127.0.0.0/8"]
[schedule]
min_interval = "{interval:.0f}s"
requests_per_hour = 10000000
max_interval = "{interval:.0f}s"
{more}
{sources}"""
    )
    return path
