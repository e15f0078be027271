"""What the caller chooses, and what each key does, in every state of the call."""

import asyncio
import time

import pytest
from sqlalchemy import select

from models import tables
from models.words import Post
from stories.conftest import Story

pytestmark = pytest.mark.anyio


def listening(story: Story) -> list[bool]:
    with story.world.database.transaction() as session:
        return list(session.scalars(select(tables.Call.listening)))


def causes(story: Story) -> list[str]:
    with story.world.database.transaction() as session:
        return list(session.scalars(select(tables.Escalation.cause)))


async def test_a_call_is_answered_within_a_second_and_names_the_languages(story: Story) -> None:
    caller = await story.caller()
    await caller.dials("100")
    began = await caller.hears("line/name")
    await caller.hears("language/own-name", language="en")
    await caller.hears("language/own-name", language="cy")

    assert began - caller.since < 1.0


async def test_silence_means_english_and_no_machine_and_the_listener_is_rung(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.hears("notice/ask", 10)
    await kestrel.is_rung(16)
    await caller.hears("caller/listening-off")

    assert listening(story) == [False]


async def test_no_is_taken_from_the_first_syllable(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await asyncio.sleep(0.3)
    await caller.presses("1")
    await asyncio.sleep(0.3)
    await caller.presses("2")
    await kestrel.is_rung(2)

    assert listening(story) == [False]


async def test_the_second_language_is_spoken_from_then_on_and_listeners_of_it_are_rung(story: Story) -> None:
    caller = await story.caller()
    kestrel, heron = await story.listeners("Kestrel", "Heron")
    await caller.dials("100")
    await caller.hears("language/own-name", language="cy")
    await caller.presses("2")
    # The machine knows no Welsh, so the caller is not asked, and is told that nobody listens.
    await caller.hears("notice/off", language="cy")
    await heron.is_rung(16)
    await heron.answers()
    await heron.hears("language/own-name", language="cy")
    assert not kestrel.rings_expected
    assert listening(story) == [False]


async def test_the_machine_hears_only_after_a_yes(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice(listening=False)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.says("I am going to kill myself")
    await kestrel.does_not_hear("flag/suicide_intent", 3)


async def test_a_flag_prompts_the_listener_alone(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice(listening=True)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await asyncio.sleep(1.5)
    said = await caller.says("I am going to kill myself")
    prompted = await kestrel.is_whispered("flag/suicide_intent")
    await asyncio.sleep(1.5)

    caller.heard_nothing_between(said, prompted + 1.2)
    assert causes(story) == []


async def test_0_during_the_notice_brings_staff_and_the_call_goes_on(story: Story) -> None:
    caller = await story.caller()
    (control,) = await story.staff(Post.CONTROL_ROOM)
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.hears("language/own-name")
    await caller.presses("1")
    await caller.hears("notice/ask")
    await caller.presses("0")
    await caller.hears("staff-key/going")
    await control.is_rung(14)
    # What was asked is asked again, for nobody can have listened to both.
    await caller.hears("caller/staff-are-told-you-asked")
    pressed = time.monotonic()
    await asyncio.sleep(6)
    await caller.presses("2")
    await kestrel.is_rung(4)
    assert caller.phone.level(pressed + 5, pressed + 6) > -40


async def test_0_while_waiting_can_be_taken_back_with_2(story: Story) -> None:
    caller = await story.caller()
    (control,) = await story.staff(Post.CONTROL_ROOM)
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.is_rung()
    await caller.presses("0")
    await caller.hears("staff-key/going")
    await caller.presses("2")
    await caller.hears("staff-key/stopped")
    await control.is_not_rung(3)
    # Who does not answer is rung again meanwhile, sooner or later.
    kestrel.rings_expected = kestrel.rings_since(0)

    assert causes(story) == []


async def test_0_in_the_conversation_brings_staff_and_the_conversation_goes_on(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    (control,) = await story.staff(Post.CONTROL_ROOM)
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.presses("0")
    await caller.hears("staff-key/going")
    await control.acknowledges(14)
    await kestrel.is_whispered("key/caller-asked-staff")
    await kestrel.is_whispered("key/staff-acknowledged")
    await asyncio.sleep(3)
    talking = asyncio.create_task(caller.says("Are you still there"))
    await kestrel.hears_a_voice()
    await talking


async def test_a_caller_who_can_be_overheard_answers_with_keys(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.presses("*")
    await caller.hears("overheard/on")
    await kestrel.is_whispered("key/overheard")
    await caller.presses("1")
    await kestrel.is_whispered("key/yes")
    await caller.presses("2")
    await kestrel.is_whispered("key/no")


async def test_a_mis_key_of_the_listener_never_tells_anybody(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await kestrel.presses("*3")
    await kestrel.is_whispered("key/danger")
    await kestrel.presses("9")
    await kestrel.is_whispered("key/not-done")
    await nurse.is_not_rung(2)

    assert causes(story) == []


async def test_a_second_listener_joins(story: Story) -> None:
    caller = await story.caller()
    kestrel, linnet = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await kestrel.presses("*1")
    await kestrel.is_whispered("key/second")
    await kestrel.presses("1")
    await linnet.is_rung()
    await linnet.answers()
    await linnet.hears("offer/second-wanted")
    await linnet.presses("1")
    await caller.hears("talk/second-listener")
    talking = asyncio.create_task(caller.says("There are two of you now"))
    await asyncio.gather(kestrel.hears_a_voice(), linnet.hears_a_voice())
    await talking


async def test_a_listener_hands_over_to_another(story: Story) -> None:
    caller = await story.caller()
    kestrel, linnet = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await kestrel.presses("*4")
    await kestrel.is_whispered("key/hand-over")
    await kestrel.presses("1")
    await caller.hears("talk/passing-on")
    await linnet.takes_the_call()
    talking = asyncio.create_task(caller.says("Thank you for coming"))
    await linnet.hears_a_voice()
    await talking


async def test_misuse_ends_the_call_and_says_how_to_reach_staff(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await kestrel.presses("*5")
    await kestrel.is_whispered("key/misuse")
    await kestrel.presses("1")
    await caller.hears("talk/ended-by-listener")
    await caller.is_cut_off(12)
    await kestrel.hears("after/will-be-rung")


async def test_when_the_listener_hangs_up_the_caller_is_asked_what_next(story: Story) -> None:
    caller = await story.caller()
    kestrel, linnet = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await kestrel.hangs_up()
    await caller.hears("talk/listener-gone")
    await caller.presses("1")
    await linnet.takes_the_call()
    await caller.hears("A Listener is with you now.")
