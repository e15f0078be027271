"""What the pages of set-up can do to this installation: four parts of its site file, its recordings, one ring."""

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from console.set_up.edits import CODES, Edit, WingSaid, part_of
from console.set_up.ports import Candidate, SiteSaid, Taken
from ivr.ami import Ami
from ivr.asterisk_legs import AsteriskLegs
from ivr.prompt_files import PromptFiles
from ivr.prompts.texts import LanguageTexts
from ivr.recorder import Keep, Recorder
from models import audit
from models.clock import now
from models.database import Database
from models.errors import AsterisksFault, NotAllowed
from models.words import Language, PhoneId, Prompt
from wingline.reloading import Reloaded
from wingline.settings import Settings
from wingline.site import SiteFile, checked_site, read_site
from wingline.site_changes import Known, changes, in_file
from wingline.site_draft import edited
from wingline.site_rows import apply_site

SITE_CHANGED = "site_changed"
RING_SECONDS = 25


class _Prompts(Protocol):
    """Who makes the prompts (wingline/site_profiles.py)."""

    @property
    def languages(self) -> Sequence[LanguageTexts]: ...

    @property
    def files(self) -> PromptFiles: ...

    async def make_notice(self) -> Mapping[Language, Mapping[Prompt, float]]: ...


class _Phones(Protocol):
    async def ring(self, phone: PhoneId, files: Sequence[str]) -> None: ...

    async def record(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None: ...


class RingOnce:
    """Rings a phone outside of every call, so that whoever answers hears or records a prompt, and nobody else does."""

    def __init__(self, ami: Ami, legs: AsteriskLegs, recorder: Recorder) -> None:
        self._ami = ami
        self._legs = legs
        self._recorder = recorder

    async def ring(self, phone: PhoneId, files: Sequence[str]) -> None:
        await self._ring(phone, {"Application": "Playback", "Data": "&".join(files)})

    async def record(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None:
        self._recorder.expect(phone, prompt, keep)
        await self._ring(phone, {"Context": "wl-record", "Exten": "s", "Priority": 1})

    async def _ring(self, phone: PhoneId, there: Mapping[str, Any]) -> None:
        if phone in self._legs.unreachable:
            raise NotAllowed("ring this phone", "it is not registered; look at its cable and at what was typed into it")
        if any(live.leg.phone == phone for live in await self._legs.live_legs()):
            raise NotAllowed("ring this phone", "it is in use; try again later")
        await self._ami.act(
            "Originate",
            Channel=f"PJSIP/{phone}",
            Timeout=RING_SECONDS * 1000,
            Async="true",
            CallerID="Listener line <>",
            **there,
        )


class SetUpHere:
    """See console.set_up.ports.SetUpHere."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        prompts: _Prompts,
        *,
        reload: Callable[[], Awaitable[Reloaded]],
        phones: _Phones,
    ) -> None:
        self._settings = settings
        self._database = database
        self._prompts = prompts
        self._reload = reload
        self._phones = phones
        # One change of the file at a time.
        self._taking = asyncio.Lock()

    # ---- the site file

    def said(self) -> SiteSaid:
        return _said(read_site(self._settings.site_file))

    async def candidate(self, edit: Edit) -> Candidate:
        return await asyncio.to_thread(self._candidate, edit)

    def _candidate(self, edit: Edit) -> Candidate:
        before = self._text()
        after = edited(before, edit)
        says = changes(_known(before), _known(after))
        lines = [*difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")][2:]
        return Candidate(_mark(before), tuple(line for line in lines if line[:1] in "+-"), tuple(says))

    async def take(self, edit: Edit, of: str, who: str) -> Taken:
        async with self._taking:
            text = await asyncio.to_thread(self._text)
            if _mark(text) != of:
                raise NotAllowed("take this change", "the site file has changed meanwhile; look at the change again")
            after = await asyncio.to_thread(edited, text, edit)
            await self._database.run(lambda session: self._take(session, after, edit, who))
            try:
                done = await self._reload()
            except AsterisksFault:
                return Taken((), (), asterisk_told=False)
            return Taken(done.read_again, done.wait_for_restart, asterisk_told=True)

    def _take(self, session: Session, text: str, edit: Edit, who: str) -> None:
        """The file last: when the tables do not take it, it stays as it was."""
        apply_site(session, checked_site(text, self._settings.site_file.name))
        audit.note(session, who, SITE_CHANGED, part_of(edit), now())
        session.flush()
        file = self._settings.site_file
        unfinished, before = file.with_suffix(".new"), file.with_suffix(".before")
        unfinished.touch(mode=0o600)
        unfinished.write_text(text, "utf-8")
        before.write_bytes(file.read_bytes())
        before.chmod(0o600)
        unfinished.replace(file)

    def _text(self) -> str:
        return self._settings.site_file.read_text("utf-8")

    # ---- prompts and phones

    @property
    def recordings(self) -> Path:
        return self._settings.own_recordings

    @property
    def languages(self) -> Sequence[LanguageTexts]:
        return self._prompts.languages

    @property
    def files(self) -> PromptFiles:
        return self._prompts.files

    async def make_prompts(self) -> Mapping[Language, Mapping[Prompt, float]]:
        return await self._prompts.make_notice()

    async def ring(self, phone: PhoneId, prompts: Sequence[str]) -> None:
        language = Language((await asyncio.to_thread(self.said)).language)
        await self._phones.ring(phone, [self.files.in_language(language, prompt) for prompt in prompts])

    async def record(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None:
        await self._phones.record(phone, prompt, keep)


def _said(site: SiteFile) -> SiteSaid:
    part = site.site
    return SiteSaid(
        name=part.name,
        zone=part.zone,
        language=Language(part.language),
        codes={code: getattr(part, code) for code in CODES},
        wings=tuple(WingSaid(wing.letter, wing.name, wing.backup or "", tuple(wing.cells)) for wing in site.wings),
        posts=tuple(site.posts),
        complaints=tuple(part.reached() for part in site.complaints),
    )


def _known(text: str) -> Known:
    """Without the shifts, which no page of set-up touches."""
    return replace(in_file(checked_site(text, "site.toml")), shifts=0)


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
