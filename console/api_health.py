"""How the machinery is, for a prison's monitoring: the page of health as JSON. Nobody is in it (issue 6)."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from console.api import PREFIX, REFUSALS, answer, token_for
from console.api_tokens import Bearer, Scope
from console.desk import AtDesk
from console.health.pages import machinery
from console.health.shown import Machinery, is_silent, wrong
from console.health.store import Facts, read
from console.wall_clock import WallClock
from escalation.messages import Fault
from escalation.nightly import Link
from escalation.suppression import SMALLEST_SHOWN
from models.clock import now
from models.words import PhoneKind, Post

router = APIRouter(prefix=f"{PREFIX}/health", tags=["health"], responses=REFUSALS)

ForHealth = Annotated[Bearer, token_for(Scope.HEALTH)]


class PhoneAway(BaseModel):
    """A phone that is not registered; of a phone of staff, the post."""

    id: str
    kind: PhoneKind
    post: Post | None


class NodeNow(BaseModel):
    id: str
    seen_at: datetime
    lives: bool


class NightNow(BaseModel):
    """The last call of the line to itself; ``broken`` is the first link of the chain that did not hold."""

    began_at: datetime
    ended_at: datetime | None
    broken: Link | None


class UnsentNow(BaseModel):
    """Messages that could not be sent to one contact."""

    contact: str
    fault: Fault
    number: int | None = Field(description="Null when it is fewer than five.")


class HealthNow(BaseModel):
    """``wrong``: what needs a look, the gravest first, in the page's own sentences; empty when all is well."""

    wrong: list[str]
    version: str
    database: str
    asterisk_up: bool
    listening: bool
    listening_since: datetime | None
    phones: int
    phones_away: list[PhoneAway] = Field(description="Says nothing while asterisk_up is false.")
    night: NightNow | None
    unsent: list[UnsentNow]
    nodes: list[NodeNow]
    audit_head: date | None = Field(description="The last day whose end of the audit was signed.")


@router.get("", responses={200: {"model": HealthNow}})
async def health(desk: AtDesk, _bearer: ForHealth) -> Response:
    """How the line is now."""
    site = await desk.site_named()
    facts = await desk.database.run(lambda session: read(session, desk.site, now()))
    line = await machinery(desk)
    return answer(_told(facts, line, WallClock(ZoneInfo(site.zone), now())), all_right=True)


def _told(facts: Facts, line: Machinery, time: WallClock) -> HealthNow:
    away = [one for one in facts.phones if one.id in line.unreachable]
    night = next(iter(facts.nights), None)
    return HealthNow(
        wrong=list(wrong(facts, line, time)),
        version=line.version,
        database=facts.database,
        asterisk_up=line.asterisk_up,
        listening=line.hearing.listening,
        listening_since=line.hearing.since,
        phones=len(facts.phones),
        phones_away=[PhoneAway(id=one.id, kind=one.kind, post=one.post) for one in away],
        night=NightNow(began_at=night.began_at, ended_at=night.ended_at, broken=night.broken) if night else None,
        unsent=[UnsentNow(contact=one.contact, fault=one.fault, number=_number(one.number)) for one in facts.unsent],
        nodes=[NodeNow(id=one.id, seen_at=one.seen_at, lives=not is_silent(one, facts)) for one in facts.nodes],
        audit_head=line.head.day if line.head else None,
    )


def _number(number: int) -> int | None:
    """A small one would say how often staff were told about somebody."""
    return number if number >= SMALLEST_SHOWN else None
