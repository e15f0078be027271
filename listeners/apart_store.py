"""Keep-apart rules in the database, and who is therefore not rung for a call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from listeners.apart import Pair, Place, Rule, kept_apart, read_pairs
from listeners.csv_file import Read, WrongRow
from listeners.movements_store import known_of
from models.clock import new_id
from models.tables import Cell, KeepApart, Listener, Phone, Site
from models.words import CellId, ListenerId, PhoneId, Restriction, SiteId, WingId


@dataclass(frozen=True, slots=True)
class Imported:
    """``right`` rows stand as rules now, ``new`` and ``changed`` ones among them; ``removed`` rules are no more."""

    right: int
    new: int
    changed: int
    removed: int
    wrong: tuple[WrongRow, ...] = ()


def import_keep_apart(session: Session, site: SiteId, text: str, *, key: bytes, whole: bool = False) -> Imported:
    """Takes the right rows of a CSV file as docs/movements-file.md describes. BadFile when it is none.

    ``whole``: pairs that are not in the file are removed; but none while a row is wrong, for it may be one of them, and
    none for a file without rows, for it may have been cut short.
    """
    return take_pairs(session, site, read_pairs(text, known_of(session, site)), key=key, whole=whole)


def take_pairs(session: Session, site: SiteId, read: Read[Pair], *, key: bytes, whole: bool = False) -> Imported:
    """The same for rows that came in another way."""
    sure = bool(read.right) and not read.wrong
    found = import_rules(session, site, [pair for _, pair in read.right], key, whole=whole and sure)
    return Imported(found.right, found.new, found.changed, found.removed, read.wrong)


def import_rules(session: Session, site: SiteId, rows: Sequence[Pair], key: bytes, *, whole: bool = False) -> Imported:
    """A pair that is known is replaced, for the other may have moved; ``whole`` removes pairs that are not here."""
    # NO KEY: a call that only refers to the site need not wait.
    session.execute(select(Site.id).where(Site.id == site).with_for_update(key_share=True))
    ours = select(Listener.id).where(Listener.site_id == site)
    known = {
        (row.listener_id, row.other): row
        for row in session.scalars(select(KeepApart).where(KeepApart.listener_id.in_(ours)))
    }
    gone = dict(known) if whole else {}
    new = changed = 0
    for pair in rows:
        at = pair.listener, pair.mark(key)
        gone.pop(at, None)
        row = known.get(at)
        if row is None:
            row = known[at] = KeepApart(id=new_id("apart"), listener_id=pair.listener, other=at[1])
            session.add(row)
            new += 1
        elif (row.other_listener_id, row.cell_id, row.restriction) != (
            pair.other_listener,
            pair.cell,
            pair.restriction,
        ):
            changed += 1
        row.other_listener_id, row.cell_id, row.restriction = pair.other_listener, pair.cell, pair.restriction.value
    session.execute(delete(KeepApart).where(KeepApart.id.in_([row.id for row in gone.values()])))
    session.flush()
    return Imported(len(rows), new, changed, len(gone))


def kept_apart_from(session: Session, phone: PhoneId, *, same_wing_too: bool = False) -> frozenset[ListenerId]:
    """Who must not be rung for a call from this phone: by a rule, or because they live in that cell.

    Asked while ringing; written nowhere, and nobody learns of whom it speaks.
    """
    caller = _place_of(session, phone)
    if caller is None:
        return frozenset()
    there = _listeners_places(session, caller.wing)
    mates = {who for who, place in there.items() if same_wing_too or place.cell == caller.cell}
    return kept_apart(_rules(session, caller.wing, there), caller) | mates


def _rules(session: Session, wing: WingId, there: Mapping[ListenerId, Place]) -> Iterable[Rule]:
    """Those whose other is on this wing: no restriction reaches further. Two Listeners are kept apart both ways."""
    rows = session.execute(
        select(KeepApart.listener_id, KeepApart.other_listener_id, KeepApart.restriction, Cell)
        .outerjoin(Cell, (Cell.id == KeepApart.cell_id) & (Cell.wing_id == wing))
        .where(or_(Cell.id.is_not(None), KeepApart.listener_id.in_(there), KeepApart.other_listener_id.in_(there)))
    )
    for listener, other, restriction, cell in rows:
        one, another, limit = ListenerId(listener), ListenerId(other or ""), Restriction(restriction)
        if cell:
            yield Rule(one, limit, Place(wing, CellId(cell.id), cell.location))
        if other and another in there:
            yield Rule(one, limit, there[another])
        if other and one in there:
            yield Rule(another, limit, there[one])


def _place_of(session: Session, phone: PhoneId) -> Place | None:
    row = session.execute(
        select(Cell.wing_id, Cell.id, Cell.location).join(Phone, Phone.cell_id == Cell.id).where(Phone.id == phone)
    ).one_or_none()
    return Place(WingId(row.wing_id), CellId(row.id), row.location) if row else None


def _listeners_places(session: Session, wing: WingId) -> Mapping[ListenerId, Place]:
    rows = session.execute(
        select(Listener.id, Cell.id, Cell.location)
        .outerjoin(Phone, Phone.id == Listener.phone_id)
        .outerjoin(Cell, Cell.id == Phone.cell_id)
        .where(or_(Listener.wing_id == wing, Cell.wing_id == wing))
    )
    return {
        ListenerId(who): Place(wing, CellId(cell) if cell else None, location or "") for who, cell, location in rows
    }
