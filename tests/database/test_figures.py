"""Figures on both databases: what is read of calls, talks, rings and shifts, and that it is published once."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

import figures_year
import pytest
from builders import SITE, a_call, a_shift_row
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from console.figures import store
from console.figures.banding import Figures
from console.figures.forecast import Target
from console.figures.measures import CallSeen, Ending, RingSeen, Seen, ending_of
from console.figures.periods import BadPeriod, Period
from console.figures.publishing import publish_due
from console.figures.reading import NothingPublished, reading_of, rows_of
from escalation.suppression import ALL
from ivr.store import note_stage, open_call
from listeners.store import claim, leave, offer
from models import tables
from models.database import Database
from models.retention import forget_what_is_due
from models.words import CallId, CallStage, Language, ListenerId, OfferEnd, Seat, SiteId

PRISON = SiteId(SITE)
MONDAY = date(2026, 1, 5)
WEEK = Period(MONDAY, 1)
SINCE, UNTIL = WEEK.span(figures_year.ZONE)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DUE = UNTIL + DAY
TARGET = Target(30, 80)


@pytest.fixture(autouse=True)
def prison(database: Database) -> None:
    database.do(figures_year.a_prison)


def seen(database: Database) -> Seen:
    found = database.do(partial(store.seen_in, site=PRISON, since=SINCE, until=UNTIL))
    assert found is not None
    return found


def publish(database: Database, now: datetime = DUE) -> list[str]:
    return [str(one) for one in asyncio.run(publish_due(database, PRISON, now))]


def published(database: Database, *periods: Period) -> Mapping[Period, Figures]:
    return database.do(lambda session: store.figures_of(session, PRISON, periods))


# ---- what is read


def test_a_call_as_the_line_writes_it(database: Database) -> None:
    """Waited, was taken, asked for another, went outside and to the duty office: its first wait is what counts."""
    call, robin = CallId("call-one"), ListenerId("listener-bird-0")
    stages = [
        (CallStage.WAITING, 1), (CallStage.TALKING, 2), (CallStage.WAITING, 5), (CallStage.OUTSIDE, 6),
        (CallStage.DUTY_OFFICE, 7), (CallStage.ENDED, 9),
    ]  # fmt: skip

    def live(session: Session) -> None:
        open_call(session, call, site=PRISON, language=Language("en"), now=SINCE)
        for stage, minute in stages:
            if stage is CallStage.TALKING:
                rung = offer(session, call, listener=robin, seat=Seat.FIRST, now=SINCE + MINUTE)
                assert rung
                assert claim(session, rung, now=SINCE + 2 * MINUTE)
                leave(session, call, listener=robin, now=SINCE + 4 * MINUTE, rest=15 * MINUTE)
            note_stage(session, call, stage, now=SINCE + minute * MINUTE)

    database.do(live)
    found = seen(database)

    assert found.calls == (
        CallSeen(
            began_at=SINCE, ended_at=SINCE + 9 * MINUTE, waited_from=SINCE + MINUTE, answered_at=SINCE + 2 * MINUTE,
            outside_at=SINCE + 6 * MINUTE, duty_office_at=SINCE + 7 * MINUTE,
        ),
    )  # fmt: skip
    assert [(one.ended_at, one.rest_until) for one in found.talks] == [(SINCE + 4 * MINUTE, SINCE + 19 * MINUTE)]
    assert found.rings == (RingSeen(SINCE + MINUTE, OfferEnd.TAKEN),)


def test_a_rest_that_was_asked_for_before_is_the_rest_after_a_talk(database: Database) -> None:
    def live(session: Session) -> datetime | None:
        session.add(a_call(began_at=SINCE, first_waiting_at=SINCE))
        session.execute(update(tables.Listener).values(resting_until=SINCE + HOUR))
        session.flush()
        robin = ListenerId("listener-bird-0")
        rung = offer(session, CallId("call-one"), listener=robin, seat=Seat.FIRST, now=SINCE)
        assert rung
        claim(session, rung, now=SINCE)
        leave(session, CallId("call-one"), listener=robin, now=SINCE + MINUTE, rest=MINUTE)
        return session.scalar(select(tables.Talk.rest_until))

    assert database.do(live) == SINCE + HOUR


def test_calls_are_those_that_began_in_the_week_and_shifts_those_that_touch_it(database: Database) -> None:
    def rows(session: Session) -> None:
        for name, began in (("before", SINCE - SECOND), ("first", SINCE), ("last", UNTIL - SECOND), ("after", UNTIL)):
            session.add(a_call(name, began_at=began, ended_at=began + MINUTE, first_waiting_at=began))
        session.add(a_shift_row("bird-1", starts_at=SINCE - HOUR, ends_at=SINCE + HOUR))
        session.add(a_shift_row("bird-2", starts_at=UNTIL, ends_at=UNTIL + HOUR))

    database.do(rows)
    found = seen(database)

    assert [one.began_at for one in found.calls] == [SINCE, UNTIL - SECOND]
    assert [one.listener for one in found.shifts] == ["listener-bird-1"]
    assert {ending_of(one) for one in found.calls} == {Ending.ABANDONED}


# ---- what is published


def test_a_week_is_published_a_day_after_it_is_over_and_once(database: Database) -> None:
    database.do(lambda session: figures_year.days_of_calls(session, MONDAY, 7))

    assert publish(database, DUE - SECOND) == []
    assert publish(database) == [str(WEEK)]
    before = published(database, WEEK)
    late = {"began_at": SINCE, "first_waiting_at": SINCE, "ended_at": DUE}
    database.do(lambda session: session.add_all(a_call(f"late-{number}", **late) for number in range(9)))
    assert publish(database, DUE + HOUR) == []
    assert published(database, WEEK) == before


def test_what_another_node_published_stays(database: Database) -> None:
    mine: Figures = {("endings", ALL, ALL): 7}
    database.do(lambda session: store.keep(session, PRISON, WEEK, mine))
    database.do(lambda session: store.keep(session, PRISON, WEEK, {("endings", ALL, ALL): 9}))

    assert published(database, WEEK) == {WEEK: mine}


def test_a_week_with_a_call_that_goes_on_waits_for_its_end(database: Database) -> None:
    database.do(lambda session: figures_year.days_of_calls(session, MONDAY, 7))
    database.do(lambda session: session.add(a_call("long", began_at=SINCE)))

    assert publish(database) == []
    database.do(lambda session: session.execute(update(tables.Call).values(ended_at=DUE)))
    assert publish(database) == [str(WEEK)]


def test_before_there_was_a_line_there_is_nothing(database: Database) -> None:
    assert publish(database) == []
    with pytest.raises(NothingPublished, match="a day after the first week is over"):
        database.do(lambda session: rows_of(session, PRISON, None))


def test_four_weeks_are_published_when_each_of_them_was(database: Database) -> None:
    """The line begins in the second of four; the next four are whole."""
    first = date(2026, 1, 26)
    assert Period(first, 4).cut(1)
    database.do(lambda session: figures_year.days_of_calls(session, first + 7 * DAY, 49))
    end = Period(first + 28 * DAY, 4).span(figures_year.ZONE)[1] + DAY

    found = publish(database, end)

    assert [name for name in found if name.endswith(".4")] == [str(Period(first + 28 * DAY, 4))]
    assert len(found) == 7 + 1


def test_what_is_published_outlives_the_calls(database: Database) -> None:
    database.do(lambda session: figures_year.days_of_calls(session, MONDAY, 7))
    publish(database)
    before = published(database, WEEK)
    database.do(lambda session: forget_what_is_due(session, UNTIL + 91 * DAY))

    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(tables.Call)) == 0
        shown = reading_of(rows_of(session, PRISON, str(WEEK)), TARGET).shown
    assert published(database, WEEK) == before
    assert shown.figures == before[WEEK]


def test_a_period_that_is_not_published_is_no_period(database: Database) -> None:
    database.do(lambda session: figures_year.days_of_calls(session, MONDAY, 7))
    publish(database)

    with pytest.raises(BadPeriod):
        database.do(lambda session: rows_of(session, PRISON, str(Period(MONDAY + 7 * DAY, 1))))


def test_the_counts_of_four_weeks_are_those_of_the_rows(database: Database) -> None:
    four = Period(date(2026, 1, 26), 4)
    database.do(lambda session: figures_year.days_of_calls(session, four.first, 28, calls_a_day=30))
    publish(database, four.span(figures_year.ZONE)[1] + DAY)
    figures = published(database, four)[four]

    with database.transaction() as session:
        calls = session.scalar(select(func.count()).select_from(tables.Call))
        talks = session.scalar(select(func.count()).select_from(tables.Talk))
        listened = session.scalar(select(func.count()).select_from(tables.Call).where(tables.Call.listening))
    assert figures["endings", ALL, ALL] == calls
    assert figures["endings", ALL, Ending.ANSWERED] == talks
    assert figures["consent", ALL, "yes"] == listened
