"""Leave and wishes as the coordinator notes them and takes them back."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from builders import NOON, SITE, a_shift_row, a_small_prison, a_welfare
from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.journey_store import Change, change_standing
from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import AbsenceKind, ListenerId, SiteId, Standing, StandingReason, WishKind
from rota.leave import leave_ahead, take_back_leave, take_leave
from rota.people import people_of
from rota.person import Span, WeeklyWish
from rota.wishes import take_back_wish, wish, wishes_of

DAY = timedelta(days=1)
ROBIN, WREN = ListenerId("listener-robin"), ListenerId("listener-wren")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        yield session


def a_wish(kind: WishKind = WishKind.NEVER, weekday: int | None = 4, at: int = 9) -> WeeklyWish:
    return WeeklyWish(kind=kind, weekday=weekday, starts=time(at), ends=time(14))


def test_leave_that_is_not_over_is_listed_the_soonest_first(session: Session) -> None:
    for days in (9, 2, -3):
        span = Span(NOON + days * DAY, NOON + (days + 1) * DAY)
        take_leave(session, ROBIN, AbsenceKind.LEAVE, span, now=NOON - 30 * DAY)
    take_leave(session, WREN, AbsenceKind.WORK, Span(NOON + DAY, NOON + 2 * DAY), now=NOON)

    assert [one.starts_at for one in leave_ahead(session, ROBIN, NOON)] == [NOON + 2 * DAY, NOON + 9 * DAY]


def test_leave_is_taken_back_once_and_nobody_elses(session: Session) -> None:
    take_leave(session, ROBIN, AbsenceKind.LEAVE, Span(NOON + DAY, NOON + 2 * DAY), now=NOON)
    (leave,) = leave_ahead(session, ROBIN, NOON)

    with pytest.raises(UnknownName):
        take_back_leave(session, WREN, leave.id)
    take_back_leave(session, ROBIN, leave.id)
    assert leave_ahead(session, ROBIN, NOON) == ()
    with pytest.raises(UnknownName):
        take_back_leave(session, ROBIN, leave.id)


def test_a_wish_is_what_the_rota_reads(session: Session) -> None:
    wish(session, ROBIN, a_wish())

    people = people_of(session, SiteId(SITE), before={}, new_since=NOON)
    assert {one.name: one.wishes for one in people} == {"robin": (a_wish(),), "wren": ()}


def test_wishes_stand_in_the_order_of_the_week_and_none_twice(session: Session) -> None:
    for one in (a_wish(weekday=6), a_wish(weekday=0, at=10), a_wish(weekday=None), a_wish(weekday=0)):
        wish(session, ROBIN, one)

    assert [(one.wish.weekday, one.wish.starts.hour) for one in wishes_of(session, ROBIN)] == [
        (None, 9),
        (0, 9),
        (0, 10),
        (6, 9),
    ]
    with pytest.raises(NotAllowed, match="it is noted already"):
        wish(session, ROBIN, a_wish(weekday=6))


def test_a_wish_is_taken_back_once_and_nobody_elses(session: Session) -> None:
    wish(session, ROBIN, a_wish())
    (known,) = wishes_of(session, ROBIN)

    with pytest.raises(UnknownName):
        take_back_wish(session, WREN, known.id)
    take_back_wish(session, ROBIN, known.id)
    assert wishes_of(session, ROBIN) == ()
    with pytest.raises(UnknownName):
        take_back_wish(session, ROBIN, known.id)


def test_a_change_that_counts_from_an_earlier_day_leaves_the_shifts_done_since(session: Session) -> None:
    session.add(a_shift_row(id="done", starts_at=NOON - 2 * DAY, ends_at=NOON - DAY))
    session.add(a_shift_row(id="ahead", starts_at=NOON + DAY, ends_at=NOON + 2 * DAY))
    session.flush()
    change = Change(became=Standing.SUSPENDED, why=StandingReason.WELFARE, who="ann", at=NOON - 5 * DAY)
    change_standing(session, ROBIN, change, a_welfare(), now=NOON)

    left = session.scalars(select(tables.Shift.id).where(tables.Shift.listener_id == ROBIN)).all()
    assert left == ["done"]
