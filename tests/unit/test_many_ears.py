"""Several speech processes behind a proxy: each is listened to, and what one loses the others do not."""

import json

import pytest

from ivr.ears import SpeechEars
from ivr.many_ears import ManyEars
from models.dangers import Danger, Flag
from models.words import CallId
from speech.door import Door


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Speech:
    def __init__(self) -> None:
        self.forgets: list[str] = []

    async def send(self, frame: str) -> None:
        self.forgets.append(json.loads(frame)["forget"])


def two() -> tuple[ManyEars, SpeechEars, SpeechEars]:
    first, second = SpeechEars(Door(0, "s")), SpeechEars(Door(0, "s"))
    return ManyEars([first, second]), first, second


def link(ears: SpeechEars) -> Speech:
    speech = Speech()
    ears._changed_to(speech)  # type: ignore[arg-type]  # the part of it that is used
    return speech


def test_one_that_can_be_reached_is_enough_to_listen() -> None:
    many, first, second = two()
    assert not many.listens
    link(second)

    assert many.listens
    assert many.since == second.since
    second._changed_to(None)
    assert not many.listens
    assert many.since == max(first.since, second.since)


def test_flags_losses_and_delays_come_from_each_and_are_added_up() -> None:
    many, first, second = two()
    flags, behind = list[Flag](), list[CallId]()
    many.on_flag, many.on_behind = flags.append, behind.append
    danger = {"event": "flag", "rule": "intent.kill_self", "danger": "suicide_intent", "second": 3}
    for ears, call in ((first, "call-1"), (second, "call-2")):
        ears._take({**danger, "call": call})
        ears._take({"event": "behind", "call": call, "seconds": 1.5})
        ears._take({"event": "second pass", "phrases": 9, "dropped": 2})

    assert flags == [Flag(call, "intent.kill_self", Danger.SUICIDE_INTENT, 3.0) for call in ("call-1", "call-2")]
    assert behind == ["call-1", "call-2"]
    assert (many.left_out, many.unheard) == (4, 3.0)


def test_who_is_lost_loses_its_own_calls_and_those_of_the_others_stay_heard() -> None:
    many, first, second = two()
    lost = list[CallId | None]()
    many.on_lost = lost.append
    for ears, call in ((first, "call-1"), (second, "call-2")):
        link(ears)
        ears._take({"event": "hearing", "call": call})
    assert many.heard == {"call-1", "call-2"}

    first.on_lost(None)
    first._changed_to(None)
    assert lost == ["call-1"]
    assert many.heard == {"call-2"}


@pytest.mark.anyio
async def test_each_is_told_to_forget_and_turned_off() -> None:
    many, first, second = two()
    both = link(first), link(second)
    await many.forget(CallId("call-1"))
    await many.turn(off=True)

    assert [one.forgets for one in both] == [["call-1"], ["call-1"]]
    assert not many.listens
