"""The page of the profile: what counts, in plain words and as it is heard; proposals, signatures, history."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from console import profiles_shown, rendering
from console.desk import AtDesk, Desk, needs
from console.language import Words
from console.notice_sound import notice_wav
from console.profile_ports import ProfilesHere
from console.profiles_shown import Look
from console.rendering import Reader
from console.roles import Ability
from console.wall_clock import WallClock
from escalation.plain_words import Audience
from models.clock import now
from models.errors import UnknownName
from models.words import Language

router = APIRouter(prefix="/profile")

AProfileReader = Annotated[Reader, Depends(needs(Ability.SEE_PROFILE))]
For = Annotated[Audience, Query(alias="for")]
DONE = Words(
    {
        "proposed": "The profile is proposed. It needs two signatures: one for the prison and one for the scheme.",
        "signed": "Your signature is recorded.",
        "withdrawn": "The proposal is withdrawn. What is in force stays.",
        "in-force": "The notice was made and checked, and the profile comes into force at its time.",
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a form: a line for each complaint."""

    done: str | None = None
    complaints: tuple[str, ...] = ()
    # Which field it is about.
    field: str = ""


def profiles_here(request: Request) -> ProfilesHere:
    here: ProfilesHere = request.app.state.profiles
    return here


AtProfiles = Annotated[ProfilesHere, Depends(profiles_here)]


@router.get("")
async def profile_page(
    desk: AtDesk, here: AtProfiles, reader: AProfileReader, audience: For = Audience.OFFICER, done: str = ""
) -> Response:
    return await whole_page(desk, here, reader, audience=audience, outcome=Outcome(done=DONE.get(done)))


@router.get("/versions/{number}")
async def version_page(
    number: int, desk: AtDesk, here: AtProfiles, reader: AProfileReader, audience: For = Audience.OFFICER
) -> Response:
    return await whole_page(desk, here, reader, audience=audience, number=number)


@router.get("/versions/{number}/notice/{code}.wav")
async def notice_sound(number: int, code: Language, desk: AtDesk, here: AtProfiles, reader: AProfileReader) -> Response:
    """As a caller hears it who speaks this language."""
    del reader
    language = next((one for one in here.languages if one.code == code), None)
    if language is None:
        raise UnknownName("language", code)
    profile = await desk.database.run(lambda session: Look(session, desk.site, here, now()).profile(number))
    wav = notice_wav(here.files, language, profiles_shown.notice_in(profile, language))
    return Response(wav, media_type="audio/wav")


async def whole_page(  # noqa: PLR0913 - each is a part of the page
    desk: Desk,
    here: ProfilesHere,
    reader: Reader,
    *,
    audience: Audience = Audience.OFFICER,
    number: int | None = None,
    outcome: Outcome | None = None,
) -> Response:
    moment = now()
    shown = await desk.database.run(lambda session: Look(session, desk.site, here, moment).read(audience, number))
    site = await desk.site_named()
    html = rendering.page(
        "profile.html",
        site=site,
        reader=reader,
        say=profiles_shown,
        shown=shown,
        audience=audience,
        languages=here.languages,
        # Of a version that does not count now, only its words and its sound are shown.
        alone=number is not None,
        time=WallClock(ZoneInfo(site.zone), moment),
        outcome=outcome or Outcome(),
    )
    return HTMLResponse(html, 422 if outcome and outcome.complaints else 200)
