"""`wingline bench upgrade`: the line is changed for the next one with real phones in calls; what each of them noticed.

The next one is another process of this release, or with --next-release of one that brings other tables.

Callers in conversations, callers who wait, and callers who dial in the moment of the change. It ends by itself.
"""

import asyncio
import json as jsons
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy import func, select

from models import tables
from models.clock import now
from models.errors import OurFault
from wingline.bench.installed import Installed
from wingline.bench.releases import NEXT, Releases
from wingline.demo.prison import LISTENERS, WINGS, cells_of, site_toml
from wingline.demo.world import World
from wingline.logs import LEVEL_VARIABLE
from wingline.phones.errors import PhoneError
from wingline.phones.phone import Phone

Calls = Annotated[int, typer.Option("--calls", min=3, max=22, help="Live calls when the line is changed.")]
Dials = Annotated[int, typer.Option("--dials", min=0, max=6, help="Callers who dial in the moment of the change.")]
NextRelease = Annotated[
    bool, typer.Option("--next-release", help="Change it by `wingline upgrade` for a release with other tables.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]

# Of the calls, so many are conversations: each takes two phones.
TALKING = 0.4
SOON_SECONDS, LATER_SECONDS, CHANGE_SECONDS = 6.0, 40.0, 90.0
LOUD = -45.0


class NoCalls(OurFault):
    def __init__(self, talks: int) -> None:
        super().__init__(f"only {talks} conversations came about; run it again when the machine is idle")


@dataclass(slots=True)
class Noticed:
    """Times in milliseconds. ``lost``: calls that ended; ``sent_away``: who heard that no computer is there."""

    calls: int = 0
    talks: int = 0
    lost: int = 0
    deaf: int = 0
    sent_away: int = 0
    adopted: int = 0
    rung_again_ms: list[float] = field(default_factory=list)
    dialled_ms: list[float] = field(default_factory=list)
    unanswered: int = 0


def command(*, calls: Calls = 20, dials: Dials = 5, next_release: NextRelease = False, json: Json = False) -> None:
    """Change the line for the next one with so many live calls, and count what was lost."""
    with TemporaryDirectory(prefix="wingline-opt-") as folder:
        noticed = asyncio.run(measure(calls, dials, _installed(Path(folder)) if next_release else None))
    found = as_found(noticed)
    typer.echo(jsons.dumps(found) if json else "\n".join(f"{name:36}{value}" for name, value in found.items()))
    raise typer.Exit(bool(noticed.lost or noticed.deaf or noticed.unanswered))


def as_found(noticed: Noticed) -> dict[str, float | int | None]:
    return {
        "calls": noticed.calls,
        "conversations": noticed.talks,
        "lost": noticed.lost,
        "conversations_deaf": noticed.deaf,
        "sent_away": noticed.sent_away,
        "known_to_the_next": noticed.adopted,
        "waiting_rung_again_ms_median": _middle(noticed.rung_again_ms),
        "waiting_rung_again_ms_max": max(noticed.rung_again_ms, default=None),
        "dialled_in_the_change": len(noticed.dialled_ms) + noticed.unanswered,
        "dialled_unanswered": noticed.unanswered,
        "dialled_to_first_words_ms_median": _middle(noticed.dialled_ms),
        "dialled_to_first_words_ms_max": max(noticed.dialled_ms, default=None),
    }


def _middle(numbers: Sequence[float]) -> float | None:
    return round(statistics.median(numbers), 1) if numbers else None


def _installed(folder: Path) -> Releases:
    releases = Releases(folder)
    releases.install()
    return releases


async def measure(calls: int, dials: int, releases: Releases | None) -> Noticed:
    """Without ``releases`` it is changed for another process of this release."""
    # The moment of the change is read in the line's log.
    os.environ[LEVEL_VARIABLE] = "INFO"
    talks = round(calls * TALKING)
    site = site_toml(now(), everybody=True)
    async with Installed(releases, site) if releases else World(site) as world:
        cells = [cell for letter in WINGS for cell in cells_of(letter)[4:]]
        callers = [await world.cell_phone(cell) for cell in cells[:calls]]
        diallers = [await world.cell_phone(cell) for cell in cells[calls : calls + dials]]
        listeners = [await world.listener_phone(name) for name in LISTENERS[:talks]]
        await _talks(world, callers[:talks], listeners)
        # Nobody is left whom the line could ring for these.
        await asyncio.gather(*(_through_the_notice(world, one) for one in callers[talks:]))
        pairs = await _pairs(callers[:talks], listeners)
        return await _changed(world, callers, diallers, pairs)


async def _talks(world: World, callers: Sequence[Phone], listeners: Sequence[Phone]) -> None:
    taking = [asyncio.create_task(_takes(world, one)) for one in listeners]
    for caller in callers:
        await _through_the_notice(world, caller)
    deadline = time.monotonic() + LATER_SECONDS
    while (found := _open_talks(world)) < len(callers):
        if time.monotonic() > deadline:
            raise NoCalls(found)
        await asyncio.sleep(0.2)
    for task in taking:
        task.cancel()
    await asyncio.sleep(3)


def _open_talks(world: World) -> int:
    asked = select(func.count()).where(tables.Talk.ended_at.is_(None))
    return world.database.do(lambda session: session.scalar(asked) or 0)


async def _through_the_notice(world: World, caller: Phone) -> None:
    since = await caller.dial(world.site.site.short_code)
    await caller.connects(SOON_SECONDS)
    await caller.hears(_clip(world, "language/own-name"), SOON_SECONDS, since=since)
    await caller.press("1")
    await asyncio.sleep(1)
    await caller.press("2")
    await asyncio.sleep(1)


async def _takes(world: World, listener: Phone) -> None:
    """Answers whatever rings and presses 1 until a conversation has come of it."""
    while True:
        if not listener.in_call and await listener.rings(LATER_SECONDS):
            with suppress(PhoneError):
                await listener.answer()
                await listener.hears(_clip(world, "offer/listener-call"), SOON_SECONDS)
                await listener.press("1")
        await asyncio.sleep(0.5)


async def _pairs(callers: Sequence[Phone], listeners: Sequence[Phone]) -> list[tuple[Phone, Phone]]:
    """Who talks with whom: by whose voice each Listener hears."""
    pairs = []
    for caller in callers:
        began, ended = await caller.says(_voice())
        heard = max(listeners, key=lambda one: one.level(began, ended + 0.3))
        pairs.append((caller, heard))
    return pairs


def _voice() -> bytes:
    """Half a second that is loud: who hears it, not what it says, is asked."""
    import numpy as np  # noqa: PLC0415 - only here

    sound = np.random.default_rng(1).normal(0, 6000, 4000).clip(-20000, 20000)
    return sound.astype("<i2").tobytes()


async def _changed(
    world: World, callers: Sequence[Phone], diallers: Sequence[Phone], pairs: Sequence[tuple[Phone, Phone]]
) -> Noticed:
    noticed = Noticed(calls=sum(one.in_call for one in callers), talks=len(pairs))
    log = world.settings.logs / "line.log"
    read = log.stat().st_size
    changing = asyncio.create_task(_change(world))
    async with asyncio.timeout(CHANGE_SECONDS):
        while b"handover.lets_go" not in log.read_bytes()[read:]:  # noqa: ASYNC110 - another process says it there
            await asyncio.sleep(0.005)
    at = time.monotonic()
    dialled = await asyncio.gather(*(_dials(world, one, number * 0.05) for number, one in enumerate(diallers)))
    noticed.dialled_ms = [one for one in dialled if one is not None]
    noticed.unanswered = len(dialled) - len(noticed.dialled_ms)
    async with asyncio.timeout(CHANGE_SECONDS):
        if not await changing:
            raise OurFault("the line was not changed: see line.log")
    talking = {caller for caller, _ in pairs}
    for one in callers:
        if one not in talking and one.in_call:
            again = await one.hears(_clip(world, "wait/ringing"), 0.5, since=at - 0.05)
            noticed.rung_again_ms += [(again - at) * 1000] if again else []
            noticed.sent_away += await one.hears(_clip(world, "alone/notice"), 0.1, since=at) is not None
    for caller, listener in pairs:
        noticed.deaf += not (await _hears(caller, listener) and await _hears(listener, caller))
    noticed.lost = noticed.calls - sum(one.in_call for one in callers)
    noticed.adopted = log.read_bytes()[read:].count(b"call.adopted")
    return noticed


async def _change(world: World) -> bool:
    if not isinstance(world, Installed):
        return await world.service.line.hand_over()
    await asyncio.to_thread(world.releases.install_next)
    await world.types("upgrade")
    return await world.release() == NEXT


async def _dials(world: World, one: Phone, after: float) -> float | None:
    """Milliseconds from the last digit until the line's first words."""
    await asyncio.sleep(after)
    since = await one.dial(world.site.site.short_code)
    heard = await one.hears(_clip(world, "language/own-name"), SOON_SECONDS, since=since)
    return None if heard is None else (heard - since) * 1000


async def _hears(speaking: Phone, listening: Phone) -> bool:
    for _ in range(3):
        began, ended = await speaking.says(_voice())
        await asyncio.sleep(0.3)
        if listening.level(began, ended + 0.3) > LOUD:
            return True
    return False


def _clip(world: World, prompt: str) -> bytes:
    """Its first second and a half is enough, and soon found."""
    return (world.settings.prompts / "en" / f"{prompt}.wav").read_bytes()[44 : 44 + 24000]
