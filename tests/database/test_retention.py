"""What is forgotten, and when, on both databases."""

from datetime import timedelta

from builders import NOON, SITE, a_call, a_cell, a_small_prison
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.retention import forget_what_is_due

LONG_AGO = NOON - timedelta(days=91)
LATELY = NOON - timedelta(days=89)


def count(session: Session, table: type[tables.Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def an_escalation(name: str, **changes: object) -> tables.Escalation:
    chosen: dict[str, object] = {
        "id": name,
        "site_id": SITE,
        "call_id": "call-old",
        "cause": "danger_now",
        "cell_id": "cell-A9",
        "protocol": {"steps": []},
        "raised_at": LONG_AGO,
        "acknowledged_by": "nurse",
        "closed_at": LONG_AGO,
    }
    return tables.Escalation(**chosen | changes)


def test_calls_go_after_90_days_and_not_before(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add(a_call("old", id="call-old", ended_at=LONG_AGO))
        session.add(a_call("new", id="call-new", ended_at=LATELY))
        session.add(a_call("open", id="call-open", ended_at=None))
        session.flush()
        forget_what_is_due(session, NOON)

        assert set(session.scalars(select(tables.Call.id))) == {"call-new", "call-open"}


def test_of_a_closed_escalation_kind_and_times_remain(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add_all((a_cell(9), a_call("old", id="call-old", ended_at=LONG_AGO)))
        session.flush()
        session.add(an_escalation("closed"))
        session.flush()
        forget_what_is_due(session, NOON)
        session.expire_all()
        kept = session.get_one(tables.Escalation, "closed")

        assert (kept.cause, kept.raised_at, kept.closed_at) == ("danger_now", LONG_AGO, LONG_AGO)
        ends = [column.key for column in tables.Escalation.__table__.columns if column.info["kept"] == tables.DAYS_90]
        assert [getattr(kept, name) for name in ends if getattr(kept, name)] == []
        assert count(session, tables.Call) == 0


def test_an_open_escalation_keeps_everything_however_old(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add_all((a_cell(9), a_call("old", id="call-old", ended_at=LONG_AGO)))
        session.flush()
        session.add(an_escalation("open", closed_at=None))
        session.flush()
        forget_what_is_due(session, NOON)
        session.expire_all()

        assert session.get_one(tables.Escalation, "open").cell_id == "cell-A9"
        assert count(session, tables.Call) == 1
