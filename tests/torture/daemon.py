"""The daemon as a process to be killed: when it started, what it acknowledged, what it was at when it died.

Acknowledged is what it had said it recorded: a line of its log that was complete when it died.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.newsdesk import ROOT, command

_PATIENCE = 60.0
_LOOK_EVERY = 0.002
_REVISION = re.compile(r"revision (\d+) of (\S+): ")
_MADE = ("first", "changed")
_WRITE_LOCKS = {120: "wal", 1073741825: "journal"}
"""The byte that SQLite's writer locks: of the -shm file in WAL mode, of the database itself elsewhere."""


@dataclass(kw_only=True)
class Acknowledged:
    """What complete log lines said: checks and the newest revision, by address."""

    checks: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def add(self, line: str) -> None:
        if not line.startswith("{"):
            return  # what Python itself says of semaphores when a process was killed
        said = json.loads(line)
        if "outcome" in said:
            url = said["url"]
            self.checks[url] = self.checks.get(url, 0) + 1
            if said["outcome"] == "first":
                self.revisions[url] = max(1, self.revisions.get(url, 0))
        elif found := _REVISION.match(said["message"]):
            self.revisions[found[2]] = max(int(found[1]), self.revisions.get(found[2], 0))


class Running:
    """A daemon of that configuration, started now."""

    def __init__(self, config: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = config.with_name("daemon.log")
        self._log.write_bytes(b"")
        self._began = time.monotonic()
        with self._log.open("ab") as said:
            self._process = subprocess.Popen(
                command(config, "run"), cwd=ROOT, stderr=said, env={**os.environ, **(environment or {})}
            )

    @property
    def age(self) -> float:
        return time.monotonic() - self._began

    def lines(self) -> list[str]:
        """The complete lines it has said."""
        said = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        return [line for line in said if line.endswith("\n")]

    @property
    def folder(self) -> Path:
        """Where its configuration, its log and its database are."""
        return self._log.parent

    def until(self, sign: str) -> float:
        """Wait until it says that; the seconds since it was started."""
        while not any(sign in line for line in self.lines()):
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
            assert self.age < _PATIENCE, f"it never said {sign!r}: {self._log.read_text(encoding='utf-8')}"
            time.sleep(_LOOK_EVERY)
        return self.age

    def waited(self) -> float:
        """How many of its seconds it had to wait for a processor, because others had them; as Linux tells it."""
        said = Path(f"/proc/{self._process.pid}/schedstat")
        return int(said.read_text().split()[1]) / 1e9 if said.exists() else 0.0

    def memory(self, *, anew: bool = False) -> float | None:
        """The most memory that it ever had at once, in MB; ``anew``: what it has now, and from now on the most since
        then. The processes that it started do not count. None: this system does not tell."""
        told = Path(f"/proc/{self._process.pid}/status")
        if not told.exists():
            return None
        if anew:
            told.with_name("clear_refs").write_text("5")
        found = re.search(r"VmHWM:\s+(\d+) kB", told.read_text())
        return int(found[1]) / 1024 if found else None

    def live(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds - self.age))

    def kill(self) -> str | None:
        """Kill it; in which journal it was writing just then, None: in none, or nobody can tell."""
        os.kill(self._process.pid, signal.SIGSTOP)
        at = _writing(self._process.pid)
        os.kill(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        assert code == -signal.SIGKILL, f"it had ended by itself: {self._log.read_text(encoding='utf-8')}"
        return at

    def die(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._process.wait(_PATIENCE)

    def ask(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    def stop(self) -> None:
        self.ask(signal.SIGTERM)
        assert self._process.wait(_PATIENCE) == 0, self._log.read_text(encoding="utf-8")

    def clear_away(self) -> None:
        """Whatever happened, it is gone afterwards."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def _writing(pid: int) -> str | None:
    """Which lock of a writer that process holds, as Linux tells it."""
    table = Path("/proc/locks")
    for line in table.read_text().splitlines() if table.exists() else ():
        parts = line.split()
        if len(parts) == 8 and parts[1] == "POSIX" and parts[3] == "WRITE" and parts[4] == str(pid):
            first, last = int(parts[6]), int(parts[7]) if parts[7].isdecimal() else int(parts[6])
            for byte, journal in _WRITE_LOCKS.items():
                if first <= byte <= last:
                    return journal
    return None
