"""A telephone with somebody holding it: it rings, is answered, speaks, listens, presses keys and hangs up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from .baresip import CONFIGURATION_FILES, Baresip, Event, Line, Reports
from .ear import Ear, Search
from .errors import PhoneCrashed, PhoneError, PhoneNotRegistered
from .events import Happened, PhoneEvent, Ring
from .heard import FRAME, Samples, as_samples, level
from .matching import THRESHOLD, first_match, first_sound
from .mouth import Mouth, audible_seconds
from .signalling import SipMessage
from .wav import RATE

_REGISTERING_S = 10.0
_HELD_S = 0.18  # by baresip
_KEY_S = _HELD_S + 0.12  # until the next
_BLOCK_S = 0.3  # sound arrives in blocks of 256 ms
_CLIP_S = 3.0
_KEPT_NEWS = 400

Answer = TypeVar("Answer")


class Phone:
    """One SIP phone. Every time is `time.monotonic()`; every question answers None when it did not happen."""

    def __init__(self, name: str, line: Line, *, folder: Path) -> None:
        self.name = name
        self.events: deque[PhoneEvent] = deque(maxlen=_KEPT_NEWS)
        self.signalling: deque[SipMessage] = deque(maxlen=_KEPT_NEWS)
        self.in_call = False
        self.ringing = False
        self._line, self._folder = line, folder
        self._call, self._call_began = "", 0.0
        self._news = asyncio.Event()
        self._ear = Ear(news=self._news.set)
        self._crash: PhoneCrashed | None = None
        self._baresip: Baresip | None = None
        self._errands: set[asyncio.Task[str]] = set()
        self._silence: Mouth | None = None
        self._speech: Mouth | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # Plugged in and out

    async def start(self) -> None:
        """Until the server knows the phone."""
        self._crash = None
        self._silence = Mouth()
        ear = self._ear.open()
        reports = Reports(event=self._on_event, message=self._on_message, ended=self._on_crash)
        self._baresip = Baresip(self.name, self._line, folder=self._folder, reports=reports)
        began = time.monotonic()
        try:
            await self._baresip.start(mouth=self._silence.path, ear=ear)
            refused = await self._until(lambda: self._registration(began), _REGISTERING_S)
        except BaseException:
            await self.stop()
            raise
        if refused is None or refused:
            log = self._baresip.log
            await self.stop()
            raise PhoneNotRegistered(self.name, refused or "no answer", log)

    async def stop(self) -> None:
        if self._baresip is not None:
            await self._baresip.stop()
        self._put_away()

    @property
    def crashed(self) -> bool:
        """Its program ended by itself; `stop` and `start` plug it in again."""
        return self._crash is not None

    async def goes_off(self) -> None:
        """As if somebody pulled the cable: the server still believes that the phone is there. `start` plugs it in."""
        if self._baresip is not None:
            await self._baresip.unplug()
        self._put_away()

    # Calls

    async def dial(self, number: str) -> float:
        """When the call left the phone."""
        self._call, self._call_began = "", time.monotonic()
        self._call = (await self._command("dial", number)).removeprefix("call id: ")
        return self._call_began

    async def rings(self, within: float) -> Ring | None:
        return await self._until(self._ring, within)

    async def answer(self) -> float:
        await self._command("accept")
        answered = await self.connects(5.0)
        if answered is None:
            raise PhoneError(f"{self.name} answered, but the call did not begin")
        return answered

    async def decline(self) -> None:
        """Engaged: 486."""
        await self.hang_up()

    async def hang_up(self) -> None:
        # Without the id baresip means the call that it has in focus, which is none until the server has spoken.
        await self._command("hangup", self._call)
        self.ringing = False

    async def connects(self, within: float) -> float | None:
        """When the last call, made or received, was answered."""
        event = await self._until(lambda: self._of_last_call(Happened.ESTABLISHED), within)
        return event.at if event else None

    async def ends(self, within: float) -> PhoneEvent | None:
        """When and how the last call, made or received, ended."""
        return await self._until(lambda: self._of_last_call(Happened.CLOSED), within)

    async def press(self, keys: str) -> float:
        """Key by key (RFC 4733), with the pauses of a hand; when the last was let go, at the earliest."""
        begun = time.monotonic()
        for key in keys:
            # Not by when this coroutine goes on: on a busy machine that is after what the key has done.
            begun = time.monotonic()
            await self._command("sndcode", key)
            await asyncio.sleep(_KEY_S)
        return begun + _HELD_S

    # Speech and hearing

    async def says(self, pcm: bytes) -> tuple[float, float]:
        """Speaks to the end; when it began, and when its last audible sample was said."""
        if not self.in_call:
            raise PhoneError(f"{self.name} cannot speak: the phone is in no call")
        speech, self._speech, before = Mouth(pcm), None, self._speech
        await self._command("ausrc", f"aufile,{speech.path}")
        started = time.monotonic()
        self._speech = speech
        if before is not None:
            before.close()
        ended = started + audible_seconds(pcm)
        await asyncio.sleep(started + len(pcm) / 2 / RATE - time.monotonic())
        return started, ended

    def heard(self, since: float, until: float) -> bytes:
        return self._ear.heard.between(since, until)

    def level(self, since: float, until: float) -> float:
        """In dBFS; -100 when there was nothing at all."""
        return level(self._ear.heard.between(since, until))

    async def hears(self, clip: bytes | Samples, within: float, *, since: float | None = None) -> float | None:
        """When a known prompt began, in the present call or after `since`. Three seconds of it are compared."""
        wanted = as_samples(clip)[: int(_CLIP_S * RATE)]
        begin_by = time.monotonic() + within

        def sought(heard: bytes) -> int | None:
            return first_match(heard, wanted, threshold=THRESHOLD)

        return await self._listens(sought, since, begin_by=begin_by, length=wanted.size)

    async def hears_sound(
        self, within: float, *, above_dbfs: float = -45.0, since: float | None = None
    ) -> float | None:
        """When the present call, or what followed `since`, first became louder than this."""
        begin_by = time.monotonic() + within
        return await self._listens(
            lambda heard: first_sound(heard, above_dbfs=above_dbfs), since, begin_by=begin_by, length=FRAME
        )

    async def _listens(
        self, find: Callable[[bytes], int | None], since: float | None, *, begin_by: float, length: int
    ) -> float | None:
        search = Search(self._ear.heard, find, since=self._call_began if since is None else since, length=length)

        def found() -> float | None:
            at = search.look()
            return at if at is not None and at <= begin_by else None

        return await self._until(found, begin_by + length / RATE + _BLOCK_S - time.monotonic())

    # News

    def _on_event(self, said: Event, at: float) -> None:
        with contextlib.suppress(ValueError):  # kinds that no story asks about
            happened = Happened(said.get("type"))
            call, peer, detail = (str(said.get(key, "")) for key in ("id", "peeruri", "param"))
            event = PhoneEvent(happened, at, call, peer, detail)
            self.events.append(event)
            self._keep_state(event)
            self._news.set()

    def _keep_state(self, event: PhoneEvent) -> None:
        if event.happened is Happened.INCOMING:
            self.ringing = True
            self._call, self._call_began = event.call, event.at
        elif event.happened is Happened.ESTABLISHED:
            self.in_call, self.ringing = True, False
        elif event.happened is Happened.CLOSED:
            self.in_call = self.ringing = False
            self._fall_silent()

    def _fall_silent(self) -> None:
        """The next call would begin with the last file that baresip was given."""
        if self._speech is None or self._baresip is None or self._silence is None:
            return
        spoken, self._speech = self._speech, None
        quiet = asyncio.create_task(self._baresip.command("ausrc", f"aufile,{self._silence.path}"))
        self._errands.add(quiet)
        quiet.add_done_callback(self._errands.discard)
        quiet.add_done_callback(lambda _: spoken.close())

    def _on_message(self, message: SipMessage) -> None:
        self.signalling.append(message)
        self._news.set()

    def _on_crash(self, crash: PhoneCrashed) -> None:
        self._crash = crash
        self.in_call = self.ringing = False
        self._news.set()

    # Questions

    async def _until(self, question: Callable[[], Answer | None], within: float) -> Answer | None:
        deadline = time.monotonic() + within
        while True:
            self._news.clear()
            answer = question()
            if answer is not None:
                return answer
            if self._crash is not None:
                raise self._crash
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()

    def _registration(self, since: float) -> str | None:
        """Why it was refused, "" when it was not, None when there is no answer yet."""
        answers = [m for m in self.signalling if m.at >= since and not m.sent and m.is_of("REGISTER")]
        if any(message.status == 200 for message in answers):
            return ""
        refused = [m.start_line for m in answers if m.status is not None and m.status >= 300]
        # The first 401 only asks for the secret.
        return refused[-1] if len(refused) > 1 or (refused and " 401 " not in refused[-1]) else None

    def _ring(self) -> Ring | None:
        if not self.ringing:
            return None
        event = self._of_last_call(Happened.INCOMING)
        # The INVITE comes through another pipe than the event, at times a moment later.
        for message in self.signalling:
            if event and not message.sent and message.is_of("INVITE") and message.header("Call-ID") == event.call:
                return Ring(event, message)
        return None

    def _of_last_call(self, happened: Happened) -> PhoneEvent | None:
        return next((e for e in reversed(self.events) if e.happened is happened and e.call == self._call), None)

    async def _command(self, command: str, parameters: str = "") -> str:
        if self._crash is not None:
            raise self._crash
        if self._baresip is None:
            raise PhoneError(f"the phone of {self.name} is not plugged in")
        return await self._baresip.command(command, parameters)

    def _put_away(self) -> None:
        self._baresip = None
        for errand in self._errands:
            errand.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.in_call = self.ringing = False
        self._ear.close()
        for mouth in (self._silence, self._speech):
            if mouth is not None:
                mouth.close()
        self._silence = self._speech = None
        for file in (*(self._folder / name for name in CONFIGURATION_FILES), *self._folder.glob("core*")):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else keeps something there
            self._folder.rmdir()
