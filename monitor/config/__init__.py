"""config.toml into a frozen Config; every mistake is reported at once, each with its path.

Knows what may stand in the file and what it means. Refuses to know whether a source answers or
a channel delivers. A key it does not know is a mistake, never ignored.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.config import values
from monitor.config.rights import open_to_change
from monitor.config.settings import (
    AlertRule,
    Channel,
    Config,
    FetchSettings,
    LogSettings,
    Policy,
    Proxy,
    ScheduleSettings,
    StampSettings,
    WebSettings,
    WitnessSettings,
    rules_for,
)
from monitor.config.table import Table
from monitor.errors import ConfigError
from storage.records import EventKind, FetchWay, Retention, Selectors, Severity, Source, SourceKind

__all__ = [
    "AlertRule",
    "Channel",
    "Config",
    "FetchSettings",
    "LogSettings",
    "Policy",
    "Proxy",
    "ScheduleSettings",
    "StampSettings",
    "WebSettings",
    "WitnessSettings",
    "default_config",
    "load_config",
    "parse_config",
    "rules_for",
]


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check one file.

    :raises ConfigError: it cannot be read, or has mistakes: all of them.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        cautions = tuple(open_to_change(path))
    except FileNotFoundError:
        raise ConfigError(
            [f"There is no configuration at {path}; name one with --config FILE or $WRITETHRU_CONFIG."]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {error}."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path} is not valid TOML: {error}."]) from None
    except (ValueError, RecursionError):  # of which the reader of TOML says nothing
        raise ConfigError(
            [f"{path} cannot be read: a number or a list in it is out of all bounds."]
        ) from None
    config = parse_config(data, path.resolve().parent, environment)
    return replace(config, cautions=(*cautions, *config.cautions))


def default_config(folder: Path) -> Config:
    """What holds where nothing is configured."""
    return parse_config({}, folder, {})


def parse_config(data: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> Config:
    """Check what the file says.

    :raises ConfigError: with every mistake.
    """
    root = Table("", data, [], folder, environment, [])
    storage = root.table("storage")
    listed = [_host(table) for table in root.tables("hosts")]
    config = Config(
        folder=folder,
        storage_url=storage.take("url", storage.expanded(values.storage_url), "sqlite:///writethru.db"),
        fetch=_fetch(root.table("fetch")),
        schedule=_schedule(root.table("schedule")),
        web=_web(root.table("web")),
        log=_log(root.table("log")),
        witness=_witness(root.table("witness")),
        stamp=_stamp(root.table("stamp")),
        retention=_retention(root.table("retention")),
        host_intervals={host: interval for host, interval, _ in listed if interval is not None},
        host_budgets={host: float(budget) for host, _, budget in listed if budget is not None},
        sources=tuple(_source(table) for table in root.tables("sources")),
        channels=tuple(_channel(table) for table in root.tables("channels")),
        alerts=tuple(_alert(table) for table in root.tables("alerts")),
    )
    config = replace(config, cautions=tuple(root.cautions))
    storage.close()
    root.close()
    _check_names(root, config)
    if root.problems:
        raise ConfigError(root.problems)
    return config


# ---------------------------------------------------------------------- the sections


def _fetch(table: Table) -> FetchSettings:
    contact = table.take("contact", values.plain_text, "")
    agent = f"Writethru/0.1 (article-change monitor{'; ' + contact if contact else ''})"
    settings = FetchSettings(
        user_agent=table.take("user_agent", values.header_value, agent),
        workers=table.take("workers", values.between(1, 256), 16),
        host_interval=table.take("host_interval", values.duration, timedelta(seconds=5)),
        deadline=table.take("deadline", values.longer_than_zero, timedelta(seconds=30)),
        max_body=table.take("max_body_mb", values.between(1, 1000), 10) << 20,
        robots=table.take("robots", values.flag, True),
        proxy=table.take("proxy", table.expanded(values.proxy), None, required=False),
        allow_private=table.take("allow_private", values.list_of(values.allowance), ()),
        browser=table.take("browser", values.program_in(table.folder), None, required=False),
    )
    table.close()
    return settings


def _schedule(table: Table) -> ScheduleSettings:
    settings = ScheduleSettings(
        policy=Policy(table.take("policy", values.one_of(*Policy), Policy.ADAPTIVE)),
        requests_per_hour=table.take("requests_per_hour", values.between(1, 10**9), 20000),
        retire_after=table.take("retire_after", values.longer_than_zero, timedelta(days=60)),
        min_interval=table.take("min_interval", values.longer_than_zero, timedelta(seconds=60)),
        max_interval=table.take("max_interval", values.longer_than_zero, timedelta(days=7)),
        gone_after=table.take("gone_after", values.duration, timedelta(hours=3)),
        gone_checks=table.take("gone_checks", values.between(1, 100), 3),
    )
    if settings.max_interval < settings.min_interval:
        table.problem("max_interval", "must not be shorter than min_interval")
    table.close()
    return settings


def _web(table: Table) -> WebSettings:
    host, port = table.take("listen", values.listen, ("127.0.0.1", 8420))
    settings = WebSettings(
        enabled=table.take("enabled", values.flag, True),
        host=host,
        port=port,
        token=table.secret("token") or None,
        timezone=table.take("timezone", values.timezone, None, required=False),
    )
    if settings.enabled and settings.token is None and host not in ("127.0.0.1", "::1", "localhost"):
        table.problem("listen", f"listening on {host} needs a token: set web.token, or listen on 127.0.0.1")
    table.close()
    return settings


def _log(table: Table) -> LogSettings:
    settings = LogSettings(
        format=table.take("format", values.one_of("console", "json"), "console"),
        level=table.take("level", values.one_of("debug", "info", "warning", "error"), "info"),
    )
    table.close()
    return settings


def _witness(table: Table) -> WitnessSettings:
    """What an account there may ask for is more than what anybody may (6 and 3 pages a minute)."""
    keys = table.secret("keys") or None
    settings = WitnessSettings(
        wayback=table.take("wayback", values.flag, False),
        severity=Severity.of(
            table.take("severity", values.one_of(*(s.word for s in Severity)), "substantive")
        ),
        url=table.take("url", values.web_url, WitnessSettings.url),
        keys=keys,
        interval=table.take("interval", values.duration, timedelta(seconds=10 if keys else 20)),
        at_once=table.take("at_once", values.between(1, 5), 5 if keys else 3),
        allow_private=table.take("allow_private", values.list_of(values.allowance), ()),
    )
    if keys is not None and not re.fullmatch(r"[!-9;-~]+:[!-~]+", keys):
        table.problem("keys", "must be the access key and the secret key with a colon between them")
    table.close()
    return settings


def _stamp(table: Table) -> StampSettings:
    settings = StampSettings(
        url=table.take("url", values.web_url, None, required=False),
        every=table.take("every", values.longer_than_zero, timedelta(days=1)),
        ca=table.take("ca", values.certificates_in(table.folder), None, required=False),
        allow_private=table.take("allow_private", values.list_of(values.allowance), ()),
    )
    table.close()
    return settings


def _retention(table: Table) -> Retention:
    """Where nothing is said everything is kept."""
    rule = Retention(
        raw_for=table.take("raw_for", values.longer_than_zero, None, required=False),
        raw_last=table.take("raw_last", values.between(1, 1_000_000), None, required=False),
        checks_after=table.take("checks_after", values.longer_than_zero, None, required=False),
    )
    table.close()
    return rule


def _host(table: Table) -> tuple[str, timedelta | None, int | None]:
    host = table.take("host", values.plain_text, None)
    interval = table.take("interval", values.duration, None, required=False)
    budget = table.take("requests_per_hour", values.between(1, 10**9), None, required=False)
    if interval is None and budget is None:
        table.problem("interval", "say interval or requests_per_hour, or leave the host out")
    table.close()
    return (host or "").lower(), interval, budget


def _source(table: Table) -> Source:
    kind = table.take("kind", values.one_of(*SourceKind), None)
    selectors = table.table("selectors")
    source = Source(
        name=table.take("name", values.name, None) or "",
        kind=SourceKind(kind or "page"),
        url=table.take("url", values.folder_in(table.folder) if kind == "folder" else values.web_url, None)
        or "",
        interval=table.take("interval", values.longer_than_zero, None, required=False),
        include=table.take("include", values.list_of(values.pattern), ()),
        exclude=table.take("exclude", values.list_of(values.pattern), ()),
        baseline=table.take("baseline", values.file_in(table.folder), None, required=False),
        headers=tuple(table.headers()),
        robots=table.take("robots", values.flag, None, required=False),
        selectors=Selectors(
            **{
                key: selectors.take(key, values.selector, None, required=False)
                for key in ("body", "remove", "headline", "byline")
            }
        ),
        fetch=FetchWay(table.take("fetch", values.one_of(*FetchWay), FetchWay.HTTP)),
        tags=table.take("tags", values.list_of(values.plain_text), ()),
    )
    if source.needs_browser:
        _check_for_browser(source, table)
    if source.baseline is not None and kind not in (None, "page"):
        table.problem("baseline", "only a source of kind 'page' can have one")
    selectors.close()
    table.close()
    return source


def _check_for_browser(source: Source, table: Table) -> None:
    """A browser sends a header of ours to everyone whom a page calls upon; cookies it keeps to their host."""
    if source.kind is SourceKind.FOLDER:
        table.problem("fetch", "files of a folder are not opened in a browser")
    if any(name.lower() != "cookie" for name, _ in source.headers):
        table.problem("headers", 'cannot be sent where fetch = "browser"; cookies can')


def _channel(table: Table) -> Channel:
    channel = Channel(
        name=table.take("name", values.name, None) or "",
        url=table.secret("url", required=True) or "",
        secret=table.secret("secret"),
        allow_private=table.take("allow_private", values.list_of(values.allowance), ()),
    )
    trouble = values.channel_trouble(channel.url) if channel.url else None
    if trouble is not None:
        table.problem("url", trouble)
    table.close()
    return channel


def _alert(table: Table) -> AlertRule:
    severity = table.take("severity", values.one_of(*(s.word for s in Severity)), None, required=False)
    events = table.take("events", values.list_of(values.one_of(*EventKind)), ())
    rule = AlertRule(
        name=table.take("name", values.name, None) or "",
        to=table.take("to", values.list_of(values.plain_text), None) or (),
        severity=Severity.of(severity) if severity else None,
        events=tuple(EventKind(kind) for kind in events),
        silent=table.take("silent", values.flag, None, required=False),
        sources=table.take("sources", values.list_of(values.plain_text), ()),
        tags=table.take("tags", values.list_of(values.plain_text), ()),
        match=table.take("match", values.pattern, None, required=False),
        min_words=table.take("min_words", values.between(0, 1_000_000), 0),
    )
    table.close()
    return rule


def _check_names(root: Table, config: Config) -> None:
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
                f"alerts[{place}].to: there is no channel '{unknown}'{values.hint(unknown, channels)}"
            )
        for unknown in sorted(set(rule.sources) - sources):
            root.problems.append(
                f"alerts[{place}].sources: there is no source '{unknown}'{values.hint(unknown, sources)}"
            )
