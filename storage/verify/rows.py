"""One row of the ledger, or of the checks, held against what its record says. Pure: rows and records come
in, words go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from storage.forms import CAPTURED, KINDS, Form, extraction_from, extraction_of, seal
from storage.records import Severity

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What comes of reading a damaged row or record."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BITS = {kind: 1 << bit for bit, kind in enumerate(KINDS)}
_CALLED = {
    "number": "number",
    "reason": "reason",
    "seen_at": "time of first sight",
    "severity": "severity",
    "kinds": "kinds of events",
    "text": "text",
    "payload": "received page",
    "modified_moved": "note on the publisher's time",
    "answer": "answer",
    "headline": "headline",
    "text_digest": "text digest",
}


def entry_troubles(
    row: Any, form: Form, url: str | None, digests: Mapping[int, str], text: bytes | None
) -> Iterator[str]:
    """What the ledger's columns say that the record does not.

    :param digests: of the bodies that the row points at.
    :param text: the revision's text; None: it has none, or it was taken out.
    """
    said = _columns(form)
    for name, value in said.items():
        found = getattr(row, name)
        if name in ("text", "payload"):
            found = None if found is None else digests.get(found, "")
        if found != value:
            yield f"its {_CALLED[name]} in the log is not what its record says"
    if form.get("article") != url:
        yield "its record is about another address"
    if row.number is None and (row.headline is not None or row.text_digest is not None):
        yield "it is no revision, and the log gives it a headline or a text"
    if "form" in form and (row.answer is not None or row.modified_moved is not None):
        yield "the log says more of it than its record"
    if "form" not in form and (row.answer is None) != (row.payload is None):
        yield "its answer was put in or taken away"
    if "form" not in form and row.severity is None and row.modified_moved is not None:
        yield "the log says more of it than its record"
    if text is not None and text_digest(form, text) != bytes(row.text_digest or b"").hex():
        yield "its text digest in the log is not that of its text"


def headline_of(form: Form, text: bytes | None) -> str | None:
    """The headline of a revision; only form 1 needs its text for that."""
    if "form" in form:
        found: str | None = form["reading"].get("headline")
        return found
    return None if text is None else extraction_from(text).headline


def text_digest(form: Form, text: bytes) -> str:
    if "form" not in form:
        return extraction_from(text).text_digest
    return extraction_of(form["reading"], text.decode("utf-8", "surrogatepass")).text_digest


def check_troubles(rows: list[Any], revisions: int, counted: int) -> Iterator[str]:
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
        if not sealed(row):
            yield f"its check {row.number} was altered"
        elif (row.revision or 0) > revisions:
            yield f"its check {row.number} saw revision {row.revision}, which is not there"
        expected, before = row.number + row.count, row.seq
    if expected - 1 != counted:
        yield f"it says it was checked {counted} times, and there are {expected - 1} checks"


def sealed(row: Any) -> bool:
    said = row._asdict()
    seq, found = said.pop("seq"), said.pop("seal")
    if not isinstance(seq, int) or row.count < 1 or (row.until is None) != (row.count == 1):
        return False
    return bool(seal(said) == bytes(found))


def _columns(form: Form) -> dict[str, Any]:
    """The columns that an entry with that record has, bodies by their digest."""
    severity = form.get("severity")
    text = form.get("text" if "form" in form else "extraction")
    return {
        "number": form.get("revision"),
        "reason": form["reason"],
        "seen_at": micros(datetime.fromisoformat(form["seen_at"])),
        "severity": int(Severity.of(severity)) if severity and form["reason"] != CAPTURED else None,
        "kinds": sum({_BITS[event["kind"]] for event in form.get("events", ())}),
        "text": text,
        "payload": form.get("payload"),
    }


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
