"""check_article(): the story of one look, start to end.

What a look means is decided elsewhere; here it is carried out. Everything that it uses comes in as ``Tools``.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.boilerplate import echoes
from monitor.browser import Browser
from monitor.budget import Budget
from monitor.conditions import conditions, distrusted, is_conditional, lied, with_validators
from monitor.config import Config
from monitor.crew import SLOW_SECONDS
from monitor.decide import Look, decide, decide_failure
from monitor.errand import Detour, Errand, Errands
from monitor.errors import FetchError
from monitor.events.addresses import twin_key
from monitor.extract import EXTRACTOR, Known
from monitor.fetch import Fetcher, retry_after
from monitor.files import read_file
from monitor.hindrance import Hindrance
from monitor.identity import same_story
from monitor.polling import FLOOR, Habits, unpack_habits
from monitor.prospects import Market
from monitor.reader import Reader
from monitor.verdict import Past, amount, failed_answer
from monitor.weighing import Weigh
from storage.errors import StorageBusy, StorageUnwritable, TakenOut
from storage.records import (
    Article,
    Capture,
    CheckEntry,
    CheckResult,
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
from storage.watchlist import FILES, host_name

T = TypeVar("T")
log = logging.getLogger("writethru.check")

Done = TypeVar("Done")

_NOT_ASKED = frozenset({FetchProblem.ROBOTS, FetchProblem.REFUSED_ADDRESS})
_LEASE_SLACK = timedelta(seconds=60)
_AGAIN_SECONDS = 0.5


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
    errands: Errands = field(default_factory=Errands)
    """Looks that go on at their next turn."""
    chance: Callable[[], float] = random.random
    """From 0 to 1, for what is not to come in step."""
    leave: Callable[[Host, timedelta], None] | None = None
    """Where claimed hosts are left to be given back soon, and to rest for so long from now; None: each is given
    back at once."""
    hindrance: Hindrance = field(default_factory=Hindrance)
    budget: Budget | None = None
    """What requests are paid from; None: one pass that was asked for, which counts nothing."""
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
    away; ``slow``: it kept us waiting; ``asked``: a request was made; ``lied``: the validators that its host had
    sent before were not those of the text; ``known_as``: the address by which the article was known before it."""

    entry: CheckEntry
    outcome: Outcome
    known_as: str
    wait: timedelta | None = None
    slow: bool = False
    asked: bool = True
    lied: bool = False


# ---------------------------------------------------------------------- one article


def check_article(
    article: Article,
    tools: Tools,
    robots: str | None,
    *,
    host: Host | None = None,
    errand: Errand | None = None,
    may_follow: Callable[[str], bool] = lambda _: True,
    quietly: bool = False,
) -> Seen:
    """Look at one article and record what was seen.

    :param robots: the host's rules, where they count.
    :param host: what is known of the article's host; None: nothing that is against it.
    :param errand: the look was begun before, and goes on with this.
    :param may_follow: whether a redirect to that address may be followed at once.
    :raises BrowserBusy: it was not its turn.
    :raises Detour: it goes on at its next turn; nothing was recorded.
    :raises StorageError: it could not be recorded; nothing was.
    """
    previous = tools.store.latest_revision(article)
    look = look_at(article, tools, quietly)
    doubt = distrusted(host, look.now)
    if doubt is not None and article.validators != Validators():
        look = replace(look, noted=(*look.noted, doubt))
    wait_for, slow, began = None, False, time.monotonic()
    asked, untrue = host_name(article.url) != FILES, False
    try:
        response = _answer(article, tools, look, robots, host, errand, may_follow)
        slow = took_long(began)  # reading it waits for our own children, which is not the host's doing
        outcome = _decided(article, previous, response, look, tools)
        untrue = lied(article, outcome, response)
        outcome = with_validators(article, outcome, response, trusted=not (untrue or doubt))
        if response.status >= 400:
            wait_for = retry_after(response.headers, look.now)
    except FetchError as error:
        outcome, slow = decide_failure(article, error, look), took_long(began)
        wait_for, asked = error.retry_after, asked and error.problem not in _NOT_ASKED
    outcome = _waiting_from(tools.clock(), look.now, _with_word_of(untrue, outcome))
    entry = _as_another(article, outcome, tools) or record_patiently(outcome, tools)
    _log_check(entry, outcome)
    known_as = article.url
    return Seen(
        entry=entry, outcome=outcome, known_as=known_as, wait=wait_for, slow=slow, asked=asked, lied=untrue
    )


def record_failure(article: Article, error: FetchError, tools: Tools) -> Seen:
    """Record a look that failed before it began: what the host answered first was not usable."""
    outcome = decide_failure(article, error, look_at(article, tools, quietly=False))
    entry = record_patiently(outcome, tools)
    _log_check(entry, outcome)
    return Seen(entry=entry, outcome=outcome, known_as=article.url)


def _as_another(article: Article, outcome: Outcome, tools: Tools) -> CheckEntry | None:
    """The check of an article that turns out, before anything was kept of it, to be one that is watched already:
    there is but that one from now on. None: it is itself, or no more than its own word says that it is another."""
    known = outcome.article.url
    if article.revisions or known == article.url or outcome.revision is None:
        return None
    other = tools.store.watchlist.known_as(known, twin_key(known))
    if other is None or other == article.id:
        return None
    if outcome.article.asked_at != known and not _reads_like(outcome.revision, other, tools):
        return None
    patiently(
        f"what {article.url} is",
        tools,
        lambda: tools.store.watchlist.merge(article.id, other, outcome.known_by),
    )
    said = f"{article.url} is {known}, which is watched already"
    check = replace(outcome.check, result=CheckResult.SKIPPED, detail=said)
    return CheckEntry(seq=0, article_id=article.id, url=known, check=check, revision=None)


def _reads_like(revision: Revision, other: int, tools: Tools) -> bool:
    latest = tools.store.latest_revision(tools.store.article(other))
    return latest is not None and same_story(revision.extraction, latest.extraction)


def _with_word_of(untrue: bool, outcome: Outcome) -> Outcome:
    """The outcome, with what was found out about validators among its reasons."""
    if not untrue:
        return outcome
    said = "the text changed and the validators did not: for a while those of its host are not believed"
    return replace(outcome, check=replace(outcome.check, reasons=(*outcome.check.reasons, said)))


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
    look = replace(look, noted=(*look.noted, *noted))
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


def market_for(host: str, tools: Tools, now: datetime) -> Market:
    """What a look at an article of that host costs now, and what is known of its articles."""
    budget = tools.budget or Budget(lambda: tools.config)
    written = tools.store.watchlist.habits_of(host)
    return Market(
        price=FLOOR if tools.budget is None else budget.price(host, now),
        habits=Habits() if written is None else unpack_habits(written),
        everywhere=budget.everywhere(now, tools.store.watchlist.habits),
    )


def look_at(article: Article, tools: Tools, quietly: bool) -> Look:
    now = tools.clock()
    return Look(
        check_id=uuid.uuid4().hex,
        now=now,
        market=market_for(article.host, tools, now),
        source=tools.source(article.source),
        schedule=tools.config.schedule,
        rules=tools.config.alerts,
        witness=tools.config.witness,
        blocks=tools.store.blocks(article),
        quietly=quietly,
    )


def _answer(
    article: Article,
    tools: Tools,
    look: Look,
    robots: str | None,
    host: Host | None,
    errand: Errand | None,
    may_follow: Callable[[str], bool],
) -> Response:
    """What the article's address answers: a file's bytes or a server's.

    :raises FetchError: nothing usable.
    :raises Detour: not yet.
    """
    source = look.source
    if article.url.startswith("file:"):
        return read_file(article.url, source, tools.config.fetch.max_body, tools.clock)
    url = errand.at if errand is not None else article.asked_at
    if robots is not None and not tools.reader.allows(robots, url):
        said = f"robots.txt of {host_name(url)} forbids {url}."
        raise FetchError(FetchProblem.ROBOTS, said, transient=False)
    if source.needs_browser:
        return _opened(article, tools, source)
    validators = conditions(article, host, look.now)
    headers = dict(source.headers)
    step = errand or tools.fetcher.errand(article.asked_at, validators=validators, headers=headers)
    response = tools.fetcher.go(step, may_follow)
    if isinstance(response, Errand):
        raise Detour(response)
    if response.status == 304 and article.outdated:
        raise Detour(tools.fetcher.errand(article.asked_at, headers=headers), lied=True)
    return _usable(response, tools, asked=is_conditional(step))


def _opened(article: Article, tools: Tools, source: Source) -> Response:
    """The article's page, as it stands in a browser.

    :raises FetchError: nothing usable.
    """
    if tools.browser is None:
        said = f"There is no browser to open {article.url} in; 'writethru doctor' says why."
        raise FetchError(FetchProblem.BROWSER, said)
    cookies = next((value for name, value in source.headers if name.lower() == "cookie"), "")
    return _usable(tools.browser.get(article.asked_at, cookies=cookies), tools, asked=False)


def _usable(response: Response, tools: Tools, *, asked: bool) -> Response:
    """
    :raises FetchError: HTTP_ERROR.
    """
    trouble = failed_answer(response, asked=asked)
    if trouble is not None:
        later = retry_after(response.headers, tools.clock())
        raise FetchError(FetchProblem.HTTP_ERROR, trouble, status=response.status, retry_after=later)
    return response


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
