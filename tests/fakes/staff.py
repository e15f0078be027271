"""Phones of staff that ring nowhere, and an engine for them over real rows."""

from dataclasses import dataclass, field

from builders import a_phone
from sqlalchemy.orm import Session

from escalation.case import Warn
from escalation.engine import Engine
from escalation.person import Person
from ivr.being_told import BeingTold
from models.database import Database
from models.words import EscalationId, NodeId, PhoneId, PhoneKind, Post, TellingId


@dataclass
class SilentPhones:
    """Rings nobody, shows nothing, and knows nobody who lives anywhere; remembers which phones were rung."""

    being_told: BeingTold = field(default_factory=BeingTold)
    ringing: dict[TellingId, PhoneId] = field(default_factory=dict)
    rung: list[PhoneId] = field(default_factory=list)

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        del escalation
        self.ringing[telling] = phone
        self.rung.append(phone)

    def stop(self, telling: TellingId) -> None:
        self.being_told.end(telling)
        self.ringing.pop(telling, None)

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        del escalation, why

    def who_lives_in(self, location: str) -> Person | None:
        del location
        return None

    def telling_at(self, post: Post) -> TellingId:
        return next(telling for telling, phone in self.ringing.items() if phone == phone_of(post))


def an_engine(database: Database, phones: SilentPhones, node: str = "node-one") -> Engine:
    return Engine(database, phones, console=phones, people=phones, unreachable=frozenset, node=NodeId(node))


def phone_of(post: Post) -> PhoneId:
    return PhoneId(f"phone-{post}")


def a_phone_at_each_post(session: Session) -> None:
    session.add_all(a_phone(PhoneKind.STAFF, post, id=phone_of(post)) for post in Post)
