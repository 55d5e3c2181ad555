"""Which copy of an article did a look show: its latest text, or one that was there before?

The servers and caches of one outlet disagree for minutes or hours after an edit, so one address
answers now with the old text and now with the new one. That is no edit. Another copy counts only
once it has held; until then the two alternate, which is told once. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.verdict import MAX_DOUBTS
from storage.records import Article, Extraction

_MOST_SWINGS = 6  # that make a copy hold longer; after them nine looks in a row are asked for
_CALM = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(seconds=1)
_OLDER = "older"


@dataclass(frozen=True, kw_only=True)
class AnotherCopy:
    """A text other than the latest that was there before, or says so. ``number`` is the revision that
    it was; None: a text never seen, which dates itself older. ``key`` tells one copy from another."""

    key: str
    why: str
    number: int | None


def another_copy(article: Article, latest: Extraction, seen: Extraction) -> AnotherCopy | None:
    """The older copy that ``seen`` is; None: it is the latest text, or a newer one.

    A file of a watched folder has no copies: what stands in it was put there.
    """
    if article.url.startswith("file:") or seen.text_digest == latest.text_digest:
        return None
    number = article.text_digests.get(seen.text_digest)
    if number is not None and number != article.revisions:
        return AnotherCopy(key=seen.text_digest, why=f"the text of revision {number} is back", number=number)
    if not dates_itself_older(latest, seen):
        return None
    return AnotherCopy(
        key=_OLDER, why=f"this copy dates itself before revision {article.revisions}", number=None
    )


def dates_itself_older(latest: Extraction, seen: Extraction) -> bool:
    """Whether ``seen`` was last modified before ``latest``, by what both say of themselves."""
    if latest.modified_at is None or seen.modified_at is None:
        return False
    return latest.modified_at - seen.modified_at >= _CLOCKS_DIFFER


def with_look_at(article: Article, copy: AnotherCopy, now: datetime) -> Article:
    """The article after one more look at that copy."""
    held = article.returns + 1 if article.other_copy == copy.key else 1
    return replace(_calmed(article, now), returns=held, other_copy=copy.key)


def counts(article: Article) -> bool:
    """Whether the copy that was just looked at has held: for three looks in a row, and one more for
    every time that the copies took turns."""
    return article.returns > MAX_DOUBTS + min(article.swings, _MOST_SWINGS)


def with_latest_again(article: Article, now: datetime) -> Article:
    """The article after a look at its latest text. Where another copy was seen just before, the two
    took turns: a swing."""
    return _swung(article, now) if article.returns else article


def with_revision(article: Article, *, returned: bool, now: datetime) -> Article:
    """The article after a new revision. A new text ends the series of swings. An earlier text that held
    is one more turn of the same copies, so that caches which are slow to turn are believed ever less."""
    if returned:
        return _swung(article, now)
    return replace(_without_swings(article), returns=0, other_copy=None)


def series(article: Article, now: datetime) -> str:
    """The swings so far, in words."""
    minutes = round((now - (article.swings_since or now)).total_seconds() / 60)
    span = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    return f"two copies of it alternate, {article.swings} times in {span}"


def _swung(article: Article, now: datetime) -> Article:
    calmed = _calmed(article, now)
    return replace(
        calmed,
        returns=0,
        other_copy=None,
        swings=calmed.swings + 1,
        swings_since=calmed.swings_since or now,
        swung_at=now,
    )


def _calmed(article: Article, now: datetime) -> Article:
    """The article without its swings, where a day has passed without one."""
    if article.swung_at is None or now - article.swung_at < _CALM:
        return article
    return _without_swings(article)


def _without_swings(article: Article) -> Article:
    return replace(article, swings=0, swings_since=None, swung_at=None, alternated_at=None)
