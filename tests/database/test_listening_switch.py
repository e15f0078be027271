"""The switch that turns the listening off: who finds it how, and what the audit says of it."""

import builders
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.listening_switch import From, Hand, Off, WhyOff, WhyOn, off_at, turn_off, turn_on
from models.clock import now
from models.database import Database
from models.errors import NotAllowed
from models.tables import Act
from models.words import SiteId

SITE = SiteId(builders.SITE)


@pytest.fixture(autouse=True)
def site(database: Database) -> None:
    with database.transaction() as session:
        session.add(builders.a_site())


def off_by_the_scheme(session: Session) -> Off:
    hand = Hand("okoro", now())
    turn_off(session, SITE, From.SCHEME, WhyOff.COMPLAINT, hand)
    return Off(hand.at, From.SCHEME, WhyOff.COMPLAINT)


def test_it_is_on_until_somebody_turns_it_off_and_off_until_somebody_turns_it_on(database: Database) -> None:
    assert database.do(lambda session: off_at(session, SITE)) is None

    off = database.do(off_by_the_scheme)
    assert database.do(lambda session: off_at(session, SITE)) == off
    assert database.do(lambda session: off_at(session, SiteId("another"))) is None

    database.do(lambda session: turn_on(session, SITE, WhyOn.PUT_RIGHT, Hand("okoro", now())))
    assert database.do(lambda session: off_at(session, SITE)) is None


def test_the_audit_says_who_and_why_and_once(database: Database) -> None:
    database.do(off_by_the_scheme)
    with pytest.raises(NotAllowed, match="it is off already"):
        database.do(lambda session: turn_off(session, SITE, From.COMMAND_LINE, WhyOff.FAULT, Hand("root", now())))
    database.do(lambda session: turn_on(session, SITE, WhyOn.MISTAKE, Hand("lee", now())))
    with pytest.raises(NotAllowed, match="it is on already"):
        database.do(lambda session: turn_on(session, SITE, WhyOn.MISTAKE, Hand("lee", now())))

    acts = database.do(lambda session: session.execute(select(Act.who, Act.what, Act.about)).all())
    assert [tuple(one) for one in acts] == [
        ("okoro", "listening_off", "complaint"),
        ("lee", "listening_on", "mistake"),
    ]
