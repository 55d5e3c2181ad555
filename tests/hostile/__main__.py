"""`python -m tests.hostile [--row N] [--count N]`: each case so many times in a row, and a table of what came of it.
`--serve` leaves the newsroom up, to be looked at by hand."""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.hostile import ALL
from tests.hostile.case import Case, Load
from tests.hostile.room import Room
from tests.hostile.trial import DEADLINE, MOST_MEMORY, Found, Trial, try_out

_TURNS = 20


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--row", type=int, help="one row of docs/hostile.md in place of all")
    parser.add_argument(
        "--count", type=int, default=_TURNS, help=f"times in a row; {_TURNS} if nothing is said"
    )
    parser.add_argument("--serve", action="store_true", help="serve the cases until Ctrl-C")
    asked = parser.parse_args(words)
    cases = [case for case in ALL if asked.row in (None, case.row)]
    if not cases or asked.count < 1:
        parser.error(
            "there is no such row; docs/hostile.md lists them" if not cases else "--count is 1 or more"
        )
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        return serve(cases, Path(folder)) if asked.serve else try_all(cases, asked.count, Path(folder))


def serve(cases: Sequence[Case], folder: Path) -> int:
    with Room(cases, folder, lasting=True) as room:
        config = room.configure(room.fronts, deadline=DEADLINE, workers=16)
        print(f"The cases are listed at {room.index()}; stop with Ctrl-C. To watch them all:\n")
        print(f"    writethru --config {config} run", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def try_all(cases: Sequence[Case], count: int, folder: Path) -> int:
    troubles = []
    for load in Load:
        chosen = [case for case in cases if case.load is load]
        if chosen:
            (folder / load).mkdir()
            trial = try_out(load, chosen, folder / load, count)
            print(_table(load, trial), flush=True)
            troubles += trial.troubles
    print(f"{len(cases)} cases, each {count} times: {'every promise held' if not troubles else 'BROKEN'}")
    return 1 if troubles else 0


def _table(load: Load, trial: Trial) -> str:
    wide = max(len(found.case.title) for found in trial.found)
    rows = [_row(found, wide) for found in sorted(trial.found, key=lambda found: found.case.row)]
    memory = "not told by this system" if trial.memory is None else f"{trial.memory:.0f} MB more at the most"
    total = [
        f"the daemon: {memory} (<= {MOST_MEMORY:.0f}), {sum(f.revisions for f in trial.found)} revisions,",
        f"the healthy article looked at {trial.healthy} times",
    ]
    broken = [f"BROKEN: {trouble}" for trouble in trial.troubles]
    return "\n".join([f"== {load}", *rows, " ".join(total), *broken, ""])


def _row(found: Found, wide: int) -> str:
    outcomes = ", ".join(f"{times} {outcome}" for outcome, times in found.outcomes.items())
    sign = "WRONG" if found.wrong else "OVER" if found.is_over else "ok"
    return f"{found.case.title:{wide}}  {found.worst_ms:6.0f} ms (<= {found.most_ms:.0f})  {sign:5}  {outcomes[:150]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
