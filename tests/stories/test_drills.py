"""A drill on real phones, from the command line to the report, and what becomes of it when a real danger begins."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from escalation.drill_report import Finding
from models import tables
from models.words import Cause, Post
from stories.conftest import Story
from stories.test_escalation import Console, in_conversation, says_danger
from wingline.service import environment

pytestmark = pytest.mark.anyio

COMMAND_SECONDS = 30.0


async def wingline(story: Story, *arguments: str) -> tuple[int, Sequence[str]]:
    """The command line, as somebody types it on the machine of the line."""
    running = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("wingline")), *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment(story.world.settings)},
    )
    said, _ = await asyncio.wait_for(running.communicate(), COMMAND_SECONDS)
    return running.returncode or 0, said.decode().splitlines()


def escalations(story: Story, cause: Cause) -> list[tables.Escalation]:
    with story.world.database.transaction() as session:
        return list(session.scalars(select(tables.Escalation).where(tables.Escalation.cause == cause)))


async def test_a_drill_runs_the_protocol_on_real_phones_and_says_what_it_took(story: Story) -> None:
    (nurse,) = await story.staff(Post.HEALTHCARE)
    _, said = await wingline(story, "drill", "start", "--by", "Sam", "--json")
    asked = json.loads(said[-1])["drill"]
    await nurse.is_rung(8)
    await nurse.answers()
    heard = await nurse.hears("staff/drill", 12)
    await nurse.presses("1")
    await nurse.hears("staff/you-are-going", 12, after=heard)
    (drill,) = escalations(story, Cause.DRILL)
    console = await asyncio.to_thread(Console, story)
    await asyncio.to_thread(console.close, drill.id, "yes")

    code, said = await wingline(story, "drill", "report", asked, "--json")
    found = json.loads(said[-1])
    assert (code, found["findings"], found["asked"]["by"]) == (0, [], "Sam")
    (group,) = found["acknowledged"]
    assert group["took"]["by"] == Post.HEALTHCARE
    assert found["first_ring"] <= 1 < group["took"]["seconds"] <= found["closed"]["seconds"]
    assert (drill.cell_id, drill.call_id) == (None, None)


async def test_a_drill_gives_way_to_a_real_danger(story: Story) -> None:
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    _, said = await wingline(story, "drill", "start", "--by", "Sam", "--json")
    asked = json.loads(said[-1])["drill"]
    await nurse.is_rung(8)
    await says_danger(kestrel)
    # The phone stops and rings again at once.
    await asyncio.sleep(2)
    assert len(nurse.rings_since(0)) == 2
    nurse.rings_expected = nurse.rings_since(0)
    await nurse.answers()
    await nurse.hears("staff/life-in-danger", 20)

    code, said = await wingline(story, "drill", "report", asked, "--json")
    assert (code, json.loads(said[-1])["findings"]) == (1, [Finding.GAVE_WAY])
    (real,) = escalations(story, Cause.DANGER_NOW)
    assert real.closed_at is None
