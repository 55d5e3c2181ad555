"""What is believed of an article's revisions to come, and known of those of its host."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    habits = "what is known of its articles' revisions; float32s"
    op.add_column("hosts", sa.Column("habits", sa.LargeBinary(), comment=habits))
    for column in (
        sa.Column("belief", sa.LargeBinary(), comment="what is believed of its revisions to come; float32s"),
        sa.Column("believed_at", moment, comment="the look that this was believed after"),
        sa.Column(
            "aged_from", moment, comment="its age counts from here: its publication, as far as we know"
        ),
    ):
        op.add_column("articles", column)
