"""Which item of one passage is which item of the other: what was kept, and the changes between.

The smallest edit (longest common subsequence), the same whichever passage is named first; a lone
small word that stayed between two larger changes only looks kept, and goes with them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import Indel

from monitor.events.reading import Item, Part, Reading


@dataclass(frozen=True, slots=True)
class Change:
    """Items of the old passage and of the new one, from and to, that took each other's place."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def old(self) -> range:
        return range(self.old_start, self.old_end)

    @property
    def new(self) -> range:
        return range(self.new_start, self.new_end)


@dataclass(frozen=True)
class Pair:
    """Two versions of one passage. `partner` is the new item of each old one that was kept; what is only
    written in one or apart is no change."""

    before: Reading
    after: Reading
    changes: tuple[Change, ...]
    partner: dict[int, int]

    @cached_property
    def back(self) -> dict[int, int]:
        """The old item of each new one that was kept."""
        return {new: old for old, new in self.partner.items()}

    @cached_property
    def kept_share(self) -> float:
        """Plain words that stayed, of those of the passage with more; 1 where neither has any. A plain word
        is none of a fact: written small, with content, no figure and no date."""
        most = max(self._plain_words)
        return self._plain_kept / most if most else 1.0

    @cached_property
    def rest_share(self) -> float:
        """Plain words that stayed, of those of the passage with fewer: high where only something was put in."""
        least = min(self._plain_words)
        return self._plain_kept / least if least else 1.0

    @cached_property
    def length(self) -> int:
        """Plain words of the passage with more."""
        return max(self._plain_words)

    @cached_property
    def _plain_words(self) -> tuple[int, int]:
        old, new = (sum(_is_plain(item) for item in side.items) for side in (self.before, self.after))
        return old, new

    @cached_property
    def _plain_kept(self) -> int:
        return sum(1 for old in self.partner if _is_plain(self.before.items[old]))

    def change_at(self, old: int | None, new: int | None) -> int | None:
        """The number of the change that this old item, or else this new one, is in; None: it was kept."""
        at = bisect_right(self._old_starts, old) - 1 if old is not None else -1
        if old is not None and at >= 0 and old in self.changes[at].old:
            return at
        at = bisect_right(self._new_starts, new) - 1 if new is not None else -1
        return at if new is not None and at >= 0 and new in self.changes[at].new else None

    def place(self, old: int | None, new: int | None) -> tuple[int, int]:
        """Where in the text that is, to put events in order; the same seen from either passage."""
        found = []
        if old is not None and (number := self.change_at(old, None)) is not None:
            found.append((number, old - self.changes[number].old_start))
        if new is not None and (number := self.change_at(None, new)) is not None:
            found.append((number, new - self.changes[number].new_start))
        if found:
            return min(found)
        if old is not None:
            return (bisect_right(self._old_starts, old), -1)
        return (bisect_right(self._new_starts, new or 0), -1)

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        """Content words on both sides of each change."""
        old, new = self.before.items, self.after.items
        return [
            (sum(old[at].is_content for at in c.old), sum(new[at].is_content for at in c.new))
            for c in self.changes
        ]

    @cached_property
    def _old_starts(self) -> list[int]:
        return [change.old_start for change in self.changes]

    @cached_property
    def _new_starts(self) -> list[int]:
        return [change.new_start for change in self.changes]


def _is_plain(item: Item) -> bool:
    return item.part is Part.WORD and item.text[0].islower() and item.is_content


def paired(before: Reading, after: Reading) -> Pair:
    ours, theirs = before.keys, after.keys
    turned = before.text > after.text  # ties between equally small edits fall the same way from both sides
    blocks = _blocks(theirs, ours) if turned else _blocks(ours, theirs)
    partner: dict[int, int] = {}
    for first, second, length in blocks:
        for step in range(length):
            old, new = (second, first) if turned else (first, second)
            partner[old + step] = new + step
    _drop_islands(partner, before.items, after.items)
    found = _changes(partner, len(ours), len(theirs))
    changes = tuple(change for change in found if not _is_run_together(before.items, after.items, change))
    return Pair(before, after, changes, partner)


def _blocks(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            yield code.src_start, code.dest_start, code.src_end - code.src_start


def _changes(partner: dict[int, int], old_length: int, new_length: int) -> Iterator[Change]:
    old_at = new_at = 0
    for old, new in sorted(partner.items()):
        if old > old_at or new > new_at:
            yield Change(old_at, old, new_at, new)
        old_at, new_at = old + 1, new + 1
    if old_at < old_length or new_at < new_length:
        yield Change(old_at, old_length, new_at, new_length)


def _is_run_together(old: Sequence[Item], new: Sequence[Item], change: Change) -> bool:
    """Whether both sides are the same words, written in one or apart: cease-fire and ceasefire."""
    if not change.old or not change.new:
        return False
    ours, theirs = old[change.old_start : change.old_end], new[change.new_start : change.new_end]
    return joined(ours) == joined(theirs) and any(item.part is Part.WORD for item in (*ours, *theirs))


def joined(items: Sequence[Item]) -> str:
    """Words and whole numbers run together, so that "HTTP/2" equals "HTTP2"; other figures, dates and
    links apart."""
    return "".join(
        str(item.key) if item.part is Part.WORD else item.text if item.text.isdigit() else f"<{item.key}>"
        for item in items
    )


def _drop_islands(partner: dict[int, int], old: Sequence[Item], new: Sequence[Item]) -> None:
    """Take out kept runs of one or two small words with at least three changed items on either side."""
    runs = _runs(partner)
    for place, (start, length) in enumerate(runs):
        if length > 2 or any(_is_weighty(old[start + step]) for step in range(length)):
            continue
        before = runs[place - 1] if place else None
        after = runs[place + 1] if place + 1 < len(runs) else None
        left = _distance(partner, before, start)
        right = _distance_to(partner, start + length - 1, after, len(old), len(new))
        if left >= 3 and right >= 3:
            for step in range(length):
                del partner[start + step]


def _is_weighty(item: Item) -> bool:
    return item.part is not Part.WORD or item.is_content


def _runs(partner: dict[int, int]) -> list[tuple[int, int]]:
    """Old items kept side by side in both passages: the first of them, and how many."""
    runs: list[tuple[int, int]] = []
    for old in sorted(partner):
        if runs and old == sum(runs[-1]) and partner[old] == partner[old - 1] + 1:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((old, 1))
    return runs


def _distance(partner: dict[int, int], before: tuple[int, int] | None, start: int) -> int:
    """Changed items between that run and the one before it, on the side with more."""
    last = sum(before) - 1 if before else -1
    last_new = partner.get(last, -1)
    return max(start - last, partner[start] - last_new) - 1


def _distance_to(
    partner: dict[int, int], end: int, after: tuple[int, int] | None, old_length: int, new_length: int
) -> int:
    following = after[0] if after else old_length
    following_new = partner[following] if after else new_length
    return max(following - end, following_new - partner[end]) - 1
