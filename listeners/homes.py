"""Which Listener has the phone of which cell in the database, and how that changes."""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from listeners.movements import Homes
from models.tables import Cell, Listener, Phone, Wing
from models.words import CellId, ListenerId, PhoneKind, SiteId, Standing


def homes_of(session: Session, site: SiteId) -> Homes:
    rows = session.execute(
        select(Listener.id, Listener.standing, Phone.cell_id)
        .outerjoin(Phone, Phone.id == Listener.phone_id)
        .where(Listener.site_id == site)
    ).all()
    return Homes(
        holders={CellId(row.cell_id): ListenerId(row.id) for row in rows if row.cell_id},
        left=frozenset(ListenerId(row.id) for row in rows if row.standing == Standing.LEFT),
    )


def cells_of(session: Session, site: SiteId) -> Mapping[CellId, str]:
    """With their locations."""
    query = select(Cell.id, Cell.location).join(Wing, Wing.id == Cell.wing_id).where(Wing.site_id == site)
    return {CellId(row.id): row.location for row in session.execute(query)}


def cells_with_a_phone(session: Session, site: SiteId) -> frozenset[CellId]:
    query = select(Phone.cell_id).where(Phone.site_id == site, Phone.cell_id.is_not(None))
    return frozenset(CellId(cell) for cell in session.scalars(query) if cell)


def move(session: Session, moves: Mapping[ListenerId, CellId]) -> None:
    """All phones are given up before any is taken, because two may change places."""
    query = select(Phone.id, Phone.cell_id, Cell.wing_id).join(Cell, Cell.id == Phone.cell_id)
    rows = session.execute(query.where(Phone.cell_id.in_(list(moves.values()))))
    there = {CellId(row.cell_id): (row.id, row.wing_id) for row in rows}
    taken = [phone for phone, _ in there.values()]
    gives_up = Listener.id.in_(list(moves)) | Listener.phone_id.in_(taken)
    old = session.scalars(select(Listener.phone_id).where(gives_up, Listener.phone_id.is_not(None))).all()
    session.execute(update(Listener).where(gives_up).values(phone_id=None))
    session.execute(update(Phone).where(Phone.id.in_(old)).values(kind=PhoneKind.CELL.value))
    for who, cell in moves.items():
        phone, wing = there[cell]
        session.execute(update(Listener).where(Listener.id == who).values(phone_id=phone, wing_id=wing))
    session.execute(update(Phone).where(Phone.id.in_(taken)).values(kind=PhoneKind.LISTENER.value))
