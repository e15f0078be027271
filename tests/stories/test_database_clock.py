"""The clock of the database's machine is set while people talk and staff are told: nobody waits for it to come right.

PostgreSQL's clock alone is set, by libfaketime: escalations are due, and nodes are missed, by that one.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.clock import now, of_database
from models.words import Post
from stories.conftest import QUICK, Story
from stories.people import they_hear_each_other
from stories.test_escalation import NEXT_STEP, in_conversation, says_danger
from wingline.bench.private_postgres import private_postgres
from wingline.chaos.wall_clock import SEEN_WITHIN, WallClock
from wingline.demo.prison import site_toml
from wingline.demo.world import World

pytestmark = pytest.mark.anyio

HOURS = 7200.0
# Until the line has seen it and put its rows right: it looks every second, and so does the library.
SEEN = 2 * SEEN_WITHIN + 2.0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the user whom PostgreSQL runs as can read, which no folder of pytest's is."""
    made = Path(tempfile.mkdtemp(prefix="wingline-clock-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def clock(folder: Path) -> WallClock:
    clock = WallClock(folder / "clock")
    if not clock.can_be_set:
        pytest.skip("libfaketime is not set up: .venv/bin/python -m wingline.setup clock")
    return clock


@pytest.fixture(scope="module")
async def world(folder: Path, clock: WallClock) -> AsyncIterator[World]:
    preloaded = clock.environment()
    library = shutil.copy(preloaded["LD_PRELOAD"], folder)
    with private_postgres(preloaded | {"LD_PRELOAD": str(library)}) as server:
        one = World(site_toml(now(), profile=str(QUICK), everybody=True))
        one.settings = one.settings.model_copy(update={"database": server.create("story")})
        async with one:
            yield one


async def is_set(story: Story, clock: WallClock, by: float) -> None:
    # By a clock that was put forward, a transaction has stood still for hours: it is made once more.
    story.expected_trouble += ["clock.jumped", "act.again"]
    clock.jump(by) if by else clock.come_right()
    await asyncio.sleep(2 * SEEN_WITHIN)
    asked = now()
    said = await story.world.database.run(of_database)
    # Whatever the answer took on a busy machine.
    jumped, a_second = timedelta(seconds=by), timedelta(seconds=1)
    assert asked + jumped - a_second < said < now() + jumped + a_second


@pytest.mark.parametrize("by", [-HOURS, HOURS])
async def test_the_next_of_staff_is_rung_in_time(story: Story, clock: WallClock, by: float) -> None:
    # Put forward, the time of a step is over at once.
    story.expected_trouble.append("escalation.warning")
    _, kestrel = await in_conversation(story)
    nurse, orderly = await story.staff(Post.HEALTHCARE, Post.ORDERLY_OFFICER)
    await says_danger(kestrel)
    await nurse.is_rung()
    await is_set(story, clock, by)
    await orderly.is_rung(NEXT_STEP + SEEN)
    await orderly.answers()
    await orderly.hears("staff/life-in-danger", 20)
    await is_set(story, clock, 0)


async def test_who_goes_and_does_not_arrive_is_rung_again_in_time(story: Story, clock: WallClock) -> None:
    story.expected_trouble.append("escalation.warning")
    _, kestrel = await in_conversation(story)
    (nurse,) = await story.staff(Post.HEALTHCARE)
    await says_danger(kestrel)
    await nurse.acknowledges()
    await nurse.is_cut_off(12)
    await is_set(story, clock, -HOURS)
    await nurse.is_rung(NEXT_STEP + SEEN)
    await is_set(story, clock, 0)


async def test_people_who_talk_go_on_and_others_are_answered(story: Story, clock: WallClock) -> None:
    # Put forward: by a clock that was put back only what is due comes late, and nobody here waits for that.
    caller, kestrel = await in_conversation(story)
    await is_set(story, clock, HOURS)
    await asyncio.sleep(SEEN)
    other, robin = await in_conversation(story, "Robin")
    await they_hear_each_other(caller, kestrel)
    await they_hear_each_other(other, robin)
    await is_set(story, clock, 0)
    await asyncio.sleep(SEEN)
    await they_hear_each_other(caller, kestrel)
