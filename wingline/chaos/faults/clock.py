"""The line's wall clock jumps, and comes right some seconds later: two jumps, one each way."""

import asyncio
from random import Random

from wingline.chaos.wall_clock import SEEN_WITHIN, WallClock

_MINUTES, _HOURS = 600.0, 7200.0


class Jumped:
    """The database's clock is the line's own on SQLite; on PostgreSQL only the line's jumps."""

    who = None

    def __init__(self, clock: WallClock, lasts: float, chance: Random) -> None:
        # Longer than the run, so that a time of the line's says by itself which clock it is by.
        far = [by for by in (_MINUTES, _HOURS) if by > 2 * lasts] or [2 * lasts + _HOURS]
        self._clock, self._by = clock, chance.choice((1, -1)) * chance.choice(far)
        self._jumped = False

    async def inject(self) -> bool:
        self._jumped = self._clock.jump(self._by)
        return self._jumped

    async def heal(self) -> None:
        if self._jumped:
            self._clock.come_right()
            await asyncio.sleep(2 * SEEN_WITHIN)
