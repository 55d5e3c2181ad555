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
from types import TracebackType
from typing import Self, TypeVar

import lxml.html
from pebble import ProcessExpired, ProcessPool

from monitor.errors import FetchError
from monitor.extract import decode, extract, extract_plain
from monitor.sources import feed_entries
from monitor.verdict import NEVER_SEEN, Past, judge, not_html, refusal
from storage.records import Capture, FetchProblem, Response, Selectors, Verdict, fold_spaces

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
        self, response: Response, *, selectors: Selectors | None = None, past: Past = NEVER_SEEN
    ) -> Capture:
        """What is in that response.

        :param selectors: the source's own.
        :param past: what the article was before.
        :raises FetchError: PARSE_KILLED.
        """
        return self._run(read, response.final_url, response, selectors, past)

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


def read(response: Response, selectors: Selectors | None, past: Past) -> Capture:
    """What a child does with one response. A file of a watched folder is plain text."""
    refused = refusal(response)
    if refused is not None:
        return Capture(verdict=refused[0], reasons=(refused[1],))
    if response.final_url.startswith("file:"):
        return read_plain(response.body)
    if not response.body.strip():
        return Capture(verdict=Verdict.EMPTY, reasons=("the answer has no body",))
    wrong = not_html(response)
    if wrong is not None:
        return Capture(verdict=Verdict.NOT_HTML, reasons=(wrong,))
    return _read_page(response, selectors, past)


def read_plain(body: bytes) -> Capture:
    """Plain text: an article as it stands, unless there is none."""
    extraction = extract_plain(decode(body))
    if not extraction.paragraphs:
        return Capture(verdict=Verdict.EMPTY, reasons=("the file has no text in it",), extraction=extraction)
    return Capture(verdict=Verdict.ARTICLE, extraction=extraction)


def _read_page(response: Response, selectors: Selectors | None, past: Past) -> Capture:
    kind = response.header("content-type")
    extraction = extract(response.body, url=response.final_url, content_type=kind, selectors=selectors)
    title, shown = _shown(decode(response.body, kind))
    verdict, reasons = judge(response, extraction, title, shown, past)
    return Capture(verdict=verdict, reasons=reasons, extraction=extraction)


def _shown(text: str) -> tuple[str, str]:
    """The title and the visible text of a page, as far as a verdict needs them."""
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (ValueError, lxml.etree.ParserError):
        return "", ""
    title = fold_spaces("".join(str(t) for element in root.iter("title") for t in element.itertext()))
    for element in list(root.iter("script", "style", "template")):
        element.drop_tree()
    return title, fold_spaces("".join(str(t) for t in root.itertext()))


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
