"""The page of the profile as it is read: what counts, what is proposed, what that would change, and the history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.language import Words, in_words, spoken
from console.profile_ports import ProfilesHere
from escalation import profile_store
from escalation.notice import spoken_modes
from escalation.plain_words import Audience, Change, Page, difference, page
from escalation.plain_words_line import Texts
from escalation.profile import Profile
from escalation.signing import BEHALF, For, State, Version, in_force, is_open, state_of
from ivr.prompts.texts import LanguageTexts
from models.words import Hearing, Instant, Prompt, SiteId

# What nobody has proposed or signed: the site file's own.
UNSIGNED = 0
STATES: Mapping[State, str] = Words(
    {
        State.PROPOSED: "Proposed, signed by nobody",
        State.SIGNED_BY_ONE: "Proposed, signed by one of two",
        State.SIGNED: "Signed by both, not in force",
        State.PLANNED: "Signed by both, in force later",
        State.IN_FORCE: "In force",
        State.REPLACED: "Was in force",
        State.WITHDRAWN: "Withdrawn",
        State.NOT_WHAT_WAS_SIGNED: "Changed after it was signed: it counts for nothing. Tell whoever runs the machine",
    }
)
PAGES: Mapping[Audience, str] = Words(
    {
        Audience.CALLER: "As a caller meets it",
        Audience.LISTENER: "As a Listener meets it",
        Audience.OFFICER: "As an officer meets it",
    }
)
FOR: Mapping[Audience, str] = Words(
    {Audience.CALLER: "For a caller", Audience.LISTENER: "For a Listener", Audience.OFFICER: "For an officer"}
)
TOUCHES: Mapping[Audience, str] = Words(
    {
        Audience.CALLER: "What callers will meet",
        Audience.LISTENER: "What Listeners will meet",
        Audience.OFFICER: "What officers will meet",
    }
)


@dataclass(frozen=True, slots=True)
class ShownVersion:
    version: Version
    state: State

    @property
    def says(self) -> str:
        return STATES[self.state]

    @property
    def signatures(self) -> Iterator[tuple[str, str]]:
        """For whom, and by whom: only what counts."""
        for behalf in For:
            signature = self.version.signature(behalf)
            if signature:
                yield in_words(BEHALF[behalf]), signature.by

    @property
    def can_be_signed(self) -> bool:
        return is_open(self.version) and not self.version.is_signed

    @property
    def can_come_into_force(self) -> bool:
        return self.state is State.SIGNED

    @property
    def can_be_withdrawn(self) -> bool:
        return is_open(self.version) or self.state is State.PLANNED


@dataclass(frozen=True, slots=True)
class Proposal:
    shown: ShownVersion
    changes: Mapping[Audience, tuple[Change, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``number`` is UNSIGNED for the site file's own profile; ``waiting`` may come into force, or is going to."""

    number: int
    page: Page
    current: ShownVersion | None
    waiting: tuple[Proposal, ...]
    history: tuple[ShownVersion, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a site's versions, in one transaction."""

    session: Session
    site: SiteId
    here: ProfilesHere
    at: Instant

    def read(self, audience: Audience, number: int | None = None) -> Shown:
        """What counts now; with a number, that version in its place."""
        known = profile_store.versions(self.session, self.site)
        current = in_force(known, self.at)
        counting = current.number if current else UNSIGNED
        asked = counting if number is None else number
        waiting = (one for one in known if is_open(one) or state_of(one, known, self.at) is State.PLANNED)
        history = tuple(ShownVersion(one, state_of(one, known, self.at)) for one in reversed(known))
        return Shown(
            number=asked,
            page=page(self.profile(asked), audience, self._texts),
            current=ShownVersion(current, State.IN_FORCE) if current else None,
            waiting=tuple(
                Proposal(ShownVersion(one, state_of(one, known, self.at)), self._changes(counting, one.number))
                for one in waiting
            ),
            history=history,
        )

    def profile(self, number: int) -> Profile:
        if number == UNSIGNED:
            return self.here.of_site
        return profile_store.version(self.session, self.site, number)[1]

    @property
    def _texts(self) -> Texts:
        return texts_of(self.here.languages)

    def _changes(self, old: int, new: int) -> Mapping[Audience, tuple[Change, ...]]:
        return difference(self.profile(old), self.profile(new), self._texts)


def texts_of(languages: Sequence[LanguageTexts]) -> Texts:
    """The prompts as whoever asks reads them; in English where they are not spoken in that language."""
    return next((one for one in languages if one.code == spoken()), languages[0]).prompts


def notice_in(profile: Profile, language: LanguageTexts) -> tuple[Prompt, ...]:
    """The first that somebody hears who speaks this language."""
    mode = spoken_modes(profile)[0] if language.heard else Hearing.OFF
    return profile.notice.for_mode(mode)
