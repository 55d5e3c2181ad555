"""What changed beside the words: where links lead, the picture and its caption, the article's address.

Only what was read in the same way on both sides is compared: plain text has no links, and an older
reader may not have looked for them. Everything here is minor, for not a word of the text changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from rapidfuzz.distance import Indel

from monitor.events.addresses import host_of, is_front, is_home, page_key, same_page, same_target
from monitor.events.likeness import differ, is_style, key
from monitor.events.pictures import is_named, is_of_site, same_picture
from monitor.events.places import paragraph_starts, starts
from storage.records import Diff, Event, EventKind, Extraction, Link, Severity

_AT_ONCE = 5
_ALIKE = 0.6
_MOST_LINKS = 300  # of a sentence; what has more is a list of links, of which nothing is said
_MOST_MISSED = 200  # links whose words do not stand in their paragraph; what has more is not searched on


def media_events(diff: Diff) -> Iterator[Event]:
    """All of them, in the order of the page."""
    yield from moved_url_events(diff)
    yield from image_events(diff)
    yield from caption_events(diff)
    yield from link_events(diff)


def read_alike(diff: Diff) -> bool:
    """Whether what one side lacks, it does lack, since both were read by the same reader of pages."""
    return not (diff.old.plain or diff.new.plain) and diff.old.extractor == diff.new.extractor


# ---------------------------------------------------------------------- links


@dataclass(frozen=True)
class _Changed:
    """A link on words that stay: where it led and where it leads; None: nowhere. ``paragraph`` counts from
    0, in the new text, in the old one for a link that was taken off."""

    old: str | None
    new: str | None
    paragraph: int


def link_events(diff: Diff) -> Iterator[Event]:
    """Targets that changed, and links put on or taken off, on words that stay. Links that came or went with
    their words are told with these. Many that changed in one manner are one event."""
    if not read_alike(diff) or diff.old.links == diff.new.links:
        return
    found = list(_changed_links(diff))
    manners = Counter(_manner(changed) for changed in found)
    told: set[tuple[str, str]] = set()
    for changed in found:
        manner = _manner(changed)
        if manners[manner] <= _AT_ONCE:
            yield _event(
                EventKind.LINK_CHANGED, changed.old, changed.new, f"paragraph {changed.paragraph + 1}"
            )
        elif manner not in told:
            told.add(manner)
            yield _event(EventKind.LINK_CHANGED, *_at_once(manner, manners[manner]), "article")


def _manner(changed: _Changed) -> tuple[str, str]:
    """From which host to which; empty for none."""
    if changed.old is None or changed.new is None:
        return ("", "on") if changed.old is None else ("off", "")
    return host_of(changed.old), host_of(changed.new)


def _at_once(manner: tuple[str, str], count: int) -> tuple[str | None, str | None]:
    before, after = manner
    if not before:
        return None, f"{count} links put on words that stay"
    if not after:
        return f"{count} links", f"{count} links taken off words that stay"
    if before == after:
        return before, f"{count} links to {before} lead to other addresses there"
    return before, f"{count} links lead to {after} instead"


def _changed_links(diff: Diff) -> Iterator[_Changed]:
    """In the order of the new text."""
    old, new = _Side(diff.old, diff.old_sentences), _Side(diff.new, diff.new_sentences)
    groups = [group for group in diff.sentences if group.old and group.new]
    counts = ((group, len(old.within(group.old)) + len(new.within(group.new))) for group in groups)
    pairs = [_Pair.of(old, g.old, new, g.new) for g, count in counts if 0 < count <= _MOST_LINKS]
    _strike_carried(pairs, old, new)
    for pair in pairs:
        yield from pair.changed()


class _Side:
    """One text of a diff, and the links in each of its sentences; ``left`` are those that are still to be
    explained."""

    def __init__(self, extraction: Extraction, sentences: Sequence[str]) -> None:
        self.sentences = sentences
        self.left = Counter(extraction.links)
        self._paragraphs, self._starts = paragraph_starts(extraction), starts(sentences)
        self._links: dict[int, list[Link]] = defaultdict(list)
        texts, reached, missed = [paragraph.text for paragraph in extraction.paragraphs], (-1, 0), 0
        for link in extraction.links:
            after = reached[1] if reached[0] == link.paragraph else 0
            found = texts[link.paragraph].find(link.text, after) if missed <= _MOST_MISSED else -1
            missed += found < 0
            place = max(found, 0)
            reached = (link.paragraph, place + len(link.text))
            sentence = bisect_right(self._starts, self._paragraphs[link.paragraph] + place) - 1
            self._links[sentence].append(link)

    def within(self, places: Sequence[int]) -> list[Link]:
        return [link for place in places for link in self._links[place]]

    def text(self, places: Sequence[int]) -> str:
        return "".join(self.sentences[place] for place in places)

    def paragraph(self, place: int) -> int:
        return bisect_right(self._paragraphs, self._starts[place]) - 1


@dataclass
class _Pair:
    """Sentences that are the same ones in both texts, with their links, and the paragraphs they stand in."""

    old: list[Link]
    new: list[Link]
    before: str
    after: str
    was_in: int
    is_in: int

    @classmethod
    def of(cls, old: _Side, then: Sequence[int], new: _Side, now: Sequence[int]) -> Self:
        texts, places = (old.text(then), new.text(now)), (old.paragraph(then[0]), new.paragraph(now[0]))
        pair = cls(old.within(then), new.within(now), *texts, *places)
        for former, link in pair.take(lambda o, n: _same_words(o, n) and _same_targets(o, n)):
            old.left[former] -= 1
            new.left[link] -= 1
        return pair

    def take(self, alike: Callable[[Link, Link], bool]) -> Iterator[tuple[Link, Link]]:
        """Take out the links of both texts that belong together, in their order."""
        for link in list(self.new):
            former = next((other for other in self.old if alike(other, link)), None)
            if former is not None:
                self.old.remove(former)
                self.new.remove(link)
                yield former, link

    def changed(self) -> Iterator[_Changed]:
        """Links on the same words are one link with another target; so are, in the end, those on nearly the
        same words. One that leads where another one did only took over other words of the sentence."""
        for alike in (_same_words, _same_targets, _like_words):
            for former, link in self.take(alike):
                if not same_target(former.url, link.url):
                    yield _Changed(former.url, link.url, self.is_in)
        before, after = key(self.before) if self.new else "", key(self.after) if self.old else ""
        for link in self.new:
            if _holds(before, link):
                yield _Changed(None, link.url, self.is_in)
        for link in self.old:
            if _holds(after, link):
                yield _Changed(link.url, None, self.was_in)


def _strike_carried(pairs: Sequence[_Pair], old: _Side, new: _Side) -> None:
    """Leave out what only went to another sentence: the same words, with the same target."""
    carried = {_signed(link) for link in +old.left} & {_signed(link) for link in +new.left}
    for pair in pairs if carried else ():
        pair.old = [link for link in pair.old if _signed(link) not in carried]
        pair.new = [link for link in pair.new if _signed(link) not in carried]


def _signed(link: Link) -> tuple[str, str, str]:
    return _words(link.text), page_key(link.url), link.url.partition("#")[2]


_words = lru_cache(maxsize=4096)(key)


def _same_words(one: Link, other: Link) -> bool:
    return _words(one.text) == _words(other.text)


def _same_targets(one: Link, other: Link) -> bool:
    return same_target(one.url, other.url)


def _like_words(one: Link, other: Link) -> bool:
    alike = Indel.normalized_similarity(_words(one.text), _words(other.text)) >= _ALIKE
    return alike or _holds(_words(one.text), other) or _holds(_words(other.text), one)


def _holds(words: str, link: Link) -> bool:
    """Whether the words of a link stand among those, whole and side by side."""
    own = _words(link.text)
    return bool(own) and f" {own} " in f" {words} "


# ---------------------------------------------------------------------- picture, caption, address


def image_events(diff: Diff) -> Iterator[Event]:
    """The lead picture is another one, came or went; not where only its size, its cut or its host changed.
    A picture of the site's own that stands for all its pages is none. Two that are known by mere tokens are
    two only where their captions say so."""
    old, new = (
        image if image and not is_of_site(image) else None for image in (diff.old.image, diff.new.image)
    )
    if not read_alike(diff) or old == new:
        return
    if old is not None and new is not None:
        named = (is_named(old) and is_named(new)) or differ(diff.old.image_caption, diff.new.image_caption)
        if same_picture(old, new) or not named:
            return
    yield _event(EventKind.IMAGE_CHANGED, old, new, "image")


def caption_events(diff: Diff) -> Iterator[Event]:
    """The caption of the lead picture, where it does not stand in the text, too: there it is told as text."""
    old, new = diff.old.image_caption, diff.new.image_caption
    if not read_alike(diff) or not differ(old, new) or _in_text(old, diff.old) or _in_text(new, diff.new):
        return
    style = old is not None and new is not None and is_style(old, new)
    severity = Severity.COSMETIC if style else Severity.MINOR
    yield _event(EventKind.CAPTION_CHANGED, old, new, "caption", severity)


def _in_text(caption: str | None, extraction: Extraction) -> bool:
    words = key(caption or "")
    return bool(words) and any(words in key(paragraph.text) for paragraph in extraction.paragraphs)


def moved_url_events(diff: Diff) -> Iterator[Event]:
    """The article says that it has another address. One that points at a front page or a section is a
    mistake of the page's, and no address of an article."""
    old, new = diff.old.canonical_url, diff.new.canonical_url
    if old is None or new is None or not read_alike(diff) or same_page(old, new):
        return
    if is_front(old) == is_front(new) and not (is_home(old) or is_home(new)):
        yield _event(EventKind.MOVED_URL, old, new, "article")


def _event(
    kind: EventKind, old: str | None, new: str | None, where: str, severity: Severity = Severity.MINOR
) -> Event:
    return Event(kind=kind, severity=severity, old=old, new=new, where=where)
