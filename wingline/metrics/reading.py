"""What the rows say: what happened since the last look, and how things stand. No person, no cell, no wing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from escalation.nightly import latest
from models.backups import last_backup
from models.overdue import last_purged
from models.tables import Call, Escalation, Listener, Offer, Phone, Talk
from models.words import Instant, PhoneId, PhoneKind, SiteId
from wingline.phone_book import on_duty_phones

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]

# Whatever is due is looked for each second.
NOT_LATE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """``answers``: seconds from when a caller first waited until a Listener had the call."""

    begun: int
    answers: Sequence[float]
    outside: int
    duty_office: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``late`` is how many seconds the latest due escalation is behind, 0 when none is."""

    calls: Mapping[str, int]
    listeners: Mapping[str, int]
    open_escalations: int
    late_escalations: int
    late: float
    phones_away: Mapping[str, int]
    backed_up_at: Instant | None
    purged_at: Instant | None
    night_broken: bool


def since(session: Session, site: SiteId, begin: Instant, end: Instant) -> Since:
    """From ``begin`` until before ``end``, which is a little ago: a row is there a moment after what it tells of."""

    def within(moment: Moment) -> ColumnElement[bool]:
        return and_(moment >= begin, moment < end)

    def calls(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Call).where(Call.site_id == site, *where)) or 0

    earlier = aliased(Talk)
    first = ~exists().where(earlier.call_id == Talk.call_id, earlier.began_at < Talk.began_at)
    talks = session.execute(
        select(Talk.began_at, Call.first_waiting_at)
        .join(Call)
        .where(Call.site_id == site, within(Talk.began_at), first)
    )
    nobody = Call.outside_at.is_(None), Call.duty_office_at.is_(None), ~exists().where(Talk.call_id == Call.id)
    return Since(
        begun=calls(within(Call.began_at)),
        answers=[(began - waited).total_seconds() for began, waited in talks if waited],
        outside=calls(within(Call.outside_at)),
        duty_office=calls(within(Call.duty_office_at)),
        abandoned=calls(within(Call.ended_at), Call.first_waiting_at.is_not(None), *nobody),
    )


def standing(session: Session, site: SiteId, unreachable: frozenset[PhoneId], now: datetime) -> Standing:
    stages = session.execute(
        select(Call.stage, func.count()).where(Call.site_id == site, Call.ended_at.is_(None)).group_by(Call.stage)
    )
    due = session.scalars(select(Escalation.due_at).where(Escalation.site_id == site, Escalation.closed_at.is_(None)))
    waiting = due.all()
    behind = [late for one in waiting if one and (late := now - one) > NOT_LATE]
    kinds = session.execute(select(Phone.id, Phone.kind).where(Phone.site_id == site))
    return Standing(
        calls={stage: int(number) for stage, number in stages},
        listeners=_listeners(session, site, now),
        open_escalations=len(waiting),
        late_escalations=len(behind),
        late=max((late.total_seconds() for late in behind), default=0.0),
        phones_away=Counter(PhoneKind(kind).value for one, kind in kinds if one in unreachable),
        backed_up_at=last_backup(session),
        purged_at=last_purged(session),
        night_broken=any(one.broken for one in latest(session, site)),
    )


def _listeners(session: Session, site: SiteId, now: datetime) -> Mapping[str, int]:
    def number(row: type[Offer | Talk]) -> int:
        mine = select(func.count(row.listener_id.distinct())).join(Call).where(Call.site_id == site)
        return session.scalar(mine.where(row.ended_at.is_(None))) or 0

    resting = select(func.count()).where(Listener.site_id == site, Listener.resting_until > now)
    return {
        "on_duty": len(on_duty_phones(session, site, now)),
        "ringing": number(Offer),
        "talking": number(Talk),
        "resting": session.scalar(resting) or 0,
    }
