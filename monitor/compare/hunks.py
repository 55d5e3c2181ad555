"""The smallest edit from one passage to another, in words, and put so that it can be read.

Each word carries the white space behind it, and words are compared in one style of marks, so that neither
is ever an edit of its own. A date or a sum that changed is shown as a whole, and so is a name that became
another one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from rapidfuzz.distance import Indel

from monitor.compare.matching import matching
from monitor.compare.phrases import may_touch, names, quantities
from monitor.compare.words import one_style, spaced, words
from storage.records import Hunk, HunkOp

_ISLAND = 2
_LONGEST_PHRASED = 20_000
_SPELT_ALIKE = 0.7

Pair = tuple[int, int]
# What becomes of some old and new words: they are kept, they are moved with that number, or (None) changed.
Step = tuple[HunkOp | None, str, str, int | None]
BOUNDARY: Step = (HunkOp.KEEP, "", "", None)  # what stands on its two sides is not told as one


def word_hunks(old: str, new: str) -> list[Hunk]:
    """The smallest word edit from one passage to another; a word that only looks kept between two larger
    changes is taken into them."""
    return list(joined(word_steps(units(old), units(new))))


def word_steps(a: Units, b: Units) -> Iterator[Step]:
    return _rendered(a, b, _without_islands(a, b, _pairs(a, b)))


def phrase_steps(a: Units, b: Units) -> Iterator[Step]:
    """The same, with no quantity half changed, and no name that was exchanged for another."""
    pairs = _without_islands(a, b, _pairs(a, b))
    if max(a.ends[-1:] + b.ends[-1:], default=0) <= _LONGEST_PHRASED:
        pairs = _whole_phrases("".join(a.texts), "".join(b.texts), a, b, pairs)
    return _rendered(a, b, pairs)


def joined(steps: Iterator[Step]) -> Iterator[Hunk]:
    """Hunks of steps: neighbours of one kind become one, a deletion beside an insertion a replacement."""
    for (op, move, _side), run in groupby(steps, key=_kind):
        together = list(run)
        before, after = "".join([step[1] for step in together]), "".join([step[2] for step in together])
        if not (before or after):
            continue
        yield Hunk(op=op or _change(before, after), old=before, new=after, move=move)


def _change(before: str, after: str) -> HunkOp:
    """What became of words that are not simply kept; what one group lost and the next one got is."""
    if not (before and after):
        return HunkOp.DELETE if before else HunkOp.INSERT
    return HunkOp.KEEP if one_style(before).split() == one_style(after).split() else HunkOp.REPLACE


def _kind(step: Step) -> tuple[HunkOp | None, int | None, bool]:
    """What neighbours must share to be told as one."""
    return step[0], step[3], step[3] is not None and bool(step[1])


@dataclass(frozen=True, kw_only=True)
class Units:
    """A passage as words and marks, each with the white space behind it: as written, as compared, and
    where each ends."""

    texts: list[str]
    keys: list[str]
    ends: list[int]


def units(text: str) -> Units:
    texts = spaced(text)
    keys = [unit.rstrip() for unit in texts]
    if not text.isascii() or "`" in text:
        keys = [key if key.isalnum() and key.isascii() else one_style(key) for key in keys]
    return Units(texts=texts, keys=keys, ends=list(accumulate(map(len, texts))))


def _pairs(a: Units, b: Units) -> list[Pair]:
    return [(i + k, j + k) for i, j, length in matching(a.keys, b.keys) for k in range(length)]


# ---------------------------------------------------------------------- what only looks kept


def _without_islands(a: Units, b: Units, pairs: list[Pair]) -> list[Pair]:
    """Without those runs of one word or mark, or a word and a mark, that stand between two changes which
    are larger and of which both sides have something."""
    runs = list(_runs(pairs))
    edges = [(0, 0), *((run[-1][0] + 1, run[-1][1] + 1) for run in runs)]
    starts = [*(run[0] for run in runs), (len(a.texts), len(b.texts))]
    changes = [(i - p, j - q) for (p, q), (i, j) in zip(edges, starts, strict=True)]
    kept: list[Pair] = []
    for run, before, after in zip(runs, changes, changes[1:], strict=False):
        if not _is_island(a, run, before, after):
            kept += run
    return kept


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    run: list[Pair] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _is_island(a: Units, run: Sequence[Pair], before: Pair, after: Pair) -> bool:
    if len(run) > _ISLAND or len(words("".join(a.texts[i] for i, _j in run))) > 1:
        return False
    both = before[0] + after[0] > 1 and before[1] + after[1] > 1
    return both and min(sum(before), sum(after)) > 2 * len(run) + 1


# ---------------------------------------------------------------------- what is one thing


def _whole_phrases(old: str, new: str, a: Units, b: Units, pairs: list[Pair]) -> list[Pair]:
    """Without the pairs inside a phrase that changed. That can break another phrase, so that it is done
    until nothing more is broken."""
    kept = {i for i, _j in pairs}, {j for _i, j in pairs}
    changed = [text for n, side in enumerate((a, b)) for k, text in enumerate(side.texts) if k not in kept[n]]
    if not may_touch(" ".join(changed)):
        return pairs
    sides = ((a, old), (b, new))
    whole = [[_covered(side, extent) for extent in quantities(text)] for side, text in sides]
    named = [[_covered(side, extent) for extent in names(text)] for side, text in sides]
    while True:
        broken: set[int] = set()
        for side in (0, 1):
            places = [pair[side] for pair in pairs]
            for start, end in whole[side]:
                inside = range(bisect_left(places, start), bisect_left(places, end))
                if 0 < len(inside) < end - start or _is_pulled_apart(pairs, inside):
                    broken.update(inside)
            for start, end in named[side]:
                inside = range(bisect_left(places, start), bisect_left(places, end))
                if inside and _is_exchanged(sides, pairs, inside, side, start, end):
                    broken.update(inside)
        if not broken:
            return pairs
        pairs = [pair for number, pair in enumerate(pairs) if number not in broken]


def _covered(units: Units, extent: tuple[int, int]) -> Pair:
    """The units that a stretch of the text touches: first, and one past the last."""
    return bisect_right(units.ends, extent[0]), bisect_left(units.ends, extent[1]) + 1


def _is_pulled_apart(pairs: Sequence[Pair], inside: range) -> bool:
    """Whether something was put between words that stood together."""
    found = pairs[inside.start : inside.stop]
    return any((i + 1, j + 1) != after for (i, j), after in pairwise(found))


def _is_exchanged(
    sides: Sequence[tuple[Units, str]], pairs: Sequence[Pair], inside: range, side: int, start: int, end: int
) -> bool:
    """Whether at least half of a name gave way to other words, and not to another spelling of them."""
    if 2 * len(inside) > end - start or len(inside) == end - start:
        return False
    first, last = inside.start, inside.stop - 1
    lower = pairs[first - 1][1 - side] + 1 if first else 0
    other = sides[1 - side][0]
    upper = pairs[last + 1][1 - side] if last + 1 < len(pairs) else len(other.texts)
    held = {pair[1 - side] for pair in pairs[first : last + 1]}
    mine = {pair[side] for pair in pairs[first : last + 1]}
    gone = "".join(sides[side][0].texts[k] for k in range(start, end) if k not in mine).strip()
    near = [k for k in range(lower, upper) if k not in held]
    near = [k for k in near if min(abs(k - h) for h in held) <= end - start]
    came = "".join(other.texts[k] for k in near).strip()
    if not came[:1].isupper():
        return False
    return Indel.normalized_similarity(gone.lower(), came.lower()) < _SPELT_ALIKE


# ---------------------------------------------------------------------- what is shown


def _rendered(a: Units, b: Units, pairs: Sequence[Pair]) -> Iterator[Step]:
    """Steps in turn; white space that both sides of a change end with is kept."""
    at_a = at_b = 0
    for run in (*_runs(pairs), [(len(a.texts), len(b.texts))]):
        i, j = run[0]
        before, after = "".join(a.texts[at_a:i]), "".join(b.texts[at_b:j])
        at_a, at_b = run[-1][0] + 1, run[-1][1] + 1
        kept = "".join(a.texts[i:at_a]), "".join(b.texts[j:at_b])
        bare_before, bare_after = before.rstrip(), after.rstrip()
        if bare_before and bare_after and bare_before != before and bare_after != after:
            kept = before[len(bare_before) :] + kept[0], after[len(bare_after) :] + kept[1]
            before, after = bare_before, bare_after
        if before or after:
            yield None, before, after, None
        if kept[0] and kept[1]:
            yield HunkOp.KEEP, kept[0], kept[1], None
