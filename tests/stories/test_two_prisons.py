"""Two prisons on one PostgreSQL, each with its own database, exchange and line: nothing of one is in the other.

Both have the same cells, Listeners, posts and numbers, so that whatever crossed would find somebody there.
"""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import tables
from models.clock import now
from models.words import Post
from stories.conftest import QUICK, Story
from stories.losses import SESSION_LOST, line_dies, line_is_back
from stories.people import Caller, Listener, Staff, they_hear_each_other
from stories.test_escalation import in_conversation, says_danger
from wingline.bench.private_postgres import private_postgres
from wingline.demo.prison import cells_of, site_toml
from wingline.demo.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif("WINGLINE_LONG" not in os.environ, reason="takes minutes: WINGLINE_LONG=1, as make soak has it"),
]

NAMES = {"north": "HMP North", "south": "HMP South"}
CELL = cells_of("B")[4]
# Two prisons start on the same cores, beside whatever else the machine does; what is due then is done a second later.
TICK_IS_LATE = "apscheduler.scheduler._process_jobs"


@dataclass(slots=True)
class Prison:
    story: Story
    caller: Caller
    listener: Listener
    nurse: Staff

    async def talks(self) -> None:
        await they_hear_each_other(self.caller, self.listener)

    async def tells_staff(self) -> None:
        await says_danger(self.listener)
        await self.nurse.acknowledges()
        # Who says that they go, and does not arrive before the story is over, is rung again.
        self.story.expected_trouble.append("escalation.warning")


def a_prison_file(site: str) -> str:
    written = site_toml(now(), profile=str(QUICK), everybody=True)
    return written.replace('id = "demo"', f'id = "{site}"').replace("HMP Demonstration", NAMES[site])


@pytest.fixture(scope="module")
async def worlds() -> AsyncIterator[dict[str, World]]:
    async with contextlib.AsyncExitStack() as built:
        server = built.enter_context(private_postgres())
        up: dict[str, World] = {}
        for place, site in enumerate(NAMES):
            # One after the other: each looks for ports that are free.
            world = World(a_prison_file(site))
            first, last = world.settings.rtp_first, world.settings.rtp_last
            half = (last - first) // 2
            sound = {"rtp_first": first + place * half + place, "rtp_last": last if place else first + half}
            world.settings = world.settings.model_copy(update={"database": server.create_for(site), **sound})
            up[site] = await built.enter_async_context(world)
        yield up


@pytest.fixture
async def prisons(worlds: dict[str, World]) -> AsyncIterator[list[Prison]]:
    """In each somebody in the same cell talks with the same Listener; the nurse's phone is plugged in."""
    async with contextlib.AsyncExitStack() as held:
        stories = [
            Story(world, await held.enter_async_context(world.manager()), itertools.repeat(CELL))
            for world in worlds.values()
        ]
        for story in stories:
            story.expected_trouble.append(TICK_IS_LATE)
            held.push_async_callback(story.ends)
        talks = await asyncio.gather(*(in_conversation(story) for story in stories))
        nurses = [(await story.staff(Post.HEALTHCARE))[0] for story in stories]
        both = [Prison(story, *talk, nurse) for story, talk, nurse in zip(stories, talks, nurses, strict=True)]
        yield both
        for prison in both:
            prison.nurse.rings_expected = prison.nurse.rings_since(0)


def rows(session: Session) -> dict[str, list[str]]:
    """The calls and escalations that the database knows, and whose rows they, and its phones, are."""
    calls, escalations = tables.Call, tables.Escalation
    sites = {site for table in (calls, escalations, tables.Phone) for site in session.scalars(select(table.site_id))}
    found = {"calls": session.scalars(select(calls.id)), "escalations": session.scalars(select(escalations.id))}
    return {name: list(ids) for name, ids in found.items()} | {"sites": sorted(sites)}


def still_talking(session: Session) -> int:
    return session.scalar(select(func.count()).where(tables.Talk.ended_at.is_(None))) or 0


def board(world: World, password: str) -> str:
    """As a browser shows it to staff; or the page to sign in, when the password is refused."""
    with httpx.Client(base_url=world.console_url, timeout=20, follow_redirects=True) as browser:
        page = browser.get("sign-in").text
        token = page.split('name="token" value="')[1].split('"', maxsplit=1)[0]
        browser.post("sign-in", data={"token": token, "name": "staff", "password": password})
        return browser.get("").text


async def test_a_line_that_comes_back_finds_its_own_and_nothing_of_the_other_prison(prisons: list[Prison]) -> None:
    north, south = prisons
    north.story.expected_trouble += SESSION_LOST
    await line_dies(north.story)
    # What it looks for when it is back is there in the other prison: a talk, and staff who are being told.
    await asyncio.gather(line_is_back(north.story), south.tells_staff())
    await asyncio.gather(north.talks(), south.talks())
    assert north.nurse.rings_since(0) == []
    await north.tells_staff()

    known = [await prison.story.world.database.run(rows) for prison in prisons]
    for site, found in zip(NAMES, known, strict=True):
        assert found["sites"] == [site]
        assert (len(found["calls"]), len(found["escalations"])) == (1, 1)
    assert [await prison.story.world.database.run(still_talking) for prison in prisons] == [1, 1]
    await each_console_shows_its_own(prisons, [found["escalations"][0] for found in known])


async def each_console_shows_its_own(prisons: list[Prison], escalations: list[str]) -> None:
    worlds = [prison.story.world for prison in prisons]
    for world, other, own, others in zip(worlds, worlds[::-1], escalations, escalations[::-1], strict=True):
        shown = await asyncio.to_thread(board, world, world.password)
        assert own in shown
        assert others not in shown
        assert own not in await asyncio.to_thread(board, world, other.password)
