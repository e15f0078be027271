"""What is forgotten, and when, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from builders import NOON, SITE, a_call, a_cell, a_listener, a_shift_row, a_small_prison
from kept_world import TABLES, classes, one_row_of_everything, rows
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.database import Database
from models.overdue import PURGED, Overdue, is_due, last_purged, overdue, purge
from models.retention import forget_what_is_due
from models.words import Standing, StandingReason

LONG_AGO = NOON - timedelta(days=91)
LATELY = NOON - timedelta(days=89)
AGES_AGO = NOON - timedelta(days=800)


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


def an_escalated_call(session: Session, **changes: object) -> None:
    a_small_prison(session, "robin")
    session.add_all((a_cell(9), a_call("old", id="call-old", ended_at=LONG_AGO)))
    session.flush()
    session.add(an_escalation("one", **changes))
    session.flush()


def a_step(listener: str, became: Standing, days_ago: int) -> tables.StandingChange:
    return tables.StandingChange(
        listener_id=f"listener-{listener}",
        at=NOON - timedelta(days=days_ago),
        who="coordinator",
        why=StandingReason.RELEASED.value,
        was=None,
        became=became.value,
    )


def found(some: Sequence[Overdue]) -> set[tuple[str, str, str]]:
    return {(one.table, one.holds, one.kept) for one in some}


# ---- calls and escalations


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
        an_escalated_call(session)
        forget_what_is_due(session, NOON)
        session.expire_all()
        kept = session.get_one(tables.Escalation, "one")

        assert (kept.cause, kept.raised_at, kept.closed_at) == ("danger_now", LONG_AGO, LONG_AGO)
        ends = [column.key for column in tables.Escalation.__table__.columns if column.info["kept"] == tables.DAYS_90]
        assert [getattr(kept, name) for name in ends if getattr(kept, name)] == []
        assert count(session, tables.Call) == 0


def test_an_open_escalation_keeps_everything_however_old(database: Database) -> None:
    with database.transaction() as session:
        an_escalated_call(session, closed_at=None)
        forget_what_is_due(session, NOON)
        session.expire_all()

        assert session.get_one(tables.Escalation, "one").cell_id == "cell-A9"
        assert count(session, tables.Call) == 1
        assert overdue(session, NOON) == ()


def test_a_call_is_kept_as_long_as_its_escalation(database: Database) -> None:
    with database.transaction() as session:
        an_escalated_call(session, closed_at=LATELY)
        forget_what_is_due(session, NOON)
        assert count(session, tables.Call) == 1
        assert overdue(session, NOON) == ()

        forget_what_is_due(session, NOON + timedelta(days=2))
        assert count(session, tables.Call) == 0


def test_of_calls_that_went_a_count_of_their_month_remains(database: Database) -> None:
    # 23:30 in UTC on the last of April is May in Europe/London.
    times = [datetime(2026, 4, 30, 22, 30, tzinfo=UTC), datetime(2026, 4, 30, 23, 30, tzinfo=UTC), NOON]
    with database.transaction() as session:
        a_small_prison(session)
        for number, began in enumerate(times):
            session.add(a_call(str(number), began_at=began, ended_at=began, listening=number == 1))
    for _ in range(2):
        database.do(partial(forget_what_is_due, now=times[1] + timedelta(days=91)))

    with database.transaction() as session:
        counts = session.scalars(select(tables.CallCount).order_by(tables.CallCount.month))
        assert [(one.month, one.calls, one.listened) for one in counts] == [
            ("2026-03", 1, 0),
            ("2026-04", 1, 0),
            ("2026-05", 1, 1),
        ]


# ---- Listeners


def test_twelve_months_after_a_listener_left_nothing_of_theirs_is_kept(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        for name, days in (("robin", 366), ("wren", 364)):
            session.get_one(tables.Listener, f"listener-{name}").standing = Standing.LEFT.value
            session.add(a_step(name, Standing.LEFT, days))
        session.flush()
        forget_what_is_due(session, NOON)

        assert list(session.scalars(select(tables.Listener.id))) == ["listener-wren"]
        assert {one.listener_id for one in session.scalars(select(tables.Shift))} == {"listener-wren"}
        assert overdue(session, NOON) == ()


def test_who_came_back_is_kept(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session)
        session.add(a_listener("robin", standing=Standing.APPLIED.value))
        session.add(a_listener("wren", standing=Standing.LEFT.value))
        session.flush()
        session.add_all((a_step("robin", Standing.LEFT, 500), a_step("robin", Standing.APPLIED, 400)))
        session.add_all((a_step("wren", Standing.LEFT, 500), a_step("wren", Standing.LEFT, 300)))
        session.flush()

        assert forget_what_is_due(session, NOON) == {}
        assert overdue(session, NOON) == ()


def test_what_another_listener_needs_stays_without_whoever_left(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add(a_listener("wren", standing=Standing.LEFT.value))
        session.add(a_shift_row(id="shift-1", starts_at=LATELY, ends_at=LATELY + timedelta(hours=2)))
        session.flush()
        session.add(a_step("wren", Standing.LEFT, 400))
        session.add(
            tables.KeepApart(
                id="apart-1", listener_id="listener-robin", other_listener_id="listener-wren", restriction="WING",
                other="a-hash",
            )
        )  # fmt: skip
        session.add(
            tables.Swap(
                id="swap-1", shift_id="shift-1", asked_by="listener-robin", asked_at=LATELY,
                accepted_by="listener-wren", ended_at=LATELY,
            )
        )  # fmt: skip
        session.flush()
        forget_what_is_due(session, NOON)
        session.expire_all()

        assert session.get(tables.Listener, "listener-wren") is None
        assert session.get_one(tables.KeepApart, "apart-1").other_listener_id is None
        assert session.get_one(tables.Swap, "swap-1").accepted_by is None


# ---- every table and every column, also those that nobody has thought of yet


def test_what_is_younger_than_its_time_stays(database: Database) -> None:
    with database.transaction() as session:
        one_row_of_everything(session, LATELY)
        before = rows(session)
        forget_what_is_due(session, NOON)

        assert set(before.values()) == {1}
        assert rows(session) == before
        assert overdue(session, NOON) == ()


def test_what_is_older_than_its_time_goes_whatever_table_it_is_in(database: Database) -> None:
    with database.transaction() as session:
        one_row_of_everything(session, AGES_AGO)
        gone = forget_what_is_due(session, NOON)
        after = rows(session)

    timed = {table.name for table in TABLES if classes(table)}
    assert set(gone) == timed
    assert {name for name in timed if after[name]} == {"escalations"}
    assert {name for name in after if not after[name]} == timed - {"escalations"}


def test_the_proof_finds_every_class_of_every_table_that_was_not_forgotten(database: Database) -> None:
    with database.transaction() as session:
        one_row_of_everything(session, AGES_AGO)
        # Which Listeners were in a call is kept as long as the call; they would wait for it.
        for table in (tables.Offer, tables.Talk):
            session.execute(delete(table))
        late = overdue(session, NOON)

    everything = {one for table in TABLES for one in classes(table) if table.name not in {"offers", "talks"}}
    assert found(late) == everything
    assert {one.rows for one in late} == {1}


@pytest.mark.parametrize(
    "column",
    [one.name for one in tables.Escalation.__table__.columns if one.info["kept"] == tables.DAYS_90],
)
def test_the_proof_finds_a_column_that_a_purge_forgot(database: Database, column: str) -> None:
    with database.transaction() as session:
        an_escalated_call(session)
        forget_what_is_due(session, NOON)
        assert overdue(session, NOON) == ()
        session.add(a_call("old", id="call-old", ended_at=LATELY))
        session.flush()
        known = {"call_id": "call-old", "cell_id": "cell-A9"}
        structured = tables.Escalation.__table__.columns[column].type.python_type is dict
        left = {"steps": [1]} if structured else known.get(column, "x")
        session.execute(update(tables.Escalation).values({column: left}))

        (late,) = overdue(session, NOON)
        assert (late.table, late.kept, late.rows) == ("escalations", tables.DAYS_90, 1)


# ---- the whole of it


def test_a_purge_is_noted_in_the_audit_with_its_proof(database: Database) -> None:
    database.do(an_escalated_call)
    assert database.do(partial(is_due, now=NOON))

    done = purge(database, NOON)

    with database.transaction() as session:
        (entry,) = session.scalars(select(tables.Act).where(tables.Act.what == PURGED))
        assert (entry.who, entry.about, entry.at) == ("wingline", "2 gone, 0 overdue", NOON)
        assert done.gone == {"escalations": 1, "calls": 1}
        assert not is_due(session, NOON + timedelta(hours=23))
        assert is_due(session, NOON + timedelta(hours=24))


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=40)])
def test_a_purge_by_a_clock_that_was_ahead_does_not_put_off_the_next(database: Database, ahead: timedelta) -> None:
    purge(database, NOON + ahead)

    assert database.do(partial(is_due, now=NOON))


def test_nor_does_it_make_the_line_purge_each_hour(database: Database) -> None:
    purge(database, NOON + timedelta(days=40))
    purge(database, NOON)

    with database.transaction() as session:
        assert not is_due(session, NOON + timedelta(hours=23))
        assert is_due(session, NOON + timedelta(hours=24))


def test_what_has_yet_to_happen_is_not_the_last_purge(database: Database) -> None:
    yesterday = now() - timedelta(days=1)
    for at in (yesterday, now() + timedelta(days=40)):
        purge(database, at)

    assert database.do(last_purged) == yesterday


def test_after_a_purge_no_byte_of_sqlites_files_holds_what_went(database: Database) -> None:
    """Also what SQLite leaves behind where it splits a page, secure_delete or not."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's files are its administrator's")
    with database.transaction() as session:
        an_escalated_call(session)
    for number in range(600):
        with database.transaction() as session:
            name = f"{number * 7919 % 600:03}"
            old = number % 3 > 0
            session.add(a_call(f"{'GONE' if old else 'STAYS'}-{name}", ended_at=LONG_AGO if old else LATELY))
    assert b"GONE-" in _bytes(database)

    purge(database, NOON)

    assert b"GONE-" not in _bytes(database)
    assert b"STAYS-" in _bytes(database)


def _bytes(database: Database) -> bytes:
    file = database.url.removeprefix("sqlite:///")
    return b"".join(Path(file + end).read_bytes() for end in ("", "-wal"))
