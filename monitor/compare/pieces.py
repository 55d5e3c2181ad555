"""Which sentences were cut apart or run together: what is left over, and stands in the other half of a pair
beside it, belongs to that pair.

Starts from pairs one to one and ends with groups of any size. A group may have a stranger in its midst, a
sentence put between the halves of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.compare.likeness import Likeness, Sentence
from monitor.compare.pairing import Pairs, gaps_between

_CONTAINED = 0.72
_FEWEST_WORDS = 3
_RECUT_WORDS = 5
_STRANGERS = 2
_SMALL_GAP = 64

Sides = tuple[Sequence[Sentence], Sequence[Sentence]]


@dataclass
class Group:
    """Old and new places that belong together, each rising; ``pair`` is what it grew from."""

    pair: tuple[int, int]
    places: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))

    def __post_init__(self) -> None:
        self.places = ([self.pair[0]], [self.pair[1]])

    def is_whole(self) -> bool:
        """Whether nobody stands in its midst."""
        return all(side[-1] - side[0] == len(side) - 1 for side in self.places)


def grouped(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs, likeness: Likeness
) -> list[Group]:
    """Groups in the order of the old text; every pair is in one, and no sentence in two."""
    if len(pairs) < max(len(old), len(new)):
        _pair_with_parts(old, new, pairs, likeness)
    groups = [Group(pair=pair) for pair in sorted(pairs.items())]
    joining = _Joining((old, new), groups, likeness)
    for strangers in range(_STRANGERS + 1):
        for side in (1, 0):
            joining.take_in(side, strangers)
    return joining.recut(groups)


def _pair_with_parts(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs, likeness: Likeness
) -> None:
    """Pair a sentence with the longest of its parts, where it was cut into so many that none is like it."""
    for ours, theirs in gaps_between(old, new, pairs):
        if not (ours and theirs) or len(ours) * len(theirs) > _SMALL_GAP:
            continue
        found = []
        for i in ours:
            for j in theirs:
                short, long = sorted((old[i].words, new[j].words), key=len)
                if len(short) > _FEWEST_WORDS and likeness.contained(short, Counter(long)) >= _CONTAINED:
                    found.append((-len(short), i, j))
        for _length, i, j in sorted(found):
            if i not in pairs and j not in pairs.values():
                pairs[i] = j


class _Joining:
    """Groups that grow; sides are numbered 0 for the old text and 1 for the new one."""

    def __init__(self, texts: Sides, groups: Sequence[Group], likeness: Likeness) -> None:
        self._texts = texts
        self._likeness = likeness
        self._of: tuple[dict[int, Group], dict[int, Group]] = ({}, {})
        for group in groups:
            for side in (0, 1):
                self._of[side][group.pair[side]] = group

    def take_in(self, side: int, strangers: int) -> None:
        """Let each leftover of that side join the group before or after it, over so many others that
        are left over as well."""
        left = [place for place in range(len(self._texts[side])) if place not in self._of[side]]
        for step, places in ((-1, left), (1, left[::-1])):
            for place in places:
                beside = place + step * (1 + strangers)
                group = self._of[side].get(beside)
                between = range(min(place, beside) + 1, max(place, beside))
                if group is None or place in self._of[side] or any(k in self._of[side] for k in between):
                    continue
                if self._belongs(place, group, side):
                    group.places[side].append(place)
                    group.places[side].sort()
                    self._of[side][place] = group

    def _belongs(self, place: int, group: Group, side: int) -> bool:
        words = self._texts[side][place].words
        if len(words) < _FEWEST_WORDS or self._is_same(group):
            return False
        return self._likeness.contained(words, self._rest(group, 1 - side)) >= _CONTAINED

    def recut(self, groups: Sequence[Group]) -> list[Group]:
        """The groups, neighbours joined where words went from one to the other: "A and B. C." that
        became "A. B and C."."""
        made: list[Group] = []
        for group in groups:
            if made and not self._is_same(group) and self._exchange(made[-1], group):
                for side in (0, 1):
                    made[-1].places[side].extend(group.places[side])
            else:
                made.append(group)
        return made

    def _exchange(self, one: Group, next_one: Group) -> bool:
        adjacent = all(one.places[side][-1] + 1 == next_one.places[side][0] for side in (0, 1))
        if not adjacent or self._is_same(one):
            return False
        for side in (0, 1):
            gone, came = self._rest(one, side), self._rest(next_one, 1 - side)
            common = gone & came
            least = max(_RECUT_WORDS, _CONTAINED * min(gone.total(), came.total()))
            if common.total() >= least and self._likeness.contained(gone.elements(), came) > 1 - _CONTAINED:
                return True
        return False

    def _is_same(self, group: Group) -> bool:
        i, j = group.pair
        return self._texts[0][i].text == self._texts[1][j].text

    def _rest(self, group: Group, side: int) -> Counter[str]:
        """The words of that side that the other side of the group has not."""
        counts = [
            Counter(word for place in group.places[k] for word in self._texts[k][place].words) for k in (0, 1)
        ]
        return counts[side] - counts[1 - side]
