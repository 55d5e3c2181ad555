"""Store: the archive of what was seen, and every transaction that adds to it.

Records go in and records come out; SQL and rows stay here. What is watched and when is
``store.watchlist``; alerts on their way are ``store.outbox``, requests to a public archive
``store.witnesses``, stamps on the chain ``store.stamps``. One check is one transaction:
``record`` writes the check with its snapshot, revision, events and alerts, or nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Column, Connection, bindparam, delete, func, select, update

from storage import outbox, watchlist, witnesses
from storage.backup import Copied
from storage.bodies import Bodies
from storage.engine import Database
from storage.errors import Conflict, StorageError, TakenOut
from storage.forgetting import Forgotten, forget
from storage.forms import (
    CAPTURED,
    Form,
    blocks_form,
    blocks_from,
    capture_form,
    extraction_from,
    extraction_of,
    kinds_mask,
    parse_time,
    received_form,
    response_from,
    revision_form,
    revision_from,
    seal,
    state_form,
    time_form,
)
from storage.keeping import Keeping
from storage.ledger import LogFilter, append, append_service, entries, proof, record, service_entries
from storage.moments import move
from storage.outbox import Outbox
from storage.records import (
    Article,
    ArticleState,
    Check,
    CheckEntry,
    CheckResult,
    HostBlocks,
    LogEntry,
    Outcome,
    Proof,
    Reading,
    Reason,
    Response,
    Revision,
    ServiceEntry,
    ServiceReason,
    StateEvent,
    Verdict,
    fold_spaces,
)
from storage.schema import alerts, articles, bodies, checks, host_blocks, hosts, ledger, service, sources
from storage.stamps import Stamps
from storage.watchlist import ARTICLES, Watchlist, article_from
from storage.witnesses import Witnesses, ask_for

_BEAT = "beat"
LARGE = 256 << 10
"""Bodies above this rest on their predecessor alone: a second one would cost more time than it saves room."""

_CLOCKS_DIFFER = timedelta(seconds=1)
_TURNS = (*watchlist.TURNS, *outbox.TURNS, *witnesses.TURNS)
_LONGEST_WAIT = timedelta(days=400)  # a configuration may ask for a year


class Store:
    """Everything Writethru remembers, in one database.

    :raises StorageError: from every method, with one sentence; StorageBusy where another
        process holds the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bodies = Bodies()
        self.watchlist = Watchlist(database)
        self.outbox = Outbox(database, self._bodies)
        self.witnesses = Witnesses(database)
        self.stamps = Stamps(database)
        self.keeping = Keeping(database, self._bodies)

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

    def checkpoint(self) -> None:
        """What a quiet minute is good for: what was committed is brought together into one file."""
        self._database.checkpoint()

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
            standing = connection.execute(_STANDING, {"article": outcome.article.id}).first()
            if standing is not None and standing.checks >= outcome.article.checks:
                known = connection.execute(_CHECK, _numbered(outcome)).first()
                if known is not None and known.id == bytes.fromhex(outcome.check.id):
                    return _check_entry(known)
            standing = _expect(outcome, standing)
            host_before = outcome.article.host
            outcome = self._as_known(connection, outcome, standing)
            seen = self._record_subjects(connection, outcome)
            _record_alerts(connection, outcome, seen)
            if outcome.witness is not None:
                ask_for(connection, seen[None], outcome)
            _update_article(connection, outcome, standing.hinted_at)
            if outcome.article.host != host_before:
                watchlist.recount_turn_of(connection, outcome.article)
            if outcome.blocks is not None:
                _put_blocks(connection, outcome, outcome.blocks)
            if outcome.habits is not None:
                its_host = update(hosts).where(hosts.c.name == outcome.article.host)
                connection.execute(its_host.values(habits=outcome.habits))
            seq = _record_check(connection, outcome)
        return CheckEntry(
            seq=seq,
            article_id=outcome.article.id,
            url=outcome.article.url,
            check=outcome.check,
            revision=outcome.article.revisions or None,
        )

    def _as_known(self, connection: Connection, outcome: Outcome, standing: Any) -> Outcome:
        """The outcome under the address by which its article is known: one that the log holds nothing of may take
        another, which no other article has. Where it is asked for from now on is seen to here as well."""
        article = outcome.article
        if article.url != standing.url and not watchlist.may_be_renamed(connection, article):
            asked_at = None if article.asked_at == standing.url else article.asked_at
            article = replace(article, url=standing.url, address=asked_at)
        if (article.url, article.address) != (standing.url, standing.address):
            article = watchlist.rename(connection, article, standing)
        for key in outcome.known_by:
            watchlist.learn_alias(connection, key, article.id)
        return replace(outcome, article=article)

    def record_reading(self, reading: Reading) -> None:
        """Write what the latest revision's own bytes read as today; no check is counted for it.

        :raises Conflict: the article has moved on since the reading was decided.
        """
        after, anew = reading.article, reading.revision
        with self._database.writing() as connection:
            row = connection.execute(_STANDING, {"article": after.id}).first()
            if row is None or (row.revisions, row.checks) != (reading.expects, after.checks):
                raise Conflict(f"{after.url} has moved on since it was read again.")
            if anew is not None:
                read = self._reread(connection, after.id, anew.number - 1)
                self._put_revision(connection, after, anew, read)
            changed = {"revisions": after.revisions, "headline": after.headline, "read_as": after.read_as}
            connection.execute(update(articles).where(articles.c.id == after.id).values(**changed))

    def note(self, entry: ServiceEntry) -> None:
        """Chain an entry about the service itself to the ledger; noting it twice changes nothing."""
        with self._database.writing() as connection:
            for known in service_entries(connection, self._bodies, entry.reason, last=20):
                if (known.not_seen_before, known.about) == (entry.not_seen_before, entry.about):
                    return
            append_service(connection, self._bodies, entry)

    def beat(self, now: datetime, longest: timedelta | None) -> ServiceEntry | None:
        """The service is alive. Where it was not for longer than that (None: it was), this is noted as a
        gap, in the same transaction."""
        gap = None
        with self._database.writing() as connection:
            last = parse_time(_noted(connection, _BEAT))
            if last is not None and longest is not None and now - last > longest:
                gap = ServiceEntry(
                    reason=ServiceReason.GAP, seen_at=now, not_seen_before=last, about={"kind": "down"}
                )
                append_service(connection, self._bodies, gap)
            _put_note(connection, _BEAT, time_form(now) or "")
        return gap

    def noted(self, name: str) -> str | None:
        """What the service noted of itself under that name."""
        with self._database.reading() as connection:
            return _noted(connection, name)

    def put_note(self, name: str, value: str) -> None:
        with self._database.writing() as connection:
            _put_note(connection, name, value)

    def forget(self, article_id: int, because: str, now: datetime) -> Forgotten:
        """Take an article's texts out for good, and write the database file anew without them.

        :raises StorageBusy: they are taken out, but others use the file, so that their bytes may still be
            in it; forgetting it once more writes the file anew.
        """
        with self._database.writing() as connection:
            done = forget(connection, self._bodies, article_id, because, now)
        self._database.rewrite()
        return done

    def back_up(self, path: Path) -> Copied:
        """A consistent copy of the database in a new file, also while others write.

        :raises StorageError: there is such a file already, or the copy cannot be made or is damaged.
        """
        return self._database.back_up(path)

    # ------------------------------------------------------------------ when the clock is set

    def clock_was_set(self, by: timedelta) -> None:
        """The clock was set by so much just now: everything that is due moves with it, so that each wait
        keeps what is left of it. What the log says was seen at a time stays as it was said."""
        with self._database.writing() as connection:
            move(connection, (*_TURNS, *watchlist.MEASURES), by)
            watchlist.recount_turns(connection)

    def wake(self, now: datetime) -> timedelta:
        """Called once before anything else is asked. Where the newest check lies ahead of ``now``, the
        clock was put back while nobody looked, by at least the time between: what is due moves back by
        as much, and that is returned. What lies further ahead than any wait is due now."""
        newest = select(func.coalesce(checks.c.until, checks.c.at)).order_by(checks.c.seq.desc()).limit(1)
        with self._database.writing() as connection:
            ahead = (connection.scalar(newest) or now) - now
            put_back = ahead if ahead > _CLOCKS_DIFFER else timedelta(0)
            if put_back:
                move(connection, _TURNS, -put_back)
            astray = sum(_due_at_last(connection, column, now) for column in _TURNS)
            if put_back or astray:
                watchlist.recount_turns(connection)
        return put_back

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

    def find_article(self, wanted: str, key: str | None = None) -> Article:
        """The article with that id or URL.

        :param key: what the twins of that URL share; one known by it is found as well.
        :raises StorageError: there is none.
        """
        if wanted.isdecimal():
            return self.article(int(wanted))
        found = self.watchlist.known_as(wanted, key or wanted)
        if found is None:
            raise StorageError(f"No article is watched at {wanted}; 'writethru articles' lists them.")
        return self.article(found)

    def articles(self, source: str | None = None) -> list[Article]:
        """Every article, or those of one source, in the order they were found."""
        with self._database.reading() as connection:
            found = [article_from(row) for row in connection.execute(ARTICLES.order_by(articles.c.id))]
        return [article for article in found if source in (None, article.source)]

    def newest_articles(self, first: int, count: int) -> list[Article]:
        """That many articles from the place ``first``, counted from 0, the last changed first."""
        changed = func.coalesce(articles.c.last_change_at, articles.c.found_at)
        newest = (
            select(articles.c.id).order_by(changed.desc(), articles.c.id.desc()).offset(first).limit(count)
        )
        with self._database.reading() as connection:
            ids = connection.scalars(newest).all()
            rows = connection.execute(ARTICLES.where(articles.c.id.in_(ids)))
            found = {row.id: article_from(row) for row in rows}
        return [found[number] for number in ids if number in found]

    def latest_revision(self, article: Article) -> Revision | None:
        return None if article.revisions == 0 else self.revision(article.id, article.revisions)

    def revision(self, article_id: int, number: int) -> Revision:
        """One revision, with its extraction and what was made of it.

        :raises StorageError: the article has no revision of that number.
        """
        with self._database.reading() as connection:
            row = connection.execute(_REVISION, {"article": article_id, "revision": number}).first()
            if row is None:
                last = connection.scalar(select(articles.c.revisions).where(articles.c.id == article_id))
                raise StorageError(f"There is no revision {number}; this article has {last or 0}.")
            return self._revision(connection, row)

    def response(self, article_id: int, number: int) -> Response | None:
        """What the server sent for that revision; None for a baseline that came from a file."""
        with self._database.reading() as connection:
            row = connection.execute(_REVISION, {"article": article_id, "revision": number}).first()
            return None if row is None else self._response(connection, row)

    def received(self, article_id: int) -> Iterator[Response]:
        """Every answer of that article that is kept, oldest first, each once."""
        query = (
            select(ledger.c.seq)
            .join(bodies, bodies.c.id == ledger.c.payload)
            .where(ledger.c.article_id == article_id, bodies.c.data.is_not(None))
            .order_by(ledger.c.seq)
        )
        with self._database.reading() as connection:
            seqs = connection.scalars(query).all()
        told = None
        for seq in seqs:
            with self._database.reading() as connection:
                row = connection.execute(select(ledger).where(ledger.c.seq == seq)).one()
                response = self._response(connection, row)
            if response is not None and response != told:
                yield response
            told = response

    def blocks(self, article: Article) -> HostBlocks:
        """What the host of that article is known to repeat."""
        with self._database.reading() as connection:
            host = select(hosts.c.id).where(hosts.c.name == article.host).scalar_subquery()
            row = connection.execute(select(host_blocks).where(host_blocks.c.host_id == host)).first()
            return HostBlocks() if row is None else blocks_from(row.learnt, row.recent)

    def log(self, wanted: LogFilter | None = None) -> list[LogEntry]:
        """The revision log, oldest first."""
        with self._database.reading() as connection:
            return entries(connection, self._bodies, wanted)

    def entry(self, article_id: int, number: int) -> LogEntry | None:
        """What the log says of that revision; None: there is none of that number."""
        query = select(ledger.c.seq).where(ledger.c.article_id == article_id, ledger.c.number == number)
        with self._database.reading() as connection:
            found = entries(connection, self._bodies, seqs=connection.scalars(query).all())
            return found[0] if found else None

    def notes(self, reason: ServiceReason | None = None) -> list[ServiceEntry]:
        """What the service noted of itself, oldest first."""
        with self._database.reading() as connection:
            return service_entries(connection, self._bodies, reason)

    def checks(
        self, after: int = 0, article_id: int | None = None, last: int | None = None
    ) -> list[CheckEntry]:
        """Recorded checks later than ``after``, in order; with ``last``, no more than the newest."""
        query = _CHECKS.where(checks.c.seq > after).order_by(checks.c.seq.desc()).limit(last)
        if article_id is not None:
            query = query.where(checks.c.article_id == article_id)
        with self._database.reading() as connection:
            return [_check_entry(row) for row in reversed(connection.execute(query).all())]

    def withheld_because(self, reason: str) -> dict[str, int]:
        """How many articles were withheld for that reason when they were last looked at, by source."""
        last = (checks.c.article_id == articles.c.id) & (
            checks.c.number + checks.c.count - 1 == articles.c.checks
        )
        query = (
            select(sources.c.name, checks.c.reasons)
            .select_from(articles)
            .join(checks, last)
            .join(sources, sources.c.id == articles.c.source_id)
            .where(articles.c.troubles > 0, checks.c.result == CheckResult.WITHHELD)
        )
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return Counter(row.name for row in found if reason in (row.reasons or ()))

    def chain_head(self) -> str | None:
        """The chain of the newest log entry: whoever holds a copy can tell later tampering."""
        with self._database.reading() as connection:
            return connection.scalar(select(ledger.c.chain).order_by(ledger.c.seq.desc()).limit(1))

    def proof(self, article_id: int, number: int, head: str | None = None) -> Proof:
        """What proves that a revision stands in the log, up to that head of the chain, or to the newest.

        :raises StorageError: there is no such revision, or that head is none that comes after it.
        """
        with self._database.reading() as connection:
            return proof(connection, self._bodies, article_id, number, head)

    def has_received(self, article_id: int, number: int) -> bool:
        """Whether the bytes that the server sent for that revision are kept, and were not taken out."""
        query = (
            select(bodies.c.data.is_not(None))
            .join(ledger, ledger.c.payload == bodies.c.id)
            .where(ledger.c.article_id == article_id, ledger.c.number == number)
        )
        with self._database.reading() as connection:
            return bool(connection.scalar(query))

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        counted = {
            "articles": select(func.count()).select_from(articles),
            "checks": select(func.sum(articles.c.checks)),
            "revisions": select(func.sum(articles.c.revisions)),
            "alerts": select(func.count()).select_from(alerts),
        }
        with self._database.reading() as connection:
            return {name: connection.scalar(query) or 0 for name, query in counted.items()}

    # ------------------------------------------------------------------ one transaction, in order

    def _record_subjects(self, connection: Connection, outcome: Outcome) -> dict[str | None, int]:
        """Write the revision and the state events; their ledger numbers, by event kind (None: the
        revision)."""
        subjects: dict[str | None, int] = {}
        if outcome.reread is not None:
            read = self._reread(connection, outcome.article.id, outcome.reread.number - 1)
            self._put_revision(connection, outcome.article, outcome.reread, read)
        before = connection.execute(_NEWEST, {"article": outcome.article.id}).all()
        received = self._received(connection, outcome, before)
        if outcome.revision is not None:
            subjects[None] = self._put_revision(
                connection, outcome.article, outcome.revision, received, before
            )
        for state_event in outcome.state_events:
            subjects[state_event.event.kind] = self._put_state_event(
                connection, outcome.article, state_event, received
            )
        if outcome.response is not None and not subjects:
            self._put_capture(connection, outcome, received)
        return subjects

    def _received(self, connection: Connection, outcome: Outcome, before: Sequence[Any]) -> _Received:
        """Keep what was received, packed on what the newest revisions rest on."""
        response = outcome.response
        if response is None:
            return _Received()
        payloads = [row.payload for row in before if row.payload is not None]
        resembled = payloads[: 1 if len(response.body) > LARGE else 2]
        body = self._bodies.put(connection, response.body, article_id=outcome.article.id, bases=resembled)
        shot = None
        if response.screenshot is not None:
            shot = self._bodies.put(connection, response.screenshot, article_id=outcome.article.id).number
        return _Received(body.number, shot, received_form(response), [row.record for row in before[:1]])

    def _reread(self, connection: Connection, article_id: int, number: int) -> _Received:
        """What that revision rests on: a new reading of it rests on the same."""
        row = connection.execute(_REVISION, {"article": article_id, "revision": number}).one()
        response = self._response(connection, row)
        form = received_form(response)
        if row.screenshot is not None:  # it may have been taken out, and what was said of it stays
            form = {**form, "answer": record(connection, self._bodies, row.record)["answer"]}
        return _Received(row.payload, row.screenshot, form, [row.record])

    def _put_revision(
        self,
        connection: Connection,
        article: Article,
        revision: Revision,
        received: _Received,
        before: Sequence[Any] | None = None,
    ) -> int:
        """Write the revision and chain it to the ledger; its number there.

        :param before: the newest two revisions, where they were asked for already.
        """
        extraction = revision.extraction
        if before is None:
            before = connection.execute(_NEWEST, {"article": article.id}).all()
        texts = [row.text for row in before]
        words = extraction.text.encode("utf-8", "surrogatepass")
        resembled = texts[: 1 if len(words) > LARGE else 2]
        text, digest = self._bodies.put(connection, words, article_id=article.id, bases=resembled)
        facts = revision.assessment.events if revision.assessment else ()
        columns = {
            "article_id": article.id,
            "number": revision.number,
            "reason": revision.reason.value,
            "seen_at": revision.seen_at,
            "severity": int(revision.assessment.severity) if revision.assessment else None,
            "kinds": kinds_mask(facts),
            "headline": _headline_if_new(before, extraction.headline),
            "text_digest": extraction.text_digest,
            "text": text,
            "payload": received.body,
            "screenshot": received.screenshot,
        }
        form = revision_form(article, revision, digest, received.form)
        bases = [row.record for row in before[:1]] + texts[:1] + [text]
        return append(connection, self._bodies, form, columns, bases)

    def _put_state_event(
        self, connection: Connection, article: Article, state_event: StateEvent, received: _Received
    ) -> int:
        columns = {
            "article_id": article.id,
            "number": None,
            "reason": state_event.event.kind.value,
            "seen_at": state_event.at,
            "severity": int(state_event.event.severity),
            "kinds": kinds_mask((state_event.event,)),
            "payload": received.body,
            "screenshot": received.screenshot,
        }
        form = state_form(article, state_event, received.form)
        return append(connection, self._bodies, form, columns, received.resembled)

    def _put_capture(self, connection: Connection, outcome: Outcome, received: _Received) -> None:
        columns = {
            "article_id": outcome.article.id,
            "number": None,
            "reason": CAPTURED,
            "seen_at": outcome.check.at,
            "kinds": 0,
            "payload": received.body,
            "screenshot": received.screenshot,
        }
        form = capture_form(outcome.article, outcome.check, received.form)
        append(connection, self._bodies, form, columns, received.resembled)

    # ------------------------------------------------------------------ rows into records

    def _revision(self, connection: Connection, row: Any) -> Revision:
        form = record(connection, self._bodies, row.record)
        kept = self._bodies.get(connection, row.text)
        if "form" not in form:
            return revision_from(form, extraction_from(kept), row.modified_moved)
        return revision_from(form, extraction_of(form["reading"], kept.decode("utf-8", "surrogatepass")))

    def _response(self, connection: Connection, row: Any) -> Response | None:
        if row.payload is None:
            return None
        body = self._bodies.get(connection, row.payload)
        form = record(connection, self._bodies, row.record)
        answer = form.get("answer") or json.loads(self._bodies.get(connection, row.answer))
        return response_from(answer, body, self._screenshot(connection, row.screenshot))

    def _screenshot(self, connection: Connection, number: int | None) -> bytes | None:
        try:
            return None if number is None else self._bodies.get(connection, number)
        except TakenOut:
            return None


@dataclass(frozen=True)
class _Received:
    """What was received, as it is kept: its body and its picture, what a record says of it, and the record it
    resembles."""

    body: int | None = None
    screenshot: int | None = None
    form: Form = field(default_factory=lambda: received_form(None))
    resembled: Sequence[int] = ()


def _due_at_last(connection: Connection, column: Column[Any], now: datetime) -> int:
    """Make due what that column puts off for longer than anything waits; how much that was."""
    astray = update(column.table).where(column > now + _LONGEST_WAIT)
    return connection.execute(astray.values({column.name: now})).rowcount


# ---------------------------------------------------------------------- one transaction, in order


def _headline_if_new(before: Sequence[Any], headline: str | None) -> str | None:
    """The headline, empty where there is none; None: it is that of the revision before."""
    latest = (before[0].latest_headline if before else None) or ""
    return None if (headline or "") == latest else headline or ""


def _is_of_revision(outcome: Outcome) -> bool:
    """Whether the check's payload is that of the revision it made, which says its digest."""
    return outcome.revision is not None and outcome.response is not None


def _numbered(outcome: Outcome) -> dict[str, int]:
    """Where that check stands, if it was recorded: an article's checks are numbered."""
    return {"article": outcome.article.id, "check": outcome.article.checks}


def _noted(connection: Connection, name: str) -> str | None:
    found: str | None = connection.scalar(select(service.c.value).where(service.c.name == name))
    return found


def _put_note(connection: Connection, name: str, value: str) -> None:
    changed = connection.execute(update(service).where(service.c.name == name).values(value=value))
    if not changed.rowcount:
        connection.execute(service.insert().values(name=name, value=value))


def _expect(outcome: Outcome, standing: Any) -> Any:
    """How the article stands, as the outcome expects it.

    :raises Conflict: it does not.
    """
    at = None if standing is None else standing.revisions
    if standing is not None and standing.state == ArticleState.FORGOTTEN:
        raise Conflict(f"{outcome.article.url} was forgotten meanwhile, so nothing more is kept of it.")
    if standing is None or at != outcome.expects or standing.checks >= outcome.article.checks:
        raise Conflict(
            f"{outcome.article.url} is at revision {at}, and this check was decided on {outcome.expects}."
        )
    return standing


def _put_blocks(connection: Connection, outcome: Outcome, blocks: HostBlocks) -> None:
    host_id = connection.scalar(select(hosts.c.id).where(hosts.c.name == outcome.article.host))
    if host_id is None:
        return
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


def _update_article(connection: Connection, outcome: Outcome, hinted_at: datetime | None) -> None:
    """A hint that came during the look is not answered by it."""
    article = outcome.article
    if hinted_at is not None and hinted_at > outcome.check.at:
        article = replace(article, next_check_at=min(article.next_check_at, hinted_at))
    connection.execute(
        _UPDATE,
        {
            "article": article.id,
            "state": article.state.value,
            "next_check_at": article.next_check_at,
            "last_check_at": article.last_check_at,
            "last_seen_at": article.last_seen_at,
            "last_change_at": article.last_change_at,
            "etag": article.validators.etag,
            "last_modified": article.validators.last_modified,
            "troubles": article.troubles,
            "doubts": article.doubts,
            "absences": article.absences,
            "headline": article.headline,
            "revisions": article.revisions,
            "checks": article.checks,
            "locator": article.locator,
            "read_as": article.read_as,
            "absent_since": article.absent_since,
            "returns": article.returns,
            "other_copy": article.other_copy,
            "belief": article.belief,
            "believed_at": article.believed_at,
            "aged_from": article.aged_from,
            "swings": article.swings,
            "swings_since": article.swings_since,
            "swung_at": article.swung_at,
            "alternated_at": article.alternated_at,
            "outdated": article.outdated,
        },
    )


def _record_check(connection: Connection, outcome: Outcome) -> int:
    check = outcome.check
    row = {
        "article_id": outcome.article.id,
        "number": outcome.article.checks,
        "id": bytes.fromhex(check.id),
        "at": check.at,
        "count": 1,
        "until": None,
        "result": check.result.value,
        "verdict": check.verdict.value if check.verdict else None,
        "status": check.status,
        "error": check.error,
        "detail": check.detail,
        "reasons": list(check.reasons) or None,
        "ms": check.ms,
        "digest": None if _is_of_revision(outcome) else check.digest,
        "revision": outcome.article.revisions or None,
    }
    return int(connection.execute(_PUT_CHECK, row | {"seal": seal(row)}).scalar_one())


# ---------------------------------------------------------------------- rows into records

_CHECKS = (
    select(checks, articles.c.url, bodies.c.digest.label("made_of"))
    .join(articles, articles.c.id == checks.c.article_id)
    .outerjoin(
        ledger,
        (ledger.c.article_id == checks.c.article_id)
        & (ledger.c.number == checks.c.revision)
        & checks.c.result.in_((CheckResult.FIRST, CheckResult.CHANGED)),
    )
    .outerjoin(bodies, bodies.c.id == ledger.c.payload)
)
_CHECK = _CHECKS.where(checks.c.article_id == bindparam("article"), checks.c.number == bindparam("check"))
_PUT_CHECK = checks.insert().returning(checks.c.seq)
_STANDING = select(
    articles.c.revisions,
    articles.c.checks,
    articles.c.state,
    articles.c.url,
    articles.c.address,
    articles.c.host_id,
    articles.c.hinted_at,
).where(articles.c.id == bindparam("article"))
_UPDATE = update(articles).where(articles.c.id == bindparam("article"))
_REVISION = select(ledger).where(
    ledger.c.article_id == bindparam("article"), ledger.c.number == bindparam("revision")
)
_EARLIER = ledger.alias("earlier")
_LATEST_HEADLINE = (
    select(_EARLIER.c.headline)
    .where(_EARLIER.c.article_id == bindparam("article"), _EARLIER.c.number.is_not(None))
    .where(_EARLIER.c.headline.is_not(None))
    .order_by(_EARLIER.c.number.desc())
    .limit(1)
)
_NEWEST = (
    select(
        ledger.c.text,
        ledger.c.payload,
        ledger.c.record,
        _LATEST_HEADLINE.scalar_subquery().label("latest_headline"),
    )
    .where(ledger.c.article_id == bindparam("article"), ledger.c.number.is_not(None))
    .order_by(ledger.c.number.desc())
    .limit(2)
)


def _check_entry(row: Any) -> CheckEntry:
    check = Check(
        id=bytes(row.id).hex(),
        at=row.at,
        result=CheckResult(row.result),
        verdict=Verdict(row.verdict) if row.verdict else None,
        status=row.status,
        error=row.error,
        detail=row.detail,
        reasons=tuple(row.reasons or ()),
        ms=row.ms,
        digest=row.digest or row.made_of,
    )
    return CheckEntry(
        seq=row.seq,
        article_id=row.article_id,
        url=row.url,
        check=check,
        revision=row.revision,
        count=row.count,
        until=row.until,
    )


def _texts(connection: Connection, article_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """The latest number of every text, and of every headline; a reading that the next revision replaced
    stood for neither."""
    rows = connection.execute(
        select(ledger.c.text_digest, ledger.c.headline, ledger.c.number, ledger.c.reason)
        .where(ledger.c.article_id == article_id, ledger.c.number.is_not(None))
        .order_by(ledger.c.number)
    ).all()
    replaced = {row.number - 1 for row in rows if row.reason == Reason.EXTRACTOR}
    stood = [row for row in rows if row.number not in replaced]
    headlines: dict[str, int] = {}
    latest = ""
    for row in rows:
        latest = latest if row.headline is None else row.headline
        if latest and row.number not in replaced:
            headlines[fold_spaces(latest)] = row.number
    return {row.text_digest: row.number for row in stood}, headlines
