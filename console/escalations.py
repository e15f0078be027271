"""Answering an escalation: going, at the door, spoken to the person, handed over; and closing it by the pick-list."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from console.desk import AStaffReader, AtDesk, Desk, our_form
from console.language import _, marked
from console.live_board import whole_board
from console.rendering import Reader
from escalation.case import Acknowledged, AtDoor, ByStaff, HandedOver
from escalation.case import Spoken as SpokenTo
from models.errors import AskersFault
from models.words import STAFF_OUTCOMES, EscalationId, Outcome, Post

router = APIRouter(prefix="/escalations", dependencies=[Depends(our_form)])

SAY_WHETHER = marked("Say whether somebody has spoken to the person: yes or no. Nothing was recorded.")
SAY_WHAT = marked("You said that somebody has spoken to the person. Say also what happened. Nothing was recorded.")

# Empty when anybody who goes is enough.
AsPost = Annotated[Post | None, Form()]


class Spoken(StrEnum):
    """The answer to "has somebody spoken to the person?"; there is no default."""

    YES = "yes"
    NO = "no"


@router.post("/{escalation}/acknowledge")
async def acknowledge(escalation: EscalationId, desk: AtDesk, reader: AStaffReader, post: AsPost = None) -> Response:
    return await _happened(escalation, Acknowledged(reader.who.name, post), desk, reader)


@router.post("/{escalation}/at-door")
async def at_door(escalation: EscalationId, desk: AtDesk, reader: AStaffReader, post: AsPost = None) -> Response:
    return await _happened(escalation, AtDoor(reader.who.name, post), desk, reader)


@router.post("/{escalation}/spoken")
async def spoken_to(escalation: EscalationId, desk: AtDesk, reader: AStaffReader) -> Response:
    return await _happened(escalation, SpokenTo(reader.who.name), desk, reader)


@router.post("/{escalation}/hand-over")
async def hand_over(escalation: EscalationId, desk: AtDesk, reader: AStaffReader) -> Response:
    return await _happened(escalation, HandedOver(reader.who.name), desk, reader)


@router.post("/{escalation}/close")
async def close(
    escalation: EscalationId,
    desk: AtDesk,
    reader: AStaffReader,
    spoken: Annotated[Spoken | None, Form()] = None,
    outcome: Annotated[Outcome | None, Form()] = None,
) -> Response:
    if spoken is None:
        return await whole_board(desk, reader, complaint=_(SAY_WHETHER), status=422)
    if spoken is Spoken.YES and outcome not in STAFF_OUTCOMES:
        return await whole_board(desk, reader, complaint=_(SAY_WHAT), status=422)
    has_spoken = spoken is Spoken.YES
    try:
        await desk.line.close(escalation, reader.who.name, spoken=has_spoken, outcome=outcome if has_spoken else None)
    except AskersFault as fault:
        return await whole_board(desk, reader, complaint=str(fault), status=409)
    return RedirectResponse("/", status_code=303)


async def _happened(escalation: EscalationId, event: ByStaff, desk: Desk, reader: Reader) -> Response:
    try:
        await desk.line.happened(escalation, event)
    except AskersFault as fault:
        return await whole_board(
            desk, reader, complaint=_("%(fault)s. Look again at how it stands now", fault=fault), status=409
        )
    return RedirectResponse("/", status_code=303)
