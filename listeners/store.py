"""What the database knows of Listeners, and the claim that decides who has which caller.

Locks are always taken in this order: the call, the Listener, then offers and talks. Whoever ends a call updates its
row first and then uses ``end_open_offers`` and ``leave``; an act that also takes a Listener off duty does that last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Update, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from listeners.candidate import Candidate
from listeners.movements_store import away_now
from listeners.standing import is_off_duty
from listeners.talks import is_heavy, spells_of
from listeners.welfare import DAY, Spell, Welfare, had_enough, load, longer, rest_after, talked, weight_of
from models.clock import new_id
from models.tables import Call, Listener, Offer, Shift, Talk
from models.words import (
    CallId,
    CallStage,
    Cover,
    Language,
    ListenerId,
    OfferEnd,
    OfferId,
    PhoneId,
    Seat,
    SiteId,
    Standing,
    WingId,
)
from rota.on_duty import on_duty
from rota.people import in_force_until, trained_until, zone_of
from rota.store import shifts_now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Live:
    """What the Listeners of a site are doing now, and did lately."""

    covers: dict[str, Cover]
    last_began: Mapping[ListenerId, datetime]
    in_call: frozenset[str]
    ringing: frozenset[str]
    spells: Mapping[ListenerId, tuple[Spell, ...]]
    last_talk_ended_at: dict[str, datetime]
    trained_until: Mapping[str, datetime]
    now: datetime
    zone: ZoneInfo
    welfare: Welfare | None
    away: frozenset[ListenerId]


def candidates(
    session: Session, site: SiteId, *, now: datetime, unreachable: frozenset[PhoneId], welfare: Welfare | None = None
) -> tuple[Candidate, ...]:
    """Every Listener of the site, whether or not they may be rung; ``unreachable`` phones are not registered.

    Without ``welfare`` nobody has had enough, and no talk weighs more than it lasted.
    """
    live = _live(session, site, now, welfare)
    listeners = session.scalars(select(Listener).where(Listener.site_id == site).order_by(Listener.id))
    return tuple(_candidate(listener, live, unreachable) for listener in listeners)


def offer(session: Session, call: CallId, *, listener: ListenerId, seat: Seat, now: datetime) -> OfferId | None:
    """Marks the Listener as rung for the call; None when the call has ended or the Listener is rung or talking."""
    if not _hold_open_call(session, call):
        return None
    _hold_listener(session, listener)
    if session.scalar(select(exists().where(Talk.listener_id == listener, Talk.ended_at.is_(None)))):
        return None
    new = OfferId(new_id("offer"))
    free = _insert_unless_taken(
        session, Offer, id=new, call_id=call, listener_id=listener, seat=seat.value, rang_at=now
    )
    return new if free else None


def end_offer(session: Session, offer: OfferId, *, how: OfferEnd, now: datetime) -> None:
    """Ends one ring; an offer that has ended stays as it ended."""
    row = session.execute(select(Offer.call_id).where(Offer.id == offer)).one_or_none()
    if row is None:
        return
    _hold_open_call(session, CallId(row.call_id))
    session.execute(_end(offer, how, now))


def end_open_offers(session: Session, call: CallId, *, how: OfferEnd, now: datetime) -> tuple[OfferId, ...]:
    """Ends every ring for the call and says which these were, so that the phones can be silenced."""
    _hold_open_call(session, call)
    still_open = select(Offer.id).where(Offer.call_id == call, Offer.ended_at.is_(None)).order_by(Offer.id)
    ended = tuple(OfferId(offer) for offer in session.scalars(still_open))
    for offer in ended:
        session.execute(_end(offer, how, now))
    return ended


def claim(session: Session, offer: OfferId, *, now: datetime) -> bool:
    """Gives the caller to the Listener who was rung, if both are still free; Asterisk obeys the answer.

    The two partial unique indexes of ``talks`` have the last word, whatever else goes on at the same moment.
    """
    rung = session.execute(select(Offer.call_id, Offer.listener_id, Offer.seat).where(Offer.id == offer)).one_or_none()
    if rung is None:
        return False
    call_open = _hold_open_call(session, CallId(rung.call_id))
    _hold_listener(session, ListenerId(rung.listener_id))
    if not session.scalar(select(exists().where(Offer.id == offer, Offer.ended_at.is_(None)))):
        return False
    seat = _seat(session, CallId(rung.call_id), Seat(rung.seat))
    taken = {"call_id": rung.call_id, "listener_id": rung.listener_id, "seat": seat.value}
    won = call_open and _insert_unless_taken(session, Talk, id=new_id("talk"), began_at=now, **taken)
    session.execute(_end(offer, OfferEnd.TAKEN if won else OfferEnd.LOST, now))
    if won and rung.seat == Seat.FIRST:
        session.execute(update(Call).where(Call.id == rung.call_id).values(stage=CallStage.TALKING.value))
    return won


def _seat(session: Session, call: CallId, wanted: Seat) -> Seat:
    """Whoever came second and is alone with the caller by now can ask for a second one too: then the first is free."""
    if wanted is not Seat.SECOND:
        return wanted
    held = set(session.scalars(select(Talk.seat).where(Talk.call_id == call, Talk.ended_at.is_(None))))
    return Seat.FIRST if held == {Seat.SECOND.value} else wanted


def leave(  # noqa: PLR0913  each named
    session: Session,
    call: CallId,
    *,
    listener: ListenerId,
    now: datetime,
    rest: timedelta | Welfare,
    heavy: bool = False,
) -> None:
    """The Listener is out of the call and rests; nothing when they were out of it already.

    ``rest``: for how long, or what that follows from. A longer rest that was asked for before stays. ``heavy``: the
    Listener was attacked in it; when staff were told of something it was heavy as well.
    """
    _hold_open_call(session, call)
    _hold_listener(session, listener)
    open_talk = (Talk.call_id == call, Talk.listener_id == listener, Talk.ended_at.is_(None))
    began_at = session.scalar(update(Talk).where(*open_talk).values(ended_at=now).returning(Talk.began_at))
    if began_at is None:
        return
    earned = (
        rest
        if isinstance(rest, timedelta)
        else rest_after(now - began_at, rest, heavy=heavy or is_heavy(session, call))
    )
    until = max(now + earned, _resting_until(session, listener) or now)
    rest_until(session, listener, until=until)
    just_ended = (Talk.call_id == call, Talk.listener_id == listener, Talk.ended_at == now)
    session.execute(update(Talk).where(*just_ended).values(rest_until=until))


def rest_until(session: Session, listener: ListenerId, *, until: datetime) -> None:
    session.execute(update(Listener).where(Listener.id == listener).values(resting_until=until))


def extend_rest(session: Session, listener: ListenerId, *, by: timedelta, now: datetime) -> datetime:
    """Until when the Listener rests now."""
    _hold_listener(session, listener)
    until = longer(_resting_until(session, listener), by, now)
    rest_until(session, listener, until=until)
    return until


def go_off_duty(session: Session, listener: ListenerId, *, now: datetime) -> None:
    """Until the Listener goes on duty again or their next shift begins: one key at night must not last for ever."""
    session.execute(update(Listener).where(Listener.id == listener).values(off_duty_since=now))


def go_on_duty(session: Session, listener: ListenerId) -> None:
    session.execute(update(Listener).where(Listener.id == listener).values(off_duty_since=None))


def last_began(session: Session, site: SiteId, *, now: datetime) -> Mapping[ListenerId, datetime]:
    """Of each who has said that they are off duty, when their last shift began.

    Also one that is over: what was said before it must not count again when it has ended.
    """
    rows = session.execute(
        select(Shift.listener_id, func.max(Shift.starts_at))
        .join(Listener, Listener.id == Shift.listener_id)
        .where(Listener.site_id == site, Listener.off_duty_since.is_not(None), Shift.starts_at <= now)
        .group_by(Shift.listener_id)
    )
    return {ListenerId(listener): began for listener, began in rows if began}


def change_duty(session: Session, listener: ListenerId, *, now: datetime) -> bool:
    """Off when on, on when off; says which it is now."""
    row = session.get_one(Listener, listener)
    if is_off_duty(row.off_duty_since, last_began(session, SiteId(row.site_id), now=now).get(listener)):
        go_on_duty(session, listener)
        return True
    go_off_duty(session, listener, now=now)
    return False


def ask_for_debrief(session: Session, listener: ListenerId) -> None:
    session.execute(update(Listener).where(Listener.id == listener).values(wants_debrief=True))


def wants_debrief(session: Session, listener: ListenerId) -> bool:
    return bool(session.scalar(select(Listener.wants_debrief).where(Listener.id == listener)))


def debrief_held(session: Session, site: SiteId, code_name: str) -> None:
    mine = Listener.site_id == site, Listener.code_name == code_name
    session.execute(update(Listener).where(*mine).values(wants_debrief=False))


def _hold_open_call(session: Session, call: CallId) -> bool:
    """Whether the call is open, true until we commit: nobody else can end it or seat anybody in it meanwhile."""
    # NO KEY: whoever only refers to the call, as an escalation does, need not wait. SQLite holds everything anyway.
    held = select(Call.ended_at.is_(None)).where(Call.id == call).with_for_update(key_share=True)
    return bool(session.scalar(held))


def _resting_until(session: Session, listener: ListenerId) -> datetime | None:
    return session.scalar(select(Listener.resting_until).where(Listener.id == listener))


def _hold_listener(session: Session, listener: ListenerId) -> None:
    session.execute(select(Listener.id).where(Listener.id == listener).with_for_update(key_share=True))


def _end(offer: OfferId, how: OfferEnd, now: datetime) -> Update:
    still_open = (Offer.id == offer, Offer.ended_at.is_(None))
    return update(Offer).where(*still_open).values(ended_at=now, end=how.value)


def _insert_unless_taken(session: Session, table: type[Offer | Talk], **values: object) -> bool:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    return session.scalar(insert.values(**values).on_conflict_do_nothing().returning(table.id)) is not None


def _live(session: Session, site: SiteId, now: datetime, welfare: Welfare | None) -> _Live:
    shifts = shifts_now(session, site, now=now)
    ours = select(Listener.id).where(Listener.site_id == site)
    in_call = select(Talk.listener_id).where(Talk.listener_id.in_(ours), Talk.ended_at.is_(None))
    ringing = select(Offer.listener_id).where(Offer.listener_id.in_(ours), Offer.ended_at.is_(None))
    last = (
        select(Talk.listener_id, func.max(Talk.ended_at)).where(Talk.listener_id.in_(ours)).group_by(Talk.listener_id)
    )
    return _Live(
        covers={on.listener: on.cover for on in on_duty(shifts, now)},
        last_began=last_began(session, site, now=now),
        in_call=frozenset(session.scalars(in_call)),
        ringing=frozenset(session.scalars(ringing)),
        spells=spells_of(session, site, now=now),
        last_talk_ended_at={listener: at for listener, at in session.execute(last) if at},
        trained_until=trained_until(session, site),
        now=now,
        zone=zone_of(session, site),
        welfare=welfare,
        away=away_now(session, site, now),
    )


def _candidate(row: Listener, live: _Live, unreachable: frozenset[PhoneId]) -> Candidate:
    listener = ListenerId(row.id)
    spells, welfare = live.spells.get(listener, ()), live.welfare
    return Candidate(
        id=listener,
        wing=WingId(row.wing_id),
        standing=Standing(row.standing),
        certified_from=row.certified_from,
        certified_until=in_force_until(row.certified_until, live.trained_until.get(row.id)),
        languages=frozenset(Language(language) for language in row.languages),
        experienced=row.experienced,
        away=row.id in live.away,
        on_shift=live.covers.get(row.id),
        off_duty=is_off_duty(row.off_duty_since, live.last_began.get(listener)),
        in_call=row.id in live.in_call,
        ringing=row.id in live.ringing,
        resting_until=row.resting_until,
        reachable=row.phone_id is not None and row.phone_id not in unreachable,
        talked=talked(spells, live.now - DAY, live.now),
        last_talk_ended_at=live.last_talk_ended_at.get(row.id),
        had_enough=welfare is not None and had_enough(spells, welfare, live.now, live.zone),
        load=load(spells, live.now, weight_of(welfare) if welfare else timedelta()),
    )
