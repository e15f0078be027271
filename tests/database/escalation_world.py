"""Staff phones and a console that remember, and a prison with one phone at each post."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from builders import NOON, SITE, a_call, a_cell, a_phone, a_site, a_wing
from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation.case import Warn
from escalation.contacts import Contact
from escalation.engine import Engine
from escalation.person import Person
from escalation.profile import Profile
from escalation.profile_file import load
from escalation.store import Raise
from models import tables
from models.database import Database
from models.errors import ActionRefused
from models.words import CallId, Cause, EscalationId, NodeId, PhoneId, PhoneKind, Post, SiteId, TellingId

T = TypeVar("T")

PROFILE: Profile = load(
    "uk-listener-adult",
    {
        "attempt_in_progress_refusing": "respect",
        "threat_to_another": "off",
        "who_confirms": "listener",
        "hearing": {"mode": "ask"},
    },
)
PHONES = tuple(PhoneId(f"phone-{post}") for post in Post)
DESK, WARD, ORDERLY, OFFICE, SAFEGUARDING, LEADER, COORDINATOR, TECHNICIAN = PHONES
CALLERS = {"call-one": PhoneId("phone-one"), "call-two": PhoneId("phone-two")}


class Killed(BaseException):
    """The process ended here, as by kill -9: nothing of ours may answer it."""


class RungTwice(BaseException):
    """A phone that rings was rung again: no engine may answer that either."""


@dataclass
class World:
    """What goes on outside the line: it outlives a line that is killed."""

    unreachable: set[PhoneId] = field(default_factory=set)
    refusing: set[PhoneId] = field(default_factory=set)
    ringing: dict[TellingId, tuple[EscalationId, PhoneId]] = field(default_factory=dict)
    rung: list[PhoneId] = field(default_factory=list)
    warned: list[Warn] = field(default_factory=list)
    # Who lives in the one cell that there is.
    person: Person | None = None
    # The errand at which the line is killed.
    dies_in: int | None = None

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        self._may_die()
        if (escalation, phone) in self.ringing.values():
            raise RungTwice
        if phone in self.refusing:
            raise ActionRefused("Originate", "no")
        self.ringing[telling] = (escalation, phone)
        self.rung.append(phone)

    def stop(self, telling: TellingId) -> None:
        self._may_die()
        self.ringing.pop(telling, None)

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        del escalation
        self.warned.append(why)

    def who_lives_in(self, location: str) -> Person | None:
        del location
        return self.person

    def telling_at(self, phone: PhoneId) -> TellingId:
        return next(telling for telling, (_, at) in self.ringing.items() if at == phone)

    def hangs_up(self, phone: PhoneId) -> TellingId:
        telling = self.telling_at(phone)
        del self.ringing[telling]
        return telling

    def takes_rung(self) -> set[PhoneId]:
        """The phones rung since last asked."""
        rung, self.rung = set(self.rung), []
        return rung

    def _may_die(self) -> None:
        if self.dies_in is None:
            return
        self.dies_in -= 1
        if self.dies_in < 0:
            raise Killed


def a_line(
    database: Database,
    world: World,
    node: str = "line",
    contacts: Sequence[Contact] = (),
    **exchange: Any,
) -> Engine:
    """``exchange``: whether the node has its Asterisk, as Engine says."""
    return Engine(
        database,
        world,
        console=world,
        people=world,
        unreachable=lambda: frozenset(world.unreachable),
        node=NodeId(node),
        contacts=contacts,
        **exchange,
    )


def a_staffed_prison(session: Session) -> None:
    session.add(a_site())
    session.flush()
    session.add(a_wing("B"))
    session.flush()
    session.add_all([a_cell(1, "B"), a_cell(2, "B"), a_call(), a_call("two")])
    session.flush()
    session.add_all(a_phone(PhoneKind.STAFF, post, id=phone) for post, phone in zip(Post, PHONES, strict=True))
    session.add_all(
        a_phone(PhoneKind.CELL, id=phone, cell_id=f"cell-B{place}") for place, phone in enumerate(CALLERS.values(), 1)
    )


def raising(cause: Cause = Cause.DANGER_NOW, call: str = "call-one") -> Raise:
    return Raise(site=SiteId(SITE), cause=cause, profile=PROFILE, call=CallId(call), phone=CALLERS[call])


def the_row(database: Database, escalation: EscalationId) -> tables.Escalation:
    return database.do(lambda session: session.get_one(tables.Escalation, escalation))


def ends(database: Database) -> list[tuple[str, str | None]]:
    """Every telling as (phone, end), in the order in which they were rung."""
    asked = select(tables.Telling.phone_id, tables.Telling.end).order_by(
        tables.Telling.rang_at, tables.Telling.phone_id
    )
    return database.do(lambda session: [(phone, end) for phone, end in session.execute(asked)])


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def do(act: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(act)
