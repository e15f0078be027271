"""A next release that brings other tables: while people are on the phone, when it goes wrong, and the way back."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from models.clock import now
from models.migrate import newest
from models.words import Post
from stories.conftest import NOBODY_THERE, Story
from stories.moments import through_the_notice, with_a_listener
from stories.people import Caller, Listener, they_hear_each_other
from wingline.backup.copies import revision_of
from wingline.bench.installed import Installed, WentWrong
from wingline.bench.private_postgres import _installed, private_postgres
from wingline.bench.releases import NEXT, REVISION, THIS, Releases
from wingline.demo.prison import site_toml
from wingline.upgrading import lines

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif("WINGLINE_LONG" not in os.environ, reason="takes minutes: WINGLINE_LONG=1, as make soak has it"),
]

WRONG, DIES = "1.5.0", "1.6.0"
# A caller who agreed hears what will be told, and can then still say no.
TO_SAY_NO = 16.0
# On a slow machine the step may be over in which a phone rang, and the next that rings it is the first again.
ALL_STEPS, NEXT_RING, HEARD = 200.0, 60.0, 60.0
_serial = count(1)


@pytest.fixture(autouse=True)
def _log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINGLINE_LOG_LEVEL", "INFO")


@asynccontextmanager
async def installed(folder: Path, *, database: str = "", beside: Installed | None = None) -> AsyncIterator[Installed]:
    releases = Releases(folder / f"opt-{next(_serial)}")
    await asyncio.to_thread(releases.install)
    async with Installed(releases, site_toml(now(), everybody=True), database=database, beside=beside) as world:
        yield world


@asynccontextmanager
async def story_in(world: Installed, cells: Iterator[str]) -> AsyncIterator[Story]:
    async with world.manager() as manager:
        story = Story(world, manager, cells)
        # While another process of the line starts, what ticks in this one may be late.
        story.expected_trouble += ("apscheduler.scheduler._process_jobs", *NOBODY_THERE)
        yield story
        for person in story.people:
            # How often a phone rings again over a change is not asked here.
            person.rings_expected = [] if isinstance(person, Caller) else person.rings_since(0)
        await story.ends()


def of_release(world: Installed) -> list[int]:
    """By which release each call's row was written, in their order."""
    with world.database.transaction() as session:
        return list(session.scalars(text("SELECT by_release FROM calls ORDER BY began_at")))


async def brought(world: Installed) -> None:
    async with asyncio.timeout(180):
        while revision_of(world.settings.database_url) != REVISION:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)


async def is_killed_and_back(world: Installed) -> None:
    before = lines(world.settings)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(180):
        while not lines(world.settings) - before:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)
    await world.answers()


async def is_answered(world: Installed, cells: Iterator[str]) -> Caller:
    caller = Caller(world, await world.cell_phone(next(cells)))
    await caller.dials()
    await caller.hears("line/name")
    return caller


async def with_whom(listener: Listener, *callers: Caller) -> Caller:
    """Whom the Listener hears: of two who wait, it is not said here which comes first."""
    words = await listener.world.voices.speak("Hello, can you hear me now", "flite:rms")
    loud = []
    for caller in callers:
        began, ended = await caller.phone.says(words)
        await asyncio.sleep(0.3)
        loud.append(listener.phone.level(began, ended + 0.3))
    return callers[loud.index(max(loud))]


async def test_calls_go_on_over_a_release_that_brings_other_tables(tmp_path: Path, cells: Iterator[str]) -> None:
    async with installed(tmp_path) as world, story_in(world, cells) as story:
        await asyncio.to_thread(world.releases.install_next)
        nurse, _ = await story.staff(Post.HEALTHCARE, Post.CONTROL_ROOM)
        talking = await with_a_listener(story)
        assert isinstance(talking.other, Listener)
        (linnet,) = await story.listeners("Linnet")
        waiting = await through_the_notice(story)
        await linnet.is_rung()
        dialling = await story.caller()
        await talking.other.presses("*2")
        await talking.other.is_whispered("key/agreed")
        await talking.other.presses("1")
        await nurse.is_rung(TO_SAY_NO)
        upgrading = asyncio.create_task(world.types("upgrade", "--json"))
        # The line of the release before takes calls, with tables of the one that comes.
        await brought(world)
        await dialling.dials()
        await dialling.is_through_the_notice()
        await they_hear_each_other(talking.caller, talking.other, HEARD)
        upgraded = json.loads(await upgrading)

        assert list(world.settings.backups.iterdir()) == [Path(upgraded["backup"])]
        assert await world.release() == NEXT
        assert all(one.phone.in_call for one in (talking.caller, talking.other, waiting, dialling))
        await they_hear_each_other(talking.caller, talking.other, HEARD)
        await talking.other.presses("*1")
        await talking.other.hears("key/second")
        await nurse.acknowledges(ALL_STEPS)
        await linnet.takes_the_call(NEXT_RING)
        await they_hear_each_other(await with_whom(linnet, waiting, dialling), linnet, HEARD)
        later = await story.caller()
        await later.dials()
        await later.hears("line/name")
        assert of_release(world) == [1, 1, 1, 2]


async def test_a_release_that_goes_wrong_leaves_the_line_and_the_way_back_is_the_backup(
    tmp_path: Path, cells: Iterator[str]
) -> None:
    async with installed(tmp_path) as world:
        talking = await is_answered(world, cells)
        await asyncio.to_thread(world.releases.install_next, WRONG, then="raise ZeroDivisionError")
        with pytest.raises(WentWrong, match=f"the step after {newest()} went wrong"):
            await world.types("upgrade")
        assert talking.phone.in_call
        assert await world.release() == THIS
        # What dies is started again of the release whose tables are there, not of the one that is installed.
        await is_killed_and_back(world)
        assert await world.release() == THIS
        await (await is_answered(world, cells)).hangs_up()

        world.releases.go_back()
        dies = await asyncio.to_thread(world.releases.install_next, DIES)
        (dies / "wingline" / "line.py").write_text("import time\ntime.sleep(2)\nraise SystemExit(1)\n")
        with pytest.raises(WentWrong, match="The old one goes on"):
            await world.types("upgrade")
        assert talking.phone.in_call
        await is_killed_and_back(world)
        assert (await world.release(), revision_of(world.settings.database_url)) == (THIS, REVISION)
        await (await is_answered(world, cells)).hangs_up()

        world.releases.go_back()
        await asyncio.to_thread(world.releases.install_next)
        await world.types("upgrade")
        assert await world.release() == NEXT
        await (await is_answered(world, cells)).hangs_up()
        *before, last = of_release(world)
        assert (set(before), last) == ({1}, 2)

        await talking.hangs_up()
        await world.types("drain", "--within", "1")
        await world.unplug_everybody()
        await world.ended()
        world.database.engine.dispose()
        world.releases.go_back()
        with pytest.raises(WentWrong, match="the tables are newer than this release"):
            await world.types("up")
        first = min(world.settings.backups.iterdir())
        await world.types("restore", str(first), "--identity", str(world.key_file()), "--replace")
        await world.start()
        assert await world.release() == THIS
        assert revision_of(world.settings.database_url) == newest()
        with world.database.transaction() as session:
            assert session.scalar(text("SELECT count(*) FROM calls")) == 1
        await is_answered(world, cells)


async def test_of_two_nodes_one_works_with_the_tables_of_the_others_next_release_until_it_follows(
    tmp_path: Path, cells: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{_installed() / 'bin'}:{os.environ['PATH']}")
    async with AsyncExitStack() as held:
        url = held.enter_context(private_postgres()).create("prison")
        first = await held.enter_async_context(installed(tmp_path, database=url))
        second = await held.enter_async_context(installed(tmp_path, beside=first))
        here = await held.enter_async_context(story_in(first, cells))
        there = await held.enter_async_context(story_in(second, cells))
        await asyncio.to_thread(first.releases.install_next)
        talking = await with_a_listener(here)
        (linnet,) = await there.listeners("Linnet")
        beside = await through_the_notice(there)
        await linnet.takes_the_call()
        assert talking.other

        await first.types("upgrade")
        assert (await first.release(), await second.release()) == (NEXT, THIS)
        await they_hear_each_other(talking.caller, talking.other, HEARD)
        await linnet.presses("*1")
        await linnet.hears("key/second")
        await (await is_answered(second, cells)).hangs_up()
        await is_killed_and_back(second)
        assert await second.release() == THIS
        await (await is_answered(second, cells)).hangs_up()
        await they_hear_each_other(beside, linnet, HEARD)
        with pytest.raises(WentWrong, match="the tables are newer than this release"):
            await second.types("kept", "check")

        await asyncio.to_thread(second.releases.install_next)
        await second.types("upgrade")
        assert await second.release() == NEXT
        await they_hear_each_other(beside, linnet, HEARD)
        await they_hear_each_other(talking.caller, talking.other, HEARD)
        await (await is_answered(second, cells)).hangs_up()
        assert of_release(first) == [1, 1, 1, 1, 2]
        await here.everybody_hangs_up()
