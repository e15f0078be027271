"""What a profile says: who may be told what, when and in which order, and what the site itself must have chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from models.dangers import Danger
from models.words import Cause, Condition, EmergencyCode, Fact, Hearing, Post, Prompt

Seconds = Annotated[int, Field(ge=1, le=86400)]
Minutes = Annotated[int, Field(ge=0, le=240)]
MinutesOfTalk = Annotated[int, Field(ge=1, le=10080)]
STRICT = ConfigDict(extra="forbid")


class WhenRefusing(StrEnum):
    """An attempt is in progress and the caller, able to decide, says no (domain.md 5.2 a, E3)."""

    RESPECT = "respect"
    TELL_THEN_DISCLOSE = "tell_then_disclose"


class WhoConfirms(StrEnum):
    """Whose word it takes to tell staff against the caller's will (domain.md 5.2 d)."""

    LISTENER = "listener"
    LISTENER_AND_SAMARITAN = "listener_and_samaritan"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Choices:
    """What the rules leave open: governor and scheme partner decide, never the product."""

    attempt_in_progress_refusing: WhenRefusing
    threat_to_another: bool
    who_confirms: WhoConfirms


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class HearingRule:
    """Whether the machine listens; listening unless told not to needs a DPIA and ends by itself."""

    mode: Hearing
    # Seconds between two prompts to a Listener; danger now is prompted at once.
    prompt_every: Annotated[int, Field(ge=0, le=600)] = 90
    harm_others: bool = False
    dpia: str | None = None
    until: date | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class RingStage:
    """How many Listeners ring at once from this second of waiting on; None is all of them."""

    after_seconds: Annotated[int, Field(ge=0)]
    listeners: Annotated[int, Field(ge=1)] | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a caller waits at each stage, and what happens meanwhile."""

    listener_seconds: Seconds
    outside_seconds: Seconds
    duty_office_seconds: Seconds
    ring_seconds: Seconds
    ring_stages: Annotated[tuple[RingStage, ...], Field(min_length=1)]
    # A caller in silence believes that the line is dead (issue: at least every 15 s).
    calm_words_every: Annotated[int, Field(ge=5, le=15)]
    same_listener_minutes: Minutes


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Welfare:
    """What keeps listening from harming Listeners; no rule book settles it, so each key is required."""

    # Rest after a call: so long, a share of the talk, and more after one in which staff were told of something.
    rest_minutes: Minutes
    rest_share: Annotated[float, Field(ge=0, le=4)]
    rest_weight_minutes: Minutes
    # Enough: in one night, in 24 hours, in seven days. A call in which staff were told counts its weight as well.
    talk_minutes_night: MinutesOfTalk
    talk_minutes_day: MinutesOfTalk
    talk_minutes_week: MinutesOfTalk
    # Before a Listener is certified, and so that they stay it.
    shadowed_calls: Annotated[int, Field(ge=0, le=100)]
    recurring_training_days: Annotated[int, Field(ge=1, le=3650)]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Notice:
    """What the caller hears first, for each mode of hearing."""

    off: tuple[Prompt, ...]
    ask: tuple[Prompt, ...]
    opt_out: tuple[Prompt, ...]

    def for_mode(self, mode: Hearing) -> tuple[Prompt, ...]:
        return {Hearing.OFF: self.off, Hearing.ASK: self.ask, Hearing.OPT_OUT: self.opt_out}[mode]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Step:
    """Posts that are rung together, and how long they have until the next ones are rung too."""

    posts: Annotated[tuple[Post, ...], Field(min_length=1)]
    seconds: Seconds


class Undecided(StrEnum):
    """What follows when whoever decides cannot be reached, or does not decide in time."""

    TELL = "tell"
    KEEP = "keep"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Deciding:
    """Somebody who is asked before staff are told; until then nobody opens where the caller is (domain.md 6, E4)."""

    post: Post
    seconds: Seconds
    undecided: Undecided


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Protocol:
    """Steps that start again after the last one; only "spoken to the person" ends them."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    # Both from the first acknowledgement; after that it comes back.
    door_within: Seconds
    spoken_within: Seconds
    # From the moment at which somebody has spoken to the person; after that whoever went is reminded.
    closed_within: Seconds
    # One of each group has to acknowledge. Without groups, one of anybody who is told.
    acknowledge: tuple[Annotated[tuple[Post, ...], Field(min_length=1)], ...] = ()
    # From the disclosure that starts it (Profile.protocol_for), so that an escalation carries its own rule.
    decided_by: Deciding | None = None
    tells: frozenset[Fact] = frozenset()
    codes: Mapping[Condition, EmergencyCode] = field(default_factory=dict)


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Disclosing:
    """Which protocol a cause starts, and what it tells beside kind, time and what the person agreed to."""

    protocol: str
    tells: frozenset[Fact]
    decided_by: Deciding | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Profile:
    """One confidentiality and escalation profile, complete with the site's own choices."""

    name: str
    title: str
    choices: Choices
    hearing: HearingRule
    waiting: Waiting
    welfare: Welfare
    notice: Notice
    protocols: Mapping[str, Protocol]
    disclosures: Mapping[Cause, Disclosing]
    # Dangers for which the machine alone may make an escalation, because the notice said so.
    exception_rule: frozenset[Danger] = frozenset()
    # Every caller is a child: safeguarding is told of abuse without being asked first (domain.md 6, E4c).
    callers_are_children: bool = False
    # What the prison says on its radio for somebody in this condition.
    codes: Mapping[Condition, EmergencyCode] = field(default_factory=dict)
    # Counts up with each version that is signed; a profile that nobody has signed here is number 0.
    number: Annotated[int, Field(ge=0)] = 0

    def protocol_for(self, cause: Cause) -> Protocol:
        """KeyError when the profile never tells of it: triage asks first."""
        disclosing = self.disclosures[cause]
        return replace(
            self.protocols[disclosing.protocol],
            decided_by=disclosing.decided_by if self._asked_first(cause) else None,
            tells=disclosing.tells,
            codes=self.codes,
        )

    def _asked_first(self, cause: Cause) -> bool:
        """Against the caller's will, as the site has chosen; of a child or an adult at risk, as the profile says."""
        against_their_will = cause in {Cause.REFUSES, Cause.THREAT_TO_ANOTHER}
        return not against_their_will or self.choices.who_confirms is WhoConfirms.LISTENER_AND_SAMARITAN


PROTOCOL = TypeAdapter(Protocol)


def hearing_on(profile: Profile, today: date) -> Hearing:
    """Listening unless told not to falls back to asking after its last day."""
    rule = profile.hearing
    expired = rule.mode is Hearing.OPT_OUT and rule.until is not None and today > rule.until
    return Hearing.ASK if expired else rule.mode
