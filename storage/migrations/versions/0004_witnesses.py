"""Witnesses outside: pages that a public archive is asked to save, and stamps on the head of the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)
_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _witnesses()
    _stamps()


def _witnesses() -> None:
    op.create_table(
        "witnesses",
        sa.Column("id", _SEQ, nullable=False),
        sa.Column("ledger_seq", _SEQ, nullable=False, comment="the revision"),
        sa.Column("article_id", _SEQ, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="of the revision"),
        sa.Column("seen_at", _MOMENT, nullable=False, comment="the revision's first sight"),
        sa.Column("url", sa.String(), nullable=False, comment="the address that an archive is asked to save"),
        sa.Column("state", sa.String(), nullable=False, comment="pending, asked, kept or failed"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("next_try_at", _MOMENT, nullable=False),
        sa.Column(
            "attempts", sa.Integer(), nullable=False, comment="how often the archive was asked to save"
        ),
        sa.Column(
            "asked_at", _MOMENT, comment="when it was last asked to save: requests keep their distance"
        ),
        sa.Column("claimed_until", _MOMENT, comment="somebody asks now; the claim is void after this"),
        sa.Column("quiet_until", _MOMENT, comment="the archive wants to hear nothing at all before this"),
        sa.Column(
            "job", sa.String(), comment="what the archive calls its work; null: it has not taken it on"
        ),
        sa.Column("link", sa.String(), comment="where the archive keeps the page"),
        sa.Column("kept_at", _MOMENT, comment="when the archive saved it, by its own clock"),
        sa.Column("error", sa.Text(), comment="what the last attempt said"),
        sa.ForeignKeyConstraint(["ledger_seq"], ["ledger.seq"], name=op.f("fk_witnesses_ledger_seq")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_witnesses_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witnesses")),
        sa.UniqueConstraint("ledger_seq", name=op.f("uq_witnesses_ledger_seq")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_witnesses_article_id_number")),
        comment="revisions that a public archive is asked to save: a row in the transaction of the revision",
    )
    op.create_index("ix_witnesses_due", "witnesses", ["state", "next_try_at"])


def _stamps() -> None:
    op.create_table(
        "stamps",
        sa.Column("id", _SEQ, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False, comment="the chain that was stamped"),
        sa.Column("seq", _SEQ, nullable=False, comment="its entry in the ledger"),
        sa.Column("made_at", _MOMENT, nullable=False, comment="when it was asked for"),
        sa.Column("kind", sa.String(), nullable=False, comment="rfc3161"),
        sa.Column("token", sa.LargeBinary(), comment="the authority's answer, whole; null: there was none"),
        sa.Column("error", sa.Text(), comment="why there was none"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamps")),
        comment="outside proofs of when the chain had come so far",
    )
