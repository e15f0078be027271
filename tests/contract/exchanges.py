"""What the contract asks of people at telephones, with the fake and with a real Asterisk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Protocol, Self, TypeVar

from ivr import agi
from ivr.agi import Session
from ivr.ami import Ami
from ivr.asterisk_legs import WAITING_CONTEXT, AsteriskLegs
from ivr.keypads import Keypads
from ivr.legs import Leg, LegEvent, LegId, LegJoined, Purpose, Telephony
from ivr.unanswered import Unanswered
from ivr.voice import leg_of
from models.words import CallId, PhoneId
from tests.fakes.line import eventually
from tests.fakes.telephony import FakeTelephony
from wingline.demo.world import World
from wingline.phones.errors import PhoneRefused
from wingline.phones.phone import Phone
from wingline.settings import read_secrets

CALL = CallId("call-1")
LISTENER, NOBODYS = "Kestrel", "Heron"
CELL = "B-2-010"
WAIT_CODE = "201"

Kind = TypeVar("Kind", bound=LegEvent)


class Exchange(Protocol):
    """A Telephony, all that it told, a Listener's phone that is plugged in, one that is not, and a caller."""

    telephony: Telephony
    happened: list[LegEvent]
    phone: PhoneId
    unplugged: PhoneId
    a_prompt: str

    async def rings(self) -> None: ...
    async def is_silent(self) -> None: ...
    async def answers(self, leg: LegId) -> None:
        """And presses 1: the dialplan takes the leg into the conversation."""

    async def declines(self, leg: LegId) -> None: ...
    async def does_not_answer(self, leg: LegId) -> None: ...
    async def presses(self, leg: LegId, key: str) -> None: ...
    async def hangs_up(self, leg: LegId) -> None: ...
    async def waits_on_the_line(self) -> None:
        """The Listener has dialled 201."""

    async def waits_again(self) -> None:
        """After what rang them, still on the line."""

    async def hears_it_there(self, leg: LegId) -> None:
        """And presses 1, without a ring to answer."""

    async def stops_waiting(self) -> None: ...
    async def caller_dials(self) -> Leg: ...
    async def caller_hangs_up(self) -> None: ...
    async def unplugs(self) -> None: ...
    async def plugs_in(self) -> None: ...
    async def everybody_hangs_up(self) -> None: ...


async def told(exchange: Exchange, kind: type[Kind], leg: LegId, within: float = 10.0) -> Kind | None:
    """The first of its kind about a leg."""

    def found() -> Kind | None:
        mine = (one for one in exchange.happened if isinstance(one, kind))
        return next((one for one in mine if (one.leg if isinstance(one.leg, str) else one.leg.id) == leg), None)

    answer: Kind | None = await eventually(found, within)
    return answer


async def ring(exchange: Exchange, leg: str, *, purpose: Purpose = Purpose.OFFER, seconds: float = 5) -> LegId:
    await exchange.telephony.ring(exchange.phone, purpose, leg=LegId(leg), call=CALL, seconds=seconds)
    await exchange.rings()
    return LegId(leg)


async def in_talk(exchange: Exchange, leg: str) -> LegId:
    new = await ring(exchange, leg)
    await exchange.answers(new)
    assert await told(exchange, LegJoined, new)
    return new


class AtTheFake:
    a_prompt = "done"

    def __init__(self, telephony: FakeTelephony) -> None:
        self.telephony = telephony
        self.happened: list[LegEvent] = []
        self.phone, self.unplugged = PhoneId("kestrel"), PhoneId("heron")
        telephony.unreachable = frozenset({self.unplugged})
        telephony.subscribe(self.happened.append)

    async def rings(self) -> None:
        assert self.telephony.rings_of(self.phone)

    async def is_silent(self) -> None:
        assert not self.telephony.rings_of(self.phone)

    async def answers(self, leg: LegId) -> None:
        self.telephony.answers(leg)
        self.telephony.joins(leg)

    async def declines(self, leg: LegId) -> None:
        self.telephony.fails(leg)

    async def does_not_answer(self, leg: LegId) -> None:
        self.telephony.fails(leg)

    async def presses(self, leg: LegId, key: str) -> None:
        self.telephony.presses(leg, key)

    async def hangs_up(self, leg: LegId) -> None:
        self.telephony.hangs_up(leg)

    async def waits_on_the_line(self) -> None:
        self.telephony.waits(self.phone)

    async def waits_again(self) -> None:
        assert self.telephony.waiting() == [self.phone]

    async def hears_it_there(self, leg: LegId) -> None:
        self.telephony.joins(leg)

    async def stops_waiting(self) -> None:
        (waiting,) = await self.telephony.live_legs()
        self.telephony.hangs_up(waiting.leg.id)

    async def caller_dials(self) -> Leg:
        return self.telephony.dials(PhoneId("cell"), CALL)

    async def caller_hangs_up(self) -> None:
        caller = next(one for one in await self.telephony.live_legs() if one.purpose is Purpose.CALLER)
        self.telephony.hangs_up(caller.leg.id)

    async def unplugs(self) -> None:
        self.telephony.unreachable |= {self.phone}

    async def plugs_in(self) -> None:
        self.telephony.unreachable -= {self.phone}

    async def everybody_hangs_up(self) -> None:
        for one in await self.telephony.live_legs():
            self.telephony.hangs_up(one.leg.id)


class AtTheReal:
    """A private Asterisk without line or speech: the dialplan's questions are answered here."""

    def __init__(self) -> None:
        self.happened: list[LegEvent] = []
        self._world = World()
        self._callers: asyncio.Queue[Session] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        world = self._world
        await world.prepare()
        self.a_prompt = str(world.settings.prompts / "en" / "key" / "done")
        secrets = read_secrets(world.settings.data)
        self._ami = Ami("127.0.0.1", world.settings.ami_port, "wingline", secrets["ami"])
        answer = Unanswered(self._ami).watched(Keypads(self._ami).followed(self._answer))
        self._agi = await agi.serve("127.0.0.1", world.settings.agi_port, answer, secret=secrets["agi"])
        await world.service.asterisk.start()
        self.telephony = AsteriskLegs(self._ami)
        self.telephony.subscribe(self.happened.append)
        await self._ami.__aenter__()
        assert await eventually(lambda: self._ami.connected, 10)
        await self.telephony.refresh_phones()
        self._listener = await self._plugged_in(LISTENER)
        unplugged = await self._plugged_in(NOBODYS)
        self.unplugged = self._id_of(unplugged)
        await unplugged.stop()
        self.phone = self._id_of(self._listener)
        self._caller = await world.cell_phone(CELL)
        assert await eventually(lambda: self.unplugged in self.telephony.unreachable)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ami.__aexit__(None, None, None)
        self._agi.close()
        await self._world.stop()
        self._world.clear_away()

    async def rings(self) -> None:
        assert await self._listener.rings(3) is not None

    async def is_silent(self) -> None:
        assert await eventually(lambda: not self._listener.ringing)

    async def answers(self, leg: LegId) -> None:
        del leg
        await self._listener.answer()

    async def declines(self, leg: LegId) -> None:
        del leg
        await self._listener.decline()

    async def does_not_answer(self, leg: LegId) -> None:
        """Asterisk says by itself when the time is over."""

    async def presses(self, leg: LegId, key: str) -> None:
        del leg
        await self._listener.press(key)

    async def hangs_up(self, leg: LegId) -> None:
        del leg
        await self._listener.hang_up()

    async def waits_on_the_line(self) -> None:
        await self._listener.dial(WAIT_CODE)
        assert await self._listener.connects(3) is not None
        await self.waits_again()

    async def waits_again(self) -> None:
        deadline = asyncio.get_running_loop().time() + 3
        while WAITING_CONTEXT not in (contexts := await self.contexts()):
            assert asyncio.get_running_loop().time() < deadline, f"nobody waits, but {contexts}"
            await asyncio.sleep(0.02)

    async def hears_it_there(self, leg: LegId) -> None:
        """The test's own line presses it."""

    async def stops_waiting(self) -> None:
        await self._listener.hang_up()

    async def contexts(self) -> list[str]:
        rows = await self._ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
        return [row.get("Context") for row in rows]

    async def caller_dials(self) -> Leg:
        return leg_of(await self._dialled())

    @property
    def a_long_prompt(self) -> str:
        files = (self._world.settings.prompts / "en").rglob("*.wav")
        return str(max(files, key=lambda file: file.stat().st_size).with_suffix(""))

    @asynccontextmanager
    async def a_caller(self) -> AsyncIterator[Session]:
        """Who has dialled, and has heard nothing yet."""
        yield await self._dialled()
        await self.everybody_hangs_up()

    async def _dialled(self) -> Session:
        self._callers = asyncio.Queue()  # a caller who was brought back has been here again
        await self._caller.dial("100")
        return await asyncio.wait_for(self._callers.get(), 3)

    async def caller_presses(self, key: str) -> None:
        await self._caller.press(key)

    async def caller_has_a_phone_that_tells_of_keys_by(self, way: str) -> None:
        await self._caller.stop()
        self._caller._line = replace(self._caller._line, keys=way)
        await self._caller.start()

    async def caller_hangs_up(self) -> None:
        await self._caller.hang_up()

    async def unplugs(self) -> None:
        await self._listener.stop()

    async def plugs_in(self) -> None:
        await self._listener.start()

    async def everybody_hangs_up(self) -> None:
        for phone in (self._listener, self._caller):
            if phone.crashed:  # baresip does, once in many thousand calls; nobody else must suffer for it
                await phone.stop()
                await phone.start()
                for live in await self.telephony.live_legs():
                    await self._ami.act("Hangup", Channel=live.leg.channel)
            if phone.in_call or phone.ringing:
                with suppress(PhoneRefused):  # Asterisk was quicker
                    await phone.hang_up()

    async def _plugged_in(self, listener: str) -> Phone:
        return await self._world.listener_phone(listener)

    def _id_of(self, phone: Phone) -> PhoneId:
        return next(one for one, plugged_in in self._world._phones.items() if plugged_in is phone)

    async def _answer(self, session: Session) -> None:
        await session.set_variable("TIMEOUT(absolute)", "30")
        if session.script.path == "offer":
            await session.set_variable("WL_NEXT", "talk")
        if session.script.path == "caller":
            await session.set_variable("WL_CALL", CALL)
            self._callers.put_nowait(session)
            await session.until_gone()
