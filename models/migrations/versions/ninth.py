"""Counts by month: of rules, and of calls that have been forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# What was counted before has no month; no quarter has this one.
BEFORE = "0000-00"


def upgrade() -> None:
    with op.batch_alter_table("rule_counts") as rules:
        rules.add_column(sa.Column("month", sa.String(length=7), nullable=False, server_default=BEFORE))
        rules.drop_constraint("pk_rule_counts", type_="primary")
        rules.create_primary_key("pk_rule_counts", ["site_id", "month", "rule"])
    op.create_table(
        "call_counts",
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("listened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_call_counts_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "month", name=op.f("pk_call_counts")),
    )
