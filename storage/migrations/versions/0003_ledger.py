"""One chained ledger of records, bodies packed on earlier ones, and checks that say how many they are.

Revisions and events become entries of the ledger. What the chain hashed of them is built again, byte for
byte, and kept as the entry's record, so that the chain stays what it was.
"""

import json
import re
import zlib
from collections import defaultdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
sa.Table("articles", metadata, sa.Column("id", sa.Integer(), primary_key=True))
sa.Table("deliveries", metadata, sa.Column("id", sa.String(length=36), primary_key=True))

bodies = sa.Table(
    "bodies",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, comment="SHA-256 of the plain bytes"),
    sa.Column("article_id", sa.ForeignKey("articles.id"), comment="whose it was first; null: the service's"),
    sa.Column(
        "shared", sa.Boolean(), nullable=False, default=False, comment="other articles refer to it as well"
    ),
    sa.Column("size", sa.Integer(), nullable=False, comment="plain bytes"),
    sa.Column(
        "codec", sa.SmallInteger(), nullable=False, comment="0: zlib; 1: zstd, without its magic number"
    ),
    sa.Column("base", sa.Integer(), comment="a body that stands in front of it when it is unpacked"),
    sa.Column("base2", sa.Integer(), comment="one that stands before that"),
    sa.Column("base3", sa.Integer(), comment="one that stands before that"),
    sa.Column("depth", sa.SmallInteger(), nullable=False, comment="length of the longest chain under it"),
    sa.Column("data", sa.LargeBinary(), comment="null: taken out, and a chained record says so"),
    comment="bytes by digest, stored once, packed on earlier ones",
)
sa.Index("ix_bodies_digest", sa.func.substr(bodies.c.digest, 1, 8))

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True, comment="the order of the log"),
    sa.Column("article_id", sa.ForeignKey("articles.id"), comment="null: about the service"),
    sa.Column("number", sa.Integer(), comment="of the revision, from 1; null: a state event"),
    sa.Column("reason", sa.String(), nullable=False, comment="why there is a revision, or the event's kind"),
    sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="first sight"),
    sa.Column("severity", sa.SmallInteger(), comment="1 cosmetic to 4 critical; null for the first"),
    sa.Column("kinds", sa.BigInteger(), nullable=False, comment="its events' kinds, one bit each"),
    sa.Column("headline", sa.Text(), comment="of a revision, where it is not that of the one before"),
    sa.Column(
        "text_digest", sa.LargeBinary(16), comment="half the SHA-256 of headline and text, spaces folded"
    ),
    sa.Column("text", sa.ForeignKey("bodies.id"), comment="the revision's text, or all it reads, in form 1"),
    sa.Column(
        "payload", sa.ForeignKey("bodies.id"), comment="the bytes it rests on; null: none were received"
    ),
    sa.Column("modified_moved", sa.Boolean(), comment="form 1 only, whose records do not say"),
    sa.Column("answer", sa.ForeignKey("bodies.id"), comment="form 1 only, whose records do not say: JSON"),
    sa.Column(
        "record", sa.ForeignKey("bodies.id"), nullable=False, comment="all that it claims: canonical JSON"
    ),
    sa.Column(
        "chain",
        sa.LargeBinary(32),
        nullable=False,
        comment="SHA-256 over the chain before and the record's digest",
    ),
    sa.UniqueConstraint("article_id", "number"),
    comment="revisions and state events in one chained order",
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("seq", sa.Integer(), primary_key=True),
    sa.Column("article_id", sa.ForeignKey("articles.id"), nullable=False),
    sa.Column(
        "number", sa.Integer(), nullable=False, comment="of the article's checks, from 1; a span's first"
    ),
    sa.Column(
        "id", sa.LargeBinary(16), nullable=False, comment="fixed before it is recorded; a span's first"
    ),
    sa.Column("at", sa.BigInteger(), nullable=False, comment="a span's first"),
    sa.Column("count", sa.Integer(), nullable=False, default=1, comment="checks in this span"),
    sa.Column("until", sa.BigInteger(), comment="a span's last; null: one check"),
    sa.Column("result", sa.String(), nullable=False),
    sa.Column("verdict", sa.String()),
    sa.Column("status", sa.SmallInteger()),
    sa.Column("error", sa.String(), comment="of a closed list"),
    sa.Column("detail", sa.Text(), comment="one sentence for people"),
    sa.Column("reasons", sa.JSON(none_as_null=True), comment="[sentence]; null: none"),
    sa.Column("ms", sa.Float(), nullable=False, comment="a span's mean"),
    sa.Column(
        "digest", sa.LargeBinary(32), comment="of the payload; null: none, or that of the revision it made"
    ),
    sa.Column("revision", sa.Integer(), comment="the revision it saw or made"),
    sa.Column(
        "seal", sa.LargeBinary(8), nullable=False, comment="first bytes of SHA-256 over all the others"
    ),
    sa.UniqueConstraint("article_id", "number"),
    comment="every attempt to look, also 'seen, unchanged'",
)

service = sa.Table(
    "service",
    metadata,
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
    comment="what the service notes of itself, such as when it was last alive",
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("ledger_seq", sa.ForeignKey("ledger.seq"), nullable=False, comment="what it is about"),
    sa.Column("channel", sa.String(), nullable=False),
    sa.Column("rules", sa.JSON(), nullable=False, comment="names of the rules that matched"),
    sa.Column("delivery_id", sa.ForeignKey("deliveries.id"), index=True, comment="null until composed"),
    sa.UniqueConstraint("ledger_seq", "channel"),
    comment="who should be told of what: a row in the transaction of its subject",
)

_NEW = (bodies, ledger, checks, service, alerts)
_OLD = ("alerts", "ledger", "events", "revisions", "snapshots", "checks", "bodies")
_OLD_INDICES = """ix_checks_article ix_snapshots_article_id ix_events_article_id ix_events_kind ix_events_revision_id
    ix_ledger_article_id ix_alerts_delivery_id"""


def upgrade() -> None:
    connection = op.get_bind()
    for index in _OLD_INDICES.split():
        op.drop_index(index)
    for name in _OLD:
        op.rename_table(name, f"old_{name}")
    metadata.create_all(connection, _NEW, checkfirst=False)
    kept = _bodies(connection)
    _ledger(connection, kept)
    _owners(connection)
    _checks(connection)
    op.execute("INSERT INTO alerts SELECT * FROM old_alerts")
    op.execute("UPDATE articles SET other_copy = substr(other_copy, 1, 32)")
    for name in _OLD:
        op.drop_table(f"old_{name}")


def _bodies(connection: sa.Connection) -> dict[str, int]:
    """The number that every body has now, by digest."""
    kept: dict[str, int] = {}
    for row in connection.execute(sa.text("SELECT digest, size, data FROM old_bodies ORDER BY rowid")):
        kept[row.digest] = _put(connection, bytes.fromhex(row.digest), row.size, row.data)
    return kept


def _put(connection: sa.Connection, digest: bytes, size: int, packed: bytes) -> int:
    row = {"digest": digest, "size": size, "data": packed}
    fixed = {"article_id": None, "shared": True, "codec": 0, "depth": 0}
    return int(connection.execute(bodies.insert().values(**row, **fixed).returning(bodies.c.id)).scalar_one())


def _put_form(connection: sa.Connection, kept: dict[str, int], form: object) -> int:
    data = _canonical(form)
    digest = sha256(data).hexdigest()
    if digest not in kept:
        kept[digest] = _put(connection, bytes.fromhex(digest), len(data), zlib.compress(data, 6))
    return kept[digest]


def _answers(connection: sa.Connection, kept: dict[str, int]) -> dict[int, dict[str, int]]:
    """The columns of every old snapshot: its body, and the rest of it as JSON."""
    columns: dict[int, dict[str, int]] = {}
    for row in connection.execute(sa.text("SELECT * FROM old_snapshots ORDER BY id")):
        answer = {
            "url": row.url,
            "final_url": row.final_url,
            "status": row.status,
            "headers": json.loads(row.headers),
            "redirects": json.loads(row.redirects),
            "fetched_at": _rfc3339(row.fetched_at),
        }
        columns[row.id] = {"payload": kept[row.body], "answer": _put_form(connection, kept, answer)}
    return columns


def _ledger(connection: sa.Connection, kept: dict[str, int]) -> None:
    rows = connection.execute(
        sa.text(
            "SELECT l.seq, l.digest AS hashed, l.chain, l.event_id, l.article_id AS owner, a.url, r.*,"
            " r.id AS revision_id, s.body AS payload, e.kind, e.severity AS event_severity, e.at AS event_at,"
            " e.not_seen_before AS event_before FROM old_ledger l JOIN articles a ON a.id = l.article_id"
            " LEFT JOIN old_revisions r ON r.id = l.revision_id LEFT JOIN old_snapshots s ON s.id = r.snapshot_id"
            " LEFT JOIN old_events e ON e.id = l.event_id ORDER BY l.seq"
        )
    )
    answers = _answers(connection, kept)
    for row in rows.mappings():
        facts = _facts(connection, row)
        form, columns = _revision(row, facts) if row["event_id"] is None else _state(connection, row, facts)
        extraction, snapshot = columns.pop("extraction", None), columns.pop("snapshot_id")
        values = {
            "seq": row["seq"],
            "article_id": row["owner"],
            "kinds": sum({1 << _KINDS.index(fact["kind"]) for fact in facts}),
            "text": None if extraction is None else kept[extraction],
            "record": _put_form(connection, kept, form),
            "chain": bytes.fromhex(row["chain"]),
            **answers.get(snapshot, {}),
            **columns,
        }
        connection.execute(ledger.insert().values(**values))


def _facts(connection: sa.Connection, row: Any) -> list[dict[str, Any]]:
    column, owner = (
        ("revision_id", row["revision_id"]) if row["event_id"] is None else ("id", row["event_id"])
    )
    query = sa.select(sa.text('kind, severity, old, new, place AS "where"')).select_from(
        sa.text("old_events")
    )
    found = connection.execute(query.where(sa.column(column) == owner).order_by(sa.text("old_events.id")))
    return [dict(fact) for fact in found.mappings()]


def _revision(row: Any, facts: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    form = {
        "article": row["url"],
        "revision": row["number"],
        "reason": row["reason"],
        "seen_at": _rfc3339(row["seen_at"]),
        "not_seen_before": _rfc3339(row["not_seen_before"]),
        "severity": row["severity"],
        "silent": bool(row["silent"]),
        "summary": row["summary"],
        "events": facts,
        "words": [row["words_added"], row["words_deleted"], row["words_kept"]],
        "extraction": row["extraction"],
        "payload": row["payload"],
    }
    columns = {
        "number": row["number"],
        "reason": row["reason"],
        "seen_at": _micros(row["seen_at"]),
        "severity": _SEVERITIES.get(row["severity"]),
        "headline": row["headline"],
        "text_digest": bytes.fromhex(row["text_digest"])[:16],
        "extraction": row["extraction"],
        "snapshot_id": row["snapshot_id"],
        "modified_moved": None if row["modified_moved"] is None else bool(row["modified_moved"]),
    }
    return form, columns


def _state(
    connection: sa.Connection, row: Any, facts: list[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A state event did not say which snapshot it rests on: it is the one whose digest was hashed."""
    form = {
        "article": row["url"],
        "revision": None,
        "reason": row["kind"],
        "seen_at": _rfc3339(row["event_at"]),
        "not_seen_before": _rfc3339(row["event_before"]),
        "severity": row["event_severity"],
        "silent": False,
        "summary": facts[0]["new"] or "" if facts else "",
        "events": facts,
        "words": [0, 0, 0],
        "extraction": None,
        "payload": None,
    }
    columns = {
        "number": None,
        "reason": row["kind"],
        "seen_at": _micros(row["event_at"]),
        "severity": _SEVERITIES[row["event_severity"]],
        "snapshot_id": None,
    }
    query = sa.text("SELECT id, body FROM old_snapshots WHERE article_id = :article")
    for snapshot in connection.execute(query, {"article": row["owner"]}):
        rested = form | {"payload": snapshot.body}
        if sha256(_canonical(rested)).hexdigest() == row["hashed"]:
            return rested, columns | {"snapshot_id": snapshot.id}
    return form, columns


def _owners(connection: sa.Connection) -> None:
    """A body belongs to the article whose entry was the first to refer to it; one to which no entry refers,
    as an answer that came to nothing, stays as it was put: nobody's."""
    owners: dict[int, list[int]] = {}
    pointing = sa.select(
        ledger.c.article_id, ledger.c.record, ledger.c.text, ledger.c.payload, ledger.c.answer
    )
    for article, *numbers in connection.execute(pointing.order_by(ledger.c.seq)):
        for number in filter(None, numbers):
            owners.setdefault(number, []).append(article)
    owned = sa.update(bodies).where(bodies.c.id == sa.bindparam("number"))
    for number, found in owners.items():
        several = len(set(found)) > 1
        connection.execute(owned, {"number": number, "article_id": found[0], "shared": several})


def _checks(connection: sa.Connection) -> None:
    numbers: defaultdict[int, int] = defaultdict(int)
    for row in connection.execute(sa.text("SELECT * FROM old_checks ORDER BY seq")).mappings():
        numbers[row["article_id"]] += 1
        said = {
            "article_id": row["article_id"],
            "number": numbers[row["article_id"]],
            "id": _hexadecimal(row["id"]),
            "at": _rfc3339(row["at"]),
            "count": 1,
            "until": None,
            **{key: row[key] for key in ("result", "verdict", "status", "error", "detail")},
            "reasons": json.loads(row["reasons"]) or None,
            "ms": row["ms"],
            "digest": row["digest"],
            "revision": row["revision"],
        }
        stored = {
            "seq": row["seq"],
            "id": bytes.fromhex(said["id"]),
            "at": _micros(row["at"]),
            "digest": None if row["digest"] is None else bytes.fromhex(row["digest"]),
            "seal": sha256(_canonical(said)).digest()[:8],
        }
        connection.execute(checks.insert().values(**(said | stored)))
    for article, number in numbers.items():
        known = {"article": article, "number": number}
        connection.execute(sa.text("UPDATE articles SET checks = :number WHERE id = :article"), known)


def _hexadecimal(name: str) -> str:
    """A check's id, 32 digits; one that somebody else made up is hashed."""
    return name if re.fullmatch("[0-9a-f]{32}", name) else sha256(name.encode()).hexdigest()[:32]


def _canonical(form: object) -> bytes:
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def _micros(stored: str) -> int:
    since = _moment(stored) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _rfc3339(stored: str | None) -> str | None:
    return None if stored is None else _moment(stored).isoformat().replace("+00:00", "Z")


_SEVERITIES = {"cosmetic": 1, "minor": 2, "substantive": 3, "critical": 4}
_KINDS = (
    "headline_changed standfirst_changed byline_changed dateline_changed number_changed quote_changed name_changed "
    "date_changed attribution_changed certainty_changed paragraph_added paragraph_removed paragraph_moved "
    "sentence_rewritten notice_added notice_changed notice_dropped stub_grew typo_fixed style_changed link_changed "
    "caption_changed image_changed live_posts_added headline_test reverted moved_url removed restored blocked "
    "unblocked stalled resumed alternated"
).split()
