"""A fact that differs between two versions of a passage, and which items such facts have accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.records import EventKind, Severity


@dataclass(frozen=True, slots=True)
class Fact:
    """`place` orders the facts of one passage; see ``Pair.place``."""

    kind: EventKind
    severity: Severity
    old: str | None
    new: str | None
    place: tuple[int, int]


@dataclass(slots=True)
class Told:
    """Items of the old and of the new passage that a fact has told; what is told is not told again.
    `reworded`: among them are some that no fact came of, though the wording differs."""

    old: set[int] = field(default_factory=set)
    new: set[int] = field(default_factory=set)
    reworded: bool = False

    def add(self, old: Iterable[int] = (), new: Iterable[int] = ()) -> None:
        self.old.update(old)
        self.new.update(new)
