"""The forms of the page of movements: record one, take a file of many, and take one back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from console import movements_wording
from console.accounts import record
from console.desk import AtDesk, Desk, our_form
from console.language import _, marked
from console.movements import AMovementsReader, whole_page
from console.movements_shown import Filled, Followed, Outcome, followed, said
from console.movements_wording import Done
from console.rendering import Reader
from console.rota.days import Clock
from console.rota.store import names_of
from listeners.csv_file import BadFile, Row, decoded, only_rows, read_each
from listeners.movements import Source, movement_of
from listeners.movements_ahead import take_back as taken_back
from listeners.movements_store import Effect, Imported, import_movements, known_of, take_rows
from models.clock import now
from models.errors import UnknownName
from rota.people import zone_of

router = APIRouter(prefix="/movements", dependencies=[Depends(our_form)])
_log = structlog.get_logger()

WRONG_FORM = 422
NO_FILE = marked("Choose a file first. Nothing was changed.")
NOT_THERE = marked("That movement is over, or somebody has taken it back already. Nothing was changed.")
TAKEN_BACK = marked("The movement is taken back. Shifts that it freed stay free: give them again on the rota.")

Field = Annotated[str, Form()]


@router.post("")
async def record_one(  # noqa: PLR0913 - each is a field of the form
    desk: AtDesk,
    reader: AMovementsReader,
    *,
    code_name: Field = "",
    kind: Field = "",
    since: Field = "",
    until: Field = "",
    cell: Field = "",
) -> Response:
    filled = Filled(code_name, kind, since, until, cell)

    def act(session: Session) -> tuple[Imported, Followed]:
        known = known_of(session, desk.site)
        read = read_each([(1, Row(1, filled.cells))], lambda row: movement_of(row, known))
        return _recorded(session, desk, reader, take_rows(session, desk.site, read, source=Source.CONSOLE, now=now()))

    found, what_followed = await desk.database.run(act)
    if found.wrong:
        complaint = movements_wording.wrong_field(found.wrong[0].advice)
        return await whole_page(desk, reader, Outcome(complaint=complaint, filled=filled), status=WRONG_FORM)
    return await whole_page(desk, reader, Outcome(done=said(found), followed=what_followed))


@router.post("/file")
async def take_file(
    desk: AtDesk,
    reader: AMovementsReader,
    file: Annotated[UploadFile | str, File()] = "",
    text: Field = "",
) -> Response:
    """A file, or rows of one that were corrected on the page."""
    try:
        given = text if isinstance(file, str) else decoded(await file.read())
        if not given.strip():
            return await whole_page(desk, reader, Outcome(complaint=_(NO_FILE)), status=WRONG_FORM)
        found, what_followed = await desk.database.run(lambda session: _import(session, desk, reader, given))
        again = only_rows(given, {one.row for one in found.wrong}) if found.wrong else ""
    except BadFile as fault:
        complaint = movements_wording.complaint(fault)
        return await whole_page(desk, reader, Outcome(complaint=complaint, again=text), status=WRONG_FORM)
    _log.info("console.movements_taken", right=found.right, wrong=len(found.wrong))
    outcome = Outcome(done=said(found), followed=what_followed, wrong=found.wrong, again=again)
    return await whole_page(desk, reader, outcome, status=WRONG_FORM if found.wrong else 200)


@router.post("/{movement}/take-back")
async def take_back(movement: str, desk: AtDesk, reader: AMovementsReader) -> Response:
    def act(session: Session) -> Followed:
        effect = taken_back(session, desk.site, movement, now())
        record(session, reader.who, Done.TAKEN_BACK)
        return _followed(session, desk, effect)

    try:
        what_followed = await desk.database.run(act)
    except UnknownName:
        return await whole_page(desk, reader, Outcome(complaint=_(NOT_THERE)), status=409)
    return await whole_page(desk, reader, Outcome(done=_(TAKEN_BACK), followed=what_followed))


def _import(session: Session, desk: Desk, reader: Reader, text: str) -> tuple[Imported, Followed]:
    return _recorded(session, desk, reader, import_movements(session, desk.site, text, now=now()))


def _recorded(session: Session, desk: Desk, reader: Reader, found: Imported) -> tuple[Imported, Followed]:
    if found.new or found.changed:
        record(session, reader.who, Done.RECORDED)
    return found, _followed(session, desk, found.effect)


def _followed(session: Session, desk: Desk, effect: Effect) -> Followed:
    return followed(effect, names_of(session, desk.site), Clock(zone_of(session, desk.site), now()))
