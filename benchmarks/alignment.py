"""How well two versions are aligned, how much is marked as changed, and what it costs.

Revisions with known alignment made from real texts, then pairs that others aligned or annotated, each by
Writethru, by difflib over sentences, by rapidfuzz's best match and by the best one-to-one assignment.
`python -m benchmarks.alignment --data FOLDER [--texts N] [--failures] [--markdown]`
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.aligners import ALIGNERS, Links
from benchmarks.marking import MARKERS, Shown, agreement, hard_pairs, look, timed
from benchmarks.scores import mean, middle, ninth_tenth
from benchmarks.tables import Cell, table
from benchmarks.versions import Case, annotated, made_cases, mixed_cases, news_cases
from storage.records import Extraction


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How one aligner did on one case: links that are right, links found, links there are; and the same
    three without links between identical sentences."""

    set: str
    aligner: str
    all: tuple[int, int, int]
    changed: tuple[int, int, int]


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    made = list(made_cases(options.data, options.texts))
    given = [*news_cases(options.data), *mixed_cases(options.data)]
    marks = [mark for case in (*made, *given) for mark in marks_of(case)]
    for part in alignments(marks, markdown=options.markdown):
        print(part)
    for part in markings([look(case) for case in (*made, *given)], options.data, markdown=options.markdown):
        print(part)
    if options.failures:
        print("\n".join(line for case in (*made, *given) for line in failures(case)))


def marks_of(case: Case) -> Iterator[Mark]:
    true = _texts(case, case.links)
    for name, aligner in ALIGNERS.items():
        found = _texts(case, aligner(case.old, case.new))
        three = (found & true, found, true)
        yield Mark(
            set=case.set,
            aligner=name,
            all=(three[0].total(), three[1].total(), three[2].total()),
            changed=(_changed(three[0]), _changed(three[1]), _changed(three[2])),
        )


def _texts(case: Case, links: Links) -> Counter[tuple[str, str]]:
    """Links by what the two sentences say, so that two copies of a sentence are as good as each other."""
    old = [sentence for paragraph in case.old for sentence in paragraph]
    new = [sentence for paragraph in case.new for sentence in paragraph]
    return Counter((old[i], new[j]) for i, j in links)


def _changed(links: Counter[tuple[str, str]]) -> int:
    return sum(count for (old, new), count in links.items() if old != new)


# ---------------------------------------------------------------------- what is printed


def alignments(marks: Sequence[Mark], *, markdown: bool) -> Iterator[str]:
    for title, changed in (("Alignment, F1 of links", False), ("The same without identical sentences", True)):
        rows: list[list[Cell]] = []
        for name in dict.fromkeys(mark.set for mark in marks):
            here = [mark for mark in marks if mark.set == name]
            scores = [_f1([mark for mark in here if mark.aligner == a], changed=changed) for a in ALIGNERS]
            rows.append([name, len(here) // len(ALIGNERS), *scores])
        yield table(title, ["set", "texts", *ALIGNERS], rows, markdown=markdown)


def _f1(marks: Sequence[Mark], *, changed: bool) -> float:
    """Over all links of the set together."""
    counts = [mark.changed if changed else mark.all for mark in marks]
    both = sum(found + true for _right, found, true in counts)
    return 2 * sum(right for right, _found, _true in counts) / both if both else 1.0


def markings(shown: Sequence[Shown], data: Path, *, markdown: bool) -> Iterator[str]:
    yield table(
        "Words marked, for each that must be",
        ["set", "all texts", "median", "nine of ten", "hunks"],
        [_marked_row(name, here) for name, here in _by_set(shown)],
        markdown=markdown,
    )
    yield table(
        "Milliseconds of processor time for a thousand words",
        ["set", "compare(), median", "nine of ten", "difflib over words, median"],
        [_time_row(name, here) for name, here in _by_set(shown)],
        markdown=markdown,
    )
    pairs = list(annotated(data))
    yield table(
        f"Words that people marked in {len(pairs)} pairs of sentences",
        ["marker", "F1", "pairs exactly so"],
        [[name, *agreement(pairs, marker)] for name, marker in MARKERS.items()],
        markdown=markdown,
    )
    yield table(
        "Texts made to be hard, seconds of processor time",
        ["texts", "seconds"],
        [[name, timed(_plain(old), _plain(new))[1] / 1000] for name, old, new in hard_pairs()],
        markdown=markdown,
    )


def _by_set(shown: Sequence[Shown]) -> Iterator[tuple[str, list[Shown]]]:
    for name in dict.fromkeys(one.set for one in shown):
        yield name, [one for one in shown if one.set == name]


def _marked_row(name: str, here: Sequence[Shown]) -> list[Cell]:
    ratios = [look.marked / look.least for look in here if look.least]
    whole = sum(look.marked for look in here) / max(1, sum(look.least for look in here))
    return [name, whole, middle(ratios), ninth_tenth(ratios), mean(float(look.hunks) for look in here)]


def _time_row(name: str, here: Sequence[Shown]) -> list[Cell]:
    ours = [look.ms for look in here]
    times = (middle(ours), ninth_tenth(ours), middle(look.difflib_ms for look in here))
    return [name, *(f"{ms:.1f}" for ms in times)]


def _plain(text: str) -> Extraction:
    return Extraction(headline=None, paragraphs=(), extractor="benchmark/1", plain=True, whole=text)


def failures(case: Case) -> Iterator[str]:
    """Each link that is missed or invented."""
    true, found = _texts(case, case.links), _texts(case, ALIGNERS["writethru"](case.old, case.new))
    for title, links in (("missed", true - found), ("invented", found - true)):
        for old, new in links:
            yield f"{case.name}: {title}\n  - {old}\n  + {new}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alignment", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--texts", type=int, default=120, help="make revisions from that many texts")
    parser.add_argument("--failures", action="store_true", help="list every link missed or invented")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
