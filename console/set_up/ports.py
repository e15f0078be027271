"""What the pages of set-up ask of this installation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from console.complaints import Reached
from console.set_up.edits import Edit, WingSaid
from ivr.prompt_files import PromptFiles
from ivr.prompts.texts import LanguageTexts
from ivr.recorder import Keep
from models.words import Language, PhoneId, Post, Prompt


@dataclass(frozen=True, slots=True)
class SiteSaid:
    """What the site file says of the parts that can be changed here."""

    name: str
    zone: str
    language: Language
    codes: Mapping[str, str]
    wings: tuple[WingSaid, ...]
    posts: tuple[Post, ...]
    complaints: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A site file that has been checked and is not taken yet. ``of``: a mark of the file that it would replace."""

    of: str
    # Lines of the file that go and come, with "-" and "+" before them.
    lines: tuple[str, ...]
    # What that changes in the prison, a sentence each.
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Which of Asterisk's files were read again, and which wait for its next start; both empty without Asterisk."""

    read_again: tuple[str, ...]
    wait_for_restart: tuple[str, ...]
    asterisk_told: bool


class SetUpHere(Protocol):
    def said(self) -> SiteSaid:
        """Reads the site file. BadSite when somebody has broken it meanwhile."""

    async def candidate(self, edit: Edit) -> Candidate:
        """BadSite says what to change, a line for each."""

    async def take(self, edit: Edit, of: str, who: str) -> Taken:
        """Replaces the file that ``of`` is a mark of, tells tables and Asterisk. NotAllowed when it is another."""

    @property
    def recordings(self) -> Path:
        """The site's own, <language>/<prompt>.wav: played instead of ours."""

    @property
    def languages(self) -> Sequence[LanguageTexts]: ...

    @property
    def files(self) -> PromptFiles: ...

    async def make_prompts(self) -> Mapping[Language, Mapping[Prompt, float]]:
        """What changed is made again; seconds by prompt."""

    async def record(self, phone: PhoneId, prompt: Prompt, keep: Keep) -> None:
        """Rings a phone of staff; ``keep`` gets what is spoken there, once it can be played and they have said yes.

        NotAllowed when it cannot be rung now.
        """

    async def ring(self, phone: PhoneId, prompts: Sequence[str]) -> None:
        """Rings a phone once; whoever answers hears the prompts. NotAllowed when it cannot be rung now."""
