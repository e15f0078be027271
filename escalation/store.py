"""The rows of escalations and tellings; the only module that knows how they are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from escalation.disclosure import Disclosure
from escalation.ports import TELLING_AT_MOST
from escalation.profile import PROTOCOL, Profile, Protocol
from escalation.protocol import Case, Tell
from models import clock, tables
from models.dangers import Danger
from models.errors import UnknownName
from models.words import (
    CallId,
    Cause,
    CellId,
    EscalationId,
    Instant,
    Outcome,
    PhoneId,
    Post,
    SiteId,
    TellingEnd,
    TellingId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What is known when an escalation begins. The cell is read from the live channel for this and nothing else."""

    site: SiteId
    cause: Cause
    profile: Profile
    call: CallId | None = None
    danger: Danger | None = None
    cell: CellId | None = None

    @property
    def protocol(self) -> Protocol:
        return self.profile.protocols.for_cause(self.cause)


class Deed(StrEnum):
    """What can be done to an escalation, as the acts say it."""

    RAISED = "raised"
    JOINED = "joined"
    MADE_GRAVER = "made graver"
    ACKNOWLEDGED = "acknowledged"
    CANNOT_GO = "cannot go"
    CAME_BACK = "came back"
    NOBODY_LEFT = "nobody left to tell"
    NOT_SPOKEN_TO = "not spoken to"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Telling:
    id: TellingId
    escalation: EscalationId
    phone: PhoneId
    post: Post


@dataclass(frozen=True, slots=True)
class Open:
    """An open escalation as the console shows it."""

    id: EscalationId
    told: Disclosure
    acknowledged_at: Instant | None
    acknowledged_by: str | None
    due_at: Instant


def lock(session: Session, escalation: EscalationId, *, skip: bool = False) -> tables.Escalation | None:
    """The row, for this transaction alone; None when it does not exist, or ``skip`` and somebody else has it."""
    asked = select(tables.Escalation).where(tables.Escalation.id == escalation)
    return session.scalar(asked.with_for_update(skip_locked=skip))


def lock_open(session: Session, raising: Raise) -> tables.Escalation | None:
    """The call's open escalation. The call's own row is locked first, so that two raises cannot both find none."""
    if raising.call is None:
        return None
    session.scalar(select(tables.Call.id).where(tables.Call.id == raising.call).with_for_update())
    mine = tables.Escalation.call_id == raising.call
    return session.scalar(select(tables.Escalation).where(mine, _not_closed()).with_for_update())


def insert(session: Session, raising: Raise, now: Instant) -> tables.Escalation:
    row = tables.Escalation(
        id=clock.new_id("esc"),
        site_id=raising.site,
        call_id=raising.call,
        cause=raising.cause,
        danger=raising.danger,
        cell_id=raising.cell,
        protocol=_frozen(raising.protocol),
        step=0,
        round=0,
        raised_at=now,
    )
    session.add(row)
    session.flush()
    return row


def change_cause(row: tables.Escalation, raising: Raise) -> None:
    row.cause = raising.cause
    row.protocol = _frozen(raising.protocol)


def case_of(session: Session, row: tables.Escalation) -> Case:
    being_told = frozenset(telling.phone for telling in open_tellings(session, EscalationId(row.id)))
    return Case(
        protocol=PROTOCOL.validate_python(row.protocol),
        step=row.step,
        round=row.round,
        due_at=row.due_at,
        being_told=being_told,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def write(session: Session, row: tables.Escalation, case: Case) -> None:
    row.step, row.round, row.due_at = case.step, case.round, case.due_at
    row.acknowledged_at, row.acknowledged_by = case.acknowledged_at, case.acknowledged_by
    row.closed_at, row.closed_by, row.outcome = case.closed_at, case.closed_by, case.outcome
    session.flush()


def ids_due(session: Session, now: Instant) -> Sequence[EscalationId]:
    stale = exists().where(
        tables.Telling.escalation_id == tables.Escalation.id,
        tables.Telling.ended_at.is_(None),
        tables.Telling.rang_at <= now - TELLING_AT_MOST,
    )
    due = or_(tables.Escalation.due_at <= now, stale)
    found = session.scalars(select(tables.Escalation.id).where(_not_closed(), due).order_by(*_oldest_first()))
    return [EscalationId(one) for one in found]


def ids_not_closed(session: Session) -> Sequence[EscalationId]:
    found = session.scalars(select(tables.Escalation.id).where(_not_closed()).order_by(*_oldest_first()))
    return [EscalationId(one) for one in found]


def open_tellings(
    session: Session, escalation: EscalationId, *, rung_before: Instant | None = None
) -> Sequence[Telling]:
    row = tables.Telling
    asked = select(row).where(row.escalation_id == escalation, row.ended_at.is_(None))
    if rung_before is not None:
        asked = asked.where(row.rang_at <= rung_before)
    return [_telling(one) for one in session.scalars(asked.order_by(row.rang_at, row.phone_id))]


def ids_ended_since(session: Session, moment: Instant) -> Sequence[TellingId]:
    found = session.scalars(select(tables.Telling.id).where(tables.Telling.ended_at >= moment))
    return [TellingId(one) for one in found]


def telling(session: Session, asked: TellingId) -> Telling:
    row = session.get(tables.Telling, asked)
    if row is None:
        raise UnknownName("telling", asked)
    return _telling(row)


def end_telling(session: Session, ending: TellingId, end: TellingEnd, now: Instant) -> bool:
    """False when it had ended already."""
    still_open = (tables.Telling.id == ending, tables.Telling.ended_at.is_(None))
    ended = session.execute(
        update(tables.Telling).where(*still_open).values(ended_at=now, end=end).returning(tables.Telling.id)
    )
    return ended.first() is not None


def tell(
    session: Session, row: tables.Escalation, order: Tell, *, unreachable: Collection[PhoneId], now: Instant
) -> Sequence[Telling]:
    """A telling for each phone of the post that has none open. The unreachable are written too, as ended."""
    escalation = EscalationId(row.id)
    busy = {telling.phone for telling in open_tellings(session, escalation)}
    phones = select(tables.Phone.id).where(tables.Phone.site_id == row.site_id, tables.Phone.post == order.post)
    rung: list[Telling] = []
    for phone in (PhoneId(one) for one in session.scalars(phones.order_by(tables.Phone.id))):
        if phone in busy:
            continue
        told = Telling(TellingId(clock.new_id("tell")), escalation, phone, order.post)
        lost = phone in unreachable
        session.add(
            tables.Telling(
                id=told.id,
                escalation_id=escalation,
                phone_id=phone,
                post=order.post,
                step=order.step,
                round=order.round,
                rang_at=now,
                ended_at=now if lost else None,
                end=TellingEnd.UNREACHABLE if lost else None,
            )
        )
        rung += [] if lost else [told]
    session.flush()
    return rung


def note(session: Session, who: str, what: Deed, about: EscalationId, now: Instant) -> None:
    session.add(tables.Act(at=now, who=who, what=what, about=about))


def disclosure(session: Session, escalation: EscalationId) -> Disclosure:
    """What staff are told, as it is now."""
    row = session.get(tables.Escalation, escalation)
    if row is None:
        raise UnknownName("escalation", escalation)
    return _disclosure(session, row)


def open_at(session: Session, site: SiteId) -> Sequence[Open]:
    rows = session.scalars(
        select(tables.Escalation).where(_not_closed(), tables.Escalation.site_id == site).order_by(*_oldest_first())
    )
    return [
        Open(
            id=EscalationId(row.id),
            told=_disclosure(session, row),
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
            due_at=row.due_at or row.raised_at,
        )
        for row in rows
    ]


def _disclosure(session: Session, row: tables.Escalation) -> Disclosure:
    cell = session.get(tables.Cell, row.cell_id) if row.cell_id else None
    call = session.get(tables.Call, row.call_id) if row.call_id else None
    return Disclosure(
        cause=Cause(row.cause),
        danger=Danger(row.danger) if row.danger else None,
        location=cell.location if cell else None,
        raised_at=row.raised_at,
        on_line=call is not None and call.ended_at is None,
        told_before=row.round > 0,
    )


def _telling(row: tables.Telling) -> Telling:
    return Telling(TellingId(row.id), EscalationId(row.escalation_id), PhoneId(row.phone_id), Post(row.post))


def _not_closed() -> ColumnElement[bool]:
    return tables.Escalation.closed_at.is_(None)


def _oldest_first() -> tuple[ColumnElement[Instant], ColumnElement[str]]:
    return tables.Escalation.raised_at.expression, tables.Escalation.id.expression


def _frozen(protocol: Protocol) -> dict[str, object]:
    frozen: dict[str, object] = PROTOCOL.dump_python(protocol, mode="json")
    return frozen
