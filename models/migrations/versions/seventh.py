"""Profiles: versions and signatures."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0007"
down_revision = "0006"

PROPOSED = sa.text("in_force_from IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "profile_versions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("prison_signed_at", UtcDateTime(), nullable=True),
        sa.Column("prison_signed_by", sa.String(length=60), nullable=True),
        sa.Column("prison_signed_hash", sa.String(length=64), nullable=True),
        sa.Column("scheme_signed_at", UtcDateTime(), nullable=True),
        sa.Column("scheme_signed_by", sa.String(length=60), nullable=True),
        sa.Column("scheme_signed_hash", sa.String(length=64), nullable=True),
        sa.Column("in_force_from", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_profile_versions_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_versions")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_profile_versions_site_id")),
    )
    op.create_index(
        "one_proposal_a_site",
        "profile_versions",
        ["site_id"],
        unique=True,
        sqlite_where=PROPOSED,
        postgresql_where=PROPOSED,
    )
