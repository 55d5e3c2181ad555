"""What the service asks all the time costs as much however much is watched: no query of its ticks goes through a
table that grows with the archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from monitor.alerts import compose
from monitor.config import WitnessSettings
from storage.records import CheckResult, Retention
from storage.store import Store
from storage.watchlist import Release
from tests.test_store import NOW, at, changed, first, looked, new_store, watched
from tests.test_watchlist import LEASE, SPACING, host_of

GROW = ("articles", "hosts", "checks", "ledger", "bodies", "deliveries", "alerts", "witnesses")
_SCAN = re.compile(rf"^SCAN ({'|'.join(GROW)})\b")
Statement = tuple[str, Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


@contextmanager
def heard(store: Store) -> Iterator[list[Statement]]:
    """Every statement that is sent to the database meanwhile."""
    said: list[Statement] = []

    def hear(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        said.append((statement, parameters[0] if many else parameters))

    engines = (store._database._server.writer, store._database._server.reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)


def scans(store: Store, said: list[Statement]) -> list[str]:
    """Where SQLite would go through what grows. The first rows of a table in its own order are just taken."""
    found = []
    with store._database.reading() as connection:
        for statement, parameters in said:
            taken = "LIMIT" in statement and "WHERE" not in statement
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")) and not taken:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found += [row.detail for row in rows if _SCAN.match(row.detail)]
    return found


def a_look(store: Store) -> None:
    """A visit as the dispatcher and the store see it: claimed, recorded, given back."""
    (turn,) = store.watchlist.claim_hosts(at(9), "a", LEASE, 1, troubled=False)
    assert turn.article_id is not None
    article = store.article(turn.article_id)
    store.latest_revision(article)
    store.blocks(article)
    store.record(looked(article, CheckResult.SAME, at(9), "again"))
    left = [Release(host=turn.host, worker="a", free_at=at(9) + SPACING)]
    store.watchlist.claim_hosts(at(9), "a", LEASE, 1, troubled=True, releases=left)


def an_upkeep(store: Store) -> None:
    rule = Retention(raw_for=timedelta(days=1), checks_after=timedelta(days=1))
    store.keeping.excess(store.keeping.some(0, 100), rule, at(10_000))


def a_delivery(store: Store) -> None:
    for alert in store.outbox.waiting():
        store.outbox.compose(compose(alert), NOW)
    for delivery in store.outbox.claim(at(100), timedelta(minutes=1)):
        store.outbox.settle(delivery)


def a_witness(store: Store) -> None:
    settings = WitnessSettings()
    store.witnesses.claim(NOW, LEASE, at_once=settings.at_once, spacing=settings.interval)


TICKS: dict[str, Callable[[Store], object]] = {
    "whose discovery is due": lambda store: store.watchlist.due_sources(NOW),
    "a source as it was added": lambda store: store.watchlist.source("Gazette"),
    "a look": a_look,
    "a turn for a feed": lambda store: store.watchlist.claim_host_of("https://far.example/", NOW, "a", LEASE),
    "a beat": lambda store: store.beat(at(5), timedelta(minutes=1)),
    "an upkeep": an_upkeep,
    "a delivery": a_delivery,
    "a witness": a_witness,
    "the head of the chain": lambda store: store.chain_head(),
    "a stamp": lambda store: (store.stamps.latest(), store.stamps.failure()),
    "an article that is paused": lambda store: store.watchlist.pause_article(1, True),
}


@pytest.mark.parametrize("tick", TICKS)
def test_no_tick_goes_through_what_grows(store: Store, tick: str) -> None:
    (article, _) = watched(store, "https://a.example/1", "https://b.example/2")
    store.record(first(article))
    store.record(changed(store.article(article.id), 1))
    host = host_of(store, "https://a.example/")
    store.watchlist.release_host(host, "nobody", NOW)
    with heard(store) as said:
        TICKS[tick](store)
    assert said
    assert scans(store, said) == [], tick


def test_a_scan_is_told_from_a_search(store: Store) -> None:
    with heard(store) as said:
        store.articles()
        store.watchlist.due(NOW)
    assert {"SCAN articles"} <= {*scans(store, said)}
