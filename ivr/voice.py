"""Our voice and our ear on one AGI session, with the deadline that makes the dialplan go on should we die."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from ivr.agi import Session
from ivr.legs import Leg, LegId
from ivr.prompt_files import seconds

KEYS = "0123456789*#"
# Longer than any pause of a healthy line, shorter than a caller's patience with silence.
DEADLINE_SECONDS = 4
EAR_SECONDS = 0.5


def _never() -> bool:
    return False


class Voice:
    def __init__(self, session: Session) -> None:
        self.session = session

    async def say(self, files: Sequence[str], *, unless: Callable[[], bool] = _never, always: str = "") -> str:
        """Plays the files and returns the key that stopped them, or nothing; ``unless`` is asked before each.

        ``always``: the keys that mean the same at any time, so that they count also when pressed just before.
        """
        self.session.keypad.forget(but=always)
        for file in files:
            if unless():
                return ""
            key = await self._heard(seconds(file), partial(self.session.stream_file, file, KEYS))
            if key:
                return key
        return ""

    async def wait_for_key(self, wait_seconds: float, *, unless: Callable[[], bool] = _never) -> str:
        left, clock = wait_seconds, asyncio.get_running_loop().time
        while left > 0 and not unless():
            began, milliseconds = clock(), int(min(left, EAR_SECONDS) * 1000)
            key = await self._heard(EAR_SECONDS, partial(self.session.wait_for_digit, milliseconds))
            if key:
                return key
            # Where Asterisk answers late half a second takes seconds, in which the caller has heard nothing.
            left -= max(EAR_SECONDS, clock() - began)
        return ""

    async def ask(
        self, files: Sequence[str], wait_seconds: float, *, unless: Callable[[], bool] = _never, always: str = ""
    ) -> str:
        """See say(); the key may also come in so many seconds after it."""
        said = await self.say(files, unless=unless, always=always)
        return said or await self.wait_for_key(wait_seconds, unless=unless)

    async def record_speech(self, file: Path, most_seconds: float, silence_seconds: int) -> None:
        """See Session.record_file; the hash ends it."""
        await self._alive_for(most_seconds)
        milliseconds = int(most_seconds * 1000)
        await self.session.record_file(
            str(file), escape_digits="#", milliseconds=milliseconds, silence_seconds=silence_seconds
        )

    async def go_on_to(self, following: str) -> None:
        """What the dialplan does when we have let go."""
        await self.session.set_variable("WL_NEXT", following)

    async def _heard(self, expected_seconds: float, listen: Callable[[], Awaitable[str]]) -> str:
        """The key that was pressed since Asterisk listened last, or while it does now."""
        await self._alive_for(expected_seconds)
        keypad = self.session.keypad
        key = keypad.next()
        # What is listened to ends by a key also when that key counted already: then from the beginning again.
        while not key and await listen():
            key = keypad.next()
        return key or keypad.next()

    async def _alive_for(self, expected_seconds: float) -> None:
        if self.session.may_have_a_deadline:
            await self.session.set_variable("TIMEOUT(absolute)", f"{expected_seconds + DEADLINE_SECONDS:.1f}")


def leg_of(session: Session) -> Leg:
    return Leg(LegId(session.environment["agi_uniqueid"]), session.environment["agi_channel"])
