"""What several commands need: the configuration, the store, the reader's zone, a way to print."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from monitor.config import Config, load_config
from monitor.errors import UsageError
from storage.records import Article
from storage.store import Store

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[tuple[Config, Store]]:
    """The configuration, and the store with its watch list brought in line with it."""
    config = load_config(arguments.config)
    with Store.open(config.storage_url, config.folder) as store:
        store.watchlist.sync_sources(config.sources, now())
        yield config, store


def zone_of(config: Config | None) -> tzinfo:
    """The reader's zone: as configured, else that of the machine."""
    if config is not None and config.web.timezone:
        return ZoneInfo(config.web.timezone)
    return datetime.now().astimezone().tzinfo or UTC


def colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def find_article(store: Store, wanted: str) -> Article:
    """The article with that id or address, in whichever form it is typed."""
    from monitor.events.addresses import twin_key
    from monitor.sources import canonical

    if wanted.isdecimal():
        return store.find_article(wanted)
    return store.find_article(canonical(wanted), twin_key(canonical(wanted)))


def say(sentence: str, *, error: bool = False) -> None:
    """Print one line that holds words from outside: none of them reaches a terminal as anything but text.

    :param error: on stderr.
    """
    from monitor.report import clean  # slow to load, and `common` is always loaded

    print(clean(sentence), file=sys.stderr if error else sys.stdout)


def print_text(text: str) -> None:
    """Print a text of many lines: to a file as it is kept, to a terminal in a form that is safe to look at."""
    from monitor.report import clean

    print("\n".join(map(clean, text.split("\n"))) if sys.stdout.isatty() else text)


def print_json(value: object) -> None:
    from monitor.report import json_line

    print(json_line(value))


def print_rows(rows: Iterable[dict[str, Any]], as_json: bool, columns: dict[str, str], empty: str) -> None:
    """A list: JSON Lines, or a table of the named columns (key to heading)."""
    from monitor.report import table

    listed = list(rows)
    if as_json:
        for row in listed:
            print_json(row)
    elif listed:
        cells = [[str("" if row[key] is None else row[key]) for key in columns] for row in listed]
        print(table(cells, list(columns.values())))
    else:
        print(empty)


def local(moment: datetime | None, zone: tzinfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def clock_time(moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The time of day, with the date where that is not today's."""
    if moment is None:
        return ""
    here = moment.astimezone(zone)
    same_day = here.date() == now.astimezone(zone).date()
    return f"{here:%H:%M:%S}" if same_day else f"{here:%Y-%m-%d %H:%M}"


def moment(text: str, zone: tzinfo) -> datetime:
    """A time from the command line: RFC 3339, a date, or a duration before now.

    :raises UsageError: it is none of these.
    """
    length = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if length is not None:
        return now() - timedelta(**{_UNITS[length[2]]: int(length[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a time; write 2026-11-23, 2026-11-23T10:00Z or 3h.") from None
    return read if read.tzinfo is not None else read.replace(tzinfo=zone)
