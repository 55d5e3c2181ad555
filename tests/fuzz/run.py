"""One run of one trial: inputs are tried one by one, and what came of them is kept in a folder.

A broken promise does not end the run: its input is kept, the shortest for each place where one broke.
"""

from __future__ import annotations

import json
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from tests.fuzz.target import Trial

ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Tally:
    """What one run came to; ``slowest`` in seconds of processor time."""

    trials: int = 0
    seconds: float = 0.0
    slowest: float = 0.0


class Run:
    """Tries inputs one by one, and remembers in ``folder`` what came of them: a hang ends the process
    without a word."""

    def __init__(self, trial: Trial, folder: Path) -> None:
        self._trial, self._folder = trial, folder
        self._tally, self._began, self._written = Tally(), time.monotonic(), 0.0

    def __call__(self, data: bytes) -> None:
        began = time.process_time()
        try:
            self._trial(data)
        except RecursionError:
            pass  # a child that reads gives a page up for it
        except Exception as error:  # noqa: BLE001  # whatever it is, it was not promised
            self._keep(data, error)
        self._count(data, time.process_time() - began)

    def again(self) -> None:
        """What broke a promise in an earlier run is tried first, and kept if it still does."""
        for path in sorted(self._folder.glob("broken-*.input")):
            data = path.read_bytes()
            path.unlink()
            path.with_suffix(".txt").unlink(missing_ok=True)
            self(data)

    def _keep(self, data: bytes, error: Exception) -> None:
        path = self._folder / f"broken-{_place(error)}.input"
        if not path.exists() or len(data) < path.stat().st_size:
            path.write_bytes(data)
            path.with_suffix(".txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")

    def _count(self, data: bytes, took: float) -> None:
        tally = self._tally
        tally.trials += 1
        if took > tally.slowest:
            tally.slowest = took
            (self._folder / "slowest").write_bytes(data)
        tally.seconds = time.monotonic() - self._began
        if tally.seconds > self._written + 0.5:
            self._written = tally.seconds
            (self._folder / "tally.json").write_text(json.dumps(asdict(tally)), encoding="utf-8")


def _place(error: Exception) -> str:
    """Where the promise broke: the last line of ours that was running."""
    frames = [frame for frame in _frames(error.__traceback__) if frame[0].is_relative_to(ROOT)]
    path, line = frames[-1] if frames else (Path("elsewhere"), 0)
    return f"{type(error).__name__}-{path.stem}-{line}"


def _frames(trace: TracebackType | None) -> list[tuple[Path, int]]:
    found = []
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if ".venv" not in path.parts:
            found.append((path, trace.tb_lineno))
        trace = trace.tb_next
    return found
