"""How like each other two sentences are, and which pairs are worth asking about.

Half the Dice coefficient of their words, each weighed by how rare it is among them, and half the Indel
similarity of their words in order; for a few words the similarity of their letters counts too. Refuses to
know where the sentences stand.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import chain
from operator import itemgetter

from rapidfuzz.distance import Indel

from monitor.compare.words import words

_VISITS = 100
_ASKED = 8
_PRUNE = 0.2
_FEW = 4
_LONG = 2_000
_ENDLESS = 200_000
_SPELT_ALIKE = 0.75


@dataclass(frozen=True, eq=False)
class Sentence:
    """A sentence as it is compared: as it is shown with spaces folded, and its normalised text. Equal only
    to itself. Its words are found when they are first asked for: most sentences just stay."""

    shown: str
    text: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In lower case, in their order; of a text without an end, those that it begins with."""
        return tuple(words(self.text[:_ENDLESS].lower()))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.words)


class Likeness:
    """The measure, for those sentences of two texts that have no identical one."""

    def __init__(
        self, old: Sequence[Sentence], new: Sequence[Sentence], left: tuple[Sequence[int], Sequence[int]]
    ) -> None:
        self._old, self._new = old, new
        asked = [*(old[i] for i in left[0]), *(new[j] for j in left[1])]
        seen = Counter(chain.from_iterable(sentence.vocabulary for sentence in asked))
        self._weights = {word: math.log(1 + len(asked) / count) for word, count in seen.items()}
        self._known: dict[tuple[Sentence, Sentence], float] = {}
        self._masses: dict[frozenset[str], float] = {}

    def of(self, i: int, j: int) -> float:
        """Between 0 and 1, of an old and a new sentence; the same with the two exchanged."""
        pair = self._old[i], self._new[j]
        if pair not in self._known:
            self._known[pair] = self._measured(*pair)
        return self._known[pair]

    def _measured(self, one: Sentence, other: Sentence) -> float:
        mass = self.mass(one.vocabulary) + self.mass(other.vocabulary)
        dice = 2 * self.mass(one.vocabulary & other.vocabulary) / mass if mass else 0.0
        few = min(len(one.words), len(other.words)) <= _FEW
        if dice < _PRUNE and not few:
            return dice / 2
        score = (dice + _in_order(one.words, other.words)) / 2
        if few and max(len(one.text), len(other.text)) <= _LONG:
            spelt = Indel.normalized_similarity(one.text.lower(), other.text.lower())
            score = max(score, spelt if spelt >= _SPELT_ALIKE else 0.0)
        return score

    def contained(self, part: Mapping[str, int], whole: Mapping[str, int], *, sign: int = 1) -> float:
        """The share of those words, each with its count, that the whole has as often (with ``sign`` -1:
        that it lacks as often): of all, or of their weight where that is less."""
        inside = total = heavy = weight = 0.0
        for word, count in part.items():
            there = min(count, max(0, sign * whole.get(word, 0)))
            total, weight = total + count, weight + count * self._weights[word]
            inside, heavy = inside + there, heavy + there * self._weights[word]
        return min(inside / total, heavy / weight) if total else 0.0

    def mass(self, words: frozenset[str]) -> float:
        """The weight of all those words together."""
        if words not in self._masses:
            self._masses[words] = sum(map(self._weights.__getitem__, sorted(words)))
        return self._masses[words]

    def promising(self, left_old: Sequence[int], left_new: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs that share the rarest words, a bounded number for each old sentence."""
        holders: dict[str, list[int]] = defaultdict(list)
        for j in left_new:
            self.mass(self._new[j].vocabulary)
            for word in self._new[j].vocabulary:
                holders[word].append(j)
        for i in left_old:
            for j in self._most_shared(i, holders):
                yield i, j

    def _most_shared(self, i: int, holders: Mapping[str, list[int]]) -> list[int]:
        mine = self._old[i].vocabulary
        own, weights, masses = self.mass(mine), self._weights, self._masses
        shared: dict[int, float] = defaultdict(float)
        visits = 0
        for count, word in sorted((len(holders[word]), word) for word in mine if word in holders):
            visits += count
            if visits > _VISITS:
                break
            for j in holders[word]:
                shared[j] += weights[word]
        whole = visits <= _VISITS
        most = (
            nlargest(3 * _ASKED, shared.items(), key=itemgetter(1))
            if len(shared) > _ASKED
            else shared.items()
        )
        dice = [(2 * share / (own + masses[self._new[j].vocabulary]), -j) for j, share in most]
        return [-j for score, j in nlargest(_ASKED, dice) if score >= _PRUNE or not whole]


def _in_order(one: Sequence[str], other: Sequence[str]) -> float:
    """Indel similarity of the words; of the first few thousand, in a sentence longer than that."""
    return Indel.normalized_similarity(one[:_LONG], other[:_LONG])
