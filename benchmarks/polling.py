"""How many versions the polling policy sees, and how late, beside the schedules of other tools.

`python -m benchmarks.polling --data FOLDER [--peers FILE] [--seeds 5] [--requests 10 20 40] [--markdown]`

The synthetic newsrooms and the other schedules are those of a simulation that is not part of the project
(`polling_sim.py`; by default the one in `bench/` beside the data). It needs numpy, which nothing else here does.
Every schedule has the same number of requests; scored are the articles of the last 65 % of the period.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import statistics
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.tables import Cell, table
from monitor.polling import Trace, replay

_DAY = 86400.0
_WINDOW = 14 * _DAY
_LEARNING = 0.35  # of the period: its articles are not scored
_OURS = "writethru"


@dataclass(frozen=True, kw_only=True)
class Result:
    name: str
    delay: float
    """Minutes, on average."""
    seen: float
    """Per cent of the versions."""
    requests: int


def main(arguments: Sequence[str] | None = None) -> int:
    """0: measured; 2: something that this needs is missing."""
    options = _parser().parse_args(arguments)
    peers = options.peers or options.data.parent / "bench" / "polling_sim.py"
    if importlib.util.find_spec("numpy") is None:
        print("This needs numpy: .venv/bin/python -m pip install numpy", file=sys.stderr)
        return 2
    if not peers.exists():
        print(f"There is no {peers}; name the simulation with --peers FILE.", file=sys.stderr)
        return 2
    simulation = _loaded(peers)
    for requests in options.requests:
        found = list(_synthetic(simulation, range(1, options.seeds + 1), requests))
        title = f"Synthetic newsrooms, {requests} requests an article, mean of {options.seeds}"
        print(_told(title, found, markdown=options.markdown), flush=True)
    for requests in (20, 40):
        found = list(_real(simulation, options.data, requests))
        title = f"Real edit times, {requests} requests an article"
        print(_told(title, found, markdown=options.markdown), flush=True)
    return 0


# ---------------------------------------------------------------------- the newsrooms


def _synthetic(simulation: ModuleType, seeds: Iterable[int], requests: int) -> Iterator[Result]:
    runs: dict[str, list[Result]] = {}
    for seed in seeds:
        world = simulation.synth(seed, 150, 14)
        traces = [
            Trace(
                doc_id=f"article {number}",
                outlet=world.names[outlet],
                breaking=bool(marked),
                published=float(published),
                revisions=tuple(map(float, revised)),
            )
            for number, (outlet, marked, published, revised) in enumerate(
                zip(world.outlet, world.flag, world.pub, world.revs, strict=True)
            )
        ]
        for result in _compared(simulation, world, traces, requests, seed):
            runs.setdefault(result.name, []).append(result)
    for name, results in runs.items():
        yield Result(
            name=name,
            delay=statistics.fmean(result.delay for result in results),
            seen=statistics.fmean(result.seen for result in results),
            requests=sum(result.requests for result in results),
        )


def _real(simulation: ModuleType, data: Path, requests: int) -> Iterator[Result]:
    """Posts of several organisations, each moved by whole windows into one, with the edits of its first."""
    traces = []
    with gzip.open(data / "C_traces" / "traces.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row["source"].startswith("post_"):
                published = datetime.fromisoformat(row["first"].replace("Z", "+00:00")).timestamp() % _WINDOW
                edits = sorted({float(after) for after in row["offsets_s"] if 0 < after < _WINDOW})
                traces.append(
                    Trace(
                        doc_id=f"{row['source']}/{row['doc_id']}",
                        outlet=row["source"],
                        breaking=False,
                        published=published,
                        revisions=tuple(published + after for after in edits),
                    )
                )
    traces.sort(key=lambda trace: trace.published)
    yield from _compared(simulation, _world(simulation, traces), traces, requests, seed=0)


def _world(simulation: ModuleType, traces: Sequence[Trace]) -> Any:
    """The same newsroom in the simulation's own form; its clock begins at zero as well."""
    numpy = importlib.import_module("numpy")
    names = sorted({trace.outlet for trace in traces})
    end = max((trace.published, *trace.revisions)[-1] for trace in traces) + _DAY
    return simulation.World(
        numpy.array([trace.published for trace in traces]),
        numpy.array([names.index(trace.outlet) for trace in traces]),
        [numpy.array(trace.revisions) for trace in traces],
        numpy.zeros(len(traces), bool),
        end,
        None,
        names,
    )


# ---------------------------------------------------------------------- what each saw


def _compared(
    simulation: ModuleType, world: Any, traces: Sequence[Trace], requests: int, seed: int
) -> Iterator[Result]:
    per_hour = requests * len(traces) / (world.end / 3600)
    polls: dict[str, list[float]] = {}
    for trace, when in replay(traces, per_hour, until=float(world.end)):
        polls.setdefault(trace.doc_id, []).append(when)
    yield _scored(traces, polls, float(world.end))
    for policy in simulation.policies(world, "uniform,NewsDiffs,Sniffer,diffengine,tiers,Cho"):
        found = simulation.run(world, policy, requests, seed=seed)
        yield Result(
            name=policy.name, delay=found["mean_delay_min"], seen=found["seen"], requests=found["requests"]
        )


def _scored(traces: Sequence[Trace], polls: dict[str, list[float]], end: float) -> Result:
    """By the simulation's own rule: no article of the time of learning, no revision of the last half day."""
    delays, seen = [], 0
    for trace in traces:
        if trace.published < _LEARNING * end:
            continue
        looks = [trace.found, *polls.get(trace.doc_id, ())]
        for revised, replaced in zip(trace.revisions, (*trace.revisions, end + _DAY)[1:], strict=True):
            if revised < end - _DAY / 2:
                first = bisect_left(looks, revised)
                polled = looks[first] if first < len(looks) else None
                seen += polled is not None and polled < replaced
                delays.append((end if polled is None else polled) - revised)
    return Result(
        name=_OURS,
        delay=statistics.fmean(delays) / 60,
        seen=100 * seen / len(delays),
        requests=sum(map(len, polls.values())),
    )


def _told(title: str, found: Sequence[Result], *, markdown: bool) -> str:
    rows: list[list[Cell]] = [
        [result.name, f"{result.delay:.0f} min", f"{result.seen:.1f} %", result.requests] for result in found
    ]
    return table(title, ["schedule", "mean delay", "versions seen", "requests"], rows, markdown=markdown)


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("polling_sim", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their names
    spec.loader.exec_module(module)
    return module


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.polling")
    parser.add_argument("--data", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--peers", type=Path, metavar="FILE", help="the simulation of the other schedules")
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument(
        "--requests", type=int, nargs="*", default=[10, 20, 40], metavar="N", help="an article"
    )
    parser.add_argument("--markdown", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
