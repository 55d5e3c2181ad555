"""What is kept and for how long: retain, forget, reextract, backup and restore."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from tqdm import tqdm

from monitor.check import Tools
from monitor.cli.common import find_article, now, opened, print_json, say
from monitor.cli.service import passing
from monitor.config import load_config
from monitor.errors import UsageError
from monitor.reextract import Reread, Result, reextract
from monitor.report import table
from monitor.upkeep import Done, excesses, tidy
from storage import lockfile
from storage.backup import Copied
from storage.backup import restore as put_back
from storage.engine import HEAD
from storage.keeping import Excess
from storage.records import Article, ArticleState
from storage.sqlite import database_path
from storage.store import Store

_READERS = 2  # as many as the reader has children

# ---------------------------------------------------------------------- retain


def retain(arguments: argparse.Namespace) -> int:
    """Take out what [retention] keeps no longer, or say what that would be."""
    with opened(arguments) as (config, store):
        rule, moment = config.retention, now()
        found: list[Excess] = []
        done = Done()
        with tqdm(total=store.counts()["articles"], unit="article", disable=None) as bar:
            for seen, batch in excesses(store, rule, moment):
                for excess in batch:
                    found.append(excess)
                    if not arguments.dry_run:
                        done += tidy(store, excess, rule, moment)
                bar.update(seen)
    if arguments.json:
        for excess in found:
            print_json(_excess_row(excess))
        return 0
    if not found:
        print("Nothing: [retention] keeps all that there is.")
        return 0
    print(table([list(_excess_row(excess).values()) for excess in found], _EXCESS_COLUMNS))
    if arguments.dry_run:
        size, stored = sum(e.size for e in found), sum(e.stored for e in found)
        count, rows = sum(e.payloads for e in found), sum(e.checks for e in found)
        print(
            f"Would go: {count:,} bodies ({size:,} bytes, {stored:,} in the database), {rows:,} rows of checks."
        )
    else:
        print(f"Gone: {done.payloads:,} bodies ({done.size:,} bytes), {done.checks:,} rows of checks.")
    return 0


_EXCESS_COLUMNS = ["article", "bodies", "bytes", "in the database", "rows of checks"]


def _excess_row(excess: Excess) -> dict[str, object]:
    return {
        "article": excess.url,
        "bodies": excess.payloads,
        "bytes": excess.size,
        "stored": excess.stored,
        "checks": excess.checks,
    }


# ---------------------------------------------------------------------- forget


def forget(arguments: argparse.Namespace) -> int:
    """Take an article's texts out for good."""
    because = " ".join(arguments.because.split())
    if not because:
        raise UsageError("Say why with --because: the log keeps the reason for good.")
    with opened(arguments) as (_config, store):
        article = find_article(store, arguments.article)
        if not arguments.yes and not _agreed(article):
            print("Nothing was changed.")
            return 1
        done = store.forget(article.id, because, now())
    say(
        f"forgotten: {article.url}: {done.bodies:,} bodies ({done.size:,} bytes) are gone for good; "
        "it is not watched any more"
    )
    if done.kept:
        print(f"{done.kept:,} bodies stay, for another article needs them.")
    print("Backups, exports and reports made before still hold its texts, as do messages that were sent.")
    return 0


def _agreed(article: Article) -> bool:
    """Whether the person at the terminal means it; elsewhere only ``--yes`` does."""
    if not sys.stdin.isatty():
        raise UsageError("This cannot be undone; say --yes where nobody can be asked.")
    say(f"All texts of {article.url} go, {article.revisions} revisions; this cannot be undone.")
    return input("Type 'forget' to go on: ").strip() == "forget"


# ---------------------------------------------------------------------- reextract


def reextract_articles(arguments: argparse.Namespace) -> int:
    """Read stored pages again with today's extractor."""
    counted = dict.fromkeys(Reread, 0)
    with opened(arguments) as (config, store), passing(config, store) as tools:
        ids = _chosen(arguments, store)
        hidden = True if arguments.json and not sys.stderr.isatty() else None
        with tqdm(total=len(ids), unit="article", disable=hidden) as bar:
            for result in _results(ids, tools, arguments.dry_run):
                counted[result.came] += 1
                bar.clear()
                _print_result(result, arguments.json)
                bar.update()
    if not arguments.json:
        said = ", ".join(f"{number} {came}" for came, number in counted.items() if number)
        print(f"{len(ids)} read again: {said}" if ids else "Nothing to read again.")
    return 0


def _chosen(arguments: argparse.Namespace, store: Store) -> list[int]:
    """:raises UsageError: a source is named that is none."""
    if arguments.articles:
        return [find_article(store, wanted).id for wanted in arguments.articles]
    if arguments.source is not None and arguments.source not in {s.name for s in store.watchlist.sources()}:
        raise UsageError(f"There is no source '{arguments.source}'; 'writethru sources' lists them.")
    found = store.articles(arguments.source)
    return [a.id for a in found if a.revisions and a.state is not ArticleState.FORGOTTEN]


def _results(ids: list[int], tools: Tools, dry: bool) -> Iterator[Result]:
    """In the order given, some at the same time."""
    left = iter(ids)
    with ThreadPoolExecutor(_READERS) as pool:
        while some := list(islice(left, 8 * _READERS)):
            yield from pool.map(lambda number: reextract(number, tools, dry=dry), some)


def _print_result(result: Result, as_json: bool) -> None:
    revision = result.revision
    if as_json:
        print_json(
            {
                "article": result.article.url,
                "outcome": result.came,
                "revision": revision.number if revision else None,
                "extractor": revision.extraction.extractor if revision else None,
                "summary": revision.assessment.summary if revision and revision.assessment else None,
                "why": result.why,
            }
        )
    elif revision is not None and revision.assessment is not None:
        made = f"revision {revision.number}, {revision.extraction.extractor}"
        say(f"{result.article.url}: {made}: {revision.assessment.summary}")
    elif result.why:
        say(f"{result.article.url}: {result.why}")


# ---------------------------------------------------------------------- backup and restore


def backup(arguments: argparse.Namespace) -> int:
    """A consistent copy of the database, also while the daemon runs."""
    config = load_config(arguments.config)
    _refuse_servers(config.storage_url, "pg_dump --format=custom --file=FILE DATABASE makes a backup")
    with Store.open(config.storage_url, config.folder) as store:
        copied = store.back_up(arguments.file)
    return _print_copied(f"backed up to {arguments.file}", copied, arguments.json)


def restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the database; the one that was there stays beside it."""
    config = load_config(arguments.config)
    _refuse_servers(config.storage_url, "pg_restore --clean --if-exists --dbname=DATABASE FILE puts one back")
    path = database_path(config.storage_url, config.folder)
    with lockfile.held(lockfile.beside(path)):
        put = put_back(arguments.file, path, HEAD, now())
        Store.open(config.storage_url, config.folder).close()  # an older one is brought up to today's schema
    return _print_copied(f"restored from {arguments.file}", put, arguments.json)


def _refuse_servers(url: str, how: str) -> None:
    if not url.startswith("sqlite"):
        raise UsageError(f"A PostgreSQL database has its own tools: {how}.")


def _print_copied(said: str, copied: Copied, as_json: bool) -> int:
    if as_json:
        before = str(copied.before) if copied.before else None
        print_json(
            {
                "bytes": copied.size,
                "schema": copied.step,
                "entries": copied.entries,
                "chain_head": copied.head,
                "before": before,
            }
        )
        return 0
    print(f"{said}: {copied.size:,} bytes, {copied.entries:,} log entries, checked")
    print(f"chain head {copied.head or 'none'}")
    if copied.before is not None:
        print(f"The database that was there is now {copied.before}.")
    return 0
