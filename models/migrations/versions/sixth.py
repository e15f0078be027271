"""Escalations, whole: acknowledgements by post, clocks until somebody has spoken, and the nodes that ring."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0006"
down_revision = "0005"

# What an escalation that was raised by the release before does not say in its protocol.
CLOSED_WITHIN = 3600


def upgrade() -> None:
    for column in (
        sa.Column("profile", sa.String(length=60), nullable=True),
        sa.Column("prison_number", sa.String(length=12), nullable=True),
        sa.Column("preferred_name", sa.String(length=40), nullable=True),
        sa.Column("condition", sa.String(length=16), nullable=True),
        sa.Column("deciding", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("step_ends_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_posts", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("at_door_at", UtcDateTime(), nullable=True),
        sa.Column("at_door_by", sa.String(length=60), nullable=True),
        sa.Column("spoken_at", UtcDateTime(), nullable=True),
        sa.Column("spoken_by", sa.String(length=60), nullable=True),
    ):
        op.add_column("escalations", column)
    op.add_column("tellings", sa.Column("node_id", sa.String(length=40), nullable=True))
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
    )
    _open_ones_go_on()


def _open_ones_go_on() -> None:
    rows = sa.table(
        "escalations",
        sa.column("id", sa.String()),
        sa.column("protocol", sa.JSON()),
        sa.column("due_at", UtcDateTime()),
        sa.column("step_ends_at", UtcDateTime()),
        sa.column("closed_at", UtcDateTime()),
    )
    connection = op.get_bind()
    still_open = sa.select(rows.c.id, rows.c.protocol, rows.c.due_at).where(rows.c.closed_at.is_(None))
    for row in connection.execute(still_open).all():
        clocks = {"door_within": row.protocol["spoken_within"], "closed_within": CLOSED_WITHIN, "tells": ["location"]}
        changed = {"protocol": {**row.protocol, **clocks}, "step_ends_at": row.due_at}
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(changed))
