"""`wingline protocol bench`: how soon the phones of staff ring, on real phones in a prison of its own.

A Listener presses the danger key again and again in a call, and then in the next one. Nobody answers, so that the next
step rings as well. Then it is closed, and the next one begins when all phones are silent again. It ends by itself.
"""

import asyncio
import json as jsons
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from sqlalchemy import select

from escalation.profile import PROTOCOL
from models import tables
from models.clock import now
from models.errors import OurFault
from models.words import Post
from wingline.demo.prison import on_duty_now, site_toml
from wingline.demo.world import World
from wingline.nightly_close import Closer
from wingline.phones.errors import PhoneError
from wingline.phones.phone import Phone
from wingline.preparing import Progress
from wingline.setup.steps import step

Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
Rings = Annotated[int, typer.Option("--rings", min=1, max=2000, help="How many times; each takes about six seconds.")]

# A phone that a program holds is silent for five minutes (wingline.phones.mouth); then it has no more to send.
IN_A_CALL = 25
SOON_SECONDS = 6.0
LATER_SECONDS = 30.0
CELL = "B-2-010"
# So that the key falls on every part of the second in which the line looks what is due: the golden ratio's multiples.
_SPREAD = 0.618034


class NoCall(OurFault):
    def __init__(self) -> None:
        super().__init__("the caller and a Listener were not brought together; run it again when the machine is idle")


@dataclass(slots=True)
class Figures:
    """In milliseconds, one for each time that it rang; ``missed`` are the times in which a phone did not ring."""

    key_to_ring: list[float] = field(default_factory=list)
    step_to_ring: list[float] = field(default_factory=list)
    missed: int = 0


def command(*, rings: Rings = 200, json: Json = False) -> None:
    """Measure from the Listener's key to the first ring, and from an unanswered step to the next one."""
    with step(f"{rings} times the danger key, about {rings * 6 // 60 + 1} minutes") as told:
        figures = asyncio.run(measure(rings, told.reached))
    found = as_found(figures)
    if json:
        typer.echo(jsons.dumps(found))
        return
    for name, value in found.items():
        typer.echo(f"{name:32}{value}")


def as_found(figures: Figures) -> dict[str, float | int | None]:
    return {
        "rings": len(figures.key_to_ring),
        "missed": figures.missed,
        "key_to_first_ring_ms_median": _median(figures.key_to_ring),
        "key_to_first_ring_ms_max": _largest(figures.key_to_ring),
        "step_to_next_ring_ms_median": _median(figures.step_to_ring),
        "step_to_next_ring_ms_max": _largest(figures.step_to_ring),
    }


async def measure(rings: int, reached: Progress) -> Figures:
    figures = Figures()
    with TemporaryDirectory(prefix="wingline-bench-") as folder:
        profile = Path(folder) / "quick-steps.toml"
        profile.write_text(with_steps_of_a_second())
        async with World(site_toml(now(), profile=str(profile))) as world:
            nurse, orderly = await world.staff_phone(Post.HEALTHCARE), await world.staff_phone(Post.ORDERLY_OFFICER)
            for begun in range(0, rings, IN_A_CALL):
                caller, listener = await _talking(world)
                for number in range(begun, min(begun + IN_A_CALL, rings)):
                    await asyncio.sleep(number * _SPREAD % 1)
                    await _once(world, listener, (nurse, orderly), figures)
                    reached(number + 1, rings)
                await _over(world, caller, listener)
    return figures


def with_steps_of_a_second() -> str:
    """The shipped profile; nothing but the length of its steps and of a Listener's rest is another."""
    text = (files("profiles") / "uk-listener-adult.toml").read_text("utf-8").replace("seconds = 60 }", "seconds = 1 }")
    return re.sub(r"(?m)^(rest_\w+) = [\d.]+", r"\1 = 0", text)


async def _talking(world: World) -> tuple[Phone, Phone]:
    """Caller and Listener of a call that goes on."""
    caller = await world.cell_phone(CELL)
    listeners = await asyncio.gather(*(world.listener_phone(one) for one in on_duty_now()))
    await caller.dial(world.site.site.short_code)
    await caller.connects(SOON_SECONDS)
    await caller.hears(_clip(world, "language/own-name"), LATER_SECONDS)
    await caller.press("1")
    await asyncio.sleep(1)
    await caller.press("2")
    ringing = [asyncio.create_task(_rung(one)) for one in listeners]
    done, others = await asyncio.wait(ringing, timeout=LATER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for other in others:
        other.cancel()
    listener = next((task.result() for task in done), None)
    if listener is None:
        raise NoCall
    await listener.answer()
    await listener.hears(_clip(world, "offer/listener-call"), LATER_SECONDS)
    await listener.press("1")
    if await caller.hears(_clip(world, "talk/listener-here"), LATER_SECONDS) is None:
        raise NoCall
    return caller, listener


async def _over(world: World, caller: Phone, listener: Phone) -> None:
    """The Listener may be rung for the next call."""
    await caller.hang_up()
    await listener.hears(_clip(world, "after/debrief"), LATER_SECONDS, since=time.monotonic())
    await listener.hang_up()
    await asyncio.sleep(1)


async def _rung(phone: Phone) -> Phone:
    await phone.rings(LATER_SECONDS)
    return phone


async def _once(world: World, listener: Phone, staff: tuple[Phone, Phone], figures: Figures) -> None:
    nurse, orderly = staff
    await listener.press("*3")
    first = asyncio.create_task(nurse.rings(SOON_SECONDS))
    second = asyncio.create_task(orderly.rings(SOON_SECONDS))
    pressed = await listener.press("1")
    rang, next_rang = await first, await second
    step_ended = await _end_of_first_step(world)
    if rang is None or next_rang is None or step_ended is None:
        figures.missed += 1
    else:
        figures.key_to_ring.append(1000 * (rang.at - pressed))
        figures.step_to_ring.append(1000 * (_on_the_wall(next_rang.at) - step_ended))
    await Closer(world.database, world.site.id).close()
    await asyncio.gather(*(_is_silent(phone) for phone in staff))


async def _end_of_first_step(world: World) -> float | None:
    """On the wall's clock, in seconds: by what the database says, for it decides."""
    still_open = select(tables.Escalation).where(tables.Escalation.closed_at.is_(None))
    row = await world.database.run(lambda session: session.scalar(still_open))
    if row is None:
        return None
    return row.raised_at.timestamp() + PROTOCOL.validate_python(row.protocol).steps[0].seconds


def _on_the_wall(moment: float) -> float:
    return time.time() - (time.monotonic() - moment)


async def _is_silent(phone: Phone) -> None:
    """The line stops what another node has closed within a second."""
    if phone.ringing and await phone.ends(SOON_SECONDS) is None:
        with suppress(PhoneError):
            await phone.decline()


def _clip(world: World, prompt: str) -> bytes:
    return (world.settings.prompts / "en" / f"{prompt}.wav").read_bytes()[44 : 44 + 2 * 8000]


def _median(times: Sequence[float]) -> float | None:
    return round(statistics.median(times)) if times else None


def _largest(times: Sequence[float]) -> float | None:
    return round(max(times)) if times else None
