"""What a Listener does by keys with their part of the rota: hears it, asks for a swap, takes a shift."""

from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from ivr import own_menu
from ivr.asking import Asking
from ivr.ports import Ports
from ivr.spoken_time import Prompts
from models.clock import now
from models.errors import AskersFault
from models.words import ListenerId, Prompt
from rota import own_shifts, swaps
from rota.own_shifts import OwnShift, ToTake
from rota.people import zone_of
from rota.scheme import Scheme

log = structlog.get_logger()

BY_RULE = "rule"
# More are not read out at once; they are there when these are taken.
MOST_TO_TAKE = 9


class Answer(StrEnum):
    """What came of an act, by the prompt that says it; why a rule stands in the way is nobody's to hear by phone."""

    ASKED = "own/swap-asked"
    WITHDRAWN = "own/swap-withdrawn"
    YOURS = "own/shift-is-yours"
    COORDINATOR_DECIDES = "own/coordinator-decides"
    NOT_ANY_MORE = "own/not-any-more"


class OwnRota:
    """Each question answers with what the Listener is told next."""

    def __init__(self, asking: Asking, ports: Ports, listener: ListenerId) -> None:
        self._asking = asking
        self._ports = ports
        self._listener = listener

    async def hear(self) -> Prompts:
        shifts, zone = await self._ports.database.run(self._own)
        return own_menu.next_shifts(shifts, now=now(), zone=zone)

    async def swap(self) -> Prompts:
        if self._ports.scheme is None:
            return (Prompt("own/rota-by-coordinator"),)
        shifts, zone = await self._ports.database.run(self._own)
        to_come = [shift for shift in shifts if shift.starts_at > now()]
        if not to_come:
            return (Prompt("own/no-shifts"),)
        keys = tuple(str(number) for number, _ in enumerate(to_come, start=1))
        key = await self._asking.choose(own_menu.to_swap(to_come, now=now(), zone=zone), keys)
        return (Prompt(await self._ask_or_withdraw(to_come[int(key) - 1])),) if key else ()

    async def take(self) -> Prompts:
        scheme = self._ports.scheme
        if scheme is None:
            return (Prompt("own/rota-by-coordinator"),)
        found, zone = await self._ports.database.run(lambda session: self._to_take(session, scheme))
        for one in found:
            key = await self._asking.choose(own_menu.to_take(one, now=now(), zone=zone), ("1", "2"))
            if key == "1":
                return (Prompt(await self._take(one, scheme)),)
            if not key:
                return ()
        return (Prompt("own/that-was-all" if found else "own/none-to-take"),)

    async def _ask_or_withdraw(self, shift: OwnShift) -> Answer:
        def act(session: Session) -> Answer:
            if shift.id not in {mine.id for mine in own_shifts.next_shifts(session, self._listener, now=now())}:
                return Answer.NOT_ANY_MORE
            if shift.swap:
                swaps.withdraw(session, shift.swap, now=now())
                return Answer.WITHDRAWN
            swaps.ask(session, self._ports.site, shift.id, now=now())
            return Answer.ASKED

        try:
            answer = await self._ports.database.run(act)
        except AskersFault:
            return Answer.NOT_ANY_MORE
        self._ports.changed()
        return answer

    async def _take(self, one: ToTake, scheme: Scheme) -> Answer:
        try:
            answer = await self._ports.database.run(lambda session: self._taken(session, one, scheme))
        except AskersFault:
            return Answer.NOT_ANY_MORE
        log.info("own_line.shift", outcome=answer.name)
        self._ports.changed()
        return answer

    def _taken(self, session: Session, one: ToTake, scheme: Scheme) -> Answer:
        if one.slot:
            if own_shifts.take(session, self._ports.site, scheme, self._listener, one.slot):
                return Answer.NOT_ANY_MORE
            if one.starts_at <= now():
                # Who takes a shift that runs is there.
                own_shifts.check_in(session, self._listener, now=now())
            return Answer.YOURS
        shift, swap = one.shift or "", one.swap or ""
        around = swaps.around(session, self._ports.site, scheme, shift)
        if swaps.accept(session, around, swap, self._listener, now=now()):
            return Answer.NOT_ANY_MORE
        if not self._ports.swaps_by_rule:
            return Answer.COORDINATOR_DECIDES
        swaps.approve(session, around, swap, who=BY_RULE, now=now())
        return Answer.YOURS

    def _own(self, session: Session) -> tuple[tuple[OwnShift, ...], ZoneInfo]:
        return own_shifts.next_shifts(session, self._listener, now=now()), zone_of(session, self._ports.site)

    def _to_take(self, session: Session, scheme: Scheme) -> tuple[tuple[ToTake, ...], ZoneInfo]:
        found = own_shifts.to_take(session, self._ports.site, scheme, self._listener, now=now())
        return found[:MOST_TO_TAKE], zone_of(session, self._ports.site)
