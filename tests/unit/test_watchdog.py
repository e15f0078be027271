"""A program that hangs is killed, and one that is slow to start is given longer the next time."""

import asyncio

import pytest

from tests.fakes.line import eventually
from wingline import watchdog
from wingline.watchdog import LONGEST_START_SECONDS, START_SECONDS, patience_after, watch

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Slow:
    """Starts again at once when it is killed; each of its lives comes up after so many seconds."""

    name = "line"

    def __init__(self, takes: float) -> None:
        self.pid, self.killed, self.came_up = 1, 0, False
        self._takes, self._began = takes, asyncio.get_running_loop().time()

    async def stop(self, _how: object) -> None:
        self.pid, self.killed = self.pid + 1, self.killed + 1
        self._began = asyncio.get_running_loop().time()

    async def answers(self) -> bool:
        self.came_up = asyncio.get_running_loop().time() - self._began > self._takes
        return self.came_up


def test_each_start_that_was_killed_doubles_the_patience_up_to_a_bound_and_one_that_came_up_resets_it() -> None:
    given = [START_SECONDS]
    for _ in range(5):
        given.append(patience_after(came_up=False, before=given[-1]))

    assert given == [30, 60, 120, 240, LONGEST_START_SECONDS, LONGEST_START_SECONDS]
    assert patience_after(came_up=True, before=240) == START_SECONDS


@pytest.mark.slow
async def test_a_start_that_takes_longer_than_it_may_is_not_killed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("START_SECONDS", 0.1), ("PAUSE_SECONDS", 0.01), ("START_PAUSE_SECONDS", 0.01)):
        monkeypatch.setattr(watchdog, name, seconds)
    slow = Slow(takes=1.0)
    watching = asyncio.create_task(watch(slow, slow.answers))  # type: ignore[arg-type]  # as much of a Child as it needs

    assert await eventually(lambda: slow.came_up, within=20)
    assert slow.killed > 0
    watching.cancel()
