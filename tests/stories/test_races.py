"""Two Listeners press 1 at the same moment, a hundred times: one has the caller, the other hears that it was taken."""

import asyncio
import os

import pytest
from sqlalchemy import func, select, update

from models import tables
from stories.conftest import Story

pytestmark = pytest.mark.anyio

TIMES = int(os.environ.get("WINGLINE_RACES", "100"))


async def test_two_presses_in_the_same_50_ms_have_one_winner(story: Story) -> None:
    caller = await story.caller()
    pair = await story.listeners("Kestrel", "Linnet")
    (wren,) = pair[:1]
    del wren
    for turn in range(TIMES):
        await caller.dials("100")
        await caller.presses("1")
        await caller.presses("2")
        await asyncio.gather(*(one.is_rung(10) for one in pair))
        await asyncio.gather(*(one.answers() for one in pair))
        await asyncio.gather(*(one.phone.press("1") for one in pair))
        await caller.hears("talk/listener-here", 6)
        with story.world.database.transaction() as session:
            seated = session.scalar(select(func.count()).where(tables.Talk.ended_at.is_(None)))
        assert seated == 1, f"turn {turn}: {seated} Listeners have the caller"
        await caller.hangs_up()
        await asyncio.gather(*(one.is_cut_off(20) for one in pair if one.phone.in_call))
        with story.world.database.transaction() as session:
            session.execute(update(tables.Listener).values(resting_until=None))
