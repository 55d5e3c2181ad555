"""The Diff of two extractions: aligned sentences, and hunks of words that rebuild both texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Indel

from monitor.compare.align import Sentence, align
from monitor.compare.words import normalise, sentences, tokens
from storage.records import Aligned, Diff, Extraction, Hunk, HunkOp, SentenceOp, WordCount, fold_spaces

_ISLAND = 3
_WORD = re.compile(r"\w")


def compare(old: Extraction, new: Extraction) -> Diff:
    """What changed in the text, sentence by sentence and word by word.

    Headline, notices and the other fields are not compared here: ``events`` looks at both
    extractions, which the Diff carries.
    """
    old_sentences, new_sentences = tuple(sentences(old.text)), tuple(sentences(new.text))
    aligned = align([_comparable(s) for s in old_sentences], [_comparable(s) for s in new_sentences])
    hunks = tuple(_join_runs(_hunks(aligned, old_sentences, new_sentences)))
    return Diff(
        old=old,
        new=new,
        old_sentences=old_sentences,
        new_sentences=new_sentences,
        sentences=aligned,
        hunks=hunks,
        words=_count(hunks),
    )


def word_hunks(old: str, new: str) -> list[Hunk]:
    """The smallest word edit from one passage to another; a run of up to three tokens with one
    word or none between two larger changes is taken into them, since it only looks kept."""
    a, b = tokens(old), tokens(new)
    folded_a, folded_b = [_folded(t) for t in a], [_folded(t) for t in b]
    found: list[Hunk] = []
    for code in Indel.opcodes(folded_a, folded_b):
        before, after = "".join(a[code.src_start : code.src_end]), "".join(b[code.dest_start : code.dest_end])
        found.append(_hunk(before, after, kept=code.tag == "equal"))
    return list(_join_runs(_absorb_islands(list(_join_runs(iter(found))))))


def _comparable(sentence: str) -> Sentence:
    text = normalise(sentence)
    return Sentence(fold_spaces(sentence), text, tuple(t for t in tokens(text.lower()) if _WORD.search(t)))


def _hunks(
    aligned: Sequence[Aligned], old_sentences: Sequence[str], new_sentences: Sequence[str]
) -> Iterator[Hunk]:
    moves = _move_ids(aligned)
    leaving = {i: moves[group] for group in moves for i in group.old}
    position = 0
    for group in aligned:
        before = "".join(old_sentences[i] for i in group.old)
        after = "".join(new_sentences[j] for j in group.new)
        if group.op is SentenceOp.MOVE:
            yield Hunk(op=HunkOp.MOVE, old="", new=after, move=moves[group])
            continue
        if group.old:
            yield from _left_behind(leaving, old_sentences, position, group.old[0])
            position = max(position, group.old[-1] + 1)
        if group.op is SentenceOp.KEEP:
            yield Hunk(op=HunkOp.KEEP, old=before, new=after)
        elif before and after:
            yield from word_hunks(before, after)
        else:
            yield _hunk(before, after, kept=False)
    yield from _left_behind(leaving, old_sentences, position, len(old_sentences))


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
    for group in aligned:
        if group.op is SentenceOp.MOVE:
            together = last is not None and group.old[0] == last.old[-1] + 1
            ids[group] = ids[last] if together and last is not None else len(set(ids.values())) + 1
        last = group if group.op is SentenceOp.MOVE else None
    return ids


def _hunk(before: str, after: str, *, kept: bool) -> Hunk:
    if kept:
        op = HunkOp.KEEP
    elif before and after:
        op = HunkOp.REPLACE
    else:
        op = HunkOp.DELETE if before else HunkOp.INSERT
    return Hunk(op=op, old=before, new=after)


def _join_runs(hunks: Iterator[Hunk]) -> Iterator[Hunk]:
    """Neighbours of one kind become one; a deletion beside an insertion becomes a replacement."""
    waiting: Hunk | None = None
    for hunk in hunks:
        if waiting is None:
            waiting = hunk
        elif _same_run(waiting, hunk):
            kept = hunk.op is HunkOp.KEEP
            moved = hunk.op is HunkOp.MOVE
            joined = _hunk(waiting.old + hunk.old, waiting.new + hunk.new, kept=kept)
            waiting = (
                Hunk(op=HunkOp.MOVE, old=joined.old, new=joined.new, move=hunk.move) if moved else joined
            )
        else:
            yield waiting
            waiting = hunk
    if waiting is not None:
        yield waiting


def _same_run(first: Hunk, second: Hunk) -> bool:
    if HunkOp.MOVE in (first.op, second.op):
        same_side = bool(first.old) == bool(second.old)
        return first.op is second.op and first.move == second.move and same_side
    return (first.op is HunkOp.KEEP) == (second.op is HunkOp.KEEP)


def _absorb_islands(hunks: list[Hunk]) -> Iterator[Hunk]:
    for place, hunk in enumerate(hunks):
        inner = 0 < place < len(hunks) - 1 and hunk.op is HunkOp.KEEP
        if inner and _is_island(hunk, hunks[place - 1], hunks[place + 1]):
            yield _hunk(hunk.old, hunk.new, kept=False)
        else:
            yield hunk


def _is_island(hunk: Hunk, before: Hunk, after: Hunk) -> bool:
    inside = tokens(hunk.old)
    words = [t for t in inside if _WORD.search(t)]
    around = min(len(tokens(before.old + before.new)), len(tokens(after.old + after.new)))
    return len(inside) <= _ISLAND and len(words) < 2 and around > len(inside)


def _folded(token: str) -> str:
    return " " if token.isspace() else token


def _count(hunks: Sequence[Hunk]) -> WordCount:
    added = deleted = kept = 0
    for hunk in hunks:
        before, after = _words_in(hunk.old), _words_in(hunk.new)
        if hunk.op in (HunkOp.KEEP, HunkOp.MOVE):
            kept += after
        else:
            added, deleted = added + after, deleted + before
    return WordCount(added=added, deleted=deleted, kept=kept)


def _words_in(text: str) -> int:
    return sum(1 for token in tokens(text) if _WORD.search(token))
