"""Which sentences of the old text are which of the new one, told as groups in the order of a reader.

The pairing and the joining are done elsewhere; here it is seen who stayed, and what each group is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.compare.anchors import anchors
from monitor.compare.chain import heaviest_chain
from monitor.compare.detail import Detail
from monitor.compare.likeness import Likeness, Sentence
from monitor.compare.pairing import left_over, pair_alike
from monitor.compare.pieces import Group, grouped
from storage.records import Aligned, SentenceOp

_MOVED = 0.5


@dataclass(frozen=True)
class Match:
    """Places of both texts that belong together, and whether they moved."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool

    def turned(self) -> Match:
        return Match(self.new, self.old, self.moved)


def matches(old: Sequence[Sentence], new: Sequence[Sentence], detail: Detail) -> list[Match]:
    """What belongs together, in the order of the old text. No sentence is in two; those in none were
    deleted or added, and may stand in the midst of a match that stayed."""
    pairs = anchors([s.text for s in old], [s.text for s in new])
    left = left_over(old, new, pairs)
    if detail.likens(*left):
        likeness = Likeness(old, new, left)
        if len(pairs) < min(len(old), len(new)):
            pair_alike(old, new, pairs, likeness)
        groups = grouped(old, new, pairs, likeness)
    else:
        likeness = Likeness(old, new, ((), ()))
        groups = [Group(pair) for pair in sorted(pairs.items())]
    by_start = {group.places[0][0]: group for group in groups}
    stays = heaviest_chain(
        {start: group.places[1][0] for start, group in by_start.items()},
        lambda start: sum(len(old[i].words) for i in by_start[start].places[0]),
    )
    found = []
    for group in groups:
        moved = group.places[0][0] not in stays
        if moved and not group.is_whole():
            group = Group(group.pair)
        if not moved or _is_sure(old, new, group, likeness):
            found.append(Match(tuple(group.places[0]), tuple(group.places[1]), moved))
    return found


def _is_sure(old: Sequence[Sentence], new: Sequence[Sentence], group: Group, likeness: Likeness) -> bool:
    """Whether a passage that would have moved is enough alike to be called the same."""
    i, j = group.pair
    return old[i].text == new[j].text or likeness.of(i, j) >= _MOVED


def in_order(old: Sequence[Sentence], new: Sequence[Sentence], found: Sequence[Match]) -> Iterator[Aligned]:
    """The matches and what is in none, in the order of the new text; what was deleted stands where it was,
    before what took its place."""
    starts = {match.new[0]: match for match in found}
    old_held = {i for match in found for i in match.old}
    new_held = {j for match in found for j in match.new}
    gone = (i for i in range(len(old)) if i not in old_held)
    waiting = next(gone, None)
    for j in range(len(new)):
        match = starts.get(j)
        if match is not None:
            while not match.moved and waiting is not None and waiting < match.old[0]:
                yield Aligned(op=SentenceOp.DELETE, old=(waiting,), new=())
                waiting = next(gone, None)
            yield Aligned(op=_op(old, new, match), old=match.old, new=match.new)
        elif j not in new_held:
            yield Aligned(op=SentenceOp.ADD, old=(), new=(j,))
    while waiting is not None:
        yield Aligned(op=SentenceOp.DELETE, old=(waiting,), new=())
        waiting = next(gone, None)


def _op(old: Sequence[Sentence], new: Sequence[Sentence], match: Match) -> SentenceOp:
    if match.moved:
        return SentenceOp.MOVE
    ours, theirs = match.old, match.new
    whole = all(side[-1] - side[0] == len(side) - 1 for side in (ours, theirs))
    if whole and " ".join([old[i].shown for i in ours]) == " ".join([new[j].shown for j in theirs]):
        return SentenceOp.KEEP
    if len(ours) == len(theirs) or min(len(ours), len(theirs)) > 1:
        return SentenceOp.EDIT
    return SentenceOp.SPLIT if len(theirs) > 1 else SentenceOp.MERGE
