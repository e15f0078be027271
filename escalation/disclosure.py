"""What staff are told: where, what kind, what was agreed, what to do first; fixed words, none of the caller's."""

from dataclasses import dataclass, replace

from models.alarms import Alarm
from models.dangers import Danger
from models.words import Cause, Condition, EmergencyCode, Instant, Prompt

_KIND = {
    Cause.CALLER_ASKED: "asked-for-staff",
    Cause.CALLER_AGREED: "agreed-to-help",
    Cause.DANGER_NOW: "life-in-danger",
    Cause.REFUSES: "life-in-danger",
    Cause.EXCEPTION_RULE: "life-in-danger",
    Cause.OTHER_IN_CELL: "other-in-cell",
    Cause.PERSON_AT_RISK: "person-at-risk",
    Cause.THREAT_TO_ANOTHER: "threat-to-another",
    Cause.LINE_LOST: "line-lost",
    Cause.VISIT_ASKED: "asked-for-a-visit",
    Cause.LINE_BROKEN: "line-broken",
    Cause.DRILL: "drill",
}
_CALLERS_PART = {
    Cause.CALLER_ASKED: ("caller-asked",),
    Cause.CALLER_AGREED: ("caller-agreed", "caller-was-told"),
    Cause.DANGER_NOW: ("caller-was-told",),
    Cause.REFUSES: ("caller-said-no", "caller-was-told"),
    Cause.EXCEPTION_RULE: ("caller-was-told",),
    Cause.OTHER_IN_CELL: ("caller-was-told",),
    Cause.PERSON_AT_RISK: ("caller-was-told",),
    Cause.THREAT_TO_ANOTHER: ("caller-was-told",),
    Cause.LINE_LOST: (),
    Cause.VISIT_ASKED: ("caller-asked",),
    Cause.LINE_BROKEN: (),
    Cause.DRILL: (),
}
_FIRST_ACTION = {
    Cause.CALLER_ASKED: "first-speak",
    Cause.CALLER_AGREED: "first-speak",
    Cause.DANGER_NOW: "first-life",
    Cause.REFUSES: "first-life",
    Cause.EXCEPTION_RULE: "first-life",
    Cause.OTHER_IN_CELL: "first-life",
    Cause.PERSON_AT_RISK: "first-safeguarding",
    Cause.THREAT_TO_ANOTHER: "first-speak",
    Cause.LINE_LOST: "first-speak",
    Cause.VISIT_ASKED: "first-visit",
    Cause.LINE_BROKEN: "first-line",
    Cause.DRILL: "first-drill",
}
# What is for people at once; of all else (a site may make it so) they hear that something is wrong.
_ALARMS = {
    Alarm.LINE_DOWN: "alarm-line-down",
    Alarm.ASTERISK_DOWN: "alarm-exchange-down",
    Alarm.DATABASE_DOWN: "alarm-database-down",
    Alarm.ESCALATION_LATE: "alarm-staff-late",
    Alarm.STAFF_PHONE_AWAY: "alarm-staff-phone",
    Alarm.NOBODY_ON_DUTY: "alarm-nobody-on-duty",
    Alarm.NIGHTLY_CALL_FAILED: "line-broken",
    Alarm.DISK_NEARLY_FULL: "alarm-disk",
    Alarm.LINE_KEEPS_ENDING: "alarm-keeps-ending",
}
# About nobody: no place is told, and no line.
_ABOUT_NOBODY = frozenset({Cause.LINE_BROKEN, Cause.DRILL})
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
    # Somebody has spoken to the person; what is missing is what happened.
    spoken_to: bool = False
    # Whoever decides is asked before staff are told, and then nobody knows where the caller is.
    asks_first: bool = False
    condition: Condition | None = None
    # What the profile lets be told of a person, where the prison gives it to Wingline. Only the number is spoken.
    prison_number: str | None = None
    preferred_name: str | None = None
    profile: str | None = None
    # As the prison says it on the radio: "code blue".
    code: EmergencyCode | None = None
    # What is wrong with the line itself, and whether it is over by itself.
    alarms: tuple[Alarm, ...] = ()
    mended: bool = False

    @property
    def kinds(self) -> tuple[Prompt, ...]:
        """What it is about; of several faults of the line each."""
        names = dict.fromkeys(_ALARMS.get(alarm, "alarm-other") for alarm in self.alarms) or [_KIND[self.cause]]
        return (*(_staff(name) for name in names), *((_staff("alarm-over"),) if self.mended else ()))

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
    return (_staff("listener-line"), *once, _staff("again"), *once, _staff(_keys(told)))


def _keys(told: Disclosure) -> str:
    if told.asks_first:
        return "press-1-tell-3-not"
    return "press-1-close" if told.spoken_to else "press-1-2-3"


def _message(told: Disclosure) -> tuple[Prompt, ...]:
    if told.asks_first:
        return (_staff("you-decide"), *told.kinds, *_danger(told))
    if told.spoken_to:
        return (_staff("not-closed-yet"), *where(told))
    return (
        *((_staff(f"code-{told.code}"),) if told.code else ()),
        *((_staff("not-spoken-to-yet"),) if told.told_before and told.cause is not Cause.LINE_BROKEN else ()),
        *told.kinds,
        *_danger(told),
        *where(told),
        *((_staff("prison-number"), *_spelt(told.prison_number)) if told.prison_number else ()),
        *((_staff(f"condition-{told.condition.replace('_', '-')}"),) if told.condition else ()),
        *told.callers_part,
        *(() if told.cause in _ABOUT_NOBODY else (_staff("still-on-line" if told.on_line else "not-on-line"),)),
        told.first_action,
    )


def _danger(told: Disclosure) -> tuple[Prompt, ...]:
    return (danger_prompt(told.danger),) if told.danger else ()


def where(told: Disclosure) -> tuple[Prompt, ...]:
    return () if told.cause in _ABOUT_NOBODY else location_prompts(told.location)


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
    plain = Disclosure(Cause.DRILL, None, "A-1-1", Instant.min, on_line=True, told_before=True, prison_number="A1")
    every = (
        replace(plain, location=None, on_line=False),
        replace(plain, spoken_to=True),
        *(replace(plain, cause=cause) for cause in Cause),
        *(replace(plain, cause=cause, asks_first=True) for cause in Cause),
        *(replace(plain, danger=danger) for danger in Danger),
        *(replace(plain, condition=condition) for condition in Condition),
        *(replace(plain, code=code) for code in EmergencyCode),
        replace(plain, cause=Cause.LINE_BROKEN, alarms=tuple(Alarm), mended=True),
    )
    return frozenset((*alphabet, *(prompt for told in every for prompt in spoken(told))))
