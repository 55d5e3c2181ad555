"""The whole article as a strip: how long it is, and where in it something changed.

Deleted and inserted words both take room, in the order of the page. It knows proportions and
where each stripe leads; it refuses to know colours and pixels.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.report.phrases import counted
from monitor.report.sides import Row, Stretch

LENGTH = 1000
_LEAST = 8.0
_FINEST = 200


class Change(enum.StrEnum):
    SAME = "same"
    INSERTED = "inserted"
    DELETED = "deleted"
    EDITED = "edited"
    MOVED_HERE = "moved here"
    MOVED_AWAY = "moved away"

    @property
    def on_old(self) -> bool:
        """Does it take words of the old text?"""
        return self not in (Change.INSERTED, Change.MOVED_HERE)

    @property
    def on_both(self) -> bool:
        return self in (Change.SAME, Change.EDITED)


@dataclass(frozen=True, kw_only=True)
class Stripe:
    """Neighbouring paragraphs that changed in one way: where on the strip (of ``LENGTH``) they begin
    and how much they take, and the number of the change to go to."""

    change: Change
    at: float
    length: float
    to: int
    label: str


def change_map(stretches: Sequence[Stretch]) -> tuple[Stripe, ...]:
    """The changes from top to bottom. A stripe is never too thin to be seen, so what is short
    takes a little more room than its words would."""
    rows = [row for stretch in stretches for row in stretch.rows]
    pieces = list(_pieces(rows))
    words = max(sum(size for _, _, size in pieces), 1)
    least = min(_LEAST, LENGTH / (2 * max(len(pieces), 1)))
    lengths = [max(LENGTH * size / words, least) for _, _, size in pieces]
    scale = LENGTH / max(sum(lengths), 1)
    starts = [0.0, *itertools.accumulate(length * scale for length in lengths)]
    return tuple(
        Stripe(
            change=change,
            at=round(at, 1),
            length=round(length * scale, 1),
            to=group[0].change or 0,
            label=_label(change, group),
        )
        for (change, group, _), at, length in zip(pieces, starts, lengths, strict=False)
        if change is not Change.SAME
    )


def _pieces(rows: Sequence[Row]) -> Iterator[tuple[Change, list[Row], int]]:
    """Neighbours of one kind together. Where there are very many pieces, those that changed in
    different ways are not told apart."""
    finely = [(change, list(group)) for change, group in itertools.groupby(rows, key=of)]
    if len(finely) > _FINEST:
        coarsely = itertools.groupby(rows, key=lambda row: row.block.changed)
        finely = [(Change.EDITED if changed else Change.SAME, list(group)) for changed, group in coarsely]
    for change, group in finely:
        yield change, group, sum(row.block.words for row in group)


def of(row: Row) -> Change:
    """What happened to a paragraph as a whole."""
    if row.change is None:
        return Change.SAME
    if row.whole == "moved":
        here = {run.move.here for run in row.block.runs if run.move}
        return Change.EDITED if len(here) > 1 else Change.MOVED_HERE if here.pop() else Change.MOVED_AWAY
    return Change(row.whole) if row.whole else Change.EDITED


def said(stretches: Sequence[Stretch]) -> str:
    """``The change map of 24 paragraphs: 2 edited, 1 moved here.``"""
    rows = [row for stretch in stretches for row in stretch.rows]
    kinds = [of(row) for row in rows]
    counts = (f"{kinds.count(kind)} {kind}" for kind in Change if kind is not Change.SAME and kind in kinds)
    return f"Change map of {counted(len(rows), 'paragraph')}: {', '.join(counts) or 'none changed'}."


def _label(change: Change, group: Sequence[Row]) -> str:
    in_old = change in (Change.DELETED, Change.MOVED_AWAY)
    numbers = [n for row in group for n in (row.block.old if in_old else row.block.new)]
    if not numbers:
        return f"{counted(len(group), 'paragraph')} {change}"
    first, last = min(numbers), max(numbers)
    place = f"Paragraph {first}" if first == last else f"Paragraphs {first} to {last}"
    return f"{place}{' of the old text' if in_old else ''}: {change}"
