"""The staff's own line (code 300): what is open, and what they do with it by one or two keys."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session as Db

from escalation.case import Acknowledged, AtDoor, ByStaff, Closed, HandedOver, Spoken
from escalation.store import Open, open_at
from ivr import staff_menu
from ivr.agi import Session
from ivr.asking import NO_SUCH_KEY, Asking
from ivr.ports import Ports
from ivr.spoken_time import Prompts
from ivr.staff_acts import StaffActs, standing
from ivr.store import post_of_phone
from ivr.voice import Voice, leg_of
from models.clock import now
from models.words import EscalationId, PhoneId, Post, Prompt
from rota.people import zone_of

log = structlog.get_logger()

# Said once more before somebody who says nothing hears goodbye.
SAID_TIMES = 2
BYE = "bye"
NOTHING_CHANGED = Prompt("staff-line/nothing-changed")

Act = Callable[[Open], Awaitable[Prompts]]


class StaffLine:
    """One post at the menu; every act answers with what is said before the menu comes again."""

    def __init__(self, asking: Asking, ports: Ports, acts: StaffActs, post: Post) -> None:
        self._asking = asking
        self._ports = ports
        self._acts = acts
        self._post = post
        self._at: EscalationId | None = None
        self._place = 0

    async def run(self) -> str:
        """Until nothing is open, or nobody says anything; where the dialplan goes on."""
        opened, zone = await self._opened()
        told: Prompts = (Prompt("staff-line/name"), *staff_menu.how_many(len(opened)))
        silent = 0
        while opened and silent < SAID_TIMES:
            here = self._here(opened)
            key = await self._asking.ask((*told, *staff_menu.one(here, now=now(), zone=zone), staff_menu.MENU))
            silent = 0 if key else silent + 1
            told = await self._done(here, key, opened)
            opened, zone = await self._opened()
        await self._asking.say(*told, *(() if opened else ("staff-line/nothing-open",)), "own/goodbye")
        return BYE

    def _here(self, opened: Sequence[Open]) -> Open:
        """The one that was spoken of; when it is closed, the one that takes its place."""
        places = [place for place, one in enumerate(opened) if one.id == self._at]
        self._place = places[0] if places else self._place % len(opened)
        self._at = opened[self._place].id
        return opened[self._place]

    async def _done(self, here: Open, key: str, opened: Sequence[Open]) -> Prompts:
        if key in {"", "0", "*"}:
            return ()
        if key == "9":
            return self._next(opened)
        act = self._keys().get(key)
        return await act(here) if act else (NO_SUCH_KEY,)

    def _keys(self) -> Mapping[str, Act]:
        return {
            "1": self._acknowledge,
            "2": self._at_the_door,
            "3": self._spoken,
            "4": self._hand_over,
            "5": self._close,
            "6": self._not_spoken,
        }

    def _next(self, opened: Sequence[Open]) -> Prompts:
        if len(opened) == 1:
            return (Prompt("staff-line/no-other"),)
        self._at, self._place = None, self._place + 1
        return (Prompt("staff-line/from-the-first"),) if self._place == len(opened) else ()

    async def _acknowledge(self, here: Open) -> Prompts:
        told = await self._happened(here, Acknowledged(self._post, self._post), "you-go")
        after = await self._ports.database.run(lambda db: standing(db, self._ports.site, here.id))
        wanted = after is not None and not after.case.settled
        return (*told, Prompt("staff/others-wanted")) if wanted else told

    async def _at_the_door(self, here: Open) -> Prompts:
        return await self._happened(here, AtDoor(self._post, self._post), "you-are-at-the-door")

    async def _spoken(self, here: Open) -> Prompts:
        return await self._happened(here, Spoken(self._post), "you-have-spoken")

    async def _hand_over(self, here: Open) -> Prompts:
        return await self._happened(here, HandedOver(self._post), "handed-over")

    async def _not_spoken(self, here: Open) -> Prompts:
        return await self._closed(here, Closed(self._post, spoken=False), "not-spoken")

    async def _close(self, here: Open) -> Prompts:
        key = await self._asking.choose(staff_menu.pick_list(here.case), staff_menu.PICK_LIST)
        if not key:
            return (Prompt("staff-line/not-closed"),)
        outcome = staff_menu.PICK_LIST[key]
        return await self._closed(here, Closed(self._post, spoken=True, outcome=outcome), "closed")

    async def _happened(self, here: Open, event: ByStaff, said: str) -> Prompts:
        counted = await self._acts.happened(here.id, event)
        log.info("staff_line.happened", escalation=here.id, what=type(event).__name__, counted=counted)
        return (Prompt(f"staff-line/{said}") if counted else NOTHING_CHANGED,)

    async def _closed(self, here: Open, closed: Closed, said: str) -> Prompts:
        counted = await self._acts.close(here.id, closed)
        log.info("staff_line.closed", escalation=here.id, spoken=closed.spoken, counted=counted)
        return (Prompt(f"staff-line/{said}") if counted else NOTHING_CHANGED,)

    async def _opened(self) -> tuple[Sequence[Open], ZoneInfo]:
        """The oldest first."""

        def opened(db: Db) -> tuple[Sequence[Open], ZoneInfo]:
            site = self._ports.site
            heard = [one for one in open_at(db, site) if staff_menu.may_hear(one.case, self._post)]
            return heard, zone_of(db, site)

        return await self._ports.database.run(opened)


async def answer(ports: Ports, acknowledged: Callable[[EscalationId], None], session: Session) -> None:
    """One session of the dialplan's script "staff-line"."""
    voice = Voice(session)
    await voice.go_on_to(await speak_with(voice, ports, StaffActs(ports, acknowledged), leg_of(session).phone))


async def speak_with(voice: Voice, ports: Ports, acts: StaffActs, phone: PhoneId) -> str:
    """Whoever dials from this phone is the post that it belongs to; where the dialplan goes on."""
    asking = Asking(voice, ports)
    post = await ports.database.run(lambda db: post_of_phone(db, phone))
    if post is None:
        await asking.say("staff-line/no-post")
        return BYE
    return await StaffLine(asking, ports, acts, post).run()
