"""A Listener's own calendar feed: whoever has the secret address reads when they are on duty, and nothing else."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from console.desk import AtDesk
from models.clock import now
from rota.exports import calendar
from rota.feeds import shifts_of_feed

router = APIRouter(prefix="/calendars")


@router.get("/{secret}.ics")
async def feed(secret: str, desk: AtDesk) -> Response:
    """No sign-in: calendars cannot; the secret is long, one person's, and can be taken back."""
    moment = now()
    shifts = await desk.database.run(lambda session: shifts_of_feed(session, secret, now=moment))
    if shifts is None:
        return PlainTextResponse("there is no such calendar", status_code=404)
    return Response(calendar(shifts, stamp=moment), media_type="text/calendar")
