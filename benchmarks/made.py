"""A large archive, made and not fetched: articles of ten revisions each, as the store would have kept them, but
written straight into the tables, for going through the store would take a day.

Texts rest on the version before; chain, digests and seals are right, so that it can be verified. The same
count gives the same archive, but for nothing. Knows nothing of what is asked of it.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backports import zstd

from storage.bodies import ZSTD, pack
from storage.forms import kinds_mask, received_form, revision_form
from storage.ledger import ORIGIN
from storage.records import (
    Article,
    ArticleState,
    Assessment,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    Paragraph,
    ParagraphKind,
    Reason,
    Response,
    Revision,
    Severity,
    Validators,
    WordCount,
    canonical_json,
)
from storage.sqlite import driver
from storage.store import Store

FILE = "archive.db"
REVISIONS = 10
_PER_HOST = 200
_HOSTS_PER_SOURCE = 50
_BATCH = 10_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
DUE = datetime(2100, 1, 1, tzinfo=UTC)
"""Nothing is due before, so that a daemon can be started on it and sends nothing."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROUND = timedelta(days=14)
_MAGIC = 4

# Marks of one article, each as long as what stands in its place.
_NUMBER, _HOST, _ARTICLE = "@NUMBER@", "@HOST@", "@ARTICLE@"
_DIGEST, _ID = "d" * 64, "c" * 32
_MARK_OF = {f"{year}-01-01T00:00:00Z": datetime(year, 1, 1, tzinfo=UTC) for year in (1001, 1002, 1003)}
_SEEN, _BEFORE, _FETCHED = _MARK_OF
_SAMPLE = "00000001"
_LONG = (32).to_bytes(8, "big")
_ALONE: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.window_log: 11,
    zstd.CompressionParameter.content_size_flag: 0,
    zstd.CompressionParameter.checksum_flag: 0,
    zstd.CompressionParameter.dict_id_flag: 0,
}
_Row = tuple[object, ...]


def made_archive(folder: Path, count: int) -> Path:
    """The archive of that many articles in its folder; made where it is not there yet."""
    where = folder / f"made-{count}"
    done = where / "done"
    if not done.exists():
        where.mkdir(parents=True, exist_ok=True)
        (where / FILE).unlink(missing_ok=True)
        Store.open(f"sqlite:///{FILE}", where).close()
        with closing(driver.connect(where / FILE, isolation_level=None)) as connection:
            _fill(connection, count)
        done.touch()
    return where


def _fill(connection: Any, count: int) -> None:
    for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {setting}")
    (index,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_bodies_digest'").fetchone()
    connection.execute("DROP INDEX ix_bodies_digest")
    connection.execute("BEGIN")
    _watch(connection, count)
    chain = bytes.fromhex(ORIGIN)
    for number in range(1, REVISIONS + 1):
        chain = _add_round(connection, count, number, chain)
    connection.execute("COMMIT")
    connection.execute(index)
    connection.execute("PRAGMA optimize")


# ---------------------------------------------------------------------- what is watched


def _watch(connection: Any, count: int) -> None:
    hosts = range(1, _host_of(count, count) + 1)
    soon = timedelta(seconds=1)
    connection.executemany(
        _put("sources", "id name kind url origin paused listed next_discovery_at"),
        (
            (n, f"Wire {n}", "feed", f"https://wire{n}.example/", "config", 0, 1, _stored(DUE))
            for n in range(1, _source_of(hosts[-1]) + 1)
        ),
    )
    connection.executemany(
        _put("hosts", "id name next_visit_at free_at troubles"),
        ((n, _host_name(n), _stored(DUE + n * soon), _stored(_START), 0) for n in hosts),
    )
    connection.executemany(
        _put(
            "articles",
            "id url source_id host_id state paused found_at next_check_at last_check_at last_seen_at last_change_at "
            "troubles doubts absences headline revisions checks read_as returns swings",
        ),
        (_article_row(n, count) for n in range(1, count + 1)),
    )


def _put(table: str, columns: str) -> str:
    named = columns.split()
    return f"INSERT INTO {table} ({', '.join(named)}) VALUES ({', '.join('?' * len(named))})"  # noqa: S608


def _article_row(number: int, count: int) -> _Row:
    host = _host_of(number, count)
    url, headline = _url(f"{host:06d}", f"{number:08d}"), _headline(f"{number:08d}")
    seen = _stored(_round_time(REVISIONS) + _offset(number))
    due = _stored(DUE + timedelta(seconds=host, minutes=(number - 1) % _PER_HOST))
    place = (number, url, _source_of(host), host, "watched", 0)
    times = (_stored(_START), due, seen, seen, seen)
    return (*place, *times, 0, 0, 0, headline, REVISIONS, REVISIONS, "page/1", 0, 0)


def _host_of(article: int, count: int) -> int:
    """The first host has a hundredth of all articles, the others as many each."""
    large = count // 100
    return 1 if article <= large else 2 + (article - large - 1) // _PER_HOST


def _source_of(host: int) -> int:
    return 1 + (host - 1) // _HOSTS_PER_SOURCE


def _host_name(host: int) -> str:
    return f"h{host:06d}.example"


def _url(host: str, number: str) -> str:
    return f"https://h{host}.example/{number}"


# ---------------------------------------------------------------------- one revision of each


def _add_round(connection: Any, count: int, number: int, chain: bytes) -> bytes:
    """Give every article its next revision, in their order; the chain after them."""
    add = _Round(count, number, chain)
    for first in range(1, count + 1, _BATCH):
        texts, entries, checks = add.rows(range(first, min(first + _BATCH, count + 1)))
        connection.executemany(_PUT_BODY, texts)
        connection.executemany(_PUT_ENTRY, entries)
        connection.executemany(_PUT_CHECK, checks)
    return add.chain


_PUT_BODY = _put("bodies", "id digest article_id shared size codec base depth data")
_PUT_ENTRY = _put(
    "ledger",
    "seq article_id number reason seen_at severity kinds headline text_digest text payload record chain",
)
_PUT_CHECK = _put("checks", "seq article_id number id at count result verdict status ms revision seal")


class _Round:
    """One revision of every article: what they all have in common is made once, as bytes in which marks stand
    for what is each one's own."""

    def __init__(self, count: int, number: int, chain: bytes) -> None:
        self.chain = chain
        self._count = count
        self._number = number
        extraction = _extraction(number)
        revision = _revision(number, extraction)
        self._text = _Marked(extraction.text.encode(), _NUMBER)
        self._folded = _Marked(_folded(extraction).encode(), _NUMBER)
        self._record = _Marked(_record(number, revision), _HOST, _NUMBER, _SEEN, _BEFORE, _FETCHED, _DIGEST)
        self._check = _Marked(_sealed(number), f'"{_ARTICLE}"', _ID, _SEEN)
        told = revision.assessment
        self._kinds = kinds_mask(told.events) if told else 0
        self._severity = int(told.severity) if told else None
        self._reason = revision.reason.value
        self._result = "changed" if told else "first"
        before = [_text_of(number - 1, _SAMPLE)] if number > 1 else []
        self._delta = pack(_text_of(number, _SAMPLE), before)
        self._compressor = zstd.ZstdCompressor(options=_ALONE)

    def rows(self, which: range) -> tuple[list[_Row], list[_Row], list[_Row]]:
        """The rows of these articles: bodies, ledger, checks."""
        texts: list[_Row] = []
        entries: list[_Row] = []
        checks: list[_Row] = []
        moment, number, first = _round_time(self._number), self._number, self._number == 1
        for article in which:
            seq = (number - 1) * self._count + article
            name, host = b"%08d" % article, b"%06d" % _host_of(article, self._count)
            seen = moment + _offset(article)
            seen_form, micros = _time(seen), (seen - _EPOCH) // timedelta(microseconds=1)
            text = self._text.filled(name)
            digest = hashlib.sha256(text)
            record = self._record.filled(
                host, name, seen_form, _time(seen - _ROUND), seen_form, digest.hexdigest().encode()
            )
            stands_for = hashlib.sha256(record).digest()
            self.chain = hashlib.sha256(_LONG + self.chain + _LONG + stands_for).digest()
            base = None if first else 2 * (seq - self._count) - 1
            packed = self._alone(text) if first else self._delta
            texts += (
                (2 * seq - 1, digest.digest(), article, 0, len(text), ZSTD, base, number - 1, packed),
                (2 * seq, stands_for, article, 0, len(record), ZSTD, None, 0, self._alone(record)),
            )
            own = hashlib.sha256(self._folded.filled(name)).digest()[:16]
            headline = _headline(name.decode()) if first else None
            bodies = (2 * seq - 1, 2 * seq - 1, 2 * seq)
            place = (seq, article, number, self._reason, micros, self._severity, self._kinds)
            entries.append((*place, headline, own, *bodies, self.chain))
            check = stands_for[:16]
            sealed = self._check.filled(b"%d" % article, check.hex().encode(), seen_form)
            seal = hashlib.sha256(sealed).digest()[:8]
            told = (self._result, "article", 200, 12.5)
            checks.append((seq, article, number, check, micros, 1, *told, number, seal))
        return texts, entries, checks

    def _alone(self, data: bytes) -> bytes:
        return self._compressor.compress(data, mode=self._compressor.FLUSH_FRAME)[_MAGIC:]


class _Marked:
    """Bytes with marks in them, each standing for as many bytes or more."""

    def __init__(self, form: bytes, *marks: str) -> None:
        found = re.split(b"(" + b"|".join(re.escape(mark.encode()) for mark in marks) + b")", form)
        self._parts = found[::2]
        self._which = [marks.index(mark.decode()) for mark in found[1::2]]

    def filled(self, *values: bytes) -> bytes:
        parts = [self._parts[0]]
        for which, part in zip(self._which, self._parts[1:], strict=True):
            parts += (values[which], part)
        return b"".join(parts)


# ---------------------------------------------------------------------- what they have in common


def _headline(number: str) -> str:
    return f"Council of district {number} counts its votes again"


def _extraction(number: int) -> Extraction:
    """What was read, with a mark for the article's number."""
    lines = (
        f"The council of district {_NUMBER} counted {410 + number} votes for the bridge on Monday evening.",
        f"The mayor of {_NUMBER} said that the river had been {'higher' if number % 2 else 'lower'} before.",
        "Nobody in the hall could say what it would cost, and the vote was put off until after the summer.",
    )
    return Extraction(
        headline=_headline(_NUMBER),
        paragraphs=tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=line) for line in lines),
        extractor="page/1",
        byline=("A. Reporter",),
        language="en",
    )


def _text_of(number: int, article: str) -> bytes:
    return _extraction(number).text.replace(_NUMBER, article).encode()


def _folded(extraction: Extraction) -> str:
    """What the digest of a text is made of; see ``Extraction.text_digest``."""
    return "\n".join([extraction.headline or "", *(paragraph.text for paragraph in extraction.paragraphs)])


def _revision(number: int, extraction: Extraction) -> Revision:
    event = Event(
        kind=EventKind.NUMBER_CHANGED,
        severity=Severity.SUBSTANTIVE,
        old=f"{409 + number} votes",
        new=f"{410 + number} votes",
        where="paragraph 1",
    )
    told = Assessment(
        events=(event,),
        severity=Severity.SUBSTANTIVE,
        disclosure=Disclosure.none(),
        summary=f"A number changed: {event.old} → {event.new}.",
    )
    return Revision(
        number=number,
        reason=Reason.FIRST if number == 1 else Reason.EDIT,
        seen_at=_MARK_OF[_SEEN],
        not_seen_before=None if number == 1 else _MARK_OF[_BEFORE],
        extraction=extraction,
        assessment=None if number == 1 else told,
        words=WordCount() if number == 1 else WordCount(added=2, deleted=2, kept=48),
    )


def _record(number: int, revision: Revision) -> bytes:
    """The record of that revision, with marks."""
    url = _url(_HOST, _NUMBER)
    article = Article(
        id=1,
        url=url,
        source="",
        host="",
        state=ArticleState.WATCHED,
        paused=False,
        found_at=_START,
        next_check_at=_START,
        validators=Validators(),
    )
    response = Response(
        url=url,
        final_url=url,
        status=200,
        headers=(("content-type", "text/html"), ("etag", f'"{number}"')),
        body=b"",
        fetched_at=_MARK_OF[_FETCHED],
    )
    received = received_form(response) | {"payload": _DIGEST}
    return canonical_json(revision_form(article, revision, _DIGEST, received))


def _sealed(number: int) -> bytes:
    """What the seal of a check is made of, with marks; see ``seal``."""
    row = {
        "article_id": _ARTICLE,
        "number": number,
        "id": _ID,
        "at": _SEEN,
        "count": 1,
        "until": None,
        "result": "first" if number == 1 else "changed",
        "verdict": "article",
        "status": 200,
        "error": None,
        "detail": None,
        "reasons": None,
        "ms": 12.5,
        "digest": None,
        "revision": number,
    }
    return canonical_json(row)


def _round_time(number: int) -> datetime:
    return _START + number * _ROUND


def _offset(article: int) -> timedelta:
    return timedelta(seconds=article)


def _time(moment: datetime) -> bytes:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z".encode()


def _stored(moment: datetime) -> str:
    """A time as SQLAlchemy writes it into SQLite."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"
