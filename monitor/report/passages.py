"""A diff laid out for reading: paragraphs of marked runs, the unchanged ones folded.

Every renderer of text draws from here, so that they agree on what is folded, where a
moved passage went and which paragraph is which. Hunks keep the exact texts; this layout
may drop the white space between paragraphs, and nothing else.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.report.inline import Mark, Span, joined
from monitor.report.pieces import End, Piece, pieces
from storage.records import Diff, Extraction, HunkOp

_FOLD_FROM = 40
_MOST_MISSED = 2_000  # paragraphs that are not found as they are; beyond these none is looked for


@dataclass(frozen=True, kw_only=True)
class Move:
    """One end of a moved passage: ``here`` where it is now, otherwise where it was.
    ``other`` is the number of the paragraph at the other end, ``edited`` whether the
    passage was also changed (its changes are marked where it is now)."""

    id: int
    here: bool
    other: int | None
    edited: bool

    @property
    def label(self) -> str:
        """``moved from paragraph 4 and edited``."""
        way = "moved from" if self.here else "moved to"
        place = "elsewhere" if self.other is None else f"paragraph {self.other}"
        return f"{way} {place}{' and edited' if self.edited else ''}"


@dataclass(frozen=True, kw_only=True)
class Run:
    """Spans that stand together: within one moved passage, or outside any."""

    spans: tuple[Span, ...]
    move: Move | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """One paragraph on the page. ``old`` and ``new`` are the numbers, from 1, of the
    paragraphs of the two texts that begin in it."""

    runs: tuple[Run, ...]
    old: tuple[int, ...]
    new: tuple[int, ...]

    @property
    def changed(self) -> bool:
        return any(run.move or any(s.mark is not Mark.KEEP for s in run.spans) for run in self.runs)

    @property
    def words(self) -> int:
        return sum(len(span.text.split()) for run in self.runs for span in run.spans)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Neighbouring blocks that are all changed or all not; ``folded`` where a reader should
    have to ask for them."""

    blocks: tuple[Block, ...]
    folded: bool
    words: int


def passages(diff: Diff, *, fold_from: int = _FOLD_FROM) -> tuple[Passage, ...]:
    """The whole text in order. Unchanged stretches of ``fold_from`` words or more are folded."""
    return tuple(_folded(blocks(diff), fold_from))


def blocks(diff: Diff) -> tuple[Block, ...]:
    """The whole text as paragraphs."""
    places = _Places.of(diff)
    lines = _paragraphs(list(pieces(diff)))
    return tuple(_block(part, places) for line in lines for part in _apart(line, places))


def _folded(all_blocks: Sequence[Block], fold_from: int) -> Iterator[Passage]:
    for changed, group in itertools.groupby(all_blocks, key=lambda block: block.changed):
        together = tuple(group)
        words = sum(block.words for block in together)
        folded = not changed and words >= fold_from
        yield Passage(blocks=together, folded=folded, words=words)


# ------------------------------------------------------------------ pieces to paragraphs


def _paragraphs(laid: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Break where either text breaks. A break that only one text has, amid unchanged words,
    is shown as a marked ``¶``; one that only the old text has does not break the line."""
    line: list[Piece] = []
    groups = [(gap, list(g)) for gap, g in itertools.groupby(laid, key=_is_gap)]
    for index, (gap, group) in enumerate(groups):
        breaking = gap and any(piece.breaks for piece in group)
        if not breaking:
            line += group
            continue
        kept = _kept_around(groups, index)
        line += _sign(group) if kept else []
        if line and not (kept and _only_in(group, old=True)):
            yield line
            line = []
    if line:
        yield line


def _is_gap(piece: Piece) -> bool:
    return not piece.span.text.strip()


def _kept_around(groups: Sequence[tuple[bool, list[Piece]]], index: int) -> bool:
    if not 0 < index < len(groups) - 1:
        return False
    around = (groups[index - 1][1][-1], groups[index + 1][1][0])
    return all(piece.end is End.NONE and piece.span.mark is Mark.KEEP for piece in around)


def _only_in(group: Sequence[Piece], *, old: bool) -> bool:
    """Does only the old text (or only the new one) break here?"""
    breaks_old = any(piece.breaks and piece.in_old for piece in group)
    breaks_new = any(piece.breaks and piece.in_new for piece in group)
    return breaks_old is old and breaks_new is not old


def _sign(group: Sequence[Piece]) -> list[Piece]:
    for old, mark, text in ((True, Mark.DELETE, " ¶ "), (False, Mark.INSERT, " ¶")):
        if _only_in(group, old=old):
            return [replace(group[0], span=Span(mark=mark, text=text))]
    return []


# ------------------------------------------------------------------ paragraphs to blocks


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where the paragraphs of the two texts begin, where these end, and where each move has its ends."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    lengths: tuple[int, int]
    moves: dict[tuple[int, bool], int]

    def begins(self, piece: Piece) -> bool:
        """Does a paragraph of the piece's text begin with it?"""
        starts, at = (self.old, piece.old_at) if piece.in_old else (self.new, piece.new_at)
        return at in starts[bisect_left(starts, at) : bisect_right(starts, at)]

    def ends(self, piece: Piece) -> bool:
        """Does the piece's text end with it?"""
        at, length = (piece.old_at, self.lengths[0]) if piece.in_old else (piece.new_at, self.lengths[1])
        return at + len(piece.span.text) >= length

    @classmethod
    def of(cls, diff: Diff) -> _Places:
        old = _starts("".join(diff.old_sentences), diff.old)
        new = _starts("".join(diff.new_sentences), diff.new)
        moves: dict[tuple[int, bool], int] = {}
        old_at = new_at = 0
        for hunk in diff.hunks:
            if hunk.op is HunkOp.MOVE and hunk.move is not None:
                number = bisect_right(new, new_at) if hunk.new else bisect_right(old, old_at)
                moves.setdefault((hunk.move, bool(hunk.new)), max(number, 1))
            old_at, new_at = old_at + len(hunk.old), new_at + len(hunk.new)
        return cls(old=old, new=new, lengths=(old_at, new_at), moves=moves)


def _apart(line: Sequence[Piece], places: _Places) -> Iterator[Sequence[Piece]]:
    """The line, cut where a paragraph that ends one text, and has no break behind it therefore, meets
    one that begins in the other."""
    start = 0
    for index in range(1, len(line)):
        before, after = line[index - 1], line[index]
        one_sided = before.in_old != before.in_new and after.in_old != after.in_new
        meet = one_sided and before.in_old != after.in_old and places.ends(before)
        if meet and places.begins(line[start]) and places.begins(after):
            yield line[start:index]
            start = index
    yield line[start:]


def _starts(text: str, extraction: Extraction) -> tuple[int, ...]:
    """The offset of each paragraph; one that is not found as it is shares the last place."""
    starts, at, missed = [], 0, 0
    for paragraph in extraction.paragraphs:
        found = text.find(paragraph.text, at) if missed <= _MOST_MISSED else -1
        missed += found < 0
        starts.append(found if found >= 0 else at)
        at = found + len(paragraph.text) if found >= 0 else at
    return tuple(starts)


def _block(line: Sequence[Piece], places: _Places) -> Block:
    runs = [
        Run(spans=joined(piece.span for piece in group), move=_move(key, places))
        for key, group in itertools.groupby(line, key=lambda p: (p.move, p.end, p.edited))
    ]
    return Block(
        runs=tuple(runs),
        old=_beginning(places.old, [p.old_at for p in line if p.in_old], line, old=True),
        new=_beginning(places.new, [p.new_at for p in line if p.in_new], line, old=False),
    )


def _move(key: tuple[int | None, End, bool], places: _Places) -> Move | None:
    move, end, edited = key
    if move is None:
        return None
    here = end is End.HERE
    return Move(id=move, here=here, other=places.moves.get((move, not here)), edited=edited)


def _beginning(
    starts: Sequence[int], offsets: Sequence[int], line: Sequence[Piece], *, old: bool
) -> tuple[int, ...]:
    """The numbers of the paragraphs that begin between the line's first offset and its end."""
    if not offsets:
        return ()
    last = [piece for piece in line if (piece.in_old if old else piece.in_new)][-1]
    end = offsets[-1] + len(last.span.text)
    return tuple(range(bisect_left(starts, offsets[0]) + 1, bisect_left(starts, end) + 1))
