"""Our voice and our ear on one AGI session, with the deadline that makes the dialplan go on should we die."""

from collections.abc import Callable, Sequence
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

    async def say(self, files: Sequence[str], *, unless: Callable[[], bool] = _never) -> str:
        """Plays the files and returns the key that stopped them, or nothing; ``unless`` is asked before each."""
        for file in files:
            if unless():
                return ""
            await self._alive_for(seconds(file))
            key = await self.session.stream_file(file, KEYS)
            if key:
                return key
        return ""

    async def wait_for_key(self, wait_seconds: float, *, unless: Callable[[], bool] = _never) -> str:
        left = wait_seconds
        while left > 0 and not unless():
            await self._alive_for(EAR_SECONDS)
            key = await self.session.wait_for_digit(int(min(left, EAR_SECONDS) * 1000))
            if key:
                return key
            left -= EAR_SECONDS
        return ""

    async def ask(self, files: Sequence[str], wait_seconds: float, *, unless: Callable[[], bool] = _never) -> str:
        return await self.say(files, unless=unless) or await self.wait_for_key(wait_seconds, unless=unless)

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

    async def _alive_for(self, expected_seconds: float) -> None:
        await self.session.set_variable("TIMEOUT(absolute)", f"{expected_seconds + DEADLINE_SECONDS:.1f}")


def leg_of(session: Session) -> Leg:
    return Leg(LegId(session.environment["agi_uniqueid"]), session.environment["agi_channel"])
