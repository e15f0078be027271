"""The words of the figures: names, definitions, and how a number, a band or a range is written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from console import language
from console.figures.forecast import Target, Verdict
from console.figures.measures import AT_ONCE, STEPS
from console.figures.periods import Period
from console.language import Words, _, day_of_year, marked
from console.wall_clock import MINUTES, SECONDS
from escalation.oversight import HIDDEN

NOTHING = "-"
LENGTHS: Mapping[int, str] = Words({1: "Week", 4: "4 weeks", 12: "12 weeks"})
# Service levels that other helplines name, to begin with; no rule of this line.
TO_BEGIN_WITH = Target(within=30, share=80)

VERDICTS: Mapping[Verdict, str] = Words(
    {
        Verdict.ENOUGH: "enough",
        Verdict.PERHAPS: "may be too few",
        Verdict.TOO_FEW: "too few",
        Verdict.CANNOT_SAY: "too few calls to say",
    }
)


class Definition(NamedTuple):
    """``name`` as helplines say it, and what it counts here."""

    name: str
    says: str


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        marked("Calls"),
        marked(
            "Calls in which Listeners were rung. A call counts in the period in which it began, and by "
            "what became of its "
            "first wait. Calls that ended during the notice are counted by themselves."
        ),
    ),
    Definition(
        marked("Abandonment"),
        marked(
            "The caller hung up while waiting, after more than %(at_once)s seconds, as a share of calls. Who hung up "
            "sooner is counted as gone at once."
        ),
    ),
    Definition(
        marked("Service level"),
        marked(
            "Calls that a Listener took within so many seconds, as a share of all calls, also of those "
            "that were abandoned "
            "or went elsewhere."
        ),
    ),
    Definition(
        marked("Average speed of answer"), marked("From the first ring of a Listener until one had taken the call.")
    ),
    Definition(
        marked("Longest answer time"),
        marked("The longest of these, to the next ten seconds. Not of calls that nobody took."),
    ),
    Definition(marked("Handle time"), marked("How long a talk lasts, as a mean over every Listener's part in it.")),
    Definition(
        marked("After-call rest"), marked("For how long a Listener was not to be rung after a talk, as a mean.")
    ),
    Definition(marked("Occupancy"), marked("Time that Listeners on duty talked, as a share of their time on duty.")),
    Definition(
        marked("Cover adherence"),
        marked("Shifts for which the Listener signed on no later than five minutes after they began."),
    ),
    Definition(marked("Passes"), marked("Rings that a Listener passed. Passing has no penalty and needs no reason.")),
    Definition(
        marked("Overflow"),
        marked("No Listener took the call and it went on: to the outside helpline, or from there to the duty office."),
    ),
    Definition(
        marked("Consent to listening"),
        marked("Calls in which the computer was allowed to listen, as profile and caller said."),
    ),
    Definition(
        marked("Listeners on duty"),
        marked("On the rota, first and backup alike, as a mean over the hours of the period."),
    ),
    Definition(
        marked("Listeners needed"),
        marked(
            "By Erlang C: so many that the share of calls you chose is answered within the seconds you "
            "chose, when each "
            "call takes a talk and a rest. Calls in an hour are known only within limits, so it is a "
            "range: with a chance "
            "of 80 %% and of 95 %% it lies between these. What the rota needs for safety, such as two "
            "at night, comes first."
        ),
    ),
)
NOT_COUNTED: tuple[str, ...] = (
    marked("By wing there is only what Listeners did. A call does not know its caller, so it has no wing."),
    marked("How often Listeners asked for support is not kept. The board says who wants to talk now."),
    marked("Blockage is not counted: a call that the exchange did not bring to the line is not known to it."),
    marked("Hold time does not exist: nobody is put on hold."),
    marked("While the line was out of order, calls went through the exchange alone and are not counted."),
)


def title(period: Period) -> str:
    """Such as "4 weeks from 2 to 29 November 2026"."""
    first, last = period.first, period.end - timedelta(days=1)
    from_ = day_of_year(first) if first.year != last.year else language.day(first)
    return _("%(weeks)s from %(first)s to %(last)s", weeks=LENGTHS[period.weeks], first=from_, last=day_of_year(last))


def day(period: Period) -> str:
    return language.short_day_of_year(period.first)


def hour(number: int) -> str:
    return f"{number:02}:00"


def seconds(number: int | None, *, measured: bool = True) -> str:
    """``measured``: otherwise there was nothing to measure."""
    if not measured:
        return NOTHING
    if number is None:
        return HIDDEN
    minutes, left = divmod(number, 60)
    return _(MINUTES, minutes=minutes, seconds=f"{left:02}") if minutes else _(SECONDS, seconds=left)


def count(number: int | None) -> str:
    return HIDDEN if number is None else str(number)


def band(least: int | None, width: int) -> str:
    if least is None:
        return HIDDEN
    return _("%(least)s to %(most)s", least=least, most=least + width - 1) if least else _("under %(most)s", most=width)


def share_band(least: int | None, width: int) -> str:
    """The last band has all of them in it."""
    if least is None:
        return HIDDEN
    if least + width >= 100:
        return _("%(least)s %% or more", least=least)
    return (
        _("%(least)s to %(most)s %%", least=least, most=least + width) if least else _("under %(most)s %%", most=width)
    )


def share(limits: tuple[float, float] | None) -> str:
    if limits is None:
        return HIDDEN
    low, high = (round(100 * one) for one in limits)
    return f"{low} %" if low == high else _("%(least)s to %(most)s %%", least=low, most=high)


def tenths(number: int | None) -> str:
    return HIDDEN if number is None else f"{number / 10:.1f}"


def spread(limits: tuple[int, int]) -> str:
    return str(limits[0]) if limits[0] == limits[1] else _("%(least)s to %(most)s", least=limits[0], most=limits[1])


def within(step: int) -> str:
    return _("Service level: answered within %(step)s s", step=step)


def within_choices() -> list[tuple[str, str]]:
    return [(str(step), _("%(step)s seconds", step=step)) for step in STEPS]


def definitions() -> list[Definition]:
    return [Definition(_(one.name), _(one.says, at_once=AT_ONCE.seconds)) for one in DEFINITIONS]
