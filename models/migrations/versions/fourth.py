"""The audit is a chain that can only grow: entries are added at its end, and go from its beginning after two years."""

import sqlalchemy as sa
from alembic import op

from models.audit import BEGINNING, Deed, next_entry
from models.tables import UtcDateTime

revision = "0004"
down_revision = "0003"

# INSERT OR REPLACE would delete without asking the trigger on DELETE; the one on INSERT comes before it.
SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER acts_only_grow_added BEFORE INSERT ON acts
    WHEN NEW.id IS NOT 1 + COALESCE((SELECT max(id) FROM acts), (SELECT max(number) FROM audit_anchors), 0)
    BEGIN SELECT RAISE(ABORT, 'acts_only_grow'); END
    """,
    """
    CREATE TRIGGER acts_only_grow_changed BEFORE UPDATE ON acts
    BEGIN SELECT RAISE(ABORT, 'acts_only_grow'); END
    """,
    """
    CREATE TRIGGER acts_only_grow_deleted BEFORE DELETE ON acts
    WHEN OLD.at > datetime('now', '-730 days') OR NOT EXISTS (SELECT 1 FROM audit_anchors WHERE number >= OLD.id)
    BEGIN SELECT RAISE(ABORT, 'acts_only_grow'); END
    """,
    """
    CREATE TRIGGER anchors_only_grow_added BEFORE INSERT ON audit_anchors
    WHEN EXISTS (SELECT 1 FROM audit_anchors WHERE number >= NEW.number)
    BEGIN SELECT RAISE(ABORT, 'anchors_only_grow'); END
    """,
    """
    CREATE TRIGGER anchors_only_grow_changed BEFORE UPDATE ON audit_anchors
    BEGIN SELECT RAISE(ABORT, 'anchors_only_grow'); END
    """,
    """
    CREATE TRIGGER anchors_only_grow_deleted BEFORE DELETE ON audit_anchors
    WHEN NOT EXISTS (SELECT 1 FROM audit_anchors WHERE number > OLD.number)
    BEGIN SELECT RAISE(ABORT, 'anchors_only_grow'); END
    """,
)
# Hours, because a day of the session's zone may have 23 or 25.
POSTGRES_TRIGGERS = (
    """
    CREATE FUNCTION acts_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.id = 1 + COALESCE((SELECT max(id) FROM acts), (SELECT max(number) FROM audit_anchors), 0) THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF OLD.at <= now() - interval '17520 hours'
                AND EXISTS (SELECT 1 FROM audit_anchors WHERE number >= OLD.id)
            THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'acts_only_grow' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE FUNCTION anchors_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NOT EXISTS (SELECT 1 FROM audit_anchors WHERE number >= NEW.number) THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF EXISTS (SELECT 1 FROM audit_anchors WHERE number > OLD.number) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'anchors_only_grow' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER acts_only_grow BEFORE INSERT OR UPDATE OR DELETE ON acts
    FOR EACH ROW EXECUTE FUNCTION acts_only_grow()
    """,
    """
    CREATE TRIGGER acts_are_not_emptied BEFORE TRUNCATE ON acts
    FOR EACH STATEMENT EXECUTE FUNCTION acts_only_grow()
    """,
    """
    CREATE TRIGGER anchors_only_grow BEFORE INSERT OR UPDATE OR DELETE ON audit_anchors
    FOR EACH ROW EXECUTE FUNCTION anchors_only_grow()
    """,
    """
    CREATE TRIGGER anchors_are_not_emptied BEFORE TRUNCATE ON audit_anchors
    FOR EACH STATEMENT EXECUTE FUNCTION anchors_only_grow()
    """,
)


def upgrade() -> None:
    _chain_what_is_there()
    op.create_table(
        "audit_anchors",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_anchors")),
    )
    for trigger in SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRES_TRIGGERS:
        op.execute(trigger)


def _chain_what_is_there() -> None:
    """Made anew, because numbers that had gaps get none."""
    old = sa.table(
        "acts", *(sa.column(name) for name in ("id", "who", "what", "about")), sa.column("at", UtcDateTime())
    )
    rows = op.get_bind().execute(sa.select(old.c.at, old.c.who, old.c.what, old.c.about).order_by(old.c.id)).all()
    op.drop_table("acts")
    acts = op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    chained, end = [], BEGINNING
    for row in rows:
        entry = next_entry(end, Deed(*row))
        end = entry.link
        chained.append({"id": entry.number, **row._mapping, "previous": entry.previous, "hash": entry.hash})  # noqa: SLF001  SQLAlchemy's public name
    op.bulk_insert(acts, chained)
