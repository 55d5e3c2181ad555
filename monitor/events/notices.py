"""Notices that were put on, reworded or dropped: what an outlet says of its own article."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from monitor.events.likeness import key
from monitor.events.side import Side
from monitor.extract.notices import notice_kind
from storage.records import (
    Diff,
    Event,
    EventKind,
    Extraction,
    Notice,
    NoticeKind,
    SentenceOp,
    Severity,
)

_GRAVE = frozenset({NoticeKind.CORRECTION, NoticeKind.EDITORS_NOTE, NoticeKind.CLARIFICATION})


def notices_of(diff: Diff, old: Side, new: Side) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    """The notices of both versions: those that the reader found where newsrooms put them, and those
    anywhere in the text that came, went or changed."""
    before, after = list(diff.old.notices), list(diff.new.notices)
    if diff.old.plain or diff.new.plain:  # plain text shows only what stands in the text itself
        before, after = _in_text(before, diff.old), _in_text(after, diff.new)
    changed = [group for group in diff.sentences if group.op is not SentenceOp.KEEP]
    before += _among(old, [i for group in changed for i in group.old], before)
    after += _among(new, [j for group in changed for j in group.new], after)
    return tuple(before), tuple(after)


def notice_events(before: Sequence[Notice], after: Sequence[Notice]) -> Iterator[Event]:
    """A notice of a kind that takes the place of another of that kind was reworded."""
    ours, theirs = ({_known_by(notice) for notice in side} for side in (before, after))
    dropped = [notice for notice in before if _known_by(notice) not in theirs]
    added = [notice for notice in after if _known_by(notice) not in ours]
    waiting: dict[NoticeKind, deque[Notice]] = defaultdict(deque)
    for notice in dropped:
        waiting[notice.kind].append(notice)
    alone = []
    for notice in added:
        if waiting[notice.kind]:
            replaced = waiting[notice.kind].popleft()
            yield _event(EventKind.NOTICE_CHANGED, notice, replaced, notice)
        else:
            alone.append(notice)
    for notice in alone:
        yield _event(EventKind.NOTICE_ADDED, notice, None, notice)
    for notice in dropped:
        if waiting[notice.kind] and waiting[notice.kind][0] is notice:
            waiting[notice.kind].popleft()
            yield _event(EventKind.NOTICE_DROPPED, notice, notice, None)


def _among(side: Side, changed: Sequence[int], known: Sequence[Notice]) -> list[Notice]:
    """Notices among the changed sentences that are not known yet."""
    whole = side.whole(set(changed))
    units = dict.fromkeys(side.unit(place, whole) for place in changed)
    texts = {key(notice.text) for notice in known}
    found = ((notice_kind(unit), unit) for unit in units if key(unit) not in texts)
    return [Notice(kind=kind, text=unit) for kind, unit in found if kind is not None]


def _event(kind: EventKind, about: Notice, old: Notice | None, new: Notice | None) -> Event:
    return Event(
        kind=kind,
        severity=Severity.CRITICAL if about.kind in _GRAVE else Severity.MINOR,
        old=old.text if old else None,
        new=new.text if new else None,
        where=f"notice {about.kind}",
    )


def _known_by(notice: Notice) -> tuple[NoticeKind, str]:
    return notice.kind, key(notice.text)


def _in_text(notices: Iterable[Notice], extraction: Extraction) -> list[Notice]:
    text = key(extraction.text)
    return [notice for notice in notices if key(notice.text) in text]
