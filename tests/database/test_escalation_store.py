"""Escalations over real rows: raised, told, acknowledged, closed; killed and restarted."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from builders import NOON, SITE
from escalation_world import (
    DESK,
    OFFICE,
    ORDERLY,
    PHONES,
    WARD,
    Killed,
    World,
    a_line,
    a_staffed_prison,
    ends,
    raising,
    the_row,
)
from sqlalchemy import func, select, update

from escalation import store
from escalation.engine import Engine
from escalation.protocol import BREATH, Closed, Warn
from models import tables
from models.database import Database
from models.errors import UnknownName
from models.words import Cause, EscalationId, Outcome, SiteId, TellingEnd, TellingId

T = TypeVar("T")
SAFE = Closed("officer", spoken=True, outcome=Outcome.SAFE_NOW)


@pytest.fixture
def prison(database: Database) -> Database:
    database.do(a_staffed_prison)
    return database


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def line(prison: Database, world: World) -> Engine:
    return a_line(prison, world)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def do(act: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(act)


def raised(line: Engine, cause: Cause = Cause.DANGER_NOW) -> EscalationId:
    return do(line.raise_escalation(raising(cause), NOON))


def test_danger_now_rings_control_room_and_healthcare(line: Engine, world: World) -> None:
    raised(line)

    assert world.takes_rung() == {DESK, WARD}


def test_an_unanswered_step_is_followed_by_the_next_and_no_phone_rings_twice(line: Engine, world: World) -> None:
    raised(line)
    world.takes_rung()

    do(line.tick(after(59)))
    assert world.takes_rung() == set()
    do(line.tick(after(60)))
    assert world.takes_rung() == {ORDERLY}


def test_key_1_stops_the_others_and_a_later_key_does_not_count(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line)
    desk, ward = world.telling_at(DESK), world.telling_at(WARD)

    assert do(line.telling_ended(ward, TellingEnd.ACKNOWLEDGED, after(9)))
    assert not do(line.telling_ended(desk, TellingEnd.ACKNOWLEDGED, after(9.1)))
    assert the_row(prison, escalation).acknowledged_by == "healthcare"
    assert ends(prison) == [(DESK, "not_needed"), (WARD, "acknowledged")]
    assert desk not in world.ringing


def test_when_all_cannot_go_the_next_are_rung_at_once(line: Engine, world: World) -> None:
    raised(line)
    tellings = [world.hangs_up(DESK), world.hangs_up(WARD)]
    world.takes_rung()

    for telling in tellings:
        do(line.telling_ended(telling, TellingEnd.CANNOT_GO, after(9)))

    # The control room is a post of the second step too.
    assert world.takes_rung() == {ORDERLY, DESK}


def test_a_step_that_nobody_can_be_rung_in_is_skipped(line: Engine, world: World, prison: Database) -> None:
    world.unreachable |= {DESK, WARD}

    raised(line)

    assert world.takes_rung() == {ORDERLY}
    assert (DESK, "unreachable") in ends(prison)


def test_with_nobody_reachable_the_console_is_warned_and_it_goes_on_trying(line: Engine, world: World) -> None:
    world.unreachable |= set(PHONES)
    raised(line)
    world.unreachable.clear()

    do(line.tick(NOON + BREATH))

    assert world.warned == [Warn.NOBODY_LEFT]
    assert world.takes_rung() == {DESK, WARD}


def test_a_phone_that_asterisk_refuses_to_ring_counts_as_unreachable(line: Engine, world: World) -> None:
    world.refusing |= {DESK, WARD}

    raised(line)

    assert world.takes_rung() == {ORDERLY}


def test_acknowledged_and_not_closed_comes_back(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line)
    do(line.acknowledge(escalation, "officer", after(5)))
    world.takes_rung()

    do(line.tick(after(305)))

    assert world.takes_rung() == {DESK, WARD}
    assert world.warned == [Warn.CAME_BACK]
    assert prison.do(lambda session: store.disclosure(session, escalation)).told_before


def test_not_spoken_to_the_person_climbs_at_once_and_spoken_ends_it(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line)
    do(line.acknowledge(escalation, "officer", after(5)))
    world.takes_rung()

    assert do(line.close(escalation, Closed("officer", spoken=False), after(90)))
    assert world.takes_rung() == {ORDERLY, DESK}
    assert do(line.close(escalation, SAFE, after(95)))
    assert not do(line.close(escalation, SAFE, after(96)))
    do(line.tick(after(9000)))
    assert not world.ringing
    assert not world.rung
    assert the_row(prison, escalation).outcome == "safe_now"


def test_a_second_danger_of_the_call_joins_and_rings_only_when_graver(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line, Cause.CALLER_AGREED)
    do(line.acknowledge(escalation, "officer", after(5)))
    world.takes_rung()

    assert raised(line, Cause.CALLER_AGREED) == escalation
    assert world.takes_rung() == set()
    assert raised(line, Cause.DANGER_NOW) == escalation
    assert world.takes_rung() == {DESK, WARD}
    row = the_row(prison, escalation)
    assert (row.cause, row.protocol["spoken_within"], row.acknowledged_by) == ("danger_now", 300, None)


def test_another_call_and_a_closed_escalation_are_not_joined(line: Engine) -> None:
    first = raised(line)
    second = do(line.raise_escalation(raising(call="call-two"), NOON))
    do(line.close(first, SAFE, after(9)))

    assert len({first, second, raised(line)}) == 3


def test_two_raises_of_one_call_at_once_make_one_escalation(line: Engine, prison: Database, world: World) -> None:
    async def both() -> set[EscalationId]:
        other = a_line(prison, world)
        raises = (one.raise_escalation(raising(), NOON) for one in (line, other))
        return set(await asyncio.gather(*raises))

    assert len(do(both())) == 1


def test_two_lines_that_tick_at_once_climb_once(line: Engine, prison: Database, world: World) -> None:
    escalation = raised(line)

    async def both() -> None:
        await asyncio.gather(line.tick(after(60)), a_line(prison, world).tick(after(60)))

    do(both())
    assert the_row(prison, escalation).step == 1


@pytest.mark.parametrize("errands", [0, 1, 2])
def test_killed_between_commit_and_ring_the_same_step_is_told_after_the_restart(
    prison: Database, world: World, errands: int
) -> None:
    world.dies_in = errands
    if errands < 2:
        with pytest.raises(Killed):
            raised(a_line(prison, world))
    else:
        raised(a_line(prison, world))
    world.dies_in = None
    world.takes_rung()

    do(a_line(prison, world).recover(after(5)))

    assert world.takes_rung() == {DESK, WARD}
    assert len(world.ringing) == 2


def test_a_restart_after_the_acknowledgement_rings_nobody(line: Engine, prison: Database, world: World) -> None:
    do(line.acknowledge(raised(line), "officer", after(5)))
    world.takes_rung()

    do(a_line(prison, world).recover(after(9)))

    assert world.takes_rung() == set()


def test_killed_before_the_others_were_stopped_they_are_stopped_after_the_restart(
    line: Engine, prison: Database, world: World
) -> None:
    raised(line)
    world.dies_in = 0
    with pytest.raises(Killed):
        do(line.telling_ended(world.hangs_up(DESK), TellingEnd.ACKNOWLEDGED, after(5)))
    world.dies_in = None

    do(a_line(prison, world).recover(after(9)))

    assert not world.ringing


def test_a_telling_that_never_ended_is_ended_by_the_tick(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line)
    prison.do(lambda session: session.execute(update(tables.Escalation).values(due_at=after(9000))))
    world.takes_rung()

    do(line.tick(after(180)))

    assert the_row(prison, escalation).step == 1
    assert (DESK, "no_answer") in ends(prison)
    assert world.takes_rung() == {ORDERLY, DESK}


def test_an_escalation_that_cannot_be_read_does_not_silence_the_others(
    line: Engine, world: World, prison: Database
) -> None:
    broken = raised(line)
    do(line.raise_escalation(raising(call="call-two"), NOON))
    mine = tables.Escalation.id == broken
    prison.do(lambda session: session.execute(update(tables.Escalation).where(mine).values(protocol={})))
    world.takes_rung()

    do(line.tick(after(60)))

    assert world.takes_rung() == {ORDERLY}


def test_every_deed_is_in_the_acts(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line)
    do(line.telling_ended(world.hangs_up(DESK), TellingEnd.CANNOT_GO, after(4)))
    do(line.acknowledge(escalation, "officer", after(5)))
    do(line.close(escalation, Closed("officer", spoken=False), after(6)))
    do(line.close(escalation, SAFE, after(7)))

    acts = select(tables.Act.who, tables.Act.what).where(tables.Act.about == escalation).order_by(tables.Act.id)
    assert prison.do(lambda session: [tuple(act) for act in session.execute(acts)]) == [
        ("line", "raised"),
        ("control_room", "cannot go"),
        ("officer", "acknowledged"),
        ("officer", "not spoken to"),
        ("officer", "closed"),
    ]


def test_the_console_sees_what_is_open_and_where(line: Engine, prison: Database) -> None:
    escalation = raised(line)

    (shown,) = prison.do(lambda session: store.open_at(session, SiteId(SITE)))

    assert (shown.id, shown.told.location, shown.told.on_line) == (escalation, "B-1-001", True)
    assert shown.due_at == after(60)


def test_an_unknown_escalation_or_telling_is_the_askers_fault(line: Engine) -> None:
    with pytest.raises(UnknownName):
        do(line.acknowledge(EscalationId("esc-none"), "officer", NOON))
    with pytest.raises(UnknownName):
        do(line.telling_ended(TellingId("tell-none"), TellingEnd.NO_ANSWER, NOON))


def test_the_protocol_in_the_row_is_the_one_it_was_raised_under(line: Engine, prison: Database) -> None:
    steps = the_row(prison, raised(line)).protocol["steps"]

    assert steps[0] == {"posts": ["control_room", "healthcare"], "seconds": 60}
    assert OFFICE not in prison.do(lambda session: set(session.scalars(select(tables.Telling.phone_id))))
    assert prison.do(lambda session: session.scalar(select(func.count()).select_from(tables.Telling))) == 2
