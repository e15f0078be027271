"""What must be true in every state of a call: the caller may hang up, press 0, and lose the line itself.

Each moment is tried in one of the three ways, and each way at several moments; all of them with WINGLINE_MOMENTS=all.
"""

import os

import pytest
from sqlalchemy import select

from models import tables
from models.words import Cause, Post
from stories import moments
from stories.conftest import Story
from stories.losses import ADOPTED_WITHIN, SESSION_LOST, line_dies, line_is_back
from stories.moments import Reach
from stories.people import they_hear_each_other

pytestmark = pytest.mark.anyio

LINE_SPEAKS: list[Reach] = [
    moments.languages,
    moments.notice,
    moments.listener_rings,
    moments.listener_hears_the_brief,
    moments.asked_what_next,
    moments.asked_about_a_visit,
]
SOMEBODY_IS_CALLED: list[Reach] = [moments.helpline_rings, moments.duty_office_rings]
SOMEBODY_IS_THERE: list[Reach] = [moments.with_a_listener, moments.with_the_helpline, moments.with_the_duty_office]
EVERY_MOMENT = [*LINE_SPEAKS, *SOMEBODY_IS_CALLED, *SOMEBODY_IS_THERE]


def some(moments_: list[Reach], of_three: int) -> list[Reach]:
    """Every third, beginning at one of the first three."""
    return moments_ if os.environ.get("WINGLINE_MOMENTS") == "all" else moments_[of_three::3]


@pytest.mark.parametrize("reach", some(EVERY_MOMENT, 0))
async def test_a_caller_who_hangs_up_leaves_nobody_ringing_and_nothing_open(story: Story, reach: Reach) -> None:
    now = await reach(story)
    await now.caller.hangs_up()

    if now.other:
        await now.other.is_cut_off(25)  # a Listener is asked first whether they are all right


@pytest.mark.parametrize("reach", some(EVERY_MOMENT, 1))
async def test_0_brings_staff_with_spoken_confirmation(story: Story, reach: Reach) -> None:
    # The call is ended by the story while the feature that brings staff runs in it.
    story.expected_trouble.append("Abnormal 'Gosub(wl-staff-beside")
    (control,) = await story.staff(Post.CONTROL_ROOM)
    now = await reach(story)
    await now.caller.presses("0")
    await now.caller.hears("staff-key/going")
    await control.is_rung(16)
    if now.other:
        now.other.rings_expected = now.other.rings_since(0)  # a Listener who did not answer is rung again meanwhile

    with story.world.database.transaction() as session:
        assert session.scalars(select(tables.Escalation.cause)).all() == [Cause.CALLER_ASKED]


# A minute is needed to come to the last: it is in the gravest of the three alone.
@pytest.mark.parametrize("reach", some([*LINE_SPEAKS, moments.grounding], 2))
async def test_a_line_killed_while_it_speaks_leaves_the_caller_to_the_exchange_and_is_back_in_time(
    story: Story, reach: Reach
) -> None:
    story.expected_trouble += SESSION_LOST
    now = await reach(story)
    (linnet,) = await story.listeners("Linnet")
    await line_dies(story)
    await now.caller.hears("alone/notice", 6)
    took = await line_is_back(story)
    await linnet.comes_to_the_caller()
    await they_hear_each_other(now.caller, linnet)
    if now.other:
        now.other.rings_expected = now.other.rings_since(0)

    assert took < ADOPTED_WITHIN


@pytest.mark.parametrize("reach", some(SOMEBODY_IS_CALLED, 0))
async def test_a_line_killed_while_somebody_is_called_for_the_caller_does_not_stop_the_ring(
    story: Story, reach: Reach
) -> None:
    now = await reach(story)
    assert now.other
    await line_dies(story)
    await now.other.answers()
    await they_hear_each_other(now.caller, now.other)
    took = await line_is_back(story)
    await they_hear_each_other(now.caller, now.other)

    assert took < ADOPTED_WITHIN


@pytest.mark.parametrize("reach", some(SOMEBODY_IS_THERE, 0))
async def test_a_line_killed_while_somebody_is_there_is_not_noticed(story: Story, reach: Reach) -> None:
    now = await reach(story)
    assert now.other
    await line_dies(story)
    await they_hear_each_other(now.caller, now.other)
    took = await line_is_back(story)
    await they_hear_each_other(now.caller, now.other)

    assert took < ADOPTED_WITHIN
