"""What the figures say of an evening, and that nobody is in them."""

from datetime import timedelta

from builders import SITE, a_call, a_small_prison
from sqlalchemy.orm import Session

from models.audit import note
from models.backups import BACKED_UP
from models.clock import now
from models.database import Database
from models.tables import Escalation, Offer, Talk
from models.words import PhoneId, PhoneKind, SiteId
from wingline.metrics.reading import since, standing

NOW = now()
BEGAN = NOW - timedelta(minutes=10)


def at(seconds: float) -> dict[str, object]:
    """A call that began so many seconds after the look before, and waited five seconds later."""
    began = BEGAN + timedelta(seconds=seconds)
    return {"began_at": began, "first_waiting_at": began + timedelta(seconds=5), "stage": "waiting", "ended_at": None}


def an_evening(session: Session) -> None:
    a_small_prison(session, "robin", "wren")
    ends = {"ended_at": BEGAN + timedelta(seconds=300), "stage": "ended"}
    session.add_all(
        (
            a_call(id="before", **at(-100)),
            a_call(id="talks", **at(10) | {"stage": "talking"}),
            a_call(id="gave-up", **at(20) | ends),
            a_call(id="outside", **at(30) | ends | {"outside_at": BEGAN + timedelta(seconds=90)}),
            a_call(id="hung-up-in-the-notice", **at(40) | ends | {"first_waiting_at": None}),
        )
    )
    session.flush()
    of = {"call_id": "talks", "seat": "first"}
    took = BEGAN + timedelta(seconds=45)
    session.add(Offer(id="offer-1", listener_id="listener-wren", rang_at=took, **of))
    session.add(Talk(id="talk-1", listener_id="listener-robin", began_at=took, **of))
    late = {"site_id": SITE, "cause": "danger_now", "protocol": {}, "raised_at": BEGAN}
    session.add(Escalation(id="late", due_at=NOW - timedelta(seconds=40), **late))
    session.add(Escalation(id="in-time", due_at=NOW + timedelta(seconds=40), **late))
    session.add(Escalation(id="closed", due_at=None, closed_at=NOW, **late))
    note(session, "root", BACKED_UP, None, BEGAN)


def test_what_happened_since_the_last_look_is_counted_once(database: Database) -> None:
    database.do(an_evening)
    first = database.do(lambda session: since(session, SiteId(SITE), BEGAN, NOW))
    second = database.do(lambda session: since(session, SiteId(SITE), NOW, NOW + timedelta(minutes=1)))

    assert (first.begun, list(first.answers), first.outside, first.duty_office, first.abandoned) == (4, [30.0], 1, 0, 1)
    assert (second.begun, list(second.answers), second.outside, second.abandoned) == (0, [], 0, 0)


def test_how_things_stand(database: Database) -> None:
    database.do(an_evening)
    away = frozenset({PhoneId("phone-robin")})
    found = database.do(lambda session: standing(session, SiteId(SITE), away, NOW))

    assert found.calls == {"waiting": 1, "talking": 1}
    assert (found.listeners["ringing"], found.listeners["talking"]) == (1, 1)
    assert (found.open_escalations, found.late_escalations, round(found.late)) == (2, 1, 40)
    assert found.phones_away == {PhoneKind.LISTENER.value: 1}
    assert (found.backed_up_at, found.purged_at, found.night_broken) == (BEGAN, None, False)
