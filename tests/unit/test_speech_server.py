"""The sockets: Asterisk's audio in, reports out, with a recogniser that says what the test wants."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from ivr.ears import SpeechEars
from models.dangers import Danger
from models.words import CallId
from speech.door import Door
from speech.gate import FRAME_BYTES
from speech.judge import Judge, Limits
from speech.listening import Means
from speech.recogniser import Heard
from speech.second import SecondPass
from speech.server import SpeechServer
from speech.trial import hears_danger

VOICE, QUIET = b"\x01" * FRAME_BYTES, bytes(FRAME_BYTES)
OPENS = "speech-secret"
DANGEROUS = "i'm going to kill myself"
RULES_ALONE = Judge(None, Limits(dict.fromkeys(Danger, 1.0), 0.0, 1.0))
MEDIA_START = "MEDIA_START connection_id:1 channel:WebSocket/x format:slin16 optimal_frame_size:640 ptime:20"


@dataclass
class FakeRecogniser:
    """Says the same about all it hears."""

    says: str = DANGEROUS
    falls: bool = False
    takes: float = 0.0
    heard: list[int] = field(default_factory=list)

    def hear(self, pcm: bytes) -> Heard:
        if self.falls:
            raise RuntimeError(self.says)
        time.sleep(self.takes)
        self.heard.append(len(pcm))
        return Heard(self.says, settled=False)

    def finish(self) -> Heard:
        return Heard(self.says if self.heard else "", settled=True)


class Line:
    """A running server, the sockets to it, and the frames that it reported."""

    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self.door = Door(port, OPENS)
        self._stack = stack

    async def connects(self, path: str, protocol: str) -> ClientConnection:
        return await self._stack.enter_async_context(
            connect(self.door.url(path), subprotocols=[Subprotocol(protocol)], compression=None)
        )

    async def flags(self) -> ClientConnection:
        return await self.connects("/flags", "flags")

    async def media(self, call: str = "c1") -> ClientConnection:
        return await self.connects(f"/media?call={call}", "media")


def with_speech(
    recogniser: FakeRecogniser,
    story: Callable[[Line], Awaitable[None]],
    *,
    second: SecondPass | None = None,
    most_calls: int = 4,
) -> None:
    means = Means(lambda: recogniser, lambda: lambda frame: frame[0] == 1, RULES_ALONE, second)

    async def run() -> None:
        speech = SpeechServer(means, Door(0, OPENS), most_calls=most_calls)
        async with await speech.open() as server, AsyncExitStack() as stack:
            await asyncio.wait_for(story(Line(server.sockets[0].getsockname()[1], stack)), 10)
            await speech.close()

    asyncio.run(run())


async def frame(flags: ClientConnection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await asyncio.wait_for(flags.recv(), 5))
    return told


def test_a_danger_is_reported_and_the_call_forgotten_when_audio_ends() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await media.send(MEDIA_START)
        for _ in range(15):
            await media.send(VOICE)

        assert await frame(flags) == {"event": "hearing", "call": "c1"}
        flag = await frame(flags)
        assert flag.pop("second") == pytest.approx(0.2, abs=0.11)
        assert flag == {"event": "flag", "call": "c1", "rule": "intent.kill_self", "danger": "suicide_intent"}
        await media.close()
        assert await frame(flags) == {"event": "forgot", "call": "c1"}

    with_speech(FakeRecogniser(), story)


def test_audio_before_media_start_and_of_any_length_is_heard() -> None:
    recogniser = FakeRecogniser()

    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        for _ in range(10):
            await media.send(VOICE * 3 + VOICE[:100])
            await media.send(VOICE[100:])
        await media.send(MEDIA_START)

        assert [(await frame(flags))["event"] for _ in range(2)] == ["hearing", "flag"]

    with_speech(recogniser, story)
    assert all(size % FRAME_BYTES == 0 for size in recogniser.heard)


def test_silence_never_reaches_the_recogniser() -> None:
    recogniser = FakeRecogniser()

    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        for _ in range(45):
            await media.send(QUIET)
        assert (await frame(flags))["event"] == "hearing"
        await asyncio.sleep(0.2)
        await media.close()
        assert (await frame(flags))["event"] == "forgot"

    with_speech(recogniser, story)
    assert recogniser.heard == []


def test_forget_stops_the_hearing_and_closes_the_media_socket() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await media.send(QUIET)
        assert (await frame(flags))["event"] == "hearing"

        await flags.send(json.dumps({"forget": "c1"}))

        assert await frame(flags) == {"event": "forgot", "call": "c1"}
        with pytest.raises(ConnectionClosed):
            await media.recv()
        await flags.send(json.dumps({"forget": "never seen"}))

    with_speech(FakeRecogniser(), story)


def test_a_recogniser_that_falls_ends_the_hearing_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        for _ in range(10):
            await media.send(VOICE)

        assert [(await frame(flags))["event"] for _ in range(2)] == ["hearing", "forgot"]
        with pytest.raises(ConnectionClosed):
            await media.recv()

    with_speech(FakeRecogniser(falls=True), story)
    out = "".join(capfd.readouterr())
    assert "RuntimeError" in out
    assert "kill" not in out


def test_a_slow_recogniser_drops_audio_and_says_so() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        for _ in range(120):
            await media.send(VOICE)
        assert (await frame(flags))["event"] == "hearing"

        behind = await frame(flags)

        assert behind["event"] == "behind"
        # How much of it the first report has depends on how soon the frames come: on this machine, not on the hearing.
        assert behind["seconds"] > 0

    with_speech(FakeRecogniser(says="", takes=0.4), story)


def test_every_line_is_told_and_a_late_one_learns_what_is_heard() -> None:
    async def story(line: Line) -> None:
        first, media = await line.flags(), await line.media()
        await media.send(QUIET)
        assert (await frame(first))["event"] == "hearing"

        second = await line.flags()

        assert await frame(second) == {"event": "hearing", "call": "c1"}
        await media.close()
        assert (await frame(first), await frame(second)) == ({"event": "forgot", "call": "c1"},) * 2

    with_speech(FakeRecogniser(), story)


def test_when_the_last_line_has_gone_nobody_is_heard_any_more() -> None:
    async def story(line: Line) -> None:
        flags, others, media = await line.flags(), await line.flags(), await line.media()
        await media.send(QUIET)
        assert (await frame(flags))["event"] == "hearing"
        await flags.close()
        assert await frame(others) == {"event": "hearing", "call": "c1"}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(media.recv(), 0.3)

        await others.close()

        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(media.recv(), 5)

    with_speech(FakeRecogniser(), story)


def test_a_line_that_comes_back_knows_what_is_heard_before_it_asks_for_calls_to_be_heard_again() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await media.send(QUIET)
        assert (await frame(flags))["event"] == "hearing"
        ears, heard = SpeechEars(line.door), list[frozenset[CallId]]()
        ears.on_change = lambda: heard.append(ears.heard)
        running = asyncio.create_task(ears.run())

        while not heard:  # noqa: ASYNC110  no event for it
            await asyncio.sleep(0.01)
        running.cancel()

        assert heard[0] == {"c1"}

    with_speech(FakeRecogniser(), story)


def test_a_second_socket_for_a_call_takes_over() -> None:
    async def story(line: Line) -> None:
        flags, older = await line.flags(), await line.media()
        await older.send(QUIET)
        newer = await line.media()
        await newer.send(QUIET)

        # Not that it was forgotten: its Listener would hear that the computer does not listen.
        assert [(await frame(flags))["event"] for _ in range(2)] == ["hearing", "hearing"]
        with pytest.raises(ConnectionClosed):
            await older.recv()

    with_speech(FakeRecogniser(), story)


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/media", "media"),
        ("/media?call=a/b", "media"),
        ("/other", "media"),
        ("/flags", "media"),
        ("/media?call=c", "x"),
    ],
)
def test_anything_else_is_refused_at_the_door(path: str, protocol: str) -> None:
    async def story(line: Line) -> None:
        with pytest.raises(InvalidStatus):
            await line.connects(path, protocol)

    with_speech(FakeRecogniser(), story)


@pytest.mark.parametrize("path", ["/media?call=c1", "/flags"])
@pytest.mark.parametrize("shown", [None, "", "another"])
def test_a_program_without_the_secret_neither_brings_sound_nor_learns_of_flags(path: str, shown: str | None) -> None:
    async def story(line: Line) -> None:
        url = f"ws://127.0.0.1:{line.door.port}{path}" if shown is None else Door(line.door.port, shown).url(path)
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, subprotocols=[Subprotocol(path[1:6])])
        assert refused.value.response.status_code == 401

    with_speech(FakeRecogniser(), story)


def test_another_format_or_another_wish_closes_the_socket() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await media.send(MEDIA_START.replace("slin16", "ulaw"))
        await flags.send("what did they say")

        for socket in (media, flags):
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(_drained(socket), 5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1003

    with_speech(FakeRecogniser(), story)


async def _drained(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


def test_the_trial_returns_what_was_reported() -> None:
    async def story(line: Line) -> None:
        frames = await hears_danger(line.door, VOICE * 20, "trial-1")

        assert [told["event"] for told in frames] == ["hearing", "flag", "forgot"]
        assert 0 < frames[1]["at"] < 1

    with_speech(FakeRecogniser(), story)


async def says_something(media: ClientConnection) -> None:
    """Slowly enough for a busy machine to keep up."""
    for frame_ in [VOICE] * 20 + [QUIET] * 40:
        await media.send(frame_)
        await asyncio.sleep(0.005)


def test_what_the_first_pass_misheard_the_second_hears() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await says_something(media)

        assert (await frame(flags))["event"] == "hearing"
        flag = await frame(flags)
        assert (flag["rule"], flag["danger"]) == ("intent.kill_self", "suicide_intent")

    with_speech(FakeRecogniser(says="i'm going to fill my shelf"), story, second=SecondPass(lambda _pcm: DANGEROUS))


def test_both_passes_raise_one_flag_for_one_danger() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await says_something(media)
        await asyncio.sleep(0.3)
        await media.close()

        assert [(await frame(flags))["event"] for _ in range(3)] == ["hearing", "flag", "forgot"]

    with_speech(FakeRecogniser(), story, second=SecondPass(lambda _pcm: DANGEROUS))


def test_a_second_pass_that_falls_is_not_missed(capfd: pytest.CaptureFixture[str]) -> None:
    def falls(_pcm: bytes) -> str:
        raise RuntimeError(DANGEROUS)

    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await says_something(media)
        assert [(await frame(flags))["event"] for _ in range(2)] == ["hearing", "flag"]

    with_speech(FakeRecogniser(), story, second=SecondPass(falls))
    out = "".join(capfd.readouterr())
    assert "RuntimeError" in out
    assert "kill" not in out


def test_when_a_call_ends_the_line_learns_how_much_was_heard_twice() -> None:
    async def story(line: Line) -> None:
        flags, media = await line.flags(), await line.media()
        await says_something(media)
        await asyncio.sleep(0.3)
        await media.close()

        told = [await frame(flags) for _ in range(4)]
        assert told[-1] == {"event": "second pass", "phrases": 1, "dropped": 0}

    with_speech(FakeRecogniser(), story, second=SecondPass(lambda _pcm: DANGEROUS))


def test_a_full_process_leaves_the_next_call_to_people_and_says_so() -> None:
    async def story(line: Line) -> None:
        flags, first = await line.flags(), await line.media("c1")
        await first.send(QUIET)
        assert await frame(flags) == {"event": "hearing", "call": "c1"}

        second = await line.media("c2")

        assert await frame(flags) == {"event": "forgot", "call": "c2"}
        with pytest.raises(ConnectionClosed) as closed:
            await second.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013

    with_speech(FakeRecogniser(), story, most_calls=1)
