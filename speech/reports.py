"""What speech tells line: that it hears, what was dangerous, that it is behind, that it forgot. Never a word."""

import json
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from models.dangers import Flag


@dataclass(frozen=True, slots=True)
class HearingBegan:
    call: str


@dataclass(frozen=True, slots=True)
class CallForgotten:
    call: str


@dataclass(frozen=True, slots=True)
class FellBehind:
    """So many seconds of the call were never heard."""

    call: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HeardTwice:
    """Since this process began, of all calls: phrases that were heard again, and that were not for want of time."""

    phrases: int
    dropped: int


Report: TypeAlias = HearingBegan | CallForgotten | FellBehind | HeardTwice | Flag


def as_frame(report: Report) -> str:
    match report:
        case HearingBegan(call):
            fields: dict[str, str | float] = {"event": "hearing", "call": call}
        case CallForgotten(call):
            fields = {"event": "forgot", "call": call}
        case FellBehind(call, seconds):
            fields = {"event": "behind", "call": call, "seconds": round(seconds, 2)}
        case HeardTwice(phrases, dropped):
            fields = {"event": "second pass", "phrases": phrases, "dropped": dropped}
        case Flag(call, rule, danger, second):
            fields = {"event": "flag", "call": call, "rule": rule, "danger": danger, "second": round(second, 2)}
        case _:
            assert_never(report)
    return json.dumps(fields)
