"""What boards, partners and technicians look at: a quarter that is over, and machinery that is not all well."""

from datetime import timedelta

import builders
from evening import SITE, FakeLine, an_escalation
from sqlalchemy.orm import Session

from console.ports import HeadSeen
from escalation.messages import Fault
from escalation.nightly import Link
from escalation.oversight import Quarter
from models.clock import now
from models.database import Database
from models.tables import CallCount, Drill, Message, NightlyCall, Node
from models.words import PhoneId, PhoneKind, Post

CALLS = (40, 52, 3)


def a_counted_quarter(database: Database) -> Quarter:
    """The one before the last, settled on every day of the year, and the last. Three calls are too few to be shown."""
    last = Quarter(now().year, (now().month + 2) // 3).before
    quarter = last.before
    with database.transaction() as session:
        session.add_all(
            CallCount(site_id=SITE, month=month, calls=calls, listened=calls // 2)
            for month, calls in zip((*quarter.months, *last.months), CALLS * 2, strict=True)
        )
    return quarter


def a_head() -> HeadSeen:
    return HeadSeen((now() - timedelta(days=1)).date(), 212, "f0" * 32, now() - timedelta(hours=3))


def machinery(database: Database, line: FakeLine) -> None:
    """A cell's and a nurse's phone are away, a night broke, a drill, messages that did not leave, a dead node."""
    line.heads.newest = a_head()
    line.unreachable = frozenset({PhoneId("phone-nurse"), PhoneId("phone-of-a-cell")})
    database.do(_rows)
    told = {"prison_number": "A1234BC", "preferred_name": "Robin"}
    about = an_escalation(database, "told", **told)
    with database.transaction() as session:
        session.add_all(_message(about, number, "ward-mail", Fault.NOT_REACHED) for number in range(6))
        session.add(_message(about, 6, "safer-custody", Fault.WRONG_SECRET))


def _rows(session: Session) -> None:
    ago = now() - timedelta(hours=3)
    session.add(builders.a_phone(PhoneKind.CELL, id="phone-of-a-cell", cell_id="cell-b14"))
    session.add(builders.a_phone(PhoneKind.STAFF, Post.CONTROL_ROOM, id="phone-control"))
    night = {"id": "nightly-one", "site_id": SITE, "kind": "planned", "began_at": ago, "ended_at": ago}
    session.add(NightlyCall(**night, broken=Link.HEARD))
    session.add(Drill(id="drill-one", site_id=SITE, kind="by_hand", asked_at=ago, asked_by="Officer Quill"))
    session.add_all([Node(id="line-1", seen_at=now() + timedelta(minutes=5)), Node(id="line-2", seen_at=ago)])


def _message(escalation: str, number: int, contact: str, fault: Fault) -> Message:
    times = {"made_at": now(), "due_at": now() + timedelta(minutes=1)}
    return Message(
        id=f"msg-{number}", escalation_id=escalation, contact=contact, way="email", what="raised", step=0, round=0,
        tries=2, last_error=fault, **times,
    )  # fmt: skip
