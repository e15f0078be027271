"""A session to which nothing gets through any more: its caller does not wait for the deadline."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from contract.exchanges import AtTheReal

from ivr.agi import CallerGone
from ivr.asterisk_legs import WAITING_ALONE
from ivr.unanswered import UNANSWERED_SECONDS

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]
FAR_OFF = "30"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def asterisk() -> AsyncIterator[AtTheReal]:
    async with AtTheReal() as exchange:
        yield exchange


async def test_the_exchange_goes_on_alone(asterisk: AtTheReal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the deadline is far off: a late command had moved it."""
    async with asterisk.a_caller() as session:
        await session.set_variable("TIMEOUT(absolute)", FAR_OFF)
        assert "wl-call" in await asterisk.contexts()
        monkeypatch.setattr(session._writer, "write", lambda _: None)

        with pytest.raises(CallerGone):
            await asyncio.wait_for(session.set_variable("WL_NEXT", "talk"), UNANSWERED_SECONDS + 2)
        async with asyncio.timeout(2):
            while not set(WAITING_ALONE) & set(await asterisk.contexts()):  # noqa: ASYNC110  no event for it
                await asyncio.sleep(0.02)


async def test_who_is_answered_stays(asterisk: AtTheReal) -> None:
    async with asterisk.a_caller() as session:
        await session.wait_for_digit(int((UNANSWERED_SECONDS + 1) * 1000))
        await session.set_variable("WL_NEXT", "talk")
        assert await session.get_variable("WL_NEXT") == "talk"
