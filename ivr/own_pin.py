"""Whether it is the Listener who dials: their PIN, or a first one of their own choosing."""

import asyncio

from ivr.asking import Asking
from ivr.own_store import Pin, pin_of
from ivr.ports import Ports
from ivr.spoken_time import Prompts
from listeners import pin as pins
from models.errors import AskersFault
from models.words import ListenerId, Prompt

MOST_WRONG = 3
CHOSEN_AT_MOST = 3


class OwnPin:
    """``told`` is what the Listener hears next, whether or not they are known."""

    def __init__(self, asking: Asking, ports: Ports, listener: ListenerId) -> None:
        self.told: Prompts = ()
        # Said with the first question, so that a key in the middle of it is not lost.
        self._greeting: Prompts = (Prompt("line/name"),)
        self._asking = asking
        self._ports = ports
        self._listener = listener

    async def is_known(self) -> bool:
        pin = await self._pin()
        known = await self._gives_it(pin.wrong) if pin.chosen else await self._chooses()
        if not known and not self.told:
            self.told = (Prompt("own/pin-missing"),)
        self.told = (*self._greeting, *self.told)
        return known

    async def _gives_it(self, wrong: int) -> bool:
        question = "own/pin"
        while wrong < MOST_WRONG:
            given = await self._figures(question)
            if not given:
                return False
            if await self._is_right(given):
                return True
            wrong = (await self._pin()).wrong
            question = "own/pin-wrong"
        self.told = (Prompt("own/pin-no-more"),)
        return False

    async def _chooses(self) -> bool:
        said: Prompts = ()
        for _ in range(CHOSEN_AT_MOST):
            first = await self._figures(*said, "own/pin-choose")
            if not first:
                return False
            if await self._figures("own/pin-again") != first:
                said = (Prompt("own/pin-differs"),)
            elif await self._is_kept(first):
                self.told = (Prompt("own/pin-kept"),)
                return True
            else:
                said = (Prompt("own/pin-too-easy"),)
        return False

    async def _figures(self, *prompts: str) -> str:
        greeting, self._greeting = self._greeting, ()
        return await self._asking.figures(*greeting, *prompts)

    async def _pin(self) -> Pin:
        return await self._ports.database.run(lambda session: pin_of(session, self._listener))

    async def _is_right(self, given: str) -> bool:
        """The database is not held while the hash is made: calls need it meanwhile."""
        database, listener = self._ports.database, self._listener
        stored = await database.run(lambda session: pins.stored_pin(session, listener))
        if stored is None:
            return False
        right = await asyncio.to_thread(pins.fits, stored, given)
        return await database.run(lambda session: pins.count_try(session, listener, stored, right=right))

    async def _is_kept(self, chosen: str) -> bool:
        try:
            its_hash = await asyncio.to_thread(pins.hashed, chosen)
        except AskersFault:
            return False
        await self._ports.database.run(lambda session: pins.keep_pin(session, self._listener, its_hash))
        return True
