"""`python -m tests.torture FORM [--count N]`: one long form; without a name, all of them in turn."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.torture import clock, damage, disk, kills, migrations, points, power
from tests.torture.figures import Figures

FORMS: dict[str, tuple[Callable[[int], Figures], int]] = {
    "kills": (kills.long_form, 1000),
    "points": (points.long_form, 25),
    "power": (power.long_form, 2000),
    "disk": (disk.long_form, 60),
    "damage": (damage.long_form, 1000),
    "clock": (clock.long_form, 5),
    "migrations": (migrations.long_form, 50),
}
"""Each form by name: what runs it so many times, and how many times if nothing else is said."""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"of {', '.join(FORMS)}; none: all")
    parser.add_argument("--count", type=int, help="how many times, in place of the form's own number")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.forms if name not in FORMS]
    if unknown:
        parser.error(f"there is no form {unknown[0]!r}; there are {', '.join(FORMS)}")
    failed = False
    for name in asked.forms or FORMS:
        form, usual = FORMS[name]
        figures = form(asked.count or usual)
        print(figures.table(name), flush=True)
        failed |= not figures.passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
