"""Whom the line fetches when it is back: callers who wait alone, and nobody else who is in the dialplan's hands."""

import re
from pathlib import Path

import pytest

from ivr.ami import Ami
from ivr.asterisk_legs import WAITING_ALONE, AsteriskLegs
from ivr.packs import Event, parse

pytestmark = pytest.mark.anyio
DIALPLAN = Path(__file__).parents[2] / "ivr/asterisk/extensions.conf"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class OneChannel(Ami):
    """An Asterisk with one channel, in this context."""

    def __init__(self, context: str, bridge: str) -> None:
        super().__init__("127.0.0.1", 1, "nobody", "nothing")
        row = parse(
            "Event: CoreShowChannel\r\nChannel: PJSIP/p1-00000001\r\nUniqueid: 1.1\r\nChannelState: 6\r\n"
            f"Context: {context}\r\nBridgeId: {bridge}\r\nApplication: Queue\r\n"
        )
        assert isinstance(row, Event)
        self._row = row

    async def list_of(self, name: str, complete_event: str, /, **fields: str | int) -> list[Event]:
        del name, complete_event, fields
        return [self._row]


async def waits_alone(context: str, bridge: str = "") -> bool:
    (leg,) = await AsteriskLegs(OneChannel(context, bridge)).live_legs()
    return leg.waits_alone


@pytest.mark.parametrize("context", WAITING_ALONE)
async def test_a_caller_waits_alone_until_somebody_is_with_them(context: str) -> None:
    assert await waits_alone(context)
    assert not await waits_alone(context, bridge="b-1")


async def test_a_listener_whom_the_exchange_alone_asks_is_not_taken_for_a_caller() -> None:
    assert not await waits_alone("wl-alone-offer")
    assert not await waits_alone("wl-alone-listener")


def test_every_context_without_the_line_is_known_as_a_callers_or_a_listeners() -> None:
    contexts = set(re.findall(r"^\[(wl-alone[a-z-]*)\]$", DIALPLAN.read_text(), re.MULTILINE))

    assert contexts == {*WAITING_ALONE, "wl-alone-offer", "wl-alone-listener"}
