"""What a configuration says, as frozen records; the defaults are here."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.config.rights import Caution
from storage.records import EventKind, Retention, Severity, Source


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """What pages are fetched through. ``login`` is ``user:password``."""

    host: str
    port: int
    login: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    user_agent: str
    workers: int = 16
    host_interval: timedelta = timedelta(seconds=5)
    deadline: timedelta = timedelta(seconds=30)
    max_body: int = 10 << 20
    robots: bool = True
    proxy: Proxy | None = None
    allow_private: tuple[str, ...] = ()
    browser: str | None = None
    """The program that opens the pages of sources with ``fetch = "browser"``; None: the one installed."""


class Policy(enum.StrEnum):
    """How the next look is chosen: by what it is worth, or by fixed shares of the time since a change."""

    ADAPTIVE = "adaptive"
    FIXED = "fixed"


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """An article that is not there counts as removed after ``gone_checks`` looks in a row which say so,
    and no sooner than ``gone_after`` after the first of them."""

    policy: Policy = Policy.ADAPTIVE
    min_interval: timedelta = timedelta(seconds=60)
    max_interval: timedelta = timedelta(days=7)
    requests_per_hour: float = 20000
    retire_after: timedelta = timedelta(days=60)
    gone_after: timedelta = timedelta(hours=3)
    gone_checks: int = 3


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = 8420
    token: str | None = field(default=None, repr=False)
    timezone: str | None = None


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    format: str = "console"
    level: str = "info"


@dataclass(frozen=True, kw_only=True)
class WitnessSettings:
    """Whether, and how politely, the Wayback Machine is asked to save a page whose revision is of that
    severity or worse. ``keys`` are those of an account there, ``access:secret``."""

    wayback: bool = False
    severity: Severity = Severity.SUBSTANTIVE
    url: str = "https://web.archive.org"
    keys: str | None = field(default=None, repr=False)
    interval: timedelta = timedelta(seconds=20)
    at_once: int = 3
    allow_private: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StampSettings:
    """The time-stamping authority that the head of the chain is sent to (None: none is), how often, and the
    file with the certificates that its stamps are checked against."""

    url: str | None = None
    every: timedelta = timedelta(days=1)
    ca: str | None = None
    allow_private: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Where alerts go. The URL may hold a password, so it is kept out of every repr."""

    name: str
    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    allow_private: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlertRule:
    """Which revisions and state events are told to whom; an absent wish excludes nothing."""

    name: str
    to: tuple[str, ...]
    severity: Severity | None = None
    events: tuple[EventKind, ...] = ()
    silent: bool | None = None
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    match: str | None = None
    min_words: int = 0


@dataclass(frozen=True, kw_only=True)
class Config:
    """``folder`` is the file's own: relative paths count from there. ``cautions`` are no mistakes, but to be said."""

    folder: Path
    storage_url: str = field(default="sqlite:///writethru.db", repr=False)
    fetch: FetchSettings
    schedule: ScheduleSettings = ScheduleSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    witness: WitnessSettings = WitnessSettings()
    stamp: StampSettings = StampSettings()
    retention: Retention = field(default_factory=Retention)
    host_intervals: Mapping[str, timedelta] = field(default_factory=dict)
    host_budgets: Mapping[str, float] = field(default_factory=dict)
    """Requests an hour, where a host has an allowance of its own."""
    sources: tuple[Source, ...] = ()
    channels: tuple[Channel, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def host_interval(self, host: str) -> timedelta:
        return self.host_intervals.get(host, self.fetch.host_interval)


def rules_for(rules: Sequence[AlertRule], source: Source) -> list[AlertRule]:
    """The rules that may speak about an article of that source."""
    return [
        rule
        for rule in rules
        if (not rule.sources or source.name in rule.sources)
        and (not rule.tags or set(rule.tags) & set(source.tags))
    ]
