"""Phones: the cable is pulled in the middle of a call, and sound is lost for some seconds."""

import asyncio
import os
import signal
import time
from contextlib import suppress

from wingline.chaos.prison import Prison
from wingline.chaos.recorder import Recorder
from wingline.phones.errors import PhoneError

PLUGGED_IN_WITHIN = 40.0


def chosen(prison: Prison, which: int) -> Recorder:
    """Somebody who is in a call, if anybody is."""
    talking = [one for one in prison.recorders if one.phone.in_call] or prison.recorders
    return talking[which % len(talking)]


class Unplugged:
    """The server is not told, and believes for a while that the phone is there."""

    def __init__(self, prison: Prison, which: int) -> None:
        self._recorder = chosen(prison, which)
        self.who = self._recorder.who

    async def inject(self) -> bool:
        self._recorder.unplugged = True
        await self._recorder.phone.goes_off()
        return True

    async def heal(self) -> None:
        """Plugged in again, as soon as there is somebody to register with."""
        deadline = time.monotonic() + PLUGGED_IN_WITHIN
        while time.monotonic() < deadline:
            with suppress(PhoneError):
                await self._recorder.phone.start()
                self._recorder.unplugged = False
                return
            await asyncio.sleep(0.5)


class Unregistered(Unplugged):
    """Somebody's phone says that it is off, while it is in no call if any is, and comes back later."""

    def __init__(self, prison: Prison, which: int) -> None:
        super().__init__(prison, which)
        idle = [one for one in prison.recorders if not one.phone.in_call] or prison.recorders
        self._recorder = idle[which % len(idle)]
        self.who = self._recorder.who

    async def inject(self) -> bool:
        self._recorder.unplugged = True
        await self._recorder.phone.stop()
        return True


class SoundLost:
    """The phone's program stands still: no RTP in either direction, no answer to SIP, and the call is not ended."""

    def __init__(self, prison: Prison, which: int) -> None:
        recorder = chosen(prison, which)
        self.who = recorder.who
        self._prison, self._phone = prison, recorder.phone
        self._pid: int | None = None

    async def inject(self) -> bool:
        self._pid = await asyncio.to_thread(self._prison.process_of, self._phone)
        return self._tell(signal.SIGSTOP)

    async def heal(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, what: signal.Signals) -> bool:
        if self._pid is None:
            return False
        try:
            os.kill(self._pid, what)
        except ProcessLookupError:
            return False
        return True
