"""What staff are told: where, what kind, what was agreed, what to do first; fixed words, none of the caller's."""

from dataclasses import dataclass, replace

from models.dangers import Danger
from models.words import Cause, Instant, Prompt

_KIND = {
    Cause.CALLER_ASKED: "asked-for-staff",
    Cause.CALLER_AGREED: "agreed-to-help",
    Cause.DANGER_NOW: "life-in-danger",
    Cause.EXCEPTION_RULE: "life-in-danger",
    Cause.VISIT_ASKED: "asked-for-a-visit",
    Cause.DRILL: "drill",
}
_CALLERS_PART = {
    Cause.CALLER_ASKED: ("caller-asked",),
    Cause.CALLER_AGREED: ("caller-agreed", "caller-was-told"),
    Cause.DANGER_NOW: ("caller-was-told",),
    Cause.EXCEPTION_RULE: ("caller-was-told",),
    Cause.VISIT_ASKED: ("caller-asked",),
    Cause.DRILL: (),
}
_FIRST_ACTION = {
    Cause.CALLER_ASKED: "first-speak",
    Cause.CALLER_AGREED: "first-speak",
    Cause.DANGER_NOW: "first-life",
    Cause.EXCEPTION_RULE: "first-life",
    Cause.VISIT_ASKED: "first-visit",
    Cause.DRILL: "first-drill",
}
_LETTERS = {
    "A": "alpha",
    "B": "bravo",
    "C": "charlie",
    "D": "delta",
    "E": "echo",
    "F": "foxtrot",
    "G": "golf",
    "H": "hotel",
    "I": "india",
    "J": "juliett",
    "K": "kilo",
    "L": "lima",
    "M": "mike",
    "N": "november",
    "O": "oscar",
    "P": "papa",
    "Q": "quebec",
    "R": "romeo",
    "S": "sierra",
    "T": "tango",
    "U": "uniform",
    "V": "victor",
    "W": "whiskey",
    "X": "x-ray",
    "Y": "yankee",
    "Z": "zulu",
}
_WING_LANDING_CELL = 3


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The whole of what is told about one person; the console shows it, the staff's phones speak it."""

    cause: Cause
    danger: Danger | None
    # As the prison writes it: B-2-014. None when the phone is no cell's.
    location: str | None
    raised_at: Instant
    on_line: bool
    # Staff were told in an earlier round, and nobody has spoken to the person since.
    told_before: bool = False

    @property
    def kind(self) -> Prompt:
        return _staff(_KIND[self.cause])

    @property
    def callers_part(self) -> tuple[Prompt, ...]:
        """What the caller asked for, agreed to or was told."""
        return tuple(_staff(name) for name in _CALLERS_PART[self.cause])

    @property
    def first_action(self) -> Prompt:
        return _staff(_FIRST_ACTION[self.cause])


def spoken(told: Disclosure) -> tuple[Prompt, ...]:
    """The message, twice, and the keys; key 2 plays it all again."""
    once = _message(told)
    return (_staff("listener-line"), *once, _staff("again"), *once, _staff("press-1-2-3"))


def _message(told: Disclosure) -> tuple[Prompt, ...]:
    return (
        *((_staff("not-spoken-to-yet"),) if told.told_before else ()),
        told.kind,
        *((danger_prompt(told.danger),) if told.danger else ()),
        *location_prompts(told.location),
        *told.callers_part,
        _staff("still-on-line" if told.on_line else "not-on-line"),
        told.first_action,
    )


def danger_prompt(danger: Danger) -> Prompt:
    return _staff(f"danger-{danger.value.replace('_', '-')}")


def location_prompts(location: str | None) -> tuple[Prompt, ...]:
    """``B-2-014`` is Bravo wing, landing 2, cell 0 1 4; any other pattern is spelt as it is written."""
    if location is None:
        return (_staff("location-unknown"),)
    parts = location.split("-")
    if len(parts) != _WING_LANDING_CELL:
        return (_staff("location"), *_spelt(location))
    wing, landing, cell = parts
    return (*_spelt(wing), _staff("wing"), _staff("landing"), *_spelt(landing), _staff("cell"), *_spelt(cell))


def _spelt(text: str) -> tuple[Prompt, ...]:
    return tuple(_sign(sign) for sign in text.upper() if sign.isascii() and sign.isalnum())


def _sign(sign: str) -> Prompt:
    return Prompt(f"digits/{sign}" if sign.isdigit() else f"letters/{_LETTERS[sign]}")


def _staff(name: str) -> Prompt:
    return Prompt(f"staff/{name}")


def every_prompt() -> frozenset[Prompt]:
    """All that staff can ever be told; the preflight compares it with what has been recorded."""
    alphabet = location_prompts("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    plain = Disclosure(Cause.DRILL, None, "A-1-1", Instant.min, on_line=True, told_before=True)
    unknown = replace(plain, location=None, on_line=False)
    kinds = (replace(plain, cause=cause) for cause in Cause)
    dangers = (danger_prompt(danger) for danger in Danger)
    return frozenset((*alphabet, *dangers, *spoken(unknown), *(prompt for kind in kinds for prompt in spoken(kind))))
