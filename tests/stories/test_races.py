"""Two Listeners press 1 in the same 50 ms, many times: one has the caller, the other hears that it was taken."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import tables
from models.clock import now
from stories.conftest import Story
from stories.people import Caller, Listener
from wingline.demo.prison import site_toml
from wingline.demo.world import World

pytestmark = pytest.mark.anyio

# Each takes six seconds; the long run is asked for (WINGLINE_RACES=500).
TIMES = int(os.environ.get("WINGLINE_RACES", "6"))
# In parts, so that they can be run side by side in prisons of their own.
PARTS = int(os.environ.get("WINGLINE_RACE_PARTS", "1"))
RACE = Path(__file__).parent / "race.toml"


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    async with World(site_toml(now(), profile=str(RACE), everybody=True)) as one:
        yield one


@pytest.mark.parametrize("part", range(PARTS))
async def test_two_presses_in_the_same_50_ms_have_one_winner(story: Story, part: int) -> None:
    caller = await story.caller()
    pair = await story.listeners("Kestrel", "Linnet")
    for turn in range(part, TIMES, PARTS):
        await both_press(caller, pair)
        with story.world.database.transaction() as session:
            seated = session.scalar(select(func.count()).where(tables.Talk.ended_at.is_(None)))
        losers = [heard for heard in await asyncio.gather(*(hears_taken(one) for one in pair)) if heard]
        await caller.hears("talk/listener-here", 4)
        await everybody_hangs_up(story)

        assert seated == 1, f"turn {turn}: {seated} Listeners have the caller"
        assert len(losers) == 1, f"turn {turn}: {len(losers)} heard that it was taken"


async def both_press(caller: Caller, pair: list[Listener]) -> None:
    await caller.dials("100")
    await caller.presses("1")
    await caller.presses("2")
    await asyncio.gather(*(one.is_rung(8) for one in pair))
    await asyncio.gather(*(one.answers() for one in pair))
    pressed = await asyncio.gather(*(one.presses("1") for one in pair))
    assert max(pressed) - min(pressed) < 0.05


async def hears_taken(listener: Listener) -> bool:
    clip = listener.clip("offer/taken")
    return await listener.phone.hears(clip, 2.5, since=listener.since) is not None


async def everybody_hangs_up(story: Story) -> None:
    await story.everybody_hangs_up()
    await asyncio.gather(*(one.phone.ends(4) for one in story.people))
    await story.nothing_is_left()
