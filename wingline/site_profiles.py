"""Which profile counts on this site: the signed version in force, else the site file's; and its notice, made again."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from escalation import profile_store
from escalation.profile import Profile, hearing_on
from ivr import prompt_files
from ivr.call import Rules
from ivr.prompt_files import PromptFiles
from ivr.prompts.checks import lengths
from ivr.prompts.making import make
from ivr.prompts.texts import LanguageTexts, languages
from models.clock import now
from models.database import Database
from models.errors import BadProfile
from models.words import Instant, Language, Prompt
from wingline.settings import Settings
from wingline.setup.programs import programs
from wingline.site import SiteFile

log = structlog.get_logger()

REFRESH_SECONDS = 60


def profile_of(session: Session, site: SiteFile, at: Instant) -> Profile:
    """For a program that starts, looks and ends."""
    return profile_store.in_force(session, site.id, at) or site.profile()


class SiteProfiles:
    """Read again every minute and at once after a change here; what is planned begins at its own moment."""

    def __init__(self, settings: Settings, site: SiteFile, database: Database) -> None:
        self._settings = settings
        self._site = site
        self._database = database
        self._signed: tuple[tuple[Instant, Profile], ...] = ()
        self.of_site = site.profile()
        self.languages: tuple[LanguageTexts, ...] = tuple(languages())
        self.files = PromptFiles(settings.prompts)

    @property
    def choices(self) -> Mapping[str, Any]:
        return self._site.choices

    def at(self, moment: Instant) -> Profile:
        begun = [profile for since, profile in self._signed if since <= moment]
        return begun[-1] if begun else self.of_site

    def rules(self) -> Rules:
        """What counts for a call that begins now."""
        moment, part = now(), self._site.site
        profile = self.at(moment)
        hearing = hearing_on(profile, moment.astimezone(ZoneInfo(part.zone)).date())
        default = Language(part.language)
        others = (one.code for one in self.languages if one.code != default)
        return Rules(profile, hearing, self.heard, (default, *others), default)

    @property
    def heard(self) -> frozenset[Language]:
        """The languages that the machine understands."""
        return frozenset(one.code for one in self.languages if one.heard)

    async def refresh(self) -> None:
        try:
            self._signed = await self._database.run(
                lambda session: profile_store.in_force_and_planned(session, self._site.id, now())
            )
        except BadProfile:
            # A call must not end because of it: what counted goes on to count, and the preflight says what is wrong.
            log.exception("profile.unreadable")

    async def make_notice(self) -> Mapping[Language, Mapping[Prompt, float]]:
        """Speaks what has no recording, and measures all: seconds by prompt."""
        return await asyncio.to_thread(self._make)

    def _make(self) -> Mapping[Language, Mapping[Prompt, float]]:
        own = self._settings.own_recordings
        speaking = partial(make, espeak=programs().command("espeak-ng"), own=own if own.is_dir() else None)
        speaking(self.languages, self._settings.prompts, progress=lambda _done, _total: None)
        prompt_files.seconds.cache_clear()
        return {one.code: lengths(self._settings.prompts / one.code) for one in self.languages}
