"""A caller, a Listener, and how the two come together."""

import asyncio
import re

import pytest
from sqlalchemy import select

from models import tables
from models.words import OfferEnd
from stories.conftest import NOBODY_THERE, Story

pytestmark = pytest.mark.anyio


def how_offers_ended(story: Story) -> list[str | None]:
    with story.world.database.transaction() as session:
        return list(session.scalars(select(tables.Offer.end).order_by(tables.Offer.rang_at)))


async def test_the_first_listener_rung_takes_the_call_and_they_hear_each_other(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")

    talking = asyncio.create_task(caller.says("Thank you for answering"))
    await kestrel.hears_a_voice()
    await talking
    talking = asyncio.create_task(kestrel.says("I am here, take your time"))
    await caller.hears_a_voice()
    await talking


async def test_a_listener_learns_nothing_of_who_calls(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await asyncio.sleep(1)

    with story.world.database.transaction() as session:
        cells = session.scalars(select(tables.Cell.location)).all()
        phones = session.scalars(select(tables.Phone.id)).all()
    own = kestrel.phone.name
    told = "\n".join(message.text for message in kestrel.phone.signalling if not message.sent)
    names = [name for name in (*cells, *phones) if name != own and re.search(rf"\b{re.escape(name)}\b", told)]
    mine = story.world.phone_id_of(kestrel.phone)
    assert [name for name in names if name != mine] == []


async def test_a_listener_who_passes_is_not_asked_why_and_the_next_is_rung(story: Story) -> None:
    caller = await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.is_rung()
    await first.answers()
    await first.hears("Listener call.")
    await first.presses("2")
    await first.hears("Passed. Thank you.")
    await second.takes_the_call()
    await caller.hears("A Listener is with you now.")

    assert how_offers_ended(story) == [OfferEnd.PASSED, OfferEnd.TAKEN]


async def test_a_missed_ring_moves_to_the_next_listener(story: Story) -> None:
    caller = await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.is_rung()
    await second.takes_the_call(within=8)
    await caller.hears("A Listener is with you now.")

    assert how_offers_ended(story) == [OfferEnd.MISSED, OfferEnd.TAKEN]


async def test_an_engaged_phone_moves_to_the_next_listener_at_once(story: Story) -> None:
    caller = await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.is_rung()
    await first.declines()
    await second.takes_the_call(within=2)
    await caller.hears("A Listener is with you now.")


async def test_a_listener_who_goes_off_duty_is_not_rung_for_the_next_caller(story: Story) -> None:
    caller, another = await story.caller(), await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.is_rung()
    await first.answers()
    await first.hears("Listener call.")
    await first.presses("3")
    await first.hears("You are off duty.")
    await second.takes_the_call()
    await another.dials("100")
    await another.is_through_the_notice()
    await another.hears("wait/outside", 6)


async def test_a_listener_in_a_call_is_never_rung(story: Story) -> None:
    caller, another = await story.caller(), await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.takes_the_call()
    await another.dials("100")
    await another.is_through_the_notice()
    await second.takes_the_call()
    await another.hears("A Listener is with you now.")


async def test_a_caller_who_hangs_up_while_the_listener_is_on_the_way_leaves_the_listener_free(story: Story) -> None:
    caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.is_rung()
    await kestrel.answers()
    await kestrel.hears("Listener call.")
    await kestrel.presses("1")
    await caller.hangs_up()
    await kestrel.hears("The caller has gone. Thank you.")


async def test_with_all_twelve_unreachable_the_caller_reaches_the_outside_helpline(story: Story) -> None:
    caller = await story.caller()
    helpline = await story.outside_helpline()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await caller.hears("wait/outside")
    await helpline.is_rung()
    await helpline.answers()
    talking = asyncio.create_task(helpline.says("Samaritans, can I help you"))
    await caller.hears_a_voice()
    await talking


async def test_with_nobody_anywhere_the_caller_is_never_left_in_silence(story: Story) -> None:
    story.expected_trouble += NOBODY_THERE
    caller = await story.caller()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await caller.hears("wait/outside")
    await caller.hears("wait/duty-office")
    await caller.hears("wait/nobody", 20)
    await caller.hears("wait/visit", 20)
    await caller.hears("grounding", 20)


async def test_a_rested_listener_is_not_needed_twice(story: Story) -> None:
    caller, another = await story.caller(), await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.takes_the_call()
    await caller.hangs_up()
    await first.hears("The caller has gone. Thank you.")
    await first.presses("1")
    await another.dials("100")
    await another.is_through_the_notice()
    await second.takes_the_call()


async def test_a_caller_cut_off_and_dialling_again_is_offered_the_same_listener(story: Story) -> None:
    caller = await story.caller()
    first, second = await story.listeners("Kestrel", "Linnet")
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await caller.hangs_up()
    await first.hears("The caller has gone. Thank you.")
    await first.hangs_up()
    await caller.dials("100")
    await caller.is_through_the_notice()
    await first.takes_the_call()
    await caller.hears("A Listener is with you now.")
    assert not second.rings_expected
