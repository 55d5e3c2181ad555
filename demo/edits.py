"""What a newsroom can do to a page: one small function per edit, from a version to the next one.

An edit that does not find what it is to change is a mistake in the script and says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demo.nouns import Face, Notice, Passage, Seed, Version

Seeds = Mapping[str, Seed]


class StoryError(Exception):
    """The script contradicts itself or its seeds."""


def edited(version: Version, change: Mapping[str, Any], seeds: Seeds) -> Version:
    """The version after one ``changes`` entry of story.toml."""
    arguments = dict(change)
    name = arguments.pop("do", None)
    edit = _EDITS.get(str(name))
    if edit is None:
        raise StoryError(f"there is no edit {name!r}; there are {', '.join(sorted(_EDITS))}")
    try:
        return edit(version, seeds, **arguments)
    except TypeError as error:
        raise StoryError(f"the edit {name!r} does not go with {arguments}: {error}") from error


def _replace(version: Version, seeds: Seeds, *, old: str, new: str) -> Version:
    index = _find(version, old)
    passage = version.passages[index]
    if passage.text.count(old) != 1:
        raise StoryError(f"{old!r} stands in the paragraph more than once")
    text = passage.text.replace(old, new)
    return _spliced(version, index, index + 1, [dataclasses.replace(passage, text=text)])


def _insert(version: Version, seeds: Seeds, *, after: str, of: str, paragraphs: list[int]) -> Version:
    index = _find(version, after) + 1
    return _spliced(version, index, index, _taken(seeds, of, paragraphs))


def _rewrite(version: Version, seeds: Seeds, *, paragraph: str, of: str, paragraphs: list[int]) -> Version:
    index = _find(version, paragraph)
    return _spliced(version, index, index + 1, _taken(seeds, of, paragraphs))


def _remove(version: Version, seeds: Seeds, *, paragraph: str) -> Version:
    index = _find(version, paragraph)
    return _spliced(version, index, index + 1, [])


def _headline(version: Version, seeds: Seeds, *, of: str) -> Version:
    headline = _seed(seeds, of).headline
    if headline is None:
        raise StoryError(f"seed {of} has no headline to take")
    return dataclasses.replace(version, headline=headline)


def _notice(version: Version, seeds: Seeds, *, kind: str, text: str) -> Version:
    return dataclasses.replace(version, notices=(*version.notices, Notice(kind=kind, text=text)))


def _drop_notice(version: Version, seeds: Seeds, *, kind: str) -> Version:
    left = tuple(notice for notice in version.notices if notice.kind != kind)
    if left == version.notices:
        raise StoryError(f"there is no {kind} notice to drop")
    return dataclasses.replace(version, notices=left)


def _leave_feed(version: Version, seeds: Seeds) -> Version:
    if not version.in_feed:
        raise StoryError("a page that is not in the feed cannot leave it")
    return dataclasses.replace(version, in_feed=False)


def _wall_up(version: Version, seeds: Seeds) -> Version:
    return dataclasses.replace(version, face=Face.WALL)


def _wall_down(version: Version, seeds: Seeds) -> Version:
    return dataclasses.replace(version, face=Face.ARTICLE)


def _take_down(version: Version, seeds: Seeds) -> Version:
    return dataclasses.replace(version, face=Face.GONE, in_feed=False)


def _find(version: Version, phrase: str) -> int:
    found = [index for index, text in enumerate(version.texts) if phrase in text]
    if len(found) != 1:
        where = "in no paragraph" if not found else f"in {len(found)} paragraphs"
        raise StoryError(f"{phrase!r} stands {where}; it has to stand in one")
    return found[0]


def _spliced(version: Version, start: int, stop: int, passages: Sequence[Passage]) -> Version:
    whole = (*version.passages[:start], *passages, *version.passages[stop:])
    return dataclasses.replace(version, passages=whole)


def _taken(seeds: Seeds, of: str, paragraphs: Sequence[int]) -> list[Passage]:
    seed = _seed(seeds, of)
    if not all(1 <= number <= len(seed.passages) for number in paragraphs):
        raise StoryError(f"seed {of} has paragraphs 1 to {len(seed.passages)}, not {paragraphs}")
    return [seed.passages[number - 1] for number in paragraphs]


def _seed(seeds: Seeds, of: str) -> Seed:
    if of not in seeds:
        raise StoryError(f"there is no seed {of!r}")
    return seeds[of]


_EDITS: dict[str, Callable[..., Version]] = {
    "replace": _replace,
    "insert": _insert,
    "rewrite": _rewrite,
    "remove": _remove,
    "headline": _headline,
    "notice": _notice,
    "drop_notice": _drop_notice,
    "leave_feed": _leave_feed,
    "wall_up": _wall_up,
    "wall_down": _wall_down,
    "take_down": _take_down,
}
