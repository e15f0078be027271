"""Rows and values with defaults, so that a test says only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from escalation.profile import Welfare
from listeners.candidate import Candidate
from models import tables
from models.words import (
    CallStage,
    Cover,
    Language,
    ListenerId,
    PhoneKind,
    Post,
    ShiftId,
    Standing,
    WingId,
)
from rota.shift import Shift

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SITE = "site-demo"
_serial = count(1)


def local(day: date, clock: str, zone: str = "Europe/London") -> datetime:
    """A moment as the rota says it ("22:00" on that day in that zone), in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def a_site(**changes: object) -> tables.Site:
    chosen: dict[str, object] = {
        "id": SITE,
        "name": "HMP Demo",
        "zone": "Europe/London",
        "short_code": "100",
        "language": "en",
        "profile": "uk_adult",
    }
    return tables.Site(**chosen | changes)


def a_wing(letter: str = "A", **changes: object) -> tables.Wing:
    chosen: dict[str, object] = {
        "id": f"wing-{letter}",
        "site_id": SITE,
        "name": {"A": "Alpha", "B": "Bravo", "C": "Charlie"}.get(letter, letter),
        "letter": letter,
        "backup_wing_id": None,
    }
    return tables.Wing(**chosen | changes)


def a_cell(number: int = 1, wing: str = "A", **changes: object) -> tables.Cell:
    chosen: dict[str, object] = {
        "id": f"cell-{wing}{number}",
        "wing_id": f"wing-{wing}",
        "location": f"{wing}-1-{number:03}",
    }
    return tables.Cell(**chosen | changes)


def a_phone(kind: PhoneKind = PhoneKind.CELL, post: Post | None = None, **changes: object) -> tables.Phone:
    chosen: dict[str, object] = {
        "id": f"phone-{next(_serial)}",
        "site_id": SITE,
        "kind": kind.value,
        "secret": "a-secret",
        "cell_id": None,
        "post": post.value if post else None,
    }
    return tables.Phone(**chosen | changes)


def a_listener(name: str = "robin", wing: str = "A", **changes: object) -> tables.Listener:
    chosen: dict[str, object] = {
        "id": f"listener-{name}",
        "site_id": SITE,
        "wing_id": f"wing-{wing}",
        "phone_id": None,
        "code_name": name,
        "standing": Standing.CERTIFIED.value,
        "certified_from": NOON - timedelta(days=100),
        "certified_until": NOON + timedelta(days=265),
        "languages": ["en"],
        "experienced": False,
        "wants_debrief": False,
    }
    return tables.Listener(**chosen | changes)


def a_shift_row(listener: str = "robin", cover: Cover = Cover.FIRST, **changes: object) -> tables.Shift:
    chosen: dict[str, object] = {
        "id": f"shift-{next(_serial)}",
        "site_id": SITE,
        "listener_id": f"listener-{listener}",
        "cover": cover.value,
        "starts_at": NOON - timedelta(hours=2),
        "ends_at": NOON + timedelta(hours=2),
    }
    return tables.Shift(**chosen | changes)


def a_call(name: str = "one", **changes: object) -> tables.Call:
    chosen: dict[str, object] = {
        "id": f"call-{name}",
        "site_id": SITE,
        "stage": CallStage.WAITING.value,
        "language": "en",
        "listening": False,
        "began_at": NOON,
        "waiting_since": NOON,
    }
    return tables.Call(**chosen | changes)


def a_shift(
    listener: str = "robin",
    cover: Cover = Cover.FIRST,
    *,
    starts_at: datetime = NOON - timedelta(hours=2),
    ends_at: datetime = NOON + timedelta(hours=2),
) -> Shift:
    return Shift(
        id=ShiftId(f"shift-{listener}-{starts_at:%d%H%M}"),
        listener=ListenerId(listener),
        cover=cover,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def a_candidate(name: str = "robin", wing: str = "A", **changes: object) -> Candidate:
    """Somebody who may be rung at NOON."""
    chosen: dict[str, object] = {
        "id": ListenerId(name),
        "wing": WingId(f"wing-{wing}"),
        "standing": Standing.CERTIFIED,
        "certified_from": NOON - timedelta(days=100),
        "certified_until": NOON + timedelta(days=265),
        "languages": frozenset({Language("en")}),
        "experienced": False,
        "on_shift": Cover.FIRST,
        "off_duty": False,
        "in_call": False,
        "ringing": False,
        "resting_until": None,
        "reachable": True,
        "talked": timedelta(),
        "last_talk_ended_at": None,
        "away": False,
        "had_enough": False,
    }
    return Candidate(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def a_small_prison(session: Session, *names: str) -> None:
    """A site of two wings, with these Listeners of wing A on shift at NOON, each with a phone."""
    session.add(a_site())
    session.flush()
    session.add(a_wing("B"))
    session.flush()
    session.add(a_wing("A", backup_wing_id="wing-B"))
    session.add_all(a_phone(PhoneKind.LISTENER, id=f"phone-{name}") for name in names)
    session.flush()
    session.add_all(a_listener(name, phone_id=f"phone-{name}") for name in names)
    session.flush()
    session.add_all(a_shift_row(name) for name in names)
    session.flush()


def a_prison_of_cells(session: Session, **homes: str) -> None:
    """Cells A1 to A4 and B1 to B4, each with its phone; these Listeners live in them: ``robin="A1"``."""
    session.add(a_site())
    session.flush()
    session.add_all([a_wing("A"), a_wing("B")])
    session.flush()
    places = [(wing, number) for wing in "AB" for number in (1, 2, 3, 4)]
    session.add_all(a_cell(number, wing) for wing, number in places)
    session.flush()
    for wing, number in places:
        home = f"{wing}{number}"
        kind = PhoneKind.LISTENER if home in homes.values() else PhoneKind.CELL
        session.add(a_phone(kind, id=f"phone-{home}", cell_id=f"cell-{home}"))
    session.flush()
    session.add_all(a_listener(name, home[0], phone_id=f"phone-{home}") for name, home in homes.items())
    session.flush()


def a_welfare(**changes: object) -> Welfare:
    """What a site might settle for its Listeners."""
    chosen: dict[str, object] = {
        "rest_minutes": 15,
        "rest_share": 0.5,
        "rest_weight_minutes": 30,
        "talk_minutes_night": 120,
        "talk_minutes_day": 180,
        "talk_minutes_week": 600,
        "shadowed_calls": 3,
        "recurring_training_days": 365,
    }
    return Welfare(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes
