"""Several copies of one article, how each was read, and the blocks that a host repeats."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "host_blocks",
        sa.Column("host_id", ID, nullable=False),
        sa.Column("learnt", sa.JSON(), nullable=False, comment="{key: text} of the blocks it repeats"),
        sa.Column(
            "recent",
            sa.JSON(),
            nullable=False,
            comment="[[article, [key], taught]] of the last few articles",
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_host_blocks_host_id")),
        sa.PrimaryKeyConstraint("host_id", name=op.f("pk_host_blocks")),
        comment="boilerplate learnt from a host's own articles",
    )
    for column in _of_articles():
        op.add_column("articles", column)


def _of_articles() -> tuple[sa.Column[object], ...]:
    """What is put at the end of ``articles``; SQLite adds a column without touching a row."""
    moment = sa.DateTime(timezone=True)
    return (
        sa.Column("absent_since", moment, nullable=True, comment="first of those looks"),
        sa.Column(
            "locator",
            sa.Text(),
            nullable=True,
            comment="where the text stood at the last full reading; JSON",
        ),
        sa.Column(
            "read_as",
            sa.Text(),
            nullable=True,
            comment="extractor and arguments under which the latest revision stands",
        ),
        sa.Column(
            "returns",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="looks in a row at another copy of it, which does not count yet",
        ),
        sa.Column(
            "other_copy",
            sa.String(length=64),
            nullable=True,
            comment="text digest of that copy; older: it only dates itself older",
        ),
        sa.Column(
            "swings",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="how often its copies took turns",
        ),
        sa.Column("swings_since", moment, nullable=True, comment="first swing of the series"),
        sa.Column("swung_at", moment, nullable=True, comment="last swing"),
        sa.Column(
            "alternated_at",
            moment,
            nullable=True,
            comment="when that was told; null: it was not",
        ),
    )
