"""What a simulation found, as the JSON that docs/protocol-scenario.md describes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from escalation.disclosure import Disclosure
from models import tables

Timeline = Sequence[dict[str, Any]]


def found(session: Session, profile: str, timeline: Timeline, starts: datetime) -> dict[str, Any]:
    """``timeline`` is what happened in order; the rest is read from the rows."""
    rows = session.scalars(select(tables.Escalation).order_by(tables.Escalation.raised_at))
    messages = session.scalars(select(tables.Message).order_by(tables.Message.made_at, tables.Message.id))
    acts = session.scalars(select(tables.Act).order_by(tables.Act.id))
    return {
        "profile": profile,
        "timeline": timeline,
        "told": _told(timeline),
        "messages": [
            {"at": seconds(one.made_at, starts), "contact": one.contact, "way": one.way, "news": one.what}
            for one in messages
        ],
        "escalations": [_escalation(row, starts) for row in rows],
        "audit": [{"at": seconds(act.at, starts), "who": act.who, "what": act.what} for act in acts],
    }


def seconds(moment: datetime | None, starts: datetime) -> float | None:
    return None if moment is None else round((moment - starts).total_seconds(), 3)


def _told(timeline: Timeline) -> dict[str, Any]:
    """Of each post: when it was first rung, how often, and every fact that it was told."""
    told: dict[str, Any] = {}
    for ring in (one for one in timeline if one["what"] == "rings"):
        post = told.setdefault(ring["post"], {"first": ring["at"], "rings": 0, "facts": []})
        post["rings"] += 1
        post["facts"] = sorted({*post["facts"], *ring["told"]})
    return told


def _escalation(row: tables.Escalation, starts: datetime) -> dict[str, Any]:
    times = ("raised_at", "acknowledged_at", "at_door_at", "spoken_at", "closed_at", "due_at")
    return {
        "cause": row.cause,
        "danger": row.danger,
        "call": row.call_id.removeprefix("call-") if row.call_id else None,
        **{time: seconds(getattr(row, time), starts) for time in times},
        "acknowledged_by": row.acknowledged_by,
        "posts": row.acknowledged_posts,
        "step": row.step,
        "round": row.round,
        "outcome": row.outcome,
        "open": row.closed_at is None,
    }


def facts_in(told: Disclosure) -> Iterator[str]:
    """What this message lets whoever hears it know."""
    yield "kind"
    known = {
        "danger": told.danger,
        "location": told.location,
        "prison_number": None if told.asks_first or told.spoken_to else told.prison_number,
        # On the console's screen, not by voice.
        "preferred_name": None if told.asks_first or told.spoken_to else told.preferred_name,
        "condition": told.condition,
        "code": told.code,
    }
    yield from (name for name, fact in known.items() if fact)
