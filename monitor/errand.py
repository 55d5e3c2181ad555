"""Errand: a GET that is under way. Between two of its requests a host's interval may lie, and nobody waits it out:
what is known of it is put aside until its next turn, in memory alone. Where that is lost, the look begins anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.errors import WritethruError
from storage.records import Redirect

_MOST = 10_000
_LONGEST = timedelta(hours=1)  # what a redirect led to may not hold for longer

Line = tuple[str, str, frozenset[tuple[str, str]]]
"""What one connection is good for: a scheme, a host with its port, and a source's own headers."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """``at`` is the address that is asked next, with these ``headers``; ``own`` are the names, in lower case, of
    those that are a source's own. ``hops`` lie behind it, and took ``spent`` seconds. ``fresh``: over a new
    connection."""

    url: str
    at: str
    headers: Mapping[str, str] = field(repr=False)
    since: datetime
    own: frozenset[str] = frozenset()
    first: int | None = None
    hops: tuple[Redirect, ...] = ()
    spent: float = 0.0
    fresh: bool = False

    @property
    def line(self) -> Line:
        parts = urlsplit(self.at)
        own = frozenset((name, value) for name, value in self.headers.items() if name.lower() in self.own)
        return parts.scheme, parts.netloc.lower(), own


class Detour(WritethruError):
    """A look goes on at its next turn. ``lied``: the host said that nothing was new where something was."""

    def __init__(self, errand: Errand, *, lied: bool = False) -> None:
        super().__init__(f"{errand.at} is asked at its next turn.")
        self.errand = errand
        self.lied = lied


class Errands:
    """What is under way, by whose it is; the oldest is forgotten where there are too many."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Errand] = OrderedDict()

    def take(self, whose: str, now: datetime) -> Errand | None:
        with self._lock:
            errand = self._waiting.pop(whose, None)
        return errand if errand is not None and abs(now - errand.since) < _LONGEST else None

    def next_address(self, whose: str) -> str | None:
        """Where that errand goes next; None: there is none."""
        with self._lock:
            errand = self._waiting.get(whose)
            return None if errand is None else errand.at

    def put(self, whose: str, errand: Errand) -> None:
        with self._lock:
            self._waiting[whose] = errand
            if len(self._waiting) > self._most:
                self._waiting.popitem(last=False)
