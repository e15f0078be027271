"""A key that is pressed while no command of ours runs: Asterisk drops it, and the person is heard all the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from contract.exchanges import AtTheReal

from ivr.agi import Session
from ivr.prompt_files import seconds
from ivr.voice import Voice
from tests.fakes.line import eventually

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]


class SlowVoice(Voice):
    """A busy machine between the first two commands: ``gap`` says that it is there, ``goes_on`` ends it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.gap, self.goes_on = asyncio.Event(), asyncio.Event()
        self.commands = 0

    async def _alive_for(self, expected_seconds: float) -> None:
        await super()._alive_for(expected_seconds)
        self.commands += 1
        if self.commands == 2:
            self.gap.set()
            await self.goes_on.wait()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def asterisk() -> AsyncIterator[AtTheReal]:
    async with AtTheReal() as exchange:
        yield exchange


async def test_a_key_between_two_files_is_heard(asterisk: AtTheReal) -> None:
    async with asterisk.a_caller() as session:
        voice = SlowVoice(session)
        saying = asyncio.create_task(voice.say([asterisk.a_prompt] * 3))
        await voice.gap.wait()
        await asterisk.caller_presses("0")
        voice.goes_on.set()

        assert await asyncio.wait_for(saying, 20) == "0"
        assert voice.commands == 2


async def test_a_key_between_two_waits_is_heard(asterisk: AtTheReal) -> None:
    async with asterisk.a_caller() as session:
        voice = SlowVoice(session)
        waiting = asyncio.create_task(voice.wait_for_key(3))
        await voice.gap.wait()
        await asterisk.caller_presses("5")
        voice.goes_on.set()

        assert await asyncio.wait_for(waiting, 20) == "5"


async def test_a_key_in_the_middle_is_heard_once(asterisk: AtTheReal) -> None:
    async with asterisk.a_caller() as session:
        voice = Voice(session)
        waiting = asyncio.create_task(voice.wait_for_key(3))
        await asyncio.sleep(0.2)
        await asterisk.caller_presses("7")

        assert await asyncio.wait_for(waiting, 5) == "7"
        assert await voice.wait_for_key(1) == ""


async def test_a_key_that_is_told_of_late_ends_the_file(asterisk: AtTheReal) -> None:
    async with asterisk.a_caller() as session:
        voice = Voice(session)
        began = asyncio.get_running_loop().time()
        saying = asyncio.create_task(voice.say([asterisk.a_long_prompt]))
        await asyncio.sleep(0.5)
        session.key_told("0")

        assert await asyncio.wait_for(saying, 20) == "0"
        assert asyncio.get_running_loop().time() - began < seconds(asterisk.a_long_prompt) / 2
        await session.set_variable("WL_NEXT", "talk")
        assert await session.get_variable("WL_NEXT") == "talk"


async def test_a_key_is_heard_although_asterisk_reads_the_file_and_its_end_at_once(
    asterisk: AtTheReal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where Asterisk had no processor for a moment: what it has read already wakes it no more."""
    async with asterisk.a_caller() as session:
        to_asterisk, together = session._writer, list[bytes]()
        with monkeypatch.context() as held:
            held.setattr(to_asterisk, "write", together.append)
            saying = asyncio.create_task(session.stream_file(asterisk.a_long_prompt, "0"))
            await asyncio.sleep(0)
            session.keypad.told("0")
            session._stop_playing()
        to_asterisk.write(b"".join(together))

        assert await asyncio.wait_for(saying, 5) == ""
        assert session.keypad.next() == "0"
        await session.set_variable("WL_NEXT", "talk")
        assert await session.get_variable("WL_NEXT") == "talk"


async def test_a_key_that_is_told_of_when_it_is_over_counts_once(asterisk: AtTheReal) -> None:
    """By SIP INFO: between two commands Asterisk tells of it at once, and lets the second hear it 0.1 s later."""
    await asterisk.caller_has_a_phone_that_tells_of_keys_by("info")
    async with asterisk.a_caller() as session:
        voice = SlowVoice(session)
        waiting = asyncio.create_task(voice.wait_for_key(3))
        await voice.gap.wait()
        pressing = asyncio.create_task(asterisk.caller_presses("5"))
        assert await eventually(lambda: session.keypad.unanswered)
        voice.goes_on.set()

        assert await asyncio.wait_for(waiting, 5) == "5"
        assert await voice.wait_for_key(1) == ""
        await pressing
