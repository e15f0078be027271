"""Open escalations for systems of duty staff, such as a control room's screen: what their board shows, less who it is.

No prison number and no name, although the rule may have disclosed them: those are for the people who go (domain.md 6,
layer 6). As on the board, a place that E4 keeps from the wing's own staff is not told, nor anything while whoever
decides has not decided; and what is closed is not there.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from console.api import PREFIX, REFUSALS, answer, token_for
from console.api_tokens import Bearer, Scope
from console.board import LineNow, board_for
from console.desk import AtDesk
from console.store import OpenEscalation
from models.clock import now
from models.dangers import Danger
from models.words import AccountRole, Cause, Condition, EmergencyCode, Post

router = APIRouter(prefix=f"{PREFIX}/escalations", tags=["escalations"], responses=REFUSALS)

ForEscalations = Annotated[Bearer, token_for(Scope.ESCALATIONS)]


class EscalationNow(BaseModel):
    """One open escalation; ``settled``: nobody more is being told."""

    id: str
    cause: Cause
    danger: Danger | None
    location: str | None = Field(description="Where to go, as the prison writes it; null when staff are not told.")
    condition: Condition | None
    code: EmergencyCode | None = Field(description="As the prison says it on the radio.")
    on_line: bool = Field(description="The person is still talking to a Listener.")
    told_before: bool = Field(description="It came back: nobody had spoken to the person in time.")
    raised_at: datetime
    due_at: datetime = Field(description="What happens next happens then: more phones ring, or it comes back.")
    acknowledged_at: datetime | None
    acknowledged_by: list[Post]
    at_door_at: datetime | None
    spoken_at: datetime | None
    settled: bool


class EscalationsNow(BaseModel):
    """The most urgent first."""

    escalations: list[EscalationNow]


@router.get("", responses={200: {"model": EscalationsNow}})
async def escalations(desk: AtDesk, _bearer: ForEscalations) -> Response:
    """What is open now. To be told of a new one ask every few seconds, or be one of the profile's contacts."""
    line = LineNow(asterisk_up=desk.line.asterisk_up, hearing=desk.line.hearing())
    board = board_for(AccountRole.STAFF, await desk.watch.read(), line, now())
    return answer(EscalationsNow(escalations=[_told(one) for one in board.escalations.open]), all_right=True)


def _told(one: OpenEscalation) -> EscalationNow:
    told, case = one.open.told, one.open.case
    return EscalationNow(
        id=one.open.id,
        cause=told.cause,
        danger=told.danger,
        location=told.location,
        condition=told.condition,
        code=told.code,
        on_line=told.on_line,
        told_before=told.told_before,
        raised_at=told.raised_at,
        due_at=one.open.due_at,
        acknowledged_at=case.acknowledged_at,
        acknowledged_by=list(case.posts),
        at_door_at=case.at_door_at,
        spoken_at=case.spoken_at,
        settled=case.settled,
    )
