"""A case: what a hostile server answers, look by look, and what a check has to make of each.

An outcome is said as `check --json` says it: the outcome and, where it is `withheld` or `failed`, the verdict or the
error behind it. Knows no server and no daemon.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from monitor.reader import Reader
from tests.newsdesk import BODY, page
from tests.servers import Answer, Line, http

MORE = (
    "The ferry company has asked its retired captains to come back for a month, and four of them have agreed.",
    "Schools on the island side begin an hour later until Friday, the education board wrote to the parents.",
    "Die Bürgermeisterin nannte die Brücke über die Mürz „völlig“ überlastet und dankte den Fährleuten.",
    "A second inspection is to take place on Thursday, once the divers have seen the foot of the southern tower.",
    "The operator of the tunnel counted 9,000 more cars than on any other Monday of this year by the evening.",
)
READING: float = inspect.signature(Reader).parameters["deadline"].default
"""Seconds after which reading a page or a feed is given up."""
LAST_WORDS = "counted 9,000 more cars than on any other Monday"


class Load(enum.StrEnum):
    """What a case asks of the machine, and so what may be looked at beside it."""

    LIGHT = "light"
    SLOW = "slow"
    """Nothing but waiting: many at once."""
    HEAVY = "heavy"
    """Many bytes or much work: one at a time."""
    FEED = "feed"


@dataclass(frozen=True, kw_only=True)
class Made:
    """An answer that is large: made before it is asked for, and only once."""

    body: Callable[[], bytes]

    def __call__(self, line: Line) -> None:
        line.send(self.body())


@dataclass(frozen=True, kw_only=True)
class Look:
    """One answer, and the outcomes of which one has to come of it."""

    answer: Answer
    outcomes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way of being hostile, in the order in which its server is looked at: ``opening``, the ``turns`` by their
    number (from 0, as many as asked for), ``closing``.

    ``row`` is that of the list in docs/hostile.md. ``beside`` are the other paths of its server. ``within`` are the
    seconds that a look may take, where that is not the usual. ``reads`` are words that the first revision has to have.
    ``kind`` is that of the source it is for, where it is a listing.
    ``known_as`` is the path by which the article is known in the end, where that is another. ``anew``: each turn needs
    a host that was never seen. ``mute``: its server takes connections and says nothing.
    """

    row: int
    name: str
    turns: Callable[[int], Look]
    opening: tuple[Look, ...] = ()
    closing: tuple[Look, ...] = ()
    beside: Mapping[str, Answer] = field(default_factory=dict)
    within: float | None = None
    reads: str | None = None
    known_as: str | None = None
    anew: bool = False
    load: Load = Load.LIGHT
    kind: str = "feed"
    robots: bool = False
    secure: bool = False
    mute: bool = False

    def looks(self, count: int) -> list[Look]:
        return [*self.opening, *(self.turns(number) for number in range(count)), *self.closing]

    @property
    def is_feed(self) -> bool:
        return self.load is Load.FEED

    @property
    def title(self) -> str:
        return f"{self.row:2} {self.name}"


def story(inside: str = "", *, head: str = "", last: str = "", **changes: str) -> str:
    """An article of ten paragraphs with something in its middle, in its head or behind its last paragraph."""
    made = page(*BODY, "@@", *MORE, **changes).replace("<p>@@</p>", inside)
    return made.replace("</head>", f"{head}</head>").replace("</div></article>", f"{last}</div></article>")


GOOD = http(200, story())


def refused(row: int, name: str, answer: Answer, *outcomes: str, **more: object) -> Case:
    """A good article, then that instead of it, then the article again: nothing has become of it but a check."""
    case = Case(
        row=row,
        name=name,
        opening=(Look(answer=GOOD, outcomes=("first",)),),
        turns=lambda _: Look(answer=answer, outcomes=outcomes),
        closing=(Look(answer=GOOD, outcomes=("same",)),),
        **more,  # type: ignore[arg-type]
    )
    return case


def believed(row: int, name: str, answer: Answer, *, reads: str | None = LAST_WORDS, **more: object) -> Case:
    """A true article, however it looks: its first look is a revision with all of its text, no other one is."""
    return Case(
        row=row,
        name=name,
        turns=lambda number: Look(answer=answer, outcomes=("same" if number else "first",)),
        reads=reads,
        **more,  # type: ignore[arg-type]
    )


def never_seen(row: int, name: str, answer: Answer, *outcomes: str, **more: object) -> Case:
    """The same at an address at which there never was an article."""
    return Case(
        row=row,
        name=name,
        turns=lambda _: Look(answer=answer, outcomes=outcomes),
        **more,  # type: ignore[arg-type]
    )


def made(body: Callable[[], bytes]) -> Answer:
    return Made(body=cache(body))


def endless(start: bytes, piece: bytes) -> Answer:
    """An answer without an end, as fast as it is taken."""

    def pour(line: Line) -> None:
        line.send(start)
        while True:
            line.send(piece)

    return pour


def drip(start: bytes, piece: bytes = b"a", every: float = 0.1) -> Answer:
    """An answer that comes byte by byte for longer than anybody waits."""

    def trickle(line: Line) -> None:
        line.send(start)
        line.drip((piece for _ in range(600)), every)

    return trickle
