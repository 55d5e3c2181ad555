"""check_article(): the story of one look, start to end; and around it, visits and discovery.

The unit of work is a visit to a host: one request, or several where no spacing is asked for. What a
look means is decided elsewhere; here it is carried out. Everything that a visit uses comes in as
``Tools``.
"""

from __future__ import annotations

import errno
import logging
import os
import random
import stat
import time
import uuid
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from monitor.boilerplate import echoes
from monitor.browser import Browser
from monitor.config import Config
from monitor.crew import SLOW_SECONDS
from monitor.decide import Look, decide, decide_failure
from monitor.errors import BrowserBusy, FetchError
from monitor.extract import EXTRACTOR, Known
from monitor.fetch import Fetcher, retry_after
from monitor.hindrance import Hindrance
from monitor.reader import Reader
from monitor.robots import LIFETIME, MOST, robots_text
from monitor.verdict import Past, amount, failed_answer
from monitor.weighing import Weigh
from storage.errors import Conflict, StorageBusy, StorageUnwritable, TakenOut
from storage.records import (
    Article,
    Capture,
    CheckEntry,
    Extraction,
    FetchProblem,
    Host,
    Outcome,
    Reason,
    Response,
    Revision,
    Source,
    SourceKind,
    Told,
    Validators,
    Verdict,
)
from storage.store import Store

T = TypeVar("T")
log = logging.getLogger("writethru.check")

Done = TypeVar("Done")

_LEASE_SLACK = timedelta(seconds=60)
_VISIT_SECONDS = 20.0
_AGAIN_SECONDS = 0.5
_UNTIL_FREE = timedelta(seconds=2.5)  # no worker stands in line for the browser
_PATIENCE = timedelta(seconds=60)  # for our own spacing, not for a host that asked us to stay away


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What visits are made with. ``worker`` names this process in the claims it makes."""

    store: Store
    fetcher: Fetcher
    reader: Reader
    config: Config
    clock: Callable[[], datetime]
    worker: str
    browser: Browser | None = None
    """Where a source wants one."""
    stopping: Callable[[], bool] = lambda: False
    hindrance: Hindrance = field(default_factory=Hindrance)
    outlives_disk: bool = False
    """Whether to wait for a disk that cannot be written, as a service does, or to fail, as a command."""

    @property
    def lease(self) -> timedelta:
        return self.config.fetch.deadline * 2 + _LEASE_SLACK

    def source(self, name: str) -> Source:
        """The source of that name, as configured; one from the command line as it was added."""
        configured = next((source for source in self.config.sources if source.name == name), None)
        if configured is not None:
            return configured
        state = self.store.watchlist.source(name)
        kind, url = (state.kind, state.url) if state else (SourceKind.PAGE, "")
        return Source(name=name, kind=kind, url=url)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One recorded check with the outcome that it was. ``wait``: how long the server asked us to stay
    away; ``slow``: it kept us waiting."""

    entry: CheckEntry
    outcome: Outcome
    wait: timedelta = timedelta(0)
    slow: bool = False


# ---------------------------------------------------------------------- one article


def check_article(article: Article, tools: Tools, robots: str | None, *, quietly: bool = False) -> Seen:
    """Look at one article and record what was seen.

    :param robots: the host's rules, where they count.
    :raises BrowserBusy: it was not its turn.
    :raises StorageError: it could not be recorded; nothing was.
    """
    previous = tools.store.latest_revision(article)
    look = look_at(article, tools, quietly)
    wait_for, slow, began = timedelta(0), False, time.monotonic()
    try:
        response = _answer(article, tools, look.source, robots)
        slow = took_long(began)  # reading it waits for our own children, which is not the host's doing
        outcome = _decided(article, previous, response, look, tools)
        if response.status == 429:
            wait_for = retry_after(response.headers, look.now) or wait_for
    except FetchError as error:
        outcome, slow = decide_failure(article, error, look), took_long(began)
        wait_for = error.retry_after or wait_for
    outcome = _waiting_from(tools.clock(), look.now, outcome)
    entry = record_patiently(outcome, tools)
    _log_check(entry, outcome)
    return Seen(entry=entry, outcome=outcome, wait=wait_for, slow=slow)


def took_long(began: float) -> bool:
    """Whether what began then (monotonic) kept us waiting."""
    return time.monotonic() - began > SLOW_SECONDS


def _waiting_from(now: datetime, began: datetime, outcome: Outcome) -> Outcome:
    """The outcome as it is, but where the clock was put back during the look: then the wait for the next
    one counts from the time that it is now."""
    if now >= began:
        return outcome
    article = replace(outcome.article, next_check_at=outcome.article.next_check_at - (began - now))
    return replace(outcome, article=article)


def _decided(
    article: Article, previous: Revision | None, response: Response, look: Look, tools: Tools
) -> Outcome:
    """What that answer means, with both texts read in one way: as the source and the host ask for today.

    :raises FetchError: reading it was given up.
    """
    told = Told(selectors=look.source.selectors, boilerplate=frozenset(look.blocks.learnt))
    reread, noted = read_again(article, previous, told, tools)
    capture = None
    if response.status != 304:
        latest = reread or (previous.extraction if previous else None)
        capture = _read(article, latest, response, told, look, tools)
    look = replace(look, noted=noted)
    return decide(article, previous, response, capture, look, reread, weigh=weigh_for(article, tools))


def _read(
    article: Article,
    latest: Extraction | None,
    response: Response,
    told: Told,
    look: Look,
    tools: Tools,
) -> Capture:
    """What is in that answer; where other addresses of the host read the same, that is judged as well.

    :raises FetchError: reading it was given up.
    """
    past = Past(doubts=article.doubts)
    if latest is not None:
        past = replace(past, words=amount(latest.text), opening=latest.text)
    known = Known(article.locator, latest) if article.locator and latest is not None else None
    capture = tools.reader.read(response, told=told, past=past, known=known)
    if capture.verdict is not Verdict.ARTICLE or capture.extraction is None:
        return capture
    heard = echoes(look.blocks, article.id, capture.extraction)
    if not heard:
        return capture
    return tools.reader.read(response, told=told, past=replace(past, echoes=heard))


def read_again(
    article: Article, previous: Revision | None, told: Told, tools: Tools
) -> tuple[Extraction | None, tuple[str, ...]]:
    """The latest revision's own bytes as they read today, where it was read in another way; and, where
    that cannot be, the reason. A plain text has one reading."""
    if previous is None or previous.extraction.plain:
        return None, ()
    if (article.read_as or previous.extraction.read_as) == f"{EXTRACTOR} {told.version}".strip():
        return None, ()
    try:
        kept = tools.store.response(article.id, previous.number)
    except TakenOut:
        return None, (f"revision {previous.number} is not read again: what was received was taken out",)
    if kept is None:
        return None, (f"revision {previous.number} is not read again: what was received is not kept",)
    try:
        capture = tools.reader.read(kept, told=told)
    except FetchError as error:
        return None, (f"revision {previous.number} is not read again: {error}",)
    if capture.verdict is not Verdict.ARTICLE:
        return None, (f"revision {previous.number}, read again, is {capture.verdict}",)
    return capture.extraction, ()


def weigh_for(article: Article, tools: Tools) -> Weigh:
    """How two texts of that article are weighed: in a child, where nothing is held up by them."""
    return lambda old, new: tools.reader.weigh(old, new, f"what changed in {article.url}")


def record_patiently(outcome: Outcome, tools: Tools) -> CheckEntry:
    """Record an outcome; while another process holds the database, or its disk cannot be written, wait.

    :raises StorageBusy: it is still held when the service stops.
    :raises StorageUnwritable: it still cannot be written then; or at once, where nobody waits for a disk.
    """
    url = outcome.article.url
    try:
        return patiently(f"the check of {url}", tools, lambda: tools.store.record(outcome))
    except (StorageBusy, StorageUnwritable):
        log.warning("The check of %s could not be recorded; it is made again.", url)
        raise


def patiently(who: str, tools: Tools, write: Callable[[], Done]) -> Done:
    """Try to write until it is done."""
    passing = (StorageBusy, StorageUnwritable) if tools.outlives_disk else StorageBusy
    while True:
        try:
            done = write()
        except passing as error:
            tools.hindrance.met(who, error)
            if tools.stopping():
                raise
            time.sleep(_AGAIN_SECONDS)
        except Exception:
            tools.hindrance.over(who)  # what is wrong now is not the disk
            raise
        else:
            tools.hindrance.over(who)
            return done


def told_for(article: Article, tools: Tools) -> Told:
    """What the extractor is told of that article today."""
    source, blocks = tools.source(article.source), tools.store.blocks(article)
    return Told(selectors=source.selectors, boilerplate=frozenset(blocks.learnt))


def look_at(article: Article, tools: Tools, quietly: bool) -> Look:
    return Look(
        check_id=uuid.uuid4().hex,
        now=tools.clock(),
        source=tools.source(article.source),
        schedule=tools.config.schedule,
        rules=tools.config.alerts,
        witness=tools.config.witness,
        blocks=tools.store.blocks(article),
        quietly=quietly,
    )


def _answer(article: Article, tools: Tools, source: Source, robots: str | None) -> Response:
    """What the article's address answers: a file's bytes or a server's.

    :raises FetchError: nothing usable.
    """
    if article.url.startswith("file:"):
        return _read_file(article.url, source, tools)
    if robots is not None and not tools.reader.allows(robots, article.url):
        raise FetchError(
            FetchProblem.ROBOTS, f"robots.txt of {article.host} forbids {article.url}.", transient=False
        )
    if source.needs_browser:
        return _opened(article, tools, source)
    validators = article.validators if article.revisions else None
    response = tools.fetcher.get(article.url, validators=validators, headers=dict(source.headers))
    return _usable(response, tools, asked=validators not in (None, Validators()))


def _opened(article: Article, tools: Tools, source: Source) -> Response:
    """The article's page, as it stands in a browser.

    :raises FetchError: nothing usable.
    """
    if tools.browser is None:
        said = f"There is no browser to open {article.url} in; 'writethru doctor' says why."
        raise FetchError(FetchProblem.BROWSER, said)
    cookies = next((value for name, value in source.headers if name.lower() == "cookie"), "")
    return _usable(tools.browser.get(article.url, cookies=cookies), tools, asked=False)


def _usable(response: Response, tools: Tools, *, asked: bool) -> Response:
    """
    :raises FetchError: HTTP_ERROR.
    """
    trouble = failed_answer(response, asked=asked)
    if trouble is not None:
        later = retry_after(response.headers, tools.clock())
        raise FetchError(FetchProblem.HTTP_ERROR, trouble, status=response.status, retry_after=later)
    return response


def _read_file(url: str, source: Source, tools: Tools) -> Response:
    """A file of a watched folder as a response; only what lies in the folder is opened."""
    encoded = urlsplit(url).path
    path, shown = Path(os.fsdecode(os.path.realpath(unquote_to_bytes(encoded)))), unquote(encoded)
    if source.kind is not SourceKind.FOLDER or Path(source.url) not in path.parents:
        raise FetchError(
            FetchProblem.REFUSED_ADDRESS,
            f"{shown} does not lie in the folder of its source.",
            transient=False,
        )
    return file_response(path, url, tools)


def file_response(path: Path, url: str, tools: Tools) -> Response:
    """A file as a response; it is held to the same size as a page. A link is not followed: whoever asks has seen
    where the path leads; and nothing is opened that may keep its reader waiting, as a pipe does.

    :raises FetchError: it cannot be read, or is too large.
    """
    shown, most = unquote(urlsplit(url).path), tools.config.fetch.max_body
    started, now = time.monotonic(), tools.clock()
    try:
        with open(path, "rb", opener=_opened_at_once) as file:
            status, body = 200, file.read(most + 1)
    except FileNotFoundError:
        status, body = 410, b""
    except OSError as error:
        raise FetchError(
            FetchProblem.NOT_FOUND, f"The file {shown} cannot be read: {error.strerror}."
        ) from None
    if len(body) > most:
        raise FetchError(
            FetchProblem.TOO_LARGE, f"The file {shown} is larger than {most >> 20} MB.", transient=False
        )
    ms = round((time.monotonic() - started) * 1000, 1)
    return Response(url=url, final_url=url, status=status, headers=(), body=body, fetched_at=now, ms=ms)


def _opened_at_once(path: str, flags: int) -> int:
    """
    :raises OSError: it is no file, or cannot be opened.
    """
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no file")
    return descriptor


def _log_check(entry: CheckEntry, outcome: Outcome) -> None:
    check = entry.check
    said = check.detail or "; ".join(check.reasons)
    facts = [check.result, check.verdict, check.error, check.status, f"{check.ms:.0f} ms", entry.url, said]
    log.info(
        " ".join(str(fact) for fact in facts if fact),
        extra={"url": entry.url, "outcome": check.result, "status": check.status, "ms": check.ms},
    )
    for revision in (outcome.reread, outcome.revision):
        _log_revision(entry, revision)
    for state_event in outcome.state_events:
        log.info("%s: %s: %s", state_event.event.kind, entry.url, state_event.event.new)


def _log_revision(entry: CheckEntry, revision: Revision | None) -> None:
    if revision is None or revision.assessment is None:
        return
    assessment = revision.assessment
    silent = " silent" if assessment.disclosure.silent else ""
    kind = ", read differently" if revision.reason is Reason.EXTRACTOR else silent
    log.info(
        "revision %d of %s: %s%s: %s",
        revision.number,
        entry.url,
        assessment.severity.word,
        kind,
        assessment.summary,
    )


# ---------------------------------------------------------------------- one visit


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
        article = tools.store.article(article_id)
        outcome = decide_failure(article, error, look_at(article, tools, quietly=False))
        entry = record_patiently(outcome, tools)
        _log_check(entry, outcome)
        seen(Seen(entry=entry, outcome=outcome))


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
