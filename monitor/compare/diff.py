"""The Diff of two extractions: aligned sentences, and hunks of words that rebuild both texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.compare.align import in_order, matches
from monitor.compare.detail import Detail
from monitor.compare.hunks import BOUNDARY, Step, joined, word_hunks
from monitor.compare.likeness import Sentence
from monitor.compare.sentences import sentences
from monitor.compare.words import count_words, normalise, shown
from storage.records import Aligned, Diff, Extraction, Hunk, HunkOp, SentenceOp, WordCount

__all__ = ["compare", "word_hunks"]


def compare(old: Extraction, new: Extraction) -> Diff:
    """What changed in the text, sentence by sentence and word by word.

    Headline, notices and the other fields are not compared here: ``events`` looks at both
    extractions, which the Diff carries. Of two texts always the same one is compared to the other, so
    that exchanging them exchanges additions and deletions and changes nothing else.
    """
    detail = Detail()
    old_sentences, new_sentences = tuple(sentences(old.text)), tuple(sentences(new.text))
    known: dict[str, Sentence] = {}
    ours, theirs = ([_comparable(s, known) for s in side] for side in (old_sentences, new_sentences))
    if _key(ours) <= _key(theirs):
        aligned = tuple(in_order(ours, theirs, matches(ours, theirs, detail)))
        steps = _steps(aligned, old_sentences, new_sentences, detail)
    else:
        found = matches(theirs, ours, detail)
        aligned = tuple(in_order(ours, theirs, [match.turned() for match in found]))
        back = _steps(tuple(in_order(theirs, ours, found)), new_sentences, old_sentences, detail)
        steps = ((op, before, after, move) for op, after, before, move in back)
    hunks = tuple(joined(steps))
    words = _count(hunks, sum(map(count_words, new_sentences)), detail)
    return Diff(
        old=old,
        new=new,
        old_sentences=old_sentences,
        new_sentences=new_sentences,
        sentences=aligned,
        hunks=hunks,
        words=words,
        coarse=not detail.sufficed,
    )


def _key(side: Sequence[Sentence]) -> tuple[int, list[str]]:
    return len(side), [sentence.text for sentence in side]


def _comparable(sentence: str, known: dict[str, Sentence]) -> Sentence:
    bare = sentence.strip()
    if bare not in known:
        text = normalise(bare)
        plain = bare.isascii() and "`" not in bare
        known[bare] = Sentence(shown=text if plain else shown(bare), text=text)
    return known[bare]


def _steps(
    aligned: Sequence[Aligned], old_sentences: Sequence[str], new_sentences: Sequence[str], detail: Detail
) -> Iterator[Step]:
    """What becomes of the text, in the order of both. A group with a stranger in its midst is one passage
    with it."""
    moves = _move_ids(aligned)
    leaving = {i: moves[group] for group in moves for i in group.old}
    made: dict[tuple[str, str], list[Step]] = {}
    old_at = new_at = 0
    for group in aligned:
        if group.op is SentenceOp.MOVE:
            after = "".join(new_sentences[j] for j in group.new)
            yield HunkOp.MOVE, "", after, moves[group]
            new_at = group.new[-1] + 1
        elif (group.old and group.old[0] >= old_at) or (group.new and group.new[0] >= new_at):
            before, after = _passage(old_sentences, group.old), _passage(new_sentences, group.new)
            if group.old:
                for i in range(old_at, group.old[0]):
                    if i in leaving:
                        yield HunkOp.MOVE, old_sentences[i], "", leaving[i]
                old_at = group.old[-1] + 1
            if group.new:
                new_at = group.new[-1] + 1
            if group.op is SentenceOp.KEEP or not (before and after):
                yield HunkOp.KEEP if before and after else None, before, after, None
            else:
                if (before, after) not in made:
                    made[before, after] = list(detail.steps(before, after))
                yield BOUNDARY
                yield from made[before, after]
                yield BOUNDARY
    for i in range(old_at, len(old_sentences)):
        if i in leaving:
            yield HunkOp.MOVE, old_sentences[i], "", leaving[i]


def _passage(texts: Sequence[str], places: Sequence[int]) -> str:
    return "".join(texts[places[0] : places[-1] + 1]) if places else ""


def _move_ids(aligned: Sequence[Aligned]) -> dict[Aligned, int]:
    """A number for each moved passage; sentences that moved together share one."""
    ids: dict[Aligned, int] = {}
    last: Aligned | None = None
    number = 0
    for group in aligned:
        if group.op is SentenceOp.MOVE:
            number += last is None or group.old[0] != last.old[-1] + 1
            ids[group] = number
        last = group if group.op is SentenceOp.MOVE else None
    return ids


def _count(hunks: Sequence[Hunk], total: int, detail: Detail) -> WordCount:
    """Words by what became of them, of so many that the new text has; inside a moved passage they are
    told apart like anywhere else."""
    left = {one.move: one.old for one in hunks if one.op is HunkOp.MOVE and one.old}
    added = deleted = 0
    for one in hunks:
        moved = one.op is HunkOp.MOVE and one.new and one.new.strip() != left[one.move].strip()
        for change in detail.word_hunks(left[one.move], one.new) if moved else (one,):
            if change.op not in (HunkOp.KEEP, HunkOp.MOVE):
                added, deleted = added + count_words(change.new), deleted + count_words(change.old)
    return WordCount(added=added, deleted=deleted, kept=total - added)
