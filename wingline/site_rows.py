"""Brings the database to what the site file says."""

import secrets
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from listeners.entry_store import listener_id
from models import tables
from models.words import PhoneKind, Post, Standing
from wingline.site import SiteFile

# A cell phone's or Listener's SIP name is drawn at random, so that no channel or log line leads to a cell.
PHONE_ID_BYTES = 5


def apply_site(session: Session, site: SiteFile) -> None:
    """Brings the database to what the file says; phones keep their names and secrets."""
    part = site.site
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
    _apply_listeners(session, site)
    _apply_listeners_phones(session, site)
    _apply_shifts(session, site)


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


def _apply_listeners(session: Session, site: SiteFile) -> None:
    session.flush()
    zone = ZoneInfo(site.site.zone)
    for listener in site.listeners:
        if _database_knows_better(session, listener_id(site.id, listener.code_name)):
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


def _apply_shifts(session: Session, site: SiteFile) -> None:
    """The file's shifts replace those that it wrote before; others, written by a coordinator, stay."""
    session.execute(delete(tables.Shift).where(tables.Shift.site_id == site.id, tables.Shift.id.like("file-%")))
    zone = ZoneInfo(site.site.zone)
    for number, shift in enumerate(site.shifts):
        following = timedelta(days=1) if shift.ends <= shift.starts else timedelta()
        starts_at = datetime.combine(shift.on, shift.starts, zone)
        ends_at = datetime.combine(shift.on + following, shift.ends, zone)
        if _is_on_duty(session, listener_id(site.id, shift.listener), starts_at, ends_at):
            # The published rota has the last word.
            continue
        session.add(
            tables.Shift(
                id=f"file-{site.id}-{number}",
                site_id=site.id,
                listener_id=listener_id(site.id, shift.listener),
                cover=shift.cover.value,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )


def _is_on_duty(session: Session, listener: str, starts_at: datetime, ends_at: datetime) -> bool:
    at_once = exists().where(
        tables.Shift.listener_id == listener, tables.Shift.starts_at < ends_at, tables.Shift.ends_at > starts_at
    )
    return bool(session.scalar(select(at_once)))
