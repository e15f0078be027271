"""What was changed of the rota lately, in words, so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.rota.days import BY_HAND, Clock
from console.rota.wording import day, hours, title
from models.words import ListenerId
from rota.changes import Made, SeatThen


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    id: str
    what: str
    words: str
    at: str
    who: str


def change_shown(made: Made, names: Mapping[ListenerId, str], clock: Clock) -> ShownChange:
    when = clock.day_of(made.at)
    time = f"{made.at.astimezone(clock.zone):%H:%M}"
    return ShownChange(
        id=made.id,
        what=made.what,
        words=_words(made, names, clock),
        at=time if when == clock.today else f"{day(when)}, {time}",
        who=made.who,
    )


def _words(made: Made, names: Mapping[ListenerId, str], clock: Clock) -> str:
    out = [seat for seat in made.seats if not seat.put_in]
    put = [seat for seat in made.seats if seat.put_in]
    match out, put:
        case [], [seat]:
            return f"{names[seat.listener]} put on {_shift(seat, clock)}"
        case [seat], []:
            return f"{names[seat.listener]} taken off {_shift(seat, clock)}"
        case [before], [after] if before.listener == after.listener:
            return f"{names[before.listener]} moved from {_shift(before, clock)} to {_shift(after, clock)}"
        case [before], [after]:
            return f"{names[after.listener]} put on {_shift(after, clock)} instead of {names[before.listener]}"
        case [one, other], _ if one.starts_at == other.starts_at and one.slot == other.slot:
            both = " and ".join(sorted(names[seat.listener] for seat in out))
            return f"{both} changed who is rung first on {_shift(one, clock)}"
        case [one, other], _:
            first, second = (f"{names[seat.listener]} ({_shift(seat, clock)})" for seat in (one, other))
            return f"{first} and {second} swapped"
        case _:
            return "Several seats changed"


def _shift(seat: SeatThen, clock: Clock) -> str:
    name = seat.slot.rpartition(" ")[0] if seat.slot else BY_HAND
    return f"{title(name)}, {day(clock.day_of(seat.starts_at))}, {hours(seat.starts_at, seat.ends_at, clock.zone)}"
