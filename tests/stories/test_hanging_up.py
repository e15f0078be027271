"""A caller may hang up at any moment; nothing and nobody is left behind. The checks are the story's own end."""

import asyncio

import pytest
from sqlalchemy import select

from models import tables
from models.words import Post
from stories.conftest import NOBODY_THERE, Story

pytestmark = pytest.mark.anyio


async def test_during_the_languages(story: Story) -> None:
    caller = await story.caller()
    await caller.dials("100")
    await asyncio.sleep(0.5)
    await caller.hangs_up()


async def test_during_the_notice(story: Story) -> None:
    caller = await story.caller()
    await caller.dials("100")
    await caller.presses("1")
    await caller.hears("notice/ask")
    await caller.hangs_up()


async def test_while_a_listener_is_rung_whose_phone_stops_at_once(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.is_rung()
    await caller.hangs_up()
    await kestrel.is_cut_off(2)


async def test_while_the_listener_hears_the_brief(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.is_rung()
    await kestrel.answers()
    await kestrel.hears("Listener call.")
    await caller.hangs_up()
    await kestrel.is_cut_off(8)


async def test_in_the_conversation_the_listener_is_offered_a_debrief_and_rests(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.hangs_up()
    await kestrel.hears("after/debrief")
    await kestrel.presses("2")
    await kestrel.hears("after/will-be-called")

    with story.world.database.transaction() as session:
        (rested,) = session.scalars(select(tables.Listener).where(tables.Listener.resting_until.is_not(None)))
    assert rested.code_name == "Kestrel"
    assert rested.wants_debrief


async def test_while_staff_are_being_called_they_are_called_all_the_same(story: Story) -> None:
    caller = await story.caller()
    (control,) = await story.staff(Post.CONTROL_ROOM)
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.presses("0")
    await caller.hears("caller/staff-are-told-you-asked", 16)
    await control.is_rung()
    await caller.hangs_up()
    await control.answers()
    await control.hears("staff/not-on-line", 30)


async def test_while_the_outside_helpline_rings(story: Story) -> None:
    caller = await story.caller()
    helpline = await story.outside_helpline()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await helpline.is_rung(14)
    await caller.hangs_up()
    await helpline.is_cut_off(2)


async def test_while_talking_to_the_outside_helpline(story: Story) -> None:
    caller = await story.caller()
    helpline = await story.outside_helpline()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await helpline.is_rung(14)
    await helpline.answers()
    await asyncio.sleep(0.5)
    await caller.hangs_up()
    await helpline.is_cut_off(2)


async def test_while_the_duty_office_rings(story: Story) -> None:
    story.expected_trouble += NOBODY_THERE
    caller = await story.caller()
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await caller.dials("100")
    await caller.is_through_the_notice()
    await duty.is_rung(20)
    await caller.hangs_up()
    await duty.is_cut_off(2)


async def test_during_the_grounding(story: Story) -> None:
    story.expected_trouble += NOBODY_THERE
    caller = await story.caller()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await caller.hears("grounding", 60)
    await caller.hangs_up()
