"""read(): a Response into a Capture, in a child process with a deadline and a memory limit.

Untrusted bytes are parsed only there, so that no page can hang or bloat the daemon. A parse that
is killed is a failed check, never a revision.
"""

from __future__ import annotations

import math
import multiprocessing
import resource
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as PoolTimeout
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from lxml.etree import _Element
from pebble import ProcessExpired, ProcessPool

from monitor.errors import FetchError
from monitor.extract import NOTHING_TOLD, Known, decode, extract_plain, learn, read_page
from monitor.sources import feed_entries
from monitor.verdict import NEVER_SEEN, SHORT, Past, amount, judge, not_html, refusal
from storage.records import Capture, FetchProblem, Response, Told, Verdict, fold_spaces

T = TypeVar("T")

_DEADLINE = 15.0
_MEMORY = 1 << 30
_RECYCLE_AFTER = 500


class Reader:
    """A small pool of children that read; close it, or use it as a context manager.

    :param workers: how many pages are read at the same time.
    :param deadline: seconds for one page.
    """

    def __init__(self, workers: int = 2, deadline: float = _DEADLINE) -> None:
        self._deadline = deadline
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["monitor.reader"])
        self._pool = ProcessPool(
            max_workers=workers, max_tasks=_RECYCLE_AFTER, initializer=_settle_child, context=context
        )

    def read(
        self,
        response: Response,
        *,
        told: Told = NOTHING_TOLD,
        past: Past = NEVER_SEEN,
        known: Known | None = None,
    ) -> Capture:
        """What is in that response.

        :param told: what the extractor is told: the source's own selectors, what the host repeats.
        :param past: what the article was before.
        :param known: what it read as before; it makes the reading cheaper and no different.
        :raises FetchError: PARSE_KILLED.
        """
        seen = replace(response, screenshot=None)  # there is nothing in it to read
        return self._run(read, response.final_url, seen, told, past, known)

    def entries(self, response: Response) -> list[str]:
        """The addresses that a feed lists, in its order.

        :raises FetchError: PARSE_KILLED.
        :raises ReadError: it is not a feed.
        """
        return self._run(feed_entries, response.final_url, response.body, response.final_url)

    def _run(self, function: Callable[..., T], about: str, *args: object) -> T:
        try:
            call = (self._deadline, function, *args)
            result: T = self._pool.schedule(_bounded, args=call, timeout=self._deadline).result()
            return result
        except PoolTimeout:
            trouble = f"took longer than {self._deadline:.0f} s"
        except (ProcessExpired, MemoryError):
            trouble = "took more memory than it may"
        except RecursionError:
            trouble = "went deeper than it may"
        raise FetchError(
            FetchProblem.PARSE_KILLED, f"Reading {about} {trouble} and was given up.", transient=False
        )

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(
    response: Response, told: Told = NOTHING_TOLD, past: Past = NEVER_SEEN, known: Known | None = None
) -> Capture:
    """What a child does with one response. A file of a watched folder is plain text."""
    refused = refusal(response)
    if refused is not None:
        return Capture(verdict=refused[0], reasons=(refused[1],))
    if response.final_url.startswith("file:"):
        return read_plain(response.body)
    wrong = not_html(response)
    if wrong is not None:
        return Capture(verdict=Verdict.NOT_HTML, reasons=(wrong,))
    if not response.body.strip():
        return Capture(verdict=Verdict.EMPTY, reasons=("the answer has no body",))
    return _read_page(response, told, past, known)


def read_plain(body: bytes) -> Capture:
    """Plain text: an article as it stands, unless there is none."""
    extraction = extract_plain(decode(body))
    if not extraction.paragraphs:
        return Capture(verdict=Verdict.EMPTY, reasons=("the file has no text in it",), extraction=extraction)
    return Capture(verdict=Verdict.ARTICLE, extraction=extraction)


def _read_page(response: Response, told: Told, past: Past, known: Known | None) -> Capture:
    kind, url = response.header("content-type"), response.final_url
    page = read_page(response.body, url=url, content_type=kind, told=told, known=known)
    if page.recognised is not None and known is not None:
        reasons = page.recognised.reasons
        return Capture(
            verdict=Verdict.ARTICLE, reasons=reasons, extraction=page.extraction, locator=known.locator
        )
    title = _title(page.root)
    shown = _shown(page.root) if amount(page.extraction.text) < SHORT else ""
    verdict, reasons = judge(response, page.extraction, title, shown, past, page.troubles)
    settled = verdict is Verdict.ARTICLE and not past.doubts  # else there are reasons that pass
    found = learn(page, url, told) if settled else None
    locator = found.form(reasons) if found else None
    return Capture(verdict=verdict, reasons=reasons, extraction=page.extraction, locator=locator)


def _shown(root: _Element | None) -> str:
    """The visible text of a page, as far as a verdict needs it."""
    if root is None:
        return ""
    hidden = ("script", "style", "template")
    texts = (
        text
        for element in root.iter()
        for text in ((element.text if element.tag not in hidden else None), element.tail)
        if text
    )
    return fold_spaces(" ".join(texts))


def _title(root: _Element | None) -> str:
    found = None if root is None else next(root.iter("title"), None)
    return "" if found is None else fold_spaces("".join(found.itertext()))


def _bounded(seconds: float, function: Callable[..., T], *args: object) -> T:
    """Call ``function`` so that it can be ended in the middle: at once when its parent says so, and by
    the system once it has worked for twice as long as it may, since its parent may be gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = math.ceil(used.ru_utime + used.ru_stime + 2 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))
    politely = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        return function(*args)
    finally:
        signal.signal(signal.SIGTERM, politely)


def _settle_child() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the daemon decides when its children end
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
