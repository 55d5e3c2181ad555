"""The sets of pages, histories and refusals, read one by one from the folder that holds them.

Refuses to know what is measured on them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from storage.records import Response

SETS = (
    "scrapinghub",
    "wcxb_articles",
    "readability",
    "newspaper4k",
    "trafilatura_eval",
    "postlight",
    "htmldate_default",
    "htmldate_mediacloud",
    "webpageparser",
    "goose3",
)
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page and what is known to be true of it; empty or None: nobody said.

    ``date`` is the local day as it was written down; ``wanted`` and ``unwanted`` are passages that
    belong and do not belong to the article.
    """

    set: str
    id: str
    url: str
    body: bytes
    text: str | None = None
    title: str | None = None
    date: str | None = None
    authors: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An answer that is no article, and of what kind it is."""

    id: str
    kind: str
    response: Response


@dataclass(frozen=True, kw_only=True)
class Step:
    """Two snapshots of one page, one after the other. ``edited``: its tracked text was changed,
    ``shown_same``: all text that it shows stayed the same."""

    page: str
    old: str
    new: str
    edited: bool
    shown_same: bool


@dataclass(frozen=True, kw_only=True)
class History:
    """The snapshots of one page, in an archive that is opened only when it is read."""

    archive: Path
    url: str
    steps: tuple[Step, ...]

    def snapshots(self) -> Iterator[tuple[str, bytes]]:
        with tarfile.open(self.archive, "r|xz") as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name, file.read()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two captures of one page; ``meaningful`` is what a person said of their difference."""

    id: str
    old: bytes
    new: bytes
    meaningful: bool | None


def pages(data: Path, name: str, sample: int | None = None) -> Iterator[Page]:
    """The pages of a set; a sample is always the same one."""
    folder = data / "A_pages" / name
    for row in sampled(rows(folder / "truth.jsonl"), sample):
        yield Page(
            set=name,
            id=row["id"],
            url=_address(row),
            body=gzip.decompress((folder / row["file"]).read_bytes()),
            text=row.get("text"),
            title=row.get("title"),
            date=day(row.get("date")),
            authors=tuple(row.get("authors") or ()),
            wanted=tuple(row.get("with") or ()),
            unwanted=tuple(row.get("without") or ()),
        )


def refused(data: Path) -> Iterator[Refused]:
    """What servers send instead of an article; where nobody wrote the status down it is 200."""
    folder = data / "D_block"
    for row in rows(folder / "block.jsonl"):
        kind = "text/plain" if row["kind"].startswith("text_only") else "text/html"
        body = gzip.decompress((folder / row["file"]).read_bytes())
        answer = response(_address(row), body, status=row.get("status") or 200, kind=kind)
        yield Refused(id=row["id"], kind=row["kind"], response=answer)


def histories(data: Path, limit: int | None = None) -> Iterator[History]:
    folder = data / "B_html"
    ordered = sorted(rows(folder / "pairs.jsonl"), key=lambda row: (row["archive"], row["old"]))
    for number, (archive, found) in enumerate(groupby(ordered, key=lambda row: str(row["archive"]))):
        if limit is not None and number >= limit:
            return
        chosen = list(found)
        url = next((row["url"] for row in chosen if row["url"]), "https://page.invalid/")
        yield History(archive=folder / archive, url=url, steps=tuple(_step(row) for row in chosen))


def pairs(data: Path) -> Iterator[Pair]:
    folder = data / "B_page_pairs"
    for row in rows(folder / "pairs.jsonl"):
        old, new = (gzip.decompress(_found(folder, row[side]).read_bytes()) for side in ("a", "b"))
        said = row["meaningful_change"]
        yield Pair(id=row["id"], old=old, new=new, meaningful=None if said is None else bool(said))


def response(url: str, body: bytes, *, status: int = 200, kind: str = "text/html") -> Response:
    """The answer that would have brought that body."""
    return Response(
        url=url,
        final_url=url,
        status=status,
        headers=(("content-type", kind),),
        body=body,
        fetched_at=_LONG_AGO,
    )


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def sampled(found: Sequence[Row], sample: int | None) -> Sequence[Row]:
    """That many rows, chosen by the hash of their names; None: all of them, as they stand."""
    if sample is None:
        return found
    return sorted(found, key=lambda row: hashlib.sha256(str(row["id"]).encode()).hexdigest())[:sample]


def day(written: object) -> str | None:
    """The day that a date begins with, as it was written; some rows have no number for no date."""
    match = _DAY.match(written) if isinstance(written, str) else None
    return match[0] if match else None


def _step(row: Row) -> Step:
    return Step(
        page=row["doc_id"],
        old=row["old"],
        new=row["new"],
        edited=row["edit"] == 1,
        shown_same=row["visible_text_same"],
    )


def _address(row: Row) -> str:
    return row.get("url") or "https://page.invalid/article"


def _found(folder: Path, name: str) -> Path:
    return next(path for path in (folder / name, folder / "html" / name) if path.exists())
