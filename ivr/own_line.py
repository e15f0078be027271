"""A Listener's own line (code 200): duty, shifts, swaps, rest, debrief, support, and what is kept about them."""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy.orm import Session as Db

from ivr import own_menu, own_store, store
from ivr.agi import Session
from ivr.asking import NO_SUCH_KEY, Asking
from ivr.own_pin import OwnPin
from ivr.own_rota import OwnRota
from ivr.ports import Ports
from ivr.spoken_time import Prompts
from ivr.voice import Voice, leg_of
from listeners import store as listeners
from listeners.welfare import NIGHT
from models.clock import now
from models.words import ListenerId, PhoneId, Prompt
from rota.people import zone_of

log = structlog.get_logger()

# The menu is said once more before somebody who says nothing hears goodbye.
MENU_TIMES = 2
BYE, OUTSIDE = "bye", "outside"

Acts = Mapping[str, Callable[[], Awaitable[Prompts]]]


class OwnLine:
    """One Listener at the menu; every act answers with what is said before the menu comes again."""

    def __init__(self, asking: Asking, ports: Ports, listener: ListenerId) -> None:
        self._asking = asking
        self._ports = ports
        self._listener = listener
        self._outside = False

    async def run(self, told: Prompts, *, whole: bool) -> str:
        """Where the dialplan goes on. ``whole``: the PIN was right."""
        acts = self._acts() if whole else {"1": self._duty}
        silent = 0
        while silent < MENU_TIMES and not self._outside:
            key = await self._asking.ask((*told, *await self._menu(whole=whole)))
            silent = 0 if key else silent + 1
            told = await self._done(acts, key) if key else ()
        if self._outside:
            await self._asking.say(*told)
            return OUTSIDE
        await self._asking.say("own/goodbye")
        return BYE

    async def _done(self, acts: Acts, key: str) -> Prompts:
        if key == "*":
            return ()
        act = acts.get(key)
        return await act() if act else (NO_SUCH_KEY,)

    def _acts(self) -> Acts:
        rota = OwnRota(self._asking, self._ports, self._listener)
        return {
            "1": self._duty_or_shift,
            "2": rota.hear,
            "3": rota.swap,
            "4": rota.take,
            "5": self._rest,
            "6": self._debrief,
            "7": self._support,
            "8": self._kept,
            "0": self._help,
        }

    async def _menu(self, *, whole: bool) -> Prompts:
        duty = await self._ports.database.run(lambda db: own_store.duty_of(db, self._listener, now=now()))
        return own_menu.menu(duty, whole=whole)

    async def _duty_or_shift(self) -> Prompts:
        def sign_on(db: Db) -> bool:
            due = own_store.duty_of(db, self._listener, now=now()).to_sign_on
            return due and own_store.sign_on(db, self._listener, now=now())

        if not await self._ports.database.run(sign_on):
            return await self._duty()
        log.info("own_line.signed_on", listener=self._listener)
        self._ports.changed()
        return (Prompt("own/signed-on"),)

    async def _duty(self) -> Prompts:
        """The menu says which it is now."""
        await self._ports.database.run(lambda db: listeners.change_duty(db, self._listener, now=now()))
        self._ports.changed()
        return (Prompt("key/done"),)

    async def _rest(self) -> Prompts:
        def rest(db: Db) -> Prompts:
            until = own_store.rest_longer(db, self._listener, now=now())
            return own_menu.rests(until, zone=zone_of(db, self._ports.site))

        told = await self._ports.database.run(rest)
        self._ports.changed()
        return told

    async def _debrief(self) -> Prompts:
        key = await self._asking.choose(("own/debrief",), ("1", "2"))
        if not key:
            return ()
        act = listeners.ask_for_debrief if key == "2" else own_store.debrief_done
        await self._ports.database.run(lambda db: act(db, self._listener))
        self._ports.changed()
        return (Prompt("after/will-be-called" if key == "2" else "after/all-right"),)

    async def _support(self) -> Prompts:
        self._outside = True
        return (Prompt("own/support"),)

    async def _kept(self) -> Prompts:
        scheme = self._ports.scheme
        night = scheme.limits.night if scheme else NIGHT

        def kept(db: Db) -> Prompts:
            known = own_store.kept_of(db, self._listener, night=night, now=now())
            return own_menu.kept(known, zone=zone_of(db, self._ports.site))

        return await self._ports.database.run(kept)

    async def _help(self) -> Prompts:
        return (Prompt("own/help"),)


async def answer(ports: Ports, session: Session) -> None:
    """One session of the dialplan's script "own"."""
    voice = Voice(session)
    await voice.go_on_to(await speak_with(voice, ports, leg_of(session).phone))


async def speak_with(voice: Voice, ports: Ports, phone: PhoneId) -> str:
    """Whoever dials from this phone, until they have done; where the dialplan goes on."""
    asking = Asking(voice, ports)
    listener = await ports.database.run(lambda db: store.listener_of_phone(db, phone))
    if listener is None:
        await asking.say("own/not-a-listener")
        return BYE
    pin = OwnPin(asking, ports, listener)
    known = await pin.is_known()
    return await OwnLine(asking, ports, listener).run(pin.told, whole=known)
