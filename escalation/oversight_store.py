"""Reads what was counted in a quarter, in the zone of the site."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from escalation.oversight import ABOUT_NOBODY, BadQuarter, Disclosure, Figures, Quarter
from escalation.store import Deed
from models.keeping import PERIODS
from models.months import month_of
from models.phrases import phrase
from models.tables import YEARS_2, Act, Call, CallCount, Escalation, RuleCount, Site
from models.words import Cause, Outcome, SiteId

PROFILE_IN_FORCE = "profile in force"
# Calls of its last night have ended by then, what was asked is decided, and what was prompted is judged.
SETTLED = timedelta(days=1)
_NO_MONTH = "0000-00"


def reportable(session: Session, site: SiteId, now: datetime) -> Sequence[Quarter]:
    """Those that are over and settled, from the first in which anything was counted; the newest first."""
    zone = session.get_one(Site, site).zone
    first = _first_month(session, site, zone)
    if first is None:
        return ()
    local, found = now.astimezone(ZoneInfo(zone)), list[Quarter]()
    quarter = Quarter(local.year, (local.month + 2) // 3)
    while quarter.months[-1] >= first:
        if _is_settled(quarter, zone, now):
            found.append(quarter)
        quarter = quarter.before
    return found


def figures_of(session: Session, site: SiteId, quarter: Quarter, now: datetime) -> Figures:
    """BadQuarter until it is over and settled: the report of a part could be subtracted from that of the whole."""
    zone = session.get_one(Site, site).zone
    since, until = quarter.span(zone)
    if not _is_settled(quarter, zone, now):
        first = (until + SETTLED).astimezone(ZoneInfo(zone)).date()
        raise BadQuarter(str(quarter), phrase("its counts are not settled yet; ask again from %(day)s on", day=first))
    calls, listened = _calls(session, site, quarter, zone)
    prompted, right, wrong = _rules(session, site, quarter)
    kept = since >= now - PERIODS[YEARS_2]
    return Figures(
        quarter=quarter,
        calls=calls,
        listened=listened,
        prompted=prompted,
        right=right,
        wrong=wrong,
        disclosures=_disclosures(session, site, since, until),
        openings=_openings(session, since, until) if kept else None,
        profiles=_profiles(session, since, until, zone) if kept else None,
    )


def _is_settled(quarter: Quarter, zone: str, now: datetime) -> bool:
    return now >= quarter.span(zone)[1] + SETTLED


def _first_month(session: Session, site: SiteId, zone: str) -> str | None:
    """Without what was counted before months were (models/tables/calls.py)."""
    counted = [
        session.scalar(select(func.min(table.month)).where(table.site_id == site, table.month > _NO_MONTH))
        for table in (CallCount, RuleCount)
    ]
    kept = [
        session.scalar(select(func.min(Call.began_at)).where(Call.site_id == site)),
        session.scalar(select(func.min(Escalation.raised_at)).where(Escalation.site_id == site)),
    ]
    months = [*(one for one in counted if one), *(month_of(one, zone) for one in kept if one)]
    return min(months, default=None)


def _calls(session: Session, site: SiteId, quarter: Quarter, zone: str) -> tuple[Counter[str], Counter[str]]:
    """Those that are still kept, and those that have been forgotten and were counted then."""
    calls, listened = Counter[str](), Counter[str]()
    for row in session.scalars(select(CallCount).where(CallCount.site_id == site, CallCount.month.in_(quarter.months))):
        calls[row.month] += row.calls
        listened[row.month] += row.listened
    since, until = quarter.span(zone)
    kept = select(Call.began_at, Call.listening).where(
        Call.site_id == site, Call.began_at >= since, Call.began_at < until
    )
    for began_at, listening in session.execute(kept):
        calls[month_of(began_at, zone)] += 1
        listened[month_of(began_at, zone)] += listening
    return calls, listened


def _rules(session: Session, site: SiteId, quarter: Quarter) -> tuple[Counter[str], Counter[str], Counter[str]]:
    prompted, right, wrong = Counter[str](), Counter[str](), Counter[str]()
    for row in session.scalars(select(RuleCount).where(RuleCount.site_id == site, RuleCount.month.in_(quarter.months))):
        prompted[row.rule] += row.prompted
        right[row.rule] += row.right
        wrong[row.rule] += row.wrong
    return prompted, right, wrong


def _disclosures(session: Session, site: SiteId, since: datetime, until: datetime) -> list[Disclosure]:
    """Not those that somebody decided are not to be told, or has not decided yet."""
    rows = session.scalars(
        select(Escalation).where(
            Escalation.site_id == site,
            Escalation.raised_at >= since,
            Escalation.raised_at < until,
            Escalation.cause.not_in(ABOUT_NOBODY),
            Escalation.deciding.is_(False),
            func.coalesce(Escalation.outcome, "") != Outcome.NOT_TOLD.value,
        )
    )
    return [
        Disclosure(
            Cause(row.cause),
            row.acknowledged_at - row.raised_at if row.acknowledged_at else None,
            row.at_door_at - row.raised_at if row.at_door_at else None,
        )
        for row in rows
    ]


def _openings(session: Session, since: datetime, until: datetime) -> int:
    """Every one, but for those of drills."""
    drills = set(session.scalars(select(Escalation.id).where(Escalation.cause.in_(ABOUT_NOBODY))))
    return sum(one.about not in drills for one in _noted(session, Deed.LOCATION_OPENED, since, until))


def _noted(session: Session, what: str, since: datetime, until: datetime) -> list[Act]:
    rows = select(Act).where(Act.what == what, Act.at >= since, Act.at < until).order_by(Act.id)
    return list(session.scalars(rows))


def _profiles(session: Session, since: datetime, until: datetime, zone: str) -> list[tuple[date, str]]:
    changes = _noted(session, PROFILE_IN_FORCE, since, until)
    return [(one.at.astimezone(ZoneInfo(zone)).date(), one.about or "") for one in changes]
