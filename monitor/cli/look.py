"""What was seen: log, show and diff."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime, tzinfo
from typing import Any

from monitor.cli.common import colour, find_article, moment, opened, print_json, print_text, say, zone_of
from monitor.errors import UsageError
from monitor.report import Head, extraction_json, gap_json, gap_line, gaps_within, log_json, log_line, rfc3339
from storage.ledger import LogFilter
from storage.records import (
    Article,
    Capture,
    EventKind,
    LogEntry,
    ServiceEntry,
    ServiceReason,
    Severity,
    Verdict,
)
from storage.store import Store


def log(arguments: argparse.Namespace) -> int:
    """The revision log, oldest first."""
    kinds = [kind.value for kind in EventKind]
    if arguments.event is not None and arguments.event not in kinds:
        raise UsageError(f"'{arguments.event}' is not an event kind; they are {', '.join(kinds)}.")
    with opened(arguments) as (config, store):
        zone = zone_of(config)
        article = find_article(store, arguments.article) if arguments.article else None
        wanted = LogFilter(
            article_id=article.id if article else None,
            since=moment(arguments.since, zone) if arguments.since else None,
            severity=Severity.of(arguments.severity) if arguments.severity else None,
            kind=EventKind(arguments.event) if arguments.event else None,
        )
        shown: list[LogEntry | ServiceEntry] = [*store.log(wanted)]
        if arguments.gaps:
            shown += _gaps(store, wanted.since, article)
        for entry in sorted(shown, key=lambda entry: entry.seq):
            _print_entry(entry, arguments.json, zone)
    return 0


def _gaps(store: Store, since: datetime | None, article: Article | None) -> list[ServiceEntry]:
    """When nothing was watched; of sources that were not reached, the article's own where there is one."""
    return [
        gap
        for gap in store.notes(ServiceReason.GAP)
        if since is None or gap.seen_at >= since
        if article is None or gap.about.get("source") in (None, article.source)
    ]


def _print_entry(entry: LogEntry | ServiceEntry, as_json: bool, zone: tzinfo) -> None:
    if isinstance(entry, ServiceEntry):
        if as_json:
            print_json(gap_json(entry))
        else:
            print(gap_line(entry, zone, colour()))
    elif as_json:
        print_json(log_json(entry))
    else:
        print(log_line(entry, zone, colour()))


def show(arguments: argparse.Namespace) -> int:
    """One revision's text, or the bytes it was read from."""
    with opened(arguments) as (_config, store):
        article = find_article(store, arguments.article)
        number = arguments.number or article.revisions
        if number == 0:
            raise UsageError(f"{article.url} has no revision yet.")
        revision = store.revision(article.id, number)
        if arguments.raw:
            if sys.stdout.isatty():
                raise UsageError(
                    "A terminal would obey what the server sent; add '> page.html' to keep it in a file."
                )
            response = store.response(article.id, number)
            if response is None:
                raise UsageError("This revision is a baseline from a file; no server sent it.")
            sys.stdout.buffer.write(response.body)
            return 0
        extraction, witness = revision.extraction, store.witnesses.link(article.id, number)
        if arguments.json:
            read = extraction_json(Capture(verdict=Verdict.ARTICLE, extraction=extraction))
            which = {"article": article.url, "revision": number, "seen_at": rfc3339(revision.seen_at)}
            print_json({**which, **read, "witness": witness})
            return 0
        head = [extraction.headline, ", ".join(extraction.byline), extraction.standfirst]
        print_text("\n\n".join([line for line in head if line] + [extraction.text]))
        if witness:  # on stderr: on stdout it would stand among the article's own words
            say(f"Also kept by the Wayback Machine: {witness}", error=True)
    return 0


def diff(arguments: argparse.Namespace) -> int:
    """Two revisions compared; by default the latest with the one before."""
    from monitor.cli.formats import print_diff  # comparing is slow to load, and log and show do without
    from monitor.compare import compare
    from monitor.events import assess

    with opened(arguments) as (config, store):
        article = find_article(store, arguments.article)
        a, b = _range(arguments.range, article.revisions)
        old, new = store.revision(article.id, a), store.revision(article.id, b)
        found = compare(old.extraction, new.extraction)
        assessment = (new.assessment if b == a + 1 else None) or assess(found)
        gaps = store.notes(ServiceReason.GAP)
        head = Head.of(article, old, new, zone_of(config), store.entry(article.id, b), gaps)
        sides: list[dict[str, Any]] = [
            {"article": article.url, "revision": r.number, "seen_at": rfc3339(r.seen_at)} for r in (old, new)
        ]
        sides[1]["gaps"] = [
            {"from": rfc3339(gap.not_seen_before), "to": rfc3339(gap.seen_at)}
            for gap in gaps_within(gaps, new.not_seen_before, new.seen_at)
        ]
        print_diff(arguments, found, assessment, head, sides[0], sides[1])
    return 0


def _range(text: str | None, latest: int) -> tuple[int, int]:
    if text is None:
        if latest < 2:
            raise UsageError("There is only one revision so far, so there is nothing to compare.")
        return latest - 1, latest
    found = re.fullmatch(r"(\d{1,9})\.\.(\d{1,9})", text)
    if found is None or 0 in (int(found[1]), int(found[2])):
        raise UsageError(f"'{text}' is not a range of revisions; write 1..2.")
    return int(found[1]), int(found[2])
