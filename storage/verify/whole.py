"""The whole archive, verified: cut into pieces that are read on their own, in processes that share the work.

Each piece is read in a transaction of its own, so that a service at work is not held up; what is written
meanwhile is left for the next time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, or_, select, union

from storage.engine import Database
from storage.errors import StorageBusy, StorageError
from storage.ledger import ORIGIN
from storage.schema import articles, bodies, ledger
from storage.sqlite import integrity
from storage.verify.articles import Read, Reference, read_articles
from storage.verify.chain import Walked, noted, walk
from storage.verify.findings import Finding
from storage.verify.plain import Plain
from storage.verify.rows import UNREADABLE

_PIECE = 4000
"""Revisions and checks in a piece."""
_STRETCH = 100_000
"""Entries of the chain in a piece."""
_WORTH_PROCESSES = 20_000
"""With fewer revisions, starting processes takes longer than it saves."""
_LAST = 2**62

Piece = tuple[str, int, int, str | None]
Watch = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was read, what was found, and the newest link of the chain (None: there is no entry)."""

    findings: tuple[Finding, ...]
    revisions: int
    entries: int
    checks: int
    bodies: int
    head: str | None


def verify(
    url: str,
    folder: Path,
    *,
    head: str | None = None,
    processes: int = 1,
    watch: Watch = lambda results, _total: results,
) -> Verified:
    """Read everything again.

    :param head: a link of the chain, in hexadecimal, that somebody holds a copy of.
    :param processes: how many may share the work.
    :param watch: is given the results as they come, with how many there will be.
    :raises StorageError: the database cannot be opened.
    """
    total = _Total(head=head)
    database = Database(url, folder)
    try:
        pieces, entries = _plan(database, head, total)
        several = processes if entries >= _WORTH_PROCESSES else 1
        with _results(database, url, folder, pieces, several) as results:
            for result in watch(results, len(pieces)):
                total.add(result)
        total.settle(database)
    finally:
        database.close()
    return total.verified()


# ---------------------------------------------------------------------- pieces


def _plan(database: Database, head: str | None, total: _Total) -> tuple[list[Piece], int]:
    """Every piece of work, and how many entries there are; the newest link of the chain is noted."""
    pieces: list[Piece] = [("database", 0, 0, None), ("service", 0, 0, None)]
    newest = select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1)
    try:
        with database.reading() as connection:
            total.newest = connection.scalar(newest)
            pieces += [("chain", *stretch, head) for stretch in _stretches(connection)]
            pieces += [("articles", *span, None) for span in _spans(connection)]
            return pieces, connection.scalar(select(func.count()).select_from(ledger)) or 0
    except StorageBusy:
        raise
    except (StorageError, *UNREADABLE) as error:
        total.findings.append(Finding(trouble=f"its tables cannot be read ({error})"))
        return pieces[:1], 0


def _stretches(connection: Connection) -> Iterator[tuple[int, int]]:
    """The ledger in pieces, each later than its first number and up to its last."""
    after = -_LAST
    last = select(func.max(ledger.c.seq)).scalar_subquery()
    while True:
        later = select(ledger.c.seq).where(ledger.c.seq > after).order_by(ledger.c.seq)
        until = connection.scalar(later.offset(_STRETCH - 1).limit(1)) or connection.scalar(select(last))
        if until is None or until <= after:
            return
        yield after, until
        after = until


def _spans(connection: Connection) -> Iterator[tuple[int, int]]:
    """All articles in pieces, by their ids. How large each is, is only a guess: it may be damaged."""
    first, weight = -_LAST, 0
    query = select(articles.c.id, articles.c.revisions, articles.c.checks).order_by(articles.c.id)
    for number, *sizes in connection.execute(query):
        weight += 1 + sum(min(abs(size), _PIECE) for size in sizes if isinstance(size, int))
        if weight >= _PIECE:
            yield first, number
            first, weight = number + 1, 0
    yield first, _LAST


@contextmanager
def _results(
    database: Database, url: str, folder: Path, pieces: list[Piece], processes: int
) -> Iterator[Iterator[Any]]:
    if processes < 2:
        yield map(partial(_examine, database, Plain()), pieces)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _open, (url, folder))
    try:
        yield pool.map(_examine_here, pieces, chunksize=1)
    finally:
        pool.shutdown(cancel_futures=True)


_HERE: list[tuple[Database, Plain]] = []
"""What a process of the pool works with."""


def _open(url: str, folder: Path) -> None:
    gc.set_threshold(100_000, 50, 50)  # there is much to read and nothing that goes in circles
    _HERE.append((Database(url, folder), Plain()))


def _examine_here(piece: Piece) -> Any:
    return _examine(*_HERE[0], piece)


def _examine(database: Database, plain: Plain, piece: Piece) -> Any:
    """The result of one piece; where it cannot be read, of its halves, so that the place is named."""
    what, first, last, head = piece
    try:
        with database.reading() as connection:
            if what == "database":
                peculiar = integrity(connection) if connection.dialect.name == "sqlite" else ()
                return [Finding(trouble=trouble) for trouble in peculiar]
            if what == "chain":
                return walk(connection, first, last, head)
            if what == "service":
                return list(noted(connection, plain))
            return read_articles(connection, plain, first, last)
    except StorageBusy:
        raise
    except (StorageError, *UNREADABLE) as error:
        return _unreadable(database, plain, piece, error)


def _unreadable(database: Database, plain: Plain, piece: Piece, error: Exception) -> Any:
    what, first, last, _ = piece
    said = f"it cannot be read ({type(error).__name__})"
    if what != "articles":
        return [Finding(trouble=f"its {what} cannot be read ({type(error).__name__})")]
    inside = articles.c.id.between(first, last)
    try:
        with database.reading() as connection:
            ids = connection.scalars(select(articles.c.id).where(inside).order_by(articles.c.id)).all()
    except (StorageError, *UNREADABLE):
        return [Finding(trouble="its articles cannot be read")]
    if len(ids) < 2:
        return [Finding(article=ids[0] if ids else None, trouble=said)]
    middle = ids[len(ids) // 2]
    halves = [("articles", first, middle - 1, None), ("articles", middle, last, None)]
    return [_examine(database, Plain(), half) for half in halves]


# ---------------------------------------------------------------------- the sum


@dataclass
class _Total:
    """What all the pieces add up to."""

    head: str | None
    findings: list[Finding] = field(default_factory=list)
    read: Read = field(default_factory=Read)
    entries: int = 0
    held: bool = False
    bodies: int = 0
    newest: str | None = None

    def add(self, result: Any) -> None:
        if isinstance(result, Walked):
            self.findings += result.findings
            self.entries += result.entries
            self.held = self.held or result.held
        elif isinstance(result, Read):
            self._add_articles(result)
        elif isinstance(result, Finding):
            self.findings.append(result)
        else:
            for part in result:
                self.add(part)

    def _add_articles(self, result: Read) -> None:
        self.findings += result.findings
        self.read.revisions += result.revisions
        self.read.checks += result.checks
        self.read.owned += result.owned
        self.read.lent |= result.lent
        for number, reference in result.borrowed.items():
            earlier = self.read.borrowed.get(number, reference)
            self.read.borrowed[number] = min(earlier, reference, key=lambda found: found.seq)

    def settle(self, database: Database) -> None:
        """What only the whole can tell: bodies that nothing or nobody refers to, and the head."""
        if self.head not in (None, ORIGIN) and not self.held:
            remedy = "entries were taken away or rewritten after that head was written down; restore a backup"
            self.findings.append(Finding(trouble=f"the head {self.head} is not in its chain", remedy=remedy))
        try:
            with database.reading() as connection:
                self.bodies = connection.scalar(select(func.count()).select_from(bodies)) or 0
                self.findings += _strays(connection, self.read.owned)
                self.findings += _misplaced(connection, self.read)
        except StorageBusy:
            raise
        except (StorageError, *UNREADABLE):
            self.findings.append(Finding(trouble="its bodies cannot be read"))

    def verified(self) -> Verified:
        ordered = sorted(set(self.findings), key=lambda found: (found.article or 0, found.entry or 0))
        return Verified(
            findings=tuple(ordered),
            revisions=self.read.revisions,
            entries=self.entries,
            checks=self.read.checks,
            bodies=self.bodies,
            head=self.newest,
        )


_POINTING = (ledger.c.record, ledger.c.text, ledger.c.payload, ledger.c.answer, ledger.c.screenshot)
_REFERRED = union(*(select(column).where(column.is_not(None)) for column in _POINTING))


def _strays(connection: Connection, owned: int) -> Iterator[Finding]:
    """Bodies that no entry refers to. Those of articles were counted on the way; only where that does not
    add up is it worth looking for them. The archives of the first releases may hold some: they are the
    service's, and compressed whole."""
    of_articles = bodies.c.article_id.is_not(None)
    counted = connection.scalar(select(func.count()).select_from(bodies).where(of_articles))
    if counted != owned:
        for row in connection.execute(select(bodies).where(of_articles, bodies.c.id.not_in(_REFERRED))):
            yield Finding(article=row.article_id, trouble=f"no entry refers to its body {row.digest[:12]}…")
    alone = bodies.c.article_id.is_(None) & ~bodies.c.shared
    records = select(ledger.c.record).where(ledger.c.article_id.is_(None))
    for row in connection.execute(select(bodies.c.digest).where(alone, bodies.c.id.not_in(records))):
        yield Finding(trouble=f"no entry of the service refers to its body {row.digest[:12]}…")


def _misplaced(connection: Connection, read: Read) -> Iterator[Finding]:
    """Bodies that several articles refer to, or say so: the first of these must be the one that owns it.
    What looks wrong is asked again in one question, since a service at work may have written meanwhile."""
    for number in sorted(read.lent.keys() | read.borrowed.keys()):
        if _is_right(read.lent.get(number), read.borrowed.get(number)):
            continue
        row = connection.execute(select(bodies).where(bodies.c.id == number)).one()
        users = connection.execute(
            select(ledger.c.article_id)
            .where(or_(*(column == number for column in _POINTING)))
            .order_by(ledger.c.seq)
        ).scalars()
        owners = list(users)
        if row.shared != (len({*owners, row.article_id}) > 1) or row.article_id != owners[0]:
            yield Finding(article=owners[0], trouble=f"whose the body {row.digest[:12]}… is was altered")


def _is_right(lent: Reference | None, borrowed: Reference | None) -> bool:
    if borrowed is None:
        return False
    if borrowed.owner is None:
        return borrowed.first_form
    return lent is not None and lent.seq < borrowed.seq
