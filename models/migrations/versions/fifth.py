"""Tokens for other systems."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0005"
down_revision = "0004"

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_tokens_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    op.create_index("one_token_a_hash", "tokens", ["hash"], unique=True)
    op.create_index(
        "one_token_a_name", "tokens", ["site_id", "name"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
