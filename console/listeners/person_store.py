"""Reads all that the pages show of one Listener: never which calls they took, nor from whom they are kept apart."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.listeners.looking import Look
from listeners.movements_store import away_now
from listeners.overview import Overview, overview
from models.tables import Cell, Listener, Phone, Wing
from models.words import ListenerId, PhoneId
from rota.leave import Leave, leave_ahead
from rota.shift import Shift
from rota.store import shifts_not_over
from rota.wishes import KnownWish, wishes_of


class Reach(StrEnum):
    """Whether a call would ring at the Listener's phone now."""

    NO_PHONE = "no_phone"
    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``tags``: how many they gave. Which they are is nobody's business but theirs (listeners.tags)."""

    id: ListenerId
    code_name: str
    overview: Overview
    wing: str
    cell: str
    reach: Reach
    away: bool
    languages: tuple[str, ...]
    tags: int
    experienced: bool
    weekly_minutes: int | None
    leave: tuple[Leave, ...]
    wishes: tuple[KnownWish, ...]
    shifts: tuple[Shift, ...]
    has_pin: bool
    wrong_pins: int
    has_calendar: bool


def person(session: Session, look: Look, listener: ListenerId) -> Person:
    site, line, now = look.site, look.line, look.now
    row = session.get_one(Listener, listener)
    (seen,) = overview(session, site, row.code_name, now=now, rules=line.welfare)
    return Person(
        id=listener,
        code_name=row.code_name,
        overview=seen,
        wing=session.get_one(Wing, row.wing_id).name,
        cell=_lives_in(session, row.phone_id),
        reach=reach(row.phone_id, asterisk_up=line.asterisk_up, unreachable=line.unreachable),
        away=listener in away_now(session, site, now),
        languages=tuple(row.languages),
        tags=len(row.tags),
        experienced=row.experienced,
        weekly_minutes=row.weekly_minutes,
        leave=leave_ahead(session, listener, now),
        wishes=wishes_of(session, listener),
        shifts=shifts_not_over(session, site, now=now, of=[listener]),
        has_pin=row.pin is not None,
        wrong_pins=row.wrong_pins,
        has_calendar=row.calendar is not None,
    )


def reach(phone: str | None, *, asterisk_up: bool, unreachable: frozenset[PhoneId]) -> Reach:
    if phone is None:
        return Reach.NO_PHONE
    if not asterisk_up:
        return Reach.NOT_KNOWN
    return Reach.NO if phone in unreachable else Reach.YES


def _lives_in(session: Session, phone: str | None) -> str:
    query = select(Cell.location).join(Phone, Phone.cell_id == Cell.id).where(Phone.id == phone)
    return session.scalar(query) or ""
