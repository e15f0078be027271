"""When a key was let go is by the phone that sends it, not by whoever waits for it."""

import asyncio
import time
from pathlib import Path
from typing import cast

import pytest

from wingline.phones.baresip import Baresip, Line
from wingline.phones.phone import Phone

pytestmark = pytest.mark.anyio
HELD = 0.18


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Sends:
    def __init__(self) -> None:
        self.keys: list[tuple[str, float]] = []

    async def command(self, command: str, parameters: str) -> str:
        assert command == "sndcode"
        self.keys.append((parameters, time.monotonic()))
        return ""


async def test_a_machine_that_is_busy_afterwards_lets_no_key_go_later(tmp_path: Path) -> None:
    line = Line((), tmp_path, "someone", "secret", ("127.0.0.1", 1))
    phone, sends = Phone("somebody", line, folder=tmp_path), Sends()
    phone._baresip = cast("Baresip", sends)
    # What the key did came meanwhile, and was read before this coroutine went on.
    asyncio.get_running_loop().call_later(0.5, time.sleep, 0.4)
    let_go = await phone.press("12")

    assert [key for key, _ in sends.keys] == ["1", "2"]
    assert let_go <= sends.keys[-1][1] + HELD
