"""The forms of the page of the profile: propose, sign, bring into force, withdraw."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from console.desk import AtDesk, Desk, needs, our_form
from console.language import Cannot, _, in_words, marked
from console.profile_ports import ProfilesHere
from console.profiles import AtProfiles, Outcome, whole_page
from console.rendering import Reader
from console.roles import Ability, may
from escalation import notice, profile_file, profile_store
from escalation.profile_store import Beginning, By
from escalation.signing import For, Signature
from models.clock import now
from models.errors import AskersFault, WinglineError

router = APIRouter(prefix="/profile", dependencies=[Depends(our_form)])
_log = structlog.get_logger()

AProposer = Annotated[Reader, Depends(needs(Ability.PROPOSE_PROFILE))]
# A profile with every comment of ours has 7 kB.
LARGEST = 100_000
NO_FILE = marked("Choose a file first. Nothing was changed.")
TOO_LARGE = marked("This file is larger than any profile. Nothing was changed.")
NOT_TEXT = marked("This is no text in UTF-8. Save the profile as plain text, and choose it again.")
NO_TIME = marked("Write the day and the time, as 2026-12-01T06:00, or leave it empty for at once.")


def signer_of(reader: Annotated[Reader, Depends(needs(Ability.SEE_PROFILE))]) -> tuple[Reader, For]:
    """For whom this role signs."""
    if may(reader.who.role, Ability.SIGN_AS_GOVERNOR):
        return reader, For.PRISON
    if may(reader.who.role, Ability.SIGN_AS_PARTNER):
        return reader, For.SCHEME
    raise Cannot(_("cannot sign the profile: that is for the governor and the scheme partner"))


ASigner = Annotated[tuple[Reader, For], Depends(signer_of)]


@router.post("/propose")
async def propose(
    desk: AtDesk, here: AtProfiles, reader: AProposer, file: Annotated[UploadFile | str, File()] = ""
) -> Response:
    if isinstance(file, str) or not file.filename:
        return await _complain(desk, here, reader, _(NO_FILE))
    given = await file.read()
    if len(given) > LARGEST:
        return await _complain(desk, here, reader, _(TOO_LARGE))
    try:
        profile = profile_file.proposed(given.decode(), file.filename, here.choices)
    except UnicodeDecodeError:
        return await _complain(desk, here, reader, _(NOT_TEXT))
    except AskersFault as fault:
        return await _complain(desk, here, reader, *str(fault).splitlines())
    by = By(reader.who.name, now())
    await desk.database.run(lambda session: profile_store.propose(session, desk.site, profile, by))
    _log.info("console.profile_proposed", account=reader.who.account)
    return _done("proposed")


@router.post("/versions/{number}/sign")
async def sign(
    number: int, desk: AtDesk, here: AtProfiles, signer: ASigner, *, read: Annotated[str, Form()] = ""
) -> Response:
    reader, behalf = signer
    signature = Signature(reader.who.name, now(), read)

    def act(session: Session) -> None:
        profile_store.sign(session, desk.site, number, behalf, signature)

    return await _carried_out(desk, here, reader, act, "signed")


@router.post("/versions/{number}/withdraw")
async def withdraw(number: int, desk: AtDesk, here: AtProfiles, signer: ASigner) -> Response:
    reader, _behalf = signer
    by = By(reader.who.name, now())

    def act(session: Session) -> None:
        profile_store.withdraw(session, desk.site, number, by)

    return await _carried_out(desk, here, reader, act, "withdrawn")


@router.post("/versions/{number}/in-force")
async def bring_into_force(
    number: int, desk: AtDesk, here: AtProfiles, signer: ASigner, *, since: Annotated[str, Form()] = ""
) -> Response:
    """The notice is made again and looked at first: what callers would hear has to be what was signed."""
    reader, _behalf = signer
    zone = ZoneInfo((await desk.site_named()).zone)
    try:
        begins = datetime.fromisoformat(since).replace(tzinfo=zone) if since else None
    except ValueError:
        return await _complain(desk, here, reader, _(NO_TIME), field="since")
    try:
        wrong = await _wrong_notice(desk, here, number)
    except WinglineError as fault:
        return await _complain(desk, here, reader, _("The notice could not be made. %(fault)s", fault=fault))
    moment = now()
    beginning = Beginning(number, begins or moment, wrong)

    def act(session: Session) -> None:
        profile_store.bring_into_force(session, desk.site, beginning, By(reader.who.name, moment))

    return await _carried_out(desk, here, reader, act, "in-force")


async def _wrong_notice(desk: Desk, here: ProfilesHere, number: int) -> tuple[str, ...]:
    lengths = await here.make_notice()
    _version, profile = await desk.database.run(lambda session: profile_store.version(session, desk.site, number))
    return (*notice.complaints(profile), *notice.too_long_or_missing(profile, lengths, here.heard))


async def _carried_out(
    desk: Desk, here: ProfilesHere, reader: Reader, act: Callable[[Session], None], done: str
) -> Response:
    try:
        await desk.database.run(act)
    except AskersFault as fault:
        return await _complain(desk, here, reader, f"{in_words(fault.said)}.")
    await here.refresh()
    _log.info("console.profile", done=done, account=reader.who.account)
    return _done(done)


def _done(what: str) -> Response:
    return RedirectResponse(f"/profile?done={what}", status_code=303)


async def _complain(desk: Desk, here: ProfilesHere, reader: Reader, *complaints: str, field: str = "file") -> Response:
    return await whole_page(desk, here, reader, outcome=Outcome(complaints=complaints, field=field))
