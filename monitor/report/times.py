"""Times as other programs read them (RFC 3339, UTC) and as people do (in their own zone)."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rfc3339(moment: datetime | None) -> str | None:
    """``2024-11-17T18:05:00Z``; a fraction only where there is one."""
    return None if moment is None else stamp(moment)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def local(moment: datetime, zone: tzinfo) -> str:
    """``Sun 17 Nov 2024, 18:05:09 GMT``: in words of our own, since strftime's follow the locale."""
    here = moment.astimezone(zone)
    return f"{day(here)}, {here:%H:%M:%S} {here.tzname() or ''}".rstrip()


def short(moment: datetime, zone: tzinfo) -> str:
    """``2024-11-17 18:05:09``: one width, for the columns of a log."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def day(of: date) -> str:
    """``Sun 17 Nov 2024``."""
    return f"{_DAYS[of.weekday()]} {of.day} {_MONTHS[of.month - 1]} {of.year}"


def month(of: date) -> str:
    """``Nov 2024``."""
    return f"{_MONTHS[of.month - 1]} {of.year}"


def day_of_month(of: date) -> str:
    """``17 Nov``."""
    return f"{of.day} {_MONTHS[of.month - 1]}"
