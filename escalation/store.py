"""The rows of escalations and tellings; the only module that knows how they are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from escalation import tellings
from escalation.alarms_told import NO_ALARMS, alarms_told
from escalation.case import Case
from escalation.disclosure import Disclosure
from escalation.ports import TELLING_AT_MOST
from escalation.profile import PROTOCOL, Profile, Protocol
from escalation.triage import NOT_FOR_THE_CALLER
from models import audit, clock, tables
from models.dangers import Danger
from models.errors import UnknownName
from models.words import (
    CallId,
    Cause,
    CellId,
    Condition,
    EscalationId,
    Fact,
    Instant,
    Outcome,
    PhoneId,
    Post,
    SiteId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What is known when an escalation begins.

    ``phone`` is the one on which the caller is, from the live channel. It is sealed: only escalation/opening.py looks
    what cell it is in, and only when the rule says that staff are told.
    """

    site: SiteId
    cause: Cause
    profile: Profile
    call: CallId | None = None
    danger: Danger | None = None
    phone: PhoneId | None = field(default=None, repr=False)

    @property
    def protocol(self) -> Protocol:
        return self.profile.protocol_for(self.cause)


class Deed(StrEnum):
    """What can be done to an escalation, as the acts say it."""

    RAISED = "raised"
    JOINED = "joined"
    MADE_GRAVER = "made graver"
    LOCATION_OPENED = "location opened"
    TOLD = "to be told"
    NOT_TOLD = "not to be told"
    ACKNOWLEDGED = "acknowledged"
    CANNOT_GO = "cannot go"
    CAME_BACK = "came back"
    NOBODY_LEFT = "nobody left to tell"
    NOT_SPOKEN_TO = "not spoken to"
    AT_DOOR = "at the door"
    SPOKEN = "spoken to"
    HANDED_OVER = "handed over"
    NOT_CLOSED = "not closed in time"
    TAKEN_OVER = "taken over"
    MENDED = "over by itself"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Open:
    """An open escalation as the console shows it."""

    id: EscalationId
    told: Disclosure
    case: Case

    @property
    def acknowledged_at(self) -> Instant | None:
        return self.case.acknowledged_at

    @property
    def acknowledged_by(self) -> str | None:
        return self.case.acknowledged_by

    @property
    def due_at(self) -> Instant:
        return self.case.due_at or self.told.raised_at


@dataclass(frozen=True, slots=True)
class OfCall:
    """An open escalation, as whoever takes its call over needs it. ``sealed``: no row says where the caller is."""

    id: EscalationId
    cause: Cause
    deciding: bool
    sealed: bool


def lock(session: Session, escalation: EscalationId, *, skip: bool = False) -> tables.Escalation | None:
    """The row, for this transaction alone; None when it does not exist, or ``skip`` and somebody else has it."""
    asked = select(tables.Escalation).where(tables.Escalation.id == escalation)
    return session.scalar(asked.with_for_update(skip_locked=skip))


def lock_open(session: Session, raising: Raise) -> Sequence[tables.Escalation]:
    """What is open of the call. The call's own row is locked first, so that two raises cannot both find nothing."""
    if raising.call is None:
        return ()
    session.scalar(select(tables.Call.id).where(tables.Call.id == raising.call).with_for_update())
    return lock_open_of_call(session, raising.call, raising.cause)


def lock_open_of_call(session: Session, call: CallId, cause: Cause) -> Sequence[tables.Escalation]:
    """What somebody is asked about comes first, as it does for whoever locked that to decide it."""
    mine = tables.Escalation.call_id == call, _joins(cause)
    found = select(tables.Escalation).where(*mine, _not_closed())
    return session.scalars(found.order_by(tables.Escalation.deciding.desc(), *_oldest_first()).with_for_update()).all()


def lock_open_of_cell(session: Session, cell: CellId, call: CallId, cause: Cause) -> tables.Escalation | None:
    """Of another call from the same cell: whoever goes to the door finds both."""
    same_door = tables.Escalation.cell_id == cell, tables.Escalation.call_id != call, _joins(cause)
    about_a_person = tables.Escalation.cause.not_in([Cause.DRILL, Cause.LINE_BROKEN])
    found = select(tables.Escalation).where(*same_door, about_a_person, _not_closed()).order_by(*_oldest_first())
    return session.scalar(found.limit(1).with_for_update())


def insert(session: Session, raising: Raise, now: Instant) -> tables.Escalation:
    row = tables.Escalation(
        id=clock.new_id("esc"),
        site_id=raising.site,
        call_id=raising.call,
        cause=raising.cause,
        danger=raising.danger,
        protocol=_frozen(raising.protocol),
        profile=f"{raising.profile.name} {raising.profile.number}",
        acknowledged_posts=[],
        step=0,
        round=0,
        raised_at=now,
    )
    session.add(row)
    session.flush()
    return row


def change_cause(row: tables.Escalation, cause: Cause, protocol: Protocol) -> None:
    row.cause = cause
    row.protocol = _frozen(protocol)


def learn(session: Session, call: CallId, condition: Condition) -> None:
    theirs = tables.Escalation.call_id == call, tables.Escalation.cause.not_in(NOT_FOR_THE_CALLER)
    row = session.scalar(select(tables.Escalation).where(*theirs, _not_closed()).with_for_update())
    if row is not None:
        row.condition = condition


def case_of(session: Session, row: tables.Escalation) -> Case:
    being_told = {telling.phone: telling.post for telling in tellings.open_of(session, EscalationId(row.id))}
    return Case(
        protocol=PROTOCOL.validate_python(row.protocol),
        step=row.step,
        round=row.round,
        step_ends_at=row.step_ends_at,
        being_told=being_told,
        deciding=row.deciding,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        posts=tuple(Post(post) for post in row.acknowledged_posts),
        at_door_at=row.at_door_at,
        at_door_by=row.at_door_by,
        spoken_at=row.spoken_at,
        spoken_by=row.spoken_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def write(session: Session, row: tables.Escalation, case: Case) -> None:
    row.step, row.round, row.deciding = case.step, case.round, case.deciding
    row.step_ends_at, row.due_at = case.step_ends_at, case.due_at
    row.acknowledged_at, row.acknowledged_by = case.acknowledged_at, case.acknowledged_by
    row.acknowledged_posts = list(case.posts)
    row.at_door_at, row.at_door_by = case.at_door_at, case.at_door_by
    row.spoken_at, row.spoken_by = case.spoken_at, case.spoken_by
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


def open_of_call(session: Session, call: CallId) -> Sequence[OfCall]:
    rows = session.scalars(
        select(tables.Escalation).where(_not_closed(), tables.Escalation.call_id == call).order_by(*_oldest_first())
    )
    return [OfCall(EscalationId(row.id), Cause(row.cause), row.deciding, sealed=row.cell_id is None) for row in rows]


def decided_among(session: Session, sealed: Collection[EscalationId]) -> Sequence[EscalationId]:
    """About which of these nobody is asked any more."""
    row = tables.Escalation
    deciding = set(session.scalars(select(row.id).where(row.id.in_(sealed), row.deciding, row.closed_at.is_(None))))
    return [one for one in sealed if one not in deciding]


def note(session: Session, who: str, what: Deed, about: EscalationId, now: Instant) -> None:
    audit.note(session, who, what, about, now)


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
    return [Open(EscalationId(row.id), _disclosure(session, row), case_of(session, row)) for row in rows]


def _disclosure(session: Session, row: tables.Escalation) -> Disclosure:
    """What the rule tells that it was raised under, and nothing more; while somebody decides, no place at all."""
    rule = PROTOCOL.validate_python(row.protocol)
    cell = session.get(tables.Cell, row.cell_id) if row.cell_id and not row.deciding else None
    call = session.get(tables.Call, row.call_id) if row.call_id else None
    condition = Condition(row.condition) if row.condition and Fact.CONDITION in rule.tells else None
    faults = alarms_told(session, EscalationId(row.id)) if row.cause == Cause.LINE_BROKEN else NO_ALARMS
    return Disclosure(
        cause=Cause(row.cause),
        danger=Danger(row.danger) if row.danger else None,
        location=cell.location if cell else None,
        raised_at=row.raised_at,
        on_line=call is not None and call.ended_at is None,
        told_before=row.round > 0,
        spoken_to=row.spoken_at is not None,
        asks_first=row.deciding,
        condition=condition,
        prison_number=row.prison_number,
        preferred_name=row.preferred_name,
        profile=row.profile,
        code=rule.codes.get(condition) if condition else None,
        alarms=faults.alarms,
        mended=faults.mended,
    )


def _joins(cause: Cause) -> ColumnElement[bool]:
    """What others are told of somebody else stands beside what is told of the caller, so that neither is lost in it."""
    other = cause in NOT_FOR_THE_CALLER
    return tables.Escalation.cause == cause if other else tables.Escalation.cause.not_in(NOT_FOR_THE_CALLER)


def _not_closed() -> ColumnElement[bool]:
    return tables.Escalation.closed_at.is_(None)


def _oldest_first() -> tuple[ColumnElement[Instant], ColumnElement[str]]:
    return tables.Escalation.raised_at.expression, tables.Escalation.id.expression


def _frozen(protocol: Protocol) -> dict[str, object]:
    frozen: dict[str, object] = PROTOCOL.dump_python(protocol, mode="json")
    return frozen
