"""2 takes back what staff are about to be told, wherever the caller hears us and whatever became of the line."""

import asyncio
import time

import pytest

from models.words import Cause, Post
from stories.conftest import Story
from stories.losses import SESSION_LOST, line_dies, line_is_back
from stories.people import Caller, Listener, Staff, they_hear_each_other
from stories.test_disclosures import causes, in_conversation

pytestmark = pytest.mark.anyio


async def agreed_and_killed(story: Story) -> tuple[Caller, Listener, Staff]:
    """The line is killed while the caller hears what staff will be told; here it is back, and says so once more."""
    story.expected_trouble += SESSION_LOST
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    await caller.begins_to_hear("caller/staff-are-told-you-agreed")
    await line_dies(story)
    killed = time.monotonic()
    await asyncio.sleep(6)
    assert causes(story) == []
    await line_is_back(story)
    await caller.hears("caller/staff-are-told-you-agreed", after=killed)
    return caller, kestrel, nurse


async def test_a_caller_who_agreed_is_asked_again_after_the_line_was_killed_and_then_staff_are_told(
    story: Story,
) -> None:
    caller, kestrel, nurse = await agreed_and_killed(story)
    await caller.hears("caller/press-2-to-stop")
    await nurse.is_rung(16)
    await kestrel.is_whispered("key/staff-called")

    assert causes(story) == [Cause.CALLER_AGREED]


async def test_a_caller_who_agreed_can_say_no_to_the_line_that_came_after_the_killed_one(story: Story) -> None:
    caller, kestrel, nurse = await agreed_and_killed(story)
    await caller.presses("2")
    await caller.hears("staff-key/stopped")
    await kestrel.is_whispered("key/caller-said-no")
    await nurse.is_not_rung(7)
    await they_hear_each_other(caller, kestrel)

    assert causes(story) == []


async def test_a_second_0_can_be_taken_back_and_whoever_was_called_before_still_comes(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (control,) = await story.staff(Post.CONTROL_ROOM)
    await caller.presses("0")
    await caller.hears("staff-key/going")
    await control.is_rung(14)
    await caller.hears("caller/staff-are-told-you-asked")
    again = time.monotonic()
    await they_hear_each_other(caller, kestrel)
    await caller.presses("0")
    await caller.hears("staff-key/going", after=again)
    await caller.presses("2")
    await caller.hears("staff-key/taken-back")
    await they_hear_each_other(caller, kestrel)
    await control.answers()
    await control.hears("staff/asked-for-staff", 20)

    assert causes(story) == [Cause.CALLER_ASKED]


async def test_a_2_beside_the_conversation_counts_and_the_caller_is_back_in_it(story: Story) -> None:
    """The first 2 stops the 0 that they pressed meanwhile, the second what they had agreed to."""
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    await caller.begins_to_hear("caller/staff-are-told-you-agreed")
    await caller.presses("0")
    await caller.begins_to_hear("staff-key/going")
    await caller.presses("2")
    await caller.begins_to_hear("staff-key/stopped")
    await caller.presses("2")
    await kestrel.is_whispered("key/caller-said-no")
    await nurse.is_not_rung(12)
    await they_hear_each_other(caller, kestrel)

    assert causes(story) == []


async def test_a_danger_that_a_cut_off_listener_was_naming_does_not_wait_for_the_words_about_a_0(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*3")
    await kestrel.is_whispered("key/danger")
    await caller.presses("0")
    await caller.begins_to_hear("staff-key/going")
    await kestrel.hangs_up()
    told = await caller.hears("caller/staff-are-told-line-lost", 16)
    await nurse.is_rung()
    await nurse.answers()
    said = await nurse.hears("staff/line-lost", 20)

    assert told < said
    assert causes(story) == [Cause.LINE_LOST]
