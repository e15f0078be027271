"""The first page of set-up: each step, and whether it is done; and the ring of one phone."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from console import rendering
from console.accounts import record
from console.desk import AtDesk, Desk, our_form
from console.health.store import phones_here
from console.language import _
from console.rendering import Reader
from console.set_up.desk import ATechnician, AtSetUp
from console.set_up.phones import CHOOSE, choices
from console.set_up.ports import SetUpHere
from console.set_up.steps import Facts, steps
from escalation import profile_store
from escalation.nightly import latest
from models.clock import now
from models.errors import AsterisksFault, NotAllowed
from models.words import PhoneId

router = APIRouter(prefix="/set-up")
_log = structlog.get_logger()

PHONE_RUNG = "phone_rung"
# What whoever answers hears.
TEST_PROMPTS = ("line/name", "line/name")


@router.get("")
async def set_up_page(request: Request, desk: AtDesk, here: AtSetUp, reader: ATechnician) -> Response:
    # Files are read beside the loop, on which callers wait.
    said = await asyncio.to_thread(here.said)
    missing, own = await asyncio.to_thread(_recordings, here)

    def read(session: Session) -> Facts:
        signed = profile_store.in_force(session, desk.site, now())
        return Facts(
            site=said,
            phones=phones_here(session, desk.site),
            unreachable=desk.line.unreachable,
            profile=signed or request.app.state.profiles.of_site,
            signed=signed is not None,
            own_recordings=own,
            prompts_missing=missing,
            last_night=next(iter(latest(session, desk.site)), None),
        )

    facts = await desk.database.run(read)
    html = rendering.page("set_up.html", reader=reader, site=await desk.site_named(), steps=list(steps(facts)))
    return HTMLResponse(html)


@router.get("/test-call")
async def test_call_page(desk: AtDesk, reader: ATechnician) -> Response:
    return await _test_call(desk, reader)


@router.post("/test-call", dependencies=[Depends(our_form)])
async def ring(desk: AtDesk, here: AtSetUp, reader: ATechnician, phone: Annotated[str, Form()] = "") -> Response:
    known = await desk.database.run(lambda session: phones_here(session, desk.site))
    if phone not in {one.id for one in known}:
        return await _test_call(desk, reader, complaint=_(CHOOSE))
    try:
        await here.ring(PhoneId(phone), TEST_PROMPTS)
    except (NotAllowed, AsterisksFault) as fault:
        return await _test_call(desk, reader, chosen=phone, complaint=f"{fault}.")
    await desk.database.run(lambda session: record(session, reader.who, PHONE_RUNG))
    _log.info("console.phone_rung", phone=phone, account=reader.who.account)
    done = _("%(phone)s rings now, for 25 seconds. Whoever answers hears the name of the line twice.", phone=phone)
    return await _test_call(desk, reader, chosen=phone, done=done)


async def _test_call(
    desk: Desk, reader: Reader, *, chosen: str = "", done: str | None = None, complaint: str = ""
) -> Response:
    known = await desk.database.run(lambda session: phones_here(session, desk.site))
    html = rendering.page(
        "set_up_test_call.html",
        reader=reader,
        site=await desk.site_named(),
        phones=choices(known),
        chosen=chosen,
        done=done,
        complaint=complaint,
    )
    return HTMLResponse(html, 422 if complaint else 200)


def _recordings(here: SetUpHere) -> tuple[int, int]:
    """How many prompts have no sound, and how many the site has recorded itself."""
    names = [(one.code, prompt) for one in here.languages for prompt in one.prompts]
    missing = sum(not Path(f"{here.files.in_language(code, prompt)}.wav").exists() for code, prompt in names)
    return missing, sum((here.recordings / code / f"{prompt}.wav").exists() for code, prompt in names)
