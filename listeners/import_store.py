"""Takes a file of Listeners into the database: new ones, and what has changed of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from listeners import movements_store
from listeners.csv_file import BadCell
from listeners.entry_store import Import, snapshot, take_in, take_on
from listeners.homes import homes_of
from listeners.journey_store import hold_site
from listeners.listeners_file import Entry, WrongCell, read_listeners
from listeners.movements import Movement, Source
from models.words import CellId, ListenerId, MovementKind, SiteId, Standing


@dataclass(frozen=True, slots=True)
class Imported:
    """``phones``: some became or ceased to be a Listener's, so that Asterisk must be told."""

    new: int = 0
    changed: int = 0
    same: int = 0
    phones: bool = False
    wrong: tuple[WrongCell, ...] = ()


def import_listeners(session: Session, site: SiteId, text: str, how: Import, *, strict: bool = False) -> Imported:
    """Takes the right rows; with ``strict`` all or none. BadFile when the file is none of ours."""
    hold_site(session, site)
    entries, wrong = read_listeners(text, movements_store.known_of(session, site), now=how.now)
    found = [*wrong]
    while True:
        attempt = session.begin_nested()
        taken = _take(session, site, entries, how)
        if not taken.wrong:
            break
        # What a wrong row had changed may have made another right or wrong: they are all looked at again without it.
        attempt.rollback()
        found += taken.wrong
        entries = [entry for entry in entries if entry.row not in {one.row for one in found}]
    if strict and found:
        attempt.rollback()
        return Imported(wrong=_in_order(found))
    attempt.commit()
    return replace(taken, wrong=_in_order(found))


def _take(session: Session, site: SiteId, entries: Sequence[Entry], how: Import) -> Imported:
    names = movements_store.known_of(session, site).listeners
    known = {names[entry.code_name.casefold()]: entry for entry in entries if entry.code_name.casefold() in names}
    before = snapshot(session, known)
    wrong = [*_known_ones(session, known, how), *_moves(session, site, known, how.now)]
    moved = snapshot(session, known)
    new = [entry for entry in entries if entry.code_name.casefold() not in names]
    wrong += _new_ones(session, site, new, how)
    changed = sum(before[listener] != moved[listener] for listener in known)
    phones = bool(new) or any(before[one].phone != moved[one].phone for one in known)
    return Imported(len(new), changed, len(known) - changed, phones, tuple(wrong))


def _known_ones(session: Session, known: Mapping[ListenerId, Entry], how: Import) -> list[WrongCell]:
    wrong = []
    for listener, entry in known.items():
        try:
            take_on(session, listener, entry, how)
        except BadCell as error:
            wrong.append(_wrong(entry, error))
    return wrong


def _new_ones(session: Session, site: SiteId, new: Sequence[Entry], how: Import) -> list[WrongCell]:
    wrong = []
    for entry in new:
        try:
            take_in(session, site, entry, how)
        except BadCell as error:
            wrong.append(_wrong(entry, error))
    return wrong


def _moves(session: Session, site: SiteId, known: Mapping[ListenerId, Entry], now: datetime) -> list[WrongCell]:
    """All at once, so that two Listeners can change places; movements would move them back if it were none."""
    at = {listener: cell for cell, listener in homes_of(session, site).holders.items()}
    stay = {listener for listener, entry in known.items() if entry.standing is Standing.LEFT}
    who = [one for one, entry in known.items() if one not in stay and entry.cell and at.get(one) != entry.cell]
    told = [
        Movement(listener=one, kind=MovementKind.CELL_MOVE, since=now, cell=CellId(known[one].cell or ""))
        for one in who
    ]
    recorded = movements_store.record_all(session, site, told, source=Source.CSV, now=now)
    return [WrongCell(known[who[place]].row, column, advice) for place, (column, advice) in recorded.refused.items()]


def _wrong(entry: Entry, error: BadCell) -> WrongCell:
    column, _, advice = str(error).partition(": ")
    return WrongCell(entry.row, column, advice)


def _in_order(wrong: Sequence[WrongCell]) -> tuple[WrongCell, ...]:
    return tuple(sorted(wrong, key=lambda one: one.row))
