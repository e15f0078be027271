"""0 in the middle of a conversation: whatever becomes of the line, the caller is in that conversation again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

import pytest
from contract.exchanges import CALL, AtTheReal
from stories.people import clip_of, says_until_heard

from ivr.agi import Session
from ivr.legs import LegId, Purpose
from ivr.prompt_files import seconds
from ivr.voice import DEADLINE_SECONDS, Voice, leg_of
from tests.fakes.line import eventually
from wingline.phones.phone import Phone

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]
# Asterisk plays ten seconds of tone for a call of the dialplan that failed, where the dialplan ends by itself.
SOON = 4
HEARD_WITHIN = 20


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class WithAStaffKey(AtTheReal):
    """No phone of staff is plugged in; a session of the key is left to the test."""

    async def __aenter__(self) -> Self:
        self._leads_to = ""
        self.asked_for_staff: asyncio.Queue[Session] = asyncio.Queue()
        await super().__aenter__()
        self._outside = await self._world.outside_phone()
        return self

    async def with_a_listener(self) -> None:
        self._leads_to = ""
        caller = leg_of(await self._dialled())
        leg = LegId(f"leg-{time.monotonic_ns()}")
        await self.telephony.ring(self.phone, Purpose.OFFER, leg=leg, call=CALL, seconds=10)
        await self.rings()
        await self.answers(leg)
        await self.telephony.join_talk(caller)
        await self._hear_each_other(self._listener)

    async def with_the_helpline(self) -> None:
        self._leads_to = "outside"
        await self._dialled()
        assert await self._outside.rings(5)
        await self._outside.answer()
        await self._hear_each_other(self._outside)

    async def presses_0(self) -> Session:
        """Again, as people do: while Asterisk plays to them it hears no key."""
        async with asyncio.timeout(SOON):
            while self.asked_for_staff.empty():
                await self.caller_presses("0")
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        return await self.asked_for_staff.get()
            return self.asked_for_staff.get_nowait()

    async def hears_that_staff_did_not_answer(self, within: float) -> None:
        """To the end, for until then no key is heard."""
        began = await self._caller.hears(self._clip("alone/no-staff"), within)
        assert began is not None
        said = str(self._world.settings.prompts / "en" / "alone" / "no-staff")
        await asyncio.sleep(max(0.0, began + seconds(said) - time.monotonic()))

    async def is_still_with_the_helpline(self) -> None:
        assert self._caller.in_call
        assert self._outside.in_call
        await self._hear_each_other(self._outside)
        await self._outside.hang_up()

    def _clip(self, prompt: str) -> bytes:
        return clip_of(self._world.settings.prompts, prompt, "en")

    async def _hear_each_other(self, other: Phone) -> None:
        for speaker, hearer in ((self._caller, other), (other, self._caller)):
            await says_until_heard(speaker, hearer, self._clip("wait/nobody"), HEARD_WITHIN)

    async def _answer(self, session: Session) -> None:
        if session.script.path == "staff":
            self.asked_for_staff.put_nowait(session)
            await session.until_gone()
        elif session.script.path == "caller" and self._leads_to:
            await session.set_variable("WL_CALL", CALL)
            await session.set_variable("WL_NEXT", self._leads_to)
            self._callers.put_nowait(session)
        else:
            await super()._answer(session)


@pytest.fixture
async def asterisk() -> AsyncIterator[WithAStaffKey]:
    async with WithAStaffKey() as exchange:
        yield exchange
        await exchange.everybody_hangs_up()
        assert await eventually(lambda: not exchange._caller.in_call)


async def test_a_call_that_failed_before_holds_nobody_up(asterisk: WithAStaffKey) -> None:
    """A helpline that was engaged, say, before the Listener came."""
    await asterisk.with_a_listener()
    session = await asterisk.presses_0()
    await session.set_variable("DIALSTATUS", "BUSY")
    await session.set_variable("WL_NEXT", "back")
    await session.close()

    await asyncio.sleep(0.5)
    await (await asterisk.presses_0()).close()


@pytest.mark.parametrize("line", ["hangs", "has died"])
async def test_with_a_listener_they_hear_that_staff_did_not_answer(asterisk: WithAStaffKey, line: str) -> None:
    await asterisk.with_a_listener()
    session = await asterisk.presses_0()
    if line == "hangs":
        await session.set_variable("TIMEOUT(absolute)", "1")
    else:
        await session.close()
    await asterisk.hears_that_staff_did_not_answer(1 + SOON)

    await asyncio.sleep(0.5)
    await (await asterisk.presses_0()).close()


async def test_with_the_helpline_a_line_that_hangs_ends_nothing(asterisk: WithAStaffKey) -> None:
    """There is no deadline: Asterisk would hang up. A watchdog ends the line, or the line itself lets go."""
    await asterisk.with_the_helpline()
    session = await asterisk.presses_0()
    await Voice(session).say([asterisk.a_prompt])
    await asyncio.sleep(seconds(asterisk.a_prompt) + DEADLINE_SECONDS + 1)
    await session.close()
    await asterisk.hears_that_staff_did_not_answer(SOON)

    await asterisk.is_still_with_the_helpline()
