"""The switch that turns the machine's listening off for a whole site, as it stands in the database.

The scheme's partner can turn it, not only the prison (domain.md 6, layer 8). At the command line anybody can turn it
off, and nobody on: whoever cannot reach the partner can still make it stop (docs/listening.md).
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from models import audit
from models.errors import NotAllowed
from models.tables import ListeningSwitch, Site
from models.words import Instant, SiteId

TURNED_OFF, TURNED_ON = "listening_off", "listening_on"


class From(StrEnum):
    """Where it was turned off."""

    SCHEME = "scheme"
    COMMAND_LINE = "command_line"


class WhyOff(StrEnum):
    HEARS_WRONGLY = "hears_wrongly"
    NOT_AS_AGREED = "not_as_agreed"
    MISUSED = "misused"
    COMPLAINT = "complaint"
    LISTENERS_ASK = "listeners_ask"
    FAULT = "fault"


class WhyOn(StrEnum):
    PUT_RIGHT = "put_right"
    NOTHING_FOUND = "nothing_found"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class Off:
    """The listening is off, and no call of the site is heard by the machine."""

    since: Instant
    by: From
    why: WhyOff


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose account or user turns it, and when."""

    who: str
    at: Instant


def off_at(session: Session, site: SiteId) -> Off | None:
    """Nothing while it is on."""
    row = session.get(ListeningSwitch, site)
    return Off(row.off_since, From(row.off_by), WhyOff(row.why)) if row else None


def turn_off(session: Session, site: SiteId, place: From, why: WhyOff, hand: Hand) -> None:
    _wait_for_others(session, site)
    if off_at(session, site):
        raise NotAllowed("turn the listening off", "it is off already")
    session.add(ListeningSwitch(site_id=site, off_since=hand.at, off_by=place.value, why=why.value))
    audit.note(session, hand.who, TURNED_OFF, why.value, hand.at)


def turn_on(session: Session, site: SiteId, why: WhyOn, hand: Hand) -> None:
    """Calls that agreed are heard again; calls that began while it was off were not asked, and are not."""
    _wait_for_others(session, site)
    row = session.get(ListeningSwitch, site)
    if row is None:
        raise NotAllowed("turn the listening on", "it is on already")
    session.delete(row)
    audit.note(session, hand.who, TURNED_ON, why.value, hand.at)


def _wait_for_others(session: Session, site: SiteId) -> None:
    """Two who turn it in one moment come one after the other."""
    session.get_one(Site, site, with_for_update=True)
