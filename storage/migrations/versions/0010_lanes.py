"""A queue for the hosts that kept us waiting the last time, and one for all others: whoever looks for the next of
one kind does not go past the other."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index("ix_hosts_turn", "hosts")
    for name, kind in (("ix_hosts_turn", "troubles = 0"), ("ix_hosts_slow_turn", "troubles > 0")):
        where = sa.text(kind)
        op.create_index(name, "hosts", ["next_visit_at"], sqlite_where=where, postgresql_where=where)
