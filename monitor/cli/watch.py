"""What is watched and how it goes: add, remove, pause, resume, sources, articles, status, alerts."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from datetime import datetime, tzinfo

from monitor.cli.common import find_article, local, now, opened, print_json, print_rows, say, zone_of
from monitor.cli.hosts import HEADINGS, SHOWN, host_cells, host_row, lag_said, over_all, troubled_first
from monitor.config import Config
from monitor.errors import StampError, UsageError
from monitor.events.addresses import twin_key
from monitor.fetch import url_trouble
from monitor.pace import health
from monitor.report import gap_json, gap_sentence, rfc3339
from monitor.sources import canonical
from monitor.verdict import SHELL
from storage.errors import StorageError
from storage.records import (
    Article,
    ArticleState,
    Delivery,
    DeliveryState,
    Host,
    ServiceEntry,
    ServiceReason,
    Source,
    SourceKind,
    SourceOrigin,
    SourceState,
    Stamp,
    Validators,
    WitnessState,
)
from storage.store import Store


def add(arguments: argparse.Namespace) -> int:
    """Watch more addresses; they go to the database, not to the configuration file."""

    for url in arguments.urls:
        trouble = url_trouble(url)
        if trouble is not None:
            raise UsageError(f"'{url}' cannot be watched: {trouble}.")
    with opened(arguments) as (_config, store):
        for url in dict.fromkeys(canonical(url) for url in arguments.urls):
            source = Source(name=url, kind=SourceKind(arguments.kind), url=url)
            if not store.watchlist.add_source(source, now()):
                say(f"already watched: {url}")
                continue
            if source.kind is SourceKind.PAGE:
                state = _source(store, url)
                store.watchlist.discovered(
                    state.id, [url], now(), state.next_discovery_at, Validators(), keys={url: twin_key(url)}
                )
            say(f"watching {url}")
    return 0


def remove(arguments: argparse.Namespace) -> int:
    with opened(arguments) as (_config, store):
        for name in arguments.names:
            state = _source_named(store, name)
            if state is None:
                article = find_article(store, name)
                raise UsageError(
                    f"{article.url} comes from the source {article.source}; remove or pause that."
                )
            if state.origin is SourceOrigin.CONFIG:
                raise UsageError(
                    f"{state.name} stands in {arguments.config}; take it out there, or pause it."
                )
            store.watchlist.remove_source(state.name)
            say(f"no longer watched: {state.name}; its history stays")
    return 0


def pause(arguments: argparse.Namespace) -> int:
    return _pause(arguments, paused=True)


def resume(arguments: argparse.Namespace) -> int:
    return _pause(arguments, paused=False)


def _pause(arguments: argparse.Namespace, *, paused: bool) -> int:
    with opened(arguments) as (_config, store):
        for name in arguments.names:
            state = _source_named(store, name)
            if state is not None:
                store.watchlist.pause_source(state.name, paused)
                say(f"{'paused' if paused else 'resumed'}: {state.name}")
            else:
                article = find_article(store, name)
                if article.state is ArticleState.FORGOTTEN:
                    raise UsageError(f"{article.url} was forgotten and is not watched again.")
                store.watchlist.pause_article(article.id, paused)
                say(f"{'paused' if paused else 'resumed'}: {article.url}")
    return 0


def sources(arguments: argparse.Namespace) -> int:
    with opened(arguments) as (config, store):
        zone = zone_of(config)
        shells = _shells(store)
        rows = [
            {
                "name": state.name,
                "kind": state.kind,
                "url": state.url,
                "origin": state.origin,
                "state": "paused" if state.paused else "in trouble" if state.last_error else "ok",
                "paused": state.paused,
                "articles": state.articles,
                "last_ok_at": _time(state.last_ok_at, arguments.json, zone),
                "next_discovery_at": _time(state.next_discovery_at, arguments.json, zone),
                "error": state.last_error or shells.get(state.name),
                "note": state.note,
                "wants_browser": state.name in shells,
            }
            for state in store.watchlist.sources()
        ]
    columns = {
        "name": "source",
        "kind": "kind",
        "state": "state",
        "articles": "articles",
        "url": "address",
        "error": "trouble",
        "note": "note",
    }
    print_rows(
        rows,
        arguments.json,
        columns,
        "No sources: add [[sources]] to the configuration, or 'writethru add URL'.",
    )
    return 0


def _shells(store: Store) -> dict[str, str]:
    """What to say of sources whose pages have no text before their scripts have run."""
    return {
        name: f"{count} of its pages {'is a shell' if count == 1 else 'are shells'} that a script is to fill; "
        'fetch = "browser" would open them in a browser'
        for name, count in store.withheld_because(SHELL).items()
    }


def articles(arguments: argparse.Namespace) -> int:
    with opened(arguments) as (config, store):
        if arguments.source is not None and _source_named(store, arguments.source) is None:
            raise UsageError(f"There is no source '{arguments.source}'; 'writethru sources' lists them.")
        zone = zone_of(config)
        rows = [_article_row(article, arguments.json, zone) for article in store.articles(arguments.source)]
    columns = {
        "id": "id",
        "state": "state",
        "revisions": "revisions",
        "checks": "checks",
        "last_check_at": "last check",
        "headline": "headline",
        "url": "address",
    }
    print_rows(rows, arguments.json, columns, "No articles yet: 'writethru check' looks for them.")
    return 0


def _article_row(article: Article, as_json: bool, zone: tzinfo) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "asked_at": article.asked_at,
        "source": article.source,
        "headline": article.headline,
        "state": _state(article),
        "paused": article.paused,
        "revisions": article.revisions,
        "checks": article.checks,
        "found_at": _time(article.found_at, as_json, zone),
        "last_check_at": _time(article.last_check_at, as_json, zone),
        "last_seen_at": _time(article.last_seen_at, as_json, zone),
        "last_change_at": _time(article.last_change_at, as_json, zone),
        "next_check_at": _time(article.next_check_at, as_json, zone),
    }


def _state(article: Article) -> str:
    watched = article.paused and article.state is not ArticleState.FORGOTTEN
    return "paused" if watched else article.state.value


def status(arguments: argparse.Namespace) -> int:
    with opened(arguments) as (config, store):
        waiting = [delivery.state for delivery in store.outbox.deliveries()]
        hosts, at, zone = store.watchlist.hosts(), now(), zone_of(config)
        found: dict[str, object] = {
            "running": store.is_held(),
            "database": store.shown,
            **store.counts(),
            "due": len(store.watchlist.due(at)),
            **_went(hosts, arguments.json),
            "deliveries_waiting": waiting.count(DeliveryState.PENDING),
            "deliveries_dead": waiting.count(DeliveryState.DEAD),
            "chain_head": store.chain_head(),
            **_outside(config, store, arguments.json),
            **_gaps(store.notes(ServiceReason.GAP), arguments.json, zone),
        }
        troubles = {a.url: str(a.state) for a in store.articles() if a.state is not ArticleState.WATCHED}
        troubles |= {f"source {name}": said for name, said in _shells(store).items()}
        listed = store.watchlist.sources()
        troubles |= {f"source {s.name}": s.last_error for s in listed if s.last_error}
        notes = {f"source {s.name}": s.note for s in listed if s.note}
    if arguments.json:
        rows = [host_row(host, config, at) for host in hosts]
        print_json({**found, "hosts": rows, "troubles": troubles, "notes": notes})
        return 0
    for key, value in found.items():
        say(f"{key.replace('_', ' '):20} {'none' if value is None else value}")
    for name, trouble in troubles.items():
        say(f"{'in trouble':20} {name}: {trouble}")
    for name, note in notes.items():
        say(f"{'noted':20} {name}: {note}")
    _show_hosts(hosts, config, at, zone)
    return 0


def _went(hosts: Sequence[Host], as_json: bool) -> dict[str, object]:
    """How the last looks at all hosts went, and how late they were."""
    if as_json:
        return over_all(hosts)
    went = health([host.recent for host in hosts])
    if not went.looks:
        return {}
    lags = f"half within {lag_said(went.lag_p50)}, 99 of 100 within {lag_said(went.lag_p99)}"
    shares = f"{went.blocked:.1%} blocked, {went.failed:.1%} failed"
    return {"last_looks": f"{went.looks:,}: {shares}", "made_after_due": lags}


def _show_hosts(hosts: Sequence[Host], config: Config, at: datetime, zone: tzinfo) -> None:
    from monitor.report import table

    if not hosts:
        return
    shown = troubled_first(hosts)[:SHOWN]
    print()
    print(table([host_cells(host, config, at, zone) for host in shown], HEADINGS))
    if len(hosts) > len(shown):
        print(f"... and {len(hosts) - len(shown):,} more; --json tells all")


def _outside(config: Config, store: Store, as_json: bool) -> dict[str, object]:
    """What witnesses outside bear out, where there are any: pages that the Wayback Machine keeps, and the
    last stamp on the chain."""
    said: dict[str, object] = {}
    counts = store.witnesses.counts()
    if config.witness.wayback or counts:
        said["wayback_kept"] = counts.get(WitnessState.KEPT, 0)
        said["wayback_waiting"] = counts.get(WitnessState.PENDING, 0) + counts.get(WitnessState.ASKED, 0)
        said["wayback_failed"] = counts.get(WitnessState.FAILED, 0)
    latest, failure = store.stamps.latest(), store.stamps.failure()
    if config.stamp.url is not None or latest is not None:
        said["last_stamp"] = _stamp(latest, config, as_json)
        said["stamp_trouble"] = failure.error if failure else None
    return said


def _stamp(stamp: Stamp | None, config: Config, as_json: bool) -> object:
    from monitor.stamps import certificates, check_stamp

    if stamp is None:
        return None
    try:
        ca = certificates(config.stamp.ca)
    except StampError as error:
        return str(error)
    found = check_stamp(stamp.token or b"", stamp.head, ca)
    if as_json:
        return {
            "entry": stamp.seq,
            "head": stamp.head,
            "time": rfc3339(found.time),
            "authority": found.authority,
            "trusted": found.trusted,
            "trouble": found.trouble,
        }
    if found.trouble is not None:
        return f"of entry {stamp.seq} is not fine: {found.trouble}"
    who = found.authority or "an authority that gives no name"
    checked = "" if found.trusted else " (not checked against any certificate)"
    return f"entry {stamp.seq}, {local(found.time, zone_of(config))}, by {who}{checked}"


def _gaps(gaps: Sequence[ServiceEntry], as_json: bool, zone: tzinfo) -> dict[str, object]:
    """How often nothing was watched, and when that was the last time."""
    if not gaps:
        return {"gaps": 0, "last_gap": None}
    last = gap_json(gaps[-1]) if as_json else gap_sentence(gaps[-1], zone)
    return {"gaps": len(gaps), "last_gap": last}


# ---------------------------------------------------------------------- alerts


def alerts(arguments: argparse.Namespace) -> int:
    """list, test CHANNEL, retry ID, explain ARTICLE N."""
    if arguments.action != "list" and arguments.subject is None:
        raise UsageError(
            f"'alerts {arguments.action}' needs to know which one; see 'writethru alerts --help'."
        )
    with opened(arguments) as (config, store):
        match arguments.action:
            case "test":
                return _test_channel(config, arguments.subject)
            case "retry":
                return _retry(store, arguments.subject)
            case "explain":
                return _explain(config, store, arguments.subject, arguments.number, arguments.json)
        zone = zone_of(config)
        rows = [_delivery_row(delivery, arguments.json, zone) for delivery in store.outbox.deliveries()]
    columns = {
        "created_at": "when",
        "channel": "channel",
        "state": "state",
        "attempts": "tries",
        "subject": "about",
        "error": "trouble",
        "id": "id",
    }
    print_rows(rows, arguments.json, columns, "No alerts were sent.")
    return 0


def _delivery_row(delivery: Delivery, as_json: bool, zone: tzinfo) -> dict[str, object]:
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": _time(delivery.created_at, as_json, zone),
        "delivered_at": _time(delivery.delivered_at, as_json, zone),
        "subject": delivery.content["subject"],
        "article": delivery.content["article"],
        "revision": delivery.content["revision"],
        "rules": delivery.content["rules"],
        "error": delivery.error,
    }


def _test_channel(config: Config, name: str) -> int:
    from monitor.alerts import attempt
    from monitor.cli.service import channel_fetcher

    channel = next((channel for channel in config.channels if channel.name == name), None)
    if channel is None:
        raise UsageError(f"There is no channel '{name}' in the configuration.")
    content = {
        "subject": "[Writethru] a test message",
        "text": "This is a test: alerts on this channel will arrive like this one.",
        "test": True,
    }
    delivery = Delivery(id=str(uuid.uuid4()), channel=name, content=content, alerts=(), created_at=now())
    sent = attempt(delivery, channel, lambda c: channel_fetcher(config, c), now)
    say(f"delivered to {name}" if sent.error is None else f"not delivered: {sent.error}")
    return 0 if sent.error is None else 1


def _retry(store: Store, delivery_id: str) -> int:
    if not store.outbox.retry(delivery_id, now()):
        raise UsageError(f"No delivery {delivery_id} waits or has failed; 'writethru alerts' lists them.")
    say(f"{delivery_id} is sent again by the running service, or by the next 'writethru check'")
    return 0


def _explain(config: Config, store: Store, wanted: str, number: int | None, as_json: bool) -> int:
    """Rule by rule, why one revision was told or not."""
    from monitor.config import rules_for
    from monitor.decide import objection

    article = find_article(store, wanted)
    revision = store.revision(article.id, number or article.revisions)
    source = next((s for s in config.sources if s.name == article.source), None)
    applicable = rules_for(config.alerts, source) if source else list(config.alerts)
    rows = []
    for rule in config.alerts:
        why_not = objection(rule, revision) if rule in applicable else "the rule is for other sources or tags"
        rows.append({"rule": rule.name, "to": list(rule.to), "matches": why_not is None, "why_not": why_not})
    columns = {"rule": "rule", "to": "to", "matches": "matches", "why_not": "why not"}
    print_rows(rows, as_json, columns, "There are no alert rules in the configuration.")
    return 0


# ---------------------------------------------------------------------- finding


def _source_named(store: Store, name: str) -> SourceState | None:
    """The source of that name or address; None: there is none."""
    names = {name, canonical(name)} if "://" in name else {name}
    return next((s for s in store.watchlist.sources() if s.name in names or s.url in names), None)


def _source(store: Store, name: str) -> SourceState:
    found = _source_named(store, name)
    if found is None:
        raise StorageError(f"The source {name} is gone.")
    return found


def _time(when: datetime | None, as_json: bool, zone: tzinfo) -> str | None:
    return rfc3339(when) if as_json else local(when, zone)
