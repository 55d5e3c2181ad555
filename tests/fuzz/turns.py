"""The targets take turns, each in a child of its own, until the time is up or someone has had enough."""

from __future__ import annotations

import importlib.util
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.records import sha256
from tests.fuzz.target import Target

KEPT = Path("build/fuzz")
_TURN = 120.0
_SHORTEST_TURN = 10.0
_GIVEN_UP = ("timeout-*", "oom-*", "crash-*")
_GUIDED = importlib.util.find_spec("atheris") is not None


@dataclass(kw_only=True)
class Sum:
    """What all turns of one target came to so far; ``found`` are the inputs to look at."""

    trials: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    news: int = 0
    found: dict[Path, str] = field(default_factory=dict)

    def line(self, name: str) -> str:
        pace = self.trials / self.seconds if self.seconds else 0.0
        return (
            f"{name:<12} {self.trials:>10,} {pace:>9,.0f} {self.news:>7,} {self.slowest * 1000:>11,.0f} "
            f"{len(self.found):>6}"
        )


HEADING = f"{'target':<12} {'tried':>10} {'a second':>9} {'news':>7} {'slowest, ms':>11} {'found':>6}"


def take_turns(targets: Sequence[Target], seconds: float | None, data: Path | None) -> dict[str, Sum]:
    """:param seconds: for all of them together; None: until interrupted.
    :param data: a folder with more to begin with, in a folder a target.
    """
    sums = {target.name: Sum() for target in targets}
    turn = _TURN if seconds is None else min(_TURN, max(_SHORTEST_TURN, seconds / len(targets)))
    rounds = itertools.count() if seconds is None else range(max(1, round(seconds / turn / len(targets))))
    print(HEADING, flush=True)
    try:
        for _ in rounds:
            for target in targets:
                _take_turn(target, sums[target.name], turn, data)
                print(sums[target.name].line(target.name), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    return sums


def _take_turn(target: Target, so_far: Sum, seconds: float, data: Path | None) -> None:
    folder = KEPT / target.name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number:02}").write_bytes(seed)
    words = folder / "words.txt"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words or (b"0",)))
    before = len(list(corpus.iterdir()))
    _look_again(target, folder)
    _blind(target, seconds / 2 if _GUIDED else seconds)
    _add(so_far, folder)
    if _GUIDED:
        more = [str(data / target.name)] if data is not None and (data / target.name).is_dir() else []
        options = [
            f"-max_len={target.longest}",
            f"-dict={words}",
            f"-max_total_time={max(1, round(seconds / 2))}",
        ]
        _guided(target, [str(corpus), *more, *options])
        _add(so_far, folder)
    so_far.news += len(list(corpus.iterdir())) - before


def _look_again(target: Target, folder: Path) -> None:
    """What hung or bloated a child in an earlier turn is tried alone, and forgotten if it does no more."""
    for pattern in _GIVEN_UP:
        for path in folder.glob(pattern):
            if _GUIDED and _guided(target, [str(path)]) == 0:
                path.unlink()


def _guided(target: Target, told: Sequence[str]) -> int:
    return _child("guided", target, [",".join(target.guides), *told])


def _blind(target: Target, seconds: float) -> None:
    folder = KEPT / target.name
    ended = _child("blind", target, [str(seconds)])
    if ended < 0:  # by a signal
        data = (folder / "trying").read_bytes()
        why = "timeout" if -ended == signal.SIGALRM else "crash"
        (folder / f"{why}-{sha256(data)[:16]}").write_bytes(data)


def _child(way: str, target: Target, told: Sequence[str]) -> int:
    folder = KEPT / target.name
    (folder / "tally.json").unlink(missing_ok=True)
    words = [sys.executable, "-m", "tests.fuzz.child", way, target.trial.__module__, target.name, str(folder)]
    with (folder / "log.txt").open("wb") as log:
        return subprocess.run([*words, *told], stdout=log, stderr=log, check=False).returncode


def _add(so_far: Sum, folder: Path) -> None:
    """What the turn's child left behind."""
    tally = folder / "tally.json"
    if tally.exists():
        told = json.loads(tally.read_text(encoding="utf-8"))
        so_far.trials, so_far.seconds = so_far.trials + told["trials"], so_far.seconds + told["seconds"]
        so_far.slowest = max(so_far.slowest, told["slowest"])
    so_far.found = {path: _said(path) for path in sorted(folder.glob("broken-*.input"))}
    for pattern in _GIVEN_UP:
        so_far.found |= {path: f"{path.name.partition('-')[0]} in the child" for path in folder.glob(pattern)}
    if not tally.exists():
        so_far.found |= {folder / "log.txt": "the child did not start"}


def _said(path: Path) -> str:
    lines = path.with_suffix(".txt").read_text(encoding="utf-8").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _escaped(word: bytes) -> str:
    return "".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in word)
