"""0 while the exchange rings the helpline's phone, and the line has only just taken the caller over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from ivr import happenings as h
from ivr.agi import Script
from ivr.call import Phase
from ivr.keypad import Keypad
from ivr.legs import Leg
from models.words import CallId, Cause, Seat
from tests.fakes.line import FakeLine, a_database, eventually, settled

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    new = FakeLine(a_database(tmp_path), "robin")
    yield new
    await new.stop()


class FakeSession:
    """A caller's, in which they are silent and every file is over at once."""

    may_have_a_deadline = False

    def __init__(self, caller: Leg, **variables: str) -> None:
        self.environment = {"agi_uniqueid": caller.id, "agi_channel": caller.channel}
        self.script = Script("caller", {})
        self.keypad = Keypad()
        self.variables = variables
        self.said: list[str] = []

    async def get_variable(self, name: str) -> str:
        return self.variables.get(name, "")

    async def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value

    async def stream_file(self, file: str, keys: str) -> str:
        del keys
        self.said.append("/".join(Path(file).parts[-2:]))
        await asyncio.sleep(0.01)
        return ""

    async def wait_for_digit(self, milliseconds: int) -> str:
        del milliseconds
        await asyncio.sleep(0.01)
        return ""


async def test_a_0_while_the_helpline_rings_brings_staff_also_after_a_restart(line: FakeLine) -> None:
    live, _ = await line.a_caller_waits()
    await line.is_rung("robin")
    live.happen(h.NobodyCame(Seat.FIRST))
    live.happen(h.CallerWasQuiet())
    await line.is_killed()
    await line.starts_again()
    assert line.desk.calls[CallId(live.call.id)].call.phase is Phase.WAITING

    session = FakeSession(live.caller, WL_CALL=live.call.id, WL_DIALLED="KEY0")
    answering = asyncio.create_task(line.desk.answer(session))  # type: ignore[arg-type]  # what the desk uses of it
    assert await eventually(lambda: line.engine.raised)
    answering.cancel()
    with suppress(asyncio.CancelledError):
        await answering
    await settled()

    assert [raising.cause for raising in line.engine.raised] == [Cause.CALLER_ASKED]
    assert session.said[0] == "staff-key/going"
    assert line.telephony.rings_of("phone-robin")
