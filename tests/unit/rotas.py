"""Small rota problems with defaults, so that a test says only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.words import ListenerId, WingId
from rota.person import Person, Span
from rota.problem import Problem
from rota.rules import Limits
from rota.slot import Pattern, Slot, slots_of

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 12, 1)
ALWAYS = Span(datetime(2026, 1, 1, tzinfo=UTC))
NIGHT = (time(20), time(8))
LIMITS = Limits(nights_in_a_row=3, weekly_minutes=3000)


def a_pattern(name: str = "night", starts: str = "22:00", ends: str = "02:00", **changes: object) -> Pattern:
    chosen = {"name": name, "starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return Pattern(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def nights(days: int = 1, since: date = DAY, **changes: object) -> list[Slot]:
    return slots_of([a_pattern(**changes)], since, days, LONDON, NIGHT)  # type: ignore[arg-type]


def a_person(name: str = "robin", /, wing: str = "A", **changes: object) -> Person:
    chosen = {"id": ListenerId(name), "wing": WingId(wing), "certified": ALWAYS}
    return Person(**chosen | changes)  # type: ignore[arg-type]


def a_problem(slots: list[Slot], *people: Person, **changes: object) -> Problem:
    chosen = {"zone": LONDON, "slots": slots, "people": people, "limits": LIMITS}
    return Problem(**chosen | changes)  # type: ignore[arg-type]


def days_from(day: date, number: int) -> date:
    return day + timedelta(days=number)
