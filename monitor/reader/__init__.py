"""Reader: untrusted bytes are parsed in child processes with a deadline and a memory limit, and only there.

No page can hang or bloat the daemon, or keep others waiting: most are read in the quick lane, many at once; what
takes longer than most is read once more in a slow lane, by itself, and so is what comes from a host whose last page
was given up. A parse that is killed is a failed check, never a revision.
"""

from __future__ import annotations

import logging
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from monitor.errors import FetchError, ReadError
from monitor.extract import NOTHING_TOLD, Known
from monitor.reader.child import Answer, Kind
from monitor.reader.lanes import TOO_LONG, Job, Lane
from monitor.reader.reading import read, read_plain
from monitor.robots import allows, crawl_delay
from monitor.sources import Listing, read_feed, read_section, read_sitemap
from monitor.verdict import NEVER_SEEN, Past
from monitor.weighing import Weighed, coarsely, compared, weigh
from storage.records import Assessment, Capture, Diff, Extraction, FetchProblem, Response, SourceKind, Told

__all__ = ["Reader", "read", "read_plain"]

T = TypeVar("T")
log = logging.getLogger("writethru.reader")

_DEADLINE = 10.0
_QUICK = 1 / 4  # of the deadline: the most that a batch of the quick lane takes
_AT_ONCE = 1 / 25  # of the deadline: processor time for one page there; most take a tenth of that
_PATIENCE = 4  # deadlines: how long a page may wait in the slow lane that is there for the first time
_REMEMBERED = 10_000  # hosts
_SMALL_RULES = 6_000  # letters of a robots.txt that is read here: 30 ms at worst


class Reader:
    """Children that read; close it, or use it as a context manager.

    :param workers: how many batches are read at the same time in the quick lane, and how many of hosts that
        we know nothing of yet, beside it and with less of the processor; the slow lane has one child of its own.
    :param deadline: seconds for one page, all attempts together, without the time that it waits its turn.
    """

    def __init__(self, workers: int = 2, deadline: float = _DEADLINE) -> None:
        self._deadline = deadline
        self._acquainted, self._suspects = _Hosts(), _Hosts()
        self._quick, self._strangers = (
            Lane(
                workers,
                seconds=deadline * _QUICK,
                at_once=deadline * _AT_ONCE,
                together=True,
                nice=nice,
                killed=lambda job, _: self._slowly(job, within=deadline * _PATIENCE),
            )
            for nice in (0, 5)
        )
        self._slow = Lane(1, seconds=deadline, at_once=0.0, together=False, nice=5, killed=self._give_up)

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
        return self._run(read, response.final_url, seen, told, past, known, size=len(response.body))

    def listing(self, kind: SourceKind, response: Response) -> Listing:
        """What a feed, a sitemap or a section page lists.

        :raises FetchError: PARSE_KILLED.
        :raises ReadError: it is none.
        """
        url, body = response.final_url, response.body
        if kind is SourceKind.SECTION:
            return self._run(read_section, url, body, url, response.header("content-type"), size=len(body))
        return self._run(
            read_sitemap if kind is SourceKind.SITEMAP else read_feed, url, body, url, size=len(body)
        )

    def allows(self, rules: str, url: str) -> bool:
        """Whether that robots.txt lets us fetch the address.

        :raises FetchError: PARSE_KILLED.
        """
        if len(rules) <= _SMALL_RULES:
            return allows(rules, url)
        return self._run(allows, f"robots.txt for {url}", rules, url, size=len(rules), host=_host(url))

    def crawl_delay(self, rules: str, url: str) -> timedelta | None:
        """What that robots.txt, from that address, asks for between two requests.

        :raises FetchError: PARSE_KILLED.
        """
        if len(rules) <= _SMALL_RULES:
            return crawl_delay(rules)
        return self._run(crawl_delay, f"robots.txt for {url}", rules, size=len(rules), host=_host(url))

    def weigh(self, old: Extraction, new: Extraction, about: str) -> Weighed:
        """What changed between two texts and what it means; told coarsely where that cannot be found out
        within the deadline, for a revision is to be recorded whatever its text."""
        size = len(old.text) + len(new.text)
        try:
            return self._run(weigh, about, old, new, size=size, host="", patient=True)
        except FetchError as given_up:
            log.warning("The revision is told coarsely: %s", given_up)
            return coarsely(old, new)

    def compared(self, old: Extraction, new: Extraction) -> tuple[Diff, Assessment]:
        """What is between two texts, for somebody who waits to see it.

        :raises FetchError: PARSE_KILLED.
        """
        size = len(old.text) + len(new.text)
        return self._run(compared, "two versions", old, new, size=size, host="")

    def close(self) -> None:
        self._quick.close()
        self._strangers.close()
        self._slow.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ one job

    def _run(
        self,
        function: Callable[..., T],
        about: str,
        *arguments: Any,
        size: int = 0,
        host: str | None = None,
        patient: bool = False,
    ) -> T:
        job = Job(
            call=(function, arguments),
            about=about,
            host=_host(about) if host is None else host,
            size=size,
            left=self._deadline,
            patient=patient,
        )
        if job.host in self._suspects:
            self._slowly(job, within=0.0)
        elif not self._lane_for(job.host).put(job):
            job.answer.cancel()
        result: T = self._value(job)
        self._suspects.clear(job.host)
        self._acquainted.add(job.host)
        return result

    def _lane_for(self, host: str) -> Lane:
        """Whom we have read before does not wait behind a stranger, who may take long."""
        return self._quick if not host or host in self._acquainted else self._strangers

    def _slowly(self, job: Job, within: float) -> None:
        """Into the slow lane, unless what is slow there already would keep it waiting too long. That says nothing
        against its host: on a busy machine the page of any host gets here."""
        if not self._slow.put(job, within=None if job.patient else within):
            sentence = f"{job.about} was not read: it may take long, and too many such pages wait already."
            job.answer.set_exception(FetchError(FetchProblem.PARSE_KILLED, sentence))

    def _give_up(self, job: Job, trouble: str) -> None:
        self._suspects.add(job.host)
        self._acquainted.clear(job.host)
        if trouble == TOO_LONG:
            trouble = f"took longer than {self._deadline:.0f} s"
        job.answer.set_exception(_given_up(job, trouble))

    def _value(self, job: Job) -> Any:
        try:
            answer: Answer = job.answer.result()
        except CancelledError:
            raise FetchError(
                FetchProblem.PARSE_KILLED, f"{job.about} was not read: the end came first."
            ) from None
        kind, form = answer
        if kind is Kind.VALUE:
            return pickle.loads(form)  # noqa: S301 - our own child made it
        if kind is Kind.REFUSED:
            raise ReadError(form.decode())
        if kind is Kind.DEPTH:
            raise _given_up(job, "went deeper than it may")
        log.error("Reading %s met an error that nobody foresaw:\n%s", job.about, form.decode())
        raise _given_up(job, "met an error of the reader's own, which is in the log,")


class _Hosts:
    """The hosts of which something is known; the latest of them, for there may be any number."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, host: str) -> bool:
        return host in self._hosts

    def add(self, host: str) -> None:
        if not host:
            return
        with self._lock:
            self._hosts[host] = None
            self._hosts.move_to_end(host)
            if len(self._hosts) > _REMEMBERED:
                self._hosts.popitem(last=False)

    def clear(self, host: str) -> None:
        with self._lock:
            self._hosts.pop(host, None)


def _host(url: str) -> str:
    """Who serves that address; nobody, where it is a file's or none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _given_up(job: Job, trouble: str) -> FetchError:
    sentence = f"Reading {job.about} {trouble} and was given up."
    return FetchError(FetchProblem.PARSE_KILLED, sentence, transient=False)
