"""What a phone of staff hears: where and what, twice, and three keys. Delivered means answered and key 1."""

import asyncio
from collections.abc import Callable, Sequence

from escalation.disclosure import spoken
from escalation.store import disclosure
from ivr.orders import Line
from ivr.ports import Ports
from ivr.voice import Voice
from models.clock import now
from models.words import EscalationId, Prompt, TellingEnd, TellingId

HEARD_AT_MOST = 4
WAIT_FOR_KEY_SECONDS = 6.0
# Staff wait no longer than this for the caller's own sentence to end.
CALLER_FIRST_SECONDS = 8.0


class StaffDialog:
    def __init__(self, voice: Voice, ports: Ports, asked: TellingId, *, acknowledged: Callable[[], None]) -> None:
        self._voice = voice
        self._ports = ports
        self._telling = asked
        self._acknowledged = acknowledged

    async def run(self, escalation: EscalationId, *, caller_told_at: float) -> None:
        """The caller is told before anybody else is: until then staff hear only who is calling."""
        await self._voice.say(self._files("staff/listener-line"))
        wait = min(CALLER_FIRST_SECONDS, caller_told_at - asyncio.get_running_loop().time())
        await self._voice.wait_for_key(wait)
        for _ in range(HEARD_AT_MOST):
            key = await self._voice.ask(await self._message(escalation), WAIT_FOR_KEY_SECONDS)
            if key == "1":
                await self._end(TellingEnd.ACKNOWLEDGED, "staff/you-are-going")
                return
            if key == "3":
                await self._end(TellingEnd.CANNOT_GO, "staff/next-is-rung")
                return
        await self._end(TellingEnd.NOT_CONFIRMED, "staff/no-key")

    async def _message(self, escalation: EscalationId) -> list[str]:
        told = await self._ports.database.run(lambda session: disclosure(session, escalation))
        return self._files(*spoken(told))

    async def _end(self, how: TellingEnd, prompt: str) -> None:
        """Somebody else may have acknowledged while this one listened; then it does not count, and they hear so."""
        counted = await self._ports.engine.telling_ended(self._telling, how, now())
        if counted and how is TellingEnd.ACKNOWLEDGED:
            self._acknowledged()
        await self._voice.say(self._files(prompt if counted else "staff/somebody-is-going"))

    def _files(self, *prompts: str) -> list[str]:
        return self._ports.prompts.paths(self._lines(prompts))

    def _lines(self, prompts: Sequence[str]) -> list[Line]:
        language = self._ports.rules().default_language
        return [Line(language, Prompt(prompt)) for prompt in prompts]
