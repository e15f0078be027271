"""The doctor on a real Asterisk, a real speech process and a real line; and a reload that a call must not notice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from models.clock import now
from models.words import Post
from wingline.demo.prison import POSTS, site_toml
from wingline.demo.world import World
from wingline.doctor.examination import examine, linked
from wingline.doctor.finding import Finding, Grade
from wingline.preparing import take_site_file
from wingline.reloading import reload_site
from wingline.site_rows import apply_site

CALLER = "B-2-013"
NEW_CELL = "D-1-001"


def in_a_world(story: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        async with World() as world:
            await story(world)

    asyncio.run(run())


def graded(findings: list[Finding], grade: Grade) -> set[str]:
    return {one.name for one in findings if one.grade is grade}


def test_a_line_with_its_phones_is_well_from_end_to_end() -> None:
    async def story(world: World) -> None:
        await asyncio.gather(*(world.staff_phone(Post(post)) for post in POSTS), world.listener_phone("Kestrel"))

        findings = await examine(world.settings, quick=False)

        assert not graded(findings, Grade.FAILED)
        assert {"test sentence", "caller to machine", "caller to Listener", "machine to Listener"} <= graded(
            findings, Grade.OK
        )
        assert await gone(world)

    in_a_world(story)


async def gone(world: World) -> bool:
    """Nothing of the test call is left, in Asterisk or on the disk."""
    async with linked(world.settings) as ami:
        for _ in range(40):
            if not await ami.list_of("CoreShowChannels", "CoreShowChannelsComplete"):
                return True
            await asyncio.sleep(0.1)
    return False


def test_what_is_broken_is_what_the_doctor_names() -> None:
    async def story(world: World) -> None:
        await world.staff_phone(Post.HEALTHCARE)
        await world.service.speech.stop()
        (world.settings.data / "asterisk/run/kept.wav").touch()

        findings = await examine(world.settings, quick=False)

        assert graded(findings, Grade.FAILED) == {"speech", "staff phones", "Listeners' phones", "no recordings"}

    in_a_world(story)


def test_a_reload_brings_a_new_phone_and_touches_no_live_call(tmp_path: Path) -> None:
    """Not even the call of a phone that the new file makes a Listener's."""

    async def story(world: World) -> None:
        caller = await world.cell_phone(CALLER)
        await caller.dial("100")
        assert await caller.connects(5)

        site = take_site_file(world.settings, with_a_new_wing_and_listener(tmp_path))
        with world.database.transaction() as session:
            apply_site(session, site)
        async with linked(world.settings) as ami:
            done = await reload_site(world.settings, ami)
            again = await reload_site(world.settings, ami)

        assert done.read_again == ("pjsip.conf",)
        assert done.wait_for_restart == again.read_again == ()
        newcomer = await world.cell_phone(NEW_CELL)
        await newcomer.dial("100")
        assert await newcomer.connects(5)
        assert caller.in_call
        assert await caller.hears_sound(12)

    in_a_world(story)


def with_a_new_wing_and_listener(folder: Path) -> Path:
    file = folder / "site.toml"
    until = (now() + timedelta(days=30)).date()
    file.write_text(
        f"""{site_toml(now())}
[[wings]]
letter = "D"
name = "Delta"
cells = ["{NEW_CELL}"]

[[listeners]]
code_name = "Osprey"
cell = "{CALLER}"
certified_from = {now().date()}
certified_until = {until}
"""
    )
    return file
