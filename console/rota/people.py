"""What each Listener has on the rota in the weeks ahead, and whether it is shared fairly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.rota.days import Clock, monday_of
from console.rota.store import Addressed
from console.rota.wording import hours
from models.words import AbsenceKind, Cover, ListenerId
from rota.checks import Duties, weekly_cap
from rota.leave import Leave
from rota.person import Person
from rota.problem import Problem
from rota.shift import Shift
from rota.slot import Slot

WEEKS, WEEKS_OF_ONE = 4, 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekAhead:
    """What somebody has from a Monday to its Sunday."""

    monday: date
    minutes: int
    shifts: int
    nights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAhead:
    """``cap``: minutes in any seven days that their rules allow."""

    code_name: str
    address: str
    wing: str
    weeks: tuple[WeekAhead, ...]
    cap: int

    @property
    def minutes(self) -> int:
        return sum(week.minutes for week in self.weeks)

    @property
    def shifts(self) -> int:
        return sum(week.shifts for week in self.weeks)

    @property
    def nights(self) -> int:
        return sum(week.nights for week in self.weeks)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnShift:
    """A shift of theirs. ``move`` is its id where it has not begun."""

    day: date
    name: str
    hours: str
    backup: bool
    move: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLeave:
    kind: AbsenceKind
    begins: str
    ends: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPerson:
    """``ahead`` is none of somebody who is not on the rota: they have left, or only applied."""

    code_name: str
    address: str
    ahead: PersonAhead | None
    shifts: tuple[OwnShift, ...]
    leave: tuple[OwnLeave, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    listener: ListenerId
    problem: Problem
    people: Addressed
    shifts: Sequence[Shift]
    leave: Sequence[Leave]


def everybody(problem: Problem, people: Addressed, first: date, weeks: int = WEEKS) -> tuple[PersonAhead, ...]:
    """By code name: nobody is first or last in what they do."""
    duties = Duties(problem, problem.published)
    found = (_ahead(person, problem, duties.of(person.id), people, _mondays(first, weeks)) for person in problem.people)
    return tuple(sorted(found, key=lambda one: one.code_name))


def person_of(facts: PersonFacts, first: date, clock: Clock) -> ShownPerson:
    person = facts.problem.person.get(facts.listener)
    duties = Duties(facts.problem, facts.problem.published).of(facts.listener)
    mondays = _mondays(first, WEEKS_OF_ONE)
    return ShownPerson(
        code_name=facts.people.names[facts.listener],
        address=facts.people.addresses[facts.listener],
        ahead=_ahead(person, facts.problem, duties, facts.people, mondays) if person else None,
        shifts=tuple(_own(shift, facts.problem.slot, clock) for shift in facts.shifts),
        leave=tuple(_leave(one, clock) for one in facts.leave),
    )


def _mondays(first: date, weeks: int) -> list[date]:
    return [monday_of(first) + WEEK * number for number in range(weeks)]


def _ahead(
    person: Person, problem: Problem, duties: Sequence[Slot], people: Addressed, mondays: Sequence[date]
) -> PersonAhead:
    return PersonAhead(
        code_name=person.called,
        address=people.addresses[person.id],
        wing=person.wing,
        weeks=tuple(_week(duties, monday) for monday in mondays),
        cap=weekly_cap(person, problem),
    )


def _week(duties: Sequence[Slot], monday: date) -> WeekAhead:
    those = [slot for slot in duties if monday <= slot.day < monday + WEEK]
    return WeekAhead(monday, sum(slot.minutes for slot in those), len(those), sum(slot.night for slot in those))


def _own(shift: Shift, slots: Mapping[str, Slot], clock: Clock) -> OwnShift:
    slot = slots.get(shift.slot or "")
    return OwnShift(
        day=clock.day_of(shift.starts_at),
        name=slot.name if slot else "",
        hours=hours(shift.starts_at, shift.ends_at, clock.zone),
        backup=shift.cover is Cover.BACKUP,
        move=shift.id if shift.starts_at > clock.now else "",
    )


def _leave(one: Leave, clock: Clock) -> OwnLeave:
    def at(moment: datetime) -> str:
        return f"{moment.astimezone(clock.zone):%H:%M}"

    return OwnLeave(
        kind=one.kind,
        begins=at(one.starts_at),
        ends=at(one.ends_at),
        first=clock.day_of(one.starts_at),
        last=clock.day_of(one.ends_at),
    )
