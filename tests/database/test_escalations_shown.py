"""What the board and the staff's line read of escalations: when staff were told, who of them, and whose phone it is."""

from dataclasses import replace

import pytest
from builders import NOON, SITE
from escalation_world import (
    CALLERS,
    DESK,
    LEADER,
    PHONES,
    PROFILE,
    WARD,
    World,
    a_line,
    a_staffed_prison,
    after,
    do,
    raising,
)

from console.store import OpenEscalation, PostTold, facts_of
from escalation.case import Closed, Spoken
from escalation.engine import Engine
from escalation.profile import WhoConfirms
from ivr.staff_acts import standing
from ivr.store import post_of_phone
from models.database import Database
from models.words import Cause, EscalationId, Outcome, Post, SiteId, TellingEnd

ASKS_A_SAMARITAN = replace(PROFILE, choices=replace(PROFILE.choices, who_confirms=WhoConfirms.LISTENER_AND_SAMARITAN))


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


def shown(prison: Database) -> OpenEscalation:
    (one,) = prison.do(lambda session: facts_of(session, SiteId(SITE), NOON)).escalations
    return one


def test_staff_were_told_when_the_first_phone_was_rung(prison: Database, line: Engine) -> None:
    do(line.raise_escalation(raising(), after(3)))
    do(line.tick(after(90)))

    assert shown(prison).told_at == after(3)


def test_a_phone_that_cannot_be_rung_tells_nobody(prison: Database, line: Engine, world: World) -> None:
    world.unreachable |= {DESK, WARD}
    do(line.raise_escalation(raising(Cause.CALLER_ASKED), NOON))

    assert PostTold(Post.HEALTHCARE, TellingEnd.UNREACHABLE) in shown(prison).posts
    # The next step was rung at once.
    assert shown(prison).told_at == NOON
    assert PostTold(Post.ORDERLY_OFFICER, None) in shown(prison).posts


def test_with_nobody_reachable_nobody_has_been_told(prison: Database, line: Engine, world: World) -> None:
    world.unreachable |= set(PHONES)
    do(line.raise_escalation(raising(Cause.CALLER_ASKED), NOON))

    assert shown(prison).told_at is None


def test_who_was_asked_whether_staff_are_told_is_not_among_those_told(
    prison: Database, line: Engine, world: World
) -> None:
    asked = replace(raising(Cause.REFUSES), profile=ASKS_A_SAMARITAN)
    do(line.raise_escalation(asked, NOON))
    before = shown(prison)
    do(line.telling_ended(world.telling_at(LEADER), TellingEnd.ACKNOWLEDGED, after(30)))
    decided = shown(prison)

    assert (before.open.case.deciding, before.told_at, before.posts) == (True, None, ())
    assert (decided.told_at, {told.post for told in decided.posts}) == (after(30), {Post.CONTROL_ROOM, Post.HEALTHCARE})


def test_what_is_closed_does_not_stand_any_more(prison: Database, line: Engine) -> None:
    def stands(escalation: EscalationId) -> bool:
        return prison.do(lambda session: standing(session, SiteId(SITE), escalation)) is not None

    escalation = do(line.raise_escalation(raising(), NOON))
    do(line.happened(escalation, Spoken("nurse"), after(5)))
    assert stands(escalation)
    do(line.close(escalation, Closed("nurse", spoken=True, outcome=Outcome.SAFE_NOW), after(9)))
    assert not stands(escalation)


def test_only_a_phone_of_staff_belongs_to_a_post(prison: Database) -> None:
    found = prison.do(lambda session: [post_of_phone(session, phone) for phone in (WARD, CALLERS["call-one"])])

    assert found == [Post.HEALTHCARE, None]
