"""The nouns of a listing: what a feed, a sitemap or a section page says that there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One article as a listing names it: its address in its one form, and, where they are given, its title and
    when it was published and last updated."""

    url: str
    title: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def dated(self) -> datetime | None:
        """The later of its two times."""
        return max((at for at in (self.published_at, self.updated_at) if at is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Child:
    """A sitemap that a sitemap index names, and when that last changed."""

    url: str
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link of a section page, with its words."""

    url: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What was read out of one answer. ``children`` are those of a sitemap index, ``links`` those of a section
    page, ``feeds`` the addresses of feeds that a page names. ``note``: what is odd about it, in words."""

    entries: tuple[Entry, ...] = ()
    children: tuple[Child, ...] = ()
    links: tuple[Link, ...] = ()
    feeds: tuple[str, ...] = ()
    note: str | None = None
