"""A part of the site file is changed in two steps: looked at, with the difference, and then taken."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from console import rendering
from console.complaints import CALLED, REQUIRED, Body
from console.desk import AtDesk, Desk, our_form
from console.rendering import Reader
from console.set_up import forms, wording
from console.set_up.desk import ATechnician, AtSetUp
from console.set_up.edits import CODES, Edit
from console.set_up.forms import Values, WrongFields
from console.set_up.ports import Candidate, SetUpHere, SiteSaid, Taken
from listeners.csv_file import BadFile, decoded
from models.errors import BadSite, NotAllowed
from models.words import Post

router = APIRouter(prefix="/set-up")
_log = structlog.get_logger()

WRONG, CHANGED = 422, 409


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its address, how it is shown in a form and read from one."""

    name: str
    values: Callable[[SiteSaid], Values]
    edit: Callable[[Values], Edit]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form; nothing that was written is lost. ``wrong``: by field, or "" for the whole."""

    values: Values
    candidate: Candidate | None = None
    taken: Taken | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)


PARTS = (
    Part("site", forms.site_values, forms.site_edit),
    Part("wings", forms.wings_values, forms.wings_edit),
    Part("posts", forms.posts_values, forms.posts_edit),
    Part("complaints", forms.complaints_values, forms.complaints_edit),
)


def _add(part: Part) -> None:
    async def show(desk: AtDesk, here: AtSetUp, reader: ATechnician) -> Response:
        said = await asyncio.to_thread(here.said)
        return await _page(desk, here, reader, part, Outcome(part.values(said)))

    async def look_at(request: Request, desk: AtDesk, here: AtSetUp, reader: ATechnician) -> Response:
        values: Values = {}
        try:
            values = await _written(await request.form())
            outcome = Outcome(values, await here.candidate(part.edit(values)))
        except (WrongFields, BadSite, BadFile) as fault:
            outcome = Outcome(values, wrong=_wrong(fault))
        return await _page(desk, here, reader, part, outcome, status=WRONG if outcome.wrong else 200)

    async def take(request: Request, desk: AtDesk, here: AtSetUp, reader: ATechnician) -> Response:
        values = await _written(await request.form())
        try:
            taken = await here.take(part.edit(values), forms.first(values, "of"), reader.who.name)
        except (WrongFields, BadSite, NotAllowed) as fault:
            return await _page(desk, here, reader, part, Outcome(values, wrong=_wrong(fault)), status=CHANGED)
        _log.info("console.site_changed", part=part.name, account=reader.who.account)
        said = await asyncio.to_thread(here.said)
        return await _page(desk, here, reader, part, Outcome(part.values(said), taken=taken))

    router.add_api_route(f"/{part.name}", show, methods=["GET"])
    router.add_api_route(f"/{part.name}", look_at, methods=["POST"], dependencies=[Depends(our_form)])
    router.add_api_route(f"/{part.name}/take", take, methods=["POST"], dependencies=[Depends(our_form)])


for _part in PARTS:
    _add(_part)


async def _written(form: FormData) -> Values:
    """A file stands for the text in whose place it was chosen."""
    values: dict[str, Sequence[str]] = {
        name: [value for value in form.getlist(name) if isinstance(value, str)]
        for name in form
        if name not in {"token", "file"}
    }
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        values["text"] = [decoded(await file.read())]
    return values


def _wrong(fault: WrongFields | BadSite | BadFile | NotAllowed) -> Mapping[str, str]:
    if isinstance(fault, WrongFields):
        return fault.fields
    # The reader of site files says a line for each thing to change, below one that says which file.
    lines = str(fault).splitlines()
    return {"": "; ".join(lines[1:] or lines)}


async def _page(  # noqa: PLR0913 - each is a part of the page
    desk: Desk, here: SetUpHere, reader: Reader, part: Part, outcome: Outcome, *, status: int = 200
) -> Response:
    content: dict[str, Any] = {"codes": CODES, "posts": Post, "bodies": Body, "called": CALLED, "required": REQUIRED}
    html = rendering.page(
        f"set_up_{part.name}.html",
        reader=reader,
        site=await desk.site_named(),
        part=part.name,
        say=wording,
        outcome=outcome,
        languages=[(one.code, one.name) for one in here.languages],
        first=forms.first,
        **content,
    )
    return HTMLResponse(html, status)
