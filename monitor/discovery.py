"""discover(): look for articles in a source, in its host's turn, and watch what is new.

Also loads the baseline that a page source may name. What a feed, a sitemap or a section page lists is read
elsewhere; here it is carried out, one request a turn.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from monitor.check import Tools, look_at
from monitor.conditions import DISTRUST, feed_conditions, is_conditional, unchanged_claim
from monitor.decide import decide_baseline
from monitor.errand import Errand
from monitor.errors import FetchError, ReadError
from monitor.events.addresses import twin_key
from monitor.fetch import retry_after
from monitor.files import file_response
from monitor.heart import note_unreachable
from monitor.sources import Listing, canonical, wanted
from monitor.sources.finding import Step, found_in, given_up, next_step
from monitor.sources.memory import Memory, settle, unsettled
from monitor.turn import ask_in_turn
from storage.errors import StorageBusy, StorageError, StorageUnwritable
from storage.records import Extraction, FetchProblem, Response, Source, SourceKind, SourceState, Validators
from storage.watchlist import host_name

log = logging.getLogger("writethru.discovery")

_DISCOVERY_EVERY = {
    SourceKind.FEED: timedelta(minutes=5),
    SourceKind.SECTION: timedelta(minutes=10),
    SourceKind.SITEMAP: timedelta(minutes=10),
    SourceKind.FOLDER: timedelta(minutes=1),
    SourceKind.PAGE: timedelta(days=1),
}
_LOOK_EVERY = 0.2
_ASKED_FOR = frozenset((SourceKind.FEED, SourceKind.SECTION, SourceKind.SITEMAP))
_TEXT_FILES = (".txt", ".text", ".md")


def discover_due(
    tools: Tools, names: Collection[str] | None = None, *, patience: float = 0.0
) -> Mapping[str, str]:
    """Look for articles in every source that is due (or in the named ones, due or not); what went
    wrong, by source.

    :param patience: seconds to wait for the turns of hosts.
    :raises StorageBusy, StorageUnwritable: nothing can be written now; what is left stays due.
    """
    if names is None:
        states = tools.store.watchlist.due_sources(tools.clock())
    else:
        states = [s for s in tools.store.watchlist.sources() if s.name in names and not s.paused]
    troubles, ends = {}, time.monotonic() + patience
    while states and not tools.stopping():
        for state in states:
            if tools.stopping():
                break
            try:
                sentence = discover(state, tools)
            except (StorageBusy, StorageUnwritable):
                raise  # no other source would fare better
            except StorageError as error:
                sentence = str(error)
            if sentence is not None:
                troubles[state.name] = sentence
        states = [
            state for state in states if _is_near(state, tools, timedelta(seconds=ends - time.monotonic()))
        ]
        if states:
            time.sleep(_LOOK_EVERY)
    return troubles


def _is_near(state: SourceState, tools: Tools, within: timedelta) -> bool:
    """Whether that source waits for its host's turn, and that comes so soon."""
    there = tools.errands.next_address(_whose(state))
    host = None if there is None else tools.store.watchlist.host(host_name(there))
    return host is not None and within > timedelta(0) and host.free_at < tools.clock() + within


def unfinished(tools: Tools, names: Collection[str] | None = None) -> set[str]:
    """Of these sources (of all), those whose last look worked and goes on at once: an index names more sitemaps, a
    page its feed."""
    return {
        state.name
        for state in tools.store.watchlist.sources()
        if (names is None or state.name in names) and not state.paused
        if state.last_ok_at is not None and state.next_discovery_at <= state.last_ok_at
    }


def discover(state: SourceState, tools: Tools) -> str | None:
    """Look for articles in one source. The sentence says what went wrong; None: nothing did."""
    source = tools.source(state.name)
    wait = _interval(state, source)  # counted from the end: a clock may be set meanwhile
    try:
        if source.kind in _ASKED_FOR:
            return _discover_listed(state, source, tools, wait)
        urls = _files(source) if source.kind is SourceKind.FOLDER else [canonical(source.url)]
        found, now = wanted(source, urls), tools.clock()
        note_unreachable(tools.store, state, wait, now)
        keys = {url: twin_key(url) for url in found}
        new = tools.store.watchlist.discovered(state.id, found, now, now + wait, Validators(), keys=keys)
        if source.baseline is not None:
            _load_baseline(source, tools)
    except (FetchError, ReadError, OSError) as error:
        sentence = str(error)
        asked_for = (error.retry_after if isinstance(error, FetchError) else None) or wait
        tools.store.watchlist.discovery_failed(state.id, sentence, tools.clock() + max(wait, asked_for))
        log.warning("source %s: %s", state.name, sentence)
        return sentence
    if new:
        log.info("source %s: %d new article%s", state.name, new, "" if new == 1 else "s")
    return None


class Round:
    """Whose discovery is due and not yet begun, for several who share the work. What was slow the last time
    is known by its id; a source that must wait for its host's turn is met again in the next round."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: dict[bool, deque[SourceState]] = {False: deque(), True: deque()}
        self._begun: set[int] = set()
        self._slow: set[int] = set()

    def begin(self, due: Sequence[SourceState]) -> None:
        """A new round, with all that is due now."""
        with self._lock:
            for slow, waiting in self._due.items():
                waiting.clear()
                waiting += (s for s in due if s.id not in self._begun and (s.id in self._slow) is slow)

    def claim(self, slow: bool, most: int) -> Sequence[SourceState]:
        """The next ones, at most so many; fewer: there are no more left in this round."""
        with self._lock:
            due = self._due[slow]
            states = [due.popleft() for _ in range(min(most, len(due)))]
            self._begun.update(state.id for state in states)
            return states

    def done(self, state: SourceState, *, slow: bool) -> None:
        with self._lock:
            self._begun.discard(state.id)
            if slow:
                self._slow.add(state.id)
            else:
                self._slow.discard(state.id)


def _interval(state: SourceState, source: Source) -> timedelta:
    return source.interval or _DISCOVERY_EVERY[state.kind]


def _discover_listed(state: SourceState, source: Source, tools: Tools, wait: timedelta) -> str | None:
    """Ask for what a source lists and read it, in its host's turn; where it is not that host's turn, it stays due."""
    memory = Memory.of(state.memory)
    step = next_step(source, memory)
    try:
        response = _answer_to(step, state, source, tools)
        if response is None:
            return None
        listing = _listing(step, response, tools)
    except (FetchError, ReadError) as error:
        rest = given_up(memory, step)
        if step.is_part:
            _skip(state, rest, tools, wait, str(error))
            return str(error)
        if rest != memory:
            tools.store.watchlist.discovery_failed(state.id, str(error), tools.clock() + wait, rest.text)
            log.warning("source %s: %s", state.name, error)
            return str(error)
        raise
    if listing is None:
        now = tools.clock()
        note_unreachable(tools.store, state, wait, now)
        tools.store.watchlist.discovered(
            state.id, (), now, now + wait, state.validators, note=state.note, memory=state.memory
        )
        return None
    _take(state, source, step, listing, response, tools, wait)
    return None


def _answer_to(step: Step, state: SourceState, source: Source, tools: Tools) -> Response | None:
    """What that step's address answers; None: not yet, it is asked further at its host's next turn.

    :raises FetchError: nothing usable.
    """
    whose, now = _whose(state), tools.clock()
    errand = tools.errands.take(whose, now)
    if errand is None or errand.url != step.url:
        host = tools.store.watchlist.host(host_name(step.url))
        validators = None if step.is_part else feed_conditions(state, host, now)
        headers = dict(source.headers) if _one_origin(step.url, source.url) else {}
        errand = tools.fetcher.errand(step.url, validators=validators, headers=headers)
    answer = ask_in_turn(errand, tools)
    if isinstance(answer, Errand):
        tools.errands.put(whose, answer)
        return None
    return answer


def _whose(state: SourceState) -> str:
    return f"source {state.id}"


def _listing(step: Step, response: Response, tools: Tools) -> Listing | None:
    """What that answer lists; None: what it did the last time.

    :raises FetchError: HTTP_ERROR, or reading it was given up.
    :raises ReadError: there is no listing in it.
    """
    if response.status == 304:
        return None
    if response.status != 200:
        later = retry_after(response.headers, tools.clock())
        said = f"The {step.kind} {step.url} answered {response.status}."
        raise FetchError(FetchProblem.HTTP_ERROR, said, retry_after=later)
    return tools.reader.listing(step.kind, response)


def _take(
    state: SourceState,
    source: Source,
    step: Step,
    listing: Listing,
    response: Response,
    tools: Tools,
    wait: timedelta,
) -> None:
    """Watch what is new in a listing, and look at what it hints at."""
    now, store = tools.clock(), tools.store.watchlist
    found = found_in(listing, source, step, Memory.of(state.memory), response.final_url, now)
    asked = {url: twin_key(url) for url in unsettled(found.memory, found.listed)}
    memory, hinted = settle(found.memory, found.listed, store.standings(asked), now, part=found.is_part)
    urls = wanted(source, [entry.url for entry in found.fresh])
    goes_on = bool(memory.todo) or next_step(source, memory).url != (source.url if step.is_part else step.url)
    note_unreachable(tools.store, state, wait, now)
    new = store.discovered(
        state.id,
        urls,
        now,
        now if goes_on else now + wait,
        Validators() if goes_on or step.is_part else response.validators,
        keys={url: twin_key(url) for url in {*urls, *hinted}},
        hinted=hinted,
        note="; ".join(said for said in (found.note, memory.trust) if said) or None,
        memory=memory.text,
    )
    if new and not step.is_part:
        _catch_a_lie(state, step, response, tools)
    if new or hinted:
        log.info(
            "source %s: %d new article%s, %d hinted at", state.name, new, "" if new == 1 else "s", len(hinted)
        )


def _catch_a_lie(state: SourceState, step: Step, response: Response, tools: Tools) -> None:
    """There was something new, and the validators say that there was not."""
    if not is_conditional(response) and unchanged_claim(state.validators, response):
        tools.store.watchlist.distrust(host_name(step.url), tools.clock() + DISTRUST)
        log.warning("source %s: its listing changed and its validators did not.", state.name)


def _skip(state: SourceState, memory: Memory, tools: Tools, wait: timedelta, why: str) -> None:
    """A part of what a source lists cannot be had now: on with the others; the source as a whole works."""
    now = tools.clock()
    again_at = now if memory.todo else now + wait
    tools.store.watchlist.discovered(state.id, (), now, again_at, Validators(), note=why, memory=memory.text)
    log.warning("source %s: %s", state.name, why)


def _one_origin(one: str, other: str) -> bool:
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def _files(source: Source) -> list[str]:
    """The text files of a folder, as addresses, in the order of their names."""
    folder = Path(source.url)
    if not folder.is_dir():
        raise ReadError(f"The folder {folder} is not there.")
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _TEXT_FILES and p.is_file())
    return [_address(path) for path in files]


def _address(path: Path) -> str:
    return f"file://{quote(os.fsencode(path))}"


def _load_baseline(source: Source, tools: Tools) -> None:
    """Make the source's baseline file the first revision of its article, where there is none yet."""
    article = tools.store.find_article(canonical(source.url), twin_key(canonical(source.url)))
    if article.revisions == 0 and source.baseline is not None:
        file = Path(source.baseline).resolve()
        capture = tools.reader.read(
            file_response(file, _address(file), tools.config.fetch.max_body, tools.clock)
        )
        if capture.extraction is None or not capture.extraction.paragraphs:
            raise ReadError(f"The baseline {source.baseline} has no text in it.")
        extraction = article_form(capture.extraction)
        outcome = decide_baseline(article, extraction, look_at(article, tools, quietly=True))
        tools.store.record(outcome)
        log.info("baseline of %s loaded from %s", article.url, source.baseline)


def article_form(plain: Extraction) -> Extraction:
    """A plain text as its article's page would give it: the headline is a field, not body."""
    body = plain.paragraphs[1:] if plain.headline else plain.paragraphs
    return Extraction(
        headline=plain.headline,
        paragraphs=body,
        extractor=plain.extractor,
        notices=plain.notices,
        plain=True,
    )
