"""The switch with which the scheme's partner turns the listening of a whole site off."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "listening_switch",
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("off_since", UtcDateTime(), nullable=False),
        sa.Column("off_by", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_listening_switch_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_listening_switch")),
    )
