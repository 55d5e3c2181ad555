"""Which sentences of the old text are which of the new one, told as groups in the order of a reader.

The pairing and the joining are done elsewhere; here it is seen who stayed, and what each group is called.
Symmetric by construction: exchanging the texts exchanges additions and deletions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.compare.anchors import anchors
from monitor.compare.chain import heaviest_chain
from monitor.compare.likeness import Likeness, Sentence
from monitor.compare.pairing import pair_alike
from monitor.compare.pieces import Group, grouped
from storage.records import Aligned, SentenceOp

_MOVED = 0.5


def align(old: Sequence[Sentence], new: Sequence[Sentence]) -> tuple[Aligned, ...]:
    """Groups of sentences that belong together, in the order of the new text; what was deleted
    stands where it was, before what took its place. A group can have an added or deleted sentence in its
    midst, which follows it."""
    if _key(old) > _key(new):
        flipped = [(two, one, moved) for one, two, moved in _groups(new, old)]
        return tuple(_in_order(old, new, flipped))
    return tuple(_in_order(old, new, _groups(old, new)))


def _key(side: Sequence[Sentence]) -> tuple[int, list[str]]:
    return len(side), [sentence.text for sentence in side]


def _groups(
    old: Sequence[Sentence], new: Sequence[Sentence]
) -> list[tuple[tuple[int, ...], tuple[int, ...], bool]]:
    """Old places, new places, and whether they moved."""
    likeness = Likeness(old, new)
    pairs = anchors([s.text for s in old], [s.text for s in new])
    if len(pairs) < min(len(old), len(new)):
        pair_alike(old, new, pairs, likeness)
    groups = grouped(old, new, pairs, likeness)
    weights = [0] * len(old)
    for group in groups:
        weights[group.places[0][0]] = sum(len(old[i].words) for i in group.places[0])
    stays = heaviest_chain({g.places[0][0]: g.places[1][0] for g in groups}, weights)
    found = []
    for group in groups:
        moved = group.places[0][0] not in stays
        if moved and not group.is_whole():
            group = Group(group.pair)
        if not moved or _is_sure(old, new, group, likeness):
            found.append((tuple(group.places[0]), tuple(group.places[1]), moved))
    return found


def _is_sure(old: Sequence[Sentence], new: Sequence[Sentence], group: Group, likeness: Likeness) -> bool:
    """Whether a passage that would have moved is enough alike to be called the same."""
    i, j = group.pair
    return old[i].text == new[j].text or likeness.of(i, j) >= _MOVED


def _in_order(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    groups: Sequence[tuple[tuple[int, ...], tuple[int, ...], bool]],
) -> Iterator[Aligned]:
    starts = {theirs[0]: (ours, theirs, moved) for ours, theirs, moved in groups}
    old_held = {i for ours, _theirs, _moved in groups for i in ours}
    new_held = {j for _ours, theirs, _moved in groups for j in theirs}
    gone = (i for i in range(len(old)) if i not in old_held)
    waiting = next(gone, None)
    for j in range(len(new)):
        if j in starts:
            ours, theirs, moved = starts[j]
            while not moved and waiting is not None and waiting < ours[0]:
                yield Aligned(op=SentenceOp.DELETE, old=(waiting,), new=())
                waiting = next(gone, None)
            yield Aligned(op=_op(old, new, ours, theirs, moved=moved), old=ours, new=theirs)
        elif j not in new_held:
            yield Aligned(op=SentenceOp.ADD, old=(), new=(j,))
    while waiting is not None:
        yield Aligned(op=SentenceOp.DELETE, old=(waiting,), new=())
        waiting = next(gone, None)


def _op(
    old: Sequence[Sentence],
    new: Sequence[Sentence],
    ours: Sequence[int],
    theirs: Sequence[int],
    *,
    moved: bool,
) -> SentenceOp:
    if moved:
        return SentenceOp.MOVE
    if " ".join(old[i].shown for i in ours) == " ".join(new[j].shown for j in theirs):
        return SentenceOp.KEEP
    if len(ours) == len(theirs) or min(len(ours), len(theirs)) > 1:
        return SentenceOp.EDIT
    return SentenceOp.SPLIT if len(theirs) > 1 else SentenceOp.MERGE
