"""Store: the archive of what was seen, and every transaction that adds to it.

Records go in and records come out; SQL and rows stay here. What is watched and when is
``store.watchlist``; alerts on their way are ``store.outbox``. One check is one transaction:
``record`` writes the check with its snapshot, revision, events and alerts, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, delete, func, select, update

from storage import bodies
from storage.engine import Database
from storage.errors import Conflict, StorageError
from storage.forms import blocks_form, blocks_from, extraction_bytes, extraction_from
from storage.ledger import LogFilter, append, entries, event_from
from storage.outbox import Outbox
from storage.records import (
    Article,
    Assessment,
    Check,
    CheckEntry,
    CheckResult,
    Disclosure,
    Event,
    HostBlocks,
    LogEntry,
    Outcome,
    Reason,
    Redirect,
    Response,
    Revision,
    Severity,
    StateEvent,
    Verdict,
    WordCount,
    fold_spaces,
)
from storage.schema import alerts, articles, checks, events, host_blocks, ledger, revisions, snapshots
from storage.watchlist import ARTICLES, Watchlist, article_from


class Store:
    """Everything Writethru remembers, in one database.

    :raises StorageError: from every method, with one sentence; StorageBusy where another
        process holds the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.watchlist = Watchlist(database)
        self.outbox = Outbox(database)

    @classmethod
    def open(cls, url: str, folder: Path) -> Self:
        """Open the database at ``url`` (a relative file counts from ``folder``), made or brought
        up to today's schema where need be."""
        return cls(Database(url, folder))

    @property
    def shown(self) -> str:
        """What people know the database by; no password is in it."""
        return self._database.shown

    def alone(self) -> AbstractContextManager[Callable[[], bool]]:
        """Be the one daemon on this database; see ``Database.alone``."""
        return self._database.alone()

    def is_held(self) -> bool:
        """Whether a daemon works on this database."""
        return self._database.is_held()

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ writing

    def record(self, outcome: Outcome) -> CheckEntry:
        """Write all of an outcome in one transaction; recording it twice changes nothing.

        :raises Conflict: the article has moved on since the outcome was decided.
        """
        with self._database.writing() as connection:
            known = connection.execute(_CHECKS.where(checks.c.id == outcome.check.id)).first()
            if known is not None:
                return _check_entry(known)
            _expect(connection, outcome)
            seen = _record_subjects(connection, outcome)
            _record_alerts(connection, outcome, seen)
            _update_article(connection, outcome)
            if outcome.blocks is not None:
                _put_blocks(connection, outcome, outcome.blocks)
            seq = _record_check(connection, outcome)
        return CheckEntry(
            seq=seq,
            article_id=outcome.article.id,
            url=outcome.article.url,
            check=outcome.check,
            revision=outcome.article.revisions or None,
        )

    # ------------------------------------------------------------------ reading

    def article(self, article_id: int) -> Article:
        """The article with that id, with the digests of all its revisions.

        :raises StorageError: there is none.
        """
        with self._database.reading() as connection:
            row = connection.execute(ARTICLES.where(articles.c.id == article_id)).first()
            if row is None:
                raise StorageError(f"There is no article {article_id}; 'writethru articles' lists them.")
            return article_from(row, *_texts(connection, article_id))

    def find_article(self, wanted: str) -> Article:
        """The article with that id or URL.

        :raises StorageError: there is none.
        """
        if wanted.isdecimal():
            return self.article(int(wanted))
        with self._database.reading() as connection:
            found = connection.scalar(select(articles.c.id).where(articles.c.url == wanted))
        if found is None:
            raise StorageError(f"No article is watched at {wanted}; 'writethru articles' lists them.")
        return self.article(found)

    def articles(self, source: str | None = None) -> list[Article]:
        """Every article, or those of one source, in the order they were found."""
        with self._database.reading() as connection:
            found = [article_from(row) for row in connection.execute(ARTICLES.order_by(articles.c.id))]
        return [article for article in found if source in (None, article.source)]

    def latest_revision(self, article: Article) -> Revision | None:
        return None if article.revisions == 0 else self.revision(article.id, article.revisions)

    def revision(self, article_id: int, number: int) -> Revision:
        """One revision, with its extraction and what was made of it.

        :raises StorageError: the article has no revision of that number.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                select(revisions).where(revisions.c.article_id == article_id, revisions.c.number == number)
            ).first()
            if row is None:
                last = connection.scalar(select(articles.c.revisions).where(articles.c.id == article_id))
                raise StorageError(f"There is no revision {number}; this article has {last or 0}.")
            return _revision(connection, row)

    def response(self, article_id: int, number: int) -> Response | None:
        """What the server sent for that revision; None for a baseline that came from a file."""
        query = (
            select(snapshots)
            .join(revisions, revisions.c.snapshot_id == snapshots.c.id)
            .where(revisions.c.article_id == article_id, revisions.c.number == number)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            return None if row is None else _response(connection, row)

    def blocks(self, article: Article) -> HostBlocks:
        """What the host of that article is known to repeat."""
        with self._database.reading() as connection:
            host = select(articles.c.host_id).where(articles.c.id == article.id).scalar_subquery()
            row = connection.execute(select(host_blocks).where(host_blocks.c.host_id == host)).first()
            return HostBlocks() if row is None else blocks_from(row.learnt, row.recent)

    def log(self, wanted: LogFilter | None = None) -> list[LogEntry]:
        """The revision log, oldest first."""
        with self._database.reading() as connection:
            return entries(connection, wanted)

    def checks(
        self, after: int = 0, article_id: int | None = None, last: int | None = None
    ) -> list[CheckEntry]:
        """Recorded checks later than ``after``, in order; with ``last``, no more than the newest."""
        query = _CHECKS.where(checks.c.seq > after).order_by(checks.c.seq.desc()).limit(last)
        if article_id is not None:
            query = query.where(checks.c.article_id == article_id)
        with self._database.reading() as connection:
            return [_check_entry(row) for row in reversed(connection.execute(query).all())]

    def chain_head(self) -> str | None:
        """The chain of the newest log entry: whoever holds a copy can tell later tampering."""
        with self._database.reading() as connection:
            return connection.scalar(select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1))

    def counts(self) -> dict[str, int]:
        """How many rows of each kind there are."""
        tables = {"articles": articles, "checks": checks, "revisions": revisions, "alerts": alerts}
        with self._database.reading() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in tables.items()
            }


# ---------------------------------------------------------------------- one transaction, in order


def _expect(connection: Connection, outcome: Outcome) -> None:
    at = connection.scalar(select(articles.c.revisions).where(articles.c.id == outcome.article.id))
    if at != outcome.expects:
        raise Conflict(
            f"{outcome.article.url} is at revision {at}, and this check was decided on {outcome.expects}."
        )


def _record_subjects(connection: Connection, outcome: Outcome) -> dict[str | None, int]:
    """Write the revision and the state events; their ledger numbers, by event kind (None: the
    revision)."""
    subjects: dict[str | None, int] = {}
    if outcome.reread is not None:
        _put_reread(connection, outcome, outcome.reread)
    snapshot_id = None
    if outcome.response is not None:
        snapshot_id = _put_snapshot(connection, outcome.article.id, outcome.response)
    payload = None if outcome.response is None else outcome.response.digest
    if outcome.revision is not None:
        subjects[None] = _put_revision(connection, outcome, outcome.revision, snapshot_id, payload)
    for state_event in outcome.state_events:
        subjects[state_event.event.kind] = _put_state_event(connection, outcome, state_event, payload)
    return subjects


def _put_reread(connection: Connection, outcome: Outcome, reread: Revision) -> None:
    """Write the new reading; it rests on the snapshot of the revision that it was read out of."""
    row = connection.execute(
        select(snapshots.c.id, snapshots.c.body)
        .join(revisions, revisions.c.snapshot_id == snapshots.c.id)
        .where(revisions.c.article_id == outcome.article.id, revisions.c.number == reread.number - 1)
    ).first()
    snapshot_id, payload = (None, None) if row is None else (row.id, row.body)
    _put_revision(connection, outcome, reread, snapshot_id, payload)


def _put_snapshot(connection: Connection, article_id: int, response: Response) -> int:
    made = connection.execute(
        snapshots.insert()
        .values(
            article_id=article_id,
            fetched_at=response.fetched_at,
            url=response.url,
            final_url=response.final_url,
            status=response.status,
            headers=[list(header) for header in response.headers],
            redirects=[[hop.status, hop.url] for hop in response.redirects],
            body=bodies.put(connection, response.body),
        )
        .returning(snapshots.c.id)
    )
    return int(made.scalar_one())


def _put_revision(
    connection: Connection, outcome: Outcome, revision: Revision, snapshot_id: int | None, payload: str | None
) -> int:
    """Write the revision with its events and chain it to the log; its ledger number."""
    extraction = bodies.put(connection, extraction_bytes(revision.extraction))
    values = _revision_values(revision, extraction) | {"article_id": outcome.article.id}
    made = connection.execute(
        revisions.insert().values(snapshot_id=snapshot_id, **values).returning(revisions.c.id)
    )
    revision_id = int(made.scalar_one())
    for event in revision.assessment.events if revision.assessment else ():
        _put_event(connection, outcome.article.id, event, revision.seen_at, revision_id=revision_id)
    row = {"article_id": outcome.article.id, "revision_id": revision_id}
    return append(connection, _revision_entry(outcome.article, revision), row, extraction, payload)


def _revision_values(revision: Revision, extraction: str) -> dict[str, Any]:
    assessment = revision.assessment
    disclosure = assessment.disclosure if assessment else Disclosure.none()
    return {
        "number": revision.number,
        "reason": revision.reason,
        "seen_at": revision.seen_at,
        "not_seen_before": revision.not_seen_before,
        "extraction": extraction,
        "extractor": revision.extraction.extractor,
        "text_digest": revision.extraction.text_digest,
        "headline": revision.extraction.headline,
        "severity": assessment.severity.word if assessment else None,
        "notice_changed": disclosure.notice_changed,
        "modified_moved": disclosure.modified_moved,
        "silent": disclosure.silent,
        "summary": assessment.summary if assessment else "",
        "words_added": revision.words.added,
        "words_deleted": revision.words.deleted,
        "words_kept": revision.words.kept,
    }


def _revision_entry(article: Article, revision: Revision) -> LogEntry:
    """The log entry of a revision that is not in the log yet."""
    assessment = revision.assessment
    return LogEntry(
        article_id=article.id,
        url=article.url,
        source=article.source,
        headline=revision.extraction.headline,
        number=revision.number,
        reason=revision.reason,
        seen_at=revision.seen_at,
        not_seen_before=revision.not_seen_before,
        severity=assessment.severity if assessment else None,
        silent=bool(assessment and assessment.disclosure.silent),
        summary=assessment.summary if assessment else "",
        events=assessment.events if assessment else (),
        words=revision.words,
    )


def _put_state_event(
    connection: Connection, outcome: Outcome, state_event: StateEvent, payload: str | None
) -> int:
    event_id = _put_event(
        connection,
        outcome.article.id,
        state_event.event,
        state_event.at,
        not_seen_before=state_event.not_seen_before,
    )
    entry = LogEntry(
        article_id=outcome.article.id,
        url=outcome.article.url,
        source=outcome.article.source,
        headline=outcome.article.headline,
        number=None,
        reason=state_event.event.kind,
        seen_at=state_event.at,
        not_seen_before=state_event.not_seen_before,
        severity=state_event.event.severity,
        silent=False,
        summary=state_event.event.new or "",
        events=(state_event.event,),
        words=WordCount(),
    )
    return append(connection, entry, {"article_id": outcome.article.id, "event_id": event_id}, None, payload)


def _put_event(
    connection: Connection,
    article_id: int,
    event: Event,
    at: datetime,
    *,
    revision_id: int | None = None,
    not_seen_before: datetime | None = None,
) -> int:
    made = connection.execute(
        events.insert()
        .values(
            article_id=article_id,
            revision_id=revision_id,
            at=at,
            not_seen_before=not_seen_before,
            kind=event.kind,
            severity=event.severity.word,
            old=event.old,
            new=event.new,
            place=event.where,
        )
        .returning(events.c.id)
    )
    return int(made.scalar_one())


def _put_blocks(connection: Connection, outcome: Outcome, blocks: HostBlocks) -> None:
    host_id = connection.scalar(select(articles.c.host_id).where(articles.c.id == outcome.article.id))
    connection.execute(delete(host_blocks).where(host_blocks.c.host_id == host_id))
    connection.execute(
        host_blocks.insert().values(host_id=host_id, changed_at=outcome.check.at, **blocks_form(blocks))
    )


def _record_alerts(connection: Connection, outcome: Outcome, subjects: dict[str | None, int]) -> None:
    for alert in outcome.alerts:
        connection.execute(
            alerts.insert().values(
                ledger_seq=subjects[alert.about], channel=alert.channel, rules=list(alert.rules)
            )
        )


def _update_article(connection: Connection, outcome: Outcome) -> None:
    article = outcome.article
    connection.execute(
        update(articles)
        .where(articles.c.id == article.id)
        .values(
            state=article.state,
            next_check_at=article.next_check_at,
            last_check_at=article.last_check_at,
            last_seen_at=article.last_seen_at,
            last_change_at=article.last_change_at,
            etag=article.validators.etag,
            last_modified=article.validators.last_modified,
            troubles=article.troubles,
            doubts=article.doubts,
            absences=article.absences,
            headline=article.headline,
            revisions=article.revisions,
            checks=article.checks,
            locator=article.locator,
            read_as=article.read_as,
            absent_since=article.absent_since,
            returns=article.returns,
            other_copy=article.other_copy,
            swings=article.swings,
            swings_since=article.swings_since,
            swung_at=article.swung_at,
            alternated_at=article.alternated_at,
        )
    )


def _record_check(connection: Connection, outcome: Outcome) -> int:
    check = outcome.check
    made = connection.execute(
        checks.insert()
        .values(
            id=check.id,
            article_id=outcome.article.id,
            at=check.at,
            result=check.result,
            verdict=check.verdict,
            status=check.status,
            error=check.error,
            detail=check.detail,
            reasons=list(check.reasons),
            ms=check.ms,
            digest=check.digest,
            revision=outcome.article.revisions or None,
        )
        .returning(checks.c.seq)
    )
    return int(made.scalar_one())


# ---------------------------------------------------------------------- rows into records

_CHECKS = select(checks, articles.c.url).join(articles, articles.c.id == checks.c.article_id)


def _check_entry(row: Any) -> CheckEntry:
    check = Check(
        id=row.id,
        at=row.at,
        result=CheckResult(row.result),
        verdict=Verdict(row.verdict) if row.verdict else None,
        status=row.status,
        error=row.error,
        detail=row.detail,
        reasons=tuple(row.reasons),
        ms=row.ms,
        digest=row.digest,
    )
    return CheckEntry(seq=row.seq, article_id=row.article_id, url=row.url, check=check, revision=row.revision)


def _texts(connection: Connection, article_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """The latest number of every text, and of every headline; a reading that the next revision replaced
    stood for neither."""
    rows = connection.execute(
        select(revisions.c.text_digest, revisions.c.headline, revisions.c.number, revisions.c.reason)
        .where(revisions.c.article_id == article_id)
        .order_by(revisions.c.number)
    ).all()
    replaced = {row.number - 1 for row in rows if row.reason == Reason.EXTRACTOR}
    stood = [row for row in rows if row.number not in replaced]
    headlines = {fold_spaces(row.headline): row.number for row in stood if row.headline}
    return {row.text_digest: row.number for row in stood}, headlines


def _revision(connection: Connection, row: Any) -> Revision:
    return Revision(
        number=row.number,
        reason=Reason(row.reason),
        seen_at=row.seen_at,
        not_seen_before=row.not_seen_before,
        extraction=extraction_from(bodies.get(connection, row.extraction)),
        assessment=_assessment(row, _events_of(connection, row.id)),
        words=WordCount(added=row.words_added, deleted=row.words_deleted, kept=row.words_kept),
    )


def _events_of(connection: Connection, revision_id: int) -> tuple[Event, ...]:
    found = select(events).where(events.c.revision_id == revision_id).order_by(events.c.id)
    return tuple(event_from(row) for row in connection.execute(found))


def _assessment(row: Any, facts: Sequence[Event]) -> Assessment | None:
    if row.severity is None:
        return None
    disclosure = Disclosure(
        notice_changed=row.notice_changed, modified_moved=row.modified_moved, silent=row.silent
    )
    return Assessment(
        events=tuple(facts),
        severity=Severity.of(row.severity),
        disclosure=disclosure,
        summary=row.summary,
    )


def _response(connection: Connection, row: Any) -> Response:
    return Response(
        url=row.url,
        final_url=row.final_url,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers),
        body=bodies.get(connection, row.body),
        fetched_at=row.fetched_at,
        redirects=tuple(Redirect(status=status, url=url) for status, url in row.redirects),
    )
