"""visit(): the unit of work, and a pass of many. A visit to a host is one request, or several where no spacing is
asked for; robots.txt is a request like any other. What one look is stands in ``check``.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.check import Seen, Tools, check_article, patiently, record_failure, took_long
from monitor.errors import BrowserBusy, FetchError
from monitor.prospects import put_off
from monitor.robots import LIFETIME, MOST, robots_text
from storage.errors import Conflict
from storage.records import Article, Host

log = logging.getLogger("writethru.check")

_VISIT_SECONDS = 20.0
_UNTIL_FREE = timedelta(seconds=2.5)  # no worker stands in line for the browser
_PATIENCE = timedelta(seconds=60)  # for our own spacing, not for a host that asked us to stay away


def visit(
    host: Host,
    tools: Tools,
    *,
    due_by: datetime | None = None,
    only: Collection[int] | None = None,
    quietly: bool = False,
    seen: Callable[[Seen], None] = lambda _: None,
) -> None:
    """Check a claimed host's next due article, or several where no spacing is asked for, and give
    the host back with its next turn. A host that keeps us waiting is left for this time."""
    interval = timedelta(0) if host.name == "files" else tools.config.host_interval(host.name)
    pause = interval
    began, slow = time.monotonic(), False
    try:
        while not tools.stopping():
            article_id = tools.store.watchlist.next_due(host, due_by or tools.clock(), only)
            if article_id is None:
                break
            article = tools.store.article(article_id)
            if due_by is None and _put_off(host, article, tools):
                continue
            if tools.budget is not None and not tools.budget.take(host.name, tools.clock()):
                pause = max(interval, tools.budget.wait(host.name, tools.clock()))
                break
            host, asked = _with_robots(host, article, tools)
            if asked and interval:
                break  # robots.txt was this visit's request; the article is the next one's
            try:
                found = check_article(article, tools, host.robots, quietly=quietly)
            except Conflict as conflict:
                log.warning("%s It is looked at again.", conflict)
                break
            except BrowserBusy:
                pause = max(interval, _UNTIL_FREE * random.uniform(1, 2))
                break
            seen(found)
            pause, slow = max(interval, found.wait), found.slow
            if pause or slow or time.monotonic() > began + _VISIT_SECONDS:
                break
    except FetchError as error:
        slow = took_long(began)
        _fail_next(host, error, tools, due_by or tools.clock(), only, seen)
    finally:
        give_back(host, tools, pause, slow=slow)


def give_back(host: Host, tools: Tools, pause: timedelta, *, slow: bool = False) -> None:
    """Patiently, or nobody could visit the host before the claim has run out."""
    free_at = tools.clock() + pause
    host = replace(host, troubles=host.troubles + 1 if slow else 0)
    patiently(
        f"the visit to {host.name}",
        tools,
        lambda: tools.store.watchlist.release_host(host, tools.worker, free_at),
    )


def _put_off(host: Host, article: Article, tools: Tools) -> bool:
    """Whether a look at that due article is not worth its price today; it is due again once it is."""
    if tools.budget is None:
        return False
    now, source = tools.clock(), tools.source(article.source)
    price = tools.budget.price(host.name, now)
    later = put_off(article, source, tools.config.schedule, price, now)
    if later is not None:
        tools.store.watchlist.put_off(host, article.id, later)
    return later is not None


def _with_robots(host: Host, article: Article, tools: Tools) -> tuple[Host, bool]:
    """The host with the rules that count for this article (None: none do), and whether they had to
    be fetched for it.

    :raises FetchError: there was no usable answer.
    """
    source = tools.source(article.source)
    wanted_robots = tools.config.fetch.robots if source.robots is None else source.robots
    if host.name == "files" or not wanted_robots:
        return replace(host, robots=None, robots_until=None), False
    now = tools.clock()
    if host.robots is not None and host.robots_until is not None and host.robots_until > now:
        return host, False
    parts = urlsplit(article.url)
    answer = tools.fetcher.get(f"{parts.scheme}://{parts.netloc}/robots.txt", first=MOST + 1)
    text = robots_text(answer)
    tools.store.watchlist.keep_robots(host, text, now + LIFETIME)
    return replace(host, robots=text, robots_until=now + LIFETIME), True


def _fail_next(
    host: Host,
    error: FetchError,
    tools: Tools,
    due_by: datetime,
    only: Collection[int] | None,
    seen: Callable[[Seen], None],
) -> None:
    """A host whose robots.txt cannot be read: its next due article has failed for the same reason."""
    article_id = tools.store.watchlist.next_due(host, due_by, only)
    if article_id is not None:
        seen(record_failure(tools.store.article(article_id), error, tools))


# ---------------------------------------------------------------------- one pass over many


def run_pass(
    tools: Tools,
    only: Collection[int],
    *,
    quietly: bool = False,
    seen: Callable[[Seen], None] = lambda _: None,
) -> list[int]:
    """Look once at each of these articles, politely; the ids of those whose host asked for more
    patience than a pass has."""
    started = tools.clock()
    open_ids = set(only)  # what was looked at is done with, also where the clock was put back meanwhile
    tools.store.watchlist.make_due(open_ids, started)

    def done(found: Seen) -> None:
        open_ids.discard(found.entry.article_id)
        seen(found)

    with ThreadPoolExecutor(tools.config.fetch.workers, thread_name_prefix="visit") as pool:
        running: set[Future[None]] = set()
        while not tools.stopping():
            running = {task for task in running if not _done(task)}
            host, wanted_ids = None, frozenset(open_ids)
            if len(running) < tools.config.fetch.workers:
                host = tools.store.watchlist.claim_host(
                    tools.clock(), tools.worker, tools.lease, only=wanted_ids, due_by=started
                )
            if host is not None:
                running.add(
                    pool.submit(
                        visit, host, tools, due_by=started, only=wanted_ids, quietly=quietly, seen=done
                    )
                )
                continue
            if running:
                wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                continue
            left = tools.store.watchlist.due(started, wanted_ids)
            until_free = min(left.values(), default=tools.clock()) - tools.clock()
            if not left or until_free > _PATIENCE:
                return sorted(left)
            time.sleep(min(max(until_free.total_seconds(), 0.05), 0.5))
    return []


def _done(task: Future[None]) -> bool:
    """Whether that visit is over; what went wrong in it is raised here."""
    if not task.done():
        return False
    task.result()
    return True
