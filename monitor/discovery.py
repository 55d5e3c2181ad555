"""discover(): look for articles in a source, in its host's turn, and watch what is new.

Also loads the baseline that a page source may name. Which addresses a feed lists is read
elsewhere; here it is carried out.
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
from urllib.parse import quote

from monitor.check import Tools, look_at
from monitor.conditions import DISTRUST, feed_conditions, is_conditional, unchanged_claim
from monitor.decide import decide_baseline
from monitor.errand import Errand
from monitor.errors import FetchError, ReadError
from monitor.fetch import retry_after
from monitor.files import file_response
from monitor.heart import note_unreachable
from monitor.sources import canonical, wanted
from monitor.turn import ask_in_turn
from storage.errors import StorageBusy, StorageError, StorageUnwritable
from storage.records import Extraction, FetchProblem, Response, Source, SourceKind, SourceState, Validators
from storage.watchlist import host_name

log = logging.getLogger("writethru.discovery")

_DISCOVERY_EVERY = {
    SourceKind.FEED: timedelta(minutes=5),
    SourceKind.FOLDER: timedelta(minutes=1),
    SourceKind.PAGE: timedelta(days=1),
}
_LOOK_EVERY = 0.2
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


def discover(state: SourceState, tools: Tools) -> str | None:
    """Look for articles in one source. The sentence says what went wrong; None: nothing did."""
    source = tools.source(state.name)
    wait = _interval(state, source)  # counted from the end: a clock may be set meanwhile
    try:
        if source.kind is SourceKind.FEED:
            return _discover_feed(state, source, tools, wait)
        urls = _files(source) if source.kind is SourceKind.FOLDER else [canonical(source.url)]
        found, now = wanted(source, urls), tools.clock()
        note_unreachable(tools.store, state, wait, now)
        new = tools.store.watchlist.discovered(state.id, found, now, now + wait, Validators())
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


def _discover_feed(state: SourceState, source: Source, tools: Tools, wait: timedelta) -> str | None:
    """Fetch and read a feed, in its host's turn; where it is not that host's turn, it stays due."""
    response = _feed(state, source, tools)
    if response is None:
        return None
    if response.status not in (200, 304):
        later = retry_after(response.headers, tools.clock())
        said = f"The feed {source.url} answered {response.status}."
        raise FetchError(FetchProblem.HTTP_ERROR, said, retry_after=later)
    urls = [] if response.status == 304 else wanted(source, tools.reader.entries(response))
    validators = state.validators if response.status == 304 else response.validators
    now = tools.clock()
    note_unreachable(tools.store, state, wait, now)
    new = tools.store.watchlist.discovered(state.id, urls, now, now + wait, validators)
    if (
        new
        and response.status == 200
        and not is_conditional(response)
        and unchanged_claim(state.validators, response)
    ):
        tools.store.watchlist.distrust(host_name(source.url), now + DISTRUST)
        log.warning("source %s: its feed changed and its validators did not.", state.name)
    if new:
        log.info("source %s: %d new article%s", state.name, new, "" if new == 1 else "s")
    return None


def _feed(state: SourceState, source: Source, tools: Tools) -> Response | None:
    """What the feed's address answers; None: not yet, it is asked further at its host's next turn.

    :raises FetchError: nothing usable.
    """
    whose, now = _whose(state), tools.clock()
    errand = tools.errands.take(whose, now)
    if errand is None:
        host = tools.store.watchlist.host(host_name(source.url))
        validators = feed_conditions(state, host, now)
        errand = tools.fetcher.errand(source.url, validators=validators, headers=dict(source.headers))
    step = ask_in_turn(errand, tools)
    if isinstance(step, Errand):
        tools.errands.put(whose, step)
        return None
    return step


def _whose(state: SourceState) -> str:
    return f"source {state.id}"


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
    article = tools.store.find_article(canonical(source.url))
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
