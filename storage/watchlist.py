"""What is watched and when its turn comes: sources, hosts, and the articles' due-ness.

Due-ness is a column. ``articles.next_check_at`` says when an article wants a look,
``hosts.free_at`` when politeness allows the next request, and ``hosts.next_visit_at`` is the
later of the two, so that finding the next visit costs one index look-up however much is
watched. Knows nothing of revisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Select, and_, case, func, or_, select, update

from storage.engine import Database
from storage.records import (
    Article,
    ArticleState,
    Host,
    Source,
    SourceKind,
    SourceOrigin,
    SourceState,
    Validators,
)
from storage.schema import articles, hosts, sources

FILES = "files"
"""The host name of everything that is read from the disk: no politeness is owed there."""


TURNS = (
    articles.c.next_check_at,
    hosts.c.free_at,
    hosts.c.claimed_until,
    hosts.c.robots_until,
    sources.c.next_discovery_at,
)
"""The times at which something is due or void: waits, written down as times of day."""

MEASURES = (
    articles.c.last_change_at,
    articles.c.absent_since,
    articles.c.swings_since,
    articles.c.swung_at,
    articles.c.alternated_at,
    articles.c.believed_at,
    articles.c.aged_from,
)
"""The times from which something is measured that is still going on; the log keeps its own."""


class Watchlist:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------------ sources

    def sync_sources(self, configured: Sequence[Source], now: datetime) -> None:
        """Make the configured sources those of the file; one that left it is no longer looked
        at, and its history stays. What the command line added is left alone."""
        with self._database.writing() as connection:
            connection.execute(
                update(sources)
                .where(sources.c.origin == SourceOrigin.CONFIG)
                .where(sources.c.name.not_in([source.name for source in configured]))
                .values(listed=False)
            )
            for source in configured:
                _put_source(connection, source, SourceOrigin.CONFIG, now)
            recount_turns(connection)

    def add_source(self, source: Source, now: datetime) -> bool:
        """Put a source on the list from the command line; False: its address is listed already."""
        with self._database.writing() as connection:
            known = select(sources.c.id).where(sources.c.url == source.url, sources.c.listed)
            if connection.execute(known).first() is not None:
                return False
            _put_source(connection, source, SourceOrigin.CLI, now)
            return True

    def remove_source(self, name: str) -> bool:
        """Take a source of the command line off the list, its history kept; False: none such."""
        with self._database.writing() as connection:
            found = connection.execute(
                update(sources)
                .where(sources.c.name == name, sources.c.origin == SourceOrigin.CLI)
                .values(listed=False)
            ).rowcount
            recount_turns(connection)
            return found > 0

    def pause_source(self, name: str, paused: bool) -> None:
        with self._database.writing() as connection:
            connection.execute(update(sources).where(sources.c.name == name).values(paused=paused))
            recount_turns(connection)

    def pause_article(self, article_id: int, paused: bool) -> None:
        with self._database.writing() as connection:
            connection.execute(update(articles).where(articles.c.id == article_id).values(paused=paused))
            recount_turns(connection)

    def sources(self) -> list[SourceState]:
        """Every source on the list, by name."""
        with self._database.reading() as connection:
            found = [_source(row) for row in connection.execute(_SOURCES)]
        return sorted(found, key=lambda state: state.name)  # each database has an alphabet of its own

    def source(self, name: str) -> SourceState | None:
        """The source of that name on the list."""
        with self._database.reading() as connection:
            row = connection.execute(_SOURCES.where(sources.c.name == name)).first()
            return None if row is None else _source(row)

    def due_sources(self, now: datetime) -> list[SourceState]:
        """Sources whose discovery is due, longest overdue first."""
        due = _SOURCES.where(~sources.c.paused, sources.c.next_discovery_at <= now)
        order = (sources.c.next_discovery_at, sources.c.id)
        with self._database.reading() as connection:
            return [_source(row) for row in connection.execute(due.order_by(*order))]

    def discovered(
        self, source_id: int, urls: Iterable[str], now: datetime, again_at: datetime, validators: Validators
    ) -> int:
        """A discovery worked: watch what is new in it, and say how many that were."""
        with self._database.writing() as connection:
            new = sum(_put_article(connection, source_id, url, now) for url in urls)
            _source_looked_at(connection, source_id, again_at, ok_at=now, error=None, validators=validators)
            return new

    def discovery_failed(self, source_id: int, error: str, again_at: datetime) -> None:
        with self._database.writing() as connection:
            _source_looked_at(connection, source_id, again_at, ok_at=None, error=error, validators=None)

    # ------------------------------------------------------------------ visits

    def make_due(self, article_ids: Collection[int], now: datetime) -> None:
        """Bring these articles' next check forward to ``now``."""
        with self._database.writing() as connection:
            for batch in _batches(article_ids):
                connection.execute(
                    update(articles)
                    .where(articles.c.id.in_(batch), articles.c.next_check_at > now)
                    .values(next_check_at=now)
                )
            recount_turns(connection)

    def hint(self, article_ids: Collection[int], now: datetime) -> None:
        """A feed says that these were updated since the last look: they are looked at next, whatever the
        price of a look."""
        with self._database.writing() as connection:
            for batch in _batches(article_ids):
                connection.execute(update(articles).where(articles.c.id.in_(batch)).values(hinted=True))
        self.make_due(article_ids, now)

    def put_off(self, host: Host, article_id: int, until: datetime) -> None:
        """A look that is due is not worth its price today; where it was hinted at meanwhile, it stays due."""
        with self._database.writing() as connection:
            connection.execute(
                update(articles)
                .where(articles.c.id == article_id, ~articles.c.hinted)
                .values(next_check_at=until)
            )
            recount_turns(connection, host.id)

    def habits(self) -> dict[str, bytes]:
        """What is known of the revisions of each host's articles, packed."""
        known = select(hosts.c.name, hosts.c.habits).where(hosts.c.habits.is_not(None))
        with self._database.reading() as connection:
            return {row.name: bytes(row.habits) for row in connection.execute(known)}

    def habits_of(self, host: str) -> bytes | None:
        with self._database.reading() as connection:
            known = connection.scalar(select(hosts.c.habits).where(hosts.c.name == host))
            return None if known is None else bytes(known)

    def claim_host(
        self,
        now: datetime,
        worker: str,
        lease: timedelta,
        *,
        only: Collection[int] | None = None,
        due_by: datetime | None = None,
        troubled: bool | None = None,
    ) -> Host | None:
        """The host that has waited longest for its turn, claimed for ``worker``; None: none is due.

        :param only: consider nothing but these articles, whatever else the host has due.
        :param due_by: with ``only``: those due at that time (now, if not given).
        :param troubled: only a host whose last visit went badly, or only one where it did not.
        """
        free = or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until < now)
        if troubled is not None:
            free = and_(free, hosts.c.troubles > 0 if troubled else hosts.c.troubles == 0)
        longest = select(hosts).where(free).order_by(hosts.c.next_visit_at, hosts.c.id).limit(1)
        if only is None:
            turns = [longest.where(hosts.c.next_visit_at <= now)]
        else:
            due = (
                select(articles.c.host_id)
                .join(sources, sources.c.id == articles.c.source_id)
                .where(_WATCHED, articles.c.next_check_at <= (due_by or now))
            )
            turns = [
                longest.where(hosts.c.free_at <= now, hosts.c.id.in_(due.where(articles.c.id.in_(batch))))
                for batch in _batches(only)
            ]
        with self._database.writing() as connection:
            found = [row for turn in turns if (row := connection.execute(turn).first()) is not None]
            row = min(found, key=lambda row: (row.next_visit_at, row.id), default=None)
            if row is None:
                return None
            connection.execute(
                update(hosts).where(hosts.c.id == row.id).values(claimed_by=worker, claimed_until=now + lease)
            )
            return _host(row)

    def claim_host_of(self, url: str, now: datetime, worker: str, lease: timedelta) -> Host | None:
        """The host of that address, claimed; None: it is not its turn, or another has it."""
        with self._database.writing() as connection:
            host_id = _host_id(connection, host_name(url), now)
            claimed = connection.execute(
                update(hosts)
                .where(hosts.c.id == host_id, hosts.c.free_at <= now)
                .where(or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until < now))
                .values(claimed_by=worker, claimed_until=now + lease)
            ).rowcount
            row = connection.execute(select(hosts).where(hosts.c.id == host_id)).one()
            return _host(row) if claimed else None

    def next_due(self, host: Host, due_by: datetime, only: Collection[int] | None = None) -> int | None:
        """The id of that host's longest due article."""
        query = (
            _DUE.where(articles.c.host_id == host.id, articles.c.next_check_at <= due_by)
            .order_by(articles.c.next_check_at, articles.c.id)
            .limit(1)
        )
        batches = [None] if only is None else _batches(only)
        queries = [query if ids is None else query.where(articles.c.id.in_(ids)) for ids in batches]
        with self._database.reading() as connection:
            found = [row for query in queries if (row := connection.execute(query).first()) is not None]
        row = min(found, key=lambda row: (row.next_check_at, row.id), default=None)
        return None if row is None else int(row.id)

    def release_host(self, host: Host, worker: str, free_at: datetime) -> None:
        """Give a claimed host back with its next turn and its troubles; a claim that someone else holds is
        left."""
        with self._database.writing() as connection:
            connection.execute(
                update(hosts)
                .where(hosts.c.id == host.id, hosts.c.claimed_by == worker)
                .values(claimed_by=None, claimed_until=None, free_at=free_at, troubles=host.troubles)
            )
            recount_turns(connection, host.id)

    def void_claims(self, workers: str) -> None:
        """Drop the claims of workers whose name begins so: their process is gone."""
        with self._database.writing() as connection:
            connection.execute(
                update(hosts)
                .where(hosts.c.claimed_by.startswith(workers, autoescape=True))
                .values(claimed_by=None, claimed_until=None)
            )

    def keep_robots(self, host: Host, text: str, until: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(hosts).where(hosts.c.id == host.id).values(robots=text, robots_until=until)
            )

    def due(self, due_by: datetime, only: Collection[int] | None = None) -> dict[int, datetime]:
        """Watched articles that are due, with the time at which their host is free."""
        query = (
            select(articles.c.id, hosts.c.free_at)
            .join(sources, sources.c.id == articles.c.source_id)
            .join(hosts, hosts.c.id == articles.c.host_id)
            .where(_WATCHED, articles.c.next_check_at <= due_by)
        )
        with self._database.reading() as connection:
            found = {row.id: row.free_at for row in connection.execute(query)}
        return found if only is None else {key: found[key] for key in found.keys() & set(only)}

    def hosts(self) -> list[Host]:
        with self._database.reading() as connection:
            found = [_host(row) for row in connection.execute(select(hosts))]
        return sorted(found, key=lambda host: host.name)


# ---------------------------------------------------------------------- rows into records

ARTICLES: Select[Any] = (
    select(articles, sources.c.name.label("source"), hosts.c.name.label("host"))
    .join(sources, sources.c.id == articles.c.source_id)
    .join(hosts, hosts.c.id == articles.c.host_id)
)
_WATCHED = and_(~articles.c.paused, ~sources.c.paused, sources.c.listed)
_DUE: Select[Any] = (
    select(articles.c.id, articles.c.next_check_at)
    .join(sources, sources.c.id == articles.c.source_id)
    .where(_WATCHED)
)
_SOURCES: Select[Any] = select(
    sources,
    select(func.count())
    .select_from(articles)
    .where(articles.c.source_id == sources.c.id)
    .scalar_subquery()
    .label("count"),
).where(sources.c.listed)


def article_from(
    row: Any,
    text_digests: Mapping[str, int] | None = None,
    headlines: Mapping[str, int] | None = None,
) -> Article:
    return Article(
        id=row.id,
        url=row.url,
        source=row.source,
        host=row.host,
        state=ArticleState(row.state),
        paused=row.paused,
        found_at=row.found_at,
        next_check_at=row.next_check_at,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        last_check_at=row.last_check_at,
        last_seen_at=row.last_seen_at,
        last_change_at=row.last_change_at,
        troubles=row.troubles,
        doubts=row.doubts,
        absences=row.absences,
        headline=row.headline,
        revisions=row.revisions,
        checks=row.checks,
        text_digests=dict(text_digests or {}),
        headlines=dict(headlines or {}),
        locator=row.locator,
        read_as=row.read_as,
        absent_since=row.absent_since,
        returns=row.returns,
        other_copy=row.other_copy,
        swings=row.swings,
        swings_since=row.swings_since,
        swung_at=row.swung_at,
        alternated_at=row.alternated_at,
        belief=row.belief,
        believed_at=row.believed_at,
        aged_from=row.aged_from,
        hinted=row.hinted,
    )


def host_name(url: str) -> str:
    """The host an address belongs to: lower-case name, with the port where it is not the default."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FILES
    name = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return name if parts.port in (None, default) else f"{name}:{parts.port}"


def _source(row: Any) -> SourceState:
    return SourceState(
        id=row.id,
        name=row.name,
        kind=SourceKind(row.kind),
        url=row.url,
        origin=SourceOrigin(row.origin),
        paused=row.paused,
        next_discovery_at=row.next_discovery_at,
        last_ok_at=row.last_ok_at,
        last_error=row.last_error,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        articles=row.count,
    )


def _host(row: Any) -> Host:
    return Host(
        id=row.id,
        name=row.name,
        free_at=row.free_at,
        next_visit_at=row.next_visit_at,
        robots=row.robots,
        robots_until=row.robots_until,
        troubles=row.troubles,
    )


# ---------------------------------------------------------------------- writing rows


def _put_source(connection: Connection, source: Source, origin: SourceOrigin, now: datetime) -> None:
    row = connection.execute(select(sources).where(sources.c.name == source.name)).first()
    values = {"kind": source.kind, "url": source.url, "origin": origin, "listed": True}
    if row is None:
        connection.execute(
            sources.insert().values(name=source.name, next_discovery_at=now, paused=False, **values)
        )
    elif (row.kind, row.url, row.origin, row.listed) != (source.kind, source.url, origin, True):
        moved = {"next_discovery_at": now, "etag": None, "last_modified": None, "last_error": None}
        connection.execute(update(sources).where(sources.c.id == row.id).values(**values, **moved))


def _put_article(connection: Connection, source_id: int, url: str, now: datetime) -> bool:
    """Watch ``url`` from now on. False: it is watched already, by whichever source found it;
    one whose source has left the list goes over to the source that names it now."""
    known = connection.execute(
        select(articles.c.id, articles.c.host_id, articles.c.source_id, sources.c.listed)
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.url == url)
    ).first()
    if known is not None:
        if not known.listed and known.source_id != source_id:
            connection.execute(update(articles).where(articles.c.id == known.id).values(source_id=source_id))
            recount_turns(connection, known.host_id)
        return False
    host_id = _host_id(connection, host_name(url), now)
    connection.execute(
        articles.insert().values(
            url=url,
            source_id=source_id,
            host_id=host_id,
            state=ArticleState.WATCHED,
            paused=False,
            found_at=now,
            next_check_at=now,
        )
    )
    recount_turns(connection, host_id)
    return True


def _host_id(connection: Connection, name: str, now: datetime) -> int:
    found = connection.scalar(select(hosts.c.id).where(hosts.c.name == name))
    if found is not None:
        return int(found)
    made = connection.execute(hosts.insert().values(name=name, free_at=now, troubles=0).returning(hosts.c.id))
    return int(made.scalar_one())


def _source_looked_at(
    connection: Connection,
    source_id: int,
    again_at: datetime,
    *,
    ok_at: datetime | None,
    error: str | None,
    validators: Validators | None,
) -> None:
    values: dict[str, object] = {"next_discovery_at": again_at, "last_error": error}
    if ok_at is not None:
        values["last_ok_at"] = ok_at
    if validators is not None:
        values |= {"etag": validators.etag, "last_modified": validators.last_modified}
    connection.execute(update(sources).where(sources.c.id == source_id).values(**values))


def recount_turns(connection: Connection, host_id: int | None = None) -> None:
    """Set ``next_visit_at`` to the later of the host's freedom and its first due article."""
    first_due = articles.c.next_check_at
    turn = (
        select(case((first_due > hosts.c.free_at, first_due), else_=hosts.c.free_at))
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.host_id == hosts.c.id, _WATCHED)
        .order_by(first_due)
        .limit(1)
        .correlate(hosts)
        .scalar_subquery()
    )
    changed = update(hosts).values(next_visit_at=turn)
    connection.execute(changed if host_id is None else changed.where(hosts.c.id == host_id))


def _batches(ids: Collection[int], size: int = 5000) -> Iterable[list[int]]:
    listed = list(ids)
    return (listed[start : start + size] for start in range(0, len(listed), size))
