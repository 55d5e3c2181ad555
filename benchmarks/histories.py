"""What is raised between two looks at the same page, and what is missed.

`python -m benchmarks.histories --data FOLDER [--limit N] [--markdown]`
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import History, Pair, Step, histories, pairs
from benchmarks.scores import token_ratio, word_f1
from benchmarks.systems import trafilatura
from benchmarks.tables import Cell, listing, percent, table
from monitor.compare import compare
from monitor.events import assess
from monitor.extract import extract
from storage.records import Assessment, Extraction

_URL = "https://page.invalid/article"


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What came of one step: the kinds of events that we raise, and whether trafilatura's text differs."""

    step: Step
    kinds: tuple[str, ...]
    differs: bool

    @property
    def line(self) -> str:
        counted = ", ".join(f"{kind} {count}" for kind, count in Counter(self.kinds).most_common())
        told = f": {counted}" if counted else ""
        return f"{self.step.page} {self.step.old} to {self.step.new}{told}"


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    with ProcessPoolExecutor(2, initializer=logging.disable) as pool:
        found = pool.map(raised, histories(options.data, options.limit))
        steps = [step for history in found for step in history]
        rows = list(pool.map(pair_row, pairs(options.data)))
    for part in report(steps, markdown=options.markdown):
        print(part)
    head = ["pair", "a person says", "headline", "word F1", "token ratio", "events", "most severe"]
    print(table("Pairs of captures", head, rows, markdown=options.markdown))


def raised(history: History) -> list[Raised]:
    """Each step of a history. Snapshots are read one by one, in the order they stand in."""
    ours: dict[str, Extraction] = {}
    theirs: dict[str, str] = {}
    for name, body in history.snapshots():
        ours[name] = extract(body, url=history.url)
        theirs[name] = trafilatura(body, history.url).text
    return [
        Raised(
            step=step,
            kinds=tuple(event.kind.value for event in difference(ours[step.old], ours[step.new]).events),
            differs=theirs[step.old] != theirs[step.new],
        )
        for step in history.steps
    ]


def difference(old: Extraction, new: Extraction) -> Assessment:
    return assess(compare(old, new))


def pair_row(pair: Pair) -> list[Cell]:
    old, new = (extract(body, url=_URL) for body in (pair.old, pair.new))
    assessment = difference(old, new)
    return [
        pair.id,
        {None: None, True: "changed", False: "noise"}[pair.meaningful],
        "same" if old.headline == new.headline else "differs",
        word_f1(old.text, new.text),
        token_ratio(old.text, new.text),
        len(assessment.events),
        assessment.severity.word if assessment.events else "none",
    ]


# ---------------------------------------------------------------------- what is printed


def report(found: Sequence[Raised], *, markdown: bool) -> Iterator[str]:
    yield table(
        "Steps between snapshots",
        ["step", "all", "writethru raises events", "trafilatura's text differs"],
        [_row(found, edited, same) for edited in (False, True) for same in (True, False)],
        markdown=markdown,
    )
    quiet = [raised for raised in found if not raised.step.edited and raised.step.shown_same]
    loud = [raised for raised in quiet if raised.kinds]
    edits = [raised for raised in found if raised.step.edited and not raised.step.shown_same]
    missed = [raised for raised in edits if not raised.kinds]
    yield f"Raised although nothing that is shown changed: {percent(len(loud), len(quiet))}\n"
    yield listing("They are", [raised.line for raised in loud], markdown=markdown)
    yield f"Missed edits: {percent(len(missed), len(edits))}\n"
    yield listing("They are", [raised.line for raised in missed], markdown=markdown)


def _row(found: Sequence[Raised], edited: bool, same: bool) -> list[Cell]:
    chosen = [r for r in found if r.step.edited is edited and r.step.shown_same is same]
    name = f"{'edited' if edited else 'not edited'}, shown text {'same' if same else 'differs'}"
    return [name, len(chosen), sum(bool(r.kinds) for r in chosen), sum(r.differs for r in chosen)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.histories", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--limit", type=int, help="only that many histories")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
