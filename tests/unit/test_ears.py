"""What the line makes of the reports of the speech process."""

import json

import pytest

from ivr.ears import SpeechEars
from models.dangers import Danger, Flag
from models.words import CallId
from speech.door import Door


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_flag_is_told_with_its_rule_kind_and_second() -> None:
    ears, flags = SpeechEars(Door(0, "s")), list[Flag]()
    ears.on_flag = flags.append

    ears._take({"event": "flag", "call": "call-1", "rule": "intent.kill_self", "danger": "suicide_intent", "second": 3})
    assert flags == [Flag("call-1", "intent.kill_self", Danger.SUICIDE_INTENT, 3.0)]


def test_phrases_that_were_not_heard_twice_are_counted_for_the_board() -> None:
    ears, changes, begun_again = SpeechEars(Door(0, "s")), [], []
    ears.on_left_out = lambda: changes.append(1)
    ears.on_change = lambda: begun_again.append(1)

    ears._take({"event": "second pass", "phrases": 40, "dropped": 3})
    assert ears.left_out == 3
    assert changes
    assert not begun_again


def test_a_call_that_is_not_heard_any_more_is_told() -> None:
    ears, lost = SpeechEars(Door(0, "s")), list[CallId | None]()
    ears.on_lost = lost.append

    ears._take({"event": "forgot", "call": "call-1"})
    assert lost == ["call-1"]


def test_sound_that_was_left_out_is_told_once_it_is_a_second_of_a_call_and_counted_for_the_board() -> None:
    ears, behind, changes = SpeechEars(Door(0, "")), list[CallId](), []
    ears.on_behind = behind.append
    ears.on_left_out = lambda: changes.append(1)

    for call, seconds in (("call-1", 0.6), ("call-2", 0.6), ("call-1", 0.6), ("call-1", 0.6)):
        ears._take({"event": "behind", "call": call, "seconds": seconds})
    assert behind == ["call-1"]
    assert ears.unheard == pytest.approx(2.4)
    assert len(changes) == 4


def test_a_report_of_a_later_release_is_not_an_error() -> None:
    ears = SpeechEars(Door(0, "s"))

    ears._take({"event": "something new"})
    assert ears.left_out == 0


class Speech:
    """A speech process at the other end: what it is told to forget."""

    def __init__(self) -> None:
        self.forgets: list[str] = []

    async def send(self, frame: str) -> None:
        self.forgets.append(json.loads(frame)["forget"])


def linked() -> tuple[SpeechEars, Speech]:
    ears, speech = SpeechEars(Door(0, "s")), Speech()
    ears._connection = speech  # type: ignore[assignment]  # the part of it that is used
    return ears, speech


async def says(ears: SpeechEars, event: str, call: str) -> None:
    """As in its loop, for each frame that comes."""
    ears._take({"event": event, "call": call})
    await ears._forget_if_off()


@pytest.mark.anyio
async def test_turned_off_every_call_that_is_heard_is_forgotten() -> None:
    ears, speech = linked()
    for call in ("call-1", "call-2", "call-3"):
        await says(ears, "hearing", call)
    await says(ears, "forgot", "call-2")
    assert ears.listens
    assert speech.forgets == []

    await ears.turn(off=True)
    assert not ears.listens
    assert sorted(speech.forgets) == ["call-1", "call-3"]


@pytest.mark.anyio
async def test_while_it_is_off_a_call_that_begins_to_be_heard_is_forgotten_with_its_first_sound() -> None:
    ears, speech = linked()
    await ears.turn(off=True)
    await says(ears, "hearing", "call-1")
    assert speech.forgets == ["call-1"]

    await ears.turn(off=False)
    await says(ears, "hearing", "call-1")
    assert ears.listens
    assert speech.forgets == ["call-1"]


@pytest.mark.anyio
async def test_while_it_is_off_a_flag_that_was_on_its_way_is_dropped() -> None:
    ears, _ = linked()
    flags: list[Flag] = []
    ears.on_flag = flags.append
    await ears.turn(off=True)
    ears._take({"event": "flag", "call": "call-1", "rule": "intent.kill_self", "danger": "suicide_intent", "second": 3})

    assert flags == []


@pytest.mark.anyio
async def test_the_listener_is_told_by_the_way_of_every_lost_hearing() -> None:
    ears, _ = linked()
    lost: list[CallId | None] = []
    ears.on_lost = lost.append
    await says(ears, "hearing", "call-1")
    await ears.turn(off=True)
    await says(ears, "forgot", "call-1")

    assert lost == ["call-1"]
