"""The hunks of a diff cut into pieces: each of one mark, within one line, with its place in both texts.

A moved passage is pieces at both its ends. Which pieces make a paragraph is not known here.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.report.inline import Mark, Span, joined, word_diff
from storage.records import Diff, Hunk, HunkOp, fold_spaces

_LINES = re.compile(r"((?<!\s)\s*\n\s*)")
_MOST_HUNKS, _MOST_PIECES = 5_000, 15_000
_WORDS = re.compile(r"(^\s*\S+|\S+|^)(\s*)")


class End(enum.Enum):
    NONE = enum.auto()
    HERE = enum.auto()
    AWAY = enum.auto()


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A span with its offsets in the two texts; a moved one knows which end it stands at."""

    span: Span
    old_at: int
    new_at: int
    end: End = End.NONE
    move: int | None = None
    edited: bool = False
    breaks: bool = False

    @property
    def in_old(self) -> bool:
        return self.end is End.AWAY or (self.end is End.NONE and self.span.mark is not Mark.INSERT)

    @property
    def in_new(self) -> bool:
        return self.end is not End.AWAY and self.span.mark is not Mark.DELETE


def pieces(diff: Diff) -> Iterator[Piece]:
    """The hunks cut into single marks, and these at their line breaks. Where there are more than anybody
    reads, the last one says how many changes are left out."""
    for laid, (number, piece) in enumerate(_all_pieces(diff)):
        if laid >= _MOST_PIECES or number >= _MOST_HUNKS:
            left = sum(hunk.op is not HunkOp.KEEP for hunk in diff.hunks[number:])
            said = f"[The two texts differ too much to show all of it: {left:,} more changes are left out.]"
            for text in ("\n", said):
                span = Span(mark=Mark.KEEP, text=text)
                yield Piece(span=span, old_at=piece.old_at, new_at=piece.new_at, breaks=text == "\n")
            return
        yield piece


def _all_pieces(diff: Diff) -> Iterator[tuple[int, Piece]]:
    """Each with the number of its hunk."""
    moved = _moved_texts(diff.hunks)
    old_from = new_from = 0
    for number, hunk in enumerate(diff.hunks):
        old_at, new_at = old_from, new_from
        for piece in _of_hunk(hunk, moved):
            for cut in _cut_at_breaks(replace(piece, old_at=old_at, new_at=new_at)):
                yield number, replace(cut, old_at=old_at, new_at=new_at)
                old_at += len(cut.span.text) if cut.in_old else 0
                new_at += len(cut.span.text) if cut.in_new else 0
        old_from, new_from = old_from + len(hunk.old), new_from + len(hunk.new)


def _moved_texts(hunks: Sequence[Hunk]) -> dict[int, tuple[str, str]]:
    """Move id to the texts at its two ends."""
    texts: dict[int, tuple[str, str]] = {}
    for hunk in hunks:
        if hunk.op is HunkOp.MOVE and hunk.move is not None:
            old, new = texts.get(hunk.move, ("", ""))
            texts[hunk.move] = (old + hunk.old, new + hunk.new)
    return texts


def _of_hunk(hunk: Hunk, moved: dict[int, tuple[str, str]]) -> Iterator[Piece]:
    if hunk.op is HunkOp.KEEP:
        for span in joined(_kept(hunk.old, hunk.new)):
            yield Piece(span=span, old_at=0, new_at=0)
    elif hunk.op is HunkOp.MOVE and hunk.move is not None:
        yield from _of_move(hunk, hunk.move, *moved[hunk.move])
    else:
        for mark, text in ((Mark.DELETE, hunk.old), (Mark.INSERT, hunk.new)):
            if text:
                yield Piece(span=Span(mark=mark, text=text), old_at=0, new_at=0)


def _kept(old: str, new: str) -> Iterator[Span]:
    """Kept words as they are now, and the breaks between and behind them that only one text has. A line
    that is only wrapped elsewhere is no such break."""
    before, after = _in_words(old), _in_words(new)
    if old == new or len(before) != len(after):
        yield Span(mark=Mark.KEEP, text=new)
        return
    for left, ((_, was), (word, now)) in enumerate(zip(before, after, strict=True), 1 - len(after)):
        yield Span(mark=Mark.KEEP, text=word)
        least = 2 if left else 1
        gap = (was.count("\n") >= least) != (now.count("\n") >= least)
        texts = ((Mark.DELETE, was), (Mark.INSERT, now)) if gap else ((Mark.KEEP, now),)
        yield from (Span(mark=mark, text=text) for mark, text in texts if text)


def _in_words(text: str) -> list[tuple[str, str]]:
    """Each word, and the space behind it."""
    return _WORDS.findall(text)


def _of_move(hunk: Hunk, move: int, was: str, now: str) -> Iterator[Piece]:
    edited = fold_spaces(was) != fold_spaces(now)
    if hunk.old:
        span = Span(mark=Mark.KEEP, text=hunk.old)
        yield Piece(span=span, old_at=0, new_at=0, end=End.AWAY, move=move, edited=edited)
    if hunk.new:
        for span in _inside(was, hunk.new) if edited else [Span(mark=Mark.KEEP, text=hunk.new)]:
            yield Piece(span=span, old_at=0, new_at=0, end=End.HERE, move=move, edited=edited)


def _inside(was: str, now: str) -> list[Span]:
    """What was edited in a moved passage; the spaces after it are nobody's edit."""
    words = now.rstrip()
    return [*word_diff(was.rstrip(), words), Span(mark=Mark.KEEP, text=now[len(words) :])]


def _cut_at_breaks(piece: Piece) -> Iterator[Piece]:
    for index, text in enumerate(_LINES.split(piece.span.text)):
        if text:
            yield replace(piece, span=replace(piece.span, text=text), breaks=index % 2 == 1)
