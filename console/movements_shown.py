"""Movements as their page shows them: what is recorded, what followed from it, and which rows were wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from console.movements_wording import KINDS, done, moment
from console.rota.days import BY_HAND, Clock
from console.rota.wording import hours
from listeners.csv_file import WrongRow
from listeners.movements_ahead import MovementAhead
from listeners.movements_store import Effect, Imported
from models.words import Cover, ListenerId, MovementKind
from rota.shift import Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMovement:
    """``has_begun`` counts already; a cell move that has begun waits for whoever has that cell's phone."""

    id: str
    code_name: str
    kind: str
    since: str
    until: str
    cell: str
    has_begun: bool
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreedSeat:
    """A seat that is empty now; ``slot`` is empty where no pattern asks for it."""

    code_name: str
    slot: str
    name: str
    day: date
    hours: str
    backup: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """Code names of who has another phone now, and of who waits for one."""

    freed: tuple[FreedSeat, ...] = ()
    moved: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """The form for one movement as somebody filled it in."""

    code_name: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    cell: str = ""

    @property
    def cells(self) -> Mapping[str, str]:
        return {column: written.strip() for column, written in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a form: what was done, what followed, and which rows were not taken and can be sent again."""

    done: str = ""
    complaint: str = ""
    followed: Followed = field(default_factory=Followed)
    wrong: tuple[WrongRow, ...] = ()
    again: str = ""
    filled: Filled = field(default_factory=Filled)


def shown(ahead: MovementAhead, clock: Clock) -> ShownMovement:
    has_begun = ahead.since <= clock.now
    return ShownMovement(
        id=ahead.id,
        code_name=ahead.code_name,
        kind=KINDS[ahead.kind],
        since=moment(ahead.since, clock),
        until=moment(ahead.until, clock) if ahead.until else "",
        cell=ahead.location,
        has_begun=has_begun,
        waits=has_begun and ahead.kind is MovementKind.CELL_MOVE,
    )


def followed(effect: Effect, names: Mapping[ListenerId, str], clock: Clock) -> Followed:
    return Followed(
        freed=tuple(_freed(one, names, clock) for one in sorted(effect.freed, key=lambda one: one.starts_at)),
        moved=_called(effect.moved, names),
        stuck=_called(effect.stuck, names),
    )


def said(found: Imported) -> str:
    return done(found.right, found.right - found.new - found.changed) if found.right else ""


def _called(listeners: Sequence[ListenerId], names: Mapping[ListenerId, str]) -> tuple[str, ...]:
    return tuple(sorted(names[listener] for listener in listeners))


def _freed(one: Shift, names: Mapping[ListenerId, str], clock: Clock) -> FreedSeat:
    day = clock.day_of(one.starts_at)
    return FreedSeat(
        code_name=names[one.listener],
        slot=one.slot or "",
        name=one.slot.rpartition(" ")[0] if one.slot else BY_HAND,
        day=day,
        hours=hours(one.starts_at, one.ends_at, clock.zone),
        backup=one.cover is Cover.BACKUP,
    )
