"""How well two versions are aligned, how much is marked as changed, and what it costs.

Revisions with known alignment made from real texts, then pairs that others aligned or annotated, each by
Writethru, by difflib over sentences, by rapidfuzz's best match and by the best one-to-one assignment.
`python -m benchmarks.alignment --data FOLDER [--texts N] [--failures] [--markdown]`
"""

from __future__ import annotations

import argparse
import gzip
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

from rapidfuzz.distance import Indel

from benchmarks.aligners import ALIGNERS, Links, joined
from benchmarks.data import rows
from benchmarks.revised import MIXES, Mix, Revision, is_prose, revised
from benchmarks.scores import mean, middle, ninth_tenth
from benchmarks.tables import Cell, table
from monitor.compare import compare
from monitor.compare import sentences, tokens
from monitor.extract import extract_plain
from storage.records import Diff, HunkOp

_POSTS = ("post_18f", "post_digitalgov", "post_nodejs", "post_rust")
_PAGES = ("scrapinghub", "wcxb_articles", "readability", "newspaper4k")
_SENTENCES = (30, 90)
_FRONT = re.compile(r"\A(---|\+\+\+)\n.*?\n\1\n", re.DOTALL)
_WRAPPED = re.compile(r"(?<=\S)[^\S\n]*\n[^\S\n]*(?![-*+>#|\[\s]|\d+[.)]|```|:::|</?\w)")
_WORD = re.compile(r"\w")

Paragraphs = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Two texts and which of their sentences belong together, as someone says."""

    set: str
    name: str
    old: Paragraphs
    new: Paragraphs
    links: Links


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How one aligner did on one case: links that are right, links found, links there are; the same
    without those of two identical sentences."""

    set: str
    name: str
    aligner: str
    right: int
    found: int
    true: int
    changed_right: int
    changed_found: int
    changed_true: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a reader of the diff is shown: words marked, the fewest that can be, hunks that are no keep,
    and the milliseconds of processor time for each thousand words of one text."""

    set: str
    marked: int
    least: int
    hunks: int
    ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    texts = list(_sampled(base_texts(options.data), options.texts))
    print(f"{len(texts)} texts of {sum(len(p) for t in texts for p in t)} sentences")
    made = [case for mix in MIXES for case in _revisions(texts, mix)]
    given = [*notebook_cases(options.data), *action_cases(options.data), *mixed_cases(options.data)]
    shown = [look(case) for case in made]
    marks = [mark for case in (*made, *given) for mark in marks_of(case)]
    for part in report(marks, shown, options.data, markdown=options.markdown):
        print(part)
    if options.failures:
        print("\n".join(line for case in (*made, *given) for line in failures(case)))


# ---------------------------------------------------------------------- the texts


def base_texts(data: Path) -> Iterator[Paragraphs]:
    """The newest version of each post, the old version of each annotated pair, and the text of each page,
    where it is of a length to make revisions from; no sentence stands in it twice."""
    for name in _POSTS:
        found = rows_of(data / "B_revisions" / f"{name}.jsonl.gz")
        for _document, versions in groupby(found, key=lambda row: str(row["doc_id"])):
            yield from _fit(paragraphs_of(_FRONT.sub("", str(list(versions)[-1]["text"]))))
    for name in _PAGES:
        for row in rows(data / "A_pages" / name / "truth.jsonl"):
            yield from _fit(paragraphs_of(row.get("text") or ""))
    singles = rows(data / "B_pairs" / "newsedits_single_versions.jsonl")
    for start in range(0, len(singles) - 5, 5):  # too short alone: five of them, a paragraph each
        yield from _fit(tuple(tuple(row["sentences"]) for row in singles[start : start + 5]))


def paragraphs_of(text: str) -> Paragraphs:
    """Lines of sentences, each line a paragraph; lines that only wrap are joined first."""
    lines = _WRAPPED.sub(" ", text).split("\n")
    found = (tuple(" ".join(sentence.split()) for sentence in sentences(line.strip())) for line in lines)
    return tuple(paragraph for paragraph in found if any(paragraph))


def _fit(text: Paragraphs) -> Iterator[Paragraphs]:
    flat = [sentence for paragraph in text for sentence in paragraph]
    if _SENTENCES[0] <= sum(map(is_prose, flat)) <= _SENTENCES[1] and all(flat):
        seen: set[str] = set()
        once = (tuple(s for s in paragraph if not (s in seen or seen.add(s))) for paragraph in text)
        yield tuple(paragraph for paragraph in once if paragraph)


def _sampled(texts: Iterable[Paragraphs], count: int) -> list[Paragraphs]:
    found = list(texts)
    return Random(7).sample(found, min(count, len(found)))


def _revisions(texts: Sequence[Paragraphs], mix: Mix) -> Iterator[Case]:
    for number, text in enumerate(texts):
        random = Random(f"{mix.name} {number}")
        if sum(is_prose(sentence) for paragraph in text for sentence in paragraph) <= mix.touched:
            continue
        others = [s for other in random.sample(list(texts), min(6, len(texts))) if other is not text for p in other for s in p]
        yield case_of(revised(text, mix, others, random), number)


def case_of(made: Revision, number: int) -> Case:
    return Case(
        set=made.mix, name=f"{made.mix} {number}", old=made.old, new=made.new, links=set(made.links)
    )


def rows_of(path: Path) -> list[dict[str, object]]:
    import json

    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# ---------------------------------------------------------------------- what others aligned


def notebook_cases(data: Path) -> Iterator[Case]:
    """News versions with the alignment that their collectors' algorithm made (silver); each sentence is
    given as a paragraph of its own."""
    for row in rows(data / "B_pairs" / "newsedits_notebook_pairs.jsonl"):
        old: list[str] = []
        new: list[str] = []
        links: Links = set()
        for pair in row["rows"]:
            one, two = ((pair[side] or "").strip() for side in ("old", "new"))
            links |= {(len(old), len(new))} if one and two else set()
            old += [one] * bool(one)
            new += [two] * bool(two)
        if old and new:
            yield Case(
                set=f"notebook pairs, {row['kind']}",
                name=row["doc_id"],
                old=tuple((s,) for s in old),
                new=tuple((s,) for s in new),
                links=links,
            )


def action_cases(data: Path) -> Iterator[Case]:
    return iter(())


def mixed_cases(data: Path) -> Iterator[Case]:
    """Annotated pairs of a sentence and its revision, forty of them a text, the new ones in another order
    for every fourth."""
    pairs = rows(data / "B_pairs" / "arxivedits_intent_gold.jsonl")
    for start in range(0, len(pairs), 40):
        some = pairs[start : start + 40]
        places = list(range(len(some)))
        moved = Random(start).sample(places, len(places) // 4)
        order = [place for place in places if place not in moved]
        for place in moved:
            order.insert(Random(place).randrange(len(order) + 1), place)
        yield Case(
            set="arxivedits, forty mixed",
            name=f"arxivedits {start}",
            old=tuple((row["old"],) for row in some),
            new=tuple((some[place]["new"],) for place in order),
            links={(place, at) for at, place in enumerate(order)},
        )


# ---------------------------------------------------------------------- how well


def marks_of(case: Case) -> Iterator[Mark]:
    true = _texts(case, case.links)
    for name, aligner in ALIGNERS.items():
        found = _texts(case, aligner(case.old, case.new))
        right = found & true
        yield Mark(
            set=case.set,
            name=case.name,
            aligner=name,
            right=right.total(),
            found=found.total(),
            true=true.total(),
            changed_right=_changed(right),
            changed_found=_changed(found),
            changed_true=_changed(true),
        )


def _texts(case: Case, links: Links) -> Counter[tuple[str, str]]:
    """Links by what the two sentences say, so that two copies of a sentence are as good as each other."""
    old = [sentence for paragraph in case.old for sentence in paragraph]
    new = [sentence for paragraph in case.new for sentence in paragraph]
    return Counter((old[i], new[j]) for i, j in links)


def _changed(links: Counter[tuple[str, str]]) -> int:
    return sum(count for (old, new), count in links.items() if old != new)


def look(case: Case) -> Shown:
    old, new = joined(case.old), joined(case.new)
    pages = extract_plain(old), extract_plain(new)
    start = time.process_time()
    diff = compare(*pages)
    spent = time.process_time() - start
    return Shown(
        set=case.set,
        marked=marked(diff),
        least=least(old, new),
        hunks=sum(hunk.op is not HunkOp.KEEP for hunk in diff.hunks),
        ms=1000 * spent * 1000 / max(1, len(words(old))),
    )


def marked(diff: Diff) -> int:
    """Words shown as put in or taken out; moved ones are neither."""
    changes = (hunk for hunk in diff.hunks if hunk.op not in (HunkOp.KEEP, HunkOp.MOVE))
    return sum(len(words(hunk.old)) + len(words(hunk.new)) for hunk in changes)


def least(old: str, new: str) -> int:
    """The fewest words that can be put in and taken out: all that stand outside the longest common
    subsequence."""
    return Indel.distance(words(old), words(new))


def words(text: str) -> list[str]:
    return [token for token in tokens(text) if _WORD.search(token)]


# ---------------------------------------------------------------------- what is printed


def report(marks: Sequence[Mark], shown: Sequence[Shown], data: Path, *, markdown: bool) -> Iterator[str]:
    for title, changed in (("Alignment, F1 of links", False), ("The same without identical sentences", True)):
        yield table(title, ["set", "cases", *ALIGNERS], list(_f1_rows(marks, changed)), markdown=markdown)
    head = ["set", "marked / least, all", "median", "nine of ten", "hunks", "median ms", "nine of ten ms"]
    yield table("What is marked and what it costs", head, list(_shown_rows(shown)), markdown=markdown)


def _f1_rows(marks: Sequence[Mark], changed: bool) -> Iterator[list[Cell]]:
    for name in dict.fromkeys(mark.set for mark in marks):
        here = [mark for mark in marks if mark.set == name]
        cells = [_f1([mark for mark in here if mark.aligner == aligner], changed) for aligner in ALIGNERS]
        yield [name, len(here) // len(ALIGNERS), *cells]


def _f1(marks: Sequence[Mark], changed: bool) -> float:
    """Over all links of the set together."""
    right, both = 0, 0
    for mark in marks:
        right += mark.changed_right if changed else mark.right
        both += mark.changed_found + mark.changed_true if changed else mark.found + mark.true
    return 2 * right / both if both else 1.0


def _shown_rows(shown: Sequence[Shown]) -> Iterator[list[Cell]]:
    for name in dict.fromkeys(look.set for look in shown):
        here = [look for look in shown if look.set == name]
        ratios = [look.marked / look.least for look in here if look.least]
        yield [
            name,
            sum(look.marked for look in here) / sum(look.least for look in here),
            middle(ratios),
            ninth_tenth(ratios),
            mean(float(look.hunks) for look in here),
            middle(look.ms for look in here),
            ninth_tenth(look.ms for look in here),
        ]


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
