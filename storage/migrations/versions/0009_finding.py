"""What a listing says from one look to the next, and the addresses by which an article is known."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "sources", sa.Column("note", sa.Text(), comment="one sentence on what is odd about what it lists")
    )
    op.add_column(
        "sources",
        sa.Column("memory", sa.Text(), comment="what discovery remembers from one look to the next; JSON"),
    )
    op.add_column(
        "articles", sa.Column("address", sa.String(), comment="where it is asked for; null: at its url")
    )
    op.add_column(
        "articles",
        sa.Column(
            "hinted_at", sa.DateTime(timezone=True), comment="when a listing last hinted that it changed"
        ),
    )
    op.create_table(
        "aliases",
        sa.Column(
            "key", sa.LargeBinary(16), nullable=False, comment="half the SHA-256 of what its addresses share"
        ),
        sa.Column("article_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_aliases_article_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_aliases")),
        comment="every address by which an article is known, twins for telephones and AMP being one",
    )
    op.create_index("ix_aliases_article_id", "aliases", ["article_id"])
