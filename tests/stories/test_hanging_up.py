"""A caller may hang up at any moment; nothing and nobody is left behind. The checks are the story's own end."""

import pytest
from sqlalchemy import select

from models import tables
from models.words import Post
from stories.conftest import Story

pytestmark = pytest.mark.anyio


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
