"""A made-up year of a busy line, straight into the tables: more than a line ever keeps, which is calls of 90 days."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import tables
from models.words import CallStage, Cover, OfferEnd, RotaState, Seat
from rota.local_time import instant
from wingline.console_bench.ground import Ground, Row, Rows, ground_of
from wingline.console_bench.prison import BACKUP, FIRST, PATTERNS
from wingline.console_bench.year_of_people import people_rows
from wingline.console_bench.year_of_staff import staff_rows
from wingline.site import SiteFile

A_YEAR, AHEAD = 365, 28
CALLS_A_DAY = 30
# Calls in an hour of the clock, as shares of a day: most of them behind the door.
BY_HOUR = (6, 5, 4, 3, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 7, 8, 9, 9, 8, 7)
# Rows are made by the thousand, in the order in which they refer to each other.
AT_ONCE = 5000


def a_year(session: Session, site: SiteFile, now: datetime, days: int = A_YEAR) -> dict[str, int]:
    """How many rows of each table there are now."""
    ground = ground_of(session, site, now, days)
    made: list[Rows] = [shift_rows(ground), call_rows(ground), people_rows(ground), staff_rows(ground, site.profile())]
    for rows in made:
        for table, some in rows.items():
            for first in range(0, len(some), AT_ONCE):
                session.execute(insert(table), some[first : first + AT_ONCE])
    return {table.__tablename__: len(some) for rows in made for table, some in rows.items()}


def shift_rows(ground: Ground) -> Rows:
    """The year's, four weeks ahead with a seat in ten empty, and a draft for the four weeks after those."""
    shifts: list[Row] = []
    draft: list[Row] = []
    first = ground.today - timedelta(days=ground.days)
    for number in range(ground.days + 2 * AHEAD):
        day = first + timedelta(days=number)
        for name, starts_at, ends_at, who in _duties(ground, day):
            for place, listener in enumerate(who):
                cover = Cover.FIRST if place < FIRST else Cover.BACKUP
                seat = {"listener_id": listener, "cover": cover.value, "starts_at": starts_at, "ends_at": ends_at}
                if number >= ground.days + AHEAD:
                    draft.append({"rota_id": "rota-bench", "slot": f"{name} {day}", **seat})
                elif number < ground.days or ground.random.random() < 0.9:
                    on = starts_at + timedelta(minutes=ground.random.choice((-5, -3, 2, 20)))
                    shifts.append(
                        {"id": f"shift-{ground.serial()}", "site_id": ground.site, "slot": f"{name} {day}", **seat,
                         "checked_in_at": on if starts_at < ground.now else None, "late_at": None}
                    )  # fmt: skip
    since, until = (instant(ground.today + timedelta(days=days), time(), ground.zone) for days in (AHEAD, 2 * AHEAD))
    rota = {
        "id": "rota-bench", "site_id": ground.site, "state": RotaState.DRAFT.value, "since": since, "until": until,
        "made_at": ground.now, "made_by": "coordinator",
    }  # fmt: skip
    return {tables.Shift: shifts, tables.Rota: [rota], tables.DraftShift: draft}


def _duties(ground: Ground, day: date) -> Iterator[tuple[str, datetime, datetime, tuple[str, ...]]]:
    """Everybody in turn, so that nobody has two at once."""
    for number, (name, (starts, ends)) in enumerate(PATTERNS.items()):
        place = (FIRST + BACKUP) * (len(PATTERNS) * day.toordinal() + number)
        who = tuple(ground.listeners[(place + one) % len(ground.listeners)] for one in range(FIRST + BACKUP))
        ends_on = day if ends > starts else day + timedelta(days=1)
        yield name, instant(day, time(starts), ground.zone), instant(ends_on, time(ends), ground.zone), who


def call_rows(ground: Ground) -> Rows:
    """None of them goes on: who talks at the moment is written by the bench itself."""
    calls: list[Row] = []
    offers: list[Row] = []
    talks: list[Row] = []
    for number in range(ground.days * CALLS_A_DAY):
        day = ground.today - timedelta(days=1 + number // CALLS_A_DAY)
        _call(ground, f"call-year-{number}", _moment(ground, day), (calls, offers, talks))
    return {tables.Call: calls, tables.Offer: offers, tables.Talk: talks}


def _moment(ground: Ground, day: date) -> datetime:
    hour = ground.random.choices(range(24), BY_HOUR)[0]
    return instant(day, time(hour, ground.random.randrange(60)), ground.zone)


def _call(ground: Ground, call: str, began: datetime, into: tuple[list[Row], list[Row], list[Row]]) -> None:
    random, (calls, offers, talks) = ground.random, into
    waits, rings = began + timedelta(seconds=12), random.choice((1, 1, 1, 2, 3))
    answered = waits + timedelta(seconds=8 + 25 * (rings - 1) + random.random() * 12)
    taken = random.random() < 0.85
    ended = answered + timedelta(minutes=random.gammavariate(2, 15)) if taken else answered
    # At nights one or two are on; who they are is no matter here, but each has one call at a time.
    who = random.sample(ground.listeners, rings)
    calls.append({
        "id": call, "site_id": ground.site, "stage": CallStage.ENDED.value, "language": "en",
        "listening": random.random() < 0.6, "began_at": began, "waiting_since": waits, "first_waiting_at": waits,
        "outside_at": None if taken or random.random() < 0.5 else answered, "duty_office_at": None, "ended_at": ended,
    })  # fmt: skip
    for place, listener in enumerate(who):
        rang, last = waits + timedelta(seconds=25 * place), place == rings - 1
        end = OfferEnd.TAKEN if taken and last else random.choice((OfferEnd.PASSED, OfferEnd.MISSED))
        offers.append({
            "id": f"offer-{ground.serial()}", "call_id": call, "listener_id": listener, "seat": Seat.FIRST.value,
            "rang_at": rang, "ended_at": answered if last else rang + timedelta(seconds=25), "end": end.value,
        })  # fmt: skip
    if taken:
        talks.append({
            "id": f"talk-{ground.serial()}", "call_id": call, "listener_id": who[-1], "seat": Seat.FIRST.value,
            "began_at": answered, "ended_at": ended, "rest_until": ended + timedelta(minutes=15),
        })  # fmt: skip
