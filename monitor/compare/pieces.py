"""Which sentences were cut apart or run together: what is left over, and stands in the other half of a pair
beside it, belongs to that pair.

Starts from pairs one to one and ends with groups of any size. A group may have a stranger in its midst, a
sentence put between the halves of another.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from monitor.compare.likeness import Likeness, Sentence
from monitor.compare.pairing import Gap, Pairs, gaps_between, near_pairs, pair_between

_CONTAINED = 0.72
_FEWEST_WORDS = 3
_RECUT_WORDS = 5
_STRANGERS = 2

Sides = tuple[Sequence[Sentence], Sequence[Sentence]]


class Group:
    """Old and new places that belong together, each rising; ``pair`` is what it grew from. ``surplus`` is
    how much oftener a word stands in the old sentences than in the new ones."""

    __slots__ = ("pair", "places", "surplus")

    def __init__(self, pair: tuple[int, int]) -> None:
        self.pair = pair
        self.places = ([pair[0]], [pair[1]])
        self.surplus: dict[str, int] | None = None

    def is_whole(self) -> bool:
        """Whether nobody stands in its midst."""
        return all(side[-1] - side[0] == len(side) - 1 for side in self.places)


def grouped(
    old: Sequence[Sentence], new: Sequence[Sentence], pairs: Pairs, likeness: Likeness
) -> list[Group]:
    """Groups in the order of the old text, around those pairs and around what is found between them; no
    sentence is in two."""
    joining = _Joining((old, new), likeness)
    joining.begin(pairs.items())
    if len(pairs) < max(len(old), len(new)):
        joining.begin(_with_parts(joining.gaps(), joining))
        joining.take_in()
        joining.begin(pair_between(joining.gaps(), likeness))
        joining.take_in()
    return joining.recut()


def _with_parts(gaps: Sequence[Gap], joining: _Joining) -> Iterator[tuple[int, int]]:
    """Pairs of a sentence with the longest of its parts, where it was cut into so many that none is like
    it."""
    taken: tuple[set[int], set[int]] = (set(), set())
    for ours, theirs in gaps:
        found = [pair for pair in near_pairs(ours, theirs) if joining.is_part(*pair)]
        for i, j in sorted(found, key=lambda pair: (-joining.shorter(*pair), pair)):
            if i not in taken[0] and j not in taken[1]:
                taken[0].add(i)
                taken[1].add(j)
                yield i, j


class _Joining:
    """Groups that grow; sides are numbered 0 for the old text and 1 for the new one."""

    def __init__(self, texts: Sides, likeness: Likeness) -> None:
        self._texts = texts
        self._likeness = likeness
        self._groups: list[Group] = []
        self._of: tuple[dict[int, Group], dict[int, Group]] = ({}, {})
        self._enclosed: tuple[set[int], set[int]] = (set(), set())

    def begin(self, pairs: Iterable[tuple[int, int]]) -> None:
        """A group around each pair."""
        for pair in list(pairs):
            group = Group(pair)
            self._groups.append(group)
            for side in (0, 1):
                self._of[side][pair[side]] = group

    def gaps(self) -> list[Gap]:
        """What is in no group and in the midst of none, by the neighbours between which it stands."""
        pairs = dict(group.pair for group in self._groups)
        return gaps_between(self._texts[0], pairs, self._left(0), self._left(1))

    def _left(self, side: int) -> list[int]:
        taken = self._of[side].keys() | self._enclosed[side]
        return [place for place in range(len(self._texts[side])) if place not in taken]

    def is_part(self, i: int, j: int) -> bool:
        """Whether one of the two sentences stands mostly in the other."""
        short, long = sorted((self._texts[0][i], self._texts[1][j]), key=lambda s: len(s.words))
        common = len(short.vocabulary & long.vocabulary)
        if len(short.words) <= _FEWEST_WORDS or 2 * common < len(short.vocabulary):
            return False
        return self._likeness.contained(Counter(short.words), Counter(long.words)) >= _CONTAINED

    def shorter(self, i: int, j: int) -> int:
        return min(len(self._texts[0][i].words), len(self._texts[1][j].words))

    def take_in(self) -> None:
        """Let each group take in what is left over beside it, over a few others that are left over too if
        need be."""
        groups = sorted((g for g in self._groups if not self._is_same(g)), key=lambda group: group.pair)
        for side in (1, 0):
            for group in groups:
                self._grow(group, side, 1)
            for group in reversed(groups):
                self._grow(group, side, -1)

    def _grow(self, group: Group, side: int, step: int) -> None:
        held = self._of[side]
        place = group.places[side][-1 if step > 0 else 0]
        strangers = 0
        while strangers <= _STRANGERS:
            place += step
            if place in held or not 0 <= place < len(self._texts[side]):
                return
            if self._belongs(place, group, side):
                insort(group.places[side], place)
                held[place] = group
                self._enclosed[side].update(place - step * k for k in range(1, strangers + 1))
                _add(self._surplus(group), self._texts[side][place].words, -1 if side else 1)
                strangers = 0
            else:
                strangers += 1

    def _belongs(self, place: int, group: Group, side: int) -> bool:
        sentence = self._texts[side][place]
        words, surplus = sentence.words, self._surplus(group)
        if 2 * len(sentence.vocabulary & surplus.keys()) < len(sentence.vocabulary):
            return False
        sign = 1 if side else -1
        share = self._likeness.contained(Counter(words), surplus, sign=sign)
        if len(words) < _FEWEST_WORDS:
            return share == 1.0 and self._ends_it(words, place, group, side)
        return share >= _CONTAINED

    def _ends_it(self, words: Sequence[str], place: int, group: Group, side: int) -> bool:
        """Whether the other side of the group ends with those words (or begins, if the place is before
        it): a few words are the rest of a sentence only there."""
        after = place > group.places[side][-1]
        other = group.places[1 - side]
        there = self._texts[1 - side][other[-1] if after else other[0]].words
        return tuple(words) == (there[-len(words) :] if after else there[: len(words)])

    def _surplus(self, group: Group) -> dict[str, int]:
        """Counted when it is first asked for, which is seldom."""
        if group.surplus is None:
            group.surplus = {}
            for side in (0, 1):
                for place in group.places[side]:
                    _add(group.surplus, self._texts[side][place].words, -1 if side else 1)
        return group.surplus

    def recut(self) -> list[Group]:
        """All groups, neighbours joined where words went from one to the other: "A and B. C." that
        became "A. B and C."."""
        made: list[Group] = []
        for group in sorted(self._groups, key=lambda group: group.pair):
            if made and not self._is_same(group) and self._exchange(made[-1], group):
                for side in (0, 1):
                    made[-1].places[side].extend(group.places[side])
                made[-1].surplus = None
            else:
                made.append(group)
        return made

    def _exchange(self, one: Group, following: Group) -> bool:
        adjacent = all(one.places[side][-1] + 1 == following.places[side][0] for side in (0, 1))
        if not adjacent or self._is_same(one):
            return False
        before, after = self._surplus(one), self._surplus(following)
        for sign in (1, -1):
            gone = {w: n for w, count in after.items() if (n := -sign * count) > 0}
            came = sum(n for count in before.values() if (n := sign * count) > 0)
            least = min(came, sum(gone.values()))
            share = self._likeness.contained(gone, before, sign=sign)
            common = sum(min(n, max(0, sign * before.get(word, 0))) for word, n in gone.items())
            if common >= max(_RECUT_WORDS, _CONTAINED * least) and share > 1 - _CONTAINED:
                return True
        return False

    def _is_same(self, group: Group) -> bool:
        i, j = group.pair
        return self._texts[0][i].text == self._texts[1][j].text


def _add(surplus: dict[str, int], words: Iterable[str], times: int) -> None:
    for word in words:
        surplus[word] = surplus.get(word, 0) + times
