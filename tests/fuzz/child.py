"""One target in a process of its own, for some seconds, and the two ways of coming by inputs.

*Guided*, atheris makes them, and keeps those that take branches which none took before. *Blind*, they are
harmed at random out of what is kept so far; without the measuring that is ten times as many. What hangs or takes
too much memory ends the process, and its input is kept in either way.
"""

from __future__ import annotations

import importlib
import resource
import signal
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.inputs import harm
from tests.fuzz.run import Run
from tests.fuzz.target import Target

LONGEST_TRIAL = 5
MEMORY_MB = 1536
_OUTSIDE = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind", "subprocess.Popen"}
)


def guided(name: str, module: str, folder: Path, guides: str, told: list[str]) -> None:
    """:param told: what libFuzzer is told: inputs or folders of them, and options."""
    import atheris

    with atheris.instrument_imports(include=guides.split(",")):
        target = _target(module, name)
    run = Run(target.trial, folder)
    run.again()
    limits = [f"-timeout={LONGEST_TRIAL}", f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={folder}/"]
    atheris.Setup([name, *limits, *told], run)
    sys.addaudithook(_stay_inside)
    atheris.Fuzz()


def blind(name: str, module: str, folder: Path, seconds: float) -> None:
    """The alarm ends the process where a trial takes too long; its input is in the file ``trying``."""
    target, dice = _target(module, name), Random()
    kept = [path.read_bytes() for path in (folder / "corpus").iterdir()]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    sys.addaudithook(_stay_inside)
    run, ends = Run(target.trial, folder), time.monotonic() + seconds
    run.again()
    while time.monotonic() < ends:
        data = harm(dice, kept, target)
        (folder / "trying").write_bytes(data)
        signal.alarm(LONGEST_TRIAL)
        run(data)
        signal.alarm(0)


def _target(module: str, name: str) -> Target:
    targets: tuple[Target, ...] = importlib.import_module(module).TARGETS
    return next(target for target in targets if target.name == name)


def _stay_inside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _OUTSIDE:
        raise AssertionError(f"a trial asked for {event}")


def main(words: list[str]) -> None:
    way, module, name, folder, *more = words
    if way == "blind":
        blind(name, module, Path(folder), float(more[0]))
    else:
        guided(name, module, Path(folder), more[0], more[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
