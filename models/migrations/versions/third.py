"""Listeners and rota, whole; and no Listener is on two shifts at once, whoever writes."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

OPEN = sa.text("ended_at IS NULL")

# SQLite has one writer at a time, so what the trigger sees is all there is.
SQLITE_TRIGGER = """
CREATE TRIGGER no_two_shifts_at_once_{when} BEFORE {what} ON shifts
WHEN EXISTS (
    SELECT 1 FROM shifts
    WHERE listener_id = NEW.listener_id AND id <> NEW.id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'no_two_shifts_at_once'); END
"""
# The lock makes two writers of the same Listener's shifts wait for each other; after it, all that is committed is seen.
# (An exclusion constraint would need btree_gist, which not every PostgreSQL has.)
POSTGRES_FUNCTION = """
CREATE FUNCTION no_two_shifts_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.listener_id, 3));
    IF EXISTS (
        SELECT 1 FROM shifts
        WHERE listener_id = NEW.listener_id AND id <> NEW.id AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    ) THEN
        RAISE EXCEPTION 'no_two_shifts_at_once' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END $$
"""
POSTGRES_TRIGGER = """
CREATE TRIGGER no_two_shifts_at_once BEFORE INSERT OR UPDATE ON shifts
FOR EACH ROW EXECUTE FUNCTION no_two_shifts_at_once()
"""


def upgrade() -> None:
    _apart_and_absent()
    _movements()
    _journeys()
    _wishes()
    _listeners_columns()
    _rotas_and_offers()
    _drafts_and_swaps()
    _no_two_shifts_at_once()


def _apart_and_absent() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_absences_listener_id_listeners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_listener_id"), "absences", ["listener_id"], unique=False)
    op.create_table(
        "keep_apart",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("other_listener_id", sa.String(length=40), nullable=True),
        sa.Column("cell_id", sa.String(length=40), nullable=True),
        sa.Column("restriction", sa.String(length=8), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_keep_apart_cell_id_cells")),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_keep_apart_listener_id_listeners")),
        sa.ForeignKeyConstraint(
            ["other_listener_id"], ["listeners.id"], name=op.f("fk_keep_apart_other_listener_id_listeners")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keep_apart")),
    )
    op.create_index(op.f("ix_keep_apart_listener_id"), "keep_apart", ["listener_id"], unique=False)
    op.create_index("one_rule_a_pair", "keep_apart", ["listener_id", "other"], unique=True)


def _movements() -> None:
    op.create_table(
        "movements",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cell_id", sa.String(length=40), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cells.id"], name=op.f("fk_movements_cell_id_cells")),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_movements_listener_id_listeners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
    )
    op.create_index(op.f("ix_movements_listener_id"), "movements", ["listener_id"], unique=False)


def _journeys() -> None:
    op.create_table(
        "standing_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("was", sa.String(length=12), nullable=True),
        sa.Column("became", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["listener_id"], ["listeners.id"], name=op.f("fk_standing_changes_listener_id_listeners")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_changes")),
    )
    op.create_index(op.f("ix_standing_changes_listener_id"), "standing_changes", ["listener_id"], unique=False)
    op.create_table(
        "trainings",
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("module", sa.String(length=24), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_trainings_listener_id_listeners")),
        sa.PrimaryKeyConstraint("listener_id", "module", name=op.f("pk_trainings")),
    )


def _wishes() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_wishes_listener_id_listeners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )
    op.create_index(op.f("ix_wishes_listener_id"), "wishes", ["listener_id"], unique=False)


def _listeners_columns() -> None:
    op.add_column("listeners", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("listeners", sa.Column("shadowed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("listeners", sa.Column("weekly_minutes", sa.Integer(), nullable=True))
    op.add_column("listeners", sa.Column("pin", sa.String(length=200), nullable=True))
    op.add_column("listeners", sa.Column("wrong_pins", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("listeners", sa.Column("calendar", sa.String(length=64), nullable=True))
    op.create_index("one_listener_a_calendar", "listeners", ["calendar"], unique=True)


def _rotas_and_offers() -> None:
    op.create_table(
        "rotas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rotas_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotas")),
    )
    op.create_table(
        "cover_offers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("rang_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_cover_offers_listener_id_listeners")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cover_offers_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_offers")),
    )
    op.create_index(
        "one_cover_ring_a_listener",
        "cover_offers",
        ["listener_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _drafts_and_swaps() -> None:
    op.create_table(
        "draft_shifts",
        sa.Column("rota_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column("listener_id", sa.String(length=40), nullable=False),
        sa.Column("cover", sa.String(length=8), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listener_id"], ["listeners.id"], name=op.f("fk_draft_shifts_listener_id_listeners")),
        sa.ForeignKeyConstraint(["rota_id"], ["rotas.id"], name=op.f("fk_draft_shifts_rota_id_rotas")),
        sa.PrimaryKeyConstraint("rota_id", "slot", "listener_id", name=op.f("pk_draft_shifts")),
    )
    op.create_table(
        "swaps",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("shift_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_by", sa.String(length=40), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end", sa.String(length=12), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["listeners.id"], name=op.f("fk_swaps_accepted_by_listeners")),
        sa.ForeignKeyConstraint(["asked_by"], ["listeners.id"], name=op.f("fk_swaps_asked_by_listeners")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_swaps_shift_id_shifts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    op.create_index("one_swap_a_shift", "swaps", ["shift_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.add_column("shifts", sa.Column("slot", sa.String(length=60), nullable=True))
    op.add_column("shifts", sa.Column("checked_in_at", UtcDateTime(), nullable=True))
    op.add_column("shifts", sa.Column("late_at", UtcDateTime(), nullable=True))


def _no_two_shifts_at_once() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER.format(when="new", what="INSERT"))
        op.execute(SQLITE_TRIGGER.format(when="changed", what="UPDATE"))
        return
    op.execute(POSTGRES_FUNCTION)
    op.execute(POSTGRES_TRIGGER)
