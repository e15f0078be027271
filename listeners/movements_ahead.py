"""The movements that count now or will, and taking one back that was a mistake."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from listeners.homes import homes_of
from listeners.journey_store import hold_site
from listeners.movements import Movement, to_move
from listeners.movements_store import Effect, settle
from models import tables
from models.errors import UnknownName
from models.words import CellId, ListenerId, MovementKind, SiteId, Standing
from rota.away import Moved, back_at


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementAhead:
    """A movement that is not over. ``until`` is when they are known to be back, by this or by a return.

    ``location`` is where a cell move goes; one that has begun waits for whoever has that cell's phone.
    """

    id: str
    code_name: str
    kind: MovementKind
    since: datetime
    until: datetime | None
    location: str


@dataclass(frozen=True, slots=True)
class _Told:
    """One movement as it was recorded last; another source may have told the same."""

    row: tables.Movement
    code_name: str
    location: str

    @property
    def movement(self) -> Movement:
        row = self.row
        return Movement(
            listener=ListenerId(row.listener_id),
            kind=MovementKind(row.kind),
            since=row.since,
            until=row.until,
            cell=CellId(row.cell_id) if row.cell_id else None,
        )

    @property
    def moved(self) -> Moved:
        return Moved(self.row.since, MovementKind(self.row.kind), self.row.until)


def movements_ahead(session: Session, site: SiteId, now: datetime) -> tuple[MovementAhead, ...]:
    """What begins first comes first; of those who have left the scheme nothing."""
    told = _told(session, site)
    waiting = to_move([one.movement for one in told], homes_of(session, site), now)
    of: defaultdict[str, list[_Told]] = defaultdict(list)
    for one in told:
        of[one.row.listener_id].append(one)
    found = [ahead for some in of.values() for ahead in _ahead(some, waiting, now)]
    return tuple(sorted(found, key=lambda one: (one.since, one.code_name, one.kind)))


def take_back(session: Session, site: SiteId, movement: str, now: datetime) -> Effect:
    """As if nobody had told of it, whoever did; UnknownName when it is over, or was taken back already.

    Shifts that were freed stay free: somebody else may have them by now.
    """
    hold_site(session, site)
    if movement not in {one.id for one in movements_ahead(session, site, now)}:
        raise UnknownName("movement that counts now or later", movement)
    row = session.get_one(tables.Movement, movement)
    same = (
        tables.Movement.listener_id == row.listener_id,
        tables.Movement.kind == row.kind,
        tables.Movement.since == row.since,
    )
    session.execute(delete(tables.Movement).where(*same))
    # Without a return that was expected, somebody is away for longer.
    return settle(session, site, now)


def _told(session: Session, site: SiteId) -> Sequence[_Told]:
    rows = session.execute(
        select(tables.Movement, tables.Listener.code_name, tables.Cell.location)
        .join(tables.Listener, tables.Listener.id == tables.Movement.listener_id)
        .outerjoin(tables.Cell, tables.Cell.id == tables.Movement.cell_id)
        .where(tables.Listener.site_id == site, tables.Listener.standing != Standing.LEFT.value)
        .order_by(tables.Movement.since, tables.Movement.recorded_at, tables.Movement.id)
    )
    return [_Told(row, code_name, location or "") for row, code_name, location in rows]


def _ahead(told: Sequence[_Told], waiting: Mapping[ListenerId, Movement], now: datetime) -> Iterator[MovementAhead]:
    """Of one Listener."""
    same: defaultdict[tuple[str, datetime], list[_Told]] = defaultdict(list)
    for one in told:
        same[one.row.kind, one.row.since].append(one)
    known = [one.moved for one in told]
    for some in same.values():
        last = some[-1].movement
        if last.kind in {MovementKind.CELL_MOVE, MovementKind.RETURNED}:
            until, counts = None, last.since > now or waiting.get(last.listener) == last
        else:
            until = _until(some, known)
            counts = until is None or until > now
        if counts:
            yield MovementAhead(
                id=some[-1].row.id,
                code_name=some[-1].code_name,
                kind=last.kind,
                since=last.since,
                until=until,
                location=some[-1].location,
            )


def _until(same: Iterable[_Told], known: Sequence[Moved]) -> datetime | None:
    """Where two sources differ, the longer absence holds (rota.away)."""
    ends = [back_at(one.moved, known) for one in same]
    found = [end for end in ends if end is not None]
    return max(found) if len(found) == len(ends) else None
