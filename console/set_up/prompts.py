"""The spoken prompts: their texts, as they are heard now, and the site's own recordings instead of ours."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from console import rendering
from console.desk import AtDesk, Desk, our_form
from console.health.store import PhoneHere, phones_here
from console.language import Words, _, marked
from console.rendering import Reader
from console.set_up.desk import ATechnician, AtSetUp
from console.set_up.phones import CHOOSE, choices
from console.set_up.ports import SetUpHere
from ivr.prompt_files import seconds
from ivr.prompts.checks import limit_of
from ivr.prompts.own import taken_recording
from ivr.prompts.sound import Sound
from ivr.prompts.texts import LanguageTexts
from ivr.prompts.wav import BadRecording, write_wav
from models import audit
from models.clock import now
from models.errors import AsterisksFault, NotAllowed, UnknownName
from models.words import Language, PhoneId, Prompt

router = APIRouter(prefix="/set-up/prompts")
of_language = APIRouter(prefix="/set-up/prompts/{language}")
_log = structlog.get_logger()

TAKEN, GIVEN_UP, RINGS = "recording_taken", "recording_given_up", "phone_rings"
DONE = Words(
    {
        TAKEN: "The recording was checked and is played from now on.",
        GIVEN_UP: "Our own voice speaks it again.",
        RINGS: "The phone rings now, for 25 seconds. Pick it up, and speak the text after the tone. Once you have "
        "pressed 1, read this page again.",
    }
)
NO_FILE = marked("Choose a recording first. Nothing was changed.")
# Beginnings of names that the page of all prompts explains.
GROUPS: Mapping[str, str] = Words(
    {
        "line": "The line's name",
        "language": "The choice of a language",
        "notice": "The notice",
        "caller": "What callers are told",
        "wait": "While callers wait",
        "talk": "Around a conversation",
        "grounding": "The calming recording",
        "staff-key": "Key 0",
        "overheard": "Key star",
        "offer": "When a Listener is rung",
        "key": "A Listener's keys in a call",
        "flag": "What Listeners are warned of",
        "after": "After a call",
        "own": "A Listener's own line",
        "cover": "Asking for cover",
        "staff": "What staff are told",
        "staff-line": "The staff's own line",
        "record": "When a prompt is recorded",
        "kept": "What is kept",
        "alone": "When Wingline itself is down",
        "time": "Times and days",
        "months": "Months",
        "numbers": "Numbers",
        "letters": "Letters",
        "digits": "Digits",
    }
)


@dataclass(frozen=True, slots=True)
class PromptShown:
    """One prompt in one language. ``seconds``: how long it is now; ``at_most``: how long it may be."""

    name: Prompt
    text: str
    own: bool
    seconds: float
    at_most: float


@dataclass(frozen=True, slots=True)
class At:
    """A technician before one language of this installation."""

    desk: Desk
    here: SetUpHere
    reader: Reader
    language: LanguageTexts

    def known(self, name: str) -> Prompt:
        """Only what has a text: no other file can be asked for."""
        if name not in self.language.prompts:
            raise UnknownName("prompt", name)
        return Prompt(name)

    def own(self, prompt: Prompt) -> Path:
        """Where the site's recording of it lies, or would."""
        return self.here.recordings / self.language.code / f"{prompt}.wav"

    def played(self, prompt: Prompt) -> str:
        """Without its ending, as the line knows it."""
        return self.here.files.in_language(self.language.code, prompt)

    async def staffs_phones(self) -> list[PhoneHere]:
        known = await self.desk.database.run(lambda session: phones_here(session, self.desk.site))
        return [one for one in known if one.post]

    def shown(self, prompt: Prompt) -> PromptShown:
        text, own = self.language.prompts[prompt], self.own(prompt).exists()
        return PromptShown(prompt, text, own, seconds(self.played(prompt)), limit_of(prompt))

    async def answer(self, template: str, *, status: int = 200, **content: object) -> Response:
        site = await self.desk.site_named()
        return HTMLResponse(
            rendering.page(template, reader=self.reader, site=site, one=self.language, **content), status
        )


def at_language(language: Language, desk: AtDesk, reader: ATechnician, here: AtSetUp) -> At:
    found = next((one for one in here.languages if one.code == language), None)
    if found is None:
        raise UnknownName("language", language)
    return At(desk, here, reader, found)


InLanguage = Annotated[At, Depends(at_language)]
Named = Annotated[str, Query()]
Sent = Annotated[str, Form()]


@router.get("")
async def prompts_page(desk: AtDesk, here: AtSetUp, reader: ATechnician) -> Response:
    """How many there are of each group and language, and how many the site has recorded."""
    languages = [(one, _counted(here, one)) for one in here.languages]
    site = await desk.site_named()
    return HTMLResponse(rendering.page("set_up_prompts.html", reader=reader, site=site, languages=languages))


@of_language.get("")
async def group_page(at: InLanguage, group: Named = "notice") -> Response:
    prompts = [at.shown(prompt) for prompt in at.language.prompts if _group(prompt) == group]
    if not prompts:
        raise UnknownName("group of prompts", group)
    return await at.answer("set_up_group.html", title=GROUPS.get(group, group), prompts=prompts)


@of_language.get("/one")
async def prompt_page(at: InLanguage, name: Named = "line/name", done: Named = "") -> Response:
    return await _prompt(at, at.known(name), done=DONE.get(done))


@of_language.get("/sound.wav")
async def sound(at: InLanguage, name: Named = "line/name") -> Response:
    """As a telephone plays it now."""
    prompt = at.known(name)
    if not at.shown(prompt).seconds:
        raise UnknownName("recording", name)
    return FileResponse(f"{at.played(prompt)}.wav", media_type="audio/wav")


@of_language.post("/recording", dependencies=[Depends(our_form)])
async def record(at: InLanguage, name: Sent = "", file: Annotated[UploadFile | str, File()] = "") -> Response:
    """Checked, and brought to what telephones play; what is wrong with it is said, and nothing is changed."""
    prompt = at.known(name)
    if isinstance(file, str) or not file.filename:
        return await _prompt(at, prompt, complaint=_(NO_FILE))
    given = BytesIO(await file.read())
    try:
        # Not on the loop, on which callers wait.
        heard = await asyncio.to_thread(taken_recording, prompt, given)
    except BadRecording as fault:
        return await _prompt(at, prompt, complaint=f"{fault.complaint[:1].upper()}{fault.complaint[1:]}.")
    await _take(at, prompt, heard)
    return _back(at, prompt, TAKEN)


@of_language.post("/by-phone", dependencies=[Depends(our_form)])
async def record_by_phone(at: InLanguage, name: Sent = "", phone: Sent = "") -> Response:
    """Rings a phone of staff, and no other, to speak it there (ivr/recorder.py)."""
    prompt = at.known(name)
    if phone not in {one.id for one in await at.staffs_phones()}:
        return await _prompt(at, prompt, no_ring=_(CHOOSE))
    try:
        await at.here.record(PhoneId(phone), prompt, partial(_take, at, prompt))
    except (NotAllowed, AsterisksFault) as fault:
        return await _prompt(at, prompt, no_ring=f"{fault}.")
    return _back(at, prompt, RINGS)


@of_language.post("/ours", dependencies=[Depends(our_form)])
async def ours(at: InLanguage, name: Sent = "") -> Response:
    """The site's recording is deleted."""
    prompt = at.known(name)
    at.own(prompt).unlink(missing_ok=True)
    await _changed(at, prompt, GIVEN_UP)
    return _back(at, prompt, GIVEN_UP)


async def _take(at: At, prompt: Prompt, sound: Sound) -> None:
    await asyncio.to_thread(write_wav, at.own(prompt), sound.samples)
    await _changed(at, prompt, TAKEN)


async def _changed(at: At, prompt: Prompt, what: str) -> None:
    code, who = at.language.code, at.reader.who

    def act(session: Session) -> None:
        audit.note(session, who.name, f"{what}_{code}", prompt, now())

    await at.desk.database.run(act)
    await at.here.make_prompts()
    _log.info("console.recording", what=what, prompt=prompt, account=who.account)


def _back(at: At, prompt: Prompt, done: str) -> Response:
    return RedirectResponse(f"/set-up/prompts/{at.language.code}/one?name={prompt}&done={done}", status_code=303)


async def _prompt(
    at: At, prompt: Prompt, *, done: str | None = None, complaint: str = "", no_ring: str = ""
) -> Response:
    """``complaint``: of a file; ``no_ring``: why no phone was rung."""
    group = _group(prompt)
    return await at.answer(
        "set_up_prompt.html",
        status=422 if complaint or no_ring else 200,
        shown=at.shown(prompt),
        group=group,
        title=GROUPS.get(group, group),
        phones=choices(await at.staffs_phones()),
        done=done,
        complaint=complaint,
        no_ring=no_ring,
    )


def _group(prompt: str) -> str:
    return prompt.partition("/")[0]


def _counted(here: SetUpHere, one: LanguageTexts) -> list[tuple[str, str, int, int]]:
    """Each group with its title, how many prompts it has, and how many of them the site has recorded."""
    own = Counter(_group(prompt) for prompt in one.prompts if (here.recordings / one.code / f"{prompt}.wav").exists())
    all_of = Counter(_group(prompt) for prompt in one.prompts)
    # A group of a later release stands at the end.
    ordered = [*(group for group in GROUPS if group in all_of), *(group for group in all_of if group not in GROUPS)]
    return [(group, GROUPS.get(group, group), all_of[group], own[group]) for group in ordered]
