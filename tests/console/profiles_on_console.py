"""A console on which a profile can be signed: its people, and a line that makes notices of any length."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from evening import PHRASE, SITE

from console.accounts import add_account
from escalation.notice import SAYS
from escalation.profile import Profile
from escalation.profile_file import load
from ivr.prompt_files import PromptFiles
from ivr.prompts.texts import LanguageTexts, languages
from ivr.prompts.wav import write_wav
from models.database import Database
from models.words import AccountRole, Instant, Language, Prompt
from tests.fakes.line import CHOICES

PEOPLE = {
    "ward": AccountRole.GOVERNOR,
    "patel": AccountRole.GOVERNOR,
    "okoro": AccountRole.SCHEME_PARTNER,
    "tech": AccountRole.TECHNICIAN,
    "bo": AccountRole.MONITORING_BOARD,
}
ADULT = Path(__file__).parents[2] / "profiles/uk-listener-adult.toml"


@dataclass
class NoticesHere:
    """Half a second of sound for each prompt, unless a test says otherwise."""

    folder: Path
    languages: tuple[LanguageTexts, ...] = field(default_factory=lambda: tuple(languages()))
    seconds: float = 0.5
    made: int = 0
    refreshed: int = 0

    def __post_init__(self) -> None:
        tone = np.full(4000, 0.25)
        for language in self.languages:
            for prompt in SAYS:
                write_wav(self.folder / language.code / f"{prompt}.wav", tone)

    @property
    def choices(self) -> Mapping[str, Any]:
        return CHOICES

    @property
    def of_site(self) -> Profile:
        return load("uk-listener-adult", CHOICES)

    @property
    def heard(self) -> frozenset[Language]:
        return frozenset({Language("en")})

    @property
    def files(self) -> PromptFiles:
        return PromptFiles(self.folder)

    def at(self, moment: Instant) -> Profile:
        del moment
        return self.of_site

    async def make_notice(self) -> Mapping[Language, Mapping[Prompt, float]]:
        self.made += 1
        return {one.code: dict.fromkeys(SAYS, self.seconds) for one in self.languages}

    async def refresh(self) -> None:
        self.refreshed += 1


def people_who_sign(database: Database) -> None:
    with database.transaction() as session:
        for name, role in PEOPLE.items():
            add_account(session, SITE, name=name, password=PHRASE, role=role)


def adult(old: str = "", new: str = "") -> bytes:
    """The adult profile as a file, with one thing changed."""
    text = ADULT.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1).encode()
