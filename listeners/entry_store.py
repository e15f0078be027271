"""What one row of a file of Listeners changes in the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.csv_file import BadCell
from listeners.homes import cells_with_a_phone, homes_of, move
from listeners.journey import Module, Rules, SoFar, Trained, reasons, trained
from listeners.journey_store import Change, begin_with, change_standing, has_history, record_training, so_far
from listeners.listeners_file import Entry
from listeners.movements_store import gone_now
from models.errors import NotAllowed
from models.tables import Cell, Listener
from models.words import CellId, ListenerId, SiteId, Standing, StandingReason
from rota.person import Span

LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Import:
    """Who takes the file, when, and by which rules."""

    who: str
    now: datetime
    rules: Rules


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of a Listener that a file can change; two that are equal differ in nothing."""

    so_far: SoFar
    phone: str | None
    willing: tuple[tuple[str, ...], tuple[str, ...], bool, int | None]


def snapshot(session: Session, listeners: Iterable[ListenerId]) -> Mapping[ListenerId, Snapshot]:
    rows = session.scalars(select(Listener).where(Listener.id.in_(list(listeners)))).all()
    come = so_far(session, rows)
    return {
        ListenerId(row.id): Snapshot(
            come[ListenerId(row.id)],
            row.phone_id,
            (tuple(row.languages), tuple(row.tags), row.experienced, row.weekly_minutes),
        )
        for row in rows
    }


def listener_id(site: SiteId, code_name: str) -> ListenerId:
    """As the site file makes them."""
    return ListenerId(f"{site}-{code_name.lower().replace(' ', '-')}")


def take_in(session: Session, site: SiteId, entry: Entry, how: Import) -> None:
    """A Listener whom Wingline learns of. BadCell says what in the row stands against it."""
    new = listener_id(site, entry.code_name)
    if len(new) > LONGEST_ID:
        raise BadCell("code_name", f"write at most {LONGEST_ID - len(site) - 1} letters")
    if session.get(Listener, new) is not None:
        raise BadCell("code_name", "another Listener's differs from it in capitals and hyphens alone; take another")
    cell = _free_cell(session, site, entry.cell, how.now)
    session.add(
        Listener(
            id=new,
            site_id=site,
            wing_id=cell.wing_id,
            code_name=entry.code_name,
            standing=entry.standing.value,
            languages=list(entry.languages),
            experienced=entry.experienced,
        )
    )
    session.flush()
    move(session, {new: CellId(cell.id)})
    _note(session, new, entry, how)
    _stand(session, new, entry, how)


def take_on(session: Session, listener: ListenerId, entry: Entry, how: Import) -> None:
    """A Listener whom Wingline knows. BadCell says what in the row stands against it."""
    _note(session, listener, entry, how)
    _stand(session, listener, entry, how)


def _free_cell(session: Session, site: SiteId, cell: CellId | None, now: datetime) -> Cell:
    if cell is None:
        raise BadCell("cell", "write where they live")
    if cell not in cells_with_a_phone(session, site):
        raise BadCell("cell", "this cell has no phone yet; wingline site apply FILE gives it one")
    holder = homes_of(session, site).holders.get(cell)
    if holder and holder not in gone_now(session, site, now):
        name = session.get_one(Listener, holder).code_name
        raise BadCell("cell", f"{name} has the phone of this cell; write where {name} lives now, or correct this one")
    return session.get_one(Cell, cell)


def _note(session: Session, listener: ListenerId, entry: Entry, how: Import) -> None:
    """All but standing, certificate and cell."""
    row = session.get_one(Listener, listener)
    row.languages, row.experienced = list(entry.languages), entry.experienced
    if entry.tags is not None:
        row.tags = sorted(entry.tags)
    if entry.weekly_minutes is not None:
        row.weekly_minutes = entry.weekly_minutes
    if entry.shadowed is not None:
        row.shadowed = entry.shadowed
    session.flush()
    done = so_far(session, [row])[listener].trainings
    for module in entry.modules:
        if module not in done:
            record_training(session, listener, Trained(module, how.now))
    if entry.trained_on:
        record_training(session, listener, trained(Module.REFRESHER, entry.trained_on, how.rules))


def _stand(session: Session, listener: ListenerId, entry: Entry, how: Import) -> None:
    row = session.get_one(Listener, listener)
    before = so_far(session, [row])[listener]
    certificate = Span(entry.certified_from, entry.certified_until) if entry.certified_from else before.certificate
    if entry.standing is Standing.CERTIFIED:
        _check_training(before, certificate, how)
    known = has_history(session, listener)
    stays = before.standing is entry.standing
    try:
        if not known and stays:
            begin_with(session, listener, _change(entry, None, certificate, how), how.rules)
        elif not stays or _is_extended(before, certificate):
            change_standing(session, listener, _change(entry, before.standing, certificate, how), how.rules)
        elif certificate:
            row.certified_from, row.certified_until = certificate.since, certificate.until
            session.flush()
    except NotAllowed as error:
        raise BadCell("standing", str(error)) from error


def _is_extended(before: SoFar, certificate: Span | None) -> bool:
    """Somebody who is certified was accredited again; anything else is a correction."""
    if before.standing is not Standing.CERTIFIED or before.certificate is None or certificate is None:
        return False
    old, new = before.certificate.until, certificate.until
    return old is not None and (new is None or new > old)


def _check_training(before: SoFar, certificate: Span | None, how: Import) -> None:
    done = before.trainings.get(Module.REFRESHER)
    if done is None and certificate:
        done = trained(Module.REFRESHER, certificate.since, how.rules)
    if done and done.until and done.until <= how.now:
        raise BadCell(
            "trained_on", "the recurring training is overdue: write when it was last done, or another standing"
        )


def _change(entry: Entry, was: Standing | None, certificate: Span | None, how: Import) -> Change:
    return Change(became=entry.standing, why=_why(entry, was), who=how.who, at=how.now, certificate=certificate)


def _why(entry: Entry, was: Standing | None) -> StandingReason:
    """What the row says, or the only reason that there can be; whether it fits is for the journey to say."""
    possible = reasons(was, entry.standing)
    if entry.why or not possible:
        return entry.why or StandingReason.APPLIED
    if len(possible) > 1:
        raise BadCell("why", f"from {was or 'nothing'} to {entry.standing}: write {' or '.join(sorted(possible))}")
    return min(possible)
