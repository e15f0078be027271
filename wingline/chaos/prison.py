"""The prison of a run: real Asterisk, line, speech and phones, watched as `wingline up` does, with wires to pull."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path

from models.clock import now
from models.database import Database
from models.words import Language
from wingline.chaos.ear import Clips, recorded
from wingline.chaos.faults.fault import Breaks
from wingline.chaos.history import Cut
from wingline.chaos.kinds import FaultKind
from wingline.chaos.node import Node
from wingline.chaos.people import Caller, Rung
from wingline.chaos.plan import LANES, LISTENERS, OUTSIDE, STAFF
from wingline.chaos.recorder import Clock, Listening, Recorder
from wingline.chaos.signs import TO_CALLERS, TO_OTHERS
from wingline.chaos.voices import CANARY_VOICE, SAYS, VOICE, canary
from wingline.chaos.wall_clock import SEEN_WITHIN, WallClock, really
from wingline.chaos.wire import Wire
from wingline.children import Child
from wingline.demo.prison import WINGS, cells_of, site_toml
from wingline.demo.world import World, free_ports
from wingline.logs import LEVEL_VARIABLE
from wingline.phones.phone import Phone
from wingline.phones.voice import Voices
from wingline.service import environment
from wingline.settings import Settings
from wingline.site import SiteFile
from wingline.up import kept_running, until_up
from wingline.watchdog import Proof, speech_answers

PROFILE = Path(str(files("wingline.chaos") / "quick.toml"))
WELL_WITHIN = 60.0
LOOKS_EVERY = 0.25
# The site's own first.
_LANGUAGES = (Language("en"), Language("cy"))
# Cells in which no Listener lives, one for each caller at a time.
CELLS = (*(cells_of(letter)[7] for letter in WINGS), cells_of("A")[9])


@dataclass(slots=True)
class Prison:
    """Where everything of a run is; made by ``prison``, or across hosts (wingline/bench/cluster/driven.py)."""

    nodes: Sequence[Node]
    speeches: Sequence[Child]
    # What has to answer besides the nodes.
    proofs: Sequence[Proof]
    database: Database
    site: SiteFile
    # Everything that is written, the programs' logs, and what is the phones' own.
    folder: Path
    logs: Path
    people: Path
    # Every program that is kept running.
    programs: Sequence[Child]
    # Each phone, with its id and the name of its folder.
    phones: Mapping[Phone, str]
    # What does each fault of hosts, to each that it can hit; there are none on one machine.
    between_hosts: Mapping[FaultKind, Sequence[Callable[[], Breaks]]] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    # How long people call, as planned.
    lasts: float = 0.0
    callers: list[Caller] = field(default_factory=list)
    rung: dict[str, Rung] = field(default_factory=dict)
    canary: bytes = b""
    # Whose sound was thrown away, and when; noted by who did it (faults/sound.py).
    cuts: list[Cut] = field(default_factory=list)

    @property
    def recorders(self) -> list[Recorder]:
        return [person.recorder for person in (*self.callers, *self.rung.values())]

    def really(self, timestamp: float) -> float:
        """What the machine's clock said when a line's said this."""
        clocks = [node.wall_clock for node in self.nodes]
        jumps = [jump for clock in clocks for jump in clock.jumps]
        return really(timestamp, jumps, (min(clock.since for clock in clocks), time.time() + SEEN_WITHIN))

    async def until_well(self, since: float, within: float = WELL_WITHIN) -> bool:
        """Each part has answered, and each line heard from its Asterisk, since this moment (time.monotonic()).

        Not all of them at once: the next fault may have one of them by then, and has an end of its own.
        """
        deadline = time.monotonic() + within
        parts: list[Proof] = [partial(node.is_well, since) for node in self.nodes]
        parts += [*self.proofs, self._all_plugged_in]
        while time.monotonic() < deadline:
            answers = await asyncio.gather(*(part() for part in parts))
            parts = [part for part, well in zip(parts, answers, strict=True) if not well]
            if not parts:
                return True
            await asyncio.sleep(LOOKS_EVERY)
        return False

    async def _all_plugged_in(self) -> bool:
        return not any(one.unplugged for one in self.recorders)

    def process_of(self, phone: Phone) -> int | None:
        """The program that is this phone, by the folder that it was started with."""
        folder = os.fsencode(self.people / self.phones[phone])
        for place in Path("/proc").iterdir():
            with suppress(OSError):
                if place.name.isdecimal() and folder in (place / "cmdline").read_bytes().split(b"\0"):
                    return int(place.name)
        return None


@dataclass(frozen=True, slots=True)
class Seats:
    """The phones of a run: a cell for each caller at a time, and everybody who is rung, by name.

    A name may have a place behind it (``outside@node-b``): the same person, at another phone.
    """

    cells: Sequence[Phone]
    rung: Mapping[str, Phone]


@asynccontextmanager
async def prison(seed: int, database: str = "") -> AsyncIterator[Prison]:
    """Up, with everybody's phone plugged in; gone at the end, and all that it wrote with it."""
    world = World(site_toml(now(), profile=str(PROFILE), everybody=True))
    ami_port, agi_port = free_ports(2)
    real = world.settings
    # Asterisk reaches the line by a wire, and the line Asterisk.
    world.settings = real.model_copy(update={"agi_port": agi_port, "database": database})
    line = world.settings.model_copy(update={"agi_port": real.agi_port, "ami_port": ami_port})
    reached = line.model_copy(update={"ami_port": real.ami_port})
    async with AsyncExitStack() as built:
        await world.prepare()
        built.callback(world.clear_away)
        built.callback(world.database.close)
        ami = await built.enter_async_context(Wire(ami_port, real.ami_port))
        agi = await built.enter_async_context(Wire(agi_port, real.agi_port))
        wall_clock, service = WallClock(world.folder / "clock"), world.service
        command, variables = line_program(line, wall_clock)
        service.line = Child("line", command, line.logs, variables)
        await built.enter_async_context(kept_running(service, line))
        # With the patience of a machine that does much else; the demonstration's is for people who watch.
        await until_up(line)
        await world.until_up()
        manager = await built.enter_async_context(world.manager())
        built.push_async_callback(world.unplug_everybody)
        seats = await _seats(world)
        made = Prison(
            nodes=[Node(world.settings, line, reached, ami, agi, manager, wall_clock, service.asterisk, service.line)],
            speeches=[service.speech],
            proofs=[partial(speech_answers, line)],
            database=world.database,
            site=world.site,
            folder=world.folder,
            logs=world.settings.logs,
            people=world.people,
            programs=service.children,
            phones={phone: world.phone_id_of(phone) for phone in (*seats.cells, *seats.rung.values())},
        )
        await sit_down(made, built, seats, voices=world.voices, seed=seed)
        yield made


def line_program(settings: Settings, wall_clock: WallClock) -> tuple[list[str], dict[str, str]]:
    """Its command and its variables: its log says what it corrected, whatever this command itself says."""
    variables = environment(settings) | wall_clock.environment() | {LEVEL_VARIABLE: "INFO"}
    return [sys.executable, "-m", "wingline.line"], variables


async def _seats(world: World) -> Seats:
    cells = [await world.cell_phone(cell) for cell in CELLS[:LANES]]
    rung = {
        **{who: await world.listener_phone(who) for who in LISTENERS},
        **{post.value: await world.staff_phone(post) for post in STAFF},
        OUTSIDE: await world.outside_phone(),
    }
    return Seats(cells, rung)


async def sit_down(made: Prison, built: AsyncExitStack, seats: Seats, *, voices: Voices, seed: int) -> None:
    """Everybody is at their phone, with what they say, and every call of it is noted."""
    sentences = {who: await voices.speak(text, VOICE) for who, text in SAYS.items()}
    made.canary = await voices.speak(canary(seed), CANARY_VOICE)
    prompts = made.nodes[0].settings.prompts
    listening = Listening(await asyncio.to_thread(_clips, prompts, sentences, made.canary))
    for lane, phone in enumerate(seats.cells):
        who = f"caller-{lane}"
        recorder = await built.enter_async_context(Recorder(who, phone, listening, made.clock))
        code = made.site.site.short_code
        made.callers.append(Caller(recorder, sentences[who], made.clock, cell=CELLS[lane], code=code))
    for who, phone in seats.rung.items():
        recorder = await built.enter_async_context(Recorder(who, phone, listening, made.clock))
        made.rung[who] = Rung(recorder, sentences[person_of(who)], made.clock)


def person_of(seat: str) -> str:
    """Who sits there."""
    return seat.partition("@")[0]


def _clips(prompts: Path, sentences: Mapping[str, bytes], canary_said: bytes) -> Clips:
    prompts_known = recorded(prompts, TO_CALLERS, _LANGUAGES) | recorded(prompts, TO_OTHERS, _LANGUAGES[:1])
    voices = {f"voice:{who}": said for who, said in sentences.items()}
    return Clips({**prompts_known, **voices, "canary": canary_said})
