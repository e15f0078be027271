"""What a phone of staff hears that is rung: where and what, twice, and keys. Delivered means answered and key 1."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from escalation import tellings
from escalation.case import Acknowledged
from escalation.disclosure import Disclosure, spoken
from escalation.store import Open, disclosure
from ivr.being_told import Hearer
from ivr.orders import Line
from ivr.ports import Ports
from ivr.staff_acts import standing
from ivr.voice import Voice
from models.clock import now
from models.words import EscalationId, PhoneId, Post, Prompt, TellingEnd

# Who decides has pressed no key, or one that came too late to count, and is still to decide.
ASKED_AGAIN = Prompt("staff/asked-again")
HEARD_AT_MOST = 4
WAIT_FOR_KEY_SECONDS = 6.0
LAST_WORDS_AT_MOST = 3
# Staff wait no longer than this for the caller's own sentence to end.
CALLER_FIRST_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a key means, what is said to it, and what instead when somebody else was quicker."""

    end: TellingEnd
    said: Prompt
    too_late: Prompt
    # They go to the person. Who decides, or will close it, does not.
    goes: bool = False


def _answer(end: TellingEnd, said: str, too_late: str, *, goes: bool = False) -> Answer:
    return Answer(end, Prompt(f"staff/{said}"), Prompt(f"staff/{too_late}"), goes)


_GOING = {
    "1": _answer(TellingEnd.ACKNOWLEDGED, "you-are-going", "somebody-is-going", goes=True),
    "3": _answer(TellingEnd.CANNOT_GO, "next-is-rung", "somebody-is-going"),
    "": _answer(TellingEnd.NOT_CONFIRMED, "no-key", "somebody-is-going"),
}
_DECIDING = {
    "1": _answer(TellingEnd.ACKNOWLEDGED, "they-are-told", "was-decided"),
    "3": _answer(TellingEnd.CANNOT_GO, "they-are-not-told", "was-decided"),
    "": _answer(TellingEnd.NOT_CONFIRMED, "not-decided", "was-decided"),
}
_CLOSING = {
    "1": _answer(TellingEnd.ACKNOWLEDGED, "please-close", "is-closed"),
    "": _answer(TellingEnd.NOT_CONFIRMED, "still-to-close", "is-closed"),
}


def answers_to(told: Disclosure) -> Mapping[str, Answer]:
    """By key; any other key says it again, and none is how it ends when it has been heard often enough."""
    if told.asks_first:
        return _DECIDING
    return _CLOSING if told.spoken_to else _GOING


def taken(told: Disclosure, after: Open | None, phone: PhoneId, post: Post) -> bool:
    """Whether somebody else did it. Else nobody came in time, or this phone is rung again, for it is graver now."""
    if after is None:
        return True
    if phone in after.case.being_told:
        return False
    if told.asks_first:
        return not after.case.deciding
    return told.spoken_to or not after.case.wants(post)


class StaffDialog:
    """``acknowledged`` is called when the first of those who are told goes to the person."""

    def __init__(self, voice: Voice, ports: Ports, hearer: Hearer, *, acknowledged: Callable[[], None]) -> None:
        self._voice = voice
        self._ports = ports
        self._hearer = hearer
        self._acknowledged = acknowledged

    async def run(self, escalation: EscalationId, *, caller_told_at: Callable[[], float]) -> None:
        """The caller is told before anybody else is: until then staff hear only who is calling."""
        await self._voice.say(self._files("staff/listener-line"))
        await self._until(caller_told_at)
        heard = await self._heard(escalation)
        if heard:
            await self._end(escalation, *heard)

    async def _until(self, caller_told_at: Callable[[], float]) -> None:
        """No key makes it shorter: nobody knows yet what they would say yes to, and the caller is still being told."""
        clock = asyncio.get_running_loop().time
        at_most = clock() + CALLER_FIRST_SECONDS
        while (left := min(at_most, caller_told_at()) - clock()) > 0 and not self._is_over():
            await self._voice.wait_for_key(left, unless=self._is_over)

    def _is_over(self) -> bool:
        return self._hearer.over

    async def _heard(self, escalation: EscalationId) -> tuple[Disclosure, Answer, PhoneId] | None:
        """What they were told last, what they answered, and on which phone. None when it is over.

        It is read each time: it may have changed while they listened.
        """
        left, phone = HEARD_AT_MOST, self._hearer.phone
        while True:
            told = await self._ports.database.run(lambda session: disclosure(session, escalation))
            key = await self._voice.ask(self._files(*spoken(told)), WAIT_FOR_KEY_SECONDS, unless=self._is_over)
            answers = answers_to(told)
            left -= 1
            if key and key in answers:
                return told, answers[key], phone
            if self._is_over():
                await self._say_to_the_end(*await self._when_over(escalation, told, phone))
                return None
            if not left:
                return told, answers[""], phone

    async def _when_over(self, escalation: EscalationId, told: Disclosure, phone: PhoneId) -> Sequence[Prompt]:
        """Why they are told no more. Where their phone rings again at once, that ring says it."""
        after, post = await self._standing(escalation), await self._post()
        silence = answers_to(told)[""]
        if taken(told, after, phone, post):
            return (silence.too_late,)
        if after is not None and after.told.mended:
            return (Prompt("staff/alarm-over"),)
        if after is not None and phone in after.case.being_told:
            return ()
        return (ASKED_AGAIN if told.asks_first else silence.said,)

    async def _end(self, escalation: EscalationId, told: Disclosure, answer: Answer, phone: PhoneId) -> None:
        """Somebody else may have acknowledged while this one listened; then it does not count, and they hear so."""
        before = await self._standing(escalation)
        in_time = await self._ports.engine.telling_ended(self._hearer.telling, answer.end, now())
        if not in_time and not await self._stands_late(escalation, told, answer, phone):
            return
        if answer.goes and before and before.acknowledged_at is None:
            self._acknowledged()
        after = await self._standing(escalation)
        if answer.end is TellingEnd.NOT_CONFIRMED and after and after.case.deciding:
            # Nothing is decided for want of a key.
            await self._say_to_the_end(ASKED_AGAIN)
            return
        wanted = answer.goes and after is not None and not after.case.settled
        await self._say_to_the_end(answer.said, *(["staff/others-wanted"] if wanted else []))

    async def _stands_late(self, escalation: EscalationId, told: Disclosure, answer: Answer, phone: PhoneId) -> bool:
        """The telling was over, by its time or by another node. Whoever wants to go then, and is wanted, goes.

        Else they hear who does it. Where their phone rings again they hear nothing here: that ring says how it stands.
        """
        after, post = await self._standing(escalation), await self._post()
        if after and told.spoken_to and after.told.spoken_to:
            return True
        if after and not taken(told, after, phone, post):
            rings_again = phone in after.case.being_told
            if told.asks_first and not rings_again:
                await self._say_to_the_end(ASKED_AGAIN)
            if not answer.goes:
                return not rings_again and not told.asks_first
            if rings_again and after.told.cause is not told.cause:
                return False
            if await self._ports.engine.happened(escalation, Acknowledged(post, post), now()):
                return True
        await self._say_to_the_end(answer.too_late)
        return False

    async def _say_to_the_end(self, *prompts: str) -> None:
        """What came of it is the last that they hear: who presses their key twice, as people do, hears it again."""
        for _ in range(LAST_WORDS_AT_MOST):
            if not await self._voice.say(self._files(*prompts)):
                return

    async def _post(self) -> Post:
        telling = self._hearer.telling
        return await self._ports.database.run(lambda session: tellings.telling(session, telling).post)

    async def _standing(self, escalation: EscalationId) -> Open | None:
        site = self._ports.site
        return await self._ports.database.run(lambda session: standing(session, site, escalation))

    def _files(self, *prompts: str) -> list[str]:
        return self._ports.prompts.paths(self._lines(prompts))

    def _lines(self, prompts: Sequence[str]) -> list[Line]:
        language = self._ports.rules().default_language
        return [Line(language, Prompt(prompt)) for prompt in prompts]
