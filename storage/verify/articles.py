"""A range of articles, read again: every entry against its record, every body against its digest, every
check against its seal, and what the article says of itself against all of these."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, select, type_coerce

from storage.bodies import ZLIB
from storage.errors import DamagedBody
from storage.forms import Form
from storage.records import CheckResult
from storage.schema import articles, checks, ledger
from storage.verify.findings import Finding
from storage.verify.plain import Body, Plain
from storage.verify.rows import UNREADABLE, Look, Row, check_troubles, entry_troubles, headline_of, micros

_WINDOW = 500

_RAW = {"seen_at": BigInteger, "text_digest": LargeBinary}
ENTRIES = select(
    *(type_coerce(ledger.c[name], _RAW.get(name, ledger.c[name].type)).label(name) for name in Row._fields)
)
"""Rows of the ledger as they are stored."""

_FIRST, _LAST = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
_ARTICLES = select(
    articles.c.id,
    articles.c.url,
    articles.c.revisions,
    articles.c.checks,
    articles.c.headline,
    articles.c.last_check_at,
    articles.c.last_seen_at,
).where(articles.c.id.between(_FIRST, _LAST))
_ENTRIES = ENTRIES.where(ledger.c.article_id.between(_FIRST, _LAST)).order_by(
    ledger.c.article_id, ledger.c.seq
)
_RAW_LOOKS = {"at": BigInteger, "until": BigInteger, "digest": LargeBinary}
_LOOKED = ["count" if name == "span" else name for name in Look._fields]
_CHECKS = (
    select(*(type_coerce(checks.c[n], _RAW_LOOKS.get(n, checks.c[n].type)).label(n) for n in _LOOKED))
    .where(checks.c.article_id.between(_FIRST, _LAST))
    .order_by(checks.c.article_id, checks.c.number)
)
_SEEN = (CheckResult.FIRST, CheckResult.CHANGED, CheckResult.SAME, CheckResult.NOT_MODIFIED)
_MADE = (CheckResult.FIRST, CheckResult.CHANGED)


class Reference(NamedTuple):
    """An article's first entry that refers to a body that is, or may be, another's as well."""

    seq: int
    owner: int | None
    first_form: bool


@dataclass
class Read:
    """What was read of a range of articles. ``owned`` counts the bodies that were these articles' first;
    ``lent`` are those of them that say they are shared, ``borrowed`` those that are another's."""

    findings: list[Finding] = field(default_factory=list)
    revisions: int = 0
    entries: int = 0
    checks: int = 0
    owned: int = 0
    lent: dict[int, Reference] = field(default_factory=dict)
    borrowed: dict[int, Reference] = field(default_factory=dict)


def read_articles(connection: Connection, plain: Plain, first: int, last: int) -> Read:
    """Read the articles of these ids again, with all that belongs to them."""
    span = {"first": first, "last": last}
    read = Read()
    rows = [Row(*row) for row in connection.execute(_ENTRIES, span)]
    looks: defaultdict[int, list[Look]] = defaultdict(list)
    for found in connection.execute(_CHECKS, span):
        look = Look(*found)
        looks[look.article_id].append(look)
    entries: defaultdict[int | None, list[Row]] = defaultdict(list)
    for entry in rows:
        entries[entry.article_id].append(entry)
    history = _Entries(connection, plain, read, rows)
    for article in connection.execute(_ARTICLES, span).all():
        headline = history.examine(article, entries[article.id])
        revisions = sum(row.number is not None for row in entries[article.id])
        read.revisions += revisions
        read.entries += len(entries[article.id])
        read.checks += len(looks[article.id])
        for trouble in _standing(article, entries[article.id], looks[article.id], revisions, headline):
            read.findings.append(Finding(article=article.id, url=article.url, trouble=trouble))
    return read


class _Entries:
    """The entries of a range of articles, whose bodies are fetched a window at a time."""

    def __init__(self, connection: Connection, plain: Plain, read: Read, rows: Sequence[Row]) -> None:
        self._connection = connection
        self._plain = plain
        self._read = read
        self._rows = rows
        self._fetched = 0
        self._done = 0
        self._seen: set[int] = set()

    def examine(self, article: Any, rows: Sequence[Any]) -> str | None:
        """Hold each entry against its record; the headline of the latest revision."""
        headline: str | None = ""
        latest = ""
        self._seen.clear()
        for row in rows:
            self._advance()
            troubles: list[str] = []
            try:
                found, known = self._entry(article, row, troubles)
            except UNREADABLE:
                troubles.append("it cannot be read")
                found, known = None, False
            if row.number is not None:
                latest = latest if row.headline is None else row.headline
                if known and (found or "") != latest:
                    troubles.append("its headline in the log is not what was read")
                latest, headline = (found or "", found) if known else (latest, latest or None)
            self._tell(article, row, troubles)
        return headline

    def _advance(self) -> None:
        """Have the bodies of the next entries at hand."""
        if self._done == self._fetched:
            window = self._rows[self._fetched : self._fetched + _WINDOW]
            self._fetched += len(window)
            self._plain.fetch(self._connection, (n for row in window for n in _bodies_of(row)))
        self._done += 1

    def _entry(self, article: Any, row: Row, troubles: list[str]) -> tuple[str | None, bool]:
        """Note what is wrong with an entry and its bodies; its headline, and whether that is known."""
        record = self._body(article, row, row.record, "record", troubles)
        text = self._body(article, row, row.text, "text", troubles)
        if row.payload not in self._seen:
            self._body(article, row, row.payload, "received page", troubles)
        if row.screenshot not in self._seen:
            self._body(article, row, row.screenshot, "screenshot", troubles)
        answer = self._body(article, row, row.answer, "answer", troubles)
        if record is None:
            return None, False
        form: Form = json.loads(record)
        pointed = [self._digest(number) for number in (row.text, row.payload, row.screenshot)]
        troubles += entry_troubles(row, form, article.url, pointed, text)
        if answer is not None:
            json.loads(answer)["fetched_at"]
        if row.number is None or ("form" not in form and text is None):
            return None, False
        return headline_of(form, text), True

    def _digest(self, number: int | None) -> bytes | None:
        body = None if number is None else self._plain.row(self._connection, number)
        return None if body is None else body.digest

    def _body(
        self, article: Any, row: Row, number: int | None, called: str, troubles: list[str]
    ) -> bytes | None:
        """The plain bytes of a body; None where there is none, or where it cannot be read."""
        if number is None:
            return None
        body = self._plain.row(self._connection, number)
        if body is None:
            troubles.append(f"its {called} is missing")
            return None
        if number not in self._seen:
            self._seen.add(number)
            self._account(article, row, body, troubles)
            troubles += [
                f"its {called} {trouble}" for trouble in self._plain.troubles(self._connection, body)
            ]
        if body.data is None:
            return None
        try:
            return self._plain.get(self._connection, number)
        except DamagedBody as damaged:
            troubles.append(f"its {called} {damaged.trouble}")
            return None

    def _account(self, article: Any, row: Row, body: Body, troubles: list[str]) -> None:
        """Note whose a body is, at the first of the article's entries that refers to it."""
        if body.article_id == article.id:
            self._read.owned += 1
            if not body.shared:
                return
        reference = Reference(row.seq, body.article_id, row.answer is not None or body.codec == ZLIB)
        if body.article_id == article.id:
            self._read.lent[body.id] = reference
        elif body.shared:
            earlier = self._read.borrowed.get(body.id, reference)
            self._read.borrowed[body.id] = min(earlier, reference, key=lambda found: found.seq)
        else:
            troubles.append("one of its bodies is kept as another's alone")

    def _tell(self, article: Any, row: Any, troubles: Sequence[str]) -> None:
        if not troubles:
            return
        place = {"article": article.id, "url": article.url, "revision": row.number, "entry": row.seq}
        self._read.findings += [Finding(trouble=trouble, **place) for trouble in dict.fromkeys(troubles)]


def _bodies_of(row: Row) -> list[int]:
    found = (row.record, row.text, row.payload, row.answer, row.screenshot)
    return [number for number in found if number is not None]


def _standing(
    article: Any, entries: Sequence[Any], looks: list[Look], revisions: int, headline: str | None
) -> Iterator[str]:
    """What an article says of itself that does not follow from its entries and checks."""
    numbers = [row.number for row in entries if row.number is not None]
    if numbers != list(range(1, revisions + 1)):
        yield "its revisions are not numbered in their order: some were taken away, put in or moved"
    if article.revisions != revisions:
        yield f"it says it has {article.revisions} revisions, and there are {revisions}"
    if (article.headline or None) != (headline or None):
        yield "its headline is not that of its latest revision"
    yield from check_troubles(looks, revisions, article.checks)
    try:
        yield from _times(article, looks)
    except UNREADABLE:
        yield "its times cannot be read"


def _times(article: Any, looks: Sequence[Look]) -> Iterator[str]:
    """When it was looked at and seen last. A baseline that came from a file is no look: nothing was received.
    When it changed last is what waits are measured from, and moves with the clock where that is set."""
    real = [row for row in looks if row.result not in _MADE or row.status is not None or row.digest]
    seen = [row for row in real if row.result in _SEEN]
    for what, found, rows in (
        ("looked at", article.last_check_at, real),
        ("seen", article.last_seen_at, seen),
    ):
        last = max(rows, key=lambda row: row.number, default=None)
        when = None if last is None else last.until or last.at
        if (None if found is None else micros(found)) != when:
            yield f"its time when it was last {what} is not what its checks say"
