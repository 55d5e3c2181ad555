"""How much of a diff is told in detail. Counted in characters and in events, never in time: the same two
texts are told alike on any machine, and no two texts can make the telling long.

Far more than an article has; what lies beyond is counted, and told as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from storage.records import Event, EventKind, Severity

LONGEST_PASSAGE = 20_000  # characters; a longer one is no sentence, and is told as a whole
_CHARACTERS = 450_000
_IN_WORDS = 300_000
_EVENTS = 5_000


class Effort:
    """What is left of it, and what was left out for that."""

    def __init__(self, *, sufficed: bool = True) -> None:
        self._characters, self._in_words, self._events = _CHARACTERS, _IN_WORDS, _EVENTS
        self._untold = [0, 0]
        self.sufficed = sufficed

    def reads(self, before: str, after: str) -> bool:
        """Whether two versions of a passage are to be compared fact by fact; that is taken off what is left."""
        size = len(before) + len(after)
        if max(len(before), len(after)) > LONGEST_PASSAGE or size > self._characters:
            self.sufficed = False
            return False
        self._characters -= size
        return True

    def puts_in_words(self, before: str, after: str) -> bool:
        """Whether what a figure counts is to be looked for in those passages."""
        self._in_words -= len(before) + len(after)
        return self._in_words >= 0 and max(len(before), len(after)) <= LONGEST_PASSAGE

    def counted(self, old: int, new: int, tell: Callable[[], Iterator[Event]]) -> Iterator[Event]:
        """The events of so many old and new sentences, while not too many were told."""
        if self._events <= 0:
            self._untold[0] += old
            self._untold[1] += new
            return
        for event in tell():
            self._events -= 1
            yield event

    def rest(self) -> Iterator[Event]:
        """One event about all sentences that were not told."""
        if any(self._untold):
            self.sufficed = False
            old, new = (f"{count:,} more sentences" if count else None for count in self._untold)
            yield Event(kind=EventKind.SENTENCE_REWRITTEN, severity=Severity.SUBSTANTIVE, old=old, new=new)
