"""Brings the database to what the site file says."""

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from listeners.entry_store import listener_id
from models import tables
from models.clock import new_id, now
from models.keeping import PERIODS
from models.tables import SERVING
from models.words import ListenerId, PhoneKind, Post, RotaState, Standing
from wingline.own_database import refuse_anothers
from wingline.site import ShiftPart, SiteFile

log = structlog.get_logger()

# A cell phone's or Listener's SIP name is drawn at random, so that no channel or log line leads to a cell.
PHONE_ID_BYTES = 5
# Whose rota it is that remembers which shifts of the file have been written.
BY_THE_FILE = "site file"


@dataclass(frozen=True, slots=True, order=True)
class _FileShift:
    """One entry of the file; the same words are the same entry, wherever in the file they stand."""

    listener_id: ListenerId
    cover: str
    starts_at: datetime
    ends_at: datetime


def apply_site(session: Session, site: SiteFile) -> tuple[str, ...]:
    """Brings the database to what the file says; phones keep their names and secrets. AnothersDatabase: not there.

    Returns the code names that were left out, for they may be of people who were forgotten.
    """
    refuse_anothers(session, site.id)
    part, at = site.site, now()
    known = session.get(tables.Site, part.id) is not None
    session.merge(
        tables.Site(
            id=part.id,
            name=part.name,
            zone=part.zone,
            short_code=part.short_code,
            language=part.language,
            profile=part.profile_name,
        )
    )
    session.flush()
    _apply_wings(session, site)
    _apply_posts(session, site)
    forgotten = _perhaps_forgotten(session, site, at) if known else ()
    _apply_listeners(session, site, leave_out=forgotten)
    _apply_listeners_phones(session, site)
    _apply_shifts(session, site, at)
    if forgotten:
        log.warning("site.listeners_left_out", listeners=len(forgotten))
    return forgotten


def _apply_wings(session: Session, site: SiteFile) -> None:
    for wing in site.wings:
        session.merge(tables.Wing(id=f"{site.id}-{wing.letter}", site_id=site.id, name=wing.name, letter=wing.letter))
    session.flush()
    for wing in site.wings:
        row = session.get_one(tables.Wing, f"{site.id}-{wing.letter}")
        row.backup_wing_id = f"{site.id}-{wing.backup}" if wing.backup else None
        for location in wing.cells:
            session.merge(tables.Cell(id=f"{site.id}-{location}", wing_id=row.id, location=location))
            _apply_phone(session, site, PhoneKind.CELL, cell=f"{site.id}-{location}")


def _apply_posts(session: Session, site: SiteFile) -> None:
    for post in site.posts:
        _apply_phone(session, site, PhoneKind.STAFF, post=post)


def _apply_phone(
    session: Session, site: SiteFile, kind: PhoneKind, *, cell: str | None = None, post: Post | None = None
) -> None:
    session.flush()
    where = (tables.Phone.cell_id == cell) if cell else (tables.Phone.post == post)
    row = session.scalar(select(tables.Phone).where(tables.Phone.site_id == site.id, where))
    if row is None:
        row = tables.Phone(
            id=f"p{secrets.token_hex(PHONE_ID_BYTES)}",
            site_id=site.id,
            secret=secrets.token_hex(12),
            cell_id=cell,
            post=post,
        )
        session.add(row)
    row.kind = kind.value


def _perhaps_forgotten(session: Session, site: SiteFile, at: datetime) -> tuple[str, ...]:
    """Who left is forgotten 12 months later, and then only the file knows them: it must not certify them anew.

    Nothing is kept by which they could be told from somebody new. But who is forgotten was certified, and this database
    there, so long ago; somebody new with so old a certificate is taken in on the console or from a file of Listeners.
    """
    long_ago = at - PERIODS[SERVING]
    rota = session.get(tables.Rota, _rota_id(site))
    # It goes itself when a line has run for a year without a new start.
    if rota is not None and rota.made_at > long_ago:
        return ()
    unknown = [
        one for one in site.listeners if session.get(tables.Listener, listener_id(site.id, one.code_name)) is None
    ]
    zone = ZoneInfo(site.site.zone)
    return tuple(one.code_name for one in unknown if datetime.combine(one.certified_from, time.min, zone) <= long_ago)


def _apply_listeners(session: Session, site: SiteFile, *, leave_out: Collection[str]) -> None:
    session.flush()
    zone = ZoneInfo(site.site.zone)
    for listener in site.listeners:
        known_better = _database_knows_better(session, listener_id(site.id, listener.code_name))
        if known_better or listener.code_name in leave_out:
            continue
        cell = session.get_one(tables.Cell, f"{site.id}-{listener.cell}")
        phone: str | None = session.scalars(select(tables.Phone.id).where(tables.Phone.cell_id == cell.id)).one()
        if _is_anothers(session, str(phone), listener_id(site.id, listener.code_name)):
            # Somebody was moved into the cell since the file was written, and has its phone.
            phone = None
        session.merge(
            tables.Listener(
                id=listener_id(site.id, listener.code_name),
                site_id=site.id,
                wing_id=cell.wing_id,
                phone_id=phone,
                code_name=listener.code_name,
                standing=Standing.CERTIFIED.value,
                certified_from=datetime.combine(listener.certified_from, time.min, zone),
                certified_until=datetime.combine(listener.certified_until, time.max, zone),
                languages=listener.languages,
                experienced=listener.experienced,
            )
        )
    session.flush()


def _is_anothers(session: Session, phone: str, listener: str) -> bool:
    held = exists().where(tables.Listener.phone_id == phone, tables.Listener.id != listener)
    return bool(session.scalar(select(held)))


def _apply_listeners_phones(session: Session, site: SiteFile) -> None:
    """A cell's phone may do what a Listener's may while a Listener has it, wherever they were moved."""
    held = select(tables.Listener.phone_id).where(tables.Listener.phone_id.is_not(None))
    theirs = tables.Phone.site_id == site.id, tables.Phone.cell_id.is_not(None), tables.Phone.id.in_(held)
    session.execute(update(tables.Phone).where(*theirs).values(kind=PhoneKind.LISTENER.value))


def _database_knows_better(session: Session, listener: str) -> bool:
    """The file is the first word on a Listener, until a movement or a change of standing is recorded."""
    moved = exists().where(tables.Movement.listener_id == listener)
    changed = exists().where(tables.StandingChange.listener_id == listener)
    return bool(session.scalar(select(moved | changed)))


def _apply_shifts(session: Session, site: SiteFile, at: datetime) -> None:
    """Each shift of the file is written once: what people do with it after that stays, however often the line starts.

    One that the file has no more goes, unless it has changed meanwhile; others, written by a coordinator, stay.
    """
    rota = _rota_of_file(session, site, at)
    remembered = {
        _FileShift(ListenerId(row.listener_id), row.cover, row.starts_at, row.ends_at): row
        for row in session.scalars(select(tables.DraftShift).where(tables.DraftShift.rota_id == rota.id))
    }
    known = set(session.scalars(select(tables.Listener.id).where(tables.Listener.site_id == site.id)))
    wanted = {one for one in (_in_file(site, shift) for shift in site.shifts) if one.listener_id in known}
    for gone in remembered.keys() - wanted:
        session.execute(delete(tables.Shift).filter_by(**asdict(gone)).where(tables.Shift.id.like("file-%")))
        session.delete(remembered[gone])
    session.flush()
    for shift in sorted(wanted - remembered.keys()):
        _write(session, site, rota, shift)
    rota.until = max([at, *(shift.ends_at for shift in wanted)])
    session.flush()


def _rota_of_file(session: Session, site: SiteFile, at: datetime) -> tables.Rota:
    """The rota whose shifts are what was written of the file. It is in force for as long as the line starts with it."""
    rota = session.get(tables.Rota, _rota_id(site))
    if rota is None:
        published = {"state": RotaState.PUBLISHED.value, "published_at": at, "published_by": BY_THE_FILE}
        rota = tables.Rota(
            id=_rota_id(site), site_id=site.id, since=at, until=at, made_at=at, made_by=BY_THE_FILE, **published
        )
        session.add(rota)
        session.flush()
    return rota


def _rota_id(site: SiteFile) -> str:
    return f"file-{site.id}"


def _in_file(site: SiteFile, shift: ShiftPart) -> _FileShift:
    following = timedelta(days=1) if shift.ends <= shift.starts else timedelta()
    begins, ends = (
        datetime.combine(day, clock, ZoneInfo(site.site.zone)).astimezone(UTC)
        for day, clock in ((shift.on, shift.starts), (shift.on + following, shift.ends))
    )
    return _FileShift(listener_id(site.id, shift.listener), shift.cover.value, begins, ends)


def _write(session: Session, site: SiteFile, rota: tables.Rota, shift: _FileShift) -> None:
    # The published rota has the last word.
    if not _is_on_duty(session, shift):
        session.add(tables.Shift(id=new_id("file"), site_id=site.id, **asdict(shift)))
    session.add(tables.DraftShift(rota_id=rota.id, slot=shift.starts_at.isoformat(), **asdict(shift)))
    session.flush()


def _is_on_duty(session: Session, shift: _FileShift) -> bool:
    row = tables.Shift
    at_once = exists().where(
        row.listener_id == shift.listener_id, row.starts_at < shift.ends_at, row.ends_at > shift.starts_at
    )
    return bool(session.scalar(select(at_once)))
