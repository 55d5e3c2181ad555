"""What is remembered of a source's listing from one look to the next, and what follows from it: which addresses are
new, of which articles it hints that they changed, and how far such hints are believed.

A hint is an entry whose time or title is another than it was, with a time later than our last look. Whether the
article had changed is seen at the next look at it, whoever made it due; a source whose hints seldom come true is
counted on and no longer acted on, until they come true again. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from monitor.sources.listing import Child, Entry
from storage.records import Standing, sha256

_LEAST_TRUE = 0.3  # of the hints of a source, below which they are not acted on
_AT_FIRST = 4  # hints acted on before any has come true or not; each that comes true is good for four more
_MOST_OPEN = 200  # hints that wait to be seen true
_LONGEST_OPEN = timedelta(days=2)
_HALF = 6
_COUNTED = 64  # hints after which the counts are halved, so that a source may mend its ways
MOST_SEEN = 5000
_AHEAD = timedelta(minutes=5)  # by which another clock may be ahead of ours
RECENT = timedelta(days=2)
_MOST_RECENT = (
    1000  # as many as a news sitemap may have; more "recent" ones than that are stamped, not written
)
_MOST_CHILDREN = 20  # of one index
_MOST_ASKED = 60  # of all indexes of a round
_DEEPEST = 3


@dataclass(frozen=True, kw_only=True)
class Memory:
    """``marks`` says how each entry looked when it was last listed, ``open`` since when a hint waits to be seen
    true, and whether it was acted on; ``hits`` of ``hints`` were true. ``stood`` are the keys of links that may be
    a menu's; None: no look yet.

    ``todo`` are sitemaps still to be asked for in this round, with their depth, ``asked`` how many were added to
    it so far, and ``read`` the time that each had when it was last read. ``at`` is the address of the feed that a
    page named in place of one. ``began``: there was a look that worked.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, tuple[float, bool]] = field(default_factory=dict)
    hits: int = 0
    hints: int = 0
    stood: tuple[str, ...] | None = None
    todo: tuple[tuple[str, int], ...] = ()
    asked: int = 0
    read: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    began: bool = False

    @classmethod
    def of(cls, text: str | None) -> Memory:
        """What ``text`` says; what it says in another form than today's is forgotten."""
        try:
            said = json.loads(text or "{}")
            made = cls(**said)
            todo = tuple((str(url), int(depth)) for url, depth in made.todo)
            waiting = {str(url): (float(since), bool(acted)) for url, (since, acted) in made.open.items()}
            stood = None if made.stood is None else tuple(made.stood)
            return replace(made, todo=todo, open=waiting, stood=stood)
        except (ValueError, TypeError, AttributeError):
            return cls()

    @property
    def text(self) -> str:
        said = {name: value for name, value in asdict(self).items() if value not in ({}, (), None, 0, False)}
        if self.stood is not None:
            said["stood"] = list(self.stood)
        return json.dumps(said, separators=(",", ":"), sort_keys=True)

    @property
    def are_believed(self) -> bool:
        """Whether its hints have come true often enough to be acted on; two that we never saw count as one true
        and one not."""
        return (self.hits + 1) / (self.hints + 2) >= _LEAST_TRUE

    @property
    def trust(self) -> str | None:
        """In words, where there is something to say."""
        if self.are_believed:
            return None
        return f"its times say little: {self.hits} of {self.hints} were true, and they hasten no look"


# ---------------------------------------------------------------------- hints


def unsettled(memory: Memory, entries: Sequence[Entry]) -> list[str]:
    """The addresses of which the standing has to be known for ``settle``."""
    changed = [entry.url for entry in entries if memory.marks.get(key(entry.url)) != mark(entry)]
    return list(dict.fromkeys([*memory.open, *changed]))


def settle(
    memory: Memory,
    entries: Sequence[Entry],
    standings: Mapping[str, Standing],
    now: datetime,
    *,
    part: bool = False,
) -> tuple[Memory, list[str]]:
    """The memory after a look at the listing, and the addresses of the articles that are to be looked at for it.

    :param standings: of the articles that are watched under those addresses.
    :param part: the entries are not all that the source lists.
    """
    memory = _resolved(memory, standings, now)
    hinted = [entry.url for entry in entries if _is_hint(entry, memory, standings.get(entry.url), now)]
    waiting = {**dict.fromkeys(hinted[:_MOST_OPEN], (now.timestamp(), False)), **memory.open}
    waiting = dict(list(waiting.items())[-_MOST_OPEN:])
    room = _AT_FIRST * (1 + memory.hits) - sum(is_acted_on for _since, is_acted_on in waiting.values())
    held = [url for url, (_since, is_acted_on) in waiting.items() if not is_acted_on]
    acted = held[: max(0, room)] if memory.are_believed else []
    waiting |= {url: (waiting[url][0], True) for url in acted}
    marks = {key(entry.url): mark(entry) for entry in entries}
    if part:
        marks = {**memory.marks, **marks}
    marks = dict(list(marks.items())[-MOST_SEEN:])
    return replace(memory, marks=marks, open=waiting, began=True), acted


def key(url: str) -> str:
    return sha256(url.encode("utf-8", "replace"))[:12]


def mark(entry: Entry) -> str:
    """How an entry looks: six digits for its times, six for its title."""
    said = (f"{entry.published_at}|{entry.updated_at}", entry.title)
    return "".join(sha256(text.encode("utf-8", "replace"))[:_HALF] for text in said)


def _is_hint(entry: Entry, memory: Memory, standing: Standing | None, now: datetime) -> bool:
    """An article that was never looked at is due anyway."""
    if standing is None or standing.last_check_at is None:
        return False
    before, after, dated = memory.marks.get(key(entry.url), ""), mark(entry), entry.dated
    if before == after:
        return False
    if dated is not None and standing.last_check_at < dated <= now + _AHEAD:
        return True
    has_other_title = bool(before) and before[_HALF:] != after[_HALF:]
    changed_before = entry.updated_at is not None and before[:_HALF] != after[:_HALF]
    return has_other_title and not changed_before


def _resolved(memory: Memory, standings: Mapping[str, Standing], now: datetime) -> Memory:
    """With what has become of the hints that waited: true where the first look after it saw a change. What no look
    that worked has answered for two days waits no more."""
    waiting, hits, hints = dict(memory.open), memory.hits, memory.hints
    for url, (since, _is_acted_on) in memory.open.items():
        standing = standings.get(url)
        if standing is None or since < (now - _LONGEST_OPEN).timestamp():
            del waiting[url]
        elif _at(standing.last_change_at) >= since or _at(standing.last_seen_at) > since:
            del waiting[url]
            hints += 1
            hits += _at(standing.last_change_at) >= since
    if hints >= _COUNTED:
        hits, hints = hits // 2, hints // 2
    return replace(memory, open=waiting, hits=hits, hints=hints)


def _at(moment: datetime | None) -> float:
    return moment.timestamp() if moment else float("-inf")


# ---------------------------------------------------------------------- sitemaps


def recent(
    memory: Memory, entries: Sequence[Entry], now: datetime, *, alone: bool
) -> tuple[list[Entry], str | None]:
    """Those worth watching, and what is odd about them: of the last two days by their own times; where these say
    nothing, those that were not listed at the last look.

    :param alone: the sitemap is the source's own; of one out of an index nobody remembers all that it listed.
    """
    dated = [entry for entry in entries if entry.dated is not None and now - entry.dated <= RECENT]
    if any(entry.dated for entry in entries) and len(dated) <= _MOST_RECENT:
        return dated, None
    if not entries:
        return [], None
    if len(entries) > MOST_SEEN or not alone:
        return (
            [],
            f"it lists {len(entries):,} addresses without times that tell which are new; none is watched",
        )
    said = "its times do not tell what is new" if dated else "it gives no times"
    new = [entry for entry in entries if key(entry.url) not in memory.marks] if memory.began else []
    return new, f"{said}; what is there from the first look on is not watched"


def worth_reading(memory: Memory, children: Iterable[Child], depth: int, now: datetime) -> Memory:
    """The memory with those sitemaps of an index still to be asked for: the newest first, none that is older than
    what counts as recent or as it was when it was last read, and none on a fourth level.

    :param depth: of that index: 0 for the source's own.
    """
    if depth + 1 >= _DEEPEST:
        return memory
    due = [child for child in children if _is_due(memory, child, now)]
    dated = sorted(
        (child for child in due if child.updated_at is not None),
        key=lambda child: _at(child.updated_at),
        reverse=True,
    )
    room = max(0, min(_MOST_CHILDREN, _MOST_ASKED - memory.asked))
    waiting = {url for url, _depth in memory.todo}
    chosen = [*dated, *(child for child in due if child.updated_at is None)]
    chosen = [child for child in chosen if child.url not in waiting][:room]
    more = tuple((child.url, depth + 1) for child in chosen)
    read = {child.url: str(child.updated_at) for child in chosen if child.updated_at is not None}
    kept = dict(list({**memory.read, **read}.items())[-2 * _MOST_ASKED :])
    return replace(memory, todo=(*memory.todo, *more), asked=memory.asked + len(more), read=kept)


def _is_due(memory: Memory, child: Child, now: datetime) -> bool:
    if child.updated_at is None:
        return True
    within = timedelta(days=1) + RECENT  # a day alone is given as its beginning
    return now - child.updated_at <= within and memory.read.get(child.url) != str(child.updated_at)


# ---------------------------------------------------------------------- sections


def with_menu(memory: Memory, maybe: Collection[str]) -> Memory:
    """The memory of a section page after its first look: what may be its menu is kept."""
    if memory.stood is not None:
        return memory
    return replace(memory, stood=tuple(key(url) for url in list(maybe)[:MOST_SEEN]))
