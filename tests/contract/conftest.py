"""Two telephone exchanges with the same people at them: the fake, and a real Asterisk with real SIP phones."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from contract.exchanges import AtTheFake, AtTheReal, Exchange

from tests.fakes.telephony import FakeTelephony


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def asterisk() -> AsyncIterator[AtTheReal]:
    async with AtTheReal() as exchange:
        yield exchange


@pytest.fixture(params=["fake", "real"])
def exchange(request: pytest.FixtureRequest, anyio_backend: str) -> Exchange:
    del anyio_backend
    if request.param == "fake":
        return AtTheFake(FakeTelephony())
    return cast("Exchange", request.getfixturevalue("asterisk"))


@pytest.fixture(autouse=True)
async def nobody_is_left_in_a_call(exchange: Exchange) -> AsyncIterator[None]:
    exchange.happened.clear()
    yield
    await exchange.everybody_hangs_up()
    async with asyncio.timeout(3):
        while await exchange.telephony.live_legs():  # noqa: ASYNC110  Asterisk has no event for "all channels are gone"
            await asyncio.sleep(0.02)
