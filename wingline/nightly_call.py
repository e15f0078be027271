"""One call of the line to itself, link by link, on three SIP phones that this program holds.

It goes the way of a caller, a Listener and staff: the same Asterisk, dialplan, line, database and speech process. What
it does not prove: the prison's own phones and network, the outside helpline, the people on the rota.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import structlog
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from escalation.nightly import Link
from escalation.profile import Profile
from escalation.triage import DangerNow, Escalate, triage
from ivr.prompts.sound import from_mulaw
from ivr.prompts.texts import languages
from models import tables
from models.clock import now
from models.database import Database
from models.errors import WinglineError
from models.words import Hearing, Language, PhoneKind, Post
from wingline.doctor.self_call import SENTENCE
from wingline.listening import mode_of
from wingline.nightly_close import Closer
from wingline.nightly_site import beside, clear_away, phones, profile_for_itself, put_on_duty
from wingline.phones.baresip import Line as PhoneLine
from wingline.phones.errors import PhoneError
from wingline.phones.phone import Phone
from wingline.settings import Settings, speech_door
from wingline.setup.programs import programs
from wingline.site import SiteFile
from wingline.site_profiles import profile_of

T = TypeVar("T")
log = structlog.get_logger()

ALL_WITHIN_SECONDS = 240.0
SOON_SECONDS = 15.0
# What is said before it may be long: the languages, the caller's own words before staff are told.
LATER_SECONDS = 30.0
_FAULTS = (PhoneError, WinglineError, SQLAlchemyError, WebSocketException, OSError)
_IF_IT_LISTENS = frozenset({Link.HEARD, Link.PROMPTED})


@dataclass(frozen=True, slots=True)
class Held:
    """A link that held, in seconds from the first dialling."""

    link: Link
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """``left_out``: the profile, the language of the site, or the scheme's switch lets no machine listen."""

    held: tuple[Held, ...]
    broken: Link | None
    left_out: frozenset[Link]


class _DidNotHold(Exception):
    """What had to happen did not."""


async def call_itself(settings: Settings, site: SiteFile, database: Database) -> Outcome:
    """Never fails: whatever goes wrong is the link at which it went wrong."""

    def settled(session: Session) -> tuple[Profile, Hearing]:
        profile = profile_of(session, site, now())
        return profile, mode_of(session, site, profile, now())

    chain = _Chain(settings, site, database, *await database.run(settled))
    try:
        async with asyncio.timeout(ALL_WITHIN_SECONDS):
            await chain.run()
    except (_DidNotHold, TimeoutError, *_FAULTS) as fault:
        log.warning("nightly.broken", link=chain.next_link, error=type(fault).__name__)
        return chain.outcome(broken=chain.next_link)
    return chain.outcome(broken=None)


class _Chain:
    def __init__(self, settings: Settings, site: SiteFile, database: Database, profile: Profile, mode: Hearing) -> None:
        self._settings = settings
        self._site = site
        self._database = database
        self._language = Language(site.site.language)
        self._profile = profile_for_itself(profile)
        self._notice = self._profile.notice.for_mode(mode)
        self._left_out = frozenset() if mode is not Hearing.OFF else _IF_IT_LISTENS
        self._held: list[Held] = []
        self._began = self._spoke_at = time.monotonic()
        self._caller: Phone
        self._listener: Phone
        self._staff: Phone

    @property
    def next_link(self) -> Link:
        held = {one.link for one in self._held} | self._left_out
        return next((link for link in Link if link not in held), Link.FINISHED)

    def outcome(self, *, broken: Link | None) -> Outcome:
        return Outcome(tuple(self._held), broken, self._left_out)

    async def run(self) -> None:
        await self._database.run(lambda session: put_on_duty(session, self._site.id, self._language, now()))
        closer = Closer(self._database, beside(self._site.id))
        try:
            async with self._phones():
                try:
                    await self._talk()
                    await self._told()
                    await self._over(closer)
                finally:
                    await self._everybody_hangs_up()
                    await closer.close()
                    await self._until_over(SOON_SECONDS)
        finally:
            await self._database.run(lambda session: clear_away(session, self._site.id))

    async def _talk(self) -> None:
        """From the dialled code to two who hear each other."""
        caller, listener = self._caller, self._listener
        await caller.dial(self._site.site.short_code)
        await self._held_by(Link.ANSWERED, caller.connects(SOON_SECONDS))
        await self._held_by(Link.NOTICE, self._hears_the_notice())
        if not self._left_out:
            await caller.press("1")
        await self._held_by(Link.OFFERED, listener.rings(SOON_SECONDS))
        await listener.answer()
        await self._hears(listener, "offer/listener-call")
        await listener.press("1")
        await self._held_by(Link.CLAIMED, self._hears(listener, "offer/through"))
        await self._held_by(Link.BRIDGED, self._listener_hears_the_caller())
        if not self._left_out:
            danger = await self._held_by(Link.HEARD, self._machine_hears())
            await self._held_by(Link.PROMPTED, self._hears(listener, f"flag/{danger}", since=self._spoke_at))

    async def _told(self) -> None:
        """From the Listener's key to staff who go, and a Listener who knows it."""
        caller, listener, staff = self._caller, self._listener, self._staff
        asked = time.monotonic()
        await listener.press("*3")
        await self._held_by(Link.KEYED, self._hears(listener, "key/danger", since=asked))
        named = time.monotonic()
        await listener.press("1")
        told = asyncio.create_task(self._hears(caller, self._what_the_caller_hears(), since=named))
        rung = asyncio.create_task(staff.rings(SOON_SECONDS))
        await self._held_by(Link.CALLER_TOLD, told)
        await self._held_by(Link.STAFF_RUNG, rung)
        await staff.answer()
        await self._held_by(Link.STAFF_TOLD, self._hears(staff, "staff/life-in-danger", LATER_SECONDS))
        going = time.monotonic()
        await staff.press("1")
        await self._held_by(Link.ACKNOWLEDGED, self._hears(staff, "staff/you-are-going", since=going))
        # Other whispers may come before it.
        coming = self._hears(listener, "key/staff-acknowledged", LATER_SECONDS, since=going)
        await self._held_by(Link.LISTENER_TOLD, coming)

    async def _over(self, closer: Closer) -> None:
        await self._held_by(Link.CLOSED, closer.close())
        await self._everybody_hangs_up()
        await self._held_by(Link.LET_GO, self._until_over(SOON_SECONDS))

    # ---- parts of it

    async def _hears_the_notice(self) -> float | None:
        """The caller has chosen the first language."""
        since = None
        if len(languages()) > 1:
            await self._hears(self._caller, "language/own-name", LATER_SECONDS)
            since = time.monotonic()
            await self._caller.press("1")
        return await self._hears(self._caller, self._notice[0], since=since)

    async def _listener_hears_the_caller(self) -> float | None:
        """Said until it is heard: the first words may be lost while the two are joined."""
        words = self._recorded("line/name")
        heard = asyncio.create_task(self._listener.hears(words, SOON_SECONDS, since=time.monotonic()))
        while not heard.done():
            await self._caller.says(words)
        return heard.result()

    async def _machine_hears(self) -> str | None:
        """The kind of danger that the machine finds, while the caller says the sentence again and again."""
        call = await self._database.run(self._own_call)
        self._spoke_at = time.monotonic()
        async with connect(speech_door(self._settings).url("/flags"), subprotocols=[Subprotocol("flags")]) as flags:
            saying = asyncio.create_task(self._says_the_sentence())
            try:
                async with asyncio.timeout(LATER_SECONDS):
                    async for frame in flags:
                        report = json.loads(frame)
                        if report["event"] == "flag" and report["call"] == call:
                            return str(report["danger"])
            finally:
                saying.cancel()
                await asyncio.wait({saying})
        return None

    async def _says_the_sentence(self) -> None:
        sentence = (from_mulaw(SENTENCE.read_bytes()) * 32767).astype("<i2").tobytes()
        while True:
            await self._caller.says(sentence)
            await asyncio.sleep(1)

    def _what_the_caller_hears(self) -> str:
        decided = triage(self._profile, DangerNow())
        if not isinstance(decided, Escalate):
            raise _DidNotHold
        return decided.caller_hears

    async def _everybody_hangs_up(self) -> None:
        for phone in (self._caller, self._listener, self._staff):
            if phone.in_call or phone.ringing:
                with contextlib.suppress(PhoneError):  # the other end was quicker
                    await phone.hang_up()

    async def _until_over(self, within: float) -> bool:
        """The line has noted that the call has ended, and writes nothing more about it."""
        deadline = time.monotonic() + within
        while await self._database.run(self._is_open):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.2)
        return True

    def _own_call(self, session: Session) -> str | None:
        mine = tables.Call.site_id == beside(self._site.id), tables.Call.ended_at.is_(None)
        return session.scalar(select(tables.Call.id).where(*mine))

    def _is_open(self, session: Session) -> bool:
        talk = exists().where(
            tables.Talk.ended_at.is_(None),
            tables.Talk.call_id == tables.Call.id,
            tables.Call.site_id == beside(self._site.id),
        )
        return self._own_call(session) is not None or bool(session.scalar(select(talk)))

    # ---- hearing and holding

    async def _held_by(self, link: Link, answer: Awaitable[T | None]) -> T:
        came = await answer
        if came is None or came is False:
            raise _DidNotHold
        self._held.append(Held(link, round(time.monotonic() - self._began, 2)))
        log.info("nightly.held", link=link, seconds=self._held[-1].seconds)
        return came

    async def _hears(
        self, phone: Phone, prompt: str, within: float = SOON_SECONDS, *, since: float | None = None
    ) -> float | None:
        return await phone.hears(self._recorded(prompt), within, since=since)

    def _recorded(self, prompt: str) -> bytes:
        """Without its end: whoever is hung up on does not hear the last frames."""
        pcm = (self._settings.prompts / self._language / f"{prompt}.wav").read_bytes()[44:]
        return pcm[: len(pcm) * 4 // 5 // 2 * 2]

    @contextlib.asynccontextmanager
    async def _phones(self) -> AsyncIterator[None]:
        """Plugged in; what baresip needs for it is in a folder of its own, and gone afterwards."""
        known = {one.kind: one for one in await self._database.run(lambda session: phones(session, self._site.id))}
        baresip = programs()
        program, modules = baresip.command("baresip"), baresip.baresip_modules()
        here = self._settings.sip_host == "0.0.0.0" or self._site.only_itself_is_plain
        host = "127.0.0.1" if here else self._settings.sip_host
        registrar = (host, self._settings.sip_port)
        async with contextlib.AsyncExitStack() as plugged:
            folder = Path(plugged.enter_context(TemporaryDirectory(prefix="wingline-nightly-")))

            async def plug_in(kind: PhoneKind, name: str) -> Phone:
                line = PhoneLine(program, modules, known[kind].id, known[kind].secret, registrar)
                return await plugged.enter_async_context(Phone(name, line, folder=folder / kind))

            self._caller = await plug_in(PhoneKind.CELL, "caller")
            self._listener = await plug_in(PhoneKind.LISTENER, "Listener")
            self._staff = await plug_in(PhoneKind.STAFF, Post.TECHNICIAN)
            await self._held_by(Link.PHONES, _yes())
            yield


async def _yes() -> bool:
    return True
