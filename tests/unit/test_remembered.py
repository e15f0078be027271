"""What costs much to make is made once, and what could not be made is tried again."""

import asyncio

import pytest

from console.language import ENGLISH, WELSH, speak
from console.remembered import Remembered


class Slow:
    """Counts how often it is made; fails the first times."""

    def __init__(self, fails: int = 0) -> None:
        self.made = 0
        self._fails = fails

    async def make(self) -> str:
        self.made += 1
        await asyncio.sleep(0)
        if self.made <= self._fails:
            raise ValueError
        return f"number {self.made}"


def test_who_asks_at_once_and_who_asks_later_get_the_same() -> None:
    async def asked(slow: Slow, remembered: Remembered) -> list[str]:
        some = await asyncio.gather(*(remembered.of("a key", slow.make) for _ in range(3)))
        return [*some, await remembered.of("a key", slow.make), await remembered.of("another", slow.make)]

    assert asyncio.run(asked(Slow(), Remembered())) == ["number 1"] * 4 + ["number 2"]


def test_what_could_not_be_made_is_tried_again() -> None:
    async def asked(slow: Slow, remembered: Remembered) -> str:
        with pytest.raises(ValueError, match=r"^$"):
            await remembered.of("a key", slow.make)
        return await remembered.of("a key", slow.make)

    assert asyncio.run(asked(Slow(fails=1), Remembered())) == "number 2"


def test_somebody_who_goes_away_takes_it_from_nobody() -> None:
    async def asked(slow: Slow, remembered: Remembered) -> str:
        gone = asyncio.create_task(remembered.of("a key", slow.make))
        await asyncio.sleep(0)
        gone.cancel()
        return await remembered.of("a key", slow.make)

    assert asyncio.run(asked(Slow(), Remembered())) == "number 1"


def test_what_was_not_asked_for_the_longest_is_forgotten_first() -> None:
    async def asked(slow: Slow, remembered: Remembered) -> list[str]:
        return [await remembered.of(key, slow.make) for key in ("a", "b", "a", "c", "a", "b")]

    assert asyncio.run(asked(Slow(), Remembered(most=2))) == [
        "number 1", "number 2", "number 1", "number 3", "number 1", "number 4",
    ]  # fmt: skip


def test_each_language_has_its_own() -> None:
    async def asked(slow: Slow, remembered: Remembered) -> list[str]:
        said = []
        for language in (ENGLISH, WELSH, ENGLISH):
            speak(language)
            said.append(await remembered.of("a key", slow.make))
        return said

    assert asyncio.run(asked(Slow(), Remembered())) == ["number 1", "number 2", "number 1"]
