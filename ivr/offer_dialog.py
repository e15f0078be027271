"""What a Listener hears when the phone rings: a brief that names nobody, and three keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ivr.orders import Line
from ivr.ports import Ports
from ivr.ringing import Offer, Ringing
from ivr.voice import Voice
from listeners import store
from models.clock import now, steady
from models.words import Language, OfferEnd, Prompt, Seat

ASKED_TIMES = 3
WAIT_FOR_KEY_SECONDS = 4.0
A_MINUTE = timedelta(seconds=60)

TALK = "talk"
AWAY = "away"


class OfferDialog:
    """One Listener, one offer; ``for_listener`` is the language that Listeners are spoken to in."""

    def __init__(self, voice: Voice, ports: Ports, ringing: Ringing, offer: Offer) -> None:
        self._voice = voice
        self._ports = ports
        self._ringing = ringing
        self._offer = offer

    async def run(self) -> bool:
        """Whether this Listener has the call. Whatever the key, the Listener hears what came of it."""
        self._offer.answered = True
        for _ in range(ASKED_TIMES):
            key = await self._voice.ask(self._brief(), WAIT_FOR_KEY_SECONDS, unless=lambda: self._offer.over)
            if self._offer.over:
                break
            if key in ("1", "2", "3"):
                return await self._answered(key)
        if self._offer.over:
            await self._say("offer/taken")
        else:
            await self._end(OfferEnd.MISSED)
        return False

    def _brief(self) -> list[str]:
        wanted = self._ringing.wanted
        if wanted.seat is Seat.SECOND:
            return self._files("offer/second-wanted", "offer/keys")
        lines = self._lines("offer/listener-call", "offer/in-language")
        spoken = Line(wanted.language, Prompt("language/own-name"))
        rest = self._lines(how_long(self._ringing.waiting_since, steady()), "offer/keys")
        return self._ports.prompts.paths((*lines, spoken, *rest))

    async def _answered(self, key: str) -> bool:
        if key == "1":
            return await self._claim()
        await self._end(OfferEnd.PASSED if key == "2" else OfferEnd.OFF_DUTY)
        await self._say("offer/passed" if key == "2" else "offer/off-duty")
        return False

    async def _claim(self) -> bool:
        """The database decides who has the caller; what we and Asterisk think does not count."""
        # Believed until the database has said no: nobody may take the offer away while it is being asked.
        self._offer.won = True
        won = False
        try:
            won = await self._ports.database.run(lambda session: store.claim(session, self._offer.id, now=now()))
        finally:
            # A database that could not be asked has said no: the search does not wait for somebody who has nothing.
            self._offer.won = won
        if not won:
            self._ringing.ended(self._offer, OfferEnd.LOST)
            await self._say("offer/taken")
            return False
        self._ringing.silence(OfferEnd.LOST, but=self._offer)
        return True

    async def _end(self, how: OfferEnd) -> None:
        def end(session: Session) -> None:
            store.end_offer(session, self._offer.id, how=how, now=now())
            if how is OfferEnd.OFF_DUTY:
                store.go_off_duty(session, self._offer.listener, now=now())

        await self._ports.database.run(end)
        self._ringing.ended(self._offer, how)

    async def _say(self, *prompts: str) -> None:
        await self._voice.say(self._files(*prompts))

    def _files(self, *prompts: str) -> list[str]:
        return self._ports.prompts.paths(self._lines(*prompts))

    def _lines(self, *prompts: str) -> Sequence[Line]:
        language: Language = self._ports.rules().default_language
        return [Line(language, Prompt(prompt)) for prompt in prompts]


def how_long(since: datetime, moment: datetime) -> str:
    """How long the caller has waited, as coarsely as the Listener needs it."""
    return "offer/waiting-seconds" if moment - since < A_MINUTE else "offer/waiting-minutes"
