"""What speaks to one caller: says what was ordered last, hears every key, and never leaves them in silence unheard."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ivr import happenings as h
from ivr import orders as o
from ivr.prompt_files import PromptFiles, seconds
from ivr.voice import Voice

IDLE_SECONDS = 1
# The flow answers a key in milliseconds; until then no ear is lent out that could not be called back at once.
ANSWER_SECONDS = 0.3
STAFF_KEY = "0"


class Mouth:
    """One AGI session of a caller; orders come in from the flow, keys and silences go out to it."""

    def __init__(self, voice: Voice, prompts: PromptFiles, happen: Callable[[h.Happening], None]) -> None:
        self._voice = voice
        self._prompts = prompts
        self._happen = happen
        self._next: o.Say | o.LetGo | None = None
        self._ordered = asyncio.Event()
        self._given_up = False
        # On the loop's clock: what is being said may go on until then, for nothing but a key stops a sentence.
        self.says_until = 0.0
        # What came of what was said last: a key, or nothing.
        self._pressed = ""

    def order(self, order: o.Say | o.LetGo) -> None:
        """Whatever is being said is dropped at its next pause."""
        self._next = order
        self._ordered.set()

    def give_up(self) -> None:
        """Nobody decides for this caller any more: the dialplan goes on with them as without a line."""
        self._given_up = True
        self._ordered.set()

    async def run(self) -> None:
        """Until the flow lets go. CallerGone when the channel leaves before."""
        while not (isinstance(self._next, o.LetGo) or self._given_up):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ordered.wait(), ANSWER_SECONDS)
            if isinstance(self._next, o.LetGo) or self._given_up:
                break
            order, self._next = self._next, None
            self._ordered.clear()
            if order is None:
                await self._idle()
            else:
                await self._say(order)
        if isinstance(self._next, o.LetGo):
            await self._voice.go_on_to(self._next.to)

    async def _say(self, order: o.Say) -> None:
        # Who pressed it twice is told what happens now, and can still take it back.
        always = "" if self._pressed == STAFF_KEY else STAFF_KEY
        files = self._prompts.paths(order.lines)
        self.says_until = asyncio.get_running_loop().time() + sum(map(seconds, files))
        self._take(await self._voice.ask(files, order.wait_seconds, unless=self._replaced, always=always))
        if not self._pressed and not self._replaced():
            self._happen(h.CallerWasQuiet())

    async def _idle(self) -> None:
        self._take(await self._voice.wait_for_key(IDLE_SECONDS, unless=self._replaced))

    def _take(self, key: str) -> None:
        self.says_until = 0.0
        self._pressed = key
        if key:
            self._happen(h.CallerPressed(key))

    def _replaced(self) -> bool:
        return self._next is not None or self._given_up
