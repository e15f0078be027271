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
from sqlalchemy import select

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
