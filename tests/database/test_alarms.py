"""Alarms about the line itself: written once, told once, at rest when they are over, and never before a life."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import NOON, SITE
from escalation_world import (
    COORDINATOR,
    OFFICE,
    ORDERLY,
    PROFILE,
    TECHNICIAN,
    WARD,
    World,
    a_line,
    a_staffed_prison,
    after,
    ends,
    raising,
    the_row,
)
from races import at_once
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from escalation.alarms import AGAIN_AFTER, Change, Heard, take, tell
from escalation.case import Acknowledged, Closed
from escalation.engine import Engine
from escalation.nightly import Link
from escalation.nightly import tell_of_broken as tell_of_broken_night
from escalation.profile import Protocol, Step
from escalation.store import Raise, disclosure
from models import tables
from models.alarms import Alarm
from models.database import Database
from models.words import Cause, EscalationId, Outcome, PhoneId, Post, SiteId, TellingEnd

OF_SITE = SiteId(SITE)
BROKEN = Raise(site=OF_SITE, cause=Cause.LINE_BROKEN, profile=PROFILE)
SAFE = Closed("officer", spoken=True, outcome=Outcome.FALSE_ALARM)
GOING = Acknowledged("technician", Post.TECHNICIAN)
CLOSED_WITHIN = PROFILE.protocol_for(Cause.LINE_BROKEN).closed_within
FIRST_STEP = PROFILE.protocol_for(Cause.LINE_BROKEN).steps[0].seconds
ONE, TWO = "0" * 15 + "1", "0" * 15 + "2"


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_staffed_prison)
    return database


def heard(
    session: Session,
    alarm: Alarm = Alarm.STAFF_PHONE_AWAY,
    seconds: float = 0,
    *,
    since: datetime | None = None,
    fires: bool = True,
    of: str = ONE,
) -> Change | None:
    """``seconds`` after noon; the alarm began at noon unless said otherwise."""
    return take(session, OF_SITE, Heard(alarm, of, since or NOON, fires), "token prometheus", after(seconds))


def fires(prison: Database, alarm: Alarm = Alarm.STAFF_PHONE_AWAY, seconds: float = 0, of: str = ONE) -> Change | None:
    return prison.do(lambda session: heard(session, alarm, seconds, since=after(seconds), of=of))


def is_over(prison: Database, alarm: Alarm = Alarm.STAFF_PHONE_AWAY, seconds: float = 0, of: str = ONE) -> None:
    assert prison.do(lambda s: heard(s, alarm, seconds, since=after(seconds), fires=False, of=of)) is Change.ENDED


def told(line: Engine, seconds: float = 0, what: Raise = BROKEN) -> EscalationId | None:
    return asyncio.run(line.act(lambda turn: tell(turn, what), after(seconds)))


def a_night_broke(prison: Database, line: Engine) -> EscalationId | None:
    night = tables.NightlyCall(
        id="nightly-1", site_id=SITE, kind="planned", began_at=NOON, ended_at=NOON, broken=Link.HEARD
    )
    prison.do(lambda session: session.add(night))
    return asyncio.run(line.act(lambda turn: tell_of_broken_night(turn, BROKEN), after(9)))


def tick(line: Engine, seconds: float) -> None:
    asyncio.run(line.tick(after(seconds)))


def faults(prison: Database) -> list[tables.Escalation]:
    asked = select(tables.Escalation).where(tables.Escalation.cause == Cause.LINE_BROKEN)
    return prison.do(lambda session: list(session.scalars(asked.order_by(tables.Escalation.raised_at))))


def alarms_of(prison: Database, escalation: EscalationId) -> tuple[tuple[Alarm, ...], bool]:
    found = prison.do(lambda session: disclosure(session, escalation))
    return found.alarms, found.mended


# ---- what the webhook says


def test_an_alarm_is_written_once_however_often_it_is_told(prison: Database) -> None:
    first = prison.do(heard)

    assert first is Change.BEGAN
    assert [prison.do(lambda s, at=at: heard(s, seconds=at)) for at in (1, 60, 14400)] == [None, None, None]


def test_of_two_alertmanagers_that_tell_it_at_once_one_counts(prison: Database) -> None:
    taken = at_once(prison, [heard] * 4)

    assert sorted(str(one) for one in taken) == ["None", "None", "None", Change.BEGAN]


def test_the_late_word_of_an_alarm_that_is_over_does_not_begin_it_again(prison: Database) -> None:
    prison.do(heard)
    prison.do(lambda session: heard(session, seconds=60, fires=False))

    assert prison.do(lambda session: heard(session, seconds=61)) is None
    assert fires(prison, seconds=62) is Change.BEGAN


def test_the_late_word_that_an_earlier_one_is_over_does_not_end_a_later_one(prison: Database) -> None:
    fires(prison, seconds=60)

    assert prison.do(lambda session: heard(session, seconds=61, fires=False)) is None


def test_that_something_is_over_which_nobody_told_of_changes_nothing(prison: Database) -> None:
    assert prison.do(lambda session: heard(session, fires=False)) is None


def test_an_alarm_of_a_clock_that_is_ahead_keeps_no_later_one_back(prison: Database) -> None:
    next_year = NOON + timedelta(days=365)
    prison.do(lambda session: heard(session, since=next_year))
    prison.do(lambda session: heard(session, seconds=60, since=next_year, fires=False))

    assert fires(prison, seconds=120) is Change.BEGAN


def test_who_told_of_an_alarm_is_in_the_audit(prison: Database) -> None:
    prison.do(heard)
    is_over(prison, seconds=9)
    asked = select(tables.Act.who, tables.Act.what, tables.Act.about).order_by(tables.Act.id)

    noted = prison.do(lambda session: [tuple(row) for row in session.execute(asked)])
    assert noted == [("token prometheus", change, "StaffPhoneAway") for change in (Change.BEGAN, Change.ENDED)]


# ---- who is told


def test_an_alarm_rings_whoever_looks_after_the_line_once_and_says_what_is_wrong(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    one = told(line)

    assert one
    assert world.takes_rung() == {TECHNICIAN, COORDINATOR}
    assert alarms_of(prison, one) == ((Alarm.STAFF_PHONE_AWAY,), False)
    assert told(line, 2) is None
    assert world.takes_rung() == set()


def test_it_climbs_as_any_other_escalation_does(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    told(line)
    world.takes_rung()
    tick(line, FIRST_STEP)

    assert world.takes_rung() == {OFFICE}


def test_of_several_nodes_one_tells(prison: Database) -> None:
    fires(prison)
    nodes = [World() for _ in range(3)]
    for number, world in enumerate(nodes):
        told(a_line(prison, world, f"node-{number}"))

    assert len(faults(prison)) == 1
    assert sum(len(world.rung) for world in nodes) == 2


def test_an_alarm_that_was_over_before_anybody_was_rung_rings_nobody(prison: Database) -> None:
    fires(prison)
    is_over(prison, seconds=1)

    assert told(a_line(prison, World()), 2) is None
    assert faults(prison) == []


def test_what_breaks_together_is_one_escalation_that_says_it_all(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison, Alarm.STAFF_PHONE_AWAY)
    one = told(line)
    world.takes_rung()
    fires(prison, Alarm.ESCALATION_LATE, 5)

    assert told(line, 6) == one
    assert world.takes_rung() == set()
    assert one
    assert alarms_of(prison, one)[0] == (Alarm.STAFF_PHONE_AWAY, Alarm.ESCALATION_LATE)


def test_what_breaks_after_somebody_went_for_something_else_is_told_again(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison, Alarm.STAFF_PHONE_AWAY)
    one = told(line)
    assert one
    asyncio.run(line.happened(one, GOING, after(3)))
    world.takes_rung()
    fires(prison, Alarm.ESCALATION_LATE, 5)

    assert told(line, 6) != one
    assert world.takes_rung() == {TECHNICIAN, COORDINATOR}


def test_the_same_alarm_of_another_machine_rings_nobody_again(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison, Alarm.LINE_DOWN)
    one = told(line)
    assert one
    asyncio.run(line.happened(one, GOING, after(3)))
    world.takes_rung()
    fires(prison, Alarm.LINE_DOWN, 5, of=TWO)

    assert told(line, 6) == one
    assert world.takes_rung() == set()
    assert len(faults(prison)) == 1


def test_what_was_closed_and_still_fires_rings_nobody_again(prison: Database) -> None:
    line = a_line(prison, World())
    prison.do(heard)
    one = told(line)
    assert one
    asyncio.run(line.close(one, SAFE, after(60)))
    prison.do(lambda session: heard(session, seconds=14400))

    assert told(line, 14401) is None


def test_what_comes_back_after_it_was_closed_waits_and_is_told_if_it_stays(prison: Database) -> None:
    line = a_line(prison, World())
    fires(prison)
    one = told(line)
    assert one
    asyncio.run(line.close(one, SAFE, after(60)))
    is_over(prison, seconds=61)
    fires(prison, seconds=62)

    assert told(line, AGAIN_AFTER.total_seconds() - 1) is None
    assert told(line, AGAIN_AFTER.total_seconds()) not in {None, one}


# ---- over by itself


def test_what_is_over_before_anybody_picked_it_up_rings_no_more_and_stays_open(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    one = told(line)
    assert one
    is_over(prison, seconds=30)

    assert told(line, 31) == one
    assert world.ringing == {}
    assert the_row(prison, one).closed_at is None
    assert alarms_of(prison, one) == ((Alarm.STAFF_PHONE_AWAY,), True)
    world.takes_rung()
    tick(line, FIRST_STEP)
    assert told(line, FIRST_STEP + 1) is None
    assert world.takes_rung() == set()


def test_what_is_over_and_nobody_looked_at_rings_once_more_from_the_first_step_on(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    told(line)
    is_over(prison, seconds=30)
    told(line, 31)
    world.takes_rung()

    tick(line, 30 + CLOSED_WITHIN - 1)
    assert world.takes_rung() == set()
    tick(line, 30 + CLOSED_WITHIN)
    assert told(line, 31 + CLOSED_WITHIN) is None
    assert world.takes_rung() == {TECHNICIAN, COORDINATOR}
    assert len(world.ringing) == 2


def test_what_comes_back_while_it_rests_rings_at_once(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    one = told(line)
    is_over(prison, seconds=30)
    told(line, 31)
    world.takes_rung()
    fires(prison, seconds=40)

    assert told(line, 41) == one
    tick(line, 42)
    assert world.takes_rung() == {TECHNICIAN, COORDINATOR}
    assert len(faults(prison)) == 1


def test_as_long_as_one_of_two_fires_it_rings(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison, Alarm.STAFF_PHONE_AWAY)
    one = told(line)
    fires(prison, Alarm.NOBODY_ON_DUTY, 5)
    told(line, 6)
    is_over(prison, Alarm.STAFF_PHONE_AWAY, 7)

    assert told(line, 8) is None
    assert len(world.ringing) == 2
    assert one
    assert alarms_of(prison, one) == ((Alarm.NOBODY_ON_DUTY,), False)


def test_who_has_said_that_they_go_still_closes_it(prison: Database) -> None:
    line = a_line(prison, World())
    fires(prison)
    one = told(line)
    assert one
    asyncio.run(line.happened(one, GOING, after(3)))
    due = the_row(prison, one).due_at
    is_over(prison, seconds=30)

    assert told(line, 31) is None
    assert the_row(prison, one).due_at == due


def test_a_night_that_broke_is_not_over_because_an_alarm_is(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    one = told(line)
    assert one
    joined = a_night_broke(prison, line)
    is_over(prison, seconds=30)

    assert (joined, told(line, 31)) == (one, None)
    assert len(world.ringing) == 2
    assert alarms_of(prison, one) == ((Alarm.NIGHTLY_CALL_FAILED,), False)


def test_a_night_that_broke_is_told_beside_an_alarm_that_somebody_went_for(prison: Database) -> None:
    line = a_line(prison, World())
    fires(prison)
    one = told(line)
    assert one
    asyncio.run(line.happened(one, GOING, after(3)))

    assert a_night_broke(prison, line) not in {None, one}


# ---- a life comes first

# Where the line itself is looked after by those who also come to callers.
SHARED = replace(
    PROFILE,
    protocols={
        **PROFILE.protocols,
        "line": Protocol(
            steps=(Step((Post.HEALTHCARE, Post.TECHNICIAN), 60),), door_within=99, spoken_within=99, closed_within=600
        ),
    },
)
ON_THE_WARD = Raise(site=OF_SITE, cause=Cause.LINE_BROKEN, profile=SHARED)


def on(world: World, phone: PhoneId) -> set[EscalationId]:
    return {escalation for escalation, at in world.ringing.values() if at == phone}


def test_a_life_takes_the_phones_on_which_the_line_tells_of_itself(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    fires(prison)
    fault = told(line, what=ON_THE_WARD)
    life = asyncio.run(line.raise_escalation(raising(), after(5)))

    assert on(world, WARD) == {life}
    assert on(world, TECHNICIAN) == {fault}
    assert (WARD, TellingEnd.NOT_NEEDED) in ends(prison)


def test_a_life_takes_them_at_each_of_its_steps(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    line_at_desk = replace(SHARED.protocols["line"], steps=(Step((Post.ORDERLY_OFFICER,), 999),))
    at_desk = replace(SHARED, protocols={**SHARED.protocols, "line": line_at_desk})
    fires(prison)
    told(line, what=replace(ON_THE_WARD, profile=at_desk))
    life = asyncio.run(line.raise_escalation(raising(), after(1)))
    assert life not in on(world, ORDERLY)
    for seconds in range(2, 200):
        tick(line, seconds)
        if life in on(world, ORDERLY):
            break

    assert on(world, ORDERLY) == {life}


def test_an_alarm_does_not_ring_where_somebody_is_told_of_a_life_and_does_when_they_have_been(
    prison: Database,
) -> None:
    world = World()
    line = a_line(prison, world)
    life = asyncio.run(line.raise_escalation(raising(), NOON))
    fires(prison)
    fault = told(line, 1, ON_THE_WARD)
    assert fault
    assert on(world, WARD) == {life}
    assert on(world, TECHNICIAN) == {fault}

    asyncio.run(line.telling_ended(world.hangs_up(WARD), TellingEnd.ACKNOWLEDGED, after(5)))
    tick(line, 61)
    assert on(world, WARD) == {fault}


def test_of_two_nodes_that_ring_one_phone_at_once_the_life_stays(prison: Database) -> None:
    """As if neither had seen the other."""
    world = World()
    line = a_line(prison, world)
    fires(prison)
    fault = told(line, what=ON_THE_WARD)
    life = asyncio.run(line.raise_escalation(raising(call="call-two"), after(1)))
    prison.do(lambda session: session.execute(delete(tables.Telling).where(tables.Telling.phone_id == WARD)))
    rung = [("tell-life", life), ("tell-fault", fault)]
    prison.do(lambda session: session.add_all(_a_telling(one, of) for one, of in rung))
    told(line, 2)

    assert open_tellings(prison, WARD) == ["tell-life"]


def _a_telling(telling: str, of: EscalationId | None) -> tables.Telling:
    return tables.Telling(
        id=telling, escalation_id=of, phone_id=WARD, post=Post.HEALTHCARE, step=0, round=0, node_id="line", rang_at=NOON
    )


def open_tellings(prison: Database, phone: PhoneId) -> list[str]:
    asked = select(tables.Telling.id).where(tables.Telling.phone_id == phone, tables.Telling.ended_at.is_(None))
    return prison.do(lambda session: list(session.scalars(asked)))


def test_a_drill_takes_no_phone_from_what_is_wrong_with_the_line(prison: Database) -> None:
    world = World()
    line = a_line(prison, world)
    drill = Raise(site=OF_SITE, cause=Cause.DRILL, profile=SHARED)
    fires(prison)
    fault = told(line, what=ON_THE_WARD)
    asyncio.run(line.raise_escalation(drill, after(1)))

    assert fault in on(world, WARD)
