"""Staff dial their own line: they hear what is open, and take it through its life by keys."""

import pytest
from sqlalchemy import select

from models import tables
from models.words import Outcome, Post
from stories.conftest import Story
from stories.losses import SESSION_LOST, line_dies, line_is_back
from stories.people import Caller, Listener

# A caller who agreed hears what will be told, and has 5 s to say no.
TO_SAY_NO = 16.0

pytestmark = pytest.mark.anyio


async def in_conversation(story: Story) -> tuple[Caller, Listener]:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    return caller, kestrel


def the_escalation(story: Story) -> tables.Escalation:
    with story.world.database.transaction() as session:
        (one,) = session.scalars(select(tables.Escalation))
        return one


async def test_a_nurse_hears_what_is_open_and_takes_it_from_going_to_closed(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (control,) = await story.staff(Post.CONTROL_ROOM)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    await control.is_rung(TO_SAY_NO)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await nurse.dials("300")
    await nurse.hears("staff-line/name")
    kind = await nurse.hears("staff/agreed-to-help")
    letter = caller.phone.name[0]
    where = await nurse.hears(f"{ {'A': 'Alpha', 'B': 'Bravo', 'C': 'Charlie'}[letter] } wing", 20)
    since = await nurse.hears("staff-line/since", 20)
    nobody = await nurse.hears("staff-line/nobody-goes", 20)
    assert kind < where < since < nobody

    await nurse.presses("1")
    await nurse.hears("staff-line/you-go")
    await kestrel.is_whispered("key/staff-acknowledged")
    # Whoever still rang need not come.
    await control.is_cut_off()
    await nurse.presses("2")
    await nurse.hears("staff-line/you-are-at-the-door")
    await nurse.presses("3")
    await nurse.hears("staff-line/you-have-spoken")
    assert the_escalation(story).closed_at is None
    await nurse.presses("5")
    await nurse.hears("staff-line/what-happened")
    await nurse.presses("2")
    await nurse.hears("staff-line/closed")
    await nurse.hears("staff-line/nothing-open")
    await nurse.is_cut_off(8)

    one = the_escalation(story)
    assert (one.acknowledged_by, one.at_door_by, one.spoken_by, one.closed_by) == (Post.HEALTHCARE,) * 4
    assert one.outcome == Outcome.HEALTHCARE_ATTENDED


async def test_when_nothing_is_open_the_line_says_so(story: Story) -> None:
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await nurse.dials("300")
    await nurse.hears("staff-line/nothing-open")
    await nurse.is_cut_off(8)


async def test_with_the_line_dead_the_exchange_alone_says_so(story: Story) -> None:
    story.expected_trouble += SESSION_LOST
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await line_dies(story)
    try:
        await nurse.dials("300")
        await nurse.hears("alone/staff-line")
        await nurse.is_cut_off(10)
    finally:
        await line_is_back(story)
