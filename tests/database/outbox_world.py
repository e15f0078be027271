"""A prison with an open escalation in cell B-2-014, and contacts of its healthcare."""

from collections.abc import Iterable

from builders import NOON, SITE, a_call, a_cell, a_site, a_wing
from message_builders import a_contact
from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation import outbox
from escalation.contacts import Contact, Way
from escalation.messages import News
from escalation.profile import PROTOCOL, Protocol, Step
from models import tables
from models.dangers import Danger
from models.database import Database
from models.words import Cause, EscalationId, Instant, Post

ESCALATION = EscalationId("esc-1")
SCREEN = a_contact("screen", Way.WEBHOOK, "https://screens.example.net/", secret="key", tells_location=True)  # noqa: S106
PAGER = a_contact("pager", Way.APPRISE, "ntfy://ntfy.example.net/topic")
DUTY = a_contact("duty", Way.EMAIL, "duty@example.net")
CONTACTS = (SCREEN, PAGER, DUTY)


def a_prison_in_need(session: Session) -> None:
    session.add(a_site())
    session.flush()
    session.add(a_wing("B"))
    session.flush()
    session.add_all([a_cell(1, "B", location="B-2-014"), a_call()])
    session.flush()
    session.add(an_escalation(ESCALATION))


def an_escalation(name: str, **changes: object) -> tables.Escalation:
    steps = (Step(posts=(Post.HEALTHCARE,), seconds=60),)
    protocol = Protocol(steps=steps, door_within=60, spoken_within=60, closed_within=60)
    chosen: dict[str, object] = {
        "id": name,
        "site_id": SITE,
        "call_id": "call-one",
        "cause": Cause.DANGER_NOW,
        "danger": Danger.OVERDOSE,
        "cell_id": "cell-B1",
        "protocol": PROTOCOL.dump_python(protocol, mode="json"),
        "step": 1,
        "round": 2,
        "raised_at": NOON,
        "prison_number": "A1234BC",
        "preferred_name": "Sam",
    }
    return tables.Escalation(**chosen | changes)


def told(
    database: Database,
    contacts: Iterable[Contact] = (SCREEN,),
    news: News = News.TOLD,
    *,
    now: Instant = NOON,
    escalation: str = ESCALATION,
) -> None:
    def in_transaction(session: Session) -> None:
        outbox.queue(session, session.get_one(tables.Escalation, escalation), contacts, news, now)

    database.do(in_transaction)


def close(database: Database, at: Instant, escalation: str = ESCALATION) -> None:
    def in_transaction(session: Session) -> None:
        session.get_one(tables.Escalation, escalation).closed_at = at

    database.do(in_transaction)


def rows(database: Database) -> list[tables.Message]:
    asked = select(tables.Message).order_by(tables.Message.made_at, tables.Message.contact)
    return database.do(lambda session: list(session.scalars(asked)))


def the_message(database: Database) -> tables.Message:
    (row,) = rows(database)
    return row
