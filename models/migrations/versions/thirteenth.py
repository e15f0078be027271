"""What the console has changed on the rota, so that it can be taken back; and what a draft was to favour."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("rotas", sa.Column("favours", sa.String(length=16), nullable=True))
    op.create_table(
        "seat_changes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("put_in", sa.Boolean(), nullable=False),
        sa.Column("cover", sa.String(length=8), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_seat_changes_listener_id_listeners")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_seat_changes_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_changes")),
    )
    op.create_index(op.f("ix_seat_changes_act"), "seat_changes", ["act"], unique=False)
    op.create_index(op.f("ix_seat_changes_listener_id"), "seat_changes", ["listener_id"], unique=False)
