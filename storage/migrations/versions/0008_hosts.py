"""How each host takes our visits, and which validators are sent to it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for column in _of_hosts():
        op.add_column("hosts", column)
    op.add_column(
        "articles",
        sa.Column(
            "outdated",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="its validators name an earlier text: a 304 to them is a lie",
        ),
    )


def _of_hosts() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(
            "requests", sa.Integer(), nullable=False, server_default="0", comment="how many were ever made"
        ),
        sa.Column(
            "setbacks",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="blocks and errors in a row, whichever article they met",
        ),
        sa.Column("waits", sa.String(), nullable=True, comment="why there is no request before free_at"),
        sa.Column(
            "crawl_delay",
            sa.Float(),
            nullable=True,
            comment="seconds that robots.txt asks for between requests",
        ),
        sa.Column(
            "distrusted_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its validators lied: nothing conditional is sent before this",
        ),
        sa.Column(
            "recent",
            sa.String(),
            nullable=False,
            server_default="",
            comment="the last 100 looks, two characters each: how it went, how late it was",
        ),
    )
