"""One exchange and its line, with the wires between them: what most faults break."""

import asyncio
from dataclasses import dataclass

from ivr.ami import Ami
from wingline.chaos.wall_clock import WallClock
from wingline.chaos.wire import Wire
from wingline.children import Child
from wingline.settings import Settings
from wingline.watchdog import asterisk_answers, line_answers


@dataclass(frozen=True, slots=True)
class Node:
    """``settings``: those of the exchange, which reaches the line by a wire; ``line``: those of the line.

    ``reached``: where this driver finds both, past the wires.
    """

    settings: Settings
    line: Settings
    reached: Settings
    ami: Wire
    agi: Wire
    # A second pair of eyes on Asterisk, on no wire.
    manager: Ami
    wall_clock: WallClock
    asterisk_program: Child
    line_program: Child
    # What the line itself holds open at the port that takes sound in.
    links_to_speech: int = 1
    # What a site file made for this node ends with.
    site_end: str = ""

    async def is_well(self, since: float) -> bool:
        """Both answer, and the line has heard from Asterisk since this moment (time.monotonic())."""
        answers = await asyncio.gather(line_answers(self.reached), asterisk_answers(self.reached))
        return all(answers) and self.ami.answered_at > since and self.manager.connected
