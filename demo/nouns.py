"""The nouns of the demo: pages, the versions they go through, and what must be reported of each.

They are the newsroom's own and know nothing of the product, so that what judges the product
does not borrow its eyes.
"""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass
from datetime import datetime


class Face(enum.Enum):
    """What stands at a page's address."""

    ARTICLE = "article"
    WALL = "wall"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One paragraph of a body; ``kind`` is ``paragraph`` or ``caption``."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What an outlet says about its own article; ``kind`` is ``breaking``, ``update`` or ``correction``."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A seed article without the residue of its old page; ``headline`` is None where it has none."""

    name: str
    headline: str | None
    passages: tuple[Passage, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, kw_only=True)
class Version:
    """How a page stands from second ``at`` of the story on; ``step`` 0 is its first version."""

    step: int
    at: float
    note: str
    headline: str
    published: datetime
    modified: datetime
    passages: tuple[Passage, ...]
    notices: tuple[Notice, ...]
    face: Face = Face.ARTICLE
    in_feed: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(passage.text for passage in self.passages)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One event that must be reported; old and new only where the script names them."""

    kind: str
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a watcher must report of one step, and no more than that."""

    path: str
    step: int
    note: str
    facts: tuple[Fact, ...] = ()
    states: tuple[str, ...] = ()
    silent: bool = False

    @property
    def kinds(self) -> Counter[str]:
        return Counter(fact.kind for fact in self.facts)

    @property
    def is_revision(self) -> bool:
        return bool(self.facts)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One article page of one outlet. ``expected[i]`` is about the step from version i to i + 1."""

    seed: str
    outlet: str
    template: str
    path: str
    description: str
    byline: tuple[str, ...]
    section: str
    versions: tuple[Version, ...]
    expected: tuple[Expected, ...]
    baseline: bool

    @property
    def name(self) -> str:
        """A short name for a line of output and for a source in a configuration."""
        return f"{self.seed[:3]}-{self.template}"

    @property
    def in_feed(self) -> bool:
        return self.versions[0].in_feed


@dataclass(frozen=True, kw_only=True)
class Story:
    pages: tuple[Page, ...]
    feed_path: str
    feed_title: str

    @property
    def seconds(self) -> float:
        """When the last step of the script is due."""
        return max(page.versions[-1].at for page in self.pages)
