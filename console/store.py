"""Reads from the database what the board needs, and nothing about anybody who was not disclosed."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation.store import Open, open_at
from listeners.journey_store import warnings_at
from listeners.standing import is_off_duty
from listeners.store import last_began
from listeners.warnings import Ahead
from models.tables import Call, Listener, Offer, Site, Talk, Telling
from models.words import (
    CallId,
    CallStage,
    Instant,
    ListenerId,
    Post,
    Seat,
    SiteId,
    Standing,
    TellingEnd,
)
from rota.shift import Shift
from rota.store import shifts_between

LOOK_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LiveCall:
    call: CallId
    stage: CallStage
    listening: bool
    waiting_since: Instant


@dataclass(frozen=True, slots=True)
class LiveTalk:
    call: CallId
    listener: ListenerId
    seat: Seat
    since: Instant


@dataclass(frozen=True, slots=True)
class ListenerNow:
    listener: ListenerId
    code_name: str
    certified_from: Instant | None
    certified_until: Instant | None
    off_duty: bool
    resting_until: Instant | None
    wants_debrief: bool = False


@dataclass(frozen=True, slots=True)
class PostTold:
    """The last attempt to tell one post."""

    post: Post
    end: TellingEnd | None


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """What the phones of staff say, and who has been told so far."""

    open: Open
    posts: tuple[PostTold, ...]
    # When the first phone was rung.
    told_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class EndsSoon:
    """A certificate or training of one Listener that ends within 60 days, or has ended."""

    code_name: str
    ahead: Ahead


@dataclass(frozen=True, slots=True)
class Facts:
    """One reading of everything that is live at a site."""

    calls: tuple[LiveCall, ...]
    talks: tuple[LiveTalk, ...]
    ringing: frozenset[ListenerId]
    listeners: tuple[ListenerNow, ...]
    shifts: tuple[Shift, ...]
    escalations: tuple[OpenEscalation, ...]
    # The soonest first.
    ends_soon: tuple[EndsSoon, ...] = ()


NOTHING_READ = Facts(calls=(), talks=(), ringing=frozenset(), listeners=(), shifts=(), escalations=())


@dataclass(frozen=True, slots=True)
class SiteNamed:
    name: str
    zone: str


def site_of(session: Session, site: SiteId) -> SiteNamed | None:
    row = session.get(Site, site)
    return None if row is None else SiteNamed(row.name, row.zone)


def language_of(session: Session, site: SiteId) -> str:
    """Which the site speaks first; empty where there is no such site."""
    row = session.get(Site, site)
    return "" if row is None else row.language


def facts_of(session: Session, site: SiteId, now: Instant) -> Facts:
    return Facts(
        calls=_calls(session, site),
        talks=_talks(session, site),
        ringing=_ringing(session, site),
        listeners=_listeners(session, site, now),
        shifts=shifts_between(session, site, since=now, until=now + LOOK_AHEAD),
        escalations=tuple(_open_escalation(session, each) for each in open_at(session, site)),
        ends_soon=_ends_soon(session, site, now),
    )


def _calls(session: Session, site: SiteId) -> tuple[LiveCall, ...]:
    rows = session.scalars(select(Call).where(Call.site_id == site, Call.ended_at.is_(None)).order_by(Call.began_at))
    return tuple(
        LiveCall(CallId(row.id), CallStage(row.stage), row.listening, row.waiting_since or row.began_at) for row in rows
    )


def _talks(session: Session, site: SiteId) -> tuple[LiveTalk, ...]:
    rows = session.scalars(
        select(Talk).join(Call).where(Call.site_id == site, Talk.ended_at.is_(None)).order_by(Talk.began_at)
    )
    return tuple(
        LiveTalk(CallId(row.call_id), ListenerId(row.listener_id), Seat(row.seat), row.began_at) for row in rows
    )


def _ringing(session: Session, site: SiteId) -> frozenset[ListenerId]:
    rings = select(Offer.listener_id).join(Call).where(Call.site_id == site, Offer.ended_at.is_(None))
    return frozenset(ListenerId(listener) for listener in session.scalars(rings))


def _listeners(session: Session, site: SiteId, now: Instant) -> tuple[ListenerNow, ...]:
    began = last_began(session, site, now=now)
    rows = session.scalars(
        select(Listener)
        .where(Listener.site_id == site, Listener.standing == Standing.CERTIFIED)
        .order_by(Listener.code_name)
    )
    return tuple(
        ListenerNow(
            listener=ListenerId(row.id),
            code_name=row.code_name,
            certified_from=row.certified_from,
            certified_until=row.certified_until,
            off_duty=is_off_duty(row.off_duty_since, began.get(ListenerId(row.id))),
            resting_until=row.resting_until,
            wants_debrief=row.wants_debrief,
        )
        for row in rows
    )


def _ends_soon(session: Session, site: SiteId, now: Instant) -> tuple[EndsSoon, ...]:
    some = warnings_at(session, site, now)
    names = session.execute(select(Listener.id, Listener.code_name).where(Listener.id.in_(list(some))))
    found = [EndsSoon(row.code_name, ahead) for row in names for ahead in some[ListenerId(row.id)]]
    return tuple(sorted(found, key=lambda one: (one.ahead.at, one.code_name, one.ahead.due)))


def _open_escalation(session: Session, each: Open) -> OpenEscalation:
    """Without who was asked whether staff are told."""
    staff = {post for step in each.case.protocol.steps for post in step.posts}
    mine = Telling.escalation_id == each.id, Telling.post.in_(staff)
    rows = session.scalars(select(Telling).where(*mine).order_by(Telling.rang_at)).all()
    last = {row.post: row.end for row in rows}
    posts = tuple(PostTold(Post(post), TellingEnd(end) if end else None) for post, end in last.items())
    rung = (row.rang_at for row in rows if row.end != TellingEnd.UNREACHABLE)
    return OpenEscalation(each, posts, next(rung, None))
