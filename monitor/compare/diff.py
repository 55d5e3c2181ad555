"""The Diff of two extractions: aligned sentences, and hunks of words that rebuild both texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from monitor.compare.align import align
from monitor.compare.hunks import hunk, phrase_hunks, word_hunks
from monitor.compare.likeness import Sentence
from monitor.compare.sentences import sentences
from monitor.compare.words import normalise, shown, words
from storage.records import Aligned, Diff, Extraction, Hunk, HunkOp, SentenceOp, WordCount

__all__ = ["compare", "word_hunks"]



def compare(old: Extraction, new: Extraction) -> Diff:
    """What changed in the text, sentence by sentence and word by word.

    Headline, notices and the other fields are not compared here: ``events`` looks at both
    extractions, which the Diff carries.
    """
    old_sentences, new_sentences = tuple(sentences(old.text)), tuple(sentences(new.text))
    known: dict[str, Sentence] = {}
    aligned = align(*([_comparable(s, known) for s in side] for side in (old_sentences, new_sentences)))
    hunks = tuple(_joined(_hunks(aligned, old_sentences, new_sentences)))
    return Diff(
        old=old,
        new=new,
        old_sentences=old_sentences,
        new_sentences=new_sentences,
        sentences=aligned,
        hunks=hunks,
        words=_count(hunks, new.text),
    )


def _comparable(sentence: str, known: dict[str, Sentence]) -> Sentence:
    bare = sentence.strip()
    if bare not in known:
        text = normalise(bare)
        known[bare] = Sentence(shown=shown(bare), text=text, words=tuple(words(text.lower())))
    return known[bare]


def _hunks(
    aligned: Sequence[Aligned], old_sentences: Sequence[str], new_sentences: Sequence[str]
) -> Iterator[Hunk]:
    """Hunks in the order of both texts. A group with a stranger in its midst is one passage with it."""
    moves = _move_ids(aligned)
    leaving = {i: moves[group] for group in moves for i in group.old}
    old_at = new_at = 0
    for group in aligned:
        if group.op is SentenceOp.MOVE:
            after = "".join(new_sentences[j] for j in group.new)
            yield Hunk(op=HunkOp.MOVE, old="", new=after, move=moves[group])
            new_at = group.new[-1] + 1
        elif (group.old and group.old[0] >= old_at) or (group.new and group.new[0] >= new_at):
            if group.old:
                yield from _left_behind(leaving, old_sentences, old_at, group.old[0])
                old_at = group.old[-1] + 1
            if group.new:
                new_at = group.new[-1] + 1
            yield from _of_group(group, old_sentences, new_sentences)
    yield from _left_behind(leaving, old_sentences, old_at, len(old_sentences))


def _of_group(
    group: Aligned, old_sentences: Sequence[str], new_sentences: Sequence[str]
) -> Iterator[Hunk]:
    before, after = _passage(old_sentences, group.old), _passage(new_sentences, group.new)
    if group.op is SentenceOp.KEEP:
        yield Hunk(op=HunkOp.KEEP, old=before, new=after)
    elif before and after:
        yield from phrase_hunks(before, after)
    else:
        yield hunk(before, after)


def _passage(texts: Sequence[str], places: Sequence[int]) -> str:
    return "".join(texts[places[0] : places[-1] + 1]) if places else ""


def _left_behind(
    leaving: dict[int, int], old_sentences: Sequence[str], start: int, end: int
) -> Iterator[Hunk]:
    """What moved away from between two old sentences."""
    for i in range(start, end):
        if i in leaving:
            yield Hunk(op=HunkOp.MOVE, old=old_sentences[i], new="", move=leaving[i])


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


def _joined(hunks: Iterator[Hunk]) -> Iterator[Hunk]:
    """Neighbours of one kind become one; a deletion beside an insertion becomes a replacement."""
    for (kind, move, _side), run in groupby(hunks, key=_kind):
        together = list(run)
        before, after = "".join(h.old for h in together), "".join(h.new for h in together)
        if kind is None:
            yield hunk(before, after)
        else:
            yield Hunk(op=kind, old=before, new=after, move=move)


def _kind(one: Hunk) -> tuple[HunkOp | None, int | None, bool]:
    """What hunks must share to be told as one; None: a change, whether put in or taken out."""
    moved = one.op is HunkOp.MOVE
    kind = one.op if moved or one.op is HunkOp.KEEP else None
    return kind, one.move, moved and bool(one.old)


def _count(hunks: Sequence[Hunk], new: str) -> WordCount:
    """Words by what became of them; inside a moved passage they are told apart like anywhere else."""
    left = {one.move: one.old for one in hunks if one.op is HunkOp.MOVE and one.old}
    added = deleted = 0
    for one in hunks:
        moved = one.op is HunkOp.MOVE and one.new and one.new.strip() != left[one.move].strip()
        for change in word_hunks(left[one.move], one.new) if moved else (one,):
            if change.op not in (HunkOp.KEEP, HunkOp.MOVE):
                added, deleted = added + len(words(change.new)), deleted + len(words(change.old))
    return WordCount(added=added, deleted=deleted, kept=len(words(new)) - added)
