"""run, check, prepare and config: where the parts are put together and set to work."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from monitor import logs
from monitor.alerts import deliver
from monitor.allocator import give_back_at_once
from monitor.browser import Browser, why_not
from monitor.check import Seen, Tools
from monitor.cli.common import colour, find_article, now, opened, print_json, say, zone_of
from monitor.config import Channel, Config, Proxy, load_config
from monitor.discovery import discover_due, unfinished
from monitor.errors import ConfigError, UsageError
from monitor.events.addresses import twin_key
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.hindrance import Hindrance
from monitor.reader import Reader
from monitor.report import check_json, check_line, log_line
from monitor.schedule import Daemon
from monitor.sources import canonical
from monitor.stamps import stamp_head
from monitor.visit import run_pass
from monitor.witness import attest
from storage.errors import StorageError
from storage.ledger import LogFilter
from storage.records import CheckResult, SourceKind
from storage.store import Store

if TYPE_CHECKING:
    from monitor.web import WebServer

log = logging.getLogger("writethru.service")
_SECOND = 1.0
_PASS_PATIENCE = 60.0
_PAGE_SECONDS = 60.0


# ---------------------------------------------------------------------- run


def run(arguments: argparse.Namespace) -> int:
    """The daemon in the foreground, until SIGTERM, Ctrl-C or the end of ``--for``."""
    give_back_at_once()
    config = load_config(arguments.config)
    zone = zone_of(config)
    logs.set_up(config.log.format, config.log.level, zone)
    with Store.open(config.storage_url, config.folder) as store, store.alone() as is_ours:
        service = _Service(arguments.config, config, store, zone, is_ours)
        return service.run(arguments.seconds)


class _Service:
    """The running daemon: its tools, its pages, and what signals ask of it."""

    def __init__(
        self, path: Path, config: Config, store: Store, zone: tzinfo, is_ours: Callable[[], bool]
    ) -> None:
        self._path = path
        self._is_ours = is_ours
        self._store = store
        self._reader = Reader()
        self._wake = threading.Event()
        self._reload = False
        self._ending = False
        self._daemon = Daemon(
            lambda: self._tools,
            lambda channel: channel_fetcher(self._tools.config, channel),
            lambda allow: _fetcher(self._tools.config, Guard(allow)),
        )
        self._hindrance = Hindrance()
        self._browser = browser_for(config)
        self._tools = self._tools_of(config)
        self._web = self._pages(config, zone)

    def run(self, seconds: float | None) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ask(end=True))
        signal.signal(signal.SIGHUP, lambda *_: self._ask(reload=True))
        self._store.watchlist.sync_sources(self._tools.config.sources, now())
        if self._web is not None:
            self._web.start()
        self._daemon.start()
        _warn(self._tools.config)
        log.info("started with %d sources; stop with SIGTERM or Ctrl-C", len(self._tools.config.sources))
        self._wait(seconds)
        return self._stop()

    def _tools_of(self, config: Config) -> Tools:
        """What the daemon works with under that configuration; what is in its way stays known."""
        return replace(
            _tools(config, self._store, self._reader, f"daemon:{os.getpid()}"),
            browser=self._browser,
            stopping=self._daemon.stopping,
            hindrance=self._hindrance,
            outlives_disk=True,
        )

    def _ask(self, *, end: bool = False, reload: bool = False) -> None:
        self._ending |= end
        self._reload |= reload
        self._wake.set()

    def _wait(self, seconds: float | None) -> None:
        timer = threading.Timer(seconds, lambda: self._ask(end=True)) if seconds else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        while not self._ending:
            self._wake.wait(_SECOND)
            self._wake.clear()
            self._daemon.watch_over_ticks()
            if not self._is_ours():
                log.error("another writethru run has taken over %s", self._store.shown)
                self._ending = True
            if self._reload:
                self._reload = False
                self._read_config_again()

    def _read_config_again(self) -> None:
        """A configuration with mistakes changes nothing, and none where the pages are: they stay there until
        the next start, and closed to our own fetches."""
        before = self._tools.config
        try:
            config = replace(load_config(self._path), web=before.web)
            same_browser = _wants_browser(config) and config.fetch == before.fetch
            browser = self._browser if same_browser and self._browser else browser_for(config)
        except ConfigError as error:
            for problem in error.problems:
                log.error("the configuration stays as it was: %s", problem)
            return
        try:
            self._store.watchlist.sync_sources(config.sources, now())
        except StorageError as error:
            log.error("the configuration stays as it was: %s", error)
            return
        replaced, self._browser = self._browser, browser
        self._tools = self._tools_of(config)
        _warn(config)
        if replaced is not None and replaced is not browser:
            threading.Thread(target=replaced.close, kwargs={"patience": _PAGE_SECONDS}, daemon=True).start()
        log.info("configuration read again: %d sources", len(config.sources))

    def _stop(self) -> int:
        log.info("stopping; finishing the checks in hand")
        if self._web is not None:
            self._web.stop()
        in_time = self._daemon.stop()
        if self._browser is not None:
            self._browser.close()
        log.info("stopped" if in_time else "stopped; what took too long was left and is done again")
        if not in_time:
            sys.stderr.flush()
            os._exit(0)  # somebody still waits for a server; nothing of what is in hand was recorded
        self._reader.close()
        return 0

    def _pages(self, config: Config, zone: tzinfo) -> WebServer | None:
        if not config.web.enabled:
            return None
        from monitor.web import WebServer, create_app  # slow to load, and not always wanted

        app = create_app(self._store, config.web, zone, self._daemon.trouble, self._reader.compared)
        server = WebServer(app, config.web)
        log.info("pages on http://%s:%d/", config.web.host, config.web.port)
        return server


def _warn(config: Config) -> None:
    for caution in config.cautions:
        log.warning("%s", caution)


# ---------------------------------------------------------------------- check and prepare


def check(arguments: argparse.Namespace) -> int:
    """One pass over what is named, or over all that is due."""
    with opened(arguments) as (config, store), passing(config, store) as tools:
        names, ids = _named(arguments.names, store)
        if arguments.all:
            names = {state.name for state in store.watchlist.sources()}
        troubles = _discovered(tools, names or (None if not arguments.names else set()))
        if arguments.all:
            ids = {article.id for article in store.articles()}
        elif arguments.names:
            ids |= {article.id for article in store.articles() if article.source in names}
        else:
            ids = set(store.watchlist.due(now()))
        asked = _as_asked(config, arguments.names, store)
        failed = _pass(tools, ids, arguments.json, asked, zone_of(config), quietly=False)
        deliver(store, {c.name: c for c in config.channels}, lambda c: channel_fetcher(config, c), now)
        _tell_witnesses(config, store)
    for name, sentence in troubles.items():
        say(f"writethru: source {name}: {sentence}", error=True)
    return 1 if failed or troubles else 0


def _discovered(tools: Tools, names: set[str] | None) -> dict[str, str]:
    """Look for articles in these sources (None: in all that are due), and go on for a while where one look is not
    all; what went wrong, by source."""
    due = {state.name for state in tools.store.watchlist.due_sources(now())} if names is None else names
    ends = time.monotonic() + _PASS_PATIENCE
    troubles = dict(discover_due(tools, names, patience=_PASS_PATIENCE))
    while (left := unfinished(tools, due)) and (patience := ends - time.monotonic()) > 0:
        time.sleep(0.2)
        troubles |= discover_due(tools, left, patience=patience)
    return troubles


def _tell_witnesses(config: Config, store: Store) -> None:
    """One round, as the daemon makes many: without one, each pass takes what waits a step further."""
    attest(store, config.witness, _fetcher(config, Guard(config.witness.allow_private)), now)
    stamp_head(store, config.stamp, _fetcher(config, Guard(config.stamp.allow_private)), now)


def prepare(arguments: argparse.Namespace) -> int:
    """Take the baseline of every article that has none, without alerts."""
    with opened(arguments) as (config, store), passing(config, store) as tools:
        known = {state.name for state in store.watchlist.sources()}
        if arguments.source is not None and arguments.source not in known:
            raise UsageError(f"There is no source '{arguments.source}'; 'writethru sources' lists them.")
        names = known if arguments.source is None else {arguments.source}
        troubles = _discovered(tools, names)
        ids = {a.id for a in store.articles() if a.revisions == 0 and a.source in names}
        failed = _pass(
            tools, ids, arguments.json, _as_asked(config, [], store), zone_of(config), quietly=True
        )
    for name, sentence in troubles.items():
        say(f"writethru: source {name}: {sentence}", error=True)
    return 1 if failed or troubles else 0


def _pass(
    tools: Tools, ids: set[int], as_json: bool, asked: dict[str, str], zone: tzinfo, *, quietly: bool
) -> int:
    """Look at each article once and print what was seen; how many looks failed."""
    counted = dict.fromkeys(CheckResult, 0)
    printing = threading.Lock()
    with tqdm(total=len(ids), unit="check", disable=None if not as_json else not sys.stderr.isatty()) as bar:

        def seen(found: Seen) -> None:
            with printing:
                counted[found.entry.check.result] += 1
                bar.clear()
                _print_check(found, as_json, asked, tools, zone)
                bar.update()

        left = run_pass(tools, ids, quietly=quietly, seen=seen) if ids else []
    for article_id in left:
        counted[CheckResult.SKIPPED] += 1
        url = tools.store.article(article_id).url
        if as_json:
            print_json(_skipped(asked.get(url, url), url))
        else:
            say(f"skipped: {url}: its host is left in peace for longer than a pass waits")
    if not as_json:
        total = sum(counted.values())
        parts = [f"{number} {result.replace('_', ' ')}" for result, number in counted.items() if number]
        print(f"{total} checked: {', '.join(parts)}" if total else "Nothing to check.")
    return counted[CheckResult.FAILED]


def _print_check(found: Seen, as_json: bool, asked: dict[str, str], tools: Tools, zone: tzinfo) -> None:
    entry = found.entry
    if as_json:
        print_json(check_json(entry, asked.get(found.known_as, found.known_as)))
        return
    print(check_line(entry, zone, colour()))
    outcome = found.outcome
    if outcome.reread is not None or outcome.revision is not None or outcome.state_events:
        for line in tools.store.log(LogFilter(article_id=entry.article_id, last=1)):
            if line.number != 1:
                print(f"    {log_line(line, zone, colour())}")


def _skipped(asked: str, url: str) -> dict[str, object]:
    return {
        "url": asked,
        "article": url,
        "outcome": "skipped",
        "verdict": None,
        "status": None,
        "revision": None,
        "error": None,
        "ms": 0.0,
    }


def _named(names: list[str], store: Store) -> tuple[set[str], set[int]]:
    """What was named, as source names and article ids.

    :raises UsageError: something named is not watched.
    """
    sources = {state.name: state for state in store.watchlist.sources()}
    by_url = {canonical(state.url): state.name for state in sources.values() if "://" in state.url}
    chosen, ids = set(), set()
    for name in names:
        if name in sources:
            chosen.add(name)
        elif "://" in name and canonical(name) in by_url:
            chosen.add(by_url[canonical(name)])
        else:
            try:
                ids.add(find_article(store, name).id)
            except StorageError:
                raise UsageError(
                    f"'{name}' is neither a source nor a watched address; 'writethru add URL' watches one."
                ) from None
    return chosen, ids


def _as_asked(config: Config, names: list[str], store: Store) -> dict[str, str]:
    """Canonical addresses to the form in which they were asked for."""
    pages = [source.url for source in config.sources if source.kind is SourceKind.PAGE]
    asked = {}
    for url in (url for url in [*pages, *names] if "://" in url):
        form = canonical(url)
        known = store.watchlist.known_as(form, twin_key(form))
        asked[form if known is None else store.article(known).url] = url
    return asked


@contextmanager
def passing(config: Config, store: Store) -> Iterator[Tools]:
    """Tools for one pass. Logs say nothing below a warning: the pass prints what it sees."""
    logs.set_up(config.log.format, "error", zone_of(config))
    worker = f"pass:{uuid.uuid4().hex}"  # of several machines, where process ids say little
    browser = browser_for(config)
    with Reader() as reader, browser or nullcontext():
        try:
            yield replace(_tools(config, store, reader, worker), browser=browser)
        finally:
            store.watchlist.void_claims(worker)


# ---------------------------------------------------------------------- config


def config(arguments: argparse.Namespace) -> int:
    """Name every mistake in the configuration at once."""
    found = load_config(arguments.config)
    browser_for(found)
    print(
        f"{arguments.config} is fine: {len(found.sources)} sources, {len(found.channels)} channels, "
        f"{len(found.alerts)} alert rules."
    )
    for caution in found.cautions:
        say(f"writethru: {caution}.", error=True)
    return 0


# ---------------------------------------------------------------------- composition


def channel_fetcher(config: Config, channel: Channel) -> Fetcher:
    """A fetcher with the openings that one channel is allowed."""
    return _fetcher(config, Guard(channel.allow_private))


def browser_for(config: Config) -> Browser | None:
    """A browser that starts when it is first needed; None: no source wants one.

    :raises ConfigError: one does, and it cannot be had here.
    """
    if not _wants_browser(config):
        return None
    trouble = why_not(config.fetch.browser)
    if trouble is not None:
        raise ConfigError(
            [
                f"sources[{place}].fetch ({source.name}): {trouble}"
                for place, source in enumerate(config.sources)
                if source.needs_browser
            ]
        )
    return Browser(
        _pages_guard(config),
        program=config.fetch.browser,
        user_agent=config.fetch.user_agent,
        deadline=config.fetch.deadline.total_seconds(),
        max_body=config.fetch.max_body,
        proxy=config.fetch.proxy,
        clock=now,
    )


def _wants_browser(config: Config) -> bool:
    return any(source.needs_browser for source in config.sources)


def _pages_guard(config: Config) -> Guard:
    """What pages may reach: what is allowed them, and never ourselves."""
    never = ((config.web.host, config.web.port),) if config.web.enabled else ()
    return Guard(config.fetch.allow_private, never)


def _tools(config: Config, store: Store, reader: Reader, worker: str) -> Tools:
    return Tools(
        store=store,
        fetcher=_fetcher(config, _pages_guard(config), config.fetch.proxy),
        reader=reader,
        config=config,
        clock=now,
        worker=worker,
    )


def _fetcher(config: Config, guard: Guard, proxy: Proxy | None = None) -> Fetcher:
    return Fetcher(
        guard,
        user_agent=config.fetch.user_agent,
        deadline=config.fetch.deadline.total_seconds(),
        max_body=config.fetch.max_body,
        proxy=proxy,
    )
