"""Where a caller is, is nowhere before the rule says that staff are told; and each opening is in the acts."""

from dataclasses import replace

import pytest
from builders import NOON
from escalation_world import (
    CALLERS,
    DESK,
    LEADER,
    PROFILE,
    SAFEGUARDING,
    WARD,
    World,
    a_line,
    a_staffed_prison,
    after,
    do,
    raising,
    the_row,
)
from sqlalchemy import select, update

from escalation.case import ASKED_EVERY, Acknowledged, Spoken
from escalation.contacts import Contact, Way
from escalation.decisions import Verdict, verdict_on
from escalation.engine import Engine
from escalation.profile import Deciding, Profile, Undecided, WhenRefusing, WhoConfirms
from escalation.store import Deed
from models import tables
from models.database import Database
from models.words import CallId, Cause, Condition, EscalationId, Post, TellingEnd

# They say what the prison is, and nothing of a call; the first cell and its phone are the caller's.
OF_THE_PRISON = {"cells", "phones"}
WHERE = ("cell-B1", "B-1-001", CALLERS["call-one"])
CALL, PHONE = CallId("call-one"), CALLERS["call-one"]


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


def where_it_says_so(database: Database) -> list[str]:
    """The tables in which a row holds the cell, its name or its phone, in any column."""
    with database.engine.connect() as connection:
        return [
            table.name
            for table in tables.Base.metadata.sorted_tables
            if table.name not in OF_THE_PRISON
            and any(
                where in str(value) for row in connection.execute(select(table)) for value in row for where in WHERE
            )
        ]


def openings(database: Database) -> list[str]:
    opened = select(tables.Act.about).where(tables.Act.what == Deed.LOCATION_OPENED).order_by(tables.Act.about)
    return database.do(lambda session: list(session.scalars(opened)))


def with_a_samaritan(undecided: Undecided = Undecided.TELL) -> Profile:
    """Against the caller's will only when a Samaritan agrees."""
    choices = replace(
        PROFILE.choices,
        attempt_in_progress_refusing=WhenRefusing.TELL_THEN_DISCLOSE,
        who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN,
    )
    asked = Deciding(Post.SCHEME_LEADER, 90, undecided)
    refuses = replace(PROFILE.disclosures[Cause.REFUSES], decided_by=asked)
    return replace(PROFILE, choices=choices, disclosures={**PROFILE.disclosures, Cause.REFUSES: refuses})


def raised(line: Engine, cause: Cause, profile: Profile = PROFILE, call: str = "call-one") -> EscalationId:
    return do(line.raise_escalation(replace(raising(cause, call), profile=profile), NOON))


def verdict(database: Database, escalation: EscalationId, cause: Cause) -> Verdict | None:
    return database.do(lambda session: verdict_on(session, escalation, cause))


# ---- where the caller is


def test_a_call_without_an_escalation_is_nowhere(prison: Database) -> None:
    assert where_it_says_so(prison) == []


def test_what_is_told_at_once_is_opened_once_and_said_in_the_acts(line: Engine, prison: Database) -> None:
    escalation = raised(line, Cause.DANGER_NOW)
    raised(line, Cause.CALLER_ASKED)

    assert where_it_says_so(prison) == ["escalations"]
    assert openings(prison) == [escalation]


def test_while_somebody_decides_it_is_in_no_row(line: Engine, prison: Database) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)

    assert the_row(prison, escalation).deciding
    assert where_it_says_so(prison) == []
    assert openings(prison) == []


@pytest.mark.parametrize("end", [TellingEnd.ACKNOWLEDGED, TellingEnd.CANNOT_GO])
def test_a_decision_opens_it_or_leaves_it_sealed_for_ever(
    line: Engine, world: World, prison: Database, end: TellingEnd
) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)
    do(line.telling_ended(world.hangs_up(LEADER), end, after(20)))
    do(line.tick(after(4000)))

    told = end is TellingEnd.ACKNOWLEDGED
    assert where_it_says_so(prison) == (["escalations"] if told else [])
    assert openings(prison) == ([escalation] if told else [])
    assert verdict(prison, escalation, Cause.PERSON_AT_RISK) == Verdict(told=told, by_somebody=True)


@pytest.mark.parametrize("undecided", Undecided)
@pytest.mark.parametrize("reachable", [True, False])
def test_when_nobody_decides_the_profile_does(
    line: Engine, world: World, prison: Database, undecided: Undecided, *, reachable: bool
) -> None:
    world.unreachable = set() if reachable else {LEADER}
    escalation = raised(line, Cause.REFUSES, with_a_samaritan(undecided))
    if reachable:
        assert verdict(prison, escalation, Cause.REFUSES) is None
        do(line.tick(after(91)))

    told = undecided is Undecided.TELL
    assert verdict(prison, escalation, Cause.REFUSES) == Verdict(told=told, by_somebody=False)
    assert openings(prison) == ([escalation] if told else [])
    assert the_row(prison, escalation).cell_id == ("cell-B1" if told else None)


def test_a_leader_who_is_rung_again_and_again_is_written_to_once(prison: Database, world: World) -> None:
    where = "https://pager.test/"
    pager = Contact(name="pager", post=Post.SCHEME_LEADER, way=Way.WEBHOOK, address=where, tells_location=False)
    line = a_line(prison, world, contacts=[pager])
    raised(line, Cause.PERSON_AT_RISK)
    for turn in range(5):
        do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.NO_ANSWER, after(10 * turn + 1)))
        do(line.tick(after(10 * turn + 10)))

    assert world.rung == [LEADER] * 6
    assert prison.do(lambda session: list(session.scalars(select(tables.Message.what)))) == ["told"]


def test_a_leader_whose_phone_is_engaged_is_rung_again_for_as_long_as_they_have(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)
    engaged_for = 0
    while the_row(prison, escalation).deciding:
        do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.NO_ANSWER, after(engaged_for)))
        engaged_for += int(ASKED_EVERY.total_seconds())
        do(line.tick(after(engaged_for)))

    assert world.rung == [LEADER] * 60
    assert (engaged_for, where_it_says_so(prison)) == (600, [])
    assert verdict(prison, escalation, Cause.PERSON_AT_RISK) == Verdict(told=False, by_somebody=False)


def test_a_leader_who_cannot_be_reached_for_a_moment_is_asked_when_they_can(
    line: Engine, world: World, prison: Database
) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.NO_ANSWER, after(1)))
    world.takes_rung()
    world.unreachable = {LEADER}
    do(line.tick(after(10)))
    assert world.takes_rung() == set()
    world.unreachable = set()

    do(line.tick(after(19)))
    assert world.takes_rung() == set()
    do(line.tick(after(20)))

    assert world.takes_rung() == {LEADER}
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(30)))
    assert openings(prison) == [escalation]
    assert the_row(prison, escalation).round == 0


def test_a_graver_danger_tells_where_they_are_and_is_no_decision(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line, Cause.REFUSES, with_a_samaritan())
    world.takes_rung()

    assert raised(line, Cause.DANGER_NOW) == escalation
    assert world.takes_rung() == {DESK, WARD}
    assert openings(prison) == [escalation]
    assert verdict(prison, escalation, Cause.REFUSES) is None


# ---- what is asked first does not keep help from the caller


def test_a_caller_who_asks_for_staff_does_not_wait_for_a_decision(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line, Cause.REFUSES, with_a_samaritan())
    world.takes_rung()

    assert raised(line, Cause.CALLER_ASKED) == escalation
    assert world.takes_rung() == {DESK, WARD}
    assert the_row(prison, escalation).cause == Cause.CALLER_ASKED


# ---- what staff were told before does not stand for a decision


@pytest.mark.parametrize("before", [Cause.CALLER_ASKED, Cause.CALLER_AGREED, Cause.DANGER_NOW])
def test_a_no_is_asked_of_a_samaritan_also_when_staff_were_told_of_the_caller_before(
    line: Engine, world: World, prison: Database, before: Cause
) -> None:
    told = raised(line, before, with_a_samaritan())
    do(line.happened(told, Acknowledged("officer"), after(3)))
    world.takes_rung()

    asked = raised(line, Cause.REFUSES, with_a_samaritan())

    assert world.takes_rung() == {LEADER}
    assert verdict(prison, asked, Cause.REFUSES) is None
    assert (the_row(prison, asked).deciding, the_row(prison, asked).cell_id) == (True, None)
    assert (the_row(prison, told).cause, the_row(prison, told).acknowledged_by) == (before, "officer")
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.CANNOT_GO, after(9)))
    assert verdict(prison, asked, Cause.REFUSES) == Verdict(told=False, by_somebody=True)
    assert (the_row(prison, told).closed_at, openings(prison)) == (None, [told])


@pytest.mark.parametrize("call", ["call-one", "call-two"])
def test_a_yes_is_told_with_what_staff_know_of_the_caller_or_of_the_door(
    line: Engine, world: World, prison: Database, call: str
) -> None:
    prison.do(lambda session: _move(session.get_one(tables.Phone, CALLERS["call-two"])))
    told = raised(line, Cause.CALLER_ASKED, with_a_samaritan())
    do(line.happened(told, Acknowledged("officer"), after(3)))
    asked = raised(line, Cause.REFUSES, with_a_samaritan(), call=call)
    world.takes_rung()

    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(9)))

    assert world.takes_rung() == {DESK, WARD}
    assert {escalation for escalation, _ in world.ringing.values()} == {told}
    assert verdict(prison, asked, Cause.REFUSES) == Verdict(told=True, by_somebody=True)
    assert (the_row(prison, told).cause, the_row(prison, told).acknowledged_by) == (Cause.REFUSES, None)
    assert (the_row(prison, asked).closed_at, the_row(prison, asked).cell_id) == (after(9), None)
    assert openings(prison) == [told]


def test_a_yes_to_what_is_less_grave_than_what_staff_know_rings_nobody(
    line: Engine, world: World, prison: Database
) -> None:
    told = raised(line, Cause.DANGER_NOW, with_a_samaritan())
    asked = raised(line, Cause.REFUSES, with_a_samaritan())
    world.takes_rung()

    do(line.tick(after(91)))

    assert LEADER not in world.takes_rung()
    assert {escalation for escalation, _ in world.ringing.values()} == {told}
    assert verdict(prison, asked, Cause.REFUSES) == Verdict(told=True, by_somebody=False)
    assert the_row(prison, told).cause == Cause.DANGER_NOW


def test_a_second_no_is_the_same_question(line: Engine, world: World) -> None:
    raised(line, Cause.CALLER_ASKED, with_a_samaritan())
    asked = raised(line, Cause.REFUSES, with_a_samaritan())
    world.takes_rung()

    assert raised(line, Cause.REFUSES, with_a_samaritan()) == asked
    assert world.takes_rung() == set()


@pytest.mark.parametrize("now_it_is", [Cause.CALLER_ASKED, Cause.DANGER_NOW])
def test_who_was_asked_is_not_asked_any_more_when_staff_are_told_at_once(
    line: Engine, world: World, prison: Database, now_it_is: Cause
) -> None:
    told = raised(line, Cause.CALLER_ASKED, with_a_samaritan())
    asked = raised(line, Cause.REFUSES, with_a_samaritan())

    assert raised(line, now_it_is, with_a_samaritan()) == told
    assert LEADER not in {phone for _, phone in world.ringing.values()}
    # Nobody decided: the caller, who hears that staff are told, hears no other answer.
    assert verdict(prison, asked, Cause.REFUSES) is None
    assert the_row(prison, asked).closed_at is not None
    assert openings(prison) == [told]
    do(line.tick(after(4000)))
    assert verdict(prison, asked, Cause.REFUSES) is None


def test_who_was_asked_is_not_asked_any_more_when_another_from_that_cell_is_told_of(
    line: Engine, world: World, prison: Database
) -> None:
    prison.do(lambda session: _move(session.get_one(tables.Phone, CALLERS["call-two"])))
    told = raised(line, Cause.CALLER_ASKED, with_a_samaritan())
    asked = raised(line, Cause.REFUSES, with_a_samaritan(), call="call-two")
    assert asked != told

    assert raised(line, Cause.DANGER_NOW, with_a_samaritan(), call="call-two") == told
    assert LEADER not in {phone for _, phone in world.ringing.values()}
    assert openings(prison) == [told]


def test_a_no_of_which_staff_are_told_is_not_asked_about_again_until_somebody_has_spoken_to_them(
    line: Engine, world: World, prison: Database
) -> None:
    asked = raised(line, Cause.REFUSES, with_a_samaritan())
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(9)))
    world.takes_rung()

    assert raised(line, Cause.REFUSES, with_a_samaritan()) == asked
    assert world.takes_rung() == set()
    assert verdict(prison, asked, Cause.REFUSES) == Verdict(told=True, by_somebody=True)
    do(line.happened(asked, Spoken("nurse"), after(60)))
    assert raised(line, Cause.REFUSES, with_a_samaritan()) != asked
    assert world.takes_rung() == {LEADER}


@pytest.mark.parametrize("own", [Cause.CALLER_ASKED, Cause.CALLER_AGREED, Cause.DANGER_NOW])
@pytest.mark.parametrize("first", [True, False])
def test_a_person_at_risk_and_the_callers_own_danger_are_told_beside_each_other(
    line: Engine, world: World, prison: Database, own: Cause, *, first: bool
) -> None:
    """Safeguarding is not asked to come to the caller, nor the nurse about somebody else's harm."""
    both = (own, Cause.PERSON_AT_RISK)
    about_own, about_other = (raised(line, cause) for cause in (both if first else both[::-1]))
    if not first:
        about_own, about_other = about_other, about_own

    assert about_own != about_other
    assert world.takes_rung() == {DESK, WARD, LEADER}
    assert the_row(prison, about_own).cause == own
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.CANNOT_GO, after(5)))
    assert the_row(prison, about_own).closed_at is None


def test_how_the_caller_is_goes_to_what_is_about_them(line: Engine, prison: Database) -> None:
    about_other = raised(line, Cause.PERSON_AT_RISK)
    about_own = raised(line, Cause.DANGER_NOW)
    do(line.learn(CallId("call-one"), Condition.BREATHING, NOON))

    assert the_row(prison, about_own).condition == Condition.BREATHING
    assert the_row(prison, about_other).condition is None


def test_a_danger_behind_the_same_door_does_not_join_what_safeguarding_knows(
    line: Engine, world: World, prison: Database
) -> None:
    prison.do(lambda session: _move(session.get_one(tables.Phone, CALLERS["call-two"])))
    raised(line, Cause.PERSON_AT_RISK)
    do(line.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(5)))
    assert world.takes_rung() == {LEADER, SAFEGUARDING}

    raised(line, Cause.DANGER_NOW, call="call-two")
    assert world.takes_rung() == {DESK, WARD}


def _move(phone: tables.Phone) -> None:
    phone.cell_id = "cell-B1"


# ---- another process than the one that raised it


def of_node(database: Database, node: str) -> None:
    """The call is in the Asterisk of this node."""
    here = update(tables.Call).where(tables.Call.id == "call-one").values(node_id=node)
    database.do(lambda session: session.execute(here))


def two_nodes(database: Database) -> tuple[Engine, Engine, World]:
    """The first has the call; the world is the other one's."""
    of_node(database, "one")
    theirs = World()
    one, two = a_line(database, World(), "one"), a_line(database, theirs, "two")
    do(one.tick(NOON))
    do(two.tick(NOON))
    return one, two, theirs


def test_a_decision_that_nobody_made_in_time_is_left_to_the_node_that_knows_where_the_caller_is(
    prison: Database,
) -> None:
    one, two, theirs = two_nodes(prison)
    escalation = raised(one, Cause.REFUSES, with_a_samaritan())
    do(one.tick(after(89)))

    do(two.tick(after(91)))
    assert the_row(prison, escalation).deciding
    do(one.tick(after(91)))
    assert the_row(prison, escalation).cell_id == "cell-B1"
    assert theirs.rung == []


def test_when_that_node_is_dead_another_one_tells_staff_and_it_says_where_when_it_is_back(prison: Database) -> None:
    one, two, theirs = two_nodes(prison)
    escalation = raised(one, Cause.REFUSES, with_a_samaritan())

    do(two.tick(after(5)))
    assert theirs.takes_rung() == {LEADER}
    do(two.tick(after(91)))
    assert not the_row(prison, escalation).deciding
    assert theirs.takes_rung() == {DESK, WARD}
    assert where_it_says_so(prison) == []
    back = a_line(prison, World(), "one")
    do(back.recover(after(93)))
    do(back.adopt(CALL, PHONE))
    do(back.tick(after(94)))
    assert the_row(prison, escalation).cell_id == "cell-B1"
    assert openings(prison) == [escalation]


def test_a_yes_after_a_restart_says_where_the_caller_is(line: Engine, world: World, prison: Database) -> None:
    escalation = raised(line, Cause.PERSON_AT_RISK)
    world.ringing.clear()
    after_it = a_line(prison, world)

    (of_call,) = do(after_it.adopt(CALL, PHONE))
    do(after_it.recover(after(5)))
    assert (of_call.id, of_call.cause, of_call.deciding) == (escalation, Cause.PERSON_AT_RISK, True)
    assert where_it_says_so(prison) == []
    do(after_it.telling_ended(world.hangs_up(LEADER), TellingEnd.ACKNOWLEDGED, after(20)))
    assert the_row(prison, escalation).cell_id == "cell-B1"


@pytest.mark.parametrize("end", [TellingEnd.ACKNOWLEDGED, TellingEnd.CANNOT_GO])
def test_what_another_node_was_told_is_carried_out_by_the_one_that_knows_and_then_it_does_not_know_any_more(
    prison: Database, end: TellingEnd
) -> None:
    """The other one had taken over whom to ask, while this one started again."""
    one, two, theirs = two_nodes(prison)
    escalation = raised(one, Cause.PERSON_AT_RISK)
    do(two.tick(after(5)))
    do(one.tick(after(6)))

    do(two.telling_ended(theirs.hangs_up(LEADER), end, after(20)))
    do(one.tick(after(21)))
    told = end is TellingEnd.ACKNOWLEDGED
    assert openings(prison) == ([escalation] if told else [])
    assert one._sealed == {}


def test_what_another_node_tells_with_what_staff_know_already_is_not_kept_here(prison: Database) -> None:
    one, two, _ = two_nodes(prison)
    raised(one, Cause.CALLER_ASKED)
    raised(one, Cause.REFUSES, with_a_samaritan())
    assert len(one._sealed) == 1

    raised(two, Cause.CALLER_ASKED)
    do(one.tick(after(1)))
    assert one._sealed == {}


def test_what_was_opened_is_not_sealed_again_by_whoever_takes_the_call_over(line: Engine, prison: Database) -> None:
    raised(line, Cause.DANGER_NOW)
    after_it = a_line(prison, World())

    do(after_it.adopt(CALL, PHONE))
    assert after_it._sealed == {}
    assert len(openings(prison)) == 1
