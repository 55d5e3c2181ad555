"""One row of the ledger, or of the checks, held against what its record says. Pure: rows and records come
in, words go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from storage.forms import KINDS, Form, extraction_from, extraction_of, seal_of
from storage.records import Severity, fold_spaces

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What comes of reading a damaged row or record."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BITS = {kind: 1 << bit for bit, kind in enumerate(KINDS)}
_SEVERITIES = {severity.word: int(severity) for severity in Severity}
_CALLED = (
    "number",
    "reason",
    "time of first sight",
    "severity",
    "kinds of events",
    "text",
    "received page",
    "screenshot",
)
_ODD_SPACES = ("  ", *"\t\r\x0b\x0c\x1c\x1d\x1e\x1f")


class Row(NamedTuple):
    """A row of the ledger as it is stored, times in microseconds."""

    seq: int
    article_id: int | None
    number: int | None
    reason: str
    seen_at: int
    severity: int | None
    kinds: int
    headline: str | None
    text_digest: bytes | None
    text: int | None
    payload: int | None
    modified_moved: bool | None
    answer: int | None
    record: int
    screenshot: int | None


def entry_troubles(
    row: Row, form: Form, url: str | None, pointed: Sequence[bytes | None], text: bytes | None
) -> Iterator[str]:
    """What the ledger's columns say that the record does not.

    :param pointed: the digests of the text, the payload and the screenshot that the row points at.
    :param text: the revision's text; None: it has none, or it was taken out.
    """
    found = (*row[2:7], *(digest and digest.hex() for digest in pointed))
    said = _columns(form)
    if found != said:
        for name, value, wanted in zip(_CALLED, found, said, strict=True):
            if value != wanted:
                yield f"its {name} in the log is not what its record says"
    if form.get("article") != url:
        yield "its record is about another address"
    if row.number is None and (row.headline is not None or row.text_digest is not None):
        yield "it is no revision, and the log gives it a headline or a text"
    if row.answer is not None or row.modified_moved is not None or "form" not in form:
        yield from _early_troubles(row, form)
    if text is not None and text_digest(form, text) != row.text_digest:
        yield "its text digest in the log is not that of its text"


def _early_troubles(row: Row, form: Form) -> Iterator[str]:
    """What only early entries have beside their record, and no record covers."""
    early = "form" not in form
    if early and (row.answer is None) != (row.payload is None):
        yield "its answer was put in or taken away"
    if not early and row.answer is not None:
        yield "the log has an answer that is not in its record"
    if row.modified_moved is not None and (row.severity is None or not early):
        yield "the log says more of it than its record"


def headline_of(form: Form, text: bytes | None) -> str | None:
    """The headline of a revision; only form 1 needs its text for that."""
    if "form" in form:
        found: str | None = form["reading"].get("headline")
        return found
    return None if text is None else extraction_from(text).headline


def text_digest(form: Form, text: bytes) -> bytes:
    """Digest of headline and text; most texts are plain enough to be folded without much ado."""
    if "form" not in form:
        return bytes.fromhex(extraction_from(text).text_digest)
    reading, words = form["reading"], text.decode("utf-8", "surrogatepass")
    lines = _plain_lines(reading, words)
    if lines is None:
        return bytes.fromhex(extraction_of(reading, words).text_digest)
    lines.insert(0, fold_spaces(reading.get("headline") or ""))
    if lines[1:2] == lines[:1]:
        del lines[0]
    return sha256("\n".join([line for line in lines if line]).encode()).digest()[:16]


def _plain_lines(reading: Form, words: str) -> list[str] | None:
    """The paragraphs of a text in which there is nothing to fold; None: there is, or may be."""
    if not words.isascii() or any(space in words for space in _ODD_SPACES):
        return None
    lines, at = [], 0
    for span in reading.get("paragraphs", ()):
        if len(span) != 3:
            return None
        start = at + span[1]
        at = start + span[2]
        line = words[start:at]
        if "\n" in line or line[:1] == " " or line[-1:] == " ":
            return None
        lines.append(line)
    return lines


class Look(NamedTuple):
    """A row of the checks as it is stored, times in microseconds; ``span`` is its count."""

    seq: int
    article_id: int
    number: int
    id: bytes
    at: int
    span: int
    until: int | None
    result: str
    verdict: str | None
    status: int | None
    error: str | None
    detail: str | None
    reasons: Any
    ms: float
    digest: bytes | None
    revision: int | None
    seal: bytes


def check_troubles(rows: list[Look], revisions: int, counted: int) -> Iterator[str]:
    """What is wrong with an article's checks, in the order of their numbers.

    :param revisions: how many revisions the article has.
    :param counted: how many checks it says it had.
    """
    expected, before = 1, 0
    for row in rows:
        if row.number != expected:
            yield f"between its checks {expected - 1} and {row.number} some were taken away, put in or moved"
        elif row.seq <= before:
            yield f"its check {row.number} was moved in the order of all checks"
        if not _is_sealed(row):
            yield f"its check {row.number} was altered"
        elif (row.revision or 0) > revisions:
            yield f"its check {row.number} saw revision {row.revision}, which is not there"
        expected, before = row.number + row.span, row.seq
    if expected - 1 != counted:
        yield f"it says it was checked {counted} times, and there are {expected - 1} checks"


def _is_sealed(row: Look) -> bool:
    if row.span < 1 or (row.until is None) != (row.span == 1):
        return False
    said = {
        "article_id": row.article_id,
        "number": row.number,
        "id": row.id.hex(),
        "at": _rfc3339(row.at),
        "count": row.span,
        "until": None if row.until is None else _rfc3339(row.until),
        "result": row.result,
        "verdict": row.verdict,
        "status": row.status,
        "error": row.error,
        "detail": row.detail,
        "reasons": row.reasons,
        "ms": row.ms,
        "digest": None if row.digest is None else row.digest.hex(),
        "revision": row.revision,
    }
    return seal_of(said) == row.seal


def _rfc3339(at: int) -> str:
    return (_EPOCH + timedelta(0, 0, at)).isoformat()[:-6] + "Z"


def _columns(form: Form) -> tuple[Any, ...]:
    """The columns that an entry with that record has, from its number on; bodies by their digest."""
    severity = form.get("severity")
    return (
        form.get("revision"),
        form["reason"],
        micros(datetime.fromisoformat(form["seen_at"])),
        _SEVERITIES[severity] if severity else None,
        sum({_BITS[event["kind"]] for event in form.get("events", ())}),
        form.get("text" if "form" in form else "extraction"),
        form.get("payload"),
        form.get("answer", {}).get("screenshot"),
    )


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND
