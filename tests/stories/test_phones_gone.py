"""A phone loses its power in a call, and never says goodbye: nobody is left with it, and nobody is rung for it."""

import asyncio
import os

import pytest

from ivr.gone_phones import GONE_WITHIN_SECONDS
from stories.conftest import Story
from stories.people import they_hear_each_other
from stories.test_losing_parts import in_conversation

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif("WINGLINE_LONG" not in os.environ, reason="takes five minutes: WINGLINE_LONG=1"),
]

GONE_WITHIN = GONE_WITHIN_SECONDS + 5


async def test_a_call_goes_on_over_the_questions_whether_it_is_there(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    await asyncio.sleep(100)
    await they_hear_each_other(caller, kestrel)


async def test_a_listener_whose_phone_is_gone_does_not_keep_the_caller(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    await kestrel.phone.goes_off()
    (linnet,) = await story.listeners("Linnet")
    await caller.hears("talk/listener-gone", GONE_WITHIN)
    await linnet.takes_the_call(within=20)
    await they_hear_each_other(caller, linnet)


async def test_a_caller_whose_phone_is_gone_does_not_keep_the_listener(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    await caller.phone.goes_off()
    await kestrel.hears("after/debrief", GONE_WITHIN)
