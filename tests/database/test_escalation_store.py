"""Escalations over real rows: raised, told, acknowledged, closed; killed and restarted."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from builders import NOON, SITE
from escalation_world import (
    CALLERS,
    DESK,
    LEADER,
    OFFICE,
    ORDERLY,
    PHONES,
    SAFEGUARDING,
    WARD,
    Killed,
    World,
    a_line,
    a_staffed_prison,
    after,
    do,
    ends,
    raising,
    the_row,
)
from sqlalchemy import func, select, update

from escalation import store
from escalation.case import Acknowledged, AtDoor, Closed, HandedOver, Spoken, Warn
from escalation.contacts import Contact, Way
from escalation.engine import Engine
from escalation.person import Person
from escalation.ports import TELLING_AT_MOST
from escalation.protocol import BREATH
from models import tables
from models.database import Database
from models.errors import UnknownName
from models.words import (
    CallId,
    Cause,
    Condition,
    EmergencyCode,
    EscalationId,
    Outcome,
    Post,
    SiteId,
    TellingEnd,
    TellingId,
)

SAFE = Closed("officer", spoken=True, outcome=Outcome.SAFE_NOW)
# On the console, for everybody who is wanted.
GOING = Acknowledged("officer")


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


def raised(line: Engine, cause: Cause = Cause.DANGER_NOW, at: datetime = NOON) -> EscalationId:
    return do(line.raise_escalation(raising(cause), at))


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
    escalation = raised(line, Cause.CALLER_ASKED)
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
    do(line.happened(escalation, GOING, after(5)))
    world.takes_rung()

    do(line.tick(after(305)))

    assert world.takes_rung() == {DESK, WARD}
    assert world.warned == [Warn.CAME_BACK]
    assert prison.do(lambda session: store.disclosure(session, escalation)).told_before


def test_not_spoken_to_the_person_climbs_at_once_and_spoken_ends_it(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line)
    do(line.happened(escalation, GOING, after(5)))
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
    do(line.happened(escalation, GOING, after(5)))
    world.takes_rung()

    assert raised(line, Cause.CALLER_AGREED) == escalation
    assert world.takes_rung() == set()
    assert raised(line, Cause.DANGER_NOW) == escalation
    assert world.takes_rung() == {DESK, WARD}
    row = the_row(prison, escalation)
    assert (row.cause, row.protocol["spoken_within"], row.acknowledged_by) == ("danger_now", 300, None)


def test_a_caller_who_asks_again_while_it_is_open_rings_nobody_twice(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line, Cause.CALLER_ASKED)
    assert world.takes_rung() == {DESK, WARD}

    assert raised(line, Cause.CALLER_ASKED, after(4)) == escalation
    assert world.takes_rung() == set()
    do(line.happened(escalation, GOING, after(5)))
    assert raised(line, Cause.CALLER_ASKED, after(9)) == escalation
    assert world.takes_rung() == set()
    assert len(ends(prison)) == 2


def test_a_caller_who_asks_again_after_staff_came_and_went_is_told_of_again(
    line: Engine, world: World, prison: Database
) -> None:
    first = raised(line, Cause.CALLER_ASKED)
    do(line.happened(first, GOING, after(5)))
    do(line.happened(first, Spoken("nurse"), after(60)))
    do(line.close(first, SAFE, after(90)))
    world.takes_rung()

    again = raised(line, Cause.CALLER_ASKED, after(120))

    assert again != first
    assert world.takes_rung() == {DESK, WARD}
    (shown,) = prison.do(lambda session: store.open_at(session, SiteId(SITE)))
    assert (shown.id, shown.told.location) == (again, "B-1-001")


def test_a_caller_who_asks_again_after_they_were_spoken_to_rings_once_more(line: Engine, world: World) -> None:
    escalation = raised(line, Cause.CALLER_ASKED)
    do(line.happened(escalation, Spoken("nurse"), after(60)))
    world.takes_rung()

    assert raised(line, Cause.CALLER_ASKED, after(90)) == escalation
    assert world.takes_rung() == {DESK, WARD}
    assert raised(line, Cause.CALLER_ASKED, after(91)) == escalation
    assert world.takes_rung() == set()


def test_a_caller_who_agreed_and_then_asks_is_told_of_again(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line, Cause.CALLER_AGREED)
    do(line.happened(escalation, GOING, after(5)))
    world.takes_rung()

    assert raised(line, Cause.CALLER_ASKED, after(30)) == escalation
    assert world.takes_rung() == {DESK, WARD}
    assert the_row(prison, escalation).cause == "caller_asked"


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


def test_a_restart_rings_also_who_listened_still_to_the_step_before(
    line: Engine, prison: Database, world: World
) -> None:
    raised(line)
    do(line.tick(after(60)))
    world.takes_rung()

    do(a_line(prison, world).recover(after(65)))

    assert world.takes_rung() == {DESK, WARD, ORDERLY}


def test_a_restart_after_the_acknowledgement_rings_nobody(line: Engine, prison: Database, world: World) -> None:
    do(line.happened(raised(line), GOING, after(5)))
    world.takes_rung()

    do(a_line(prison, world).recover(after(9)))

    assert world.takes_rung() == set()


def test_killed_before_the_others_were_stopped_they_are_stopped_after_the_restart(
    line: Engine, prison: Database, world: World
) -> None:
    raised(line, Cause.CALLER_ASKED)
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

    do(line.tick(NOON + TELLING_AT_MOST))

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
    do(line.happened(escalation, GOING, after(5)))
    do(line.close(escalation, Closed("officer", spoken=False), after(6)))
    do(line.close(escalation, SAFE, after(7)))

    acts = select(tables.Act.who, tables.Act.what).where(tables.Act.about == escalation).order_by(tables.Act.id)
    assert prison.do(lambda session: [tuple(act) for act in session.execute(acts)]) == [
        ("line", "raised"),
        ("line", "location opened"),
        ("control_room", "cannot go"),
        ("officer", "acknowledged"),
        ("officer", "not spoken to"),
        ("officer", "spoken to"),
        ("officer", "closed"),
    ]


def test_the_console_sees_what_is_open_and_where(line: Engine, prison: Database) -> None:
    escalation = raised(line)

    (shown,) = prison.do(lambda session: store.open_at(session, SiteId(SITE)))

    assert (shown.id, shown.told.location, shown.told.on_line) == (escalation, "B-1-001", True)
    assert shown.due_at == after(60)


def test_an_unknown_escalation_or_telling_is_the_askers_fault(line: Engine) -> None:
    with pytest.raises(UnknownName):
        do(line.happened(EscalationId("esc-none"), GOING, NOON))
    with pytest.raises(UnknownName):
        do(line.telling_ended(TellingId("tell-none"), TellingEnd.NO_ANSWER, NOON))


def test_the_protocol_in_the_row_is_the_one_it_was_raised_under(line: Engine, prison: Database) -> None:
    steps = the_row(prison, raised(line)).protocol["steps"]

    assert steps[0] == {"posts": ["control_room", "healthcare"], "seconds": 60}
    assert OFFICE not in prison.do(lambda session: set(session.scalars(select(tables.Telling.phone_id))))
    assert prison.do(lambda session: session.scalar(select(func.count()).select_from(tables.Telling))) == 2


# ---- everybody who has to acknowledge


def test_a_life_in_danger_wants_a_nurse_and_somebody_of_the_prison(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line)
    do(line.telling_ended(world.hangs_up(WARD), TellingEnd.ACKNOWLEDGED, after(9)))

    assert set(world.ringing) == {world.telling_at(DESK)}
    do(line.telling_ended(world.hangs_up(DESK), TellingEnd.ACKNOWLEDGED, after(20)))
    do(line.happened(escalation, AtDoor("healthcare", Post.HEALTHCARE), after(100)))
    do(line.tick(after(250)))
    assert not world.ringing
    row = the_row(prison, escalation)
    assert (row.acknowledged_posts, row.at_door_at) == (["healthcare", "control_room"], after(100))


def test_spoken_to_and_not_closed_reminds_and_does_not_alarm(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line)
    do(line.happened(escalation, Spoken("nurse"), after(60)))
    world.takes_rung()

    do(line.tick(after(60 + 3600)))

    assert world.takes_rung() == {DESK, WARD}
    assert world.warned == [Warn.NOT_CLOSED]
    assert prison.do(lambda session: store.disclosure(session, escalation)).spoken_to


def test_handed_over_is_told_to_others_again(line: Engine, world: World) -> None:
    escalation = raised(line)
    do(line.happened(escalation, GOING, after(5)))
    world.takes_rung()

    assert do(line.happened(escalation, HandedOver("officer"), after(50)))
    assert world.takes_rung() == {DESK, WARD}


# ---- whoever is behind the same door


def test_another_call_from_the_same_cell_joins_and_its_caller_is_the_one_on_the_line(
    line: Engine, prison: Database
) -> None:
    escalation = raised(line, Cause.CALLER_AGREED)
    second = replace(raising(call="call-two"), phone=CALLERS["call-one"])

    assert do(line.raise_escalation(second, after(30))) == escalation
    assert (the_row(prison, escalation).call_id, the_row(prison, escalation).cause) == ("call-two", "danger_now")


def test_a_danger_after_they_were_spoken_to_is_told_again(line: Engine, world: World) -> None:
    escalation = raised(line)
    do(line.happened(escalation, Spoken("nurse"), after(60)))
    world.takes_rung()

    assert raised(line, at=after(90)) == escalation
    assert world.takes_rung() == {DESK, WARD}


def test_how_the_person_is_goes_into_the_message(line: Engine, prison: Database) -> None:
    escalation = raised(line)

    do(line.learn(CallId("call-one"), Condition.NOT_BREATHING, after(9)))

    told = prison.do(lambda session: store.disclosure(session, escalation))
    assert (told.condition, told.code) == (Condition.NOT_BREATHING, EmergencyCode.BLUE)


# ---- the sealed location


def test_the_rule_says_what_is_opened(line: Engine, world: World, prison: Database) -> None:
    world.person = Person("A1234BC", "Sam")

    asked = prison.do(lambda session: store.disclosure(session, raised(line)))
    other = do(line.raise_escalation(raising(Cause.OTHER_IN_CELL, "call-two"), NOON))
    beside = prison.do(lambda session: store.disclosure(session, other))

    assert (asked.location, asked.prison_number, asked.preferred_name) == ("B-1-001", "A1234BC", "Sam")
    assert (beside.location, beside.prison_number, beside.preferred_name) == ("B-1-002", None, None)


def test_while_somebody_decides_no_row_knows_where_the_caller_is(line: Engine, world: World, prison: Database) -> None:
    world.person = Person("A1234BC", "Sam")
    escalation = raised(line, Cause.PERSON_AT_RISK)

    assert world.takes_rung() == {LEADER}
    row = the_row(prison, escalation)
    assert (row.deciding, row.cell_id, row.prison_number) == (True, None, None)

    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(20)))
    assert world.takes_rung() == {SAFEGUARDING}
    row = the_row(prison, escalation)
    assert (row.deciding, row.cell_id, row.prison_number) == (False, "cell-B1", None)


def test_not_to_be_told_leaves_nothing_of_where_the_caller_was(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)
    world.takes_rung()

    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.CANNOT_GO, after(20)))

    row = the_row(prison, escalation)
    assert (row.cell_id, row.outcome, world.takes_rung()) == (None, "not_told", set())
    acts = prison.do(lambda session: list(session.scalars(select(tables.Act.what))))
    assert "location opened" not in acts


# ---- several nodes


def test_what_a_dead_node_rang_is_taken_over_once(prison: Database, world: World) -> None:
    one, two, three = (a_line(prison, world, node) for node in ("one", "two", "three"))
    for node in (one, two, three):
        do(node.tick(NOON))
    escalation = raised(one)
    world.takes_rung()
    do(two.tick(after(2)))
    assert world.takes_rung() == set()

    async def both() -> None:
        await asyncio.gather(two.tick(after(5)), three.tick(after(5)))

    do(three.tick(after(4.5)))
    do(both())

    assert len(world.rung) == 2
    assert world.takes_rung() == {DESK, WARD}
    assert the_row(prison, escalation).step == 0


def test_a_restarted_node_leaves_what_another_rings_alone(prison: Database, world: World) -> None:
    one, two = (a_line(prison, world, node) for node in ("one", "two"))
    for node in (one, two):
        do(node.tick(NOON))
    raised(one)
    world.takes_rung()

    do(a_line(prison, world, "two").recover(after(1)))

    assert world.takes_rung() == set()


def test_a_key_on_one_node_stops_what_the_other_rings(prison: Database) -> None:
    here, there = World(), World()
    one, two = a_line(prison, here, "one"), a_line(prison, there, "two")
    escalation = raised(one)
    assert here.ringing

    do(two.happened(escalation, GOING, after(4)))
    do(one.tick(after(5)))

    assert not here.ringing


# ---- who is written to beside the phones


def test_contacts_of_the_posts_are_written_to_and_hear_how_it_goes_on(prison: Database, world: World) -> None:
    pager = Contact(
        name="pager", post=Post.HEALTHCARE, way=Way.WEBHOOK, address="https://pager.test/", tells_location=True
    )
    page = replace(pager, name="page", post=Post.DUTY_OFFICE)
    line = a_line(prison, world, contacts=[pager, page])

    escalation = raised(line, Cause.CALLER_ASKED)
    do(line.happened(escalation, GOING, after(5)))
    do(line.tick(after(605)))
    do(line.close(escalation, SAFE, after(620)))

    sent = select(tables.Message.contact, tables.Message.what).order_by(tables.Message.made_at, tables.Message.what)
    assert prison.do(lambda session: [tuple(one) for one in session.execute(sent)]) == [
        ("pager", "told"),
        ("pager", "acknowledged"),
        ("pager", "came_back"),
        ("pager", "told"),
        ("pager", "closed"),
    ]
