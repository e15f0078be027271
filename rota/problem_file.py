"""A rota problem as a JSON file, so that other tools can ask for a rota without a database: docs/rota-problem.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from models.errors import AskersFault
from models.words import Cover, ListenerId, WingId, WishKind
from rota.local_time import instant
from rota.pattern_part import PatternPart, Weekday
from rota.person import Load, Person, Span, WeeklyWish
from rota.problem import Assigned, Problem, Weights
from rota.rules import Limits
from rota.slot import WEEKDAYS, Slot, one_slot, slots_of

Count = Annotated[int, Field(ge=0, le=1000)]


class BadProblem(AskersFault):
    def __init__(self, file: str, complaint: str) -> None:
        super().__init__(f"rota problem {file}: {complaint}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftPart(PatternPart):
    first: Count = 1
    backup: Count = 0
    experienced: Count = 0


class SlotPart(_Part):
    """One shift on its own, at instants."""

    id: Annotated[str, Field(min_length=1, max_length=60)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    wing: str | None = None
    first: Count = 1
    backup: Count = 0
    experienced: Count = 0


class SpanPart(_Part):
    since: AwareDatetime | date
    until: AwareDatetime | date | None = None


class WishPart(_Part):
    kind: WishKind
    day: Weekday | None = None
    starts: time
    ends: time


class LoadPart(_Part):
    minutes: Annotated[int, Field(ge=0)] = 0
    nights: Count = 0
    weekends: Count = 0


class ListenerPart(_Part):
    id: Annotated[str, Field(min_length=1, max_length=60)]
    wing: str = ""
    certified_from: AwareDatetime | date | None
    certified_until: AwareDatetime | date | None = None
    cleared: bool = True
    reachable: bool = True
    experienced: bool = False
    new: bool = False
    away: list[SpanPart] = []
    leave: list[SpanPart] = []
    wishes: list[WishPart] = []
    weekly_minutes: Annotated[int, Field(ge=0)] | None = None
    before: LoadPart = LoadPart()


class LimitsPart(_Part):
    """Not settled anywhere for Listeners, so the scheme must say: nights in a row, and minutes in any seven days."""

    nights_in_a_row: Annotated[int, Field(ge=1, le=31)]
    weekly_minutes: Annotated[int, Field(ge=0)]
    rest_hours: Annotated[float, Field(ge=0, le=48)] = 11
    night: tuple[time, time] = (time(20), time(8))


class WeightsPart(_Part):
    empty_seat: Annotated[int, Field(ge=0, le=1_000_000)] = Weights().empty_seat
    nobody_on: Annotated[int, Field(ge=0, le=1_000_000)] = Weights().nobody_on
    changed: Count = Weights().changed
    unfair_hour: Count = Weights().unfair_hour
    unfair_night: Count = Weights().unfair_night
    unfair_weekend: Count = Weights().unfair_weekend
    rather_not: Count = Weights().rather_not
    likes: Count = Weights().likes
    other_shift: Count = Weights().other_shift


class AssignedPart(_Part):
    slot: str
    listener: str
    cover: Cover = Cover.FIRST


class StandingPart(_Part):
    listener: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class ProblemFile(_Part):
    zone: str
    since: date
    days: Annotated[int, Field(ge=1, le=400)]
    shifts: list[ShiftPart] = []
    slots: list[SlotPart] = []
    listeners: list[ListenerPart]
    limits: LimitsPart
    keep_apart: list[tuple[str, str]] = []
    standing: list[StandingPart] = []
    published: list[AssignedPart] = []
    weights: WeightsPart = WeightsPart()


def read_problem(path: Path) -> Problem:
    """BadProblem says what to change, by the file's own names."""
    if not path.is_file():
        raise BadProblem(str(path), "there is no such file; docs/rota-problem.md shows one")
    try:
        return problem_in(ProblemFile.model_validate(json.loads(path.read_text("utf-8"))), path.name)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadProblem(path.name, f"this is not JSON in UTF-8: {error}") from error
    except ValidationError as error:
        wrong = (f"  {'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        raise BadProblem(path.name, "change this:\n" + "\n".join(wrong)) from error


def problem_in(file: ProblemFile, name: str) -> Problem:
    try:
        zone = ZoneInfo(file.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadProblem(name, f"zone: there is no zone {file.zone!r}; Europe/London is one") from error
    night = file.limits.night
    slots = slots_of([shift.pattern() for shift in file.shifts], file.since, file.days, zone, night)
    slots += [_slot(one.id, one, zone, night) for one in file.slots]
    slots.sort(key=lambda slot: (slot.starts_at, slot.id))
    problem = Problem(
        zone=zone,
        slots=slots,
        people=[_person(one, zone) for one in file.listeners],
        limits=Limits(
            nights_in_a_row=file.limits.nights_in_a_row,
            weekly_minutes=file.limits.weekly_minutes,
            rest=timedelta(hours=file.limits.rest_hours),
            night=night,
        ),
        apart=frozenset(frozenset({ListenerId(a), ListenerId(b)}) for a, b in file.keep_apart),
        standing=_standing(file, zone),
        published=frozenset(Assigned(one.slot, ListenerId(one.listener), one.cover) for one in file.published),
        weights=Weights(**file.weights.model_dump()),
    )
    complaints = list(_complaints(file, problem))
    if complaints:
        raise BadProblem(name, "change this:\n" + "\n".join(f"  {one}" for one in complaints))
    return problem


def _complaints(file: ProblemFile, problem: Problem) -> Iterator[str]:
    names = [one.id for one in file.listeners]
    ids = [slot.id for slot in problem.slots]
    if not ids:
        yield "shifts, slots: there is nothing to fill; give at least one shift that falls on one of the days"
    for kind, some in (("listeners", names), ("slots", ids)):
        yield from (f"{kind}: {one!r} is there twice" for one in sorted({one for one in some if some.count(one) > 1}))
    for slot in problem.slots:
        if slot.ends_at <= slot.starts_at:
            yield f"slots.{slot.id}: it ends before it begins"
        if slot.experienced > slot.seats:
            yield f"{slot.id}: {slot.experienced} experienced on {slot.seats} seats"
    known = set(names)
    asked = [("keep_apart", one) for pair in file.keep_apart for one in pair]
    asked += [("standing", one.listener) for one in file.standing] + [
        ("published", one.listener) for one in file.published
    ]
    yield from (f"{part}: there is no Listener {one!r}" for part, one in asked if one not in known)
    yield from (f"keep_apart: {a!r} cannot be kept apart from themself" for a, b in file.keep_apart if a == b)
    yield from (f"published: there is no slot {one.slot!r}" for one in file.published if one.slot not in problem.slot)


def _slot(name: str, part: SlotPart | StandingPart, zone: ZoneInfo, night: tuple[time, time]) -> Slot:
    slot = one_slot(name, (part.starts_at, part.ends_at), zone, night)
    if isinstance(part, StandingPart):
        return slot
    wing = WingId(part.wing) if part.wing else None
    return replace(slot, wing=wing, first=part.first, backup=part.backup, experienced=part.experienced)


def _standing(file: ProblemFile, zone: ZoneInfo) -> Mapping[ListenerId, Sequence[Slot]]:
    found: dict[ListenerId, list[Slot]] = {}
    for number, one in enumerate(file.standing):
        slot = _slot(f"standing {number}", one, zone, file.limits.night)
        found.setdefault(ListenerId(one.listener), []).append(slot)
    return found


def _person(part: ListenerPart, zone: ZoneInfo) -> Person:
    certified = None
    if part.certified_from is not None:
        certified = _span(SpanPart(since=part.certified_from, until=part.certified_until), zone)
    return Person(
        id=ListenerId(part.id),
        wing=WingId(part.wing),
        certified=certified,
        cleared=part.cleared,
        reachable=part.reachable,
        experienced=part.experienced,
        new=part.new,
        away=tuple(_span(one, zone) for one in part.away),
        leave=tuple(_span(one, zone) for one in part.leave),
        wishes=tuple(_wish(one) for one in part.wishes),
        weekly_minutes=part.weekly_minutes,
        before=Load(**part.before.model_dump()),
    )


def _span(part: SpanPart, zone: ZoneInfo) -> Span:
    """A date is the whole local day: from its first moment, or until its last."""
    since, until = part.since, part.until
    if not isinstance(since, datetime):
        since = instant(since, time(), zone)
    if until is not None and not isinstance(until, datetime):
        until = instant(until + timedelta(days=1), time(), zone)
    return Span(since, until)


def _wish(part: WishPart) -> WeeklyWish:
    weekday = WEEKDAYS.index(part.day) if part.day else None
    return WeeklyWish(kind=part.kind, weekday=weekday, starts=part.starts, ends=part.ends)
