"""visit(): the unit of work, and a pass of many. A visit to a host is one request, or several where no spacing is
asked for; robots.txt is a request like any other, and so is each redirect. What one look is stands in ``check``, how
long a host is left in peace in ``pace``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.check import Seen, Tools, check_article, record_failure, took_long
from monitor.conditions import DISTRUST
from monitor.errand import Detour, Errand
from monitor.errors import BrowserBusy
from monitor.pace import after_look, took_well
from monitor.prospects import put_off
from monitor.rules import ask_for_rules, known_rules
from monitor.turn import asked, give_back, spacing_of
from storage.errors import Conflict
from storage.records import Article, Host, Waiting
from storage.watchlist import FILES, host_name

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
    first: int | None = None,
    quietly: bool = False,
    seen: Callable[[Seen], None] = lambda _: None,
) -> None:
    """Check a claimed host's next due article, or several where no spacing is asked for, and give
    the host back with its next turn. A host that keeps us waiting is left for this time, and an article that
    leads to another host is looked at further in that one's turn.

    :param first: the article that is due there, where that is known already.
    """
    stay = _Stay(tools, host)
    try:
        while not tools.stopping() and not stay.is_over():
            article_id = first or tools.store.watchlist.next_due(host, due_by or tools.clock(), only)
            first = None
            if article_id is None:
                break
            article = tools.store.article(article_id)
            errand = tools.errands.take(_whose(article), tools.clock())
            here = errand.at if errand is not None else article.asked_at
            if host_name(here) != host.name:
                _put_aside(article, errand, tools)
                continue
            if errand is None and due_by is None and _put_off(host, article, tools):
                continue
            if not stay.can_pay():
                if errand is not None:
                    tools.errands.put(_whose(article), errand)
                break
            try:
                found = stay.look(article, errand, here, quietly)
            except Conflict as conflict:
                log.warning("%s It is looked at again.", conflict)
                stay.asked()
                break
            except Exception:
                stay.asked()  # or it was not; nobody knows any more
                raise
            if found is not None:
                seen(found)
    finally:
        give_back(stay.host, tools, slow=stay.slow)


class _Stay:
    """How far one visit has come: the host as it stands after each request, and whether it is to be left."""

    def __init__(self, tools: Tools, host: Host) -> None:
        self.host = host
        self.slow = False
        self._tools = tools
        self._began = time.monotonic()

    def is_over(self) -> bool:
        long = time.monotonic() > self._began + _VISIT_SECONDS
        return self.slow or long or self.host.free_at > self._tools.clock()

    def can_pay(self) -> bool:
        """Pay for one request; where there is none left, the host waits until there is."""
        budget, now = self._tools.budget, self._tools.clock()
        if budget is None or self.host.name == FILES or budget.take(self.host.name, now):
            return True
        later = now + budget.wait(self.host.name, now)
        if later > self.host.free_at:
            self.host = replace(self.host, free_at=later, waits=Waiting.BUDGET)
        return False

    def asked(self, well: bool | None = None, retry_after: timedelta | None = None) -> None:
        """A request was made."""
        self.host = asked(self.host, self._tools, well=well, retry_after=retry_after)

    def look(self, article: Article, errand: Errand | None, here: str, quietly: bool) -> Seen | None:
        """Make the next request that a look at that article needs; what was seen, once there is something.

        :param here: the address that is asked next.
        """
        rules = None
        if self._rules_count(article):
            rules = known_rules(self.host, self._tools)
            if rules is None:
                return self._begin(article, errand, here)
        try:
            found = self._check(article, errand, rules, quietly)
        except BrowserBusy:
            free_at = self._tools.clock() + _UNTIL_FREE * (1 + self._tools.chance())
            self.host = replace(self.host, free_at=free_at, waits=None)
            return None
        except Detour as detour:
            self.asked()
            if detour.lied:
                self._distrust(article)
            _put_aside(article, detour.errand, self._tools)
            return None
        self.slow = found.slow
        if found.asked:
            self.asked(took_well(found.entry.check), found.wait)
        if found.lied:
            self._distrust(article)
        return self._seen(article, found)

    def _begin(self, article: Article, errand: Errand | None, here: str) -> Seen | None:
        """Ask for the rules first. Where there is no usable answer, the look has failed for that reason."""
        began = time.monotonic()
        self.host, error = ask_for_rules(self.host, here, self._tools)
        self.slow = took_long(began)
        if error is not None:
            return self._seen(article, record_failure(article, error, self._tools))
        if errand is not None:
            self._tools.errands.put(_whose(article), errand)
        return None

    def _check(self, article: Article, errand: Errand | None, rules: str | None, quietly: bool) -> Seen:
        own = article.host == self.host.name
        return check_article(
            article,
            self._tools,
            rules,
            host=self.host if own else self._tools.store.watchlist.host(article.host),
            errand=errand,
            may_follow=lambda url: self._may_follow(url, rules),
            quietly=quietly,
        )

    def _rules_count(self, article: Article) -> bool:
        config = self._tools.config
        wanted = self._tools.source(article.source).robots
        return self.host.name != FILES and (config.fetch.robots if wanted is None else wanted)

    def _may_follow(self, url: str, rules: str | None) -> bool:
        """Whether a redirect to that address is followed within this visit: only on a host that needs no
        interval, and where its rules let us."""
        if host_name(url) != self.host.name or spacing_of(self.host, self._tools):
            return False
        return rules is None or self._tools.reader.allows(rules, url)

    def _seen(self, article: Article, found: Seen) -> Seen:
        """The look is over: its host remembers it, and the next one begins in the turn of the article's own."""
        home = found.outcome.article
        if host_name(home.asked_at) != self.host.name:
            _put_aside(home, None, self._tools)
        self.host = after_look(self.host, found.entry.check, article.next_check_at)
        return found

    def _distrust(self, article: Article) -> None:
        until = self._tools.clock() + DISTRUST
        self._tools.store.watchlist.distrust(article.host, until)
        if article.host == self.host.name:
            self.host = replace(self.host, distrusted_until=until)
        log.warning("The validators of %s are not believed until %s.", article.host, until.date())


def _put_aside(article: Article, errand: Errand | None, tools: Tools) -> None:
    """The look goes on, or begins, in the turn of the host that is asked next."""
    if errand is not None:
        tools.errands.put(_whose(article), errand)
    there = host_name(errand.at if errand is not None else article.asked_at)
    tools.store.watchlist.stand_at(article.id, there, tools.clock())


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


def _whose(article: Article) -> str:
    return f"article {article.id}"


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
