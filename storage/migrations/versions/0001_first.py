"""The first schema: sources, hosts, articles, checks, snapshots, revisions, events, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bodies",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the plain bytes"),
        sa.Column("size", sa.Integer(), nullable=False, comment="plain bytes"),
        sa.Column("codec", sa.String(), nullable=False, comment="how data is packed"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bodies")),
        comment="bytes by digest, stored once",
    )
    op.create_table(
        "deliveries",
        sa.Column(
            "id", sa.String(length=36), nullable=False, comment="the delivery id that the receiver sees"
        ),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False, comment="fixed before it is first sent"),
        sa.Column("state", sa.String(), nullable=False, comment="pending, delivered or dead"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "claimed_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="somebody sends it now; the claim is void after this",
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="what the last attempt said"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        comment="messages, with content and id fixed",
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_try_at"], unique=False)
    op.create_table(
        "hosts",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False, comment="lower-case name, with a port not default"),
        sa.Column(
            "next_visit_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its turn comes; null: nothing to check there",
        ),
        sa.Column(
            "free_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="politeness: no request before this",
        ),
        sa.Column("claimed_by", sa.String(), nullable=True, comment="the worker that visits it now"),
        sa.Column(
            "claimed_until", sa.DateTime(timezone=True), nullable=True, comment="the claim is void after this"
        ),
        sa.Column(
            "robots", sa.Text(), nullable=True, comment="robots.txt as last read; null: none was read yet"
        ),
        sa.Column(
            "robots_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="read robots.txt again after this",
        ),
        sa.Column("troubles", sa.Integer(), nullable=False, comment="refusals in a row, for back-off"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("name", name=op.f("uq_hosts_name")),
        comment="politeness belongs to the host",
    )
    op.create_index("ix_hosts_turn", "hosts", ["next_visit_at"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False, comment="as the user calls it"),
        sa.Column("kind", sa.String(), nullable=False, comment="page, feed or folder"),
        sa.Column("url", sa.String(), nullable=False, comment="address, or the folder's absolute path"),
        sa.Column("origin", sa.String(), nullable=False, comment="config or cli: who put it on the list"),
        sa.Column("paused", sa.Boolean(), nullable=False, comment="paused by the user"),
        sa.Column("listed", sa.Boolean(), nullable=False, comment="false once it left the config file"),
        sa.Column(
            "next_discovery_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when to look for articles again",
        ),
        sa.Column(
            "last_ok_at", sa.DateTime(timezone=True), nullable=True, comment="last discovery that worked"
        ),
        sa.Column(
            "last_error", sa.Text(), nullable=True, comment="one sentence, while discovery does not work"
        ),
        sa.Column("etag", sa.String(), nullable=True, comment="validator of the last usable answer"),
        sa.Column("last_modified", sa.String(), nullable=True, comment="validator of the last usable answer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
        comment="what the user configures",
    )
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("url", sa.String(), nullable=False, comment="the canonical URL: its identity"),
        sa.Column("source_id", ID, nullable=False, comment="who found it first"),
        sa.Column("host_id", ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False, comment="watched, blocked, removed or stalled"),
        sa.Column("paused", sa.Boolean(), nullable=False, comment="paused by the user"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="due-ness is this column, not a job",
        ),
        sa.Column("last_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last check that saw its latest revision",
        ),
        sa.Column(
            "last_change_at", sa.DateTime(timezone=True), nullable=True, comment="last revision's first sight"
        ),
        sa.Column("etag", sa.String(), nullable=True, comment="validator, from an ARTICLE only"),
        sa.Column("last_modified", sa.String(), nullable=True, comment="validator, from an ARTICLE only"),
        sa.Column("troubles", sa.Integer(), nullable=False, comment="failed or withheld checks in a row"),
        sa.Column("doubts", sa.Integer(), nullable=False, comment="suspect looks in a row"),
        sa.Column("absences", sa.Integer(), nullable=False, comment="looks in a row that say it is gone"),
        sa.Column("headline", sa.Text(), nullable=True, comment="of the latest revision"),
        sa.Column("revisions", sa.Integer(), nullable=False, comment="number of the latest revision"),
        sa.Column("checks", sa.Integer(), nullable=False, comment="how often it was looked at"),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_articles_host_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_articles_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url", name=op.f("uq_articles_url")),
        comment="one story at one outlet",
    )
    op.create_index("ix_articles_due", "articles", ["host_id", "next_check_at"], unique=False)
    op.create_index(op.f("ix_articles_source_id"), "articles", ["source_id"], unique=False)
    op.create_table(
        "checks",
        sa.Column("seq", ID, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False, comment="fixed before it is recorded"),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True, comment="of a closed list"),
        sa.Column("detail", sa.Text(), nullable=True, comment="one sentence for people"),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True, comment="of the payload"),
        sa.Column("revision", sa.Integer(), nullable=True, comment="the revision it saw or made"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_checks_article_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_checks")),
        sa.UniqueConstraint("id", name=op.f("uq_checks_id")),
        comment="every attempt to look, also 'seen, unchanged'",
    )
    op.create_index("ix_checks_article", "checks", ["article_id", "seq"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.String(), nullable=False, comment="asked for"),
        sa.Column("final_url", sa.String(), nullable=False, comment="answered, after redirects"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False, comment="[[name, value]] in the order received"),
        sa.Column("redirects", sa.JSON(), nullable=False, comment="[[status, url]] in the order followed"),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_snapshots_article_id")),
        sa.ForeignKeyConstraint(["body"], ["bodies.digest"], name=op.f("fk_snapshots_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        comment="what the server sent: immutable",
    )
    op.create_index(op.f("ix_snapshots_article_id"), "snapshots", ["article_id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column(
            "reason", sa.String(), nullable=False, comment="first, edit, revert, baseline or extractor"
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="first sight"),
        sa.Column(
            "not_seen_before",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="last check that still saw the one before",
        ),
        sa.Column("snapshot_id", ID, nullable=True, comment="null for a baseline from a file"),
        sa.Column("extraction", sa.String(length=64), nullable=False, comment="canonical JSON"),
        sa.Column("extractor", sa.String(), nullable=False, comment="name/version of what read it"),
        sa.Column(
            "text_digest", sa.String(length=64), nullable=False, comment="headline and text, spaces folded"
        ),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("severity", sa.String(), nullable=True, comment="null for the first"),
        sa.Column("notice_changed", sa.Boolean(), nullable=False),
        sa.Column(
            "modified_moved", sa.Boolean(), nullable=True, comment="null: the outlet gives no modified time"
        ),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("words_added", sa.Integer(), nullable=False),
        sa.Column("words_deleted", sa.Integer(), nullable=False),
        sa.Column("words_kept", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id")),
        sa.ForeignKeyConstraint(["extraction"], ["bodies.digest"], name=op.f("fk_revisions_extraction")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_revisions_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_revisions_article_id_number")),
        comment="an extraction that differs from the one before it",
    )
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=True, comment="null: about a state"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "not_seen_before",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="state events: last sight of the former state",
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("place", sa.String(), nullable=False, comment="where in the article"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_events_article_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_events_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="typed facts about revisions and states",
    )
    op.create_index(op.f("ix_events_article_id"), "events", ["article_id"], unique=False)
    op.create_index(op.f("ix_events_kind"), "events", ["kind"], unique=False)
    op.create_index(op.f("ix_events_revision_id"), "events", ["revision_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("seq", ID, nullable=False, comment="the order of the log"),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=True),
        sa.Column("event_id", ID, nullable=True, comment="a state event"),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the record's canonical JSON"
        ),
        sa.Column(
            "chain",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 over the chain before and the digest",
        ),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_ledger_article_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_ledger_event_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_ledger_revision_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
        sa.UniqueConstraint("event_id", name=op.f("uq_ledger_event_id")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_ledger_revision_id")),
        comment="revisions and state events in one chained order",
    )
    op.create_index(op.f("ix_ledger_article_id"), "ledger", ["article_id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("ledger_seq", ID, nullable=False, comment="what it is about"),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False, comment="names of the rules that matched"),
        sa.Column("delivery_id", sa.String(length=36), nullable=True, comment="null until composed"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_alerts_delivery_id")),
        sa.ForeignKeyConstraint(["ledger_seq"], ["ledger.seq"], name=op.f("fk_alerts_ledger_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("ledger_seq", "channel", name=op.f("uq_alerts_ledger_seq_channel")),
        comment="who should be told of what: a row in the transaction of its subject",
    )
    op.create_index(op.f("ix_alerts_delivery_id"), "alerts", ["delivery_id"], unique=False)
