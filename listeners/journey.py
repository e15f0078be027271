"""The way of a Listener from applying to leaving: which standing may follow which, why, and what is lacking for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from models.words import RECURRING_MODULES, Standing, StandingReason
from rota.person import Span


class Rules(Protocol):
    """What a site has settled about becoming and staying a Listener (``[welfare]`` of its profile)."""

    @property
    def shadowed_calls(self) -> int: ...
    @property
    def recurring_training_days(self) -> int: ...


class Module(StrEnum):
    """The eight of the first training (domain.md 1.2), and those that come again."""

    ONE = "module_1"
    TWO = "module_2"
    THREE = "module_3"
    FOUR = "module_4"
    FIVE = "module_5"
    SIX = "module_6"
    SEVEN = "module_7"
    EIGHT = "module_8"
    REFRESHER = "refresher"
    # Where the scheme partner accredits again on days of its own, whatever the certificate says.
    REACCREDITATION = "reaccreditation"


RECURRING = tuple(Module(name) for name in RECURRING_MODULES)
FIRST_TRAINING = tuple(module for module in Module if module not in RECURRING)


@dataclass(frozen=True, slots=True)
class Trained:
    """A module that is done, and until when it counts; ``until`` is empty when it need not be done again."""

    module: Module
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SoFar:
    """How far a Listener has come."""

    standing: Standing | None = None
    trainings: Mapping[Module, Trained] = field(default_factory=dict)
    shadowed: int = 0
    certificate: Span | None = None
    suspended_from: Standing | None = None

    def overdue(self, at: datetime) -> tuple[Module, ...]:
        """Recurring modules that count no longer; one that was never recorded is asked of nobody."""
        done = (self.trainings[module] for module in RECURRING if module in self.trainings)
        return tuple(one.module for one in done if one.until is not None and one.until <= at)

    def certificate_counts(self, at: datetime) -> bool:
        """In date, or from a day to come."""
        return self.certificate is not None and (self.certificate.until is None or at < self.certificate.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What stands between a Listener and the next stage."""

    clearance: bool = False
    modules: tuple[Module, ...] = ()
    shadowed_calls: int = 0
    certificate: bool = False
    overdue: tuple[Module, ...] = ()

    def __bool__(self) -> bool:
        return any((self.clearance, self.modules, self.shadowed_calls, self.certificate, self.overdue))

    def in_words(self) -> Iterator[str]:
        if self.clearance:
            yield "security clearance"
        if self.modules:
            yield f"{', '.join(self.modules)}"
        if self.shadowed_calls:
            yield f"{self.shadowed_calls} shadowed calls"
        if self.certificate:
            yield "a certificate that is in date"
        if self.overdue:
            yield f"{', '.join(self.overdue)}, which is overdue"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of standing; ``was`` is empty for somebody whom Wingline learns of."""

    was: Standing | None
    became: Standing
    why: StandingReason


_Why = StandingReason
_STEPS_BACK = frozenset({_Why.OWN_WISH, _Why.WELFARE, _Why.UNDER_REVIEW})
_RETURNS = frozenset({_Why.REVIEW_ENDED, _Why.OWN_WISH})
_LEAVES = frozenset({_Why.OWN_WISH, _Why.WELFARE, _Why.REVIEW_ENDED, _Why.TRANSFERRED, _Why.RELEASED})
_SERVING = (
    Standing.APPLIED,
    Standing.CLEARED,
    Standing.TRAINING,
    Standing.SHADOWING,
    Standing.CERTIFIED,
    Standing.SUSPENDED,
    Standing.LAPSED,
)

_WHY: dict[tuple[Standing | None, Standing], frozenset[StandingReason]] = {
    (None, Standing.APPLIED): frozenset({_Why.APPLIED}),
    (None, Standing.CLEARED): frozenset({_Why.SECURITY_CLEARED}),
    (None, Standing.TRAINING): frozenset({_Why.TRAINING_BEGUN}),
    (None, Standing.SHADOWING): frozenset({_Why.TRAINING_DONE}),
    (None, Standing.CERTIFIED): frozenset({_Why.ACCREDITED}),
    (None, Standing.LAPSED): frozenset({_Why.CERTIFICATE_ENDED, _Why.TRAINING_OVERDUE}),
    (None, Standing.SUSPENDED): _STEPS_BACK,
    (Standing.APPLIED, Standing.CLEARED): frozenset({_Why.SECURITY_CLEARED}),
    (Standing.CLEARED, Standing.TRAINING): frozenset({_Why.TRAINING_BEGUN}),
    (Standing.TRAINING, Standing.SHADOWING): frozenset({_Why.TRAINING_DONE}),
    (Standing.SHADOWING, Standing.CERTIFIED): frozenset({_Why.ACCREDITED}),
    (Standing.CERTIFIED, Standing.CERTIFIED): frozenset({_Why.ACCREDITED_AGAIN}),
    (Standing.CERTIFIED, Standing.LAPSED): frozenset({_Why.CERTIFICATE_ENDED, _Why.TRAINING_OVERDUE}),
    (Standing.LAPSED, Standing.CERTIFIED): frozenset({_Why.ACCREDITED_AGAIN, _Why.TRAINING_DONE}),
    # Nothing but the end of the review, or their own wish, ends a suspension: no certificate can. See _back.
    **{(Standing.SUSPENDED, back): _RETURNS for back in _SERVING if back is not Standing.SUSPENDED},
    **{(serving, Standing.SUSPENDED): _STEPS_BACK for serving in _SERVING if serving is not Standing.SUSPENDED},
    **{(serving, Standing.LEFT): _LEAVES for serving in _SERVING},
    (Standing.LEFT, Standing.APPLIED): frozenset({_Why.APPLIED}),
}
_NEXT = {
    Standing.APPLIED: Standing.CLEARED,
    Standing.CLEARED: Standing.TRAINING,
    Standing.TRAINING: Standing.SHADOWING,
    Standing.SHADOWING: Standing.CERTIFIED,
    Standing.LAPSED: Standing.CERTIFIED,
}
_CERTIFIED_ONCE = frozenset({Standing.CERTIFIED, Standing.LAPSED, Standing.SUSPENDED})


def reasons(was: Standing | None, became: Standing) -> frozenset[StandingReason]:
    """Why this step may be taken; none when it may not."""
    return _WHY.get((was, became), frozenset())


def next_standing(standing: Standing) -> Standing | None:
    """Where the way goes on; nowhere from where only a decision about the person leads on."""
    return _NEXT.get(standing)


def lacking(so_far: SoFar, rules: Rules, *, at: datetime) -> Lacking:
    """What is lacking before the next stage, or for taking calls when there is no next one."""
    modules = tuple(module for module in FIRST_TRAINING if module not in so_far.trainings)
    match so_far.standing:
        case Standing.APPLIED:
            return Lacking(clearance=True)
        case Standing.TRAINING:
            return Lacking(modules=modules)
        case Standing.SHADOWING:
            return Lacking(
                modules=modules,
                shadowed_calls=max(0, rules.shadowed_calls - so_far.shadowed),
                certificate=not so_far.certificate_counts(at),
            )
        case Standing.CERTIFIED | Standing.LAPSED:
            return Lacking(certificate=not so_far.certificate_counts(at), overdue=so_far.overdue(at))
        case _:
            return Lacking()


def refusal(step: Step, so_far: SoFar, rules: Rules, *, at: datetime) -> str | None:
    """Why the step cannot be taken and what to do, or None. ``so_far`` holds the new certificate already."""
    allowed = reasons(step.was, step.became)
    if not allowed:
        return f"{_from(step.was)} comes {_or(_following(step.was))}"
    if step.why not in allowed:
        return f"{_from(step.was)} to {step.became.value} the reason can be {_or(sorted(allowed))}"
    if step.was is Standing.SUSPENDED and step.became not in _back(so_far.suspended_from):
        return f"a suspension ends where it began: {_or(sorted(_back(so_far.suspended_from)))}"
    missing = _missing(step, so_far, rules, at)
    return f"still lacking: {'; '.join(missing.in_words())}" if missing else None


def _missing(step: Step, so_far: SoFar, rules: Rules, at: datetime) -> Lacking:
    if step.became is Standing.CERTIFIED and (step.was is None or step.was in _CERTIFIED_ONCE):
        return Lacking(certificate=not so_far.certificate_counts(at), overdue=so_far.overdue(at))
    if (step.was, step.became) in {(Standing.TRAINING, Standing.SHADOWING), (Standing.SHADOWING, Standing.CERTIFIED)}:
        return lacking(so_far, rules, at=at)
    return Lacking()


def _back(suspended_from: Standing | None) -> frozenset[Standing]:
    """No stage is skipped by a suspension; what ran out during it has to be done again."""
    match suspended_from:
        case Standing.CERTIFIED | None:
            return frozenset({Standing.CERTIFIED, Standing.LAPSED, Standing.LEFT})
        case before:
            return frozenset({before, Standing.LEFT})


def why_over(so_far: SoFar, at: datetime) -> StandingReason | None:
    """Why somebody who is certified is so no longer; of two reasons the earlier."""
    ends: list[tuple[datetime, StandingReason]] = []
    if so_far.certificate and so_far.certificate.until:
        ends.append((so_far.certificate.until, StandingReason.CERTIFICATE_ENDED))
    for module, reason in (
        (Module.REACCREDITATION, StandingReason.CERTIFICATE_ENDED),
        (Module.REFRESHER, StandingReason.TRAINING_OVERDUE),
    ):
        done = so_far.trainings.get(module)
        if done and done.until:
            ends.append((done.until, reason))
    over = [end for end in ends if end[0] <= at]
    return min(over, key=lambda end: end[0])[1] if over else None


def trained(module: Module, at: datetime, rules: Rules) -> Trained:
    """A module done at that moment counts for good, or as long as the site lets it."""
    days = rules.recurring_training_days
    return Trained(module, at, at + timedelta(days=days) if module is Module.REFRESHER else None)


def _following(was: Standing | None) -> list[str]:
    return sorted({became.value for (one, became) in _WHY if one == was})


def _from(was: Standing | None) -> str:
    return f"from {was.value}" if was else "for a new Listener"


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
