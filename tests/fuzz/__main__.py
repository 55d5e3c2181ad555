"""``python -m tests.fuzz [TARGET ...] [--seconds N] [--data FOLDER]``: the targets take turns, until interrupted or
for so many seconds. ``--input FILE`` tries one input on the target that is named, and shows what it breaks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS
from tests.fuzz.turns import HEADING, Sum, take_turns


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; none: all")
    parser.add_argument("--seconds", type=float, help="for all together; none: until interrupted")
    parser.add_argument("--data", type=Path, help="a folder with more to begin with, in a folder a target")
    parser.add_argument("--input", type=Path, help="try this one input, and nothing else")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in asked.targets or TARGETS]
    if asked.input is not None:
        for target in chosen:
            target.trial(asked.input.read_bytes())
        return 0
    return _told(take_turns(chosen, asked.seconds, asked.data))


def _told(sums: dict[str, Sum]) -> int:
    """All that came of it once more, and each input to look at with the command that shows what it breaks."""
    print(f"\n{HEADING}")
    for name, one in sums.items():
        print(one.line(name))
    for name, one in sums.items():
        for path, said in one.found.items():
            print(f"\n{name}: {said}\n    .venv/bin/python -m tests.fuzz {name} --input {path}")
    return 1 if any(one.found for one in sums.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
