"""The words of the figures: names, definitions, and how a number, a band or a range is written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from console.figures.forecast import Target, Verdict
from console.figures.measures import AT_ONCE, STEPS
from console.figures.periods import Period
from escalation.oversight import HIDDEN

NOTHING = "-"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LENGTHS: Mapping[int, str] = {1: "Week", 4: "4 weeks", 12: "12 weeks"}
# Service levels that other helplines name, to begin with; no rule of this line.
TO_BEGIN_WITH = Target(within=30, share=80)

VERDICTS: Mapping[Verdict, str] = {
    Verdict.ENOUGH: "enough",
    Verdict.PERHAPS: "may be too few",
    Verdict.TOO_FEW: "too few",
    Verdict.CANNOT_SAY: "too few calls to say",
}


class Definition(NamedTuple):
    """``name`` as helplines say it, and what it counts here."""

    name: str
    says: str


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "Calls",
        "Calls in which Listeners were rung. A call counts in the period in which it began, and by what became of its "
        "first wait. Calls that ended during the notice are counted by themselves.",
    ),
    Definition(
        "Abandonment",
        f"The caller hung up while waiting, after more than {AT_ONCE.seconds} seconds, as a share of calls. Who hung "
        "up sooner is counted as gone at once.",
    ),
    Definition(
        "Service level",
        "Calls that a Listener took within so many seconds, as a share of all calls, also of those that were abandoned "
        "or went elsewhere.",
    ),
    Definition("Average speed of answer", "From the first ring of a Listener until one had taken the call."),
    Definition("Longest answer time", "The longest of these, to the next ten seconds. Not of calls that nobody took."),
    Definition("Handle time", "How long a talk lasts, as a mean over every Listener's part in it."),
    Definition("After-call rest", "For how long a Listener was not to be rung after a talk, as a mean."),
    Definition("Occupancy", "Time that Listeners on duty talked, as a share of their time on duty."),
    Definition(
        "Cover adherence", "Shifts for which the Listener signed on no later than five minutes after they began."
    ),
    Definition("Passes", "Rings that a Listener passed. Passing has no penalty and needs no reason."),
    Definition(
        "Overflow",
        "No Listener took the call and it went on: to the outside helpline, or from there to the duty office.",
    ),
    Definition(
        "Consent to listening", "Calls in which the computer was allowed to listen, as profile and caller said."
    ),
    Definition("Listeners on duty", "On the rota, first and backup alike, as a mean over the hours of the period."),
    Definition(
        "Listeners needed",
        "By Erlang C: so many that the share of calls you chose is answered within the seconds you chose, when each "
        "call takes a talk and a rest. Calls in an hour are known only within limits, so it is a range: with a chance "
        "of 80 % and of 95 % it lies between these. What the rota needs for safety, such as two at night, comes first.",
    ),
)
NOT_COUNTED: tuple[str, ...] = (
    "By wing there is only what Listeners did. A call does not know its caller, so it has no wing.",
    "How often Listeners asked for support is not kept. The board says who wants to talk now.",
    "Blockage is not counted: a call that the exchange did not bring to the line is not known to it.",
    "Hold time does not exist: nobody is put on hold.",
    "While the line was out of order, calls went through the exchange alone and are not counted.",
)


def title(period: Period) -> str:
    """Such as "4 weeks from 2 to 29 November 2026"."""
    first, last = period.first, period.end - timedelta(days=1)
    from_ = f"{first.day} {first:%B %Y}" if first.year != last.year else f"{first.day} {first:%B}"
    return f"{LENGTHS[period.weeks]} from {from_} to {last.day} {last:%B %Y}"


def day(period: Period) -> str:
    return f"{period.first.day} {period.first:%b %Y}"


def hour(number: int) -> str:
    return f"{number:02}:00"


def seconds(number: int | None, *, measured: bool = True) -> str:
    """``measured``: otherwise there was nothing to measure."""
    if not measured:
        return NOTHING
    if number is None:
        return HIDDEN
    minutes, left = divmod(number, 60)
    return f"{minutes} min {left:02} s" if minutes else f"{left} s"


def count(number: int | None) -> str:
    return HIDDEN if number is None else str(number)


def band(least: int | None, width: int) -> str:
    if least is None:
        return HIDDEN
    return f"{least} to {least + width - 1}" if least else f"under {width}"


def share_band(least: int | None, width: int) -> str:
    """The last band has all of them in it."""
    if least is None:
        return HIDDEN
    if least + width >= 100:
        return f"{least} % or more"
    return f"{least} to {least + width} %" if least else f"under {width} %"


def share(limits: tuple[float, float] | None) -> str:
    if limits is None:
        return HIDDEN
    low, high = (round(100 * one) for one in limits)
    return f"{low} %" if low == high else f"{low} to {high} %"


def tenths(number: int | None) -> str:
    return HIDDEN if number is None else f"{number / 10:.1f}"


def spread(limits: tuple[int, int]) -> str:
    return str(limits[0]) if limits[0] == limits[1] else f"{limits[0]} to {limits[1]}"


def within(step: int) -> str:
    return f"Service level: answered within {step} s"


WITHIN = tuple((str(step), f"{step} seconds") for step in STEPS)
