"""config.toml into a frozen Config; every mistake is reported at once, each with its path.

Knows what may stand in the file and what it means. Refuses to know whether a source answers or
a channel delivers. A key it does not know is a mistake, never ignored.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import soupsieve

from monitor.allowance import parse_allowance
from monitor.errors import ConfigError
from storage.records import EventKind, Selectors, Severity, Source, SourceKind

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    user_agent: str
    workers: int = 16
    host_interval: timedelta = timedelta(seconds=5)
    deadline: timedelta = timedelta(seconds=30)
    max_body: int = 10 << 20
    robots: bool = True
    allow_private: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    min_interval: timedelta = timedelta(seconds=60)
    max_interval: timedelta = timedelta(days=7)


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
    """``folder`` is the file's own: relative paths count from there."""

    folder: Path
    storage_url: str = "sqlite:///writethru.db"
    fetch: FetchSettings
    schedule: ScheduleSettings = ScheduleSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    host_intervals: Mapping[str, timedelta] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    channels: tuple[Channel, ...] = ()
    alerts: tuple[AlertRule, ...] = ()

    def host_interval(self, host: str) -> timedelta:
        return self.host_intervals.get(host, self.fetch.host_interval)


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check one file.

    :raises ConfigError: it cannot be read, or has mistakes: all of them.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            [f"There is no configuration at {path}; name one with --config FILE or $WRITETHRU_CONFIG."]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {error}."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path} is not valid TOML: {error}."]) from None
    return parse_config(data, path.resolve().parent, environment)


def default_config(folder: Path) -> Config:
    """What holds where nothing is configured."""
    return parse_config({}, folder, {})


def parse_config(data: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> Config:
    """Check what the file says.

    :raises ConfigError: with every mistake.
    """
    root = _Table("", data, [], folder, environment)
    storage = root.table("storage")
    config = Config(
        folder=folder,
        storage_url=storage.take("url", _storage_url, "sqlite:///writethru.db"),
        fetch=_fetch(root.table("fetch")),
        schedule=_schedule(root.table("schedule")),
        web=_web(root.table("web")),
        log=_log(root.table("log")),
        host_intervals=dict(_host(table) for table in root.tables("hosts")),
        sources=tuple(_source(table) for table in root.tables("sources")),
        channels=tuple(_channel(table) for table in root.tables("channels")),
        alerts=tuple(_alert(table) for table in root.tables("alerts")),
    )
    storage.close()
    root.close()
    _check_names(root, config)
    if root.problems:
        raise ConfigError(root.problems)
    return config


# ---------------------------------------------------------------------- the sections


def _fetch(table: _Table) -> FetchSettings:
    contact = table.take("contact", _text, "")
    agent = f"Writethru/0.1 (article-change monitor{'; ' + contact if contact else ''})"
    settings = FetchSettings(
        user_agent=table.take("user_agent", _header_value, agent),
        workers=table.take("workers", _between(1, 256), 16),
        host_interval=table.take("host_interval", duration, timedelta(seconds=5)),
        deadline=table.take("deadline", _longer_than_zero, timedelta(seconds=30)),
        max_body=table.take("max_body_mb", _between(1, 1000), 10) << 20,
        robots=table.take("robots", _flag, True),
        allow_private=table.take("allow_private", _list_of(_allowance), ()),
    )
    table.close()
    return settings


def _schedule(table: _Table) -> ScheduleSettings:
    table.take("policy", _one_of("adaptive"), "adaptive")
    settings = ScheduleSettings(
        min_interval=table.take("min_interval", _longer_than_zero, timedelta(seconds=60)),
        max_interval=table.take("max_interval", _longer_than_zero, timedelta(days=7)),
    )
    if settings.max_interval < settings.min_interval:
        table.problem("max_interval", "must not be shorter than min_interval")
    table.close()
    return settings


def _web(table: _Table) -> WebSettings:
    host, port = table.take("listen", _listen, ("127.0.0.1", 8420))
    settings = WebSettings(
        enabled=table.take("enabled", _flag, True),
        host=host,
        port=port,
        token=table.secret("token") or None,
        timezone=table.take("timezone", _timezone, None, required=False),
    )
    if settings.enabled and settings.token is None and host not in ("127.0.0.1", "::1", "localhost"):
        table.problem("listen", f"listening on {host} needs a token: set web.token, or listen on 127.0.0.1")
    table.close()
    return settings


def _log(table: _Table) -> LogSettings:
    settings = LogSettings(
        format=table.take("format", _one_of("console", "json"), "console"),
        level=table.take("level", _one_of("debug", "info", "warning", "error"), "info"),
    )
    table.close()
    return settings


def _host(table: _Table) -> tuple[str, timedelta]:
    host = table.take("host", _text, None)
    interval = table.take("interval", duration, None)
    table.close()
    return (host or "").lower(), interval or timedelta(0)


def _source(table: _Table) -> Source:
    kind = table.take("kind", _one_of(*SourceKind), None)
    selectors = table.table("selectors")
    source = Source(
        name=table.take("name", _name, None) or "",
        kind=SourceKind(kind or "page"),
        url=table.take("url", _folder(table.folder) if kind == "folder" else web_url, None) or "",
        interval=table.take("interval", _longer_than_zero, None, required=False),
        include=table.take("include", _list_of(_pattern), ()),
        exclude=table.take("exclude", _list_of(_pattern), ()),
        baseline=table.take("baseline", _file(table.folder), None, required=False),
        headers=tuple(table.headers()),
        robots=table.take("robots", _flag, None, required=False),
        selectors=Selectors(
            **{
                key: selectors.take(key, _selector, None, required=False)
                for key in ("body", "remove", "headline", "byline")
            }
        ),
        tags=table.take("tags", _list_of(_text), ()),
    )
    if source.baseline is not None and kind not in (None, "page"):
        table.problem("baseline", "only a source of kind 'page' can have one")
    selectors.close()
    table.close()
    return source


def _channel(table: _Table) -> Channel:
    channel = Channel(
        name=table.take("name", _name, None) or "",
        url=table.secret("url", required=True) or "",
        secret=table.secret("secret"),
        allow_private=table.take("allow_private", _list_of(_allowance), ()),
    )
    if channel.url and "://" not in channel.url:
        table.problem("url", "must be an address such as mailto://..., slack://... or https://...")
    table.close()
    return channel


def _alert(table: _Table) -> AlertRule:
    severity = table.take("severity", _one_of(*(s.word for s in Severity)), None, required=False)
    events = table.take("events", _list_of(_one_of(*EventKind)), ())
    rule = AlertRule(
        name=table.take("name", _name, None) or "",
        to=table.take("to", _list_of(_text), None) or (),
        severity=Severity.of(severity) if severity else None,
        events=tuple(EventKind(kind) for kind in events),
        silent=table.take("silent", _flag, None, required=False),
        sources=table.take("sources", _list_of(_text), ()),
        tags=table.take("tags", _list_of(_text), ()),
        match=table.take("match", _pattern, None, required=False),
        min_words=table.take("min_words", _between(0, 1_000_000), 0),
    )
    table.close()
    return rule


def _check_names(root: _Table, config: Config) -> None:
    """Names are used once, and whoever is named exists."""
    for section, named in (
        ("sources", config.sources),
        ("channels", config.channels),
        ("alerts", config.alerts),
    ):
        names = [item.name for item in named]
        for place, name in enumerate(names):
            if name and name in names[:place]:
                root.problems.append(f"{section}[{place}].name: '{name}' is used twice")
    channels = {channel.name for channel in config.channels}
    sources = {source.name for source in config.sources}
    for place, rule in enumerate(config.alerts):
        for unknown in sorted(set(rule.to) - channels):
            root.problems.append(
                f"alerts[{place}].to: there is no channel '{unknown}'{_hint(unknown, channels)}"
            )
        for unknown in sorted(set(rule.sources) - sources):
            root.problems.append(
                f"alerts[{place}].sources: there is no source '{unknown}'{_hint(unknown, sources)}"
            )


# ---------------------------------------------------------------------- reading with all mistakes


class _Wrong(Exception):
    """What is wrong with a value, in words that follow its path."""


class _Table:
    """One table of the file. ``take`` reads a key; ``close`` calls what was not taken unknown."""

    def __init__(
        self,
        path: str,
        data: Any,
        problems: list[str],
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.path, self.problems, self.folder, self._environment = path, problems, folder, environment
        self._taken: set[str] = set()
        if not isinstance(data, dict):
            problems.append(f"{path}: must be a table")
            data = {}
        self._data: dict[str, Any] = data

    def problem(self, key: str, sentence: str) -> None:
        place = f"{self.path}.{key}" if self.path else key
        name = self._data.get("name")
        who = f" ({name})" if isinstance(name, str) and key != "name" else ""
        self.problems.append(f"{place}{who}: {sentence}")

    def take(
        self, key: str, read: Callable[[Any], Any], default: Any, *, required: bool | None = None
    ) -> Any:
        """The value of ``key`` as ``read`` gives it; a default of None makes it required."""
        self._taken.add(key)
        if key not in self._data:
            if required if required is not None else default is None:
                self.problem(key, "is missing")
            return default
        try:
            return read(self._data[key])
        except _Wrong as wrong:
            self.problem(key, str(wrong))
            return default

    def secret(self, key: str, *, required: bool = False) -> str | None:
        """A text in which ``${NAME}`` comes from the environment, or all from ``file:PATH``."""
        found: str | None = self.take(key, self._expand, None, required=required)
        return found

    def headers(self) -> list[tuple[str, str]]:
        """``headers`` and ``cookies``, as the header lines they make."""
        pairs = list(self._pairs("headers"))
        cookies = "; ".join(f"{name}={value}" for name, value in self._pairs("cookies"))
        return pairs + ([("Cookie", cookies)] if cookies else [])

    def table(self, key: str) -> _Table:
        self._taken.add(key)
        place = f"{self.path}.{key}" if self.path else key
        return _Table(place, self._data.get(key, {}), self.problems, self.folder, self._environment)

    def tables(self, key: str) -> list[_Table]:
        self._taken.add(key)
        listed = self._data.get(key, [])
        if not isinstance(listed, list):
            self.problem(key, f"must be a list: write [[{key}]]")
            return []
        return [
            _Table(f"{key}[{place}]", item, self.problems, self.folder, self._environment)
            for place, item in enumerate(listed)
        ]

    def close(self) -> None:
        for key in self._data:
            if key not in self._taken:
                self.problem(key, f"is not a known setting{_hint(key, self._taken)}")

    def _pairs(self, key: str) -> list[tuple[str, str]]:
        pairs = []
        table = self.table(key)
        for name in table._data:
            value = table.take(name, lambda value: _header_value(self._expand(value)), "")
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or name.lower() in _OWN_HEADERS:
                table.problem(name, "is not a header that can be set here")
            pairs.append((name, value))
        return pairs

    def _expand(self, value: Any) -> str:
        text = _text(value)
        if text.startswith("file:"):
            try:
                return (self.folder / text[5:]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise _Wrong(f"the file {text[5:]} cannot be read: {error}") from None
        missing = [name for name in _VARIABLE.findall(text) if name not in self._environment]
        if missing:
            raise _Wrong(f"the environment has no {' and no '.join(missing)}")
        return _VARIABLE.sub(lambda found: self._environment[found[1]], text)


_VARIABLE = re.compile(r"\$\{(\w+)\}")
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400


def _hint(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


# ---------------------------------------------------------------------- reading one value


def duration(value: Any) -> timedelta:
    """``"90s" "15m" "3h" "30d"``."""
    found = re.fullmatch(r"(\d{1,9})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong(f'must be a duration such as "90s", "15m", "3h" or "30d", not {value!r}')
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST:
        raise _Wrong(f"must not be longer than a year, not {value!r}")
    return timedelta(seconds=seconds)


def web_url(value: Any) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and not re.search(r"[\x00-\x20\\]", text):
            _ = parts.port
            return text.partition("#")[0]
    except ValueError:
        pass
    raise _Wrong(f"must be an http:// or https:// address, not {text!r}")


def _longer_than_zero(value: Any) -> timedelta:
    length = duration(value)
    if not length:
        raise _Wrong("must be longer than nothing")
    return length


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"must be text in quotes, not {value!r}")
    return value


def _name(value: Any) -> str:
    text = _text(value)
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise _Wrong("must be a short printable name")
    return text


def _header_value(value: Any) -> str:
    text = _text(value)
    if not text.isprintable() or not text.isascii():
        raise _Wrong("must be plain ASCII on one line")
    return text


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"must be true or false, not {value!r}")
    return value


def _between(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _Wrong(f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    return read


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise _Wrong(f"must be one of {', '.join(words)}, not {value!r}{_hint(str(value), words)}")
        return str(value)

    return read


def _list_of(read_one: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _Wrong(f"must be a list in brackets, not {value!r}")
        return tuple(read_one(item) for item in value)

    return read


def _pattern(value: Any) -> str:
    text = _text(value)
    try:
        re.compile(text)
    except re.error as error:
        raise _Wrong(f"is not a regular expression: {error}") from None
    return text


def _selector(value: Any) -> str:
    text = _text(value)
    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as error:
        raise _Wrong(f"is not a CSS selector: {str(error).splitlines()[0]}") from None
    return text


def _allowance(value: Any) -> str:
    text = _text(value)
    try:
        parse_allowance(text)
    except ValueError as error:
        raise _Wrong(str(error)) from None
    return text


def _storage_url(value: Any) -> str:
    text = _text(value)
    if not text.startswith("sqlite:///") or len(text) == len("sqlite:///"):
        raise _Wrong("must be sqlite:///FILE")
    return text


def _listen(value: Any) -> tuple[str, int]:
    host, _, port = _text(value).rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise _Wrong(f"must be host:port, not {value!r}")
    return host.strip("[]"), int(port)


def _timezone(value: Any) -> str:
    text = _text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise _Wrong(f"{text!r} is not a time zone such as Europe/London") from None
    return text


def _file(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = folder / _text(value)
        if not path.is_file():
            raise _Wrong(f"there is no file {path}")
        return str(path)

    return read


def _folder(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = (folder / _text(value)).resolve()
        if not path.is_dir():
            raise _Wrong(f"there is no folder {path}")
        return str(path)

    return read


def rules_for(rules: Sequence[AlertRule], source: Source) -> list[AlertRule]:
    """The rules that may speak about an article of that source."""
    return [
        rule
        for rule in rules
        if (not rule.sources or source.name in rule.sources)
        and (not rule.tags or set(rule.tags) & set(source.tags))
    ]
