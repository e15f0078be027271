"""The rota of a site in the database: what is to be filled, drafts, and what is published."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.errors import AskersFault, Cannot, UnknownName
from models.phrases import phrase
from models.words import Cover, ListenerId, RotaState, SiteId
from rota.checks import Broken, broken
from rota.discretion import one_of_each_pair, said
from rota.local_time import instant
from rota.people import LOOK_BACK, loads, pairs_apart, people_of, zone_of
from rota.problem import Assigned, Problem
from rota.rules import Limits, Rule
from rota.scheme import Scheme
from rota.shift import Shift
from rota.slot import Slot, one_slot, slots_of
from rota.store import shift_of, shifts_between

# Nobody has said of a shift by hand how many it wants, and of whom.
_OF_THE_SEATS = frozenset({Rule.NEEDS_EXPERIENCED, Rule.NEW_ALONE, Rule.FULL})


class RotaBreaksRules(AskersFault):
    """A rota that may not be published; the message names every shift that must change first."""

    def __init__(self, broken: Sequence[tuple[str, str, str]]) -> None:
        lines = [f"  {slot}: {listener} ({rule.replace('_', ' ')})" for rule, slot, listener in broken]
        super().__init__("this rota cannot be published; change these shifts, or generate again:\n" + "\n".join(lines))


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and when."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A rota that nobody is on duty by yet, for the local days from ``since`` until just before ``until``."""

    id: str
    since: datetime
    until: datetime
    assigned: tuple[Assigned, ...]


def problem_of(session: Session, site: SiteId, scheme: Scheme, *, since: date, days: int) -> Problem:
    """What there is to fill on these local days, with what is published of it already."""
    zone = zone_of(session, site)
    slots = slots_of(scheme.patterns, since, days, zone, scheme.limits.night)
    begins, ends = instant(since, time(), zone), instant(since + timedelta(days=days), time(), zone)
    around = shifts_between(session, site, since=begins - LOOK_BACK, until=ends + timedelta(days=8))
    names = {slot.id for slot in slots}
    standing: defaultdict[ListenerId, list[Slot]] = defaultdict(list)
    for shift in around:
        if shift.slot not in names:
            standing[shift.listener].append(as_slot(shift, zone, scheme.limits))
    before = {who: [slot for slot in some if slot.starts_at < begins] for who, some in standing.items()}
    return Problem(
        zone=zone,
        slots=slots,
        people=people_of(session, site, before=loads(before), new_since=begins - scheme.new_for),
        limits=scheme.limits,
        apart=pairs_apart(session, site),
        standing=standing,
        published=frozenset(
            Assigned(shift.slot, shift.listener, shift.cover)
            for shift in around
            if shift.slot is not None and shift.slot in names
        ),
        weights=scheme.weights,
    )


def keep_draft(session: Session, site: SiteId, problem: Problem, assigned: Iterable[Assigned], by: By) -> str:
    """Its id."""
    rota = new_id("rota")
    first, last = (slot.starts_at.astimezone(problem.zone).date() for slot in (problem.slots[0], problem.slots[-1]))
    begins = instant(first, time(), problem.zone)
    ends = instant(last + timedelta(days=1), time(), problem.zone)
    session.add(
        tables.Rota(
            id=rota, site_id=site, state=RotaState.DRAFT.value, since=begins, until=ends, made_at=by.at, made_by=by.who
        )
    )
    session.flush()
    for one in assigned:
        slot = problem.slot[one.slot]
        session.add(
            tables.DraftShift(
                rota_id=rota,
                slot=one.slot,
                listener_id=one.listener,
                cover=one.cover.value,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
            )
        )
    session.flush()
    return rota


def draft(session: Session, site: SiteId, rota: str | None = None) -> Draft:
    """The draft of this id, or the newest. UnknownName when there is none."""
    query = select(tables.Rota).where(tables.Rota.site_id == site, tables.Rota.state == RotaState.DRAFT.value)
    if rota:
        query = query.where(tables.Rota.id == rota)
    row = session.scalar(query.order_by(tables.Rota.made_at.desc(), tables.Rota.id))
    if row is None:
        raise UnknownName("draft rota", rota or "the newest")
    shifts = session.scalars(select(tables.DraftShift).where(tables.DraftShift.rota_id == row.id))
    assigned = (Assigned(one.slot, ListenerId(one.listener_id), Cover(one.cover)) for one in shifts)
    return Draft(row.id, row.since, row.until, tuple(sorted(assigned)))


def problem_of_draft(session: Session, site: SiteId, scheme: Scheme, chosen: Draft) -> Problem:
    """The days of a draft as they are now."""
    zone = zone_of(session, site)
    first, last = (moment.astimezone(zone).date() for moment in (chosen.since, chosen.until))
    return problem_of(session, site, scheme, since=first, days=(last - first).days)


def slot_named(session: Session, site: SiteId, scheme: Scheme, name: str, day: date) -> Slot | None:
    """None when no pattern asks for it on that day."""
    slots = slots_of(scheme.patterns, day, 1, zone_of(session, site), scheme.limits.night)
    return next((slot for slot in slots if slot.id == name), None)


def discard(session: Session, site: SiteId, rota: str) -> None:
    """A draft that will not be used; what is published stays. UnknownName when it is no draft (any more)."""
    chosen = draft(session, site, rota)
    session.execute(update(tables.Rota).where(tables.Rota.id == chosen.id).values(state=RotaState.DISCARDED.value))


def take_off(session: Session, site: SiteId, shift_id: str, *, now: datetime) -> Shift:
    """The seat is empty from now on; what was asked for about it goes with it. NotAllowed when the shift is over."""
    shift = shift_of(session, site, shift_id)
    if shift.ends_at <= now:
        raise Cannot(phrase("cannot take somebody off the shift: it is over"))
    session.execute(delete(tables.Shift).where(tables.Shift.id == shift_id))
    return shift


def what_is_broken(problem: Problem, assigned: Iterable[Assigned]) -> tuple[Broken, ...]:
    """As it would be if it were published now: with today's certificates, phones, movements and leave."""
    known = [one for one in assigned if one.slot in problem.slot and one.listener in problem.person]
    return broken(problem, known)


def broken_now(problem: Problem, *, now: datetime) -> tuple[tuple[Slot, Broken], ...]:
    """What is on the rota, is not over, and could not be given any more; of two who are kept apart one is named.

    A rule may come after the rota was published. A shift that no pattern asks for goes by its own id.
    """
    by_hand = [(slot, listener) for listener, slots in problem.standing.items() for slot in slots if slot.ends_at > now]
    wider = replace(problem, slots=[*problem.slots, *(slot for slot, _listener in by_hand)])
    on = [*problem.published, *(Assigned(slot.id, listener, Cover.FIRST) for slot, listener in by_hand)]
    found = [one for one in what_is_broken(wider, on) if one.slot in problem.slot or one.rule not in _OF_THE_SEATS]
    # By Listener, so that of a pair the same one is named in every week: two weeks together must not name both.
    named = one_of_each_pair(wider, sorted(found, key=lambda one: one.listener))
    return tuple((wider.slot[one.slot], one) for one in named if wider.slot[one.slot].ends_at > now)


def refuse_strangers(problem: Problem, chosen: Draft) -> None:
    """NotAllowed when there are shifts or Listeners on the draft of whom the site knows nothing any more."""
    if any(one.slot not in problem.slot or one.listener not in problem.person for one in chosen.assigned):
        raise Cannot(
            phrase("cannot publish the rota: shifts or Listeners have changed since it was made; generate it again")
        )


def publish(session: Session, site: SiteId, problem: Problem, chosen: Draft, by: By) -> int:
    """Puts a draft into force and says how many shifts were written or taken away.

    Refused while a hard rule is broken. A shift that stays keeps its row, and so the swap that belongs to it.
    """
    refuse_strangers(problem, chosen)
    wrong = what_is_broken(problem, chosen.assigned)
    if wrong:
        named = one_of_each_pair(problem, wrong)
        raise RotaBreaksRules([(said(one.rule), one.slot, problem.person[one.listener].called) for one in named])
    if rewrites_the_past(problem, chosen.assigned, now=by.at):
        raise Cannot(phrase("cannot publish the rota: it would change a shift that has begun; generate it again"))
    changed = _replace(session, site, problem, chosen.assigned)
    session.execute(
        update(tables.Rota)
        .where(tables.Rota.id == chosen.id)
        .values(state=RotaState.PUBLISHED.value, published_at=by.at, published_by=by.who)
    )
    return changed


def rewrites_the_past(problem: Problem, assigned: Iterable[Assigned], *, now: datetime) -> bool:
    """Who was on duty stays as it was."""
    known = {one for one in assigned if one.slot in problem.slot}
    return any(problem.slot[one.slot].starts_at <= now for one in problem.published ^ known)


def _replace(session: Session, site: SiteId, problem: Problem, assigned: Iterable[Assigned]) -> int:
    wanted = {(one.slot, one.listener): one.cover for one in assigned}
    rows = session.scalars(
        select(tables.Shift).where(tables.Shift.site_id == site, tables.Shift.slot.in_(list(problem.slot)))
    ).all()
    changed = 0
    for row in rows:
        cover = wanted.pop((row.slot or "", ListenerId(row.listener_id)), None)
        if cover is None:
            session.execute(delete(tables.Shift).where(tables.Shift.id == row.id))
            changed += 1
        elif row.cover != cover:
            row.cover = cover.value
            changed += 1
    session.flush()
    for (name, listener), cover in sorted(wanted.items()):
        write_shift(session, site, problem.slot[name], listener, cover)
        changed += 1
    session.flush()
    return changed


def write_shift(session: Session, site: SiteId, slot: Slot, listener: ListenerId, cover: Cover) -> None:
    """A slot without an id is one that no pattern asks for."""
    session.add(
        tables.Shift(
            id=new_id("shift"),
            site_id=site,
            listener_id=listener,
            cover=cover.value,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            slot=slot.id or None,
        )
    )


def as_slot(shift: Shift, zone: ZoneInfo, limits: Limits) -> Slot:
    """A duty that is there already, whatever it was written for."""
    return one_slot(shift.id, (shift.starts_at, shift.ends_at), zone, limits.night)
