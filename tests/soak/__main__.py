"""`python -m tests.soak isolation` and `python -m tests.soak soak [--hours N]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.watching import Run, Sample, share, watch
from tests.torture.figures import Figures

_HOSTS = 1000
_HOSTILE = 200
_WARM = 1 / 4
"""The part of a soak that is not judged: caches fill, pools start."""


def isolation(seconds: float, interval: float) -> Figures:
    """How late the healthy are alone, and how late with hostile ones among them."""
    figures = Figures()
    p99 = {}
    for name, hostile in (("alone", 0), (f"with {_HOSTILE} hostile", _HOSTILE)):
        with tempfile.TemporaryDirectory() as folder:
            run = watch(Path(folder), count=_HOSTS, hostile=hostile, interval=interval, seconds=seconds)
        lags = run.lags()
        p99[hostile] = share(lags, 0.99)
        figures.say(f"{name}: looks at healthy hosts", len(lags))
        figures.say(f"{name}: the last of the first looks, s", f"{run.first_looks()[-1]:.1f}")
        for part in (0.5, 0.9, 0.99, 1.0):
            figures.say(f"{name}: lag p{part * 100:g}, s", f"{share(lags, part):.2f}")
        looks = sum(len(moments) for moments in run.asked.values())
        figures.say(
            f"{name}: the daemon's processor, ms a look", f"{run.samples[-1].processor / looks * 1000:.1f}"
        )
        figures.say(f"{name}: memory, MB", f"{run.samples[-1].memory:.0f} + {run.samples[-1].children:.0f}")
        figures.say(f"{name}: threads, at most", max(sample.threads for sample in run.samples))
    figures.expect("p99 with hostile ones, as a multiple", p99[_HOSTILE] / max(p99[0], 0.01), 2.0)
    return figures


def soak(seconds: float, interval: float) -> Figures:
    """What the daemon holds over time, with hostile hosts among those it watches."""
    every = max(10.0, seconds / 120)
    print(_line(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run = watch(
            Path(folder),
            count=_HOSTS,
            hostile=_HOSTILE,
            interval=interval,
            seconds=seconds,
            every=every,
            told=lambda run: print(_line(run), flush=True),
        )
    warm = [sample for sample in run.samples if sample.second >= seconds * _WARM]
    figures = Figures()
    figures.say("looks", sum(len(moments) for moments in run.asked.values()))
    figures.say("lag p50, s", f"{share(run.lags(), 0.5):.2f}")
    figures.say("lag p99, s", f"{share(run.lags(), 0.99):.2f}")
    figures.expect("memory, MB/h after warm-up", round(slope(warm), 2), 1.0)
    for name in ("descriptors", "threads"):
        counts = [getattr(sample, name) for sample in warm]
        figures.say(f"{name}, least and most after warm-up", f"{min(counts)} to {max(counts)}")
    return figures


def slope(samples: list[Sample]) -> float:
    """Megabytes an hour of the daemon itself, by least squares."""
    mean_t = sum(s.second for s in samples) / len(samples)
    mean_m = sum(s.memory for s in samples) / len(samples)
    spread = sum((s.second - mean_t) ** 2 for s in samples)
    return 3600 * sum((s.second - mean_t) * (s.memory - mean_m) for s in samples) / spread if spread else 0.0


def _line(run: Run | None = None) -> str:
    if run is None:
        return "  minute  daemon MB  children MB  descriptors  threads  looks/s  lag p50  lag p99"
    sample, before = run.samples[-1], run.samples[-2].second if len(run.samples) > 1 else 0.0
    asked = sum(1 for moments in list(run.asked.values()) for m in moments if before <= m < sample.second)
    lags = run.lags(before - run.interval, sample.second)
    return (
        f"{sample.second / 60:8.1f}  {sample.memory:9.1f}  {sample.children:11.1f}  {sample.descriptors:11}"
        f"  {sample.threads:7}  {asked / (sample.second - before):7.1f}  {share(lags, 0.5):7.2f}"
        f"  {share(lags, 0.99):7.2f}"
    )


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("form", choices=("isolation", "soak"))
    parser.add_argument("--hours", type=float, help="how long (isolation: each of its two parts)")
    parser.add_argument(
        "--interval", type=float, default=30.0, help="seconds between two looks at an article"
    )
    asked = parser.parse_args(words)
    form, usual = {"isolation": (isolation, 5 / 60), "soak": (soak, 1.0)}[asked.form]
    figures = form((asked.hours or usual) * 3600, asked.interval)
    print(figures.table(asked.form), flush=True)
    return 0 if figures.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
