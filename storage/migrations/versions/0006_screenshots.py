"""The picture of a page that was opened in a browser, kept beside what was received."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    picture = sa.Column("screenshot", _ID, comment="a body: how the page looked; null: there is no picture")
    op.add_column("ledger", picture)
