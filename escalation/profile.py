"""What a profile says: who may be told what, when and in which order, and what the site itself must have chosen."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from models.dangers import Danger
from models.errors import BadProfile
from models.words import Cause, Hearing, Post, Prompt

Seconds = Annotated[int, Field(ge=1, le=7200)]
Minutes = Annotated[int, Field(ge=0, le=240)]
MinutesOfTalk = Annotated[int, Field(ge=1, le=10080)]
STRICT = ConfigDict(extra="forbid")

SAYS_EXCEPTION_RULE = Prompt("notice/exception-rule")
SAYS_THREAT_TO_ANOTHER = Prompt("notice/threat-to-another")


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

    mode: Hearing = Hearing.ASK
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


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Protocol:
    """Steps that start again after the last one; only "spoken to the person" ends them."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    # From the acknowledgement; after that it comes back.
    spoken_within: Seconds


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Protocols:
    life: Protocol
    asked: Protocol
    agreed: Protocol
    visit: Protocol

    def for_cause(self, cause: Cause) -> Protocol:
        return {
            Cause.CALLER_ASKED: self.asked,
            Cause.CALLER_AGREED: self.agreed,
            Cause.DANGER_NOW: self.life,
            Cause.EXCEPTION_RULE: self.life,
            Cause.VISIT_ASKED: self.visit,
            Cause.DRILL: self.life,
        }[cause]


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
    protocols: Protocols
    # Dangers for which the machine alone may make an escalation, because the notice said so.
    exception_rule: frozenset[Danger] = frozenset()


PROTOCOL = TypeAdapter(Protocol)
_PROFILE = TypeAdapter(Profile)

_REQUIRED = {
    "attempt_in_progress_refusing": (
        'an attempt is in progress and the caller says no: "respect" the refusal, or "tell_then_disclose": '
        "tell the caller first, then staff (domain.md 5.2 a)"
    ),
    "threat_to_another": 'somebody else is threatened and the caller says no to help: "off" or "on" (domain.md 5.2 b)',
    "who_confirms": (
        'who confirms that staff are told against the caller\'s will: "listener" or "listener_and_samaritan" '
        "(domain.md 5.2 d)"
    ),
}


def load(name_or_path: str | Path, choices: Mapping[str, Any]) -> Profile:
    """A shipped profile by name, or one's own by path; ``choices`` come from the site file."""
    file = _file(name_or_path)
    missing = [f"{name} = …  # {meaning}" for name, meaning in _REQUIRED.items() if name not in choices]
    if missing:
        raise BadProfile(
            str(name_or_path),
            "governor and scheme partner must decide this; write it under [choices] in the site file:\n"
            + "\n".join(missing),
        )
    try:
        written = tomllib.loads(file.read_text("utf-8"))
        profile = _PROFILE.validate_python(_with_choices(written, choices, file.name))
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(str(name_or_path), f"this is not TOML: {error}") from error
    except ValidationError as error:
        raise BadProfile(str(name_or_path), _complaints(error)) from error
    _check(profile)
    return profile


def shipped() -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(".toml") for file in files("profiles").iterdir() if _is_toml(file)))


def hearing_on(profile: Profile, today: date) -> Hearing:
    """Listening unless told not to falls back to asking after its last day."""
    rule = profile.hearing
    expired = rule.mode is Hearing.OPT_OUT and rule.until is not None and today > rule.until
    return Hearing.ASK if expired else rule.mode


def _is_toml(file: Traversable) -> bool:
    return file.name.endswith(".toml")


def _file(name_or_path: str | Path) -> Traversable:
    name = str(name_or_path)
    file: Traversable = Path(name) if name.endswith(".toml") else files("profiles") / f"{name}.toml"
    if not file.is_file():
        raise BadProfile(name, f"there is no such file; give a path ending in .toml, or one of {', '.join(shipped())}")
    return file


def _with_choices(written: dict[str, Any], choices: Mapping[str, Any], file: str) -> dict[str, Any]:
    if "choices" in written:
        raise BadProfile(file, "[choices] are the site's: move them to the site file")
    hearing = written.get("hearing", {})
    if "hearing" in choices:
        if hearing.get("mode") == Hearing.OFF:
            raise BadProfile(file, "this profile never listens: take hearing out of the site file, or another profile")
        hearing = choices["hearing"]
    chosen = {name: choice for name, choice in choices.items() if name != "hearing"}
    return {**written, "hearing": hearing, "choices": chosen}


def _complaints(error: ValidationError) -> str:
    found = (f"{'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}" for wrong in error.errors())
    return "change this:\n" + "\n".join(found)


def _check(profile: Profile) -> None:
    """The rules that join two parts of a profile."""
    rule, notice = profile.hearing, profile.notice
    if rule.mode is Hearing.OPT_OUT and not (rule.dpia and rule.until):
        raise BadProfile(
            profile.name, "hearing.mode = opt_out needs hearing.dpia (its reference) and hearing.until (its last day)"
        )
    if not notice.off:
        raise BadProfile(
            profile.name, "notice.off says nothing; whoever speaks a language that no model hears needs it"
        )
    caps = profile.welfare
    if not caps.talk_minutes_night <= caps.talk_minutes_day <= caps.talk_minutes_week:
        raise BadProfile(profile.name, "welfare.talk_minutes_night, _day and _week must not fall in this order")
    starts = [stage.after_seconds for stage in profile.waiting.ring_stages]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise BadProfile(profile.name, "waiting.ring_stages must start after 0 seconds and rise")
    if not notice.for_mode(rule.mode) or (rule.mode is Hearing.OPT_OUT and not notice.ask):
        raise BadProfile(profile.name, f"notice.{rule.mode} says nothing (after opt_out ends, notice.ask is spoken)")
    listening = (notice.ask, notice.opt_out)
    if profile.exception_rule and not all(SAYS_EXCEPTION_RULE in spoken for spoken in listening):
        raise BadProfile(
            profile.name, f"exception_rule is not empty: add {SAYS_EXCEPTION_RULE} to notice.ask and notice.opt_out"
        )
    if profile.choices.threat_to_another and not all(
        SAYS_THREAT_TO_ANOTHER in spoken for spoken in (notice.off, *listening)
    ):
        raise BadProfile(
            profile.name,
            f"threat_to_another is on: in a copy of this profile add {SAYS_THREAT_TO_ANOTHER} to every notice",
        )
