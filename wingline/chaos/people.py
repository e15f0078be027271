"""The people of a run, each with a real phone: they do what the plan says, whatever the line does."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from wingline.chaos.history import CallerStory, Dialled
from wingline.chaos.plan import CallPlan, PersonPlan, Press, RingPlan
from wingline.chaos.recorder import Clock, Recorder
from wingline.phones.errors import PhoneError

ANSWERED_WITHIN = 6.0
# A caller who was cut off, or not answered, tries again at once, as people do; not for ever.
AGAIN_AFTER, ATTEMPTS, TRIES_FOR = 1.0, 14, 75.0
# Cut off so near to the end of what they had to say, they leave it.
NEARLY_OVER = 4.0
SAYS_AFTER, SAYS_EVERY = 7.0, 2.5
LOOKS_EVERY = 0.2
LONGEST_RING = 45.0
# Longer than any silence that is allowed (bounds.py).
SEEMS_DEAD_AFTER = 11.0
_NOTHING_DBFS = -80.0
# What was heard last arrives a block later (wingline/phones/phone.py).
_BLOCK_SECONDS = 0.5


class Person:
    """Somebody who holds one phone, and says their own sentence as long as a call lasts."""

    def __init__(self, recorder: Recorder, sentence: bytes, clock: Clock) -> None:
        self.recorder = recorder
        self.phone = recorder.phone
        self._sentence = sentence
        self._clock = clock

    @asynccontextmanager
    async def _in_call(self, presses: Sequence[Press], says: Sequence[bytes]) -> AsyncIterator[None]:
        """What is pressed and said meanwhile; a phone that is taken away stops both."""
        tasks = [asyncio.create_task(self._press(presses)), asyncio.create_task(self._say(says))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _press(self, presses: Sequence[Press]) -> None:
        began = time.monotonic()
        for press in presses:
            await asyncio.sleep(began + press.after - time.monotonic())
            await self.phone.press(press.keys)

    async def _say(self, says: Sequence[bytes]) -> None:
        await asyncio.sleep(SAYS_AFTER if self.recorder.who.startswith("caller-") else 1.0)
        for sentence in itertools.cycle(says):
            await self.phone.says(sentence)
            await asyncio.sleep(SAYS_EVERY)

    async def _until_over(self, at_most: float) -> None:
        """Whoever hears nothing for long takes the line for dead: when Asterisk has died, nobody tells the phones."""
        began = time.monotonic()
        await _while(lambda: self.phone.in_call and not self._seems_dead(began), at_most)

    def _seems_dead(self, since: float) -> bool:
        now = time.monotonic()
        if now - since < SEEMS_DEAD_AFTER:
            return False
        return self.phone.level(now - SEEMS_DEAD_AFTER, now - _BLOCK_SECONDS) < _NOTHING_DBFS

    async def hangs_up(self) -> None:
        """Nothing when the other end was quicker."""
        if self.phone.in_call or self.phone.ringing:
            self.recorder.hanging_up = self.phone.in_call
            with suppress(PhoneError):
                await self.phone.hang_up()


class Caller(Person):
    """One cell: calls of the plan, one after the other. Whoever is cut off dials again."""

    def __init__(self, recorder: Recorder, sentence: bytes, clock: Clock, *, cell: str, code: str) -> None:
        super().__init__(recorder, sentence, clock)
        self._cell, self._code = cell, code
        # With the recorder's numbers of their calls: what was heard in them is known a little later.
        self._made: list[tuple[CallPlan, list[Dialled], int, int]] = []

    async def calls(self, plans: Sequence[CallPlan], canary: bytes) -> None:
        for plan in plans:
            await asyncio.sleep(plan.begins - self._clock.now())
            first = len(self.recorder.calls)
            says = (canary, self._sentence) if plan.canary else (self._sentence,)
            dialled = [attempt async for attempt in self._tries(plan, says)]
            self._made.append((plan, dialled, first, len(self.recorder.calls)))

    def stories(self) -> list[CallerStory]:
        """When everything has been looked through that was heard."""
        return [
            CallerStory(plan, self._cell, tuple(dialled), tuple(self.recorder.calls[first:last]))
            for plan, dialled, first, last in self._made
        ]

    async def _tries(self, plan: CallPlan, says: Sequence[bytes]) -> AsyncIterator[Dialled]:
        began = self._clock.now()
        for _ in range(ATTEMPTS):
            attempt = await self._dial()
            yield attempt
            if attempt.answered is not None and await self._stays(plan, says):
                return
            if self._clock.now() - began > TRIES_FOR:
                return
            await asyncio.sleep(AGAIN_AFTER)

    async def _dial(self) -> Dialled:
        at = self._clock.now()
        answered = None
        try:
            await self.phone.dial(self._code)
            answered = await self.phone.connects(ANSWERED_WITHIN)
        except PhoneError:
            await asyncio.sleep(0.5)
        if answered is None:
            with suppress(PhoneError):
                await self.phone.hang_up()
        return Dialled(at, self._clock.now(), None if answered is None else self._clock.of(answered))

    async def _stays(self, plan: CallPlan, says: Sequence[bytes]) -> bool:
        """Whether that was the call that they wanted to make."""
        began = time.monotonic()
        async with self._in_call(plan.presses, says):
            await self._until_over(plan.stays)
        await self.hangs_up()
        await _while(lambda: self.phone.in_call, 5)
        await asyncio.sleep(3 * LOOKS_EVERY)  # until the recorder has seen it too
        return time.monotonic() - began > plan.stays - NEARLY_OVER


class Rung(Person):
    """A Listener, somebody of staff, or the outside helpline."""

    async def lives(self, plan: PersonPlan, goes_on: Callable[[], bool]) -> None:
        """Takes rings as planned; ``goes_on`` is asked between two of them."""
        rings = itertools.cycle(plan.rings)
        while goes_on():
            if not self.phone.ringing:
                await asyncio.sleep(LOOKS_EVERY)
                continue
            with suppress(PhoneError, OSError):  # the ring ended in the moment of answering, or the phone is gone
                await self._takes(next(rings))

    async def _takes(self, ring: RingPlan) -> None:
        if ring.answers_after is None:
            await _while(lambda: self.phone.ringing, LONGEST_RING)
            return
        await asyncio.sleep(ring.answers_after)
        if not self.phone.ringing:
            return
        if ring.declines:
            await self.phone.decline()
            return
        await self.phone.answer()
        async with self._in_call(ring.presses, (self._sentence,)):
            await self._until_over(ring.hangs_up_after or 10 * LONGEST_RING)
        await self.hangs_up()


async def _while(question: Callable[[], bool], at_most: float) -> None:
    """Asked again and again, for a phone that is taken away says nothing any more."""
    deadline = time.monotonic() + at_most
    while question() and time.monotonic() < deadline:  # noqa: ASYNC110  no event for it
        await asyncio.sleep(LOOKS_EVERY)
