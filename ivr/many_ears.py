"""Several speech processes as one: the proxy before them chooses who hears a call, and each of them is listened to."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from ivr.ears import SpeechEars
from models.dangers import Flag
from models.words import CallId


class ManyEars:
    """See ivr.ports.Ears. When one of them is lost its calls are heard again by another; the rest are left alone."""

    def __init__(self, ears: Sequence[SpeechEars]) -> None:
        self._ears = ears
        self.on_flag: Callable[[Flag], None] = lambda _flag: None
        self.on_lost: Callable[[CallId | None], None] = lambda _call: None
        self.on_behind: Callable[[CallId], None] = lambda _call: None
        self.on_change: Callable[[], None] = lambda: None
        self.on_left_out: Callable[[], None] = lambda: None
        for one in ears:
            # Asked when it happens, for ours are set later.
            one.on_flag = lambda flag: self.on_flag(flag)  # noqa: PLW0108
            one.on_lost = self._lost_by(one)
            one.on_behind = lambda call: self.on_behind(call)  # noqa: PLW0108
            one.on_change = lambda: self.on_change()  # noqa: PLW0108
            one.on_left_out = lambda: self.on_left_out()  # noqa: PLW0108

    @property
    def listens(self) -> bool:
        return any(one.listens for one in self._ears)

    @property
    def since(self) -> datetime:
        """When the first of those that listen began, or when the last one ended."""
        listening = [one.since for one in self._ears if one.listens]
        return min(listening) if listening else max(one.since for one in self._ears)

    @property
    def heard(self) -> frozenset[CallId]:
        return frozenset().union(*(one.heard for one in self._ears))

    @property
    def left_out(self) -> int:
        return sum(one.left_out for one in self._ears)

    @property
    def unheard(self) -> float:
        return sum(one.unheard for one in self._ears)

    async def turn(self, *, off: bool) -> None:
        for one in self._ears:
            await one.turn(off=off)

    async def forget(self, call: CallId) -> None:
        for one in self._ears:
            await one.forget(call)

    async def run(self) -> None:
        await asyncio.gather(*(one.run() for one in self._ears))

    def _lost_by(self, ears: SpeechEars) -> Callable[[CallId | None], None]:
        def lost(call: CallId | None) -> None:
            for one in ears.heard if call is None else (call,):
                self.on_lost(one)

        return lost
