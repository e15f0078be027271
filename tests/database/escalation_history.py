"""Every state that an escalation has ever had, noted by a trigger of the database, so that no watcher can miss one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Row, String, Table, select

from models import tables
from models.database import Database
from models.tables import UtcDateTime

_TIMES = ("due_at", "acknowledged_at", "spoken_at", "closed_at")
_COPIED = ("call_id", "step", "round", *_TIMES)
_HISTORY = Table(
    "history",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("escalation", String),
    Column("call_id", String),
    Column("step", Integer),
    Column("round", Integer),
    *[Column(name, UtcDateTime) for name in _TIMES],
)
_INTO = f"INSERT INTO history (at, escalation, {', '.join(_COPIED)})"
_NEW = f"NEW.id, {', '.join(f'NEW.{name}' for name in _COPIED)}"
_SQLITE = [
    f"CREATE TRIGGER noted_{after} AFTER {after} ON escalations BEGIN "
    f"{_INTO} VALUES (strftime('%Y-%m-%d %H:%M:%f000', 'now'), {_NEW}); END"
    for after in ("INSERT", "UPDATE")
]
_FUNCTION = f"BEGIN {_INTO} VALUES (clock_timestamp(), {_NEW}); RETURN NULL; END"
_POSTGRESQL = [
    f"CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ {_FUNCTION} $$",
    "CREATE TRIGGER noted AFTER INSERT OR UPDATE ON escalations FOR EACH ROW EXECUTE FUNCTION noted()",
]


@dataclass(frozen=True, slots=True)
class State:
    """An escalation from ``at`` on. Times are seconds, as in the file of deeds."""

    at: float
    escalation: str
    call: str | None
    step: int
    round: int
    due: float | None
    acknowledged: bool
    spoken: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a telling."""

    id: str
    escalation: str
    step: int
    round: int
    rang_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class History:
    """What the database says at the end: ``states`` in their order for each escalation, and who took over what."""

    states: Mapping[str, Sequence[State]]
    told: Mapping[str, Told]
    taken_over: Sequence[tuple[float, str, str]]
    # Escalations of a call while another of the same call was open.
    beside: Sequence[str]


def begin(database: Database) -> None:
    _HISTORY.create(database.engine)
    with database.engine.begin() as connection:
        for statement in _SQLITE if database.engine.dialect.name == "sqlite" else _POSTGRESQL:
            connection.exec_driver_sql(statement)


def read(database: Database) -> History:
    with database.transaction() as session:
        states = [_state(row) for row in session.execute(select(_HISTORY).order_by(_HISTORY.c.id))]
        told = [_told(row) for row in session.scalars(select(tables.Telling))]
        acts = select(tables.Act).where(tables.Act.what == "taken over").order_by(tables.Act.id)
        taken_over = [(act.at.timestamp(), act.who, act.about or "") for act in session.scalars(acts)]
    by_escalation: dict[str, list[State]] = {}
    for state in states:
        by_escalation.setdefault(state.escalation, []).append(state)
    return History(by_escalation, {one.id: one for one in told}, taken_over, _beside(states))


def _beside(states: Sequence[State]) -> list[str]:
    open_of: dict[str | None, set[str]] = {}
    beside = []
    for state in states:
        mine = open_of.setdefault(state.call, set())
        (mine.discard if state.closed else mine.add)(state.escalation)
        beside += [state.escalation] if len(mine) > 1 else []
    return beside


def _state(row: Row[Any]) -> State:
    return State(
        at=row.at.timestamp(),
        escalation=row.escalation,
        call=row.call_id,
        step=row.step,
        round=row.round,
        due=_seconds(row.due_at),
        acknowledged=row.acknowledged_at is not None,
        spoken=row.spoken_at is not None,
        closed=row.closed_at is not None,
    )


def _told(row: tables.Telling) -> Told:
    ended = _seconds(row.ended_at)
    return Told(row.id, row.escalation_id, row.step, row.round, row.rang_at.timestamp(), ended)


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
