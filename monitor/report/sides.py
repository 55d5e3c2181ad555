"""Passages as rows of two sides: what stood there, and what stands there now.

A row holds one paragraph of the layout that every renderer shares, so the two sides stay in
step, and one row serves the inline view as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.report.fields import Field, changed_fields
from monitor.report.inline import Mark, Span, word_diff
from monitor.report.passages import Block, Passage, Run, blocks
from monitor.report.visible import bare
from storage.records import Diff


@dataclass(frozen=True, kw_only=True)
class Row:
    """One paragraph: the block as it reads inline, and its runs on either side (none: that side has
    nothing here). ``change`` numbers the changed rows from 1. ``invisible`` where the change is of
    characters that do not show."""

    block: Block
    old: tuple[Run, ...]
    new: tuple[Run, ...]
    change: int | None
    invisible: bool

    @property
    def whole(self) -> str | None:
        """What happened to all of it alike: ``inserted``, ``deleted`` or ``moved``; None otherwise."""
        filled = [run for run in self.block.runs if any(span.text.strip() for span in run.spans)]
        if filled and all(run.move for run in filled):
            return "moved"
        marks = {span.mark for run in filled for span in run.spans if span.text.strip()}
        if any(run.move for run in filled) or len(marks) != 1:
            return None
        return {Mark.INSERT: "inserted", Mark.DELETE: "deleted"}.get(marks.pop())


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A passage in rows."""

    rows: tuple[Row, ...]
    folded: bool
    words: int


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """A changed field: its spans as they read inline, and on either side."""

    name: str
    spans: tuple[Span, ...]
    old: tuple[Run, ...]
    new: tuple[Run, ...]


def field_rows(fields: Iterable[Field]) -> tuple[FieldRow, ...]:
    return tuple(
        FieldRow(
            name=field.name,
            spans=field.spans,
            old=tuple(_without(Mark.INSERT, [Run(spans=field.spans)])),
            new=tuple(_without(Mark.DELETE, [Run(spans=field.spans)])),
        )
        for field in fields
    )


def is_invisible(diff: Diff) -> bool:
    """Did nothing change but characters that do not show?"""
    changed = [block for block in blocks(diff) if block.changed]
    return bool(changed) and all(_is_invisible(block) for block in changed) and not changed_fields(diff)


def stretches(passages: Sequence[Passage]) -> tuple[Stretch, ...]:
    """The passages in rows; the deletions inside a moved passage are marked where it was."""
    left = _Left.of(block for passage in passages for block in passage.blocks)
    found, changes = [], 0
    for passage in passages:
        rows = []
        for block in passage.blocks:
            changes += block.changed
            rows.append(_row(block, changes if block.changed else None, left))
        found.append(Stretch(rows=tuple(rows), folded=passage.folded, words=passage.words))
    return tuple(found)


def _row(block: Block, change: int | None, left: _Left) -> Row:
    old = [left.taken(run) for run in block.runs if run.move is None or not run.move.here]
    new = [run for run in block.runs if run.move is None or run.move.here]
    return Row(
        block=block,
        old=tuple(_without(Mark.INSERT, old)),
        new=tuple(_without(Mark.DELETE, new)),
        change=change,
        invisible=change is not None and _is_invisible(block),
    )


def _without(mark: Mark, runs: Iterable[Run]) -> Iterator[Run]:
    for run in runs:
        spans = tuple(span for span in run.spans if span.mark is not mark)
        if spans:
            yield replace(run, spans=spans)


def _is_invisible(block: Block) -> bool:
    if any(run.move for run in block.runs):
        return False
    spans = [span for run in block.runs for span in run.spans]
    old, new = (
        "".join(span.text for span in spans if span.mark is not mark) for mark in (Mark.INSERT, Mark.DELETE)
    )
    return bare(old) == bare(new)


@dataclass(kw_only=True)
class _Left:
    """What each moved passage said where it was, with its deletions marked, still to be dealt out
    to the runs that it left there, in their order."""

    spans: dict[int, list[Span]]

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> _Left:
        was: dict[int, str] = {}
        now: dict[int, str] = {}
        for run in (run for block in blocks for run in block.runs if run.move and run.move.edited):
            if run.move is None:
                continue
            texts, unwanted = (now, Mark.DELETE) if run.move.here else (was, None)
            text = "".join(span.text for span in run.spans if span.mark is not unwanted)
            texts[run.move.id] = texts.get(run.move.id, "") + text
        diffs = {move: word_diff(text, now.get(move, "")) for move, text in was.items()}
        return cls(
            spans={move: [s for s in diff if s.mark is not Mark.INSERT] for move, diff in diffs.items()}
        )

    def taken(self, run: Run) -> Run:
        """The run with its deletions marked."""
        if run.move is None or not run.move.edited:
            return run
        size = sum(len(span.text) for span in run.spans)
        waiting, taken = self.spans[run.move.id], []
        while size > 0 and waiting:
            first = waiting.pop(0)
            if len(first.text) > size:
                waiting.insert(0, replace(first, text=first.text[size:]))
                first = replace(first, text=first.text[:size])
            taken.append(first)
            size -= len(first.text)
        return replace(run, spans=tuple(taken))
