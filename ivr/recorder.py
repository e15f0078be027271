"""A prompt in the voice of the site's own people, spoken into a phone of staff that the console has rung for it.

The only place where Asterisk writes down what it hears: on a phone of staff, in no call, and deleted once looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr import store
from ivr.agi import Session
from ivr.asking import Asking
from ivr.ports import Ports
from ivr.prompts.checks import limit_of
from ivr.prompts.own import Unusable, taken_recording
from ivr.prompts.sound import Sound
from ivr.prompts.wav import write_wav
from ivr.voice import Voice, leg_of
from models.clock import new_id
from models.words import PhoneId, Prompt

log = structlog.get_logger()

SCRIPT = "record"
# Room for the silence before and after, which is cut off.
SPARE_SECONDS = 8.0
# Whoever has stopped speaking for so long has done, also without the hash.
SILENCE_SECONDS = 4
MOST_TIMES = 5
USE, AGAIN = "1", "2"

Keep = Callable[[Sound], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    prompt: Prompt
    keep: Keep


class Recorder:
    """``folder``: where Asterisk and the line can both write, and nothing stays."""

    def __init__(self, ports: Ports, folder: Path) -> None:
        self._ports = ports
        self._folder = folder
        self._wanted: dict[PhoneId, _Wanted] = {}

    def expect(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None:
        """The next session from this phone records this prompt; ``keep`` takes what its speaker has said yes to."""
        self._wanted[phone] = _Wanted(prompt, keep)

    async def answer(self, session: Session) -> None:
        """One session of the dialplan's script "record". On no phone but staff's is anybody recorded."""
        phone = leg_of(session).phone
        wanted = self._wanted.pop(phone, None)
        post = await self._ports.database.run(lambda db: store.post_of_phone(db, phone))
        if wanted is None or post is None:
            log.warning("recorder.not_expected")
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        spoken = self._folder / new_id("spoken")
        try:
            await _Dialog(Voice(session), self._ports, wanted, spoken).run()
        finally:
            for left in self._folder.glob(f"{spoken.name}*"):
                left.unlink(missing_ok=True)


class _Dialog:
    def __init__(self, voice: Voice, ports: Ports, wanted: _Wanted, spoken: Path) -> None:
        self._voice = voice
        self._tone = ports.prompts.tone
        self._asking = Asking(voice, ports)
        self._wanted = wanted
        self._spoken = spoken

    async def run(self) -> None:
        await self._asking.say("record/begin")
        for _ in range(MOST_TIMES):
            try:
                sound = await self._said()
            except Unusable as fault:
                await self._asking.say(f"record/{fault.why}", "record/again")
                continue
            except FileNotFoundError:
                log.error("recorder.no_file")  # noqa: TRY400  the folder is not one for both, or the disk is full
                break
            key = await self._agreed(sound)
            if key == USE:
                await self._wanted.keep(sound)
                await self._asking.say("record/taken")
                return
            if key != AGAIN:
                break
            await self._asking.say("record/again")
        await self._asking.say("record/not-taken")

    async def _said(self) -> Sound:
        """Unusable says why it cannot be played."""
        await self._voice.say([self._tone])
        await self._voice.record_speech(self._spoken, limit_of(self._wanted.prompt) + SPARE_SECONDS, SILENCE_SECONDS)
        with self._spoken.with_suffix(".wav").open("rb") as file:
            # Not on the loop, on which callers wait.
            return await asyncio.to_thread(taken_recording, self._wanted.prompt, file)

    async def _agreed(self, sound: Sound) -> str:
        """Plays it as callers would hear it."""
        heard = self._spoken.with_name(f"{self._spoken.name}-heard")
        await asyncio.to_thread(write_wav, heard.with_suffix(".wav"), sound.samples)
        await self._voice.say([str(heard)])
        return await self._asking.choose(("record/use-it",), (USE, AGAIN))
