"""What is watched and when its turn comes: sources, hosts, and the articles' due-ness.

Due-ness is a column. ``articles.next_check_at`` says when an article wants a look,
``hosts.free_at`` when politeness allows the next request, and ``hosts.next_visit_at`` is the
later of the two, so that finding the next visit costs one index look-up however much is
watched. Knows nothing of revisions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from storage.engine import Database
from storage.records import (
    Article,
    ArticleState,
    Host,
    Source,
    SourceKind,
    SourceOrigin,
    SourceState,
    Standing,
    Validators,
    Waiting,
    sha256,
)
from storage.schema import QUICK, SLOW, Utc, aliases, articles, checks, host_blocks, hosts, ledger, sources

T = TypeVar("T")

FILES = "files"
"""The host name of everything that is read from the disk: no politeness is owed there."""

_STRANGER_FOR = timedelta(hours=1)
_HELD = timedelta(seconds=3)  # longer than it takes until a source is tried again


TURNS = (
    articles.c.next_check_at,
    hosts.c.free_at,
    hosts.c.claimed_until,
    hosts.c.robots_until,
    hosts.c.distrusted_until,
    sources.c.next_discovery_at,
)
"""The times at which something is due or void: waits, written down as times of day."""

MEASURES = (
    articles.c.last_change_at,
    articles.c.absent_since,
    articles.c.swings_since,
    articles.c.swung_at,
    articles.c.alternated_at,
    articles.c.hinted_at,
    articles.c.believed_at,
    articles.c.aged_from,
)
"""The times from which something is measured that is still going on; the log keeps its own."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A claimed host, and the article of it that was due longest when it was claimed (None: there is none
    after all, as when it was paused just then)."""

    host: Host
    article_id: int | None


@dataclass(frozen=True, kw_only=True)
class Release:
    """A claimed host to be given back, with the troubles it has now; ``free_at``: no request before that."""

    host: Host
    worker: str
    free_at: datetime


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
            row = connection.execute(_PAUSE, {"article": article_id, "paused": paused}).first()
            if row is not None:
                recount_turns(connection, row.host_id)

    def sources(self) -> list[SourceState]:
        """Every source on the list, by name, with how many articles it has."""
        with self._database.reading() as connection:
            found = [_source(row, row.found) for row in connection.execute(_COUNTED_SOURCES)]
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
        self,
        source_id: int,
        urls: Iterable[str],
        now: datetime,
        again_at: datetime,
        validators: Validators,
        *,
        keys: Mapping[str, str] | None = None,
        hinted: Collection[str] = (),
        note: str | None = None,
        memory: str | None = None,
    ) -> int:
        """A discovery worked: watch what is new in it, and say how many that were.

        :param keys: what the twins of each address share; an address that is not in it has none.
        :param hinted: addresses of articles that are to be looked at now.
        """
        keys = keys or {}
        named = {url: keys.get(url, url) for url in urls}
        with self._database.writing() as connection:
            known = _known(connection, named.values())
            new = 0
            for url, key in named.items():
                owner = known.get(key)
                if owner is None or not owner.listed:
                    new += _put_article(connection, source_id, url, key, now)
            _hint(connection, [keys.get(url, url) for url in hinted], now)
            _source_looked_at(
                connection,
                source_id,
                again_at,
                ok_at=now,
                error=None,
                validators=validators,
                told={"note": note, "memory": memory},
            )
            return new

    def standings(self, keys: Mapping[str, str]) -> dict[str, Standing]:
        """How it stands with the articles that are known under those addresses, by address.

        :param keys: what the twins of each address share.
        """
        with self._database.reading() as connection:
            known = _known(connection, keys.values())
        return {url: _standing(known[key]) for url, key in keys.items() if key in known}

    def merge(self, article_id: int, into: int, keys: Iterable[str]) -> None:
        """One article was listed twice: all by which the first is known belongs to the second from now on. Where the
        log holds nothing of the first, there is no such article any more; else it rests."""
        with self._database.writing() as connection:
            _absorb(connection, article_id, into)
            for key in keys:
                learn_alias(connection, key, into)
            recount_turns(connection)

    def known_as(self, url: str, key: str) -> int | None:
        """The id of the article that is known under that address or a twin of it."""
        with self._database.reading() as connection:
            return _owner(connection, url, key)

    def discovery_failed(
        self, source_id: int, error: str, again_at: datetime, memory: str | None = None
    ) -> None:
        """:param memory: what to remember now; None: what was remembered before."""
        told = None if memory is None else {"memory": memory}
        with self._database.writing() as connection:
            _source_looked_at(
                connection, source_id, again_at, ok_at=None, error=error, validators=None, told=told
            )

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

    def claim_hosts(
        self,
        now: datetime,
        worker: str,
        lease: timedelta,
        most: int,
        *,
        troubled: bool | None = None,
        releases: Sequence[Release] = (),
    ) -> list[Turn]:
        """The hosts that have waited longest for their turn, claimed for ``worker``, at most so many; before
        that others are given back, in the same transaction. It costs as much however much is watched.

        :param troubled: only hosts whose last visit went badly, or only those where it did not.
        """
        with self._database.writing() as connection:
            _release(connection, releases)
            rows = connection.execute(_LONGEST_DUE[troubled], {"now": now, "most": most}).all()
            _claim(connection, [row.id for row in rows], worker, now + lease)
        return [Turn(host=_host(row), article_id=row.article_id) for row in rows]

    def put_off(self, host: Host, article_id: int, until: datetime) -> None:
        """A look that is due is not worth its price today; where it was hinted at meanwhile, it stays due."""
        with self._database.writing() as connection:
            connection.execute(
                update(articles).where(articles.c.id == article_id, ~_HINTED).values(next_check_at=until)
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
        if only is None:
            turns = self.claim_hosts(now, worker, lease, 1, troubled=troubled)
            return turns[0].host if turns else None
        due = (
            select(articles.c.host_id)
            .join(sources, sources.c.id == articles.c.source_id)
            .where(_WATCHED, articles.c.next_check_at <= (due_by or now))
        )
        longest = (
            select(hosts)
            .where(or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until < now), hosts.c.free_at <= now)
            .order_by(hosts.c.next_visit_at, hosts.c.id)
            .limit(1)
        )
        queries = [
            longest.where(hosts.c.id.in_(due.where(articles.c.id.in_(batch)))) for batch in _batches(only)
        ]
        with self._database.writing() as connection:
            found = [row for query in queries if (row := connection.execute(query).first()) is not None]
            row = min(found, key=lambda row: (row.next_visit_at, row.id), default=None)
            if row is None:
                return None
            _claim(connection, [row.id], worker, now + lease)
            return _host(row)

    def claim_host_of(self, url: str, now: datetime, worker: str, lease: timedelta) -> Host | None:
        """The host of that address, claimed; None: it is not its turn, or another has it. Then its next visit
        begins a little later than it might, so that whoever asks again and again is not always too late."""
        with self._database.writing() as connection:
            host_id = _host_id(connection, host_name(url), now)
            row = connection.execute(select(hosts).where(hosts.c.id == host_id)).one()
            if row.claimed_until is not None and row.claimed_until >= now:
                return None
            this_one = update(hosts).where(hosts.c.id == host_id)
            if row.free_at > now:
                held = row.free_at + _HELD
                connection.execute(this_one.where(hosts.c.next_visit_at < held).values(next_visit_at=held))
                return None
            connection.execute(this_one.values(claimed_by=worker, claimed_until=now + lease))
            return replace(_host(row), claimed_until=now + lease)

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
        """Give a claimed host back with its next turn and how it took the visit; a claim that someone else
        holds is left."""
        self.release_hosts([Release(host=host, worker=worker, free_at=free_at)])

    def release_hosts(self, releases: Sequence[Release]) -> None:
        with self._database.writing() as connection:
            _release(connection, releases)

    def void_claims(
        self, workers: str, free_at: Callable[[str], datetime] = lambda _: datetime.min.replace(tzinfo=UTC)
    ) -> None:
        """Drop the claims of workers whose name begins so: their process is gone.

        :param free_at: by the host's name: no request before that, for nobody knows when it was last asked.
        """
        held = select(hosts).where(hosts.c.claimed_by.startswith(workers, autoescape=True))
        with self._database.writing() as connection:
            void = [_void(row, free_at(row.name)) for row in connection.execute(held)]
            _release(connection, void)

    def keep_robots(
        self, host: Host, text: str, until: datetime, crawl_delay: timedelta | None = None
    ) -> None:
        delay = None if crawl_delay is None else crawl_delay.total_seconds()
        with self._database.writing() as connection:
            connection.execute(
                update(hosts)
                .where(hosts.c.id == host.id)
                .values(robots=text, robots_until=until, crawl_delay=delay)
            )

    def distrust(self, host_name: str, until: datetime) -> None:
        """That host's validators lied."""
        with self._database.writing() as connection:
            connection.execute(update(hosts).where(hosts.c.name == host_name).values(distrusted_until=until))

    def stand_at(self, article_id: int, host_name: str, now: datetime) -> None:
        """Let an article be looked at in that host's turn: its next request goes there."""
        with self._database.writing() as connection:
            before = connection.scalar(select(articles.c.host_id).where(articles.c.id == article_id))
            host_id = _host_id(connection, host_name, now)
            connection.execute(update(articles).where(articles.c.id == article_id).values(host_id=host_id))
            recount_turns(connection, before)
            recount_turns(connection, host_id)

    def drop_strangers(self, now: datetime) -> int:
        """Forget the hosts of which nothing is watched and nothing was asked for an hour, and say how many they
        were: a redirect may lead to another one at each look."""
        idle = now - _STRANGER_FOR
        strangers = and_(
            hosts.c.next_visit_at.is_(None),
            hosts.c.free_at < idle,
            or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until < idle),
            or_(hosts.c.distrusted_until.is_(None), hosts.c.distrusted_until < now),
            ~exists().where(articles.c.host_id == hosts.c.id),
            ~exists().where(host_blocks.c.host_id == hosts.c.id),
        )
        with self._database.writing() as connection:
            return connection.execute(delete(hosts).where(strangers)).rowcount

    def spread(self, now: datetime, per_second: float, longest: timedelta) -> int:
        """Of the hosts whose turn has come already, let so many have it each second, those that have waited
        longest first, and the last of them after ``longest``; how many they are."""
        late = (
            select(hosts.c.id)
            .where(hosts.c.next_visit_at <= now, hosts.c.name != FILES)
            .order_by(hosts.c.next_visit_at, hosts.c.id)
        )
        with self._database.writing() as connection:
            ids = connection.scalars(late).all()
            apart = min(timedelta(seconds=1 / per_second), longest / max(1, len(ids)))
            turns = [{"host": host_id, "turn": now + place * apart} for place, host_id in enumerate(ids)]
            if turns:
                connection.execute(_TURN, turns)
        return len(ids)

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

    def host(self, name: str) -> Host | None:
        with self._database.reading() as connection:
            row = connection.execute(select(hosts).where(hosts.c.name == name)).first()
            return None if row is None else _host(row)

    def hosts(self) -> list[Host]:
        with self._database.reading() as connection:
            found = [_host(row) for row in connection.execute(select(hosts))]
        return sorted(found, key=lambda host: host.name)


# ---------------------------------------------------------------------- rows into records

ARTICLES: Select[Any] = select(articles, sources.c.name.label("source")).join(
    sources, sources.c.id == articles.c.source_id
)
_HINTED = func.coalesce(articles.c.hinted_at > articles.c.last_check_at, articles.c.hinted_at.is_not(None))
_WATCHED = and_(~articles.c.paused, ~sources.c.paused, sources.c.listed)
_DUE: Select[Any] = (
    select(articles.c.id, articles.c.next_check_at)
    .join(sources, sources.c.id == articles.c.source_id)
    .where(_WATCHED)
)
_SOURCES: Select[Any] = select(sources).where(sources.c.listed)
_COUNTED_SOURCES = _SOURCES.add_columns(
    select(func.count())
    .select_from(articles)
    .where(articles.c.source_id == sources.c.id)
    .scalar_subquery()
    .label("found")
)


def article_from(
    row: Any,
    text_digests: Mapping[str, int] | None = None,
    headlines: Mapping[str, int] | None = None,
) -> Article:
    return Article(
        id=row.id,
        url=row.url,
        source=row.source,
        host=host_name(row.address or row.url),
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
        outdated=row.outdated,
        address=row.address,
        hinted_at=row.hinted_at,
        belief=row.belief,
        believed_at=row.believed_at,
        aged_from=row.aged_from,
    )


def host_name(url: str) -> str:
    """The host an address belongs to: lower-case name, with the port where it is not the default."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FILES
    name = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return name if parts.port in (None, default) else f"{name}:{parts.port}"


def _void(row: Any, free_at: datetime) -> Release:
    """A claim whose worker is gone; the host rests where that is owed."""
    host = _host(row)
    if free_at > row.free_at:
        host = replace(host, waits=Waiting.RESTART)
    return Release(host=host, worker=row.claimed_by, free_at=max(row.free_at, free_at))


def _visited(host: Host) -> dict[str, object]:
    """What a visit may have changed of its host."""
    return {
        "after_troubles": host.troubles,
        "after_requests": host.requests,
        "after_setbacks": host.setbacks,
        "after_waits": host.waits,
        "after_recent": host.recent,
    }


def _source(row: Any, count: int | None = None) -> SourceState:
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
        articles=count,
        note=row.note,
        memory=row.memory,
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
        claimed_until=row.claimed_until,
        requests=row.requests,
        setbacks=row.setbacks,
        waits=Waiting(row.waits) if row.waits else None,
        crawl_delay=None if row.crawl_delay is None else timedelta(seconds=row.crawl_delay),
        distrusted_until=row.distrusted_until,
        recent=row.recent,
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
        moved: dict[str, object] = {"next_discovery_at": now}
        moved |= dict.fromkeys(("etag", "last_modified", "last_error", "note", "memory"))
        connection.execute(update(sources).where(sources.c.id == row.id).values(**values, **moved))


def _put_article(connection: Connection, source_id: int, url: str, key: str, now: datetime) -> bool:
    """Watch ``url`` from now on. False: it is watched already, under this address or a twin of it, by whichever
    source found it; one whose source has left the list goes over to the source that names it now."""
    owner = _owner(connection, url, key)
    if owner is not None:
        learn_alias(connection, key, owner)
        known = connection.execute(_STANDINGS.where(articles.c.id == owner)).one()
        if not known.listed and known.source_id != source_id:
            connection.execute(update(articles).where(articles.c.id == owner).values(source_id=source_id))
            recount_turns(connection, known.host_id)
        return False
    host_id = _host_id(connection, host_name(url), now)
    made = connection.execute(
        articles.insert()
        .values(
            url=url,
            source_id=source_id,
            host_id=host_id,
            state=ArticleState.WATCHED,
            paused=False,
            found_at=now,
            next_check_at=now,
        )
        .returning(articles.c.id)
    )
    learn_alias(connection, key, int(made.scalar_one()))
    recount_turns(connection, host_id)
    return True


# ---------------------------------------------------------------------- by which addresses an article is known


def learn_alias(connection: Connection, key: str, article_id: int) -> None:
    """From now on the article is known by that as well, unless another one is."""
    digest = _digest(key)
    if connection.scalar(select(aliases.c.article_id).where(aliases.c.key == digest)) is None:
        connection.execute(aliases.insert().values(key=digest, article_id=article_id))


def may_be_renamed(connection: Connection, article: Article) -> bool:
    """Whether the log holds nothing of it yet, and no other article has the address that it wants."""
    taken = connection.scalar(select(articles.c.id).where(articles.c.url == article.url))
    return taken is None and not _is_told_of(connection, article.id)


def rename(connection: Connection, article: Article, standing: Any) -> Article:
    """Know it by its address, and ask for it where it says, in the turns of whoever answers there. Another that is
    watched there and was found later rests, and what it is known by is this one's; one that was found earlier stays,
    and this one is asked for where it was."""
    there = article.asked_at
    other = connection.scalar(
        select(articles.c.id).where(articles.c.url == there, articles.c.id != article.id)
    )
    if other is not None and other < article.id:
        article = replace(article, url=standing.url, address=standing.address)
    elif other is not None:
        _absorb(connection, int(other), article.id)
    host = host_name(article.asked_at)
    host_id = _host_id(connection, host, article.last_check_at or article.found_at)
    connection.execute(
        update(articles)
        .where(articles.c.id == article.id)
        .values(url=article.url, address=article.address, host_id=host_id)
    )
    recount_turns(connection, standing.host_id)
    return replace(article, host=host)


def _absorb(connection: Connection, article_id: int, into: int) -> None:
    """All by which the one is known is the other's; the one is no more, or rests where the log tells of it."""
    connection.execute(update(aliases).where(aliases.c.article_id == article_id).values(article_id=into))
    if _is_told_of(connection, article_id):
        connection.execute(update(articles).where(articles.c.id == article_id).values(paused=True))
    else:
        connection.execute(delete(checks).where(checks.c.article_id == article_id))
        connection.execute(delete(articles).where(articles.c.id == article_id))


def _is_told_of(connection: Connection, article_id: int) -> bool:
    return (
        connection.scalar(select(ledger.c.seq).where(ledger.c.article_id == article_id).limit(1)) is not None
    )


def _digest(key: str) -> str:
    return sha256(key.encode("utf-8", "replace"))[:32]


def _owner(connection: Connection, url: str, key: str) -> int | None:
    found = connection.scalar(select(aliases.c.article_id).where(aliases.c.key == _digest(key)))
    if found is None:
        found = connection.scalar(select(articles.c.id).where(articles.c.url == url))
    return None if found is None else int(found)


_STANDINGS: Select[Any] = select(
    articles.c.id,
    articles.c.url,
    articles.c.host_id,
    articles.c.source_id,
    articles.c.last_check_at,
    articles.c.last_seen_at,
    articles.c.last_change_at,
    sources.c.listed,
).join(sources, sources.c.id == articles.c.source_id)


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, Any]:
    """The articles that are known by these keys."""
    digests = {_digest(key): key for key in keys}
    query = _STANDINGS.add_columns(aliases.c.key).join(aliases, aliases.c.article_id == articles.c.id)
    rows = [
        row
        for batch in _batches(digests, 1000)
        for row in connection.execute(query.where(aliases.c.key.in_(batch)))
    ]
    return {digests[row.key]: row for row in rows}


def _standing(row: Any) -> Standing:
    return Standing(
        article_id=row.id,
        url=row.url,
        last_check_at=row.last_check_at,
        last_seen_at=row.last_seen_at,
        last_change_at=row.last_change_at,
    )


def _hint(connection: Connection, keys: Collection[str], now: datetime) -> None:
    """The articles known by these are to be looked at now, however long they were to rest."""
    found = _known(connection, keys).values()
    for batch in _batches({row.id for row in found}):
        hinted = update(articles).where(articles.c.id.in_(batch), articles.c.state != ArticleState.FORGOTTEN)
        due = case((articles.c.next_check_at > now, now), else_=articles.c.next_check_at)
        connection.execute(hinted.values(hinted_at=now, next_check_at=due))
    for host_id in {row.host_id for row in found}:
        recount_turns(connection, host_id)


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
    told: Mapping[str, str | None] | None = None,
) -> None:
    values: dict[str, object] = {"next_discovery_at": again_at, "last_error": error, **(told or {})}
    if ok_at is not None:
        values["last_ok_at"] = ok_at
    if validators is not None:
        values |= {"etag": validators.etag, "last_modified": validators.last_modified}
    connection.execute(update(sources).where(sources.c.id == source_id).values(**values))


def recount_turns(connection: Connection, host_id: int | None = None) -> None:
    """Set ``next_visit_at`` to the later of the host's freedom and its first due article."""
    changed = update(hosts).values(next_visit_at=_turn(hosts.c.free_at))
    connection.execute(changed if host_id is None else changed.where(hosts.c.id == host_id))


def _turn(free_at: ColumnElement[datetime]) -> ScalarSelect[datetime]:
    """When it is a host's turn that is free at that time; null: nothing is watched there."""
    first_due = articles.c.next_check_at
    return (
        select(case((first_due > free_at, first_due), else_=free_at))
        .join(sources, sources.c.id == articles.c.source_id)
        .where(articles.c.host_id == hosts.c.id, _WATCHED)
        .order_by(first_due)
        .limit(1)
        .correlate(hosts)
        .scalar_subquery()
    )


def _release(connection: Connection, releases: Sequence[Release]) -> None:
    rows = [
        {"host": one.host.id, "worker": one.worker, "free": one.free_at, **_visited(one.host)}
        for one in releases
    ]
    if rows:
        connection.execute(_RELEASE, rows)


def _claim(connection: Connection, host_ids: Collection[int], worker: str, until: datetime) -> None:
    """To be called in the transaction that found them free: nobody else writes meanwhile."""
    if host_ids:
        connection.execute(_CLAIM, [{"host": one, "worker": worker, "until": until} for one in host_ids])


def _longest_due(troubled: bool | None) -> Select[Any]:
    """The free hosts whose turn came first, each with its longest due article."""
    article_id = (
        _DUE.with_only_columns(articles.c.id)
        .where(articles.c.host_id == hosts.c.id, articles.c.next_check_at <= bindparam("now"))
        .order_by(articles.c.next_check_at, articles.c.id)
        .limit(1)
        .correlate(hosts)
        .scalar_subquery()
    )
    turns = (
        select(hosts, article_id.label("article_id"))
        .where(hosts.c.next_visit_at <= bindparam("now"))
        .where(or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until < bindparam("now")))
        .order_by(hosts.c.next_visit_at, hosts.c.id)
        .limit(bindparam("most"))
    )
    if troubled is None:
        return turns
    return turns.where(SLOW if troubled else QUICK)


_LONGEST_DUE = {troubled: _longest_due(troubled) for troubled in (None, True, False)}
_CLAIM = (
    update(hosts)
    .where(hosts.c.id == bindparam("host"))
    .values(claimed_by=bindparam("worker"), claimed_until=bindparam("until"))
)
_PAUSE = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(paused=bindparam("paused"))
    .returning(articles.c.host_id)
)
_FREE = bindparam("free", type_=Utc())
_RELEASE = (
    update(hosts)
    .where(hosts.c.id == bindparam("host"), hosts.c.claimed_by == bindparam("worker"))
    .values(
        claimed_by=None,
        claimed_until=None,
        free_at=_FREE,
        troubles=bindparam("after_troubles"),
        requests=bindparam("after_requests"),
        setbacks=bindparam("after_setbacks"),
        waits=bindparam("after_waits"),
        recent=bindparam("after_recent"),
        next_visit_at=_turn(_FREE),
    )
)


_TURN = (
    update(hosts)
    .where(hosts.c.id == bindparam("host"))
    .values(
        free_at=bindparam("turn", type_=Utc()),
        next_visit_at=bindparam("turn", type_=Utc()),
        waits=Waiting.RESTART,
    )
)


def recount_turn_of(connection: Connection, article: Article) -> None:
    """As above, for the host of that article."""
    host_id = connection.scalar(select(articles.c.host_id).where(articles.c.id == article.id))
    recount_turns(connection, host_id)


def _batches(ids: Collection[T], size: int = 5000) -> Iterable[list[T]]:
    listed = list(ids)
    return (listed[start : start + size] for start in range(0, len(listed), size))
