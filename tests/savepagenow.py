"""A stand-in for the Wayback Machine's Save Page Now 2: takes pages on as jobs, at its limits, and says
what has become of them; as slow, as moody and as forgetful as it is told to be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import repeat
from typing import Any
from urllib.parse import parse_qs

from tests.servers import Answer, Line, Request, Scripted, http


class SavePageNow(Scripted):
    """:param keys: ``access:secret`` that a caller must show.
    :param per_minute: pages taken on in any minute; one more is answered with 429.
    :param at_once: jobs at work; one more is refused with a status of 200, as the real one does.
    :param looks: how often a job is still at work when it is looked at.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        keys: str | None = None,
        per_minute: int = 3,
        at_once: int = 3,
        looks: int = 1,
    ) -> None:
        self._clock, self._keys, self._per_minute, self._at_once = clock, keys, per_minute, at_once
        self._looks = looks
        self.taken: list[tuple[datetime, str]] = []
        self.captures: dict[str, datetime] = {}
        self.most_at_once = 0
        self.ends: dict[str, str] = {}
        """How the job of an address ends, as an error code; without one it succeeds."""
        self.refuses: dict[str, str] = {}
        """How an address is refused at once, as an error code."""
        self.stubborn = False
        """Whether it answers with the capture it has, however old."""
        self.odd: Answer | None = None
        """What everything is answered with, if anything."""
        self._jobs: dict[str, tuple[str, int]] = {}
        super().__init__()

    @property
    def asked_for(self) -> list[str]:
        """The addresses that it was asked to save, in order, refused ones included."""
        return [_form(request)["url"] for request in self.requests if request.method == "POST"]

    def forget_jobs(self) -> None:
        self._jobs.clear()

    def _answer_to(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.odd is not None:
            return self.odd
        if self._keys is not None and request.headers.get("authorization") != f"LOW {self._keys}":
            return _said({"message": "You need to be logged in to use Save Page Now."}, 401)
        if request.headers["accept"] != "application/json":
            return http(200, "<!doctype html><title>Save Page Now</title>")
        if request.method == "POST" and request.target == "/save":
            return self._take_on(_form(request))
        return self._status(request.target.removeprefix("/save/status/"))

    def _take_on(self, wish: Mapping[str, str]) -> bytes:
        url, now = wish["url"], self._clock()
        if url in self.refuses:
            return _error(self.refuses[url])
        if sum(now - moment < timedelta(minutes=1) for moment, _ in self.taken) >= self._per_minute:
            return _said({"message": "Too many captures."}, 429, {"Retry-After": "300"})
        job = "spn2-" + sha256(url.encode()).hexdigest()[:40]
        younger = timedelta(seconds=int(wish.get("if_not_archived_within", "3600")))
        at_work = self._jobs.get(job, (url, -1))[1] >= 0
        if at_work or (url in self.captures and (self.stubborn or now - self.captures[url] < younger)):
            self._jobs.setdefault(job, (url, -1))
            return _said({"url": url, "job_id": job, "message": "The same snapshot had been made before."})
        if len(self._jobs.keys() - self._ended()) >= self._at_once:
            return _error("user-session-limit")
        self.taken.append((now, url))
        self._jobs[job] = (url, self._looks)
        self.most_at_once = max(self.most_at_once, len(self._jobs.keys() - self._ended()))
        return _said({"url": url, "job_id": job})

    def _status(self, job: str) -> bytes:
        if job not in self._jobs:
            return _said({"status": "error", "job_id": job, "message": "The job was not found."}, 404)
        url, looks = self._jobs[job]
        if looks < 0 and url not in self.ends:
            return self._success(job, url)
        if looks > 0:
            self._jobs[job] = (url, looks - 1)
            return _said({"status": "pending", "job_id": job, "resources": []})
        if url in self.ends:
            del self._jobs[job]
            return _error(self.ends[url])
        self.captures[url] = self._clock()
        self._jobs[job] = (url, -1)
        return self._success(job, url)

    def _success(self, job: str, url: str) -> bytes:
        return _said(
            {
                "status": "success",
                "job_id": job,
                "original_url": url,
                "timestamp": f"{self.captures[url]:%Y%m%d%H%M%S}",
                "duration_sec": 6.2,
            }
        )

    def _ended(self) -> set[str]:
        return {job for job, (_, looks) in self._jobs.items() if looks < 0}


def hang(line: Line) -> None:
    """Answer nothing, for as long as the server lives."""
    line.drip(repeat(b""), every=0.2)


def _form(request: Request) -> dict[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}


def _error(code: str) -> bytes:
    return _said({"status": "error", "status_ext": f"error:{code}", "message": f"It is {code}."})


def _said(form: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    return http(status, json.dumps(form), headers, kind="application/json")
