"""A prison in one file: wings, cells, Listeners, rota and staff posts, checked and written to the database."""

import secrets
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from escalation.profile import Profile, load
from models import tables
from models.errors import BadSite
from models.words import Cover, PhoneKind, Post, SiteId, Standing

# A cell phone's or Listener's SIP name is drawn at random, so that no channel or log line leads to a cell.
PHONE_ID_BYTES = 5


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WingPart(_Part):
    letter: Annotated[str, Field(pattern="^[A-Z]$")]
    name: str
    backup: str | None = None
    cells: Annotated[list[str], Field(min_length=1)]


class ListenerPart(_Part):
    code_name: str
    cell: str
    languages: list[str] = ["en"]
    certified_from: date
    certified_until: date
    experienced: bool = False


class ShiftPart(_Part):
    """Local times; a shift that ends before it starts goes over midnight."""

    listener: str
    cover: Cover
    on: date
    starts: time
    ends: time


class TrunkPart(_Part):
    number: Annotated[str, Field(pattern="^[0-9+]{3,15}$")]
    contact: str | None = None


class SitePart(_Part):
    id: Annotated[str, Field(pattern="^[a-z0-9-]{2,20}$")]
    name: str
    zone: str
    language: str
    short_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "100"
    duty_code: Annotated[str, Field(pattern="^[0-9]{3,6}$")] = "101"
    profile: str


class SiteFile(_Part):
    site: SitePart
    choices: dict[str, Any]
    trunk: TrunkPart
    wings: Annotated[list[WingPart], Field(min_length=1)]
    listeners: list[ListenerPart]
    posts: Annotated[list[Post], Field(min_length=1)]
    shifts: list[ShiftPart] = []

    @property
    def id(self) -> SiteId:
        return SiteId(self.site.id)

    def profile(self) -> Profile:
        return load(self.site.profile, self.choices)


def read_site(path: Path) -> SiteFile:
    """BadSite says what to change in which line of the file's own words."""
    if not path.exists():
        raise BadSite(str(path), "there is no such file; write one like docs/site-example.toml")
    try:
        site = SiteFile.model_validate(tomllib.loads(path.read_text()))
    except tomllib.TOMLDecodeError as error:
        raise BadSite(path.name, f"this is not TOML: {error}") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        raise BadSite(path.name, "change this:\n" + "\n".join(wrong)) from error
    complaints = list(_complaints(site))
    if complaints:
        raise BadSite(path.name, "change this:\n" + "\n".join(complaints))
    site.profile()
    return site


def _complaints(site: SiteFile) -> Iterator[str]:
    try:
        ZoneInfo(site.site.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"site.zone: there is no zone {site.site.zone!r}; Europe/London is one"
    cells = [cell for wing in site.wings for cell in wing.cells]
    if len(cells) != len(set(cells)):
        yield "wings: a cell is named twice"
    letters = {wing.letter for wing in site.wings}
    for wing in site.wings:
        if wing.backup and wing.backup not in letters:
            yield f"wings.{wing.letter}.backup: there is no wing {wing.backup}"
    names = [listener.code_name for listener in site.listeners]
    if len(names) != len(set(names)):
        yield "listeners: a code name is used twice"
    for listener in site.listeners:
        if listener.cell not in cells:
            yield f"listeners.{listener.code_name}.cell: there is no cell {listener.cell}"
    for shift in site.shifts:
        if shift.listener not in names:
            yield f"shifts: there is no Listener {shift.listener}"


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
            profile=part.profile,
        )
    )
    session.flush()
    _apply_wings(session, site)
    _apply_posts(session, site)
    _apply_listeners(session, site)
    _apply_shifts(session, site)


def _apply_wings(session: Session, site: SiteFile) -> None:
    for wing in site.wings:
        session.merge(tables.Wing(id=f"{site.id}-{wing.letter}", site_id=site.id, name=wing.name, letter=wing.letter))
    session.flush()
    holders = {listener.cell for listener in site.listeners}
    for wing in site.wings:
        row = session.get_one(tables.Wing, f"{site.id}-{wing.letter}")
        row.backup_wing_id = f"{site.id}-{wing.backup}" if wing.backup else None
        for location in wing.cells:
            session.merge(tables.Cell(id=f"{site.id}-{location}", wing_id=row.id, location=location))
            kind = PhoneKind.LISTENER if location in holders else PhoneKind.CELL
            _apply_phone(session, site, kind, cell=f"{site.id}-{location}")


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
        cell = session.get_one(tables.Cell, f"{site.id}-{listener.cell}")
        phone = session.scalars(select(tables.Phone.id).where(tables.Phone.cell_id == cell.id)).one()
        session.merge(
            tables.Listener(
                id=_listener_id(site, listener.code_name),
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


def _apply_shifts(session: Session, site: SiteFile) -> None:
    """The file's shifts replace those that it wrote before; others, written by a coordinator, stay."""
    session.execute(delete(tables.Shift).where(tables.Shift.site_id == site.id, tables.Shift.id.like("file-%")))
    zone = ZoneInfo(site.site.zone)
    for number, shift in enumerate(site.shifts):
        following = timedelta(days=1) if shift.ends <= shift.starts else timedelta()
        session.add(
            tables.Shift(
                id=f"file-{site.id}-{number}",
                site_id=site.id,
                listener_id=_listener_id(site, shift.listener),
                cover=shift.cover.value,
                starts_at=datetime.combine(shift.on, shift.starts, zone),
                ends_at=datetime.combine(shift.on + following, shift.ends, zone),
            )
        )


def _listener_id(site: SiteFile, code_name: str) -> str:
    return f"{site.id}-{code_name.lower().replace(' ', '-')}"
