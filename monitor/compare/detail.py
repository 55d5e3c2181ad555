"""How closely two texts are compared, counted in characters, words and sentences and never in time: the same
two texts give the same diff on any machine, and no two texts can make comparing them long.

What an article has is far below all of it. Beyond it, passages are compared as wholes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.compare.hunks import Step, Units, joined, phrase_steps, units, word_steps
from storage.records import Hunk, HunkOp

_MOST_LEFT_OVER = (
    12_000  # sentences of both texts without an identical one, among which likeness is looked for
)
_LONGEST = 250_000  # characters of a passage
_WORK = 1_500_000  # characters and, each as much as some of these, words and marks
_PER_WORD = 10
_LOOK_BACK = 200


class Detail:
    """What is left of the work for one diff, and whether it was enough so far."""

    def __init__(self) -> None:
        self._left = _WORK
        self.sufficed = True

    def likens(self, left_old: Sequence[int], left_new: Sequence[int]) -> bool:
        """Whether it is to be found out which of those sentences are alike."""
        few = len(left_old) + len(left_new) <= _MOST_LEFT_OVER
        self.sufficed = self.sufficed and (few or not left_old or not left_new)
        return few

    def steps(self, before: str, after: str) -> Iterator[Step]:
        """What becomes of the words of a passage; of a very long one, only how far it begins and ends alike."""
        both = self._units(before, after)
        return phrase_steps(*both) if both else as_wholes(before, after)

    def word_hunks(self, before: str, after: str) -> list[Hunk]:
        both = self._units(before, after)
        return list(joined(word_steps(*both) if both else as_wholes(before, after)))

    def _units(self, before: str, after: str) -> tuple[Units, Units] | None:
        """The words of both; None where they are more than may be compared. They are taken off what is left."""
        size = len(before) + len(after)
        if max(len(before), len(after)) <= _LONGEST and size <= self._left:
            self._left -= size
            both = units(before), units(after)
            self._left -= _PER_WORD * sum(len(one.texts) for one in both)
            if self._left >= 0:
                return both
        self.sufficed = False
        return None


def as_wholes(before: str, after: str) -> Iterator[Step]:
    """What both begin and end with, to the last white space, is kept; what stands between is exchanged."""
    head = _behind_space(before, _common(before, after))
    left, right = before[head:], after[head:]
    tail = _common(left[::-1], right[::-1])
    tail = tail and tail - _to_space(left[len(left) - tail :])
    if head:
        yield HunkOp.KEEP, before[:head], after[:head], None
    if len(left) > tail or len(right) > tail:
        yield None, left[: len(left) - tail], right[: len(right) - tail], None
    if tail:
        yield HunkOp.KEEP, left[len(left) - tail :], right[len(right) - tail :], None


def _common(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _behind_space(text: str, end: int) -> int:
    """The place behind the last white space before that one, where there is some near."""
    near = text[max(0, end - _LOOK_BACK) : end]
    return end - _to_space(near[::-1])


def _to_space(near: str) -> int:
    """How many characters stand before the first white space; 0 where there is none near."""
    return next((k for k, letter in enumerate(near[:_LOOK_BACK]) if letter.isspace()), 0)
