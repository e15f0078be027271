"""The line calls itself through the whole chain: nobody is rung, nothing is left, and a broken link rings somebody."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from escalation.nightly import Link
from ivr.ami import Ami
from models import tables
from models.clock import now
from models.words import Cause, Post
from stories.conftest import QUICK, Story
from stories.losses import SESSION_LOST, kill, line_dies, line_is_back
from wingline.demo.prison import ZONE, site_toml
from wingline.demo.world import World
from wingline.nightly_site import beside
from wingline.service import environment

pytestmark = pytest.mark.anyio

# A call to itself takes about a minute.
A_CALL = 150.0
# What stays of it: its phones, and the entries of the audit.
STAYS = {"acts", "nightly_calls"}


def site_with_nightly(hours_from_now: int) -> str:
    at = (now() + timedelta(hours=hours_from_now)).astimezone(ZoneInfo(ZONE)).time().replace(microsecond=0)
    return f"{site_toml(now(), profile=str(QUICK), everybody=True)}\n[nightly]\nat = {at}\n"


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    os.environ.setdefault("WINGLINE_LOG_LEVEL", "INFO")
    async with World(site_with_nightly(12)) as one:
        yield one


@pytest.fixture(scope="module")
async def manager(world: World) -> AsyncIterator[Ami]:
    async with world.manager() as ami:
        yield ami


def counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables.Base.metadata.sorted_tables
        if table.name not in STAYS
    }


async def wingline(story: Story, *arguments: str) -> tuple[int, Sequence[str]]:
    """The command line, as somebody types it on the machine of the line."""
    running = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("wingline")), *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment(story.world.settings)},
    )
    said, _ = await asyncio.wait_for(running.communicate(), A_CALL)
    return running.returncode or 0, said.decode().splitlines()


async def test_every_link_holds_and_nothing_of_the_call_is_left(story: Story) -> None:
    staff = await story.staff(Post.HEALTHCARE, Post.DUTY_OFFICE)
    listeners = await story.listeners("Kestrel", "Linnet")
    before = story.world.database.do(counts)

    code, said = await wingline(story, "nightly", "run", "--json")
    made = json.loads(said[-1])
    assert (code, made["broken"]) == (0, None), made
    assert [one["link"] for one in made["links"]] == [link for link in Link if link is not Link.FINISHED]
    assert story.world.database.do(counts) == before
    for person in (*staff, *listeners):
        await person.is_not_rung(0.1)


async def test_a_line_that_dies_in_the_middle_of_it_sends_it_to_nobody(story: Story) -> None:
    """Another caller would go on to the queue of Listeners, the helpline, the duty office; each ring fails a story."""
    story.expected_trouble += ["nightly.broken", *SESSION_LOST]
    await story.staff(Post.DUTY_OFFICE)
    await story.listeners("Kestrel", "Linnet")
    await story.outside_helpline()
    before = story.world.database.do(counts)
    making = asyncio.create_task(wingline(story, "nightly", "run", "--json"))
    while story.world.database.do(counts)["calls"] == before["calls"]:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(0.1)
    await line_dies(story)
    code, said = await making

    assert (code, json.loads(said[-1])["broken"]) == (1, Link.NOTICE)
    assert story.world.database.do(counts) == before
    await line_is_back(story)


async def test_a_broken_link_rings_whoever_looks_after_the_line_and_says_which(story: Story) -> None:
    """By plan: the line begins it by itself, and the speech process is dead."""
    story.expected_trouble += [
        "nightly.broken",
        "speech.",
        "agi",
        "AGI",
        "ami.",
        "WebSocket",
        "websocket",
        "order.failed",
    ]
    (duty,) = await story.staff(Post.DUTY_OFFICE)
    await line_dies(story)
    story.world.settings.site_file.write_text(site_with_nightly(0))
    await line_is_back(story)
    kill(story, "speech")

    await duty.is_rung(A_CALL)
    await duty.answers()
    await duty.hears("staff/line-broken", 12)
    await duty.presses("1")
    await duty.hears("staff/you-are-going", 12)
    with story.world.database.transaction() as session:
        (night,) = session.scalars(select(tables.NightlyCall).where(tables.NightlyCall.kind == "planned"))
        (told,) = session.scalars(select(tables.Escalation))
        assert session.scalar(select(func.count()).where(tables.Call.site_id == beside(story.world.site.id))) == 0
    assert (night.broken, night.escalation_id) == (Link.HEARD, told.id)
    assert (told.cause, told.cell_id, told.call_id) == (Cause.LINE_BROKEN, None, None)
    await story.world.service.speech.start()
