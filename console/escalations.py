"""Answering an escalation: acknowledge it, and close it only when somebody has spoken to the person."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from console.desk import AStaffReader, AtDesk, our_form
from console.live_board import whole_board
from models.errors import AskersFault
from models.words import EscalationId, Outcome

router = APIRouter(prefix="/escalations", dependencies=[Depends(our_form)])

SAY_WHETHER = "Say whether somebody has spoken to the person: yes or no. Nothing was recorded."
SAY_WHAT = "You said that somebody has spoken to the person. Say also what happened. Nothing was recorded."


class Spoken(StrEnum):
    """The answer to "has somebody spoken to the person?"; there is no default."""

    YES = "yes"
    NO = "no"


@router.post("/{escalation}/acknowledge")
async def acknowledge(escalation: EscalationId, desk: AtDesk, reader: AStaffReader) -> Response:
    try:
        await desk.line.acknowledge(escalation, reader.who.name)
    except AskersFault as fault:
        return await whole_board(desk, reader, complaint=str(fault), status=409)
    return RedirectResponse("/", status_code=303)


@router.post("/{escalation}/close")
async def close(
    escalation: EscalationId,
    desk: AtDesk,
    reader: AStaffReader,
    spoken: Annotated[Spoken | None, Form()] = None,
    outcome: Annotated[Outcome | None, Form()] = None,
) -> Response:
    if spoken is None:
        return await whole_board(desk, reader, complaint=SAY_WHETHER, status=422)
    if spoken is Spoken.YES and outcome is None:
        return await whole_board(desk, reader, complaint=SAY_WHAT, status=422)
    has_spoken = spoken is Spoken.YES
    try:
        await desk.line.close(escalation, reader.who.name, spoken=has_spoken, outcome=outcome if has_spoken else None)
    except AskersFault as fault:
        return await whole_board(desk, reader, complaint=str(fault), status=409)
    return RedirectResponse("/", status_code=303)
