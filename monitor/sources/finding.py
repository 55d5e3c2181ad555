"""Which address of a source is asked for next, and what is found in the answer. Pure.

A sitemap index takes several requests, and each its turn: what is still to be asked for stands in the memory, and one
step is one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.sources.listing import Entry, Listing
from monitor.sources.memory import MOST_SEEN, Memory, recent, with_menu, worth_reading
from monitor.sources.sections import article_links, maybe_links
from storage.records import Source, SourceKind


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request: for what, and how deep it lies under the source's own address. ``is_part``: what it lists is a
    part of what the source does."""

    url: str
    kind: SourceKind
    depth: int = 0
    is_part: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found in an answer: the entries to watch, all that it lists, what is odd about it, and the memory with
    the step behind it. ``is_part``: the source lists more than that."""

    fresh: Sequence[Entry]
    listed: Sequence[Entry]
    memory: Memory
    is_part: bool = False
    note: str | None = None


def next_step(source: Source, memory: Memory) -> Step:
    """The next request: for a sitemap that an index named, for the feed that a page named, or for the source's own
    address."""
    if memory.todo:
        url, depth = memory.todo[0]
        return Step(url=url, kind=source.kind, depth=depth, is_part=True)
    return Step(url=memory.at or source.url, kind=source.kind)


def given_up(memory: Memory, step: Step) -> Memory:
    """The memory once that step led nowhere: it is made again in the next round."""
    read = {url: at for url, at in memory.read.items() if url != step.url}
    return replace(_without(memory, step), read=read, at=None if memory.at == step.url else memory.at)


def found_in(listing: Listing, source: Source, step: Step, memory: Memory, url: str, now: datetime) -> Found:
    """What there is to do about a listing.

    :param url: the address that it answered at.
    """
    match source.kind:
        case SourceKind.SITEMAP:
            return _in_sitemap(listing, step, memory, now)
        case SourceKind.SECTION:
            return _in_section(listing, source, memory, url)
        case _:
            return _in_feed(listing, step, memory)


def _without(memory: Memory, step: Step) -> Memory:
    return replace(memory, todo=tuple((url, depth) for url, depth in memory.todo if url != step.url))


def _in_feed(listing: Listing, step: Step, memory: Memory) -> Found:
    """Of a page in place of a feed, the first feed that it names is asked for from now on."""
    if listing.feeds and step.url != memory.at:
        feed = listing.feeds[0]
        return Found(
            fresh=(), listed=(), memory=replace(memory, at=feed), note=f"it is a page; its feed is {feed}"
        )
    named = f"it is a page; its feed is {memory.at}" if memory.at else None
    entries = listing.entries
    return Found(fresh=entries, listed=entries, memory=memory, note=_said(named, listing.note))


def _in_section(listing: Listing, source: Source, memory: Memory, url: str) -> Found:
    """Where the user says which links are wanted, that is enough."""
    if source.include:
        entries = tuple(Entry(url=link.url) for link in listing.links)
    else:
        entries = article_links(listing.links, url, memory.stood)
    none = None if entries else "none of its links looks like an article; include = [...] can say which are"
    feed = f"it names the feed {listing.feeds[0]}" if listing.feeds else None
    memory = with_menu(memory, maybe_links(listing.links, url))
    return Found(fresh=entries, listed=entries, memory=memory, note=_said(none, feed))


def _in_sitemap(listing: Listing, step: Step, memory: Memory, now: datetime) -> Found:
    if not step.is_part:
        memory = replace(memory, asked=0)
    memory = worth_reading(_without(memory, step), listing.children, step.depth, now)
    is_part = step.is_part or bool(listing.children)
    fresh, odd = recent(memory, listing.entries, now, alone=not is_part)
    is_part = is_part or len(listing.entries) > MOST_SEEN
    listed = fresh if is_part else listing.entries
    return Found(fresh=fresh, listed=listed, memory=memory, is_part=is_part, note=_said(listing.note, odd))


def _said(*notes: str | None) -> str | None:
    return "; ".join(note for note in notes if note) or None
