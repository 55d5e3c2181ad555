"""Forgetting: an article's texts are taken out for good, and a chained entry says so.

Bodies go unless another article still needs them, records among them, since records quote the text; so does
every column that holds words of the article. What stays is that there was an article at that address, when it
was looked at, and the digests of what is gone. Knows nothing of files: what is freed is written over elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from storage.bodies import Bodies, bases_of
from storage.forms import blocks_form, blocks_from, forgotten_form, kinds_mask, seal
from storage.ledger import append
from storage.records import (
    ArticleState,
    DeliveryState,
    Event,
    EventKind,
    HostBlocks,
    Severity,
)
from storage.schema import alerts, articles, bodies, checks, deliveries, host_blocks, hosts, ledger
from storage.watchlist import host_name
from storage.witnesses import withdraw

_REFERENCES = (ledger.c.text, ledger.c.payload, ledger.c.screenshot, ledger.c.answer, ledger.c.record)


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """How much was taken out: bodies, their length, and messages that told of them. ``kept`` bodies stay,
    since another article needs them."""

    bodies: int
    size: int
    kept: int
    messages: int


def forget(connection: Connection, kept: Bodies, article_id: int, because: str, now: datetime) -> Forgotten:
    """Take the texts of that article out, inside the caller's transaction."""
    article = connection.execute(select(articles).where(articles.c.id == article_id)).one()
    mine = _bodies_of(connection, article_id)
    needed = _needed_elsewhere(connection, article_id, mine)
    going = {number: row for number, row in mine.items() if number not in needed and not row.gone}
    kept.drop(connection, going, among=_resting(connection, mine, going))
    messages = _empty_messages(connection, article_id, article.url)
    _empty_checks(connection, article_id)
    _empty_blocks(connection, article)
    withdraw(connection, article_id)
    _empty_columns(connection, article_id)
    if going or article.state != ArticleState.FORGOTTEN:
        digests = sorted(row.digest for row in going.values())
        _say_so(connection, kept, article, because, now, digests)
    size = sum(row.size for row in going.values())
    return Forgotten(bodies=len(going), size=size, kept=len(needed), messages=messages)


def _say_so(
    connection: Connection, kept: Bodies, article: Any, because: str, now: datetime, digests: list[str]
) -> None:
    event = Event(kind=EventKind.FORGOTTEN, severity=Severity.MINOR)
    columns = {
        "article_id": article.id,
        "number": None,
        "reason": event.kind.value,
        "seen_at": now,
        "severity": int(event.severity),
        "kinds": kinds_mask((event,)),
    }
    append(connection, kept, forgotten_form(article.url, now, because, digests), columns)


# ---------------------------------------------------------------------- bodies


def _bodies_of(connection: Connection, article_id: int) -> dict[int, Any]:
    """Every body that an entry of the article refers to, but the records which say that it was forgotten:
    they quote nothing."""
    rows = connection.execute(select(*_REFERENCES, ledger.c.reason).where(ledger.c.article_id == article_id))
    numbers = {
        number for *found, reason in rows if reason != EventKind.FORGOTTEN for number in found if number
    }
    found: dict[int, Any] = {}
    for batch in _batches(numbers):
        query = select(
            bodies.c.id,
            bodies.c.digest,
            bodies.c.size,
            bodies.c.shared,
            bodies.c.data.is_(None).label("gone"),
        )
        found |= {row.id: row for row in connection.execute(query.where(bodies.c.id.in_(batch)))}
    return found


def _needed_elsewhere(connection: Connection, article_id: int, mine: dict[int, Any]) -> set[int]:
    """Those that an entry of another article, which was not forgotten itself, refers to as well."""
    shared = {number for number, row in mine.items() if row.shared}
    others = (
        select(*_REFERENCES)
        .outerjoin(articles, articles.c.id == ledger.c.article_id)
        .where(func.coalesce(ledger.c.article_id, 0) != article_id)
        .where(func.coalesce(articles.c.state, "") != ArticleState.FORGOTTEN)
    )
    found: set[int] = set()
    for batch in _batches(shared):
        refers = or_(*(column.in_(batch) for column in _REFERENCES))
        found |= {number for row in connection.execute(others.where(refers)) for number in row if number}
    return found & shared


def _resting(connection: Connection, mine: dict[int, Any], going: Collection[int]) -> set[int]:
    """The bodies that may rest on those that go: the article's own, and of all others where one that goes
    was shared."""
    resting = set(mine)
    if any(mine[number].shared for number in going):
        based = select(bodies.c.id, bodies.c.base, bodies.c.base2, bodies.c.base3)
        rows = connection.execute(based.where(bodies.c.base.is_not(None)))
        resting |= {row.id for row in rows if not set(going).isdisjoint(bases_of(row))}
    return resting


def _batches(numbers: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    left = iter(sorted(numbers))
    while batch := list(islice(left, size)):
        yield batch


# ---------------------------------------------------------------------- columns that hold words


def _empty_columns(connection: Connection, article_id: int) -> None:
    connection.execute(
        update(ledger)
        .where(ledger.c.article_id == article_id, ledger.c.headline.is_not(None))
        .values(headline=None)
    )
    connection.execute(
        update(articles)
        .where(articles.c.id == article_id)
        .values(
            state=ArticleState.FORGOTTEN,
            paused=True,
            headline=None,
            locator=None,
            etag=None,
            last_modified=None,
            other_copy=None,
        )
    )


def _empty_checks(connection: Connection, article_id: int) -> None:
    """What its checks say in sentences may quote it."""
    talks = or_(checks.c.detail.is_not(None), checks.c.reasons.is_not(None))
    rows = connection.execute(select(checks).where(checks.c.article_id == article_id, talks)).all()
    silent = [
        {name: value for name, value in row._mapping.items() if name not in ("seq", "seal")}
        | {"detail": None, "reasons": None}
        for row in rows
    ]
    changed = [{"at_seq": row.seq, "anew": seal(said)} for row, said in zip(rows, silent, strict=True)]
    if changed:
        quiet = update(checks).where(checks.c.seq == bindparam("at_seq"))
        connection.execute(quiet.values(detail=None, reasons=None, seal=bindparam("anew")), changed)


def _empty_messages(connection: Connection, article_id: int, url: str) -> int:
    """Of every message that told of the article a note stays; one that was not sent is not sent any more."""
    about = select(ledger.c.seq).where(ledger.c.article_id == article_id)
    told = select(alerts.c.delivery_id).where(
        alerts.c.ledger_seq.in_(about), alerts.c.delivery_id.is_not(None)
    )
    rows = connection.execute(select(deliveries).where(deliveries.c.id.in_(told))).all()
    for row in rows:
        unsent = {"state": DeliveryState.DEAD} if row.state == DeliveryState.PENDING else {}
        content = _note(row.content, url)
        connection.execute(
            update(deliveries).where(deliveries.c.id == row.id).values(content=content, error=None, **unsent)
        )
    connection.execute(delete(alerts).where(alerts.c.ledger_seq.in_(about), alerts.c.delivery_id.is_(None)))
    return len(rows)


def _note(content: dict[str, Any], url: str) -> dict[str, Any]:
    """The message without its words; what it was about and which rules matched stay."""
    kept = {key: content.get(key) for key in ("delivery", "rules", "article", "revision", "seq")}
    said = "What this message told of was taken out for good."
    return kept | {"subject": f"[Writethru] forgotten: {url}", "text": said}


def _empty_blocks(connection: Connection, article: Any) -> None:
    """What its host was learnt to repeat, as far as it is remembered from this article alone."""
    own_host = select(hosts.c.id).where(hosts.c.name == host_name(article.url)).scalar_subquery()
    row = connection.execute(select(host_blocks).where(host_blocks.c.host_id == own_host)).first()
    if row is None:
        return
    known = blocks_from(row.learnt, row.recent)
    own = {key for taught in known.recent if taught.article_id == article.id for key in taught.keys}
    others = tuple(taught for taught in known.recent if taught.article_id != article.id)
    alone = own - {key for taught in others for key in taught.keys}
    learnt = {key: text for key, text in known.learnt.items() if key not in alone}
    connection.execute(
        update(host_blocks)
        .where(host_blocks.c.host_id == own_host)
        .values(**blocks_form(HostBlocks(learnt=learnt, recent=others)))
    )
