"""A made-up year of a line: calls that come more often at night, Listeners on a rota, rings, talks, and who hung up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from builders import a_call, a_listener, a_shift_row, a_site, a_wing
from sqlalchemy.orm import Session

from models import tables
from models.words import CallStage, Cover, OfferEnd, Seat
from rota.local_time import instant

ZONE = ZoneInfo("Europe/London")
NAMES = tuple(f"bird-{number}" for number in range(12))
# Three shifts of eight hours, with a first and a backup each.
STARTS = (time(6), time(14), time(22))
# Calls in an hour of the clock, as shares of a day: most of them behind the door.
BY_HOUR = (6, 5, 4, 3, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 7, 8, 9, 9, 8, 7)


def a_prison(session: Session) -> None:
    """Two wings with six Listeners each."""
    session.add(a_site())
    session.flush()
    session.add_all([a_wing("A"), a_wing("B")])
    session.flush()
    session.add_all(a_listener(name, "AB"[number % 2]) for number, name in enumerate(NAMES))
    session.flush()


def days_of_calls(session: Session, first: date, days: int, *, calls_a_day: float = 15, seed: int = 1) -> None:
    random, serial = Random(seed), count(1)
    of_calls: list[object] = []
    for day in (first + timedelta(days=number) for number in range(days)):
        session.add_all(_shifts(day, random))
        for number in range(_poisson(calls_a_day, random)):
            call, *others = _call(f"{seed}-{day}-{number}", _moment(day, random), random, serial)
            session.add(call)
            of_calls += others
    session.flush()
    session.add_all(of_calls)
    session.flush()


def _shifts(day: date, random: Random) -> Iterator[tables.Shift]:
    for number, starts in enumerate(STARTS):
        on = instant(day, starts, ZONE)
        for name, cover in zip(_on_duty(day, number), (Cover.FIRST, Cover.BACKUP), strict=True):
            # One in ten signs on late, one in twenty never.
            late = random.choices([-5, 40, None], [85, 10, 5])[0]
            yield a_shift_row(
                name,
                cover,
                starts_at=on,
                ends_at=on + timedelta(hours=8),
                checked_in_at=None if late is None else on + timedelta(minutes=late),
            )


def _on_duty(day: date, number: int) -> tuple[str, str]:
    """Who has that shift of the day."""
    place = 2 * (3 * day.toordinal() + number)
    return NAMES[place % len(NAMES)], NAMES[(place + 1) % len(NAMES)]


def _moment(day: date, random: Random) -> datetime:
    hour = random.choices(range(24), BY_HOUR)[0]
    moment = datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), ZONE)
    return moment.astimezone(UTC)


def _call(name: str, began: datetime, random: Random, serial: Iterator[int]) -> Iterator[object]:
    """The row of the call first; then its rings, and its talk if a Listener took it."""
    waited = began + timedelta(seconds=12)
    answer = timedelta(seconds=random.expovariate(1 / 35) + 4)
    patience = timedelta(seconds=random.expovariate(1 / 400) + 2)
    local = began.astimezone(ZONE) - timedelta(hours=6)
    listener = f"listener-{random.choices(_on_duty(local.date(), local.hour // 8), [3, 1])[0]}"
    answered, gone = waited + answer, waited + min(patience, timedelta(seconds=240))
    took = answer < patience and answer < timedelta(seconds=240)
    ended = answered + timedelta(minutes=random.gammavariate(2, 15)) if took else gone + timedelta(minutes=4)
    outside = None if took or patience < timedelta(seconds=240) else gone
    if not took and outside is None:
        ended = gone
    yield a_call(
        name, stage=CallStage.ENDED, began_at=began, waiting_since=waited, first_waiting_at=waited, ended_at=ended,
        outside_at=outside, listening=random.random() < 0.6,
    )  # fmt: skip
    end = OfferEnd.TAKEN if took else random.choice([OfferEnd.PASSED, OfferEnd.MISSED])
    yield _ring(name, listener, serial, waited, min(answered, ended), end)
    if took:
        yield tables.Talk(
            id=f"talk-{name}", call_id=f"call-{name}", listener_id=listener, seat=Seat.FIRST.value, began_at=answered,
            ended_at=ended, rest_until=ended + timedelta(minutes=15),
        )  # fmt: skip


def _ring(  # noqa: PLR0917  each named by its type
    name: str, listener: str, serial: Iterator[int], rang: datetime, until: datetime, end: OfferEnd
) -> object:
    return tables.Offer(
        id=f"offer-{name}-{next(serial)}", call_id=f"call-{name}", listener_id=listener, seat=Seat.FIRST.value,
        rang_at=rang, ended_at=until, end=end.value,
    )  # fmt: skip


def _poisson(mean: float, random: Random) -> int:
    gone, number = random.expovariate(mean), 0
    while gone < 1:
        gone, number = gone + random.expovariate(mean), number + 1
    return number
