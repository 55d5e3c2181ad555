"""The posts of a live blog that came, and those that scrolled off its page.

A live blog lives by its new posts, so they are told together and lightly; what changed inside an older
post is no business of this file. Posts are known by where their paragraphs begin, or by the time at
the head of each; where neither tells them apart nothing is said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.events.places import paragraphs_of
from storage.records import (
    Diff,
    Event,
    EventKind,
    Extraction,
    NoticeKind,
    ParagraphKind,
    SentenceOp,
    Severity,
)

_NEARLY_ALL = 0.8
_LEAST_TIMED = 3
_MOST_HEADS = 3
_LONGEST_HEAD = 80
_TIME = re.compile(
    r"\W{0,3}(?:[01]?\d|2[0-3])[.:h][0-5]\d(?!\d)\s?(?:[ap]\.?m\b\.?|uhr\b)?\s?(?:\(?(?-i:[A-Z]{2,4})\b\)?)?\W*",
    re.IGNORECASE,
)
_SAYS_LIVE = re.compile(
    r"\b(?:live(?:[ -]?(?:blog|ticker|updates?))?|newsticker|minuto a minuto|en (?:direct|directo|vivo)|in diretta|"
    r"ao vivo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class LivePosts:
    """``came`` are the places, in the new text, of the sentences of posts that are new; ``gone``, in the old
    one, of those that only scrolled off. ``events`` has the one event about them, if there is one."""

    events: tuple[Event, ...] = ()
    came: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()


NO_POSTS = LivePosts()


def live_posts(diff: Diff) -> LivePosts:
    """What came to a live blog. Minor, whatever the posts say: it gets one every few minutes, and one who
    wants to hear of each would ask for this kind. A figure that changes in an older post is told as ever."""
    if not (_is_live(diff.new) and _is_live(diff.old)):
        return NO_POSTS
    old, new = _Posts.of(diff.old, diff.old_sentences), _Posts.of(diff.new, diff.new_sentences)
    if old is None or new is None:
        return NO_POSTS
    added = {j for group in diff.sentences if group.op is SentenceOp.ADD for j in group.new}
    deleted = {i for group in diff.sentences if group.op is SentenceOp.DELETE for i in group.old}
    came = new.mostly_in(added)
    if not came:
        return NO_POSTS
    gone = _scrolled_off(
        old.mostly_in(deleted), len(old.members), on_top=_stand_on_top(came, len(new.members))
    )
    return LivePosts(
        events=(_event(diff.new, new, came),),
        came=frozenset(j for post in came for j in new.members[post]),
        gone=frozenset(i for post in gone for i in old.members[post]),
    )


def _is_live(extraction: Extraction) -> bool:
    if extraction.live or any(notice.kind is NoticeKind.LIVE for notice in extraction.notices):
        return True
    return extraction.plain and bool(_SAYS_LIVE.search(extraction.headline or ""))


@dataclass(frozen=True)
class _Posts:
    """The posts of one text: the paragraph at which each begins, and its sentences with their sizes."""

    heads: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, extraction: Extraction, sentences: Sequence[str]) -> _Posts | None:
        heads = extraction.posts or tuple(_headed_by_time(extraction))
        if not heads:
            return None
        members: list[list[int]] = [[] for _ in heads]
        for place, paragraph in enumerate(paragraphs_of(extraction, sentences)):
            post = bisect_right(heads, paragraph) - 1
            if post >= 0:
                members[post].append(place)
        sizes = tuple(len(sentence.split()) for sentence in sentences)
        return cls(heads, tuple(tuple(places) for places in members), sizes)

    def mostly_in(self, places: set[int]) -> list[int]:
        """The posts all or nearly all of whose words are there."""
        return [post for post in range(len(self.members)) if self._share(post, places) >= _NEARLY_ALL]

    def _share(self, post: int, places: set[int]) -> float:
        whole = sum(self.sizes[place] for place in self.members[post])
        return sum(self.sizes[place] for place in self.members[post] if place in places) / max(whole, 1)


def _headed_by_time(extraction: Extraction) -> Iterator[int]:
    """The paragraphs that are a time or begin with one, where several are; a heading right above one that
    is nothing but a time belongs to it."""
    texts = [paragraph.text for paragraph in extraction.paragraphs]
    heads = [place for place, text in enumerate(texts) if _TIME.match(text)]
    if len(heads) < _LEAST_TIMED:
        return
    known = set(heads)
    for place in heads:
        above = place > 0 and extraction.paragraphs[place - 1].kind is ParagraphKind.HEADING
        alone = _TIME.fullmatch(texts[place]) is not None
        yield place - 1 if above and alone and place - 1 not in known and not extraction.plain else place


def _stand_on_top(came: Sequence[int], count: int) -> bool:
    """Whether the new posts stand before those that stayed, on the whole."""
    new = set(came)
    stayed = [post for post in range(count) if post not in new]
    return not stayed or sum(came) / len(came) < sum(stayed) / len(stayed)


def _scrolled_off(dropped: Sequence[int], count: int, *, on_top: bool) -> list[int]:
    """Of the posts that are gone, the run of whole ones at the end away from where new ones come."""
    gone, run = set(dropped), []
    for post in range(count - 1, -1, -1) if on_top else range(count):
        if post not in gone:
            break
        run.append(post)
    return run


def _event(new: Extraction, posts: _Posts, came: Sequence[int]) -> Event:
    heads = [_head_of(new, posts, post) for post in came]
    named = "; ".join(f"“{head}”" for head in heads[:_MOST_HEADS] if head)
    more = f" and {len(heads) - _MOST_HEADS} more" if len(heads) > _MOST_HEADS else ""
    counted = f"{len(came)} new post{'' if len(came) == 1 else 's'}"
    return Event(
        kind=EventKind.LIVE_POSTS_ADDED,
        severity=Severity.MINOR,
        old=None,
        new=f"{counted}: {named}{more}" if named else counted,
        where=f"paragraph {posts.heads[came[0]] + 1}",
    )


def _head_of(extraction: Extraction, posts: _Posts, post: int) -> str:
    """The heading of a post, or how it begins, without the time at its head."""
    end = posts.heads[post + 1] if post + 1 < len(posts.heads) else None
    own = extraction.paragraphs[posts.heads[post] : end]
    heading = next((p.text for p in own[:3] if p.kind is ParagraphKind.HEADING), None)
    texts = [heading] if heading else [_TIME.sub("", paragraph.text, count=1) for paragraph in own]
    text = next((text for text in texts if len(text.split()) > 1), texts[0] if texts else "")
    return text if len(text) <= _LONGEST_HEAD else f"{text[:_LONGEST_HEAD].rpartition(' ')[0]} …"
