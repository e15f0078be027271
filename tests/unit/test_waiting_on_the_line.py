"""A Listener who waits on the line (201): what rings them is an offer like any other, and nothing of it is left."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from ivr.agi import CallerGone
from ivr.keypad import Keypad
from models import tables
from models.words import OfferEnd, PhoneId
from tests.fakes.line import FakeLine, a_database, eventually

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    one = FakeLine(a_database(tmp_path), "robin", "wren")
    yield one
    await one.stop()


class FakeSession:
    """The dialplan's script "offer" on a channel that has waited, and so has an id of its own."""

    script = SimpleNamespace(path="offer")
    may_have_a_deadline = True

    def __init__(self, offer: str, *, gone: bool = False) -> None:
        self.environment = {"agi_uniqueid": "1.7", "agi_channel": "PJSIP/phone-robin-00000001"}
        self.variables = {"WL_OFFER": offer}
        self.keypad = Keypad()
        self._gone = gone

    async def get_variable(self, name: str) -> str:
        return self.variables.get(name, "")

    async def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value

    async def stream_file(self, name: str, escape_digits: str) -> str:
        del name, escape_digits
        if self._gone:
            raise CallerGone
        self.keypad.answered("1")
        return "1"


async def offered(line: FakeLine) -> str:
    """To Robin, on the line."""
    line.telephony.waits(PhoneId("phone-robin"))
    await line.a_caller_waits()
    assert await eventually(lambda: line.telephony.ordered("ring") == ["phone-robin"])
    (offer,) = line.asked(select(tables.Offer.id))
    return str(offer)


async def test_the_offer_is_known_by_its_own_id_and_the_key_takes_the_call(line: FakeLine) -> None:
    session = FakeSession(await offered(line))

    await line.desk.answer(session)  # type: ignore[arg-type]  # what a dialog uses of it

    assert session.variables["WL_NEXT"] == "talk"
    assert line.open_talks() == ["listener-robin"]


async def test_a_session_that_ends_while_the_phone_waits_on_is_a_missed_ring_and_the_next_is_rung(
    line: FakeLine,
) -> None:
    """The phone does not hang up, so Asterisk says nothing."""
    session = FakeSession(await offered(line), gone=True)

    with pytest.raises(CallerGone):
        await line.desk.answer(session)  # type: ignore[arg-type]  # what a dialog uses of it

    assert await eventually(lambda: line.telephony.ordered("ring") == ["phone-robin", "phone-wren"])
    assert line.offers()[0] == ("robin", OfferEnd.MISSED)
