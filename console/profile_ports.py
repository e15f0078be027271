"""What the page of the profile asks of the line: which profile counts, and its notice as it is heard."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from escalation.profile import Profile
from ivr.prompt_files import PromptFiles
from ivr.prompts.texts import LanguageTexts
from models.words import Instant, Language, Prompt


class ProfilesHere(Protocol):
    @property
    def choices(self) -> Mapping[str, Any]:
        """The site's own, for a proposal that brings none."""

    @property
    def of_site(self) -> Profile:
        """What counts while nobody has signed a version."""

    @property
    def languages(self) -> Sequence[LanguageTexts]: ...

    @property
    def heard(self) -> frozenset[Language]:
        """The languages that the machine understands."""

    @property
    def files(self) -> PromptFiles: ...

    def at(self, moment: Instant) -> Profile: ...

    async def make_notice(self) -> Mapping[Language, Mapping[Prompt, float]]:
        """Every prompt as it will be heard: what has no recording is spoken. Seconds by prompt."""

    async def refresh(self) -> None:
        """A version came into force, or will not."""
