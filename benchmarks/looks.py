"""The histories of the sets as outcomes of looks, decided as the service would, so that they can be recorded.

A version of a text is the file of a watched folder; a page is what a server sent. Refuses to know what is
measured on them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from uuid import uuid4

from benchmarks.data import Row, histories
from monitor.config import ScheduleSettings
from monitor.decide import Look, decide
from monitor.reader import read_plain
from storage.records import (
    Article,
    ArticleState,
    Check,
    CheckResult,
    Extraction,
    Outcome,
    Reason,
    Response,
    Revision,
    Source,
    SourceKind,
    Validators,
    Verdict,
    fold_spaces,
)
from storage.store import Store

FOLDER = Source(name="texts", kind=SourceKind.FOLDER, url="/texts")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SCHEDULE = ScheduleSettings()


@dataclass(frozen=True, kw_only=True)
class Document:
    """The versions of one document, oldest first, each with the time it is from."""

    url: str
    versions: tuple[tuple[datetime, str], ...]

    @property
    def usual_size(self) -> int:
        """The middle one of the sizes of its versions, in bytes."""
        sizes = sorted(len(text.encode()) for _, text in self.versions)
        return sizes[len(sizes) // 2]


def documents(data: Path, limit: int | None = None) -> list[Document]:
    """The documents of all sets of revisions; with a limit, that many of each set."""
    files = sorted((data / "B_revisions").glob("*.jsonl.gz"))
    return list(chain.from_iterable(_documents(path, limit) for path in files))


def _documents(path: Path, limit: int | None) -> Iterator[Document]:
    rows: dict[str, list[Row]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            rows.setdefault(row["doc_id"], []).append(row)
    for number, (_, found) in enumerate(sorted(rows.items())):
        if limit is None or number < limit:
            found.sort(key=lambda row: int(row["version_no"]))
            versions = tuple((datetime.fromisoformat(row["timestamp"]), row["text"]) for row in found)
            yield Document(url=f"file:///texts/{path.name.partition('.')[0]}/{number}.txt", versions=versions)


# ---------------------------------------------------------------------- looks at texts


def look_at_all(
    chosen: Sequence[Document], ids: Sequence[int], pool: Executor | None = None
) -> list[list[Outcome]]:
    """What every version of each document meant when it was looked at.

    :param ids: the articles' numbers in the archive that these outcomes are for.
    """
    return list((pool.map if pool else map)(look_through, chosen, ids))


def look_through(document: Document, article_id: int) -> list[Outcome]:
    """What each version meant, in order, each decided on what came of those before."""
    article = _found(document.url, article_id)
    previous: Revision | None = None
    outcomes = []
    for moment, text in document.versions:
        response = _file(document.url, text.encode(), moment)
        capture = read_plain(response.body)
        look = Look(check_id=uuid4().hex, now=moment, source=FOLDER, schedule=_SCHEDULE)
        outcome = decide(article, previous, response, capture, look)
        outcomes.append(outcome)
        article = outcome.article
        if outcome.revision is not None:
            previous = outcome.revision
            article = _with(article, previous)
    return outcomes


def _found(url: str, article_id: int) -> Article:
    """An article as the store gives one that was found and not looked at yet."""
    return Article(
        id=article_id,
        url=url,
        source=FOLDER.name,
        host="files",
        state=ArticleState.WATCHED,
        paused=False,
        found_at=_LONG_AGO,
        next_check_at=_LONG_AGO,
        validators=Validators(),
    )


def _file(url: str, body: bytes, moment: datetime) -> Response:
    return Response(url=url, final_url=url, status=200, headers=(), body=body, fetched_at=moment, ms=0.1)


def _with(article: Article, revision: Revision) -> Article:
    """The article as the store would give it after that revision."""
    headline = fold_spaces(revision.extraction.headline or "")
    return replace(
        article,
        text_digests=article.text_digests | {revision.extraction.text_digest: revision.number},
        headlines=article.headlines | ({headline: revision.number} if headline else {}),
    )


# ---------------------------------------------------------------------- pages as they were sent


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The snapshots of one page, in order, and the size of the archive they came in."""

    url: str
    bodies: tuple[bytes, ...]
    archived: int


def sent_pages(data: Path, limit: int | None = None) -> Iterator[Sent]:
    for history in histories(data, limit):
        bodies = tuple(body for _, body in history.snapshots())
        yield Sent(url=history.url, bodies=bodies, archived=history.archive.stat().st_size)


def as_sent(article: Article, bodies: Sequence[bytes]) -> Iterator[Outcome]:
    """Each snapshot as the first or next revision of that article, of which nothing was read: what is
    kept of them is the bytes alone."""
    for number, body in enumerate(bodies, 1):
        moment = _LONG_AGO + timedelta(days=number)
        article = replace(article, revisions=number, checks=number, last_seen_at=moment)
        yield Outcome(
            article=article,
            check=Check(
                id=uuid4().hex,
                at=moment,
                result=CheckResult.FIRST if number == 1 else CheckResult.CHANGED,
                verdict=Verdict.ARTICLE,
                status=200,
            ),
            expects=number - 1,
            response=replace(_file(article.url, body, moment), headers=(("content-type", "text/html"),)),
            revision=Revision(
                number=number,
                reason=Reason.FIRST if number == 1 else Reason.EDIT,
                seen_at=moment,
                not_seen_before=None,
                extraction=Extraction(headline=None, paragraphs=(), extractor="none/1"),
            ),
        )


def watch(store: Store, urls: Sequence[str]) -> list[Article]:
    """Watch these addresses in that archive, as its files."""
    store.watchlist.sync_sources([FOLDER], _LONG_AGO)
    (state,) = store.watchlist.sources()
    store.watchlist.discovered(state.id, urls, _LONG_AGO, _LONG_AGO, Validators())
    return [store.find_article(url) for url in urls]
