"""What a story can do to the parts of the line, and what their logs then say."""

import asyncio
import time

from stories.conftest import Story

# "When line is back it takes over what is live within 5 s": some 2 s on a quiet machine. Here two other prisons may be
# starting on the same two cores.
ADOPTED_WITHIN = 10.0
STARTS_WITHIN = 60.0
SESSION_LOST = ("res_agi", "agi", "AGI")


def kill(story: Story, name: str) -> None:
    child = getattr(story.world.service, name)
    assert child.process is not None
    child.process.kill()


async def line_dies(story: Story) -> None:
    kill(story, "line")
    await story.world.service.line.process.wait()  # type: ignore[union-attr]  # it was running


async def line_is_back(story: Story) -> float:
    """How long it took from its start until it had spoken with Asterisk and looked at what lives."""
    story.expected_trouble += ["ami.", "agi.not_a_call"]
    began, ups = time.monotonic(), story.times_up()
    await story.world.service.line.start()
    await story.world.until_up()
    # Its ports are open before it has looked; what still rings for the line that died is silenced after that.
    while story.times_up() == ups:
        assert time.monotonic() - began < STARTS_WITHIN, "the line does not say that it is up"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def are_heard(story: Story, calls: int, within: float = 8.0) -> float:
    """Until the machine takes in the sound of so many calls; how long that took."""
    began = time.monotonic()
    while True:
        rows = await story.manager.list_of("CoreShowChannels", "CoreShowChannelsComplete")
        heard = sum(row["Channel"].startswith("WebSocket/") for row in rows)
        if heard == calls:
            return time.monotonic() - began
        assert time.monotonic() - began < within, f"{heard} calls are heard, not {calls}"
        await asyncio.sleep(0.1)
