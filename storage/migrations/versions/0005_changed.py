"""An index of articles by their last change: a page of them costs the same however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    changed = sa.text("coalesce(last_change_at, found_at)")
    op.create_index("ix_articles_changed", "articles", [changed, "id"])
