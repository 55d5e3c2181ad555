"""The tables, keys and indices; the column comments are the data dictionary.

Knows SQLAlchemy's types and nothing of what is asked of the tables: that is ``store.py``.
Every time is stored in UTC and read back as an aware datetime; every text comes back as it was, whatever
characters are in it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import sqlalchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    TypeDecorator,
    UniqueConstraint,
    func,
    literal_column,
)


class Utc(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value} must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


class String(TypeDecorator[str]):
    """Any text. What a database refuses, U+0000 and lone surrogates, is written as U+001A ("substitute") and
    four hexadecimal digits, and so is U+001A itself."""

    impl = sqlalchemy.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not _UNSTORABLE.search(value):
            return value
        return _UNSTORABLE.sub(lambda found: f"\x1a{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or "\x1a" not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class Text(String):
    impl = sqlalchemy.Text
    cache_ok = True


class Moment(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970 in UTC: a third of the bytes, where rows are many."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


class Digest(TypeDecorator[str]):
    """A digest in hexadecimal, stored as its bytes, so many of them."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).hex()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Id = BigInteger().with_variant(Integer, "sqlite")
"""Of what is numbered without end; SQLite's integers are as long as it takes."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String, nullable=False, unique=True, comment="as the user calls it"),
    Column("kind", String, nullable=False, comment="page, feed, section, sitemap or folder"),
    Column("url", String, nullable=False, comment="address, or the folder's absolute path"),
    Column("origin", String, nullable=False, comment="config or cli: who put it on the list"),
    Column("paused", Boolean, nullable=False, default=False, comment="paused by the user"),
    Column("listed", Boolean, nullable=False, default=True, comment="false once it left the config file"),
    Column("next_discovery_at", Utc, nullable=False, comment="when to look for articles again"),
    Column("last_ok_at", Utc, comment="last discovery that worked"),
    Column("last_error", Text, comment="one sentence, while discovery does not work"),
    Column("etag", String, comment="validator of the last usable answer"),
    Column("last_modified", String, comment="validator of the last usable answer"),
    Column("note", Text, comment="one sentence on what is odd about what it lists"),
    Column("memory", Text, comment="what discovery remembers from one look to the next; JSON"),
    comment="what the user configures",
)

hosts = Table(
    "hosts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String, nullable=False, unique=True, comment="lower-case name, with a port not default"),
    Column("next_visit_at", Utc, comment="when its turn comes; null: nothing to check there"),
    Column("free_at", Utc, nullable=False, comment="politeness: no request before this"),
    Column("claimed_by", String, comment="the worker that visits it now"),
    Column("claimed_until", Utc, comment="the claim is void after this"),
    Column("robots", Text, comment="robots.txt as last read; null: none was read yet"),
    Column("robots_until", Utc, comment="read robots.txt again after this"),
    Column("troubles", Integer, nullable=False, default=0, comment="visits in a row that took long"),
    Column("habits", LargeBinary, comment="what is known of its articles' revisions; float32s"),
    Column(
        "requests", Integer, nullable=False, default=0, server_default="0", comment="how many were ever made"
    ),
    Column(
        "setbacks",
        Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="blocks and errors in a row, whichever article they met",
    ),
    Column("waits", String, comment="why there is no request before free_at"),
    Column("crawl_delay", Float, comment="seconds that robots.txt asks for between requests"),
    Column("distrusted_until", Utc, comment="its validators lied: nothing conditional is sent before this"),
    Column(
        "recent",
        String,
        nullable=False,
        default="",
        server_default="",
        comment="the last 100 looks, two characters each: how it went, how late it was",
    ),
    comment="politeness belongs to the host",
)
QUICK = hosts.c.troubles == literal_column("0")
SLOW = hosts.c.troubles > literal_column("0")
"""The two queues of hosts: in these words, without a parameter, a query is answered from the index of its queue."""
Index("ix_hosts_turn", hosts.c.next_visit_at, sqlite_where=QUICK, postgresql_where=QUICK)
Index("ix_hosts_slow_turn", hosts.c.next_visit_at, sqlite_where=SLOW, postgresql_where=SLOW)

host_blocks = Table(
    "host_blocks",
    metadata,
    Column("host_id", ForeignKey("hosts.id"), primary_key=True),
    Column("learnt", JSON, nullable=False, comment="{key: text} of the blocks it repeats"),
    Column("recent", JSON, nullable=False, comment="[[article, [key], taught]] of the last few articles"),
    Column("changed_at", Utc, nullable=False),
    comment="boilerplate learnt from a host's own articles",
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", String, nullable=False, unique=True, comment="the canonical URL: its identity"),
    Column("source_id", ForeignKey("sources.id"), nullable=False, index=True, comment="who found it first"),
    Column("host_id", ForeignKey("hosts.id"), nullable=False, comment="in whose turn it is looked at"),
    Column("state", String, nullable=False, comment="watched, blocked, removed, stalled or forgotten"),
    Column("paused", Boolean, nullable=False, default=False, comment="paused by the user"),
    Column("found_at", Utc, nullable=False),
    Column("next_check_at", Utc, nullable=False, comment="due-ness is this column, not a job"),
    Column("last_check_at", Utc),
    Column("last_seen_at", Utc, comment="last check that saw its latest revision"),
    Column("last_change_at", Utc, comment="last revision's first sight"),
    Column("etag", String, comment="validator, from an ARTICLE only"),
    Column("last_modified", String, comment="validator, from an ARTICLE only"),
    Column("troubles", Integer, nullable=False, default=0, comment="failed or withheld checks in a row"),
    Column("doubts", Integer, nullable=False, default=0, comment="suspect looks in a row"),
    Column("absences", Integer, nullable=False, default=0, comment="looks in a row that say it is gone"),
    Column("absent_since", Utc, comment="first of those looks"),
    Column("headline", Text, comment="of the latest revision"),
    Column("revisions", Integer, nullable=False, default=0, comment="number of the latest revision"),
    Column("checks", Integer, nullable=False, default=0, comment="how often it was looked at"),
    Column("locator", Text, comment="where the text stood at the last full reading; JSON"),
    Column("read_as", Text, comment="extractor and arguments under which the latest revision stands"),
    Column(
        "returns",
        Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="looks in a row at another copy of it, which does not count yet",
    ),
    Column("other_copy", String(64), comment="text digest of that copy; older: it only dates itself older"),
    Column(
        "swings",
        Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="how often its copies took turns",
    ),
    Column("swings_since", Utc, comment="first swing of the series"),
    Column("swung_at", Utc, comment="last swing"),
    Column("alternated_at", Utc, comment="when that was told; null: it was not"),
    Column(
        "outdated",
        Boolean,
        nullable=False,
        default=False,
        server_default=sqlalchemy.false(),
        comment="its validators name an earlier text: a 304 to them is a lie",
    ),
    Column("address", String, comment="where it is asked for; null: at its url"),
    Column("hinted_at", Utc, comment="when a listing last hinted that it changed"),
    Column("belief", LargeBinary, comment="what is believed of its revisions to come; float32s"),
    Column("believed_at", Utc, comment="the look that this was believed after"),
    Column("aged_from", Utc, comment="its age counts from here: its publication, as far as we know"),
    Index("ix_articles_due", "host_id", "next_check_at"),
    comment="one story at one outlet",
)

aliases = Table(
    "aliases",
    metadata,
    Column("key", Digest(16), primary_key=True, comment="half the SHA-256 of what its addresses share"),
    Column("article_id", ForeignKey("articles.id"), nullable=False, index=True),
    comment="every address by which an article is known, twins for telephones and AMP being one",
)

Index("ix_articles_changed", func.coalesce(articles.c.last_change_at, articles.c.found_at), articles.c.id)

bodies = Table(
    "bodies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Digest(32), nullable=False, comment="SHA-256 of the plain bytes"),
    Column("article_id", ForeignKey("articles.id"), comment="whose it was first; null: the service's"),
    Column("shared", Boolean, nullable=False, default=False, comment="other articles refer to it as well"),
    Column("size", Integer, nullable=False, comment="plain bytes"),
    Column("codec", SmallInteger, nullable=False, comment="0: zlib; 1: zstd, without its magic number"),
    Column("base", Id, comment="a body that stands in front of it when it is unpacked"),
    Column("base2", Id, comment="one that stands before that"),
    Column("base3", Id, comment="one that stands before that"),
    Column("depth", SmallInteger, nullable=False, comment="length of the longest chain under it"),
    Column("data", LargeBinary, comment="null: taken out, and a chained record says so"),
    comment="bytes by digest, stored once, packed on earlier ones",
)
Index("ix_bodies_digest", func.substr(bodies.c.digest, 1, 8))

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Id, primary_key=True, comment="the order of the log"),
    Column("article_id", ForeignKey("articles.id"), comment="null: about the service"),
    Column("number", Integer, comment="of the revision, from 1; null: a state event"),
    Column("reason", String, nullable=False, comment="why there is a revision, or the event's kind"),
    Column("seen_at", Moment, nullable=False, comment="first sight"),
    Column("severity", SmallInteger, comment="1 cosmetic to 4 critical; null for the first"),
    Column("kinds", BigInteger, nullable=False, comment="its events' kinds, one bit each"),
    Column("headline", Text, comment="of a revision, where it is not that of the one before"),
    Column("text_digest", Digest(16), comment="half the SHA-256 of headline and text, spaces folded"),
    Column("text", ForeignKey("bodies.id"), comment="the revision's text, or all it reads, in form 1"),
    Column("payload", ForeignKey("bodies.id"), comment="the bytes it rests on; null: none were received"),
    Column("modified_moved", Boolean, comment="form 1 only, whose records do not say"),
    Column("answer", ForeignKey("bodies.id"), comment="form 1 only, whose records do not say: JSON"),
    Column("record", ForeignKey("bodies.id"), nullable=False, comment="all that it claims: canonical JSON"),
    Column(
        "chain", Digest(32), nullable=False, comment="SHA-256 over the chain before and the record's digest"
    ),
    Column("screenshot", Id, comment="a body: how the page looked; null: there is no picture"),
    UniqueConstraint("article_id", "number"),
    comment="revisions and state events in one chained order",
)

checks = Table(
    "checks",
    metadata,
    Column("seq", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False, comment="of the article's checks, from 1; a span's first"),
    Column("id", LargeBinary(16), nullable=False, comment="fixed before it is recorded; a span's first"),
    Column("at", Moment, nullable=False, comment="a span's first"),
    Column("count", Integer, nullable=False, default=1, comment="checks in this span"),
    Column("until", Moment, comment="a span's last; null: one check"),
    Column("result", String, nullable=False),
    Column("verdict", String),
    Column("status", SmallInteger),
    Column("error", String, comment="of a closed list"),
    Column("detail", Text, comment="one sentence for people"),
    Column("reasons", JSON(none_as_null=True), comment="[sentence]; null: none"),
    Column("ms", Float, nullable=False, comment="a span's mean"),
    Column("digest", Digest(32), comment="of the payload; null: none, or that of the revision it made"),
    Column("revision", Integer, comment="the revision it saw or made"),
    Column("seal", LargeBinary(8), nullable=False, comment="first bytes of SHA-256 over all the others"),
    UniqueConstraint("article_id", "number"),
    comment="every attempt to look, also 'seen, unchanged'",
)

service = Table(
    "service",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    comment="what the service notes of itself, such as when it was last alive",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True, comment="the delivery id that the receiver sees"),
    Column("channel", String, nullable=False),
    Column("content", JSON, nullable=False, comment="fixed before it is first sent"),
    Column("state", String, nullable=False, comment="pending, delivered or dead"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Utc, nullable=False),
    Column("next_try_at", Utc, nullable=False),
    Column("claimed_until", Utc, comment="somebody sends it now; the claim is void after this"),
    Column("delivered_at", Utc),
    Column("error", Text, comment="what the last attempt said"),
    Index("ix_deliveries_due", "state", "next_try_at"),
    comment="messages, with content and id fixed",
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ledger_seq", ForeignKey("ledger.seq"), nullable=False, comment="what it is about"),
    Column("channel", String, nullable=False),
    Column("rules", JSON, nullable=False, comment="names of the rules that matched"),
    Column("delivery_id", ForeignKey("deliveries.id"), index=True, comment="null until composed"),
    UniqueConstraint("ledger_seq", "channel"),
    comment="who should be told of what: a row in the transaction of its subject",
)

witnesses = Table(
    "witnesses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ledger_seq", ForeignKey("ledger.seq"), nullable=False, unique=True, comment="the revision"),
    Column("article_id", ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False, comment="of the revision"),
    Column("seen_at", Utc, nullable=False, comment="the revision's first sight"),
    Column("url", String, nullable=False, comment="the address that an archive is asked to save"),
    Column("state", String, nullable=False, comment="pending, asked, kept or failed"),
    Column("created_at", Utc, nullable=False),
    Column("next_try_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False, default=0, comment="how often the archive was asked to save"),
    Column("asked_at", Utc, comment="when it was last asked to save: requests keep their distance"),
    Column("claimed_until", Utc, comment="somebody asks now; the claim is void after this"),
    Column("quiet_until", Utc, comment="the archive wants to hear nothing at all before this"),
    Column("job", String, comment="what the archive calls its work; null: it has not taken it on"),
    Column("link", String, comment="where the archive keeps the page"),
    Column("kept_at", Utc, comment="when the archive saved it, by its own clock"),
    Column("error", Text, comment="what the last attempt said"),
    UniqueConstraint("article_id", "number"),
    Index("ix_witnesses_due", "state", "next_try_at"),
    comment="revisions that a public archive is asked to save: a row in the transaction of the revision",
)

stamps = Table(
    "stamps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("head", String(64), nullable=False, comment="the chain that was stamped"),
    Column("seq", Integer, nullable=False, comment="its entry in the ledger"),
    Column("made_at", Utc, nullable=False, comment="when it was asked for"),
    Column("kind", String, nullable=False, comment="rfc3161"),
    Column("token", LargeBinary, comment="the authority's answer, whole; null: there was none"),
    Column("error", Text, comment="why there was none"),
    comment="outside proofs of when the chain had come so far",
)
