"""Asterisk tells of a key twice, as an event and as the reply of what listened; or once, when nothing listened."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ivr.voice
from ivr import happenings as h
from ivr import orders as o
from ivr.keypad import LATE, Keypad
from ivr.mouth import Mouth
from ivr.prompt_files import BYTES_PER_SECOND, WAV_HEADER, PromptFiles
from ivr.voice import Voice
from models.words import Language, Prompt
from tests.fakes.line import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def given_out(keypad: Keypad) -> str:
    return "".join(iter(keypad.next, ""))


def test_a_key_that_nothing_listened_to_is_given_out() -> None:
    keypad = Keypad()
    keypad.told("0")

    assert keypad.unanswered
    assert keypad.next() == "0"
    assert keypad.next() == ""


def test_a_key_is_given_out_once_whichever_tells_of_it_first() -> None:
    early, late = Keypad(), Keypad()
    early.told("1")
    early.answered("1")
    late.answered("1")
    late.told("1")

    assert not early.unanswered
    assert not late.unanswered
    assert [given_out(early), given_out(late)] == ["1", "1"]


def test_an_event_that_comes_after_the_key_was_given_out_is_no_second_key() -> None:
    keypad = Keypad()
    keypad.answered("1")
    assert keypad.next() == "1"
    keypad.forget()
    keypad.told("1")

    assert keypad.next() == ""


def test_a_lost_key_comes_before_the_one_after_it() -> None:
    keypad = Keypad()
    keypad.told("4")
    keypad.answered("2")
    keypad.told("2")

    assert given_out(keypad) == "42"


def test_what_was_pressed_before_a_question_does_not_answer_it() -> None:
    keypad = Keypad()
    keypad.told("1")
    keypad.forget()

    assert keypad.next() == ""


def test_a_key_that_always_means_the_same_counts_also_from_before() -> None:
    keypad = Keypad()
    for key in "102":
        keypad.told(key)
    keypad.forget(but="0")

    assert given_out(keypad) == "0"


def test_a_short_key_that_a_command_hears_after_it_was_given_out_is_no_second_key() -> None:
    keypad = Keypad()
    keypad.told("1")
    assert keypad.next() == "1"
    keypad.answered("1")

    assert keypad.next() == ""


def test_a_short_key_from_before_the_question_does_not_answer_it_late() -> None:
    keypad = Keypad()
    keypad.told("1")
    keypad.forget()
    keypad.answered("1")

    assert keypad.next() == ""


def test_the_same_key_pressed_again_at_once_counts() -> None:
    for told_first in (True, False):
        keypad = Keypad()
        keypad.told("0")
        assert keypad.next() == "0"
        for happens in (keypad.told, keypad.answered) if told_first else (keypad.answered, keypad.told):
            happens("0")

        assert given_out(keypad) == "0"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@given(st.lists(st.tuples(st.sampled_from("0123456789*#"), st.booleans(), st.booleans())))
def test_every_key_is_given_out_exactly_once(pressed: list[tuple[str, bool, bool]]) -> None:
    """One after the other: heard by a command or by none, told of before or after it."""
    clock = Clock()
    keypad = Keypad(clock)
    for key, listened, late in pressed:
        clock.now += LATE
        if not (listened and late):
            keypad.told(key)
        if listened:
            keypad.answered(key)
        assert given_out(keypad) == key
        if listened and late:
            keypad.told(key)
        assert keypad.next() == ""


@given(st.lists(st.tuples(st.sampled_from("01"), st.sampled_from(["told", "both", "answered first", "late"]))))
def test_however_quickly_keys_are_pressed_none_is_lost_and_none_is_doubled(pressed: list[tuple[str, str]]) -> None:
    keypad = Keypad(Clock())
    out = ""
    for key, how in pressed:
        if how == "answered first":
            keypad.answered(key)
        keypad.told(key)
        if how == "both":
            keypad.answered(key)
        out += given_out(keypad)
        if how == "late":
            keypad.answered(key)
        out += given_out(keypad)

    assert sorted(out) == sorted(key for key, _ in pressed)


@dataclass(slots=True)
class Channel:
    """A session of Asterisk's in which nobody presses a key while a command runs."""

    keypad: Keypad = field(default_factory=Keypad)
    may_have_a_deadline: bool = True

    async def set_variable(self, name: str, value: str) -> None:
        del name, value

    async def stream_file(self, name: str, escape_digits: str) -> str:
        del name, escape_digits
        await asyncio.sleep(0)
        return ""

    async def wait_for_digit(self, milliseconds: int) -> str:
        await asyncio.sleep(milliseconds / 10_000)
        return ""


@dataclass(slots=True)
class LateChannel(Channel):
    """Asterisk's answers come a while after it has listened."""

    listened: int = 0

    async def wait_for_digit(self, milliseconds: int) -> str:
        self.listened += 1
        await asyncio.sleep(2.5 * milliseconds / 1000)
        return ""


async def test_a_wait_for_a_key_is_no_longer_where_asterisk_answers_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller hears nothing meanwhile: half a second each that takes 3.7 s made a wait of 3 s one of 20."""
    monkeypatch.setattr(ivr.voice, "EAR_SECONDS", 0.05)
    late = LateChannel()
    assert await Voice(late).wait_for_key(0.3) == ""  # type: ignore[arg-type]  # of Asterisk's
    assert late.listened == 3


async def what_came_of(*pressed_before: str) -> list[h.Happening]:
    """Of orders to say something, a key pressed just before each."""
    channel, happened = Channel(), list[h.Happening]()
    mouth = Mouth(Voice(channel), PromptFiles(Path("prompts")), happened.append)  # type: ignore[arg-type]  # of Asterisk's
    speaking = asyncio.create_task(mouth.run())
    for number, key in enumerate(pressed_before, 1):
        channel.keypad.told(key)
        mouth.order(o.Say((), wait_seconds=0.5))
        assert await eventually(lambda number=number: len(happened) == number)
    mouth.give_up()
    await asyncio.wait_for(speaking, 2)
    return happened


async def test_the_key_for_staff_counts_also_between_two_sentences() -> None:
    assert await what_came_of("0") == [h.CallerPressed("0")]


async def test_no_other_key_answers_a_question_that_was_not_asked_yet() -> None:
    assert await what_came_of("1") == [h.CallerWasQuiet()]


async def test_who_pressed_for_staff_twice_is_still_told_what_happens_now() -> None:
    assert await what_came_of("0", "0", "0") == [h.CallerPressed("0"), h.CallerWasQuiet(), h.CallerPressed("0")]


@dataclass(slots=True)
class SpeakingChannel(Channel):
    """A sentence goes on until the test says that it is over."""

    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream_file(self, name: str, escape_digits: str) -> str:
        del name, escape_digits
        await self.over.wait()
        return ""


async def test_until_when_a_sentence_goes_on_is_known_while_it_does(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "long.wav").write_bytes(bytes(WAV_HEADER + 7 * BYTES_PER_SECOND))
    channel, clock = SpeakingChannel(), asyncio.get_running_loop().time
    mouth = Mouth(Voice(channel), PromptFiles(tmp_path), lambda _: None)  # type: ignore[arg-type]  # of Asterisk's
    began, speaking = clock(), asyncio.create_task(mouth.run())
    mouth.order(o.Say((o.Line(Language("en"), Prompt("long")),)))

    assert await eventually(lambda: mouth.says_until >= began + 7)
    channel.over.set()
    assert await eventually(lambda: mouth.says_until == 0)
    mouth.give_up()
    await asyncio.wait_for(speaking, 5)
