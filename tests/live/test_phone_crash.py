"""A phone's program that crashes leaves nothing of what it heard."""

import asyncio
import signal
from pathlib import Path

import pytest
from contract.exchanges import AtTheReal

from tests.fakes.line import eventually

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:notifyAll:DeprecationWarning"),  # asterisk-ami's own, in its thread
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_its_dump_holds_no_memory_and_is_not_in_the_way_of_anybody() -> None:
    async with AtTheReal() as asterisk:
        phone = asterisk._listener
        assert phone._baresip is not None
        process = phone._baresip._process
        assert process is not None
        kept = await asyncio.to_thread(Path(f"/proc/{process.pid}/coredump_filter").read_text)
        where = await asyncio.to_thread(Path(f"/proc/{process.pid}/cwd").resolve)
        process.send_signal(signal.SIGSEGV)
        assert await eventually(lambda: phone.crashed)
        await asterisk.everybody_hangs_up()

        assert int(kept, 16) == 0
        assert where == phone._folder.resolve() != Path.cwd()
        assert not phone.crashed
        assert not await asyncio.to_thread(lambda: list(where.glob("core*")))
