"""`python -m tests.rush [--hours H] [--speed K]`: the real daemon in fast motion, and a table of what it did."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.rush.audit import audited
from tests.rush.watching import watch


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rush", description=__doc__)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--hours", type=float, default=24.0, help="how long, by the clock that runs faster")
    parser.add_argument("--speed", type=float, default=120.0, help="how many times as fast it runs")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--schedule", default="requests_per_hour = 1500", help="lines for the configuration's [schedule]"
    )
    parser.add_argument("--keep", type=Path, help="a folder for the traces, the polls and the archive")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        run = watch(
            folder,
            count=asked.stories,
            hosts=asked.hosts,
            hours=asked.hours,
            speed=asked.speed,
            seed=asked.seed,
            schedule=asked.schedule.replace(r"\n", "\n"),
        )
        figures = audited(run)
    print(figures.table(f"{asked.stories} stories on {asked.hosts} hosts, {asked.hours:g} h"), flush=True)
    return 0 if figures.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
