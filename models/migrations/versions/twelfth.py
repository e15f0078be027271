"""When a caller began to wait and went on to somebody else, how long a Listener rested, and published figures."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0012"
down_revision = "0011"

_CALL_TIMES = ("first_waiting_at", "outside_at", "duty_office_at")


def upgrade() -> None:
    for name in _CALL_TIMES:
        op.add_column("calls", sa.Column(name, UtcDateTime(), nullable=True))
    # Of what was there before, only the last time is known.
    op.execute("UPDATE calls SET first_waiting_at = waiting_since")
    op.add_column("talks", sa.Column("rest_until", UtcDateTime(), nullable=True))
    op.create_table(
        "published_figures",
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=13), nullable=False),
        sa.Column("figure", sa.String(length=16), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_published_figures_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "period", "figure", "part", "kind", name=op.f("pk_published_figures")),
    )
