"""A prison for the stories: real Asterisk, speech and line, real phones; each story leaves nothing behind."""

import asyncio
import contextlib
import fcntl
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ivr.ami import Ami
from ivr.prompts.making import make
from ivr.prompts.texts import languages
from ivr.prompts.wav import read_wav, write_wav
from models import tables
from models.clock import now
from models.errors import NotConnected
from models.words import Post
from stories.people import Caller, Listener, Person, Staff
from wingline.demo.prison import WINGS, cells_of, site_toml
from wingline.demo.world import World
from wingline.logs import LEVEL_VARIABLE
from wingline.phones.errors import PhoneRefused
from wingline.phones.events import Happened
from wingline.setup.paths import places
from wingline.setup.programs import programs

QUICK = Path(__file__).parent / "quick.toml"
# What Asterisk says of a phone that it is to ring and that is not plugged in.
NOBODY_THERE = ("Failed to create outgoing session to endpoint", "Could not create dialog to invalid URI")
QUIET_WITHIN_SECONDS = 8.0
# How many times as fast as people hear them the prompts are spoken.
HURRIED = 1.5
# Two other prisons may have half the machine at that moment: then it hears less, and says so.
BUSY = "speech.behind"
# The rows that calls leave; the site stays, and the audit, which can only grow.
LEFT_BY_CALLS = (
    tables.Drill,
    tables.NightlyCall,
    tables.HeardAlarm,
    tables.Telling,
    tables.Escalation,
    tables.Talk,
    tables.Offer,
    tables.Call,
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def hurried_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the prisons of the stories, which last as long as what is said in them."""
    folder, spoken = tmp_path_factory.mktemp("prompts"), places().home / "prompts"
    # A new clone has none yet, and one worker makes them for all.
    with (tmp_path_factory.getbasetemp().parent / "building").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        make(languages(), spoken, espeak=programs().command("espeak-ng"), progress=lambda _done, _all: None)
    shutil.copytree(spoken, folder, dirs_exist_ok=True)
    for file in folder.glob("*/*.wav"):
        samples = read_wav(file).samples
        write_wav(file, np.interp(np.arange(0, len(samples), HURRIED), np.arange(len(samples)), samples))
    return folder


@contextlib.contextmanager
def hurrying(prompts: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("WINGLINE_PROMPTS", str(prompts))
        yield


@pytest.fixture(scope="module", autouse=True)
def _in_prisons_of_a_modules_own(hurried_prompts: Path) -> Iterator[None]:
    with hurrying(hurried_prompts):
        yield


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory, hurried_prompts: Path) -> AsyncIterator[World]:
    os.environ[LEVEL_VARIABLE] = "INFO"  # what is told is read in its log
    async with contextlib.AsyncExitStack() as built:
        # One prison is built at a time, so that the others' calls are not starved.
        with (tmp_path_factory.getbasetemp().parent / "building").open("w") as door:
            await asyncio.to_thread(fcntl.flock, door, fcntl.LOCK_EX)
            with hurrying(hurried_prompts):
                one = World(site_toml(now(), profile=str(QUICK), everybody=True))
            await built.enter_async_context(one)
        yield one


# Of the module's own prison, where it has one.
@pytest.fixture(scope="module")
async def manager(world: World) -> AsyncIterator[Ami]:
    async with world.manager() as ami:
        yield ami


@pytest.fixture(scope="session")
def cells() -> Iterator[str]:
    """A cell of its own for every caller, for the line remembers for minutes who was cut off."""
    return itertools.cycle([cell for letter in WINGS for cell in cells_of(letter)[4:]])


class Story:
    """Who takes part, and what may not be left when it is over."""

    def __init__(self, world: World, manager: Ami, cells: Iterator[str]) -> None:
        self.world = world
        self.manager = manager
        self.people: list[Person] = []
        # What a story's own violence makes the logs say; any other warning fails it.
        self.expected_trouble: list[str] = []
        self._cells = cells
        self._read = {log: len(log.read_bytes()) for log in self._logs()}

    async def caller(self) -> Caller:
        caller = Caller(self.world, await self.world.cell_phone(next(self._cells)))
        self.people.append(caller)
        return caller

    async def listeners(self, *names: str) -> list[Listener]:
        """On duty, with a phone that is plugged in. Nobody else's is."""
        phones = await asyncio.gather(*(self.world.listener_phone(name) for name in names))
        listeners = [Listener(self.world, phone) for phone in phones]
        self.people += listeners
        return listeners

    async def staff(self, *posts: Post) -> list[Staff]:
        phones = await asyncio.gather(*(self.world.staff_phone(post) for post in posts))
        staff = [Staff(self.world, phone) for phone in phones]
        self.people += staff
        return staff

    async def outside_helpline(self) -> Person:
        person = Person(self.world, await self.world.outside_phone())
        self.people.append(person)
        return person

    # ---- what may not be left

    async def ends(self) -> None:
        # Shown by pytest when the story failed.
        print("\n".join(self._news()))  # noqa: T201
        try:
            for person in self.people:
                rings = [event for event in person.phone.events if event.happened is Happened.INCOMING]
                assert len(rings) == len(person.rings_expected), f"{person.phone.name} was rung {len(rings)} times"
            self.world.database.do(_close_escalations)
            await self.everybody_hangs_up()
            await self.nothing_is_left()
            assert self._trouble() == []
        finally:
            await self.world.unplug_everybody()
            self.world.database.do(_forget_calls)

    async def everybody_hangs_up(self) -> None:
        for person in self.people:
            if person.phone.in_call or person.phone.ringing:
                with contextlib.suppress(PhoneRefused):  # the other end was quicker
                    await person.hangs_up()

    async def nothing_is_left(self) -> None:
        deadline = asyncio.get_running_loop().time() + QUIET_WITHIN_SECONDS
        while left := await self._left():
            assert asyncio.get_running_loop().time() < deadline, f"left behind: {left}"
            await asyncio.sleep(0.1)

    async def _left(self) -> list[str]:
        try:
            channels = await self.manager.list_of("CoreShowChannels", "CoreShowChannelsComplete")
        except NotConnected:  # our own link, cut off on a busy machine: it comes back by itself
            return ["no answer of Asterisk's"]
        left = [f"channel in {row.get('Application')}" for row in channels]
        with self.world.database.transaction() as session:
            for table in (tables.Call, tables.Talk, tables.Offer):
                still_open = session.scalar(select(func.count()).where(table.ended_at.is_(None)))
                left += [f"{still_open} open {table.__tablename__}"] if still_open else []
        sockets = _established(self.world.settings.agi_port) + max(0, _established(self.world.settings.speech_port) - 1)
        return left + ([f"{sockets} sockets"] if sockets else [])

    def times_up(self) -> int:
        """How often the line has said that it is ready, having looked at what lives."""
        return sum("event='line.up'" in line for line in self._news())

    def says(self, event: str) -> bool:
        """Whether the line has logged this since the story began."""
        return any(f"event='{event}'" in line for line in self._news())

    def _news(self) -> list[str]:
        """What the logs have said since the story began."""
        said = [log.read_bytes()[self._read.get(log, 0) :].decode() for log in self._logs()]
        return [line for text in said for line in text.splitlines()]

    def _trouble(self) -> list[str]:
        signs = ("WARNING", "ERROR", "level='warning'", "level='error'", "Traceback")
        return [
            line
            for line in self._news()
            if any(sign in line for sign in signs) and not any(one in line for one in (BUSY, *self.expected_trouble))
        ]

    def _logs(self) -> list[Path]:
        asterisk = self.world.settings.data / "asterisk" / "run" / "log" / "trouble.log"
        return [log for log in (*self.world.settings.logs.glob("*.log"), asterisk) if log.exists()]


@pytest.fixture
async def story(world: World, manager: Ami, cells: Iterator[str]) -> AsyncIterator[Story]:
    one = Story(world, manager, cells)
    yield one
    await one.ends()


def _close_escalations(session: Session) -> None:
    """Or their phones would go on ringing into the next story, as they should."""
    session.execute(update(tables.Escalation).values(closed_at=now(), due_at=None))


def _forget_calls(session: Session) -> None:
    for table in LEFT_BY_CALLS:
        session.execute(delete(table))
    session.execute(update(tables.Listener).values(resting_until=None, off_duty_since=None, wants_debrief=False))


def _established(port: int) -> int:
    """Connections to one of our own ports, from this end's side."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
