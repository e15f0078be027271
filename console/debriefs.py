"""The talk that a Listener asked for after a call: a coordinator says that it was held."""

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from console.accounts import record
from console.desk import ACoordinator, AtDesk, our_form
from listeners.store import debrief_held

router = APIRouter(prefix="/debriefs", dependencies=[Depends(our_form)])


@router.post("/{code_name}/held")
async def held(code_name: str, desk: AtDesk, reader: ACoordinator) -> Response:
    """That it was, and nothing of what was said."""

    def note(session: Session) -> None:
        debrief_held(session, desk.site, code_name)
        record(session, reader.who, "debrief_held")

    await desk.database.run(note)
    return RedirectResponse("/", status_code=303)
