"""One week of the published rota, its swaps, its drafts, and where seats are empty in the weeks ahead."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.rota.days import BY_HAND, Clock, Day, ShownSeat, ShownShift, by_day, monday_of, shown
from console.rota.store import DraftMade, WeekFacts
from console.rota.wording import hours
from models.words import Cover, ListenerId
from rota.shift import Shift
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
    id: str
    first: date
    last: date
    made_on: date
    made_at: str
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """``empty`` and ``ahead`` count seats that nobody has on shifts that are not over."""

    monday: date
    today: date
    days: tuple[Day, ...]
    empty: int
    ahead: tuple[tuple[date, int], ...]
    swaps: tuple[ShownSwap, ...]
    drafts: tuple[ShownDraft, ...]

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
    shifts = sorted(_shifts(facts, clock), key=lambda pair: (pair[0], pair[1].slot))
    days = by_day([shift for _, shift in shifts], monday, DAYS, clock)
    return Week(
        monday=monday,
        today=clock.today,
        days=days,
        empty=sum(shift.empty for day in days for shift in day.shifts if shift.is_short),
        ahead=_ahead(facts, clock),
        swaps=tuple(swap_shown(swap, facts.names, clock) for swap in facts.swaps),
        drafts=tuple(draft_shown(draft, clock) for draft in facts.drafts),
    )


def _shifts(facts: WeekFacts, clock: Clock) -> Iterator[tuple[datetime, ShownShift]]:
    filled: defaultdict[str, list[Shift]] = defaultdict(list)
    by_hand: defaultdict[tuple[datetime, datetime], list[Shift]] = defaultdict(list)
    for seat in facts.seats:
        if seat.slot in facts.problem.slot:
            filled[seat.slot or ""].append(seat)
        else:
            by_hand[seat.starts_at, seat.ends_at].append(seat)
    asked = {swap.shift for swap in facts.swaps}
    for slot in facts.problem.slots:
        seats = [_seat(seat, facts.names, asked, clock) for seat in filled[slot.id]]
        yield slot.starts_at, shown(slot, seats, clock)
    for span, some in by_hand.items():
        seats = [_seat(seat, facts.names, asked, clock) for seat in some]
        yield span[0], shown(_as_it_is(span, clock), seats, clock)


def _as_it_is(span: tuple[datetime, datetime], clock: Clock) -> Slot:
    """No pattern asks for it, so no seat of it is empty."""
    return Slot(id="", name=BY_HAND, day=clock.day_of(span[0]), starts_at=span[0], ends_at=span[1], first=0)


def _seat(seat: Shift, names: Mapping[ListenerId, str], asked: set[str], clock: Clock) -> ShownSeat:
    return ShownSeat(
        code_name=names[seat.listener],
        backup=seat.cover is Cover.BACKUP,
        shift=seat.id if seat.ends_at > clock.now else "",
        swap_asked=seat.id in asked,
    )


def _ahead(facts: WeekFacts, clock: Clock) -> tuple[tuple[date, int], ...]:
    """The Monday of each week with empty seats, and how many."""
    taken = Counter(one.slot for one in facts.ahead.published)
    empty: Counter[date] = Counter()
    for slot in facts.ahead.slots:
        if slot.ends_at > clock.now:
            empty[monday_of(clock.day_of(slot.starts_at))] += max(0, slot.seats - taken[slot.id])
    return tuple(sorted((monday, seats) for monday, seats in empty.items() if seats))


def swap_shown(swap: OpenSwap, names: Mapping[ListenerId, str], clock: Clock) -> ShownSwap:
    return ShownSwap(
        id=swap.id,
        day=clock.day_of(swap.starts_at),
        hours=hours(swap.starts_at, swap.ends_at, clock.zone),
        asked_by=names[swap.asked_by],
        accepted_by=names[swap.accepted_by] if swap.accepted_by else "",
    )


def draft_shown(draft: DraftMade, clock: Clock) -> ShownDraft:
    return ShownDraft(
        id=draft.id,
        first=clock.day_of(draft.since),
        last=clock.day_of(draft.until) - timedelta(days=1),
        made_on=clock.day_of(draft.made_at),
        made_at=f"{draft.made_at.astimezone(clock.zone):%H:%M}",
        made_by=draft.made_by,
    )
