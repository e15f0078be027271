"""Asks one person in prompts, in the language of the site, and takes the key."""

from collections.abc import Collection, Sequence

from ivr.orders import Line
from ivr.ports import Ports
from ivr.voice import Voice
from models.words import Prompt

WAIT_FOR_KEY_SECONDS = 6.0
BETWEEN_KEYS_SECONDS = 5.0
ASKED_TIMES = 2
MOST_KEYS = 12
BACK = "*"
NO_SUCH_KEY = Prompt("own/no-such-key")


class Asking:
    def __init__(self, voice: Voice, ports: Ports) -> None:
        self.voice = voice
        self._ports = ports

    async def say(self, *prompts: str) -> None:
        await self.voice.say(self._files(prompts))

    async def ask(self, prompts: Sequence[str]) -> str:
        """The key, which may come in the middle of a prompt; nothing after a while of silence."""
        return await self.voice.ask(self._files(prompts), WAIT_FOR_KEY_SECONDS)

    async def choose(self, prompts: Sequence[str], keys: Collection[str]) -> str:
        """One of these keys; nothing for the star, and for silence although it was asked again."""
        said: Sequence[str] = prompts
        for _ in range(ASKED_TIMES):
            key = await self.ask(said)
            if key == BACK:
                break
            if key in keys:
                return key
            said = (NO_SUCH_KEY, *prompts) if key else prompts
        return ""

    async def figures(self, *prompts: str) -> str:
        """Keys until the hash, or until no more come; the star begins again."""
        found = ""
        key = await self.ask(prompts)
        while key and key != "#" and len(found) < MOST_KEYS:
            found = "" if key == BACK else found + key
            key = await self.voice.wait_for_key(BETWEEN_KEYS_SECONDS)
        return found

    def _files(self, prompts: Sequence[str]) -> list[str]:
        language = self._ports.rules().default_language
        return self._ports.prompts.paths(Line(language, Prompt(prompt)) for prompt in prompts)
