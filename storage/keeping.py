"""Keeping: what the rules of retention take out, and long runs of equal checks that become one row.

All text stays. What was received goes once no rule keeps it, but never the latest of an article, nor what
another article or a text needs; a chained entry lists the digests of what went, in the same transaction.
Transactions are small, so that no writer waits long. Knows nothing of when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from storage.bodies import Bodies
from storage.engine import Database
from storage.forms import seal
from storage.ledger import append_service
from storage.records import CheckResult, Retention, ServiceEntry, ServiceReason
from storage.schema import articles, bodies, checks, ledger

_MOST_BODIES = 20
_MOST_CHECKS = 1000
_SHORTEST_RUN = 3  # a shorter one is not worth a row written anew
_REFERENCES = (ledger.c.text, ledger.c.payload, ledger.c.screenshot, ledger.c.answer, ledger.c.record)
_SAME = ("result", "verdict", "status", "error", "detail", "reasons", "digest", "revision")


@dataclass(frozen=True, kw_only=True)
class Excess:
    """What a rule would take out of one article: bodies received, how long they are and how much room they
    take, and how many rows of checks would go into others."""

    article_id: int
    url: str
    payloads: int
    size: int
    stored: int
    checks: int


@dataclass(frozen=True, kw_only=True)
class _Spare:
    number: int
    digest: str
    size: int
    stored: int
    shared: bool


class Keeping:
    def __init__(self, database: Database, kept: Bodies) -> None:
        self._database = database
        self._kept = kept

    def some(self, after: int, limit: int) -> list[int]:
        """The ids of the next articles after that one."""
        query = select(articles.c.id).where(articles.c.id > after).order_by(articles.c.id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def excess(self, ids: Sequence[int], rule: Retention, now: datetime) -> list[Excess]:
        """What that rule would take out of these articles; those with nothing are left out."""
        with self._database.reading() as connection:
            spare = _spare(connection, ids, rule, now)
            rolled = {number: _rows_saved(runs) for number, runs in _runs(connection, ids, rule, now)}
            named = select(articles.c.id, articles.c.url).where(articles.c.id.in_(ids))
            urls = {row.id: row.url for row in connection.execute(named)}
        found = [
            Excess(
                article_id=number,
                url=urls[number],
                payloads=len(spare.get(number, ())),
                size=sum(body.size for body in spare.get(number, ())),
                stored=sum(body.stored for body in spare.get(number, ())),
                checks=rolled.get(number, 0),
            )
            for number in ids
            if number in urls
        ]
        return [each for each in found if each.payloads or each.checks]

    def take_out(self, article_id: int, rule: Retention, now: datetime) -> int:
        """Take out some of what the rule keeps no longer of that article, and say so in the log; how many
        bodies went. 0: there is nothing left to take out."""
        with self._database.writing() as connection:
            spare = _spare(connection, [article_id], rule, now).get(article_id, [])[:_MOST_BODIES]
            if spare:
                going = [body.number for body in spare]
                self._kept.drop(connection, going, among=_of_article(connection, article_id))
                append_service(connection, self._kept, _dropped(spare, rule, now))
            return len(spare)

    def roll_up(self, article_id: int, rule: Retention, now: datetime) -> int:
        """Make one row of every run of old equal checks of that article; how many rows that saves."""
        saved, after = 0, 0
        while rule.checks_after is not None:
            old = {"ids": [article_id], "before": now - rule.checks_after, "after": after}
            with self._database.writing() as connection:
                rows = connection.execute(_OLD_CHECKS.limit(_MOST_CHECKS), old).all()
                found = list(_runs_of(rows))
                runs = [run for run in found if _is_worth_it(run, goes_on=run[0].number == after + 1 > 1)]
                for run in runs:
                    _make_one(connection, run)
            saved += _rows_saved(runs)
            if len(rows) < _MOST_CHECKS:
                break
            after = found[-1][0].number - 1  # the last run may go on
        return saved


def _dropped(spare: Sequence[_Spare], rule: Retention, now: datetime) -> ServiceEntry:
    about = {"because": rule.said, "digests": [body.digest for body in spare]}
    return ServiceEntry(reason=ServiceReason.DROPPED, seen_at=now, about=about)


# ---------------------------------------------------------------------- what was received


def _spare(
    connection: Connection, ids: Sequence[int], rule: Retention, now: datetime
) -> dict[int, list[_Spare]]:
    """The bodies that the rule keeps no longer, by article, oldest first."""
    if rule.keeps_all_raw:
        return {}
    rows = connection.execute(_ENTRIES, {"ids": list(ids)})
    spare = {
        number: _spare_of(list(entries), rule, now)
        for number, entries in groupby(rows, key=lambda row: int(row.article_id))
    }
    elsewhere = _elsewhere(connection, spare)
    kept = {
        number: [body for body in found if body.number not in elsewhere.get(number, ())]
        for number, found in spare.items()
    }
    return {number: found for number, found in kept.items() if found}


def _elsewhere(connection: Connection, spare: dict[int, list[_Spare]]) -> dict[int, set[int]]:
    """By article, which of its shared bodies an entry of another one refers to. That takes a look at the whole
    ledger, so it is asked only where one of them is shared."""
    shared = sorted({body.number for found in spare.values() for body in found if body.shared})
    found: dict[int, set[int]] = {number: set() for number in spare}
    for start in range(0, len(shared), 500):
        batch = shared[start : start + 500]
        refers = or_(*(column.in_(batch) for column in _REFERENCES))
        for owner, *numbers in connection.execute(select(ledger.c.article_id, *_REFERENCES).where(refers)):
            for number in found.keys() - {owner}:
                found[number].update(filter(None, numbers))
    return found


def _spare_of(entries: Sequence[Any], rule: Retention, now: datetime) -> list[_Spare]:
    """A picture goes with the page it is of.

    :param entries: an article's, in order, each with the body it rests on.
    """
    needed: set[int | None] = {number for row in entries for number in (row.text, row.record, row.answer)}
    received = [row for row in reversed(entries) if row.payload is not None]
    needed |= {row.payload for row in received if row.number is not None and row.number == _latest(entries)}
    newest: dict[int, Any] = {}  # the last sight of each counts
    for row in received:
        newest.setdefault(row.payload, row)
    spent = {
        row.payload
        for place, row in enumerate(newest.values())
        if place > 0 and not _is_kept(place, row, rule, now) and row.payload not in needed
    }
    needed |= {row.screenshot for row in received if row.payload not in spent}
    found: dict[int, _Spare] = {}
    for row in newest.values():
        if row.payload in spent and row.stored is not None:
            found[row.payload] = _Spare(
                number=row.payload, digest=row.digest, size=row.size, stored=row.stored, shared=row.shared
            )
    for row in received:
        if row.payload in spent and row.screenshot not in needed and row.shot_stored is not None:
            found[row.screenshot] = _Spare(
                number=row.screenshot,
                digest=row.shot_digest,
                size=row.shot_size,
                stored=row.shot_stored,
                shared=row.shot_shared,
            )
    return list(found.values())[::-1]


def _latest(entries: Sequence[Any]) -> int | None:
    """The latest revision that rests on something received."""
    return max((row.number for row in entries if row.number and row.payload is not None), default=None)


def _is_kept(place: int, row: Any, rule: Retention, now: datetime) -> bool:
    among_last = rule.raw_last is not None and place < rule.raw_last
    young = rule.raw_for is not None and row.seen_at >= now - rule.raw_for
    return among_last or young


def _of_article(connection: Connection, article_id: int) -> set[int]:
    """The numbers of all bodies that its entries refer to."""
    rows = connection.execute(_ENTRIES, {"ids": [article_id]})
    found = {n for row in rows for n in (row.text, row.payload, row.screenshot, row.answer, row.record)}
    return {number for number in found if number is not None}


# ---------------------------------------------------------------------- runs of equal checks


def _runs(
    connection: Connection, ids: Sequence[int], rule: Retention, now: datetime
) -> Iterator[tuple[int, list[list[Any]]]]:
    """The runs of old checks that may stand as one row, by article."""
    if rule.checks_after is None:
        return
    rows = connection.execute(_OLD_CHECKS, {"ids": list(ids), "before": now - rule.checks_after, "after": 0})
    for number, found in groupby(rows, key=lambda row: int(row.article_id)):
        runs = [run for run in _runs_of(found) if len(run) >= _SHORTEST_RUN]
        if runs:
            yield number, runs


def _runs_of(rows: Iterable[Any]) -> Iterator[list[Any]]:
    run: list[Any] = []
    for row in rows:
        if run and not _follows(run[-1], row):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _follows(before: Any, row: Any) -> bool:
    """Whether a check is the one after ``before``, and says the same. One that made a revision never is, and
    where the clock was put back a new run begins."""
    if row.number != before.number + before.count or row.at < (before.until or before.at):
        return False
    makes_one = row.result in (CheckResult.FIRST, CheckResult.CHANGED)
    return not makes_one and all(getattr(row, name) == getattr(before, name) for name in _SAME)


def _is_worth_it(run: Sequence[Any], *, goes_on: bool) -> bool:
    """:param goes_on: it is the rest of a run that was begun a moment ago."""
    return len(run) >= (2 if goes_on and run[0].count > 1 else _SHORTEST_RUN)


def _rows_saved(runs: Iterable[Sequence[Any]]) -> int:
    return sum(len(run) - 1 for run in runs)


def _make_one(connection: Connection, run: Sequence[Any]) -> None:
    first, last = run[0], run[-1]
    count = sum(row.count for row in run)
    one = {name: value for name, value in first._mapping.items() if name not in ("seq", "seal")}
    one |= {
        "count": count,
        "until": last.until or last.at,
        "ms": round(sum(row.ms * row.count for row in run) / count, 3),
    }
    connection.execute(
        delete(checks).where(
            checks.c.article_id == first.article_id, checks.c.number.between(first.number + 1, last.number)
        )
    )
    connection.execute(update(checks).where(checks.c.seq == first.seq).values(**one, seal=seal(one)))


_SHOTS = bodies.alias("shots")
_ENTRIES = (
    select(
        ledger.c.seq,
        ledger.c.article_id,
        ledger.c.number,
        ledger.c.seen_at,
        ledger.c.text,
        ledger.c.payload,
        ledger.c.answer,
        ledger.c.record,
        bodies.c.digest,
        bodies.c.shared,
        bodies.c.size,
        func.length(bodies.c.data).label("stored"),
        ledger.c.screenshot,
        _SHOTS.c.digest.label("shot_digest"),
        _SHOTS.c.shared.label("shot_shared"),
        _SHOTS.c.size.label("shot_size"),
        func.length(_SHOTS.c.data).label("shot_stored"),
    )
    .outerjoin(bodies, bodies.c.id == ledger.c.payload)
    .outerjoin(_SHOTS, _SHOTS.c.id == ledger.c.screenshot)
    .where(ledger.c.article_id.in_(bindparam("ids", expanding=True)))
    .order_by(ledger.c.article_id, ledger.c.seq)
)
_OLD_CHECKS = (
    select(checks)
    .where(
        checks.c.article_id.in_(bindparam("ids", expanding=True)),
        checks.c.number > bindparam("after"),
        func.coalesce(checks.c.until, checks.c.at) < bindparam("before", type_=checks.c.at.type),
    )
    .order_by(checks.c.article_id, checks.c.number)
)
