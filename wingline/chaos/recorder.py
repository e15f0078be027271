"""Notes each call of one phone: when it began and ended, by whom, and what was heard in it. Nothing is on disk."""

import asyncio
import time
from typing import Self

from wingline.chaos.ear import PAUSE_SECONDS, Clips, pauses
from wingline.chaos.history import EndedBy, Heard, PhoneCall, Ring
from wingline.phones.events import Happened, PhoneEvent
from wingline.phones.phone import Phone

LOOKS_EVERY = 0.1
# What was heard last arrives a block later (wingline/phones/phone.py).
_BLOCK_SECONDS = 0.4


class Clock:
    """Seconds since the run began."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.began, self.began_on_the_wall = time.monotonic(), time.time()

    def now(self) -> float:
        return time.monotonic() - self.began

    def of(self, monotonic: float) -> float:
        return monotonic - self.began

    def of_wall(self, timestamp: float) -> float:
        return timestamp - self.began_on_the_wall


class Listening:
    """Looks through what phones heard, one call after the other: a minute of sound takes a core for half a second."""

    def __init__(self, clips: Clips) -> None:
        self._clips = clips
        self._turn = asyncio.Semaphore(1)

    async def heard(self, pcm: bytes, began: float) -> tuple[Heard, ...]:
        async with self._turn:
            return await asyncio.to_thread(lambda: tuple(self._clips.heard(pcm, began)))


class Recorder:
    """Stands beside one phone for the whole run."""

    def __init__(self, who: str, phone: Phone, listening: Listening, clock: Clock) -> None:
        self.who = who
        self.phone = phone
        self.calls: list[PhoneCall] = []
        self.rings: list[Ring] = []
        # Whoever holds the phone says so before hanging up.
        self.hanging_up = False
        # The phone is being taken away.
        self.unplugged = False
        self._ear, self._clock = listening, clock
        self._seen: PhoneEvent | None = None
        self._answered: float | None = None
        self._listening: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self.until_heard()

    async def until_heard(self) -> None:
        """Everything has been looked through that was heard in calls that are over."""
        self._look()
        await asyncio.gather(*self._listening)

    async def _watch(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(LOOKS_EVERY)

    def _look(self) -> None:
        for event in self._news():
            match event.happened:
                case Happened.INCOMING:
                    self.rings.append(Ring(self.who, self._clock.of(event.at)))
                case Happened.ESTABLISHED:
                    self._answered = event.at
                case Happened.CLOSED:
                    self._over(event.at, EndedBy.SELF if self.hanging_up else EndedBy.OTHER)
                case _:
                    continue
        if self._answered is not None and not self.phone.in_call and time.monotonic() - self._answered > 1:
            self._over(time.monotonic(), EndedBy.FAULT)

    def _news(self) -> list[PhoneEvent]:
        events = list(self.phone.events)
        known = next((place for place, event in enumerate(events) if event is self._seen), -1)
        if events:
            self._seen = events[-1]
        return events[known + 1 :]

    def _over(self, ended: float, by: EndedBy) -> None:
        began, self._answered = self._answered, None
        self.hanging_up = False
        if began is None:
            return
        by = EndedBy.FAULT if self.unplugged else by
        call = PhoneCall(self.who, self._clock.of(began), self._clock.of(ended), by)
        place = len(self.calls)
        self.calls.append(call)
        listening = asyncio.create_task(self._listen(place, began, ended))
        self._listening.add(listening)
        listening.add_done_callback(self._listening.discard)

    async def _listen(self, place: int, began: float, ended: float) -> None:
        await asyncio.sleep(max(0.0, ended + _BLOCK_SECONDS - time.monotonic()))
        call = self.calls[place]
        pcm = self.phone.heard(began, ended)
        heard = await self._ear.heard(pcm, call.began)
        silent = tuple(pauses(pcm, call.began)) if ended - began > PAUSE_SECONDS else ()
        self.calls[place] = PhoneCall(call.who, call.began, call.ended, call.by, heard, silent)
