"""The line, the ears or Asterisk itself die in the middle; the caller still reaches a human being."""

import asyncio
import signal

import pytest
from sqlalchemy import select

from models import tables
from models.words import Post
from stories.conftest import Story
from stories.losses import ADOPTED_WITHIN, SESSION_LOST, are_heard, kill, line_dies, line_is_back
from stories.moments import helpline_rings
from stories.people import Caller, Listener, they_hear_each_other

pytestmark = pytest.mark.anyio


async def in_conversation(story: Story, *, listening: bool = False) -> tuple[Caller, Listener]:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice(listening=listening)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    return caller, kestrel


async def test_with_the_line_dead_the_exchange_alone_says_so_and_rings_the_rota(story: Story) -> None:
    story.expected_trouble += SESSION_LOST
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await line_dies(story)
    try:
        await caller.dials("100")
        await caller.hears("alone/notice")
        await kestrel.is_rung(14)
        await kestrel.answers()
        await kestrel.hears("alone/offer")
        await kestrel.presses("1")
        await asyncio.sleep(1)
        await they_hear_each_other(caller, kestrel)
    finally:
        await line_is_back(story)
    # The line does not touch a conversation that the exchange made by itself.
    await they_hear_each_other(caller, kestrel)
    kestrel.rings_expected = kestrel.rings_since(0)


@pytest.mark.parametrize("key", ["2", None])
async def test_with_the_line_dead_a_caller_whose_listener_goes_is_not_hung_up_on(story: Story, key: str | None) -> None:
    """They say themselves that they have finished; who stays is called another, also one who could press nothing."""
    story.expected_trouble += SESSION_LOST
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await line_dies(story)
    try:
        await caller.dials("100")
        await kestrel.is_rung(14)
        await kestrel.answers()
        await kestrel.hears("alone/offer")
        await kestrel.presses("1")
        await they_hear_each_other(caller, kestrel)
        await kestrel.hangs_up()
        await caller.hears("talk/listener-gone")
        if key:
            await caller.presses(key)
            await caller.hears("talk/goodbye")
            await caller.is_cut_off()
        else:
            await kestrel.is_rung(20)
    finally:
        await line_is_back(story)
    kestrel.rings_expected = kestrel.rings_since(0)


async def test_with_the_line_dead_0_reaches_the_duty_office(story: Story) -> None:
    story.expected_trouble += SESSION_LOST
    caller = await story.caller()
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await line_dies(story)
    try:
        await caller.dials("100")
        await caller.hears("alone/notice")
        await caller.presses("27*")  # no key but 0 means anything to the exchange alone
        await asyncio.sleep(0.5)
        await caller.presses("0")
        await duty.is_rung()
        await duty.answers()
        talking = asyncio.create_task(duty.says("Duty office"))
        await caller.hears_a_voice()
        await talking
    finally:
        await line_is_back(story)


async def test_0_is_not_lost_when_the_line_died_while_it_was_ringing_somebody(story: Story) -> None:
    """Pressed to the exchange alone, before anybody has answered: staff are rung, and not the Listeners again first."""
    story.expected_trouble += SESSION_LOST
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    now = await helpline_rings(story)
    await line_dies(story)
    try:
        await now.caller.presses("0")
        await duty.is_rung(4)
        await duty.answers()
        await they_hear_each_other(now.caller, duty)
    finally:
        await line_is_back(story)


async def test_a_conversation_does_not_notice_that_the_line_dies_and_is_adopted(story: Story) -> None:
    caller, kestrel = await in_conversation(story, listening=True)
    await are_heard(story, 1)
    await line_dies(story)
    await are_heard(story, 0)
    await they_hear_each_other(caller, kestrel)
    nothing_wrong = asyncio.create_task(kestrel.does_not_hear("key/not-listening", 8))
    took = await line_is_back(story)
    await are_heard(story, 1)
    await they_hear_each_other(caller, kestrel)
    await nothing_wrong
    await caller.says("I am going to kill myself")
    await kestrel.is_whispered("flag/suicide_intent")
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")

    assert took < ADOPTED_WITHIN


async def test_an_escalation_survives_the_line_and_is_neither_lost_nor_doubled(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await kestrel.presses("*2")
    await kestrel.is_whispered("key/agreed")
    await kestrel.presses("1")
    # The caller has agreed, and has a moment to say no.
    await nurse.is_rung(16)
    await line_dies(story)
    await line_is_back(story)
    nurse.rings_expected = nurse.rings_since(0)
    await nurse.is_rung(8)
    nurse.rings_expected = nurse.rings_since(0)
    await nurse.answers()
    await nurse.hears("staff/agreed-to-help", 20)
    await nurse.presses("1")
    await nurse.hears("staff/you-are-going")

    with story.world.database.transaction() as session:
        (one,) = session.scalars(select(tables.Escalation))
    assert one.acknowledged_at is not None


async def test_a_hung_line_does_not_hold_the_caller(story: Story) -> None:
    story.expected_trouble += [*SESSION_LOST, "ami."]
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    process = story.world.service.line.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        await caller.dials("100")
        await caller.hears("alone/notice", 8)
        await kestrel.is_rung(14)
    finally:
        process.send_signal(signal.SIGCONT)
    kestrel.rings_expected = kestrel.rings_since(0)
    await asyncio.sleep(4)
    kestrel.rings_expected = kestrel.rings_since(0)


async def test_a_call_goes_on_when_the_ears_die_and_is_heard_again(story: Story) -> None:
    story.expected_trouble += ["websocket", "WebSocket", "speech"]
    caller, kestrel = await in_conversation(story, listening=True)
    kill(story, "speech")
    await kestrel.is_whispered("key/not-listening")
    await they_hear_each_other(caller, kestrel)
    await story.world.service.speech.start()
    await story.world.until_up()
    await asyncio.sleep(2)
    await caller.says("I am going to kill myself")
    await kestrel.is_whispered("flag/suicide_intent")


async def test_after_asterisk_restarts_callers_are_answered_and_nothing_is_left_open(story: Story) -> None:
    story.expected_trouble += ["ami.", "asterisk", "order.failed", "errand.failed", "whisper.failed"]
    caller, kestrel = await in_conversation(story)
    kill(story, "asterisk")
    await asyncio.sleep(0.5)
    await story.world.service.asterisk.start()
    await story.world.until_up()
    await asyncio.sleep(1)
    with story.world.database.transaction() as session:
        still_open = session.scalars(select(tables.Talk).where(tables.Talk.ended_at.is_(None))).all()
    assert still_open == []
    await story.world.unplug_everybody()
    story.people.clear()
    caller = await story.caller()
    (linnet,) = await story.listeners("Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await linnet.takes_the_call()
    del kestrel
