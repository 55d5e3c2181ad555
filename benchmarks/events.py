"""What is told of pairs of sentences, beside what a person said of them.

`python -m benchmarks.events --data FOLDER [--disagreements] [--rows FILE] [--markdown]`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelled import LABELS, Label, Mismatch, Shown, extraction, labels, shown
from benchmarks.scores import mean
from benchmarks.tables import Cell, percent, table
from monitor.compare import compare
from monitor.events import assess
from storage.records import EventKind, Severity, fold_spaces


@dataclass(frozen=True, kw_only=True)
class Told:
    """One pair: what a person said of it, what we tell of it, and both its sides."""

    label: Label
    kinds: frozenset[EventKind]
    severity: Severity | None
    old: Shown | None
    new: Shown | None

    @property
    def agrees(self) -> bool:
        return self.kinds == self.label.kinds and self.severity == self.label.severity

    @property
    def step(self) -> int:
        """How many steps the severities are apart; nothing told is below cosmetic."""
        return abs((self.severity or 0) - (self.label.severity or 0))


@dataclass(frozen=True, kw_only=True)
class Score:
    """How often a kind was labelled, told, and both."""

    name: str
    labelled: int
    told: int
    both: int

    @property
    def precision(self) -> float | None:
        return self.both / self.told if self.told else None

    @property
    def recall(self) -> float | None:
        return self.both / self.labelled if self.labelled else None

    @property
    def f1(self) -> float | None:
        return 2 * self.both / (self.told + self.labelled) if self.told or self.labelled else None


def main(arguments: Sequence[str] | None = None) -> int:
    """0: measured; 1: the data do not hold what was labelled."""
    options = _parser().parse_args(arguments)
    try:
        found = told_all(options.data, options.labels)
    except Mismatch as mismatch:
        for where in mismatch.where:
            print(f"Not what was labelled: {where}")
        return 1
    for part in report(found, markdown=options.markdown):
        print(part)
    if options.disagreements:
        print("\n".join(disagreements(found)))
    if options.rows:
        options.rows.write_text("".join(f"{json.dumps(row(told))}\n" for told in found), "utf-8")
    return 0


def told_all(data: Path, path: Path = LABELS) -> list[Told]:
    """What is told of every labelled pair.

    :raises Mismatch: the data do not hold what was labelled.
    """
    known = labels(path)
    sides = shown(data, known)
    return [tell(label, *sides[label.id]) for label in known]


def tell(label: Label, old: Shown | None, new: Shown | None) -> Told:
    before, after = (extraction(side, headline=label.headline) for side in (old, new))
    assessment = assess(compare(before, after))
    return Told(
        label=label,
        kinds=frozenset(event.kind for event in assessment.events),
        severity=assessment.severity if assessment.events else None,
        old=old,
        new=new,
    )


def scores(found: Sequence[Told]) -> list[Score]:
    """One for each kind that was labelled or told, in the order of the kinds."""
    counted = [score(kind, found) for kind in EventKind]
    return [each for each in counted if each.labelled or each.told]


def score(kind: EventKind, found: Sequence[Told]) -> Score:
    return Score(
        name=kind.value,
        labelled=sum(kind in told.label.kinds for told in found),
        told=sum(kind in told.kinds for told in found),
        both=sum(kind in told.label.kinds & told.kinds for told in found),
    )


def together(name: str, each: Sequence[Score]) -> Score:
    """Several kinds as one, in which every event counts."""
    return Score(
        name=name,
        labelled=sum(score.labelled for score in each),
        told=sum(score.told for score in each),
        both=sum(score.both for score in each),
    )


def within_one_step(found: Sequence[Told]) -> int:
    return sum(told.step <= 1 for told in found)


# ---------------------------------------------------------------------- what is printed


def report(found: Sequence[Told], *, markdown: bool) -> Iterator[str]:
    each = scores(found)
    rows = [*map(_row, each), _row(together("all events", each)), _means(each)]
    head = ["kind", "labelled", "told", "precision", "recall", "F1"]
    yield table(f"Events of {len(found)} labelled pairs", head, rows, markdown=markdown)
    yield f"All kinds of a pair as labelled: {percent(sum(t.kinds == t.label.kinds for t in found), len(found))}"
    yield f"Severity as labelled: {percent(sum(t.step == 0 for t in found), len(found))}"
    yield f"Severity within one step: {percent(within_one_step(found), len(found))}\n"


def disagreements(found: Sequence[Told]) -> Iterator[str]:
    for told in found:
        if not told.agrees:
            yield f"{told.label.id}"
            yield f"  labelled {_said(told.label.kinds, told.label.severity)}"
            yield f"  told     {_said(told.kinds, told.severity)}"
            yield f"  - {_text(told.old)}"
            yield f"  + {_text(told.new)}"


def row(told: Told) -> dict[str, object]:
    """What was told of a pair, ready for JSON."""
    severity = told.severity.word if told.severity else None
    return {"id": told.label.id, "kinds": sorted(told.kinds), "severity": severity}


def _row(score: Score) -> list[Cell]:
    return [score.name, score.labelled, score.told, score.precision, score.recall, score.f1]


def _means(each: Sequence[Score]) -> list[Cell]:
    """Over the kinds that were labelled; the precision of what was never told counts as 0."""
    known = [score for score in each if score.labelled]
    parts = [(score.precision or 0.0, score.recall or 0.0, score.f1 or 0.0) for score in known]
    return ["mean of the kinds", None, None, *(mean(column) for column in zip(*parts, strict=True))]


def _said(kinds: frozenset[EventKind], severity: Severity | None) -> str:
    if severity is None:
        return "nothing"
    return f"{', '.join(kind.value for kind in EventKind if kind in kinds)} ({severity.word})"


def _text(side: Shown | None) -> str:
    return fold_spaces(side.written) if side else "(nothing)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--labels", type=Path, default=LABELS, help="another file of labels")
    parser.add_argument("--disagreements", action="store_true", help="list the pairs told otherwise")
    parser.add_argument("--rows", type=Path, help="write what was told of each pair to that file")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
