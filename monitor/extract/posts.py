"""The posts of a live blog: at which of its paragraphs they begin.

A post is told by how it is marked (schema.org's liveBlogUpdate in the page or in its JSON-LD, a class
or a time that belongs to it) or by the time at its head. Where posts cannot be told apart there are
none. Refuses to know whether the page is a live blog.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lxml.etree import _Element

from monitor.extract.metadata import Update
from monitor.extract.passage import Passage
from monitor.extract.shown import bare
from storage.records import ParagraphKind

_CALLED = re.compile(
    r"live-?_*(?:blog|event|ticker|text|stream|feed|story)?s?-?_*(?:posts?|entry|entries|updates?|items?|blocks?|card)(?![a-z])|"
    r"(?:post|entry|update)-?_*live(?![a-z])",
    re.IGNORECASE,
)
_TIMED = (
    "data-sort-time",
    "data-post-time",
    "data-timestamp",
    "data-published",
    "data-time",
    "data-post-id",
    "data-block-id",
)
_CLOCK = re.compile(
    r"\d{1,2}[.:h]\d{2}\s?(?:[ap]\.?m\.?|uhr)?\s?(?:\(\w{2,4}\)|(?-i:[A-Z]{2,4})\b)?[\s:–—-]+", re.IGNORECASE
)
_TELLING = 60  # letters of a post's first words
_SHORTEST = 12
_CUT = 30  # a headline of that many letters may be the beginning of a longer one
_SHARE = 0.4
_Mark = Callable[[_Element], bool]


def find_posts(passages: Sequence[Passage], updates: Sequence[Update]) -> tuple[int, ...]:
    """The places of the passages at which posts begin, in their order; empty where there are not two.

    :param updates: the posts that the page's JSON-LD lists.
    """
    ids = {update.id for update in updates if update.id}
    ways: tuple[Callable[[], tuple[int, ...]], ...] = (
        lambda: _held(passages, lambda e: "liveblogupdate" in (e.get("itemprop") or "").lower()),
        lambda: _held(passages, lambda e: e.get("id") in ids),
        lambda: _held(passages, _is_called_post),
        lambda: _held(passages, _is_timed_post),
        lambda: _listed(passages, updates),
        lambda: _headed_by_time(passages),
    )
    return next((places for way in ways if len(places := way()) > 1), ())


def _held(passages: Sequence[Passage], is_post: _Mark) -> tuple[int, ...]:
    """Where the passages begin that stand in elements of that kind. Of such elements inside each other
    the outer ones are the posts, unless they are few: then they hold the posts."""
    depths: dict[_Element, int] = {}
    by_depth: dict[int, dict[_Element, int]] = {}
    for place, passage in enumerate(passages):
        fresh: list[_Element] = []
        here = passage.owner
        while here is not None and here not in depths:
            fresh.append(here)
            here = here.getparent()
        start = -1 if here is None else depths[here]
        for depth, element in enumerate(reversed(fresh), start + 1):
            depths[element] = depth
            if is_post(element):
                by_depth.setdefault(depth, {})[element] = place
    most = max((len(posts) for posts in by_depth.values()), default=0)
    enough = (by_depth[depth] for depth in sorted(by_depth) if len(by_depth[depth]) >= max(2, most * _SHARE))
    return tuple(next(enough, {}).values())


def _is_called_post(element: _Element) -> bool:
    """Whether it is called a post, or bears a time or a number as a post does, and so does one beside it."""
    mark = _mark_of(element)
    return mark is not None and any(_mark_of(other) == mark for other in _beside(element))


def _mark_of(element: _Element) -> str | None:
    timed = next((name for name in _TIMED if element.get(name)), None)
    if timed is not None:
        return timed
    called = _CALLED.search(element.get("class") or "")
    return called[0].lower() if called else None


def _is_timed_post(element: _Element) -> bool:
    """Whether it holds a time beside something else, and so does one beside it."""
    return _has_time(element) and any(_has_time(other) for other in _beside(element))


def _has_time(element: _Element) -> bool:
    return element.tag != "time" and len(element) > 1 and next(element.iter("time"), None) is not None


def _beside(element: _Element) -> Iterator[_Element]:
    """The elements of its tag that stand on either side of it, the next ones first."""
    tag = str(element.tag)
    yield from element.itersiblings(tag)
    yield from element.itersiblings(tag, preceding=True)


def _listed(passages: Sequence[Passage], updates: Sequence[Update]) -> tuple[int, ...]:
    """Where the headlines, or the first words, stand that the JSON-LD gives to its posts."""
    said = (_opening(text) for update in updates for text in (update.headline, update.text) if text)
    heads = {head for head in said if len(head) >= _SHORTEST or " " in head}
    cut = tuple(head for head in heads if _CUT <= len(head) < _TELLING)
    openings = [_opening(passage.text) for passage in passages]
    found = [place for place, text in enumerate(openings) if text in heads or text.startswith(cut)]
    return tuple(_without_second_lines(found, passages))


def _opening(text: str) -> str:
    """The first words, without the time that may stand before them."""
    return bare(_CLOCK.sub("", text.strip()))[:_TELLING].strip()


def _without_second_lines(places: Sequence[int], passages: Sequence[Passage]) -> Iterator[int]:
    """A heading and the words below it may both be listed: they are of one post."""
    yield from places[:1]
    for before, place in pairwise(places):
        if place - before > 1 or passages[before].paragraph.kind is not ParagraphKind.HEADING:
            yield place


def _headed_by_time(passages: Sequence[Passage]) -> tuple[int, ...]:
    """Where a time stands right behind a heading, or right before a passage, with nothing around the post."""
    owners = {passage.owner: place for place, passage in reversed(list(enumerate(passages)))}
    holders = Counter(owner.getparent() for owner in owners if owner is not None)
    holder = holders.most_common(1)[0][0] if holders else None
    places: set[int] = set()
    for time in () if holder is None else holder.iterchildren("time"):
        above, below = (owners.get(e) for e in (time.getprevious(), time.getnext()))
        headed = above is not None and passages[above].paragraph.kind is ParagraphKind.HEADING
        place = above if headed else below
        if place is not None:
            places.add(place)
    return tuple(sorted(places))
