"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _acts()
    _sites()
    _accounts()
    _calls()
    _wings()
    _cells()
    _escalations()
    _phones()
    _listeners()
    _tellings()
    _offers()
    _shifts()
    _talks()


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("short_code", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_accounts_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("listening", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_calls_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )


def _wings() -> None:
    op.create_table(
        "wings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("backup_wing_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["backup_wing_id"], ["wings.id"], name=op.f("fk_wings_backup_wing_id_wings")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_wings_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wings")),
    )


def _cells() -> None:
    op.create_table(
        "cells",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("wing_id", sa.String(length=40), nullable=False),
        sa.Column("location", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["wing_id"], ["wings.id"], name=op.f("fk_cells_wing_id_wings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cells")),
    )


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("danger", sa.String(length=24), nullable=True),
        sa.Column("cell_id", sa.String(length=40), nullable=True),
        sa.Column("protocol", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=60), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_escalations_call_id_calls")),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_escalations_cell_id_cells")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_escalations_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index(op.f("ix_escalations_due_at"), "escalations", ["due_at"], unique=False)


def _phones() -> None:
    op.create_table(
        "phones",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("secret", sa.String(length=40), nullable=False),
        sa.Column("cell_id", sa.String(length=40), nullable=True),
        sa.Column("post", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_phones_cell_id_cells")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_phones_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
    )


def _listeners() -> None:
    op.create_table(
        "listeners",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("wing_id", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.String(length=40), nullable=True),
        sa.Column("code_name", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("certified_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("experienced", sa.Boolean(), nullable=False),
        sa.Column("off_duty_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_debrief", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_listeners_phone_id_phones")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_listeners_site_id_sites")),
        sa.ForeignKeyConstraint(["wing_id"], ["wings.id"], name=op.f("fk_listeners_wing_id_wings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listeners")),
        sa.UniqueConstraint("phone_id", name=op.f("uq_listeners_phone_id")),
    )


def _tellings() -> None:
    op.create_table(
        "tellings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("escalation_id", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_tellings_escalation_id_escalations")
        ),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_tellings_phone_id_phones")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tellings")),
    )
    op.create_index(op.f("ix_tellings_escalation_id"), "tellings", ["escalation_id"], unique=False)
    op.create_index(
        "one_ring_a_staff_phone",
        "tellings",
        ["escalation_id", "phone_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("seat", sa.String(length=8), nullable=False),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_offers_call_id_calls")),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_offers_listener_id_listeners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_call_id"), "offers", ["call_id"], unique=False)
    op.create_index(
        "one_ring_a_listener", "offers", ["listener_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("cover", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_shifts_listener_id_listeners")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_shifts_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(op.f("ix_shifts_listener_id"), "shifts", ["listener_id"], unique=False)


def _talks() -> None:
    op.create_table(
        "talks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("seat", sa.String(length=8), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_talks_call_id_calls")),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_talks_listener_id_listeners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talks")),
    )
    op.create_index(
        "one_caller_a_listener", "talks", ["listener_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index(
        "one_listener_a_seat", "talks", ["call_id", "seat"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
