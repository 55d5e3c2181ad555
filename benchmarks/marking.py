"""How much of two versions is marked as changed, whether it is what people marked, and what that costs.

Also texts that are hard on any comparison, made up so that they are as bad as they can be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from random import Random

from rapidfuzz.distance import Indel

from benchmarks.aligners import joined
from benchmarks.versions import Annotated, Case, Changed
from monitor.compare import compare
from monitor.compare.words import words
from monitor.extract import extract_plain
from storage.records import Diff, Extraction, HunkOp

_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu".split()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a reader of the diff is shown: words marked, the fewest that can be, hunks that are no keep.
    Milliseconds of processor time for each thousand words of the old text, the best of three, beside what
    difflib takes to match its words."""

    set: str
    marked: int
    least: int
    hunks: int
    ms: float
    difflib_ms: float


def look(case: Case) -> Shown:
    old, new = joined(case.old), joined(case.new)
    thousand = max(1, len(words(old))) / 1000
    pages, (one, two) = (extract_plain(old), extract_plain(new)), (words(old), words(new))
    diff = compare(*pages)
    return Shown(
        set=case.set,
        marked=marked(diff),
        least=Indel.distance(one, two),
        hunks=sum(hunk.op is not HunkOp.KEEP for hunk in diff.hunks),
        ms=_best_ms(lambda: compare(*pages)) / thousand,
        difflib_ms=_best_ms(lambda: SequenceMatcher(None, one, two, autojunk=False).get_opcodes()) / thousand,
    )


def _best_ms(work: Callable[[], object]) -> float:
    """The least of three times: what else the machine does only adds to it."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - start))
    return min(spent)


def timed(old: Extraction, new: Extraction) -> tuple[Diff, float]:
    """The diff, and how many milliseconds of the processor it took."""
    start = time.process_time()
    diff = compare(old, new)
    return diff, 1000 * (time.process_time() - start)


def marked(diff: Diff) -> int:
    """Words shown as put in or taken out; moved ones are neither."""
    changes = (hunk for hunk in diff.hunks if hunk.op not in (HunkOp.KEEP, HunkOp.MOVE))
    return sum(len(words(hunk.old)) + len(words(hunk.new)) for hunk in changes)


# ---------------------------------------------------------------------- what people marked


def by_writethru(pair: Annotated) -> Changed:
    diff = compare(_plain(pair.old), _plain(pair.new))
    ends = [list(accumulate(len(word) + 1 for word in side.split(" "))) for side in (pair.old, pair.new)]
    at = [0, 0]
    found = set()
    for hunk in diff.hunks:
        for side, text in enumerate((hunk.old, hunk.new)):
            if hunk.op is not HunkOp.KEEP and text.strip():
                start, end = at[side], at[side] + len(text.rstrip())
                found |= {
                    (side, place)
                    for place, (stop, begin) in enumerate(zip(ends[side], [0, *ends[side]], strict=False))
                    if begin < end and stop - 1 > start
                }
            at[side] += len(text)
    return frozenset(found)


def by_difflib(pair: Annotated) -> Changed:
    matcher = SequenceMatcher(None, pair.old.split(" "), pair.new.split(" "), autojunk=False)
    return _outside(
        [(code[1], code[2], code[3], code[4]) for code in matcher.get_opcodes() if code[0] != "equal"]
    )


def by_indel(pair: Annotated) -> Changed:
    codes = Indel.opcodes(pair.old.split(" "), pair.new.split(" "))
    return _outside([(c.src_start, c.src_end, c.dest_start, c.dest_end) for c in codes if c.tag != "equal"])


MARKERS: dict[str, Callable[[Annotated], Changed]] = {
    "writethru": by_writethru,
    "difflib words": by_difflib,
    "Indel words": by_indel,
}


def agreement(pairs: Sequence[Annotated], marker: Callable[[Annotated], Changed]) -> tuple[float, float]:
    """F1 of the words marked, over all pairs together, and the share of pairs marked exactly; of several
    readings the one that is nearest."""
    right = both = exact = 0
    for pair in pairs:
        found = marker(pair)
        true = max(pair.readings, key=lambda reading: _f1(reading, found))
        right, both = right + len(true & found), both + len(true) + len(found)
        exact += true == found
    return 2 * right / both, exact / len(pairs)


def _f1(true: Changed, found: Changed) -> float:
    return 2 * len(true & found) / (len(true) + len(found)) if true or found else 1.0


def _outside(codes: Sequence[tuple[int, int, int, int]]) -> Changed:
    old = {(0, place) for start, end, _, _ in codes for place in range(start, end)}
    return frozenset(old | {(1, place) for _, _, start, end in codes for place in range(start, end)})


# ---------------------------------------------------------------------- the worst that can come


def hard_pairs() -> Iterator[tuple[str, str, str]]:
    """Name, old and new text."""
    random = Random(3)
    yield "100 KB, all different", _lines(random, 950, 18), _lines(random, 950, 18)
    yield "6,000 different lines", _lines(random, 6000, 8), _lines(random, 6000, 8)
    like = "The council of the town voted on item {} of the plan to close the old bridge over the river."
    one, two = ([like.format(n) for n in range(first, first + 1050)] for first in (0, 5000))
    yield "100 KB, all alike", "\n".join(one), "\n".join(two)
    yield "100 KB, all alike, one line", " ".join(one), " ".join(two)
    yield "10,000 times the same short line", "The same line.\n" * 10_000, "The same line.\n" * 9_000
    yield "10,000 times another short line", "The same line.\n" * 10_000, "The other line.\n" * 10_000
    yield "2 MB without a space or a mark", "a" * 2_000_000, "b" * 2_000_000
    yield "200 KB of accents on one letter", "a" + "\u0301\u0316" * 100_000, "b" + "\u0316\u0301" * 100_000
    yield "400 KB of abbreviations", "Mr. " * 100_000, "Dr. " * 100_000
    shuffled = _lines(random, 3000, 12).splitlines()
    yield "3,000 lines in another order", "\n".join(shuffled), "\n".join(random.sample(shuffled, 3000))


def _lines(random: Random, count: int, length: int) -> str:
    """Lines of words that are hardly ever the same."""

    def word() -> str:
        return "".join(random.choice(_SYLLABLES) for _ in range(random.randint(1, 4)))

    return "\n".join(" ".join(word() for _ in range(length)).capitalize() + "." for _ in range(count))


def _plain(text: str) -> Extraction:
    return Extraction(headline=None, paragraphs=(), extractor="benchmark/1", plain=True, whole=text)
