"""Taking a file of Listeners: looked at row by row, corrected on the page, and then confirmed."""

from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from console import rendering
from console.accounts import record
from console.desk import AtDesk, Desk, our_form
from console.language import _, marked
from console.listeners import wording
from console.listeners.preview import Preview, preview
from console.listeners.readers import AListenersReader
from console.listeners.wording import Done
from console.rendering import Reader
from listeners.csv_file import BadFile, decoded, only_rows
from listeners.entry_store import Import
from listeners.import_store import Imported, import_listeners
from listeners.listeners_file import COLUMNS, OPTIONAL, WrongCell
from models.clock import now

router = APIRouter(prefix="/listeners/import")
forms = APIRouter(prefix="/listeners/import", dependencies=[Depends(our_form)])
_log = structlog.get_logger()

WRONG_FORM = 422
NO_FILE = marked("Choose a file first. Nothing was changed.")

Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a form. ``text``: rows that are not taken yet, to be corrected and sent again."""

    done: str = ""
    complaint: str = ""
    text: str = ""
    preview: Preview | None = None
    wrong: tuple[WrongCell, ...] = ()


@router.get("")
async def import_page(desk: AtDesk, reader: AListenersReader) -> Response:
    return await _page(desk, reader, Outcome())


@forms.post("")
async def look_at(
    desk: AtDesk,
    reader: AListenersReader,
    file: Annotated[UploadFile | str, File()] = "",
    text: Text = "",
) -> Response:
    """A file, or what was corrected on the page; nothing is taken yet."""
    given = text
    try:
        given = text if isinstance(file, str) else decoded(await file.read())
        if not given.strip():
            return await _page(desk, reader, Outcome(complaint=_(NO_FILE)), status=WRONG_FORM)
        found = await desk.database.run(lambda session: preview(session, desk.site, given, _how(desk, reader)))
    except BadFile as fault:
        return await _page(desk, reader, Outcome(complaint=wording.refused(fault), text=given), status=WRONG_FORM)
    outcome = Outcome(preview=found, wrong=found.wrong, text=given)
    return await _page(desk, reader, outcome, status=WRONG_FORM if found.wrong else 200)


@forms.post("/confirm")
async def confirm(desk: AtDesk, reader: AListenersReader, text: Text = "") -> Response:
    """The right rows are taken; the others stay on the page."""

    def take(session: Session) -> Imported:
        found = import_listeners(session, desk.site, text, _how(desk, reader))
        if found.new or found.changed:
            record(session, reader.who, Done.LISTENERS_IMPORTED)
        return found

    try:
        found = await desk.database.run(take)
        again = only_rows(text, {one.row for one in found.wrong}) if found.wrong else ""
    except BadFile as fault:
        return await _page(desk, reader, Outcome(complaint=wording.refused(fault), text=text), status=WRONG_FORM)
    _log.info("console.listeners_imported", new=found.new, changed=found.changed, wrong=len(found.wrong))
    outcome = Outcome(done=wording.imported(found), wrong=found.wrong, text=again)
    return await _page(desk, reader, outcome, status=WRONG_FORM if found.wrong else 200)


def _how(desk: Desk, reader: Reader) -> Import:
    return Import(reader.who.name, now(), desk.line.welfare)


async def _page(desk: Desk, reader: Reader, outcome: Outcome, *, status: int = 200) -> Response:
    html = rendering.page(
        "listeners_import.html",
        site=await desk.site_named(),
        reader=reader,
        say=wording,
        outcome=outcome,
        columns=COLUMNS,
        optional=OPTIONAL,
    )
    return HTMLResponse(html, status)
