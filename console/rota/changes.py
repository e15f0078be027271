"""What was changed of the rota lately, in words, so that it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.language import _
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
            return _("%(listener)s put on %(seat)s", listener=names[seat.listener], seat=_shift(seat, clock))
        case [seat], []:
            return _("%(listener)s taken off %(seat)s", listener=names[seat.listener], seat=_shift(seat, clock))
        case [before], [after] if before.listener == after.listener:
            return _(
                "%(listener)s moved from %(before)s to %(after)s",
                listener=names[before.listener],
                before=_shift(before, clock),
                after=_shift(after, clock),
            )
        case [before], [after]:
            return _(
                "%(listener)s put on %(after)s instead of %(other)s",
                listener=names[after.listener],
                after=_shift(after, clock),
                other=names[before.listener],
            )
        case [one, other], _ if one.starts_at == other.starts_at and one.slot == other.slot:
            both = _(" and ").join(sorted(names[seat.listener] for seat in out))
            return _("%(both)s changed who is rung first on %(shift)s", both=both, shift=_shift(one, clock))
        case [one, other], _:
            first, second = (f"{names[seat.listener]} ({_shift(seat, clock)})" for seat in (one, other))
            return _("%(first)s and %(second)s swapped", first=first, second=second)
        case _:
            return _("Several seats changed")


def _shift(seat: SeatThen, clock: Clock) -> str:
    name = seat.slot.rpartition(" ")[0] if seat.slot else _(BY_HAND)
    return f"{title(name)}, {day(clock.day_of(seat.starts_at))}, {hours(seat.starts_at, seat.ends_at, clock.zone)}"
