"""The people of a story, each with a real phone, and sentences for what they do and notice."""

import asyncio
import contextlib
import re
import time
from pathlib import Path

from ivr.prompts.texts import languages
from models.words import Language
from wingline.demo.world import World
from wingline.phones.errors import PhoneError
from wingline.phones.events import Happened, Ring
from wingline.phones.phone import Phone
from wingline.phones.wav import RATE

SOON = 4.0
FIRST_WORDS = 1.5
WORDS = {text.code: text.prompts for text in languages()}


class Person:
    """Somebody with a phone. Every ring that a story does not ask about fails it (see Story.check)."""

    def __init__(self, world: World, phone: Phone) -> None:
        self.world = world
        self.phone = phone
        self.rings_expected: list[float] = []
        self.since = 0.0

    # ---- does

    async def dials(self, number: str = "100") -> None:
        self.since = await self.phone.dial(number)
        assert await self.phone.connects(SOON) is not None, f"{self.phone.name}: nobody answered"

    async def answers(self) -> None:
        # A prompt that begins with the call may by the phone's clock begin a moment before it.
        self.since = await self.phone.answer() - 0.5

    async def declines(self) -> None:
        await self.phone.decline()

    async def presses(self, keys: str) -> float:
        return await self.phone.press(keys)

    async def says(self, text: str, voice: str = "flite:rms") -> float:
        """When it had been said."""
        _, ended = await self.phone.says(await self.world.voices.speak(text, voice))
        return ended

    async def hangs_up(self) -> None:
        await self.phone.hang_up()

    # ---- notices

    async def is_rung(self, within: float = SOON) -> Ring:
        ring = await self.phone.rings(within)
        assert ring is not None, f"{self.phone.name} was not rung within {within} s"
        self.rings_expected.append(ring.at)
        return ring

    def rings_since(self, first: int) -> list[float]:
        """When the phone has rung, from this ring on: for stories in which nobody can say how often."""
        return [event.at for event in self.phone.events if event.happened is Happened.INCOMING][first:]

    async def is_not_rung(self, for_seconds: float) -> None:
        assert await self.phone.rings(for_seconds) is None, f"{self.phone.name} was rung"

    def clip(self, prompt: str, language: str = "en") -> bytes:
        return clip_of(self.world.settings.prompts, prompt, language)

    async def hears(self, said: str, within: float = 12.0, *, language: str = "en", after: float = 0.0) -> float:
        """``said`` is a prompt's text or name, or several words that are prompts: "Bravo wing". When it began."""
        at = after
        for prompt in prompts_of(said, language):
            heard = await self.phone.hears(self.clip(prompt, language), within, since=max(self.since, at - 0.2))
            assert heard is not None, f"{self.phone.name} did not hear {prompt!r} within {within} s"
            at = heard
        return at

    async def begins_to_hear(self, prompt: str, within: float = 12.0) -> None:
        """Its first words: whoever knows what comes does not wait for the rest, and a story neither."""
        first = self.clip(prompt)[: int(FIRST_WORDS * RATE) * 2]
        heard = await self.phone.hears(first, within, since=self.since)
        assert heard is not None, f"{self.phone.name} did not begin to hear {prompt!r} within {within} s"

    async def does_not_hear(self, said: str, for_seconds: float, language: str = "en") -> None:
        since = time.monotonic()
        for prompt in prompts_of(said, language):
            heard = await self.phone.hears(self.clip(prompt, language), for_seconds, since=since)
            assert heard is None, f"{self.phone.name} heard {prompt!r}"

    async def hears_a_voice(self, within: float = SOON) -> float:
        at = await self.phone.hears_sound(within, above_dbfs=-40, since=time.monotonic())
        assert at is not None, f"{self.phone.name} heard nobody"
        return at

    async def hears_words_of(self, other: "Person", within: float) -> None:
        words = await self.world.voices.speak("Hello, can you hear me now", "flite:rms")
        await says_until_heard(other.phone, self.phone, words, within)

    def heard_nothing_between(self, since: float, until: float) -> None:
        level = self.phone.level(since, until)
        assert level < -60, f"{self.phone.name} heard something at {level:.0f} dBFS"

    async def is_cut_off(self, within: float = SOON) -> None:
        assert await self.phone.ends(within) is not None, f"{self.phone.name} is still in the call"


async def says_until_heard(speaker: Phone, hearer: Phone, words: bytes, within: float) -> None:
    """As people do who do not know whether the line stands."""
    heard = asyncio.create_task(hearer.hears(words, within, since=time.monotonic()))
    while not heard.done():
        await speaker.says(words)
    assert await heard is not None, f"{hearer.name} does not hear {speaker.name}"


async def they_hear_each_other(one: Person, other: Person, within: float = 20.0) -> None:
    await other.hears_words_of(one, within)
    await one.hears_words_of(other, within)


class Caller(Person):
    async def is_through_the_notice(self, *, listening: bool = False) -> float:
        """English, and yes or no to the machine, as soon as each can be chosen; when the Listener may be rung."""
        await self.presses("1")
        await self.begins_to_hear("notice/told-life")
        return await self.presses("1" if listening else "2")


class Listener(Person):
    async def takes_the_call(self, within: float = SOON) -> None:
        await self.is_rung(within)
        await self.answers_and_takes_it()

    async def answers_and_takes_it(self) -> None:
        await self.answers()
        await self.hears("Listener call.")
        await self.presses("1")
        await self.hears("You are through.")

    async def comes_to_the_caller(self, within: float = 30.0) -> None:
        """By whoever rings, the line or the exchange alone, and also when one of them stops to let the other ring."""
        async with asyncio.timeout(within):
            while not self.phone.in_call:
                await self.phone.rings(within)
                with contextlib.suppress(PhoneError):  # the ring ended in the moment of answering
                    await self.answers()
                    await asyncio.sleep(1.5)
                    await self.presses("1")
                    await asyncio.sleep(1.0)
        self.rings_expected = self.rings_since(0)

    async def is_whispered(self, said: str, within: float = 8.0) -> float:
        return await self.hears(said, within)


class Staff(Person):
    async def acknowledges(self, within: float = SOON) -> None:
        await self.is_rung(within)
        await self.answers()
        await self.hears("staff/listener-line")
        await asyncio.sleep(6.5)
        await self.presses("1")
        await self.hears("staff/you-are-going")


def clip_of(prompts: Path, prompt: str, language: str) -> bytes:
    """The prompt without its end: a phone that is hung up on does not play its last frames."""
    pcm = (prompts / language / f"{prompt}.wav").read_bytes()[44:]
    return pcm[: len(pcm) * 4 // 5 // 2 * 2]


def prompts_of(said: str, language: str) -> list[str]:
    """The prompts that say this."""
    texts = WORDS[Language(language)]
    if said in texts:
        return [said]
    by_text = {_plain(text): name for name, text in texts.items()}
    if _plain(said) in by_text:
        return [by_text[_plain(said)]]
    return [by_text[_plain(word)] for word in said.split()]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).strip()
