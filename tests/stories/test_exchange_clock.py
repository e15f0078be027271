"""The wall clock of the exchange is set while people talk: nobody loses their call, and phones find the way back."""

import asyncio
import os
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from models.clock import now
from stories.conftest import QUICK, Story
from stories.people import Caller, they_hear_each_other
from stories.test_losing_parts import in_conversation
from wingline import exchange
from wingline.chaos.wall_clock import SEEN_WITHIN, WallClock
from wingline.children import Child
from wingline.demo.prison import site_toml
from wingline.demo.world import World

pytestmark = pytest.mark.anyio

HOURS = 7200.0
# Phones register at least so often (ivr/asterisk/pjsip.conf), and a moment for it.
REGISTERED_WITHIN = 120 + 10


class ClockThatIsSet(World):
    """Asterisk's wall clock alone is set, by libfaketime."""

    wall_clock: WallClock

    async def start(self) -> None:
        self.wall_clock = WallClock(self.folder / "clock")
        command = exchange.command(exchange.exchange_of(self.settings, self.site, self.database))
        self.service.asterisk = Child("asterisk", command, self.settings.logs, self.wall_clock.environment())
        await super().start()


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[ClockThatIsSet]:
    async with ClockThatIsSet(site_toml(now(), profile=str(QUICK), everybody=True)) as one:
        yield one


@pytest.fixture
def clock(world: ClockThatIsSet) -> WallClock:
    if not world.wall_clock.can_be_set:
        pytest.skip("libfaketime is not set up: .venv/bin/python -m wingline.setup clock")
    return world.wall_clock


async def is_set(story: Story, clock: WallClock, by: float) -> None:
    clock.jump(by) if by else clock.come_right()
    await asyncio.sleep(2 * SEEN_WITHIN)
    said = await story.manager.act("Getvar", Variable="EPOCH")
    assert float(said.fields["Value"]) == pytest.approx(now().timestamp() + by, abs=5)


async def test_a_conversation_goes_on_and_the_machine_goes_on_listening(story: Story, clock: WallClock) -> None:
    caller, kestrel = await in_conversation(story, listening=True)
    for by in (HOURS, 0):
        await is_set(story, clock, by)
        await they_hear_each_other(caller, kestrel)
    await caller.says("I am going to kill myself")
    await kestrel.is_whispered("flag/suicide_intent")


@pytest.mark.skipif("WINGLINE_LONG" not in os.environ, reason="takes two minutes: WINGLINE_LONG=1")
async def test_phones_that_were_thereby_forgotten_are_soon_known_again(story: Story, clock: WallClock) -> None:
    caller: Caller = await story.caller()
    (kestrel,) = await story.listeners("Kestrel")
    await is_set(story, clock, HOURS)
    began = monotonic()
    while not await registered(story):
        assert monotonic() - began < REGISTERED_WITHIN
        await asyncio.sleep(1)
    await caller.dials("100")
    await caller.is_through_the_notice()
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await is_set(story, clock, 0)


async def registered(story: Story) -> bool:
    rows = await story.manager.list_of("PJSIPShowContacts", "ContactListComplete")
    return sum(row.name == "ContactList" for row in rows) == len(story.people)
