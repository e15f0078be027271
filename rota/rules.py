"""The hard rules of a rota, each with a name; one place for the solver, for publishing, swaps and cover alike."""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.words import WishKind
from rota.person import Person
from rota.slot import Slot


class Rule(StrEnum):
    """Why somebody cannot take a shift: first what is so of itself, then what other shifts make so."""

    NOT_CLEARED = "not_cleared"
    NOT_CERTIFIED = "not_certified"
    NO_PHONE = "no_phone"
    AWAY = "away"
    ON_LEAVE = "on_leave"
    NEVER_THEN = "never_then"
    OTHER_WING = "other_wing"
    ON_IT = "on_it"
    TWO_PLACES = "two_places"
    REST = "rest"
    NIGHTS_IN_A_ROW = "nights_in_a_row"
    WEEKLY_MINUTES = "weekly_minutes"
    KEPT_APART = "kept_apart"
    NEEDS_EXPERIENCED = "needs_experienced"
    NEW_ALONE = "new_alone"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the scheme has settled. ``weekly_minutes`` is in any seven days; ``night`` is local time, from and to."""

    nights_in_a_row: int
    weekly_minutes: int
    rest: timedelta = timedelta(hours=11)
    night: tuple[time, time] = (time(20), time(8))


def stands_in_the_way(person: Person, slot: Slot, zone: ZoneInfo) -> Rule | None:
    """The first rule by which this Listener cannot have this shift whatever else is on the rota (domain.md 5.3)."""
    when = slot.starts_at, slot.ends_at
    true = {
        Rule.NOT_CLEARED: not person.cleared,
        Rule.NOT_CERTIFIED: person.certified is None or not person.certified.holds(*when),
        Rule.NO_PHONE: not person.reachable,
        Rule.AWAY: any(span.touches(*when) for span in person.away),
        Rule.ON_LEAVE: any(span.touches(*when) for span in person.leave),
        Rule.NEVER_THEN: any(wish.kind is WishKind.NEVER and wish.touches(*when, zone) for wish in person.wishes),
        Rule.OTHER_WING: slot.wing is not None and slot.wing != person.wing,
    }
    return next((rule for rule, holds in true.items() if holds), None)


def too_near(a: Slot, b: Slot, rest: timedelta) -> bool:
    """The same Listener cannot have both: they overlap, or the rest between them is too short."""
    early, late = (a, b) if a.starts_at <= b.starts_at else (b, a)
    return late.starts_at < early.ends_at + rest
