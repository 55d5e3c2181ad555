"""A newsroom whose stories change at nearly every look, and the desks that are told of it, on loopback.

Every edition of a story is numbered in its text, so that what was stored can be told without asking
the one that stored it. Knows nothing of the daemon.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial

from tests.newsdesk import page
from tests.servers import Line, Scripted, http

DESKS = ("day", "night")

_PLACES = (
    "harbour market station library theatre stadium hospital airport tunnel bridge orchard quarry".split()
)
_PEOPLE = "Moreau Lindqvist Okafor Tanaka Novak Petrov Silva Haddad Jansen Kowalski Nwosu Ferreira".split()
_DOINGS = "repaired closed extended rebuilt inspected opened surveyed painted flooded widened".split()
_SAYINGS = (
    "The {place} was {doing} on {day} after {person} had asked the council for it twice, the office said.",
    "{person} told reporters that {count} people would have to take another way to the {place} this year.",
    "“Nobody has {doing} the {place} since my father did,” said {person}, who has lived there for long.",
    "The work at the {place} costs {count},000 crowns, and the {other} has to wait until it is paid for.",
    "On {day} the {other} is {doing} as well, which {person} called a coincidence that nobody had planned.",
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_EDITION = re.compile(r"This is edition (\d+) of story (\d+)\.")


@dataclass(kw_only=True)
class Told:
    """What one desk was sent: the delivery id, what it is about, and whether it said thanks."""

    desk: str
    delivery: str
    article: str
    revision: int
    thanked: bool

    def under_another_id(self) -> Told:
        return replace(self, delivery=self.delivery[::-1])


@dataclass(kw_only=True)
class Newsroom:
    """:param restless: how likely a story is to have changed since the last look at it."""

    stories: int
    chance: random.Random
    restless: float = 0.8
    kind: bool = False
    told: list[Told] = field(default_factory=list)
    served: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, server: Scripted) -> None:
        for story in range(self.stories):
            server.on(f"/story/{story}", partial(self._story, story))
        for desk in DESKS:
            server.on(f"/desk/{desk}", partial(self._desk, server, desk))

    def _story(self, story: int, line: Line) -> None:
        with self._lock:
            if not self.served[story] or self.chance.random() < self.restless:
                self.served[story] += 1
            edition = self.served[story]
        line.send(http(200, edition_of(story, edition)))

    def _desk(self, server: Scripted, desk: str, line: Line) -> None:
        """Take a message; now and then late, with an error, or without an answer."""
        sent = json.loads(line.request.body)
        with self._lock:
            mood = 0.0 if self.kind else self.chance.random()
            told = Told(
                desk=desk,
                delivery=line.request.headers["x-writethru-delivery"],
                article=sent["article"],
                revision=sent["revision"],
                thanked=mood < 0.9,
            )
            self.told.append(told)
        if mood >= 0.95:
            return
        if mood >= 0.9:
            line.send(http(500, b"the desk is in a mess"))
            return
        if mood >= 0.8:
            line.drip([b""], every=0.2)
        line.send(http(200, b"thanks"))


def edition_of(story: int, edition: int) -> str:
    """The page of that edition: four paragraphs that stay, two that are new, one that says its number."""
    standing, fresh = random.Random(f"{story}"), random.Random(f"{story} {edition}")
    paragraphs = [
        *(_paragraph(standing) for _ in range(4)),
        *(_paragraph(fresh) for _ in range(2)),
        f"This is edition {edition} of story {story}.",
    ]
    hour, rest = divmod(edition, 3600)
    modified = f"2026-03-{2 + hour // 24:02}T{hour % 24:02}:{rest // 60:02}:{rest % 60:02}Z"
    return page(
        *paragraphs, headline=f"What became of the {_PLACES[story % 12]} no. {story}", modified=modified
    )


def edition_in(text: str) -> tuple[int, int]:
    """The story and the edition that a stored text says it is."""
    found = _EDITION.search(text)
    assert found is not None, text
    return int(found[2]), int(found[1])


def _paragraph(chance: random.Random) -> str:
    said = chance.sample(_SAYINGS, 2)
    return " ".join(
        sentence.format(
            place=chance.choice(_PLACES),
            other=chance.choice(_PLACES),
            person=chance.choice(_PEOPLE),
            doing=chance.choice(_DOINGS),
            day=chance.choice(_DAYS),
            count=chance.randint(3, 999),
        )
        for sentence in said
    )
