"""Prompts spoken into a phone of staff: what is asked, what is taken, and that nobody else is ever recorded."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ivr.agi import CallerGone
from ivr.keypad import Keypad
from ivr.prompts.sound import Samples, Sound
from ivr.prompts.wav import write_wav
from ivr.recorder import Recorder
from models.words import PhoneId, Post, Prompt
from tests.fakes.line import CALLERS_PHONE, FakeLine, a_database
from tests.fakes.staff import a_phone_at_each_post, phone_of

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PACKAGES = ("console", "escalation", "ivr", "listeners", "models", "rota", "speech", "wingline")
NURSES = phone_of(Post.HEALTHCARE)
NAME = Prompt("line/name")


def a_voice(*, level: float = 0.3, seconds: float = 0.9) -> Samples:
    return level * np.sin(2 * np.pi * 300 * np.arange(int(8000 * seconds)) / 8000)


class AtThePhone:
    """Somebody who says these one after the other, and then presses these keys; an exception: hangs up."""

    may_have_a_deadline = True

    def __init__(self, phone: PhoneId, *says: Samples | Exception, keys: str = "") -> None:
        self.environment = {"agi_uniqueid": "1.1", "agi_channel": f"PJSIP/{phone}-00000001"}
        self.keypad = Keypad()
        self.heard: list[str] = []
        self.written: list[Path] = []
        self._says = list(says)
        self._keys = list(keys)

    async def set_variable(self, name: str, value: str) -> None:
        del name, value

    async def stream_file(self, name: str, escape_digits: str) -> str:
        self.heard.append("/".join(Path(name).parts[-2:]))
        key = self._keys.pop(0) if escape_digits and name.endswith("record/use-it") and self._keys else ""
        if key:
            self.keypad.answered(key)
        return key

    async def wait_for_digit(self, milliseconds: int) -> str:
        del milliseconds
        return ""

    async def record_file(self, name: str, *, escape_digits: str, milliseconds: int, silence_seconds: int) -> None:
        assert escape_digits == "#"
        assert milliseconds > 1000 * silence_seconds > 0
        said = self._says.pop(0)
        self.written.append(Path(f"{name}.wav"))
        write_wav(self.written[-1], a_voice() if isinstance(said, Exception) else said)
        if isinstance(said, Exception):
            raise said


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[FakeLine]:
    line = FakeLine(a_database(tmp_path), "robin")
    line.database.do(a_phone_at_each_post)
    yield line
    await line.stop()


class Recordings:
    """What the console gets."""

    def __init__(self, line: FakeLine, folder: Path) -> None:
        self.folder = folder / "spoken"
        self.recorder = Recorder(line.ports, self.folder)
        self.kept: list[Sound] = []

    async def of(self, there: AtThePhone, *, expected_from: PhoneId = NURSES) -> list[str]:
        """What whoever is there has heard."""
        self.recorder.expect(expected_from, NAME, self._keep)
        await self.recorder.answer(there)  # type: ignore[arg-type]  # what a recording uses of a session
        return there.heard

    async def _keep(self, sound: Sound) -> None:
        self.kept.append(sound)


@pytest.fixture
def recordings(line: FakeLine, tmp_path: Path) -> Recordings:
    return Recordings(line, tmp_path)


async def test_who_speaks_hears_it_and_says_yes_has_recorded_it(recordings: Recordings) -> None:
    nurse = AtThePhone(NURSES, a_voice(), keys="1")
    heard = await recordings.of(nurse)

    assert [one for one in heard if one.startswith("record/")] == ["record/begin", "record/use-it", "record/taken"]
    assert heard[2].endswith("-heard")
    assert [round(one.seconds, 1) for one in recordings.kept] == [0.9]
    assert nurse.written
    assert list(recordings.folder.iterdir()) == []


async def test_it_is_spoken_again_as_often_as_they_want(recordings: Recordings) -> None:
    heard = await recordings.of(AtThePhone(NURSES, a_voice(), a_voice(seconds=1.5), keys="21"))

    assert heard.count("record/again") == 1
    assert [round(one.seconds, 1) for one in recordings.kept] == [1.5]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (a_voice(level=0), "silent"),
        (a_voice(level=0.005), "too-quiet"),
        (np.clip(a_voice(level=3.0), -1, 1), "too-loud"),
        (a_voice(seconds=0.1), "too-short"),
        (a_voice(seconds=90), "too-long"),
    ],
    ids=["silent", "too-quiet", "too-loud", "too-short", "too-long"],
)
async def test_what_cannot_be_played_is_said_and_spoken_again(recordings: Recordings, said: Samples, why: str) -> None:
    heard = await recordings.of(AtThePhone(NURSES, said, a_voice(), keys="1"))

    assert heard.index(f"record/{why}") < heard.index("record/again") < heard.index("record/taken")
    assert len(recordings.kept) == 1


@pytest.mark.parametrize("says", [[a_voice()], [a_voice(level=0)] * 5])
async def test_without_a_yes_nothing_is_changed(recordings: Recordings, says: list[Samples]) -> None:
    heard = await recordings.of(AtThePhone(NURSES, *says))

    assert heard[-1] == "record/not-taken"
    assert recordings.kept == []


async def test_where_asterisk_could_write_nothing_nothing_is_changed(
    recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "write_wav", lambda *_: None)
    heard = await recordings.of(AtThePhone(NURSES, a_voice(), keys="1"))

    assert heard[-1] == "record/not-taken"
    assert recordings.kept == []


async def test_nothing_is_left_of_somebody_who_hangs_up_in_the_middle(recordings: Recordings) -> None:
    nurse = AtThePhone(NURSES, CallerGone())
    with pytest.raises(CallerGone):
        await recordings.of(nurse)

    assert nurse.written
    assert list(recordings.folder.iterdir()) == []
    assert recordings.kept == []


@pytest.mark.parametrize("phone", [CALLERS_PHONE, PhoneId("phone-robin"), PhoneId("phone-nobody")])
async def test_on_a_phone_that_is_not_staffs_nobody_is_recorded(recordings: Recordings, phone: PhoneId) -> None:
    """Even if somebody had the console ask for it."""
    there = AtThePhone(phone, a_voice(), keys="1")

    assert await recordings.of(there, expected_from=phone) == []
    assert there.written == []


async def test_a_ring_records_once(recordings: Recordings) -> None:
    await recordings.of(AtThePhone(NURSES, a_voice(), keys="1"))
    again = AtThePhone(NURSES, a_voice(), keys="1")
    await recordings.recorder.answer(again)  # type: ignore[arg-type]  # what a recording uses of a session

    assert again.written == []


def test_nothing_else_in_wingline_can_have_a_call_recorded() -> None:
    """By who asks for it in the source, from Asterisk's word down to whoever may want it."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    words = ("RECORD FILE", ".record_file(", ".record_speech(")
    asking = [{str(file.relative_to(ROOT)) for file in files if word in file.read_text("utf-8")} for word in words]
    assert asking == [{"ivr/agi.py"}, {"ivr/voice.py"}, {"ivr/recorder.py"}]
