"""A stretch of time cut into hours, days, weeks, months or years, whichever reads best.

Hours are the full ones of UTC, everything longer is the reader's: a day begins at midnight
in his zone, a week on Monday.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from monitor.report.tally import Count
from monitor.report.times import day, day_of_month, month

_HOURS_UP_TO = timedelta(days=3)
_DAYS_UP_TO = timedelta(days=92)
_WEEKS_UP_TO = timedelta(days=2 * 366)
_MONTHS_UP_TO = timedelta(days=10 * 366)


class Unit(enum.StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class Bin:
    """``label`` is short, for an axis; ``name`` says it in full."""

    label: str
    name: str
    count: Count


def unit_for(span: timedelta) -> Unit:
    """Hours for less than three days, then days, and longer ones before bars become hairlines."""
    limits = {
        Unit.HOUR: _HOURS_UP_TO,
        Unit.DAY: _DAYS_UP_TO,
        Unit.WEEK: _WEEKS_UP_TO,
        Unit.MONTH: _MONTHS_UP_TO,
    }
    return next((unit for unit, limit in limits.items() if span < limit), Unit.YEAR)


def binned(hours: Mapping[datetime, Count], zone: tzinfo) -> tuple[Unit, list[Bin]]:
    """The sums of the hours in bins without a gap, from the first to the last that counts."""
    if not hours:
        return Unit.DAY, []
    first, last = min(hours), max(hours)
    unit = unit_for(last - first)
    sums: dict[date, Count] = {start: Count() for start in _starts(unit, first, last, zone)}
    for hour, count in hours.items():
        start = _start(unit, hour, zone)
        sums[start] += count
    one_day = len({hour.astimezone(zone).date() for hour in hours}) == 1
    return unit, [_bin(unit, start, count, zone, one_day) for start, count in sums.items()]


def _starts(unit: Unit, first: datetime, last: datetime, zone: tzinfo) -> Iterator[date]:
    start, end = _start(unit, first, zone), _start(unit, last, zone)
    while start <= end:
        yield start
        start = _next(unit, start)


def _start(unit: Unit, moment: datetime, zone: tzinfo) -> date:
    """The hour itself, or the first day of the bin."""
    if unit is Unit.HOUR:
        return moment
    here = moment.astimezone(zone).date()
    if unit is Unit.WEEK:
        return here - timedelta(days=here.weekday())
    if unit is Unit.MONTH:
        return here.replace(day=1)
    return here.replace(month=1, day=1) if unit is Unit.YEAR else here


def _next(unit: Unit, start: date) -> date:
    if unit is Unit.HOUR:
        return start + timedelta(hours=1)
    if unit is Unit.MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    if unit is Unit.YEAR:
        return start.replace(year=start.year + 1)
    return start + timedelta(days=7 if unit is Unit.WEEK else 1)


def _bin(unit: Unit, start: date, count: Count, zone: tzinfo, one_day: bool) -> Bin:
    if isinstance(start, datetime):
        here = start.astimezone(zone)
        label = f"{here:%H:%M}" if one_day else f"{day_of_month(here)}, {here:%H:%M}"
        return Bin(label=label, name=f"{day(here)}, {here:%H:%M}", count=count)
    labels = {
        Unit.WEEK: (day_of_month(start), f"week of {day(start)}"),
        Unit.MONTH: (month(start), month(start)),
        Unit.YEAR: (str(start.year), str(start.year)),
    }
    label, name = labels.get(unit, (day_of_month(start), day(start)))
    return Bin(label=label, name=name, count=count)
