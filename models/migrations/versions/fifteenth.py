"""Which node of the line has a call, so that another one that lives leaves it alone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("calls", sa.Column("node_id", sa.String(length=40), nullable=True))
