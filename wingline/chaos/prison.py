"""The prison of a run: real Asterisk, line, speech and phones, watched as `wingline up` does, with wires to pull."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path

from ivr.ami import Ami
from models.clock import now
from models.words import Language
from wingline.chaos.ear import Clips, recorded
from wingline.chaos.people import Caller, Rung
from wingline.chaos.plan import LANES, LISTENERS, OUTSIDE, STAFF
from wingline.chaos.recorder import Clock, Listening, Recorder
from wingline.chaos.signs import TO_CALLERS, TO_OTHERS
from wingline.chaos.voices import CANARY_VOICE, SAYS, VOICE, canary
from wingline.chaos.wall_clock import WallClock
from wingline.chaos.wire import Wire
from wingline.children import Child
from wingline.demo.prison import WINGS, cells_of, site_toml
from wingline.demo.world import World, free_ports
from wingline.logs import LEVEL_VARIABLE
from wingline.phones.phone import Phone
from wingline.service import environment
from wingline.settings import Settings
from wingline.up import kept_running, until_up
from wingline.watchdog import asterisk_answers, line_answers, speech_answers

PROFILE = Path(str(files("wingline.chaos") / "quick.toml"))
WELL_WITHIN = 60.0
LOOKS_EVERY = 0.25
# The site's own first.
_LANGUAGES = (Language("en"), Language("cy"))
# Cells in which no Listener lives, one for each caller at a time.
CELLS = (*(cells_of(letter)[7] for letter in WINGS), cells_of("A")[9])


class Prison:
    """Where everything of a run is; made by ``prison``."""

    def __init__(  # noqa: PLR0913  each named
        self, world: World, line: Settings, *, ami: Wire, agi: Wire, manager: Ami, wall_clock: WallClock
    ) -> None:
        self.world = world
        # As the line sees it: its Asterisk is at the other end of a wire.
        self.line = line
        self.ami, self.agi = ami, agi
        # A second pair of eyes on Asterisk, on no wire.
        self.manager = manager
        self.clock = Clock()
        self.wall_clock = wall_clock
        # How long people call, as planned.
        self.lasts = 0.0
        self.callers: list[Caller] = []
        self.rung: dict[str, Rung] = {}
        self.canary = b""

    @property
    def recorders(self) -> list[Recorder]:
        return [person.recorder for person in (*self.callers, *self.rung.values())]

    def child(self, name: str) -> Child:
        return next(child for child in self.world.service.children if child.name == name)

    def signal(self, name: str, what: signal.Signals) -> bool:
        """Whether the program was there to be told."""
        child = self.child(name)
        if child.pid is None:
            return False
        os.kill(child.pid, what)
        return True

    async def until_well(self, since: float, within: float = WELL_WITHIN) -> bool:
        """Everything answers, and the line has heard from Asterisk since this moment (time.monotonic())."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            answers = await asyncio.gather(
                line_answers(self.line), speech_answers(self.line), asterisk_answers(self.world.settings)
            )
            if all(answers) and self.ami.answered_at > since and self.manager.connected:
                return True
            await asyncio.sleep(LOOKS_EVERY)
        return False

    def process_of(self, phone: Phone) -> int | None:
        """The program that is this phone, by the folder that it was started with."""
        folder = os.fsencode(self.world.people / self.world.phone_id_of(phone))
        for place in Path("/proc").iterdir():
            with suppress(OSError):
                if place.name.isdecimal() and folder in (place / "cmdline").read_bytes().split(b"\0"):
                    return int(place.name)
        return None


@asynccontextmanager
async def prison(seed: int, database: str = "") -> AsyncIterator[Prison]:
    """Up, with everybody's phone plugged in; gone at the end, and all that it wrote with it."""
    world = World(site_toml(now(), profile=str(PROFILE), everybody=True))
    ami_port, agi_port = free_ports(2)
    real_agi = world.settings.agi_port
    # Asterisk reaches the line by a wire, and the line Asterisk.
    world.settings = world.settings.model_copy(update={"agi_port": agi_port, "database": database})
    line = world.settings.model_copy(update={"agi_port": real_agi, "ami_port": ami_port})
    async with AsyncExitStack() as built:
        await world.prepare()
        built.callback(world.clear_away)
        built.callback(world.database.close)
        ami = await built.enter_async_context(Wire(ami_port, world.settings.ami_port))
        agi = await built.enter_async_context(Wire(agi_port, real_agi))
        wall_clock = WallClock(world.folder / "clock")
        world.service.line = _line(line, wall_clock)
        await built.enter_async_context(kept_running(world.service, line))
        # With the patience of a machine that does much else; the demonstration's is for people who watch.
        await until_up(line)
        await world.until_up()
        manager = await built.enter_async_context(world.manager())
        made = Prison(world, line, ami=ami, agi=agi, manager=manager, wall_clock=wall_clock)
        await _plug_in(made, built, seed)
        yield made


def _line(settings: Settings, wall_clock: WallClock) -> Child:
    """Its log says what it corrected, whatever this command itself says."""
    variables = environment(settings) | wall_clock.environment() | {LEVEL_VARIABLE: "INFO"}
    return Child("line", [sys.executable, "-m", "wingline.line"], settings.logs, variables)


async def _plug_in(made: Prison, built: AsyncExitStack, seed: int) -> None:
    world = made.world
    built.push_async_callback(world.unplug_everybody)
    sentences = {who: await world.voices.speak(text, VOICE) for who, text in SAYS.items()}
    made.canary = await world.voices.speak(canary(seed), CANARY_VOICE)
    listening = Listening(await asyncio.to_thread(_clips, world.settings.prompts, sentences, made.canary))
    cells = [await world.cell_phone(cell) for cell in CELLS[:LANES]]
    others = {
        **{who: await world.listener_phone(who) for who in LISTENERS},
        **{post.value: await world.staff_phone(post) for post in STAFF},
        OUTSIDE: await world.outside_phone(),
    }
    for lane, phone in enumerate(cells):
        who = f"caller-{lane}"
        recorder = await built.enter_async_context(Recorder(who, phone, listening, made.clock))
        code = world.site.site.short_code
        made.callers.append(Caller(recorder, sentences[who], made.clock, cell=CELLS[lane], code=code))
    for who, phone in others.items():
        recorder = await built.enter_async_context(Recorder(who, phone, listening, made.clock))
        made.rung[who] = Rung(recorder, sentences[who], made.clock)


def _clips(prompts: Path, sentences: Mapping[str, bytes], canary_said: bytes) -> Clips:
    prompts_known = recorded(prompts, TO_CALLERS, _LANGUAGES) | recorded(prompts, TO_OTHERS, _LANGUAGES[:1])
    voices = {f"voice:{who}": said for who, said in sentences.items()}
    return Clips({**prompts_known, **voices, "canary": canary_said})
