"""A phone loses its power in a call, and never says goodbye, or its sound alone is lost: nobody is left with it."""

import asyncio
import os

import pytest

from ivr.gone_phones import (
    GONE_WITHIN_SECONDS,
    LOOK_EVERY_SECONDS,
    SOUND_LOST_WITHIN_SECONDS,
    STEADY_AFTER_LOOKS,
)
from stories.conftest import Story
from stories.people import Person, they_hear_each_other
from stories.test_losing_parts import in_conversation
from wingline.chaos.faults.sound import sound_port
from wingline.chaos.udp import UdpSocket, udp_sockets

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif("WINGLINE_LONG" not in os.environ, reason="takes five minutes: WINGLINE_LONG=1"),
]

GONE_WITHIN = GONE_WITHIN_SECONDS + 5
# Until the line knows of a phone that it sends without a pause.
KNOWN_AFTER = (STEADY_AFTER_LOOKS + 4) * LOOK_EVERY_SECONDS


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


def sound_is_lost(story: Story, person: Person) -> list[UdpSocket]:
    """Both ways, and nothing else: the phone answers, and its call goes on."""
    phone, asterisk = person.phone, story.world.service.asterisk.pid
    assert phone._baresip
    assert phone._baresip._process
    ours, theirs = sound_port(phone, sent=True), sound_port(phone, sent=False)
    assert asterisk
    assert ours
    assert theirs
    sockets = [*udp_sockets(phone._baresip._process.pid, ours), *udp_sockets(asterisk, theirs)]
    assert [one.lets_nothing_in() for one in sockets] == [True, True]
    return sockets


async def test_a_listener_whose_sound_alone_is_lost_does_not_keep_the_caller(story: Story) -> None:
    story.expected_trouble.append("phone.sound_lost_in_a_call")
    caller, kestrel = await in_conversation(story)
    await asyncio.sleep(KNOWN_AFTER)
    sound_is_lost(story, kestrel)
    (linnet,) = await story.listeners("Linnet")
    await caller.hears("talk/listener-gone", SOUND_LOST_WITHIN_SECONDS + 5)
    await linnet.takes_the_call(within=20)
    await they_hear_each_other(caller, linnet)


async def test_a_caller_whose_sound_alone_is_lost_for_a_minute_is_in_the_same_conversation(story: Story) -> None:
    caller, kestrel = await in_conversation(story)
    await asyncio.sleep(KNOWN_AFTER)
    lost = sound_is_lost(story, caller)
    await asyncio.sleep(60)
    assert [one.lets_all_in() for one in lost] == [True, True]
    await they_hear_each_other(caller, kestrel)
