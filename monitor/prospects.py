"""When an article wants its next look: what its looks so far let us believe, against the price of one.

Turns articles and times into the numbers of ``polling`` and back; that is also all that ``decide`` asks of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from monitor import polling
from monitor.config import Policy, ScheduleSettings
from monitor.polling import FLOOR, Belief, Habits, Prospect, first_belief, unpack
from storage.records import Article, Extraction, NoticeKind, Source

_SHARE_OF_AGE = 20
_UNSEEN = timedelta(
    days=30
)  # no look stands for more: a clock that leapt while nobody watched is not believed


@dataclass(frozen=True, kw_only=True)
class Market:
    """What a look at an article of this host costs today, and what articles do: its own, and everybody's."""

    price: float = FLOOR
    habits: Habits = field(default_factory=Habits)
    everywhere: Habits = field(default_factory=Habits)


def begun(article: Article, extraction: Extraction, market: Market, now: datetime) -> Article:
    """The article after the first look that saw it."""
    breaking = any(notice.kind is NoticeKind.BREAKING for notice in extraction.notices)
    held = first_belief(market.habits, market.everywhere, breaking=breaking)
    born = _born(extraction.published_at, now)
    return replace(article, belief=held.pack(), believed_at=now, aged_from=born)


def looked_again(
    article: Article, schedule: ScheduleSettings, market: Market, now: datetime, *, changed: bool
) -> tuple[Article, Habits | None]:
    """The article after another look that saw it, and what is known of its host's articles, where that
    is news. One that had been retired and has changed is young again."""
    if article.belief is None or article.believed_at is None or article.aged_from is None:
        held = first_belief(market.habits, market.everywhere, breaking=False)
        since = article.found_at if article.last_change_at is None else article.last_change_at
        return replace(article, belief=held.pack(), believed_at=now, aged_from=min(since, now)), None
    if changed and is_retired(article, schedule, now):
        held = first_belief(market.habits, market.everywhere, breaking=False)
        return replace(article, belief=held.pack(), believed_at=now, aged_from=now), None
    unseen = max(now - article.believed_at - max(_UNSEEN, 2 * schedule.max_interval), timedelta(0))
    born = article.aged_from + unseen
    looked, age = _seconds(article.believed_at + unseen - born), _seconds(now - born)
    before = unpack(article.belief)
    held = before.after_look(looked, max(age, looked), changed)
    news = market.habits.after_look(before, looked, held, age)
    return replace(article, belief=held.pack(), believed_at=now, aged_from=born), news


def wait(
    article: Article, source: Source, schedule: ScheduleSettings, price: float, now: datetime
) -> timedelta:
    """How long until an article that answered well wants another look: the source's own interval; or
    until a look is worth its price, within the schedule's limits. Always more than zero."""
    if source.interval is not None:
        return source.interval
    if schedule.policy is Policy.FIXED:
        quiet = now - (article.last_change_at or article.found_at)
        return min(max(quiet / _SHARE_OF_AGE, schedule.min_interval), schedule.max_interval)
    prospect = _prospect(article, price)
    if prospect is None:
        return schedule.min_interval
    if is_retired(article, schedule, now):
        return schedule.max_interval
    least, most = schedule.min_interval.total_seconds(), schedule.max_interval.total_seconds()
    return timedelta(seconds=polling.next_turn(prospect, price, least, most))


def put_off(
    article: Article, source: Source, schedule: ScheduleSettings, price: float, now: datetime
) -> datetime | None:
    """When a due article wants its look at today's price, where that is not yet; None: now."""
    prospect = _prospect(article, price)
    if prospect is None or article.believed_at is None or article.is_hinted or article.troubles:
        return None
    if source.interval is not None or schedule.policy is Policy.FIXED or article.returns:
        return None
    least, most = schedule.min_interval.total_seconds(), schedule.max_interval.total_seconds()
    later = polling.put_off(prospect, _seconds(now - article.believed_at), price, least, most)
    return None if later is None else article.believed_at + timedelta(seconds=later)


def is_retired(article: Article, schedule: ScheduleSettings, now: datetime) -> bool:
    """Whether it has been quiet for so long that it is only looked at once in a while."""
    quiet_since = max(filter(None, (article.found_at, article.last_change_at, article.aged_from)))
    return now - quiet_since > schedule.retire_after


def _prospect(article: Article, price: float) -> Prospect | None:
    if article.belief is None or article.believed_at is None or article.aged_from is None:
        return None
    held: Belief = unpack(article.belief)
    return polling.prospect_of(held, _seconds(article.believed_at - article.aged_from), price)


def _born(published: datetime | None, now: datetime) -> datetime:
    """The publication, where the page gives a time that can be; a bare date is only believed when it is old."""
    if published is None or published >= now:
        return now
    if now - published < timedelta(days=2) and published.timetz().replace(tzinfo=None) == time(0):
        return now
    return published


def _seconds(length: timedelta) -> float:
    return max(length.total_seconds(), 0.0)
