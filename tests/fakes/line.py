"""A line with nothing real behind it but SQLite: what a call needs, and lists of what it did with it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from builders import SITE, a_cell, a_listener, a_phone, a_shift_row, a_site, a_wing
from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation.profile import Profile
from escalation.profile_file import load
from escalation.store import Raise
from ivr import happenings as h
from ivr import orders as o
from ivr import store
from ivr.call import Rules, new_call
from ivr.desk import Desk
from ivr.legs import LegId
from ivr.live_call import LiveCall
from ivr.offer_dialog import OfferDialog
from ivr.owed import Owed
from ivr.ports import Ports
from ivr.prompt_files import PromptFiles
from ivr.reconcile import reconcile
from models import tables
from models.clock import now
from models.dangers import Danger
from models.database import Database
from models.migrate import migrate
from models.words import (
    CallId,
    Cause,
    Condition,
    EscalationId,
    Hearing,
    Instant,
    Language,
    ListenerId,
    PhoneId,
    PhoneKind,
    SiteId,
    TellingEnd,
    TellingId,
)
from tests.fakes.telephony import FakeTelephony

CHOICES = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
ENGLISH = Language("en")
CALLERS_PHONE = PhoneId("phone-caller")
SOON = 3.0


def a_profile(waiting: dict[str, Any] | None = None, **changes: Any) -> Profile:
    profile = load("uk-listener-adult", CHOICES)
    return replace(profile, waiting=replace(profile.waiting, **(waiting or {})), **changes)


def with_exception_rule(*dangers: Danger) -> Profile:
    """The machine alone tells of these, as a danger now."""
    profile = a_profile(exception_rule=frozenset(dangers))
    told = {**profile.disclosures, Cause.EXCEPTION_RULE: profile.disclosures[Cause.DANGER_NOW]}
    return replace(profile, disclosures=told)


@dataclass
class FakeEars:
    listens: bool = True
    forgotten: list[CallId] = field(default_factory=list)
    heard: frozenset[CallId] = frozenset()

    async def forget(self, call: CallId) -> None:
        self.forgotten.append(call)


@dataclass
class FakeEngine:
    raised: list[Raise] = field(default_factory=list)
    ended: list[tuple[TellingId, TellingEnd]] = field(default_factory=list)
    learnt: list[tuple[CallId, Condition]] = field(default_factory=list)
    _serial: "count[int]" = field(default_factory=count)

    async def raise_escalation(self, raising: Raise, now: Instant) -> EscalationId:
        del now
        self.raised.append(raising)
        return EscalationId(f"escalation-{next(self._serial)}")

    async def learn(self, call: CallId, condition: Condition, now: Instant) -> None:
        del now
        self.learnt.append((call, condition))

    async def telling_ended(self, telling: TellingId, how: TellingEnd, now: Instant) -> None:
        del now
        self.ended.append((telling, how))

    async def adopt(self, call: CallId, phone: PhoneId) -> tuple[()]:
        """Nothing is open of any call; tests with a real engine are in test_reconcile.py."""
        del call, phone
        return ()

    async def lost(self, rings: Mapping[EscalationId, Collection[TellingId]], now: Instant) -> None:
        del now
        assert not rings


class FakeVoice:
    """A person at the other end: every question takes the next of these keys, and "" is silence."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.said: list[str] = []
        # The same with their folders, "own/menu".
        self.prompts: list[str] = []
        self.took = False

    async def say(self, files: list[str], *, unless: Callable[[], bool] = lambda: False) -> str:
        if unless():
            return ""
        self.said += [Path(file).name for file in files]
        self.prompts += ["/".join(Path(file).parts[-2:]) for file in files]
        await asyncio.sleep(0)
        return ""

    async def wait_for_key(self, wait_seconds: float, *, unless: Callable[[], bool] = lambda: False) -> str:
        del wait_seconds
        return self.keys.pop(0) if self.keys and not unless() else ""

    async def ask(
        self, files: list[str], wait_seconds: float, *, unless: Callable[[], bool] = lambda: False, always: str = ""
    ) -> str:
        del always
        await self.say(files, unless=unless)
        return await self.wait_for_key(wait_seconds, unless=unless)


class FakeMouth:
    """Says everything at once; the caller is silent."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.let_go_to: list[o.Next] = []
        self.given_up = False
        self.says_until = 0.0

    def give_up(self) -> None:
        self.given_up = True

    def order(self, order: o.Say | o.LetGo) -> None:
        if isinstance(order, o.Say):
            self.said += [line.prompt for line in order.lines]
        else:
            self.let_go_to.append(order.to)


def a_database(folder: Path) -> Database:
    (folder / "wingline.db").write_bytes(_migrated())
    return Database(f"sqlite:///{folder / 'wingline.db'}")


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/wingline.db")
        return (Path(folder) / "wingline.db").read_bytes()


class FakeLine:
    """One wing with these Listeners on shift now; the caller's phone is on it."""

    def __init__(
        self, database: Database, *names: str, waiting: dict[str, Any] | None = None, owed: Owed | None = None
    ) -> None:
        self.database = database
        self.telephony = FakeTelephony()
        self.ears = FakeEars()
        self.engine = FakeEngine()
        profile = a_profile(waiting)
        rules = Rules(profile, Hearing.ASK, frozenset({ENGLISH}), (ENGLISH,), ENGLISH)
        self.ports = Ports(
            database=database,
            telephony=self.telephony,
            engine=self.engine,  # type: ignore[arg-type]  # what a call uses of it
            ears=self.ears,
            prompts=PromptFiles(Path("prompts")),
            site=SiteId(SITE),
            rules=lambda: rules,
            changed=lambda: None,
            owed=owed or Owed(),
        )
        self.desk = Desk(self.ports)
        database.do(lambda session: _a_prison_now(session, names))

    async def stop(self) -> None:
        await settled()
        self.ports.errands.stop()
        await asyncio.sleep(0)
        self.database.close()

    async def is_killed(self) -> None:
        """Everything in memory is lost; what was in Asterisk and in the database is there."""
        await settled()
        self.ports.errands.stop()
        self.telephony.is_told_to_nobody()

    async def starts_again(self) -> None:
        self.telephony.orders.clear()
        self.desk = Desk(self.ports)
        await reconcile(self.desk)
        await settled()

    # ---- what people do

    async def a_caller_waits(self, call: str = "one", *, listening: bool = False) -> tuple[LiveCall, FakeMouth]:
        """One who was silent at the notice, or said yes to the machine."""
        live = await self._a_call(CallId(f"call-{call}"))
        live.mouth = mouth = FakeMouth()  # type: ignore[assignment]  # what a call uses of it
        live.happen(h.CallerDialled())
        live.happen(h.CallerPressed("1") if listening else h.CallerWasQuiet())
        return live, mouth

    async def _a_call(self, call: CallId) -> LiveCall:
        caller = self.telephony.dials(CALLERS_PHONE, call)
        site = self.ports.site
        await self.database.run(lambda db: store.open_call(db, call, site=site, language=ENGLISH, now=now()))
        return self.desk.take(LiveCall(new_call(call, self.ports.rules()), caller, self.ports))

    async def is_rung(self, name: str) -> LegId:
        rings = await eventually(lambda: self.telephony.rings_of(f"phone-{name}"))
        assert rings, f"{name} was not rung"
        return LegId(rings[0])

    async def answers(self, leg: LegId, *keys: str) -> FakeVoice:
        """Picks up, and presses these keys when asked."""
        self.telephony.answers(leg)
        found = self.desk._find_offer(leg)
        assert found
        _, ringing, offer = found
        voice = FakeVoice(*keys)
        dialog = OfferDialog(voice, self.ports, ringing, offer)  # type: ignore[arg-type]  # a person, not a session
        voice.took = await dialog.run()
        return voice

    async def takes(self, name: str) -> LegId:
        """Until the Listener is in the conversation."""
        leg = await self.is_rung(name)
        assert (await self.answers(leg, "1")).took
        self.telephony.joins(leg)
        listener = ListenerId(f"listener-{name}")
        assert await eventually(lambda: any(listener in live.call.listeners for live in self.desk.calls.values()))
        return leg

    # ---- what the database says

    def open_talks(self) -> list[str]:
        return self.asked(select(tables.Talk.listener_id).where(tables.Talk.ended_at.is_(None)))

    def open_offers(self) -> list[str]:
        return self.asked(select(tables.Offer.listener_id).where(tables.Offer.ended_at.is_(None)))

    def offers(self) -> list[tuple[str, str | None]]:
        """Who was rung, and how it ended."""
        return [
            (row.listener_id.removeprefix("listener-"), row.end)
            for row in self.asked(select(tables.Offer).order_by(tables.Offer.rang_at))
        ]

    def rests(self, name: str) -> bool:
        query = select(tables.Listener.resting_until).where(tables.Listener.id == f"listener-{name}")
        until = self.database.do(lambda session: session.scalar(query))
        return until is not None and until > now()

    def asked(self, query: Any) -> list[Any]:
        return self.database.do(lambda session: list(session.scalars(query)))


def _a_prison_now(session: Session, names: tuple[str, ...]) -> None:
    session.add(a_site())
    session.flush()
    session.add(a_wing("A"))
    session.flush()
    session.add(a_cell())
    session.add_all(a_phone(PhoneKind.LISTENER, id=f"phone-{name}") for name in names)
    session.flush()
    session.add(a_phone(id=CALLERS_PHONE, cell_id="cell-A1"))
    certified = {"certified_from": now() - timedelta(days=9), "certified_until": now() + timedelta(days=9)}
    session.add_all(a_listener(name, phone_id=f"phone-{name}", **certified) for name in names)
    session.flush()
    hours = {"starts_at": now() - timedelta(hours=1), "ends_at": now() + timedelta(hours=1)}
    session.add_all(a_shift_row(name, **hours) for name in names)
    session.flush()


async def settled() -> None:
    """What is under way is done."""
    await asyncio.sleep(0.02)


async def eventually(question: Callable[[], Any], within: float = SOON) -> Any:
    """What it answers once it is true; what it answers at the end of the time otherwise."""
    deadline = asyncio.get_running_loop().time() + within
    while not (answer := question()) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  a test asks what no event tells
        await asyncio.sleep(0.01)
    return answer
