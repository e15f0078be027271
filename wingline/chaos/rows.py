"""What the database says of a run, as history: times since it began, and cells by their names."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import tables
from models.words import Outcome
from wingline.chaos.history import Escalation, Rows, Talk, Telling

Since = Callable[[datetime], float]


def rows(session: Session, since: Since) -> Rows:
    return Rows(
        open_calls=_still_open(session, tables.Call),
        open_offers=_still_open(session, tables.Offer),
        talks=tuple(_talk(row, since) for row in session.scalars(select(tables.Talk).order_by(tables.Talk.began_at))),
        escalations=_escalations(session, since),
        tellings=tuple(
            Telling(row.escalation_id, row.post, since(row.rang_at), _at(row.ended_at, since), row.end)
            for row in session.scalars(select(tables.Telling).order_by(tables.Telling.rang_at))
        ),
    )


def _still_open(session: Session, table: type[tables.Call | tables.Offer]) -> int:
    return session.scalar(select(func.count()).where(table.ended_at.is_(None))) or 0


def _talk(row: tables.Talk, since: Since) -> Talk:
    # The id is the site's and the code name.
    listener = row.listener_id.rpartition("-")[2]
    return Talk(row.call_id, listener, row.seat, since(row.began_at), _at(row.ended_at, since))


def _escalations(session: Session, since: Since) -> tuple[Escalation, ...]:
    cells = {row.id: row.location for row in session.scalars(select(tables.Cell))}
    asked = session.scalars(select(tables.Escalation).order_by(tables.Escalation.raised_at))
    return tuple(
        Escalation(
            row.id,
            row.call_id,
            row.cause,
            cells[row.cell_id] if row.cell_id else None,
            since(row.raised_at),
            _at(row.closed_at, since),
            kept=row.outcome == Outcome.NOT_TOLD,
        )
        for row in asked
    )


def _at(moment: datetime | None, since: Since) -> float | None:
    return None if moment is None else since(moment)
