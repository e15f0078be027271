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
from models import tables
from models.clock import now
from models.words import Cause, PhoneKind, Post
from stories.conftest import QUICK, Story
from stories.losses import SESSION_LOST, kill, line_dies, line_is_back
from wingline.demo.prison import ZONE, site_toml
from wingline.demo.world import World
from wingline.logs import LEVEL_VARIABLE
from wingline.nightly_site import beside, clear_away, phones
from wingline.phones.baresip import Line as PhoneLine
from wingline.phones.phone import Phone
from wingline.service import environment
from wingline.setup.programs import programs

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
    os.environ[LEVEL_VARIABLE] = "INFO"  # what is told is read in its log
    async with World(site_with_nightly(12)) as one:
        yield one


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


async def test_when_the_line_dies_its_own_caller_is_hung_up_on_and_goes_on_to_nobody(story: Story) -> None:
    """Another caller would go on to the queue of Listeners, the helpline and the duty office."""
    story.expected_trouble += SESSION_LOST
    world = story.world
    own = world.database.do(lambda session: phones(session, world.site.id))
    caller = next(one for one in own if one.kind is PhoneKind.CELL)
    baresip, registrar = programs(), ("127.0.0.1", world.settings.sip_port)
    line = PhoneLine(baresip.command("baresip"), baresip.baresip_modules(), caller.id, caller.secret, registrar)
    async with Phone("caller", line, folder=world.people / "itself") as phone:
        await phone.dial("100")
        assert await phone.connects(4) is not None
        await line_dies(story)
        assert await phone.ends(12) is not None
    await line_is_back(story)
    world.database.do(lambda session: clear_away(session, world.site.id))


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
