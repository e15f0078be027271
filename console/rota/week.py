"""One week of the published rota, its swaps, its drafts, and where seats are empty in the weeks ahead."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from console.language import _
from console.rota.changes import ShownChange, change_shown
from console.rota.days import Clock, Day, ShownSeat, ShownShift, as_it_is, by_day, monday_of, shown
from console.rota.store import AHEAD_DAYS, Addressed, DraftMade, WeekFacts
from console.rota.wording import FAVOURS, hours, rules
from models.words import Cover, ListenerId
from rota.favours import Favours
from rota.problem import Problem
from rota.rules import Rule
from rota.shift import Shift
from rota.site_rota import broken_now
from rota.slot import Slot
from rota.swaps import OpenSwap

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSwap:
    id: str
    day: date
    hours: str
    asked_by: str
    accepted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDraft:
    """``letter`` and ``favours`` are empty for a draft that was not made here."""

    id: str
    letter: str
    favours: str
    first: date
    last: date
    made_on: date
    made_at: str
    made_by: str

    @property
    def called(self) -> str:
        return (
            _("Draft %(letter)s, %(favours)s", letter=self.letter, favours=self.favours)
            if self.letter
            else _("Draft from elsewhere")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """``empty`` counts seats that nobody has on shifts that are not over, ``wrong`` those whose Listener breaks a rule.

    ``ahead`` is both, for each week that has any.
    """

    monday: date
    today: date
    days: tuple[Day, ...]
    empty: int
    wrong: int
    ahead: tuple[tuple[date, int, int], ...]
    swaps: tuple[ShownSwap, ...]
    drafts: tuple[ShownDraft, ...]
    changes: tuple[ShownChange, ...]

    @property
    def last(self) -> date:
        return self.monday + timedelta(days=DAYS - 1)

    @property
    def previous(self) -> date:
        return self.monday - timedelta(days=DAYS)

    @property
    def following(self) -> date:
        return self.monday + timedelta(days=DAYS)

    @property
    def is_this_week(self) -> bool:
        return self.monday <= self.today < self.following


def week_of(facts: WeekFacts, monday: date, now: datetime) -> Week:
    clock = Clock(facts.problem.zone, now)
    asked = {swap.shift for swap in facts.swaps}
    wrong = _wrong(facts, clock)
    shifts = shifts_of(facts.problem, facts.seats, facts.people, clock, swaps=asked)
    days = by_day([_marked(shift, wrong) for _slot, shift in shifts], monday, DAYS, clock)
    return Week(
        monday=monday,
        today=clock.today,
        days=days,
        empty=sum(shift.empty for day in days for shift in day.shifts if shift.is_short),
        wrong=sum(bool(seat.wrong) for day in days for shift in day.shifts for seat in shift.seats),
        ahead=_ahead(facts, clock),
        swaps=tuple(swap_shown(swap, facts.names, clock) for swap in facts.swaps),
        drafts=tuple(draft_shown(draft, clock) for draft in facts.drafts),
        changes=tuple(change_shown(made, facts.names, clock) for made in facts.changes),
    )


def undo_of(week: Week, done: str) -> ShownChange | None:
    """What has just been done, where it can be taken back; ``done`` is the word that the address brings."""
    return next((change for change in week.changes[:1] if change.what == done), None)


def shifts_of(
    problem: Problem, seats: Sequence[Shift], people: Addressed, clock: Clock, *, swaps: Collection[str] = ()
) -> list[tuple[Slot, ShownShift]]:
    """As they follow each other; what was written by hand has a slot without an id. ``swaps``: shifts asked about."""
    found = _with_seats(problem, seats, clock)
    in_order = sorted(found, key=lambda pair: (pair[0].starts_at, pair[0].id))
    return [(slot, shown(slot, [_seat(one, people, swaps, clock) for one in some], clock)) for slot, some in in_order]


def _with_seats(problem: Problem, seats: Sequence[Shift], clock: Clock) -> Iterator[tuple[Slot, list[Shift]]]:
    filled: defaultdict[str, list[Shift]] = defaultdict(list)
    by_hand: defaultdict[tuple[datetime, datetime], list[Shift]] = defaultdict(list)
    for seat in seats:
        if seat.slot in problem.slot:
            filled[seat.slot or ""].append(seat)
        else:
            by_hand[seat.starts_at, seat.ends_at].append(seat)
    yield from ((slot, filled[slot.id]) for slot in problem.slots)
    yield from ((as_it_is(span, clock), some) for span, some in by_hand.items())


def _seat(seat: Shift, people: Addressed, swaps: Collection[str], clock: Clock) -> ShownSeat:
    return ShownSeat(
        code_name=people.names[seat.listener],
        backup=seat.cover is Cover.BACKUP,
        shift=seat.id if seat.ends_at > clock.now else "",
        address=people.addresses.get(seat.listener, ""),
        swap_asked=seat.id in swaps,
    )


def _wrong(facts: WeekFacts, clock: Clock) -> Mapping[str, str]:
    """By the id of a seat that is not over, the rules that its Listener breaks, in words."""
    found: defaultdict[tuple[str, ListenerId], list[Rule]] = defaultdict(list)
    for slot, one in broken_now(facts.problem, now=clock.now):
        found[slot.id, one.listener].append(one.rule)
    slot_of = {seat.id: seat.slot if seat.slot in facts.problem.slot else seat.id for seat in facts.seats}
    return {seat.id: rules(found[slot_of[seat.id] or "", seat.listener]) for seat in facts.seats}


def _marked(shift: ShownShift, wrong: Mapping[str, str]) -> ShownShift:
    return replace(shift, seats=tuple(replace(seat, wrong=wrong.get(seat.shift, "")) for seat in shift.seats))


def _ahead(facts: WeekFacts, clock: Clock) -> tuple[tuple[date, int, int], ...]:
    """The Monday of each week with empty seats, or with seats that break a rule, and how many of each."""
    taken = Counter(one.slot for one in facts.ahead.published)
    empty: Counter[date] = Counter()
    for slot in facts.ahead.slots:
        if slot.ends_at > clock.now:
            empty[monday_of(clock.day_of(slot.starts_at))] += max(0, slot.seats - taken[slot.id])
    broken = {(slot.starts_at, one.listener) for slot, one in broken_now(facts.ahead, now=clock.now)}
    days = [clock.day_of(starts_at) for starts_at, _listener in broken]
    wrong = Counter(monday_of(day) for day in days if day < clock.today + timedelta(days=AHEAD_DAYS))
    return tuple((monday, empty[monday], wrong[monday]) for monday in sorted(+empty | wrong))


def swap_shown(swap: OpenSwap, names: Mapping[ListenerId, str], clock: Clock) -> ShownSwap:
    return ShownSwap(
        id=swap.id,
        day=clock.day_of(swap.starts_at),
        hours=hours(swap.starts_at, swap.ends_at, clock.zone),
        asked_by=names[swap.asked_by],
        accepted_by=names[swap.accepted_by] if swap.accepted_by else "",
    )


def draft_shown(draft: DraftMade, clock: Clock) -> ShownDraft:
    favours = Favours(draft.favours) if draft.favours else None
    return ShownDraft(
        id=draft.id,
        letter=favours.letter if favours else "",
        favours=FAVOURS[favours] if favours else "",
        first=clock.day_of(draft.since),
        last=clock.day_of(draft.until) - timedelta(days=1),
        made_on=clock.day_of(draft.made_at),
        made_at=f"{draft.made_at.astimezone(clock.zone):%H:%M}",
        made_by=draft.made_by,
    )
