"""A new process of the line takes over while people are on the phone: nobody is lost, and nobody is sent away."""

import asyncio

import pytest
from sqlalchemy import select

from models import tables
from stories.conftest import NOBODY_THERE, Story
from stories.moments import through_the_notice, with_a_listener
from stories.people import they_hear_each_other

pytestmark = pytest.mark.anyio

# Who dials while neither process answers hears the line within this; about half a second on a quiet machine.
ANSWERED_WITHIN = 4.0


async def hands_over(story: Story) -> None:
    before = story.world.service.line.pid
    assert await story.world.service.line.hand_over()
    assert story.world.service.line.pid != before


async def test_over_an_upgrade_conversations_go_on_and_whoever_waits_or_dials_is_answered(story: Story) -> None:
    # Who dialled chooses nothing, and is on their way to the outside helpline when the story ends.
    story.expected_trouble += NOBODY_THERE
    talking = await with_a_listener(story)
    assert talking.other
    (linnet,) = await story.listeners("Linnet")
    waiting = await through_the_notice(story)
    await linnet.is_rung()
    dialling = await story.caller()
    changing = asyncio.create_task(hands_over(story))
    # As near to the change as a phone can be.
    while not story.says("handover.lets_go"):  # noqa: ASYNC110 - another process says it, in its log
        await asyncio.sleep(0.01)
    await dialling.dials("100")
    await changing

    await dialling.hears("language/own-name", ANSWERED_WITHIN)
    await they_hear_each_other(talking.caller, talking.other)
    # The new one knows the conversation, for its keys do what they did, and who waits: their phone is rung again.
    await talking.other.presses("*1")
    await talking.other.hears("key/second")
    await linnet.takes_the_call(8)
    linnet.rings_expected = linnet.rings_since(0)
    await they_hear_each_other(waiting, linnet)
    with story.world.database.transaction() as session:
        calls = session.scalars(select(tables.Call)).all()
    assert [one.ended_at for one in calls] == [None, None, None]
