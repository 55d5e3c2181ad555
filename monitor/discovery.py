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

from monitor.check import Tools, look_at, took_long
from monitor.decide import decide_baseline
from monitor.errors import FetchError, ReadError
from monitor.files import file_response
from monitor.heart import note_unreachable
from monitor.sources import canonical, wanted
from monitor.visit import give_back
from storage.errors import StorageBusy, StorageError, StorageUnwritable
from storage.records import Extraction, FetchProblem, Source, SourceKind, SourceState, Validators

log = logging.getLogger("writethru.discovery")

_DISCOVERY_EVERY = {
    SourceKind.FEED: timedelta(minutes=5),
    SourceKind.FOLDER: timedelta(minutes=1),
    SourceKind.PAGE: timedelta(days=1),
}
_TEXT_FILES = (".txt", ".text", ".md")


def discover_due(tools: Tools, names: Collection[str] | None = None) -> Mapping[str, str]:
    """Look for articles in every source that is due (or in the named ones, due or not); what went
    wrong, by source.

    :raises StorageBusy, StorageUnwritable: nothing can be written now; what is left stays due.
    """
    if names is None:
        states = tools.store.watchlist.due_sources(tools.clock())
    else:
        states = [s for s in tools.store.watchlist.sources() if s.name in names and not s.paused]
    troubles = {}
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
    return troubles


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
        tools.store.watchlist.discovery_failed(state.id, sentence, tools.clock() + wait)
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

    def claim(self, slow: bool) -> SourceState | None:
        """The next one; None: there is none left in this round."""
        with self._lock:
            if not self._due[slow]:
                return None
            state = self._due[slow].popleft()
            self._begun.add(state.id)
            return state

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
    host = tools.store.watchlist.claim_host_of(source.url, tools.clock(), tools.worker, tools.lease)
    if host is None:
        return None
    began, slow = time.monotonic(), True
    if tools.budget is not None:
        tools.budget.charge(host.name, tools.clock())
    try:
        response = tools.fetcher.get(source.url, validators=state.validators, headers=dict(source.headers))
        slow = took_long(began)
        if response.status not in (200, 304):
            raise FetchError(FetchProblem.HTTP_ERROR, f"The feed {source.url} answered {response.status}.")
        urls = [] if response.status == 304 else wanted(source, tools.reader.entries(response))
        validators = state.validators if response.status == 304 else response.validators
    finally:
        give_back(host, tools, tools.config.host_interval(host.name), slow=slow and took_long(began))
    now = tools.clock()
    note_unreachable(tools.store, state, wait, now)
    new = tools.store.watchlist.discovered(state.id, urls, now, now + wait, validators)
    if new:
        log.info("source %s: %d new article%s", state.name, new, "" if new == 1 else "s")
    return None


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
