"""Writes movements, and makes them count: shifts are freed, cells and phones change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from listeners.csv_file import Known, Read, WrongRow
from listeners.homes import cells_of, cells_with_a_phone, homes_of, move
from listeners.movements import (
    Movement,
    Source,
    away_at,
    away_spans,
    gone_at,
    in_the_way,
    read_movements,
    refused_moves,
    to_move,
    why_wrong,
)
from models import tables
from models.clock import new_id
from models.errors import NotAllowed
from models.words import CellId, ListenerId, MovementKind, SiteId
from rota.shift import Shift
from rota.store import shifts_not_over

# By its place in what was given: the column, and what to do.
Refused = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed.

    ``freed`` are seats that somebody cannot fill any more. ``moved`` have another phone now, so Asterisk must be told;
    ``stuck`` wait for whoever is in their new cell.
    """

    freed: tuple[Shift, ...] = ()
    moved: tuple[ListenerId, ...] = ()
    stuck: tuple[ListenerId, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    new: int
    changed: int
    refused: Refused
    effect: Effect


@dataclass(frozen=True, slots=True)
class Imported:
    """``right`` rows are recorded now, or were before."""

    right: int
    new: int
    changed: int
    wrong: tuple[WrongRow, ...]
    effect: Effect


@dataclass(frozen=True, slots=True)
class _Plan:
    freed: tuple[Shift, ...]
    moves: Mapping[ListenerId, CellId]
    stuck: tuple[ListenerId, ...]


def import_movements(session: Session, site: SiteId, text: str, *, now: datetime) -> Imported:
    """Takes the right rows of a CSV file as docs/movements-file.md describes. BadFile when it is none."""
    return take_rows(session, site, read_movements(text, known_of(session, site)), source=Source.CSV, now=now)


def take_rows(session: Session, site: SiteId, read: Read[Movement], *, source: Source, now: datetime) -> Imported:
    """The same for rows that came in another way."""
    found = record_all(session, site, [one for _, one in read.right], source=source, now=now)
    refused = [
        WrongRow(read.right[place][0], f"{column}: {advice}") for place, (column, advice) in found.refused.items()
    ]
    wrong = tuple(sorted([*read.wrong, *refused], key=lambda one: one.row))
    return Imported(len(read.right) - len(refused), found.new, found.changed, wrong, found.effect)


def record(session: Session, site: SiteId, movement: Movement, *, source: Source, now: datetime) -> Effect:
    """NotAllowed says why it cannot be. Told again by the same source, it is the same row with a new end or cell."""
    recorded = record_all(session, site, [movement], source=source, now=now)
    for column, advice in recorded.refused.values():
        raise NotAllowed("record the movement", f"{column}: {advice}")
    return recorded.effect


def record_all(
    session: Session, site: SiteId, movements: Sequence[Movement], *, source: Source, now: datetime
) -> Recorded:
    """As ``record``, all at once, so that two Listeners can change places; what cannot be is left out."""
    _hold(session, site)
    refused = _refused(session, site, movements, now)
    told = [one for place, one in enumerate(movements) if place not in refused]
    new, changed = _write(session, site, told, source=source, now=now)
    return Recorded(new, changed, refused, _carry_out(session, _plan(session, site, now)))


def settle(session: Session, site: SiteId, now: datetime) -> Effect:
    """Cell moves whose time has come are made, and shifts that have become impossible are freed."""
    plan = _plan(session, site, now)
    if not (plan.freed or plan.moves):
        return Effect(stuck=plan.stuck)
    _hold(session, site)
    return _carry_out(session, _plan(session, site, now))


def away_now(session: Session, site: SiteId, now: datetime) -> frozenset[ListenerId]:
    return away_at(_movements(session, site), now)


def gone_now(session: Session, site: SiteId, now: datetime) -> frozenset[ListenerId]:
    """Whose cell and phone are anybody's by now, although they may not have been given to anybody yet."""
    return gone_at(_movements(session, site), homes_of(session, site), now)


def known_of(session: Session, site: SiteId) -> Known:
    """What the rows of a file are read against."""
    names = _names(session, site)
    return Known(
        listeners={name.casefold(): listener for listener, name in names.items()},
        cells={location.casefold(): cell for cell, location in cells_of(session, site).items()},
        zone=ZoneInfo(session.get_one(tables.Site, site).zone),
    )


def _hold(session: Session, site: SiteId) -> None:
    # Whoever writes the rota holds the site. NO KEY: a call that only refers to the site need not wait.
    session.execute(select(tables.Site.id).where(tables.Site.id == site).with_for_update(key_share=True))


# ---- what is recorded


def _refused(session: Session, site: SiteId, movements: Sequence[Movement], now: datetime) -> Refused:
    names, cells, phones = _names(session, site), cells_of(session, site), cells_with_a_phone(session, site)
    refused: dict[int, tuple[str, str]] = {}
    for place, one in enumerate(movements):
        if one.listener not in names:
            refused[place] = "code_name", "there is no such Listener at this site"
        elif wrong := why_wrong(one):
            refused[place] = wrong
        elif one.cell and one.cell not in cells:
            refused[place] = "cell", "there is no such cell at this site; correct it, or add it to the site file"
        elif one.cell and one.cell not in phones:
            refused[place] = "cell", "this cell has no phone yet; wingline site apply FILE gives it one"
    places = [place for place in range(len(movements)) if place not in refused]
    told, homes = [movements[place] for place in places], homes_of(session, site)
    taken = refused_moves(_movements(session, site), told, homes, now=now)
    for number, holder in taken.items():
        name = names[holder]
        refused[places[number]] = "cell", f"{name} has the phone of this cell; record first where {name} went"
    return refused


def _write(
    session: Session, site: SiteId, movements: Sequence[Movement], *, source: Source, now: datetime
) -> tuple[int, int]:
    """How many rows are new, and how many have changed."""
    query = select(tables.Movement).where(tables.Movement.source == source, _ours(site))
    rows = {(row.listener_id, row.kind, row.since): row for row in session.scalars(query)}
    new, changed = set(), set()
    for one in movements:
        key = (one.listener, one.kind.value, one.since)
        row = rows.get(key)
        if row is None:
            row = rows[key] = tables.Movement(
                id=new_id("movement"),
                listener_id=one.listener,
                kind=one.kind.value,
                since=one.since,
                source=source.value,
            )
            session.add(row)
            new.add(key)
        elif (row.until, row.cell_id) != (one.until, one.cell):
            changed.add(key)
        else:
            continue
        row.until, row.cell_id, row.recorded_at = one.until, one.cell, now
    session.flush()
    return len(new), len(changed - new)


def _movements(session: Session, site: SiteId) -> list[Movement]:
    """Of two that begin at once, the one that was told last comes last.

    Also those that are over: which return is from where depends on them (rota.away).
    """
    one = tables.Movement
    rows = session.execute(
        select(one.listener_id, one.kind, one.since, one.until, one.cell_id)
        .where(_ours(site))
        .order_by(one.since, one.recorded_at, one.id)
    )
    return [
        Movement(
            listener=ListenerId(row.listener_id),
            kind=MovementKind(row.kind),
            since=row.since,
            until=row.until,
            cell=CellId(row.cell_id) if row.cell_id else None,
        )
        for row in rows
    ]


def _ours(site: SiteId) -> ColumnElement[bool]:
    return tables.Movement.listener_id.in_(select(tables.Listener.id).where(tables.Listener.site_id == site))


def _names(session: Session, site: SiteId) -> Mapping[ListenerId, str]:
    query = select(tables.Listener.id, tables.Listener.code_name).where(tables.Listener.site_id == site)
    return {ListenerId(row.id): row.code_name for row in session.execute(query)}


# ---- what follows from it


def _plan(session: Session, site: SiteId, now: datetime) -> _Plan:
    movements, homes = _movements(session, site), homes_of(session, site)
    stuck = in_the_way(movements, homes, now)
    wanted = to_move(movements, homes, now)
    moves = {who: one.cell for who, one in wanted.items() if one.cell and who not in stuck}
    return _Plan(_impossible(session, site, movements, now), moves, tuple(sorted(stuck)))


def _impossible(session: Session, site: SiteId, movements: Sequence[Movement], now: datetime) -> tuple[Shift, ...]:
    away = away_spans(movements, after=now)
    return tuple(
        shift
        for shift in shifts_not_over(session, site, now=now, of=away.keys())
        if any(span.touches(shift.starts_at, shift.ends_at) for span in away[shift.listener])
    )


def _carry_out(session: Session, plan: _Plan) -> Effect:
    for one in plan.freed:
        # A shift that has changed hands meanwhile is somebody else's.
        still_theirs = tables.Shift.id == one.id, tables.Shift.listener_id == one.listener
        session.execute(delete(tables.Shift).where(*still_theirs))
    if plan.moves:
        move(session, plan.moves)
    return Effect(plan.freed, tuple(sorted(plan.moves)), plan.stuck)
