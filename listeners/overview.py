"""All that the coordinator sees of a Listener: how far they have come, what ends soon, and how much they have done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.journey import Lacking, Rules, SoFar, lacking, next_standing
from listeners.journey_store import WARNED, Changed, history_of, so_far
from listeners.talks import spells_of
from listeners.warnings import Ahead, warnings
from listeners.welfare import FOUR_WEEKS, NIGHT, WEEK, Spell, talked
from models.errors import UnknownName
from models.tables import KeepApart, Listener
from models.words import ListenerId, SiteId, Standing
from rota.people import zone_of
from rota.slot import is_night
from rota.store import shifts_between


@dataclass(frozen=True, slots=True)
class Load:
    """Minutes of talk, and nights on duty."""

    minutes: int
    nights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """``kept_apart``: whether there is any rule, and nothing of whom. Tags are nobody's business but the Listener's."""

    code_name: str
    so_far: SoFar
    following: Standing | None
    history: tuple[Changed, ...]
    lacking: Lacking
    warnings: tuple[Ahead, ...]
    resting_until: datetime | None
    days_7: Load
    days_28: Load
    wants_debrief: bool
    kept_apart: bool

    @property
    def since(self) -> datetime | None:
        """When the standing began; empty when nobody has recorded that."""
        return self.history[-1].at if self.history else None


def overview(
    session: Session, site: SiteId, code_name: str | None = None, *, now: datetime, rules: Rules
) -> tuple[Overview, ...]:
    """Of every Listener of the site, or of the one with this code name; UnknownName when there is none."""
    rows = session.scalars(select(Listener).where(Listener.site_id == site).order_by(Listener.code_name)).all()
    chosen = [row for row in rows if code_name is None or row.code_name.casefold() == code_name.casefold()]
    if code_name is not None and not chosen:
        raise UnknownName("Listener", code_name)
    history, come = history_of(session, site), so_far(session, chosen)
    spells, nights, apart = spells_of(session, site, now=now), nights_of(session, site, now), _kept_apart(session)

    def of(row: Listener, listener: ListenerId) -> Overview:
        duties = Duties(spells.get(listener, ()), nights.get(listener, ()))
        return Overview(
            code_name=row.code_name,
            so_far=come[listener],
            following=next_standing(Standing(row.standing)),
            history=history.get(listener, ()),
            lacking=lacking(come[listener], rules, at=now),
            warnings=warnings(come[listener], now) if row.standing in WARNED else (),
            resting_until=row.resting_until if row.resting_until and row.resting_until > now else None,
            days_7=duties.load(now - WEEK, now),
            days_28=duties.load(now - FOUR_WEEKS, now),
            wants_debrief=row.wants_debrief,
            kept_apart=listener in apart,
        )

    return tuple(of(row, ListenerId(row.id)) for row in chosen)


@dataclass(frozen=True, slots=True)
class Duties:
    """What one Listener has talked, and when their nights on duty began."""

    spells: Sequence[Spell]
    nights: Sequence[datetime]

    def load(self, since: datetime, now: datetime) -> Load:
        return Load(
            talked(self.spells, since, now) // timedelta(minutes=1), sum(began > since for began in self.nights)
        )


def nights_of(session: Session, site: SiteId, now: datetime) -> Mapping[ListenerId, list[datetime]]:
    """When the nights on duty of the last four weeks began."""
    zone = zone_of(session, site)
    found: defaultdict[ListenerId, list[datetime]] = defaultdict(list)
    for shift in shifts_between(session, site, since=now - FOUR_WEEKS, until=now):
        if is_night((shift.starts_at, shift.ends_at), NIGHT, zone):
            found[shift.listener].append(shift.starts_at)
    return found


def _kept_apart(session: Session) -> frozenset[str]:
    pairs = session.execute(select(KeepApart.listener_id, KeepApart.other_listener_id))
    return frozenset(one for pair in pairs for one in pair if one)
