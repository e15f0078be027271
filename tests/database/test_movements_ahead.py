"""Which movements count now or will, and taking one back."""

from datetime import timedelta

import pytest
from builders import NOON, SITE, a_prison_of_cells, a_shift_row
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from listeners.movements import Movement, Source
from listeners.movements_ahead import movements_ahead, take_back
from listeners.movements_store import away_now, record
from models import tables
from models.database import Database
from models.errors import UnknownName
from models.words import CellId, ListenerId, MovementKind, SiteId, Standing

PRISON = SiteId(SITE)
HOUR = timedelta(hours=1)
ROBIN = ListenerId("listener-robin")


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(lambda session: a_prison_of_cells(session, robin="A1", wren="A2"))
    return database


def told(session: Session, kind: MovementKind, since: float, source: Source = Source.CSV, **changes: object) -> None:
    """``since``: in so many hours."""
    chosen = {"listener": ROBIN, "kind": kind, "since": NOON + since * HOUR} | changes
    record(session, PRISON, Movement(**chosen), source=source, now=NOON)  # type: ignore[arg-type]  # a test's own


def seen(session: Session) -> list[tuple[str, float, float | None, str]]:
    """Kind, from and until in hours, and where to."""
    return [
        (
            one.kind.value,
            (one.since - NOON) / HOUR,
            None if one.until is None else (one.until - NOON) / HOUR,
            one.location,
        )
        for one in movements_ahead(session, PRISON, NOON)
    ]


def test_who_is_away_or_will_be_is_listed_and_what_is_over_is_not(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.HOSPITAL, 5)
        told(session, MovementKind.COURT, -1, until=NOON + HOUR)
        told(session, MovementKind.COURT, -9, until=NOON - HOUR)

        assert seen(session) == [("court", -1, 1, ""), ("hospital", 5, None, "")]


def test_a_return_ends_what_it_ends_and_is_listed_while_it_is_expected(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.COURT, -9)
        told(session, MovementKind.RETURNED, -8)
        told(session, MovementKind.HOSPITAL, -2)
        told(session, MovementKind.RETURNED, 3)

        assert seen(session) == [("hospital", -2, 3, ""), ("returned", 3, None, "")]


def test_a_return_from_hospital_leaves_a_constant_watch_in_the_list_and_a_second_one_ends_it(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.CONSTANT_WATCH, -9)
        told(session, MovementKind.HOSPITAL, -8)
        told(session, MovementKind.RETURNED, -2)
        assert seen(session) == [("constant_watch", -9, None, "")]

        told(session, MovementKind.RETURNED, 3)
        assert seen(session) == [("constant_watch", -9, 3, ""), ("returned", 3, None, "")]


def test_a_cell_move_is_listed_until_it_is_made(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.CELL_MOVE, -1, cell=CellId("cell-B1"))
        told(session, MovementKind.CELL_MOVE, 4, cell=CellId("cell-B2"))

        assert seen(session) == [("cell_move", 4, None, "B-1-002")]


def test_a_cell_move_that_waits_for_the_phone_is_listed(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.CELL_MOVE, -1, cell=CellId("cell-B1"))
        taken = update(tables.Listener).where(tables.Listener.id == "listener-wren")
        session.execute(update(tables.Listener).where(tables.Listener.id == ROBIN).values(phone_id="phone-A1"))
        session.execute(taken.values(phone_id="phone-B1"))

        assert seen(session) == [("cell_move", -1, None, "B-1-001")]


def test_the_same_movement_from_two_sources_is_one_and_lasts_for_the_longer(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.COURT, -1, until=NOON + 5 * HOUR)
        told(session, MovementKind.COURT, -1, Source.CONSOLE, until=NOON + 2 * HOUR)

        assert seen(session) == [("court", -1, 5, "")]


def test_of_who_has_left_the_scheme_nothing_is_listed(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.RELEASE, -1)
        session.execute(update(tables.Listener).where(tables.Listener.id == ROBIN).values(standing=Standing.LEFT.value))

        assert seen(session) == []


def test_what_is_taken_back_never_was_whoever_told_of_it(prison: Database) -> None:
    with prison.transaction() as session:
        session.add(a_shift_row("robin", id="mine"))
        session.flush()
        told(session, MovementKind.COURT, -1)
        told(session, MovementKind.COURT, -1, Source.API)
        (ahead,) = movements_ahead(session, PRISON, NOON)

        take_back(session, PRISON, ahead.id, NOON)
        assert away_now(session, PRISON, NOON) == frozenset()
        assert session.scalar(select(func.count()).select_from(tables.Movement)) == 0
        # Somebody else may have been given it by then.
        assert session.get(tables.Shift, "mine") is None


def test_without_the_return_that_was_expected_later_shifts_are_freed(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.HOSPITAL, -1)
        told(session, MovementKind.RETURNED, 3)
        session.add(a_shift_row("robin", id="later", starts_at=NOON + 4 * HOUR, ends_at=NOON + 6 * HOUR))
        session.flush()
        expected = next(one for one in movements_ahead(session, PRISON, NOON) if one.kind is MovementKind.RETURNED)

        effect = take_back(session, PRISON, expected.id, NOON)
        assert [one.id for one in effect.freed] == ["later"]


def test_what_is_over_another_sites_or_taken_back_already_cannot_be_taken_back(prison: Database) -> None:
    with prison.transaction() as session:
        told(session, MovementKind.COURT, -9, until=NOON - HOUR)
        told(session, MovementKind.COURT, 1)
        over = session.scalars(select(tables.Movement.id).where(tables.Movement.until.is_not(None))).one()
        (ahead,) = movements_ahead(session, PRISON, NOON)

        for site, movement in ((PRISON, over), (SiteId("site-other"), ahead.id), (PRISON, "movement-none")):
            with pytest.raises(UnknownName):
                take_back(session, site, movement, NOON)
        take_back(session, PRISON, ahead.id, NOON)
        with pytest.raises(UnknownName):
            take_back(session, PRISON, ahead.id, NOON)
