"""How the pages of the rota say what the enums mean, in the words of the prison."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.language import Words, _, day_of_week, day_of_year, in_words, marked, marked_many, n_
from console.language import day as day_of_month
from console.wall_clock import HOURS
from models.errors import AskersFault, UnknownName
from rota.favours import Favours
from rota.rules import Rule
from rota.stand_ins import Reason
from rota.why_not import IfOnly, MoreListeners, Remedy

# One word for what nobody is to learn (keep-apart rules) and for what is somebody's own (worship, work), so that the
# word does not give either away.
NOT_POSSIBLE = marked("Not possible")
RULES = Words(
    {
        Rule.NOT_CLEARED: "Not security cleared",
        Rule.NOT_CERTIFIED: "Not certified for the whole shift",
        Rule.NO_PHONE: "No phone",
        Rule.AWAY: "Away",
        Rule.ON_LEAVE: "On leave",
        Rule.NEVER_THEN: NOT_POSSIBLE,
        Rule.OTHER_WING: "On another wing",
        Rule.ON_IT: "On this shift already",
        Rule.TWO_PLACES: "On another shift at that time",
        Rule.REST: "Too little rest",
        Rule.NIGHTS_IN_A_ROW: "Too many nights in a row",
        Rule.WEEKLY_MINUTES: "Too many hours in that week",
        Rule.KEPT_APART: NOT_POSSIBLE,
        Rule.NEEDS_EXPERIENCED: "Not experienced, and the shift needs that",
        Rule.NEW_ALONE: "New, and would be alone",
        Rule.FULL: "No seat is empty",
    }
)
REASONS = Words(
    {
        Reason.EXPERIENCED_IS_NEEDED: "experienced, which the shift needs",
        Reason.LIKES_IT: "likes this time",
        Reason.RATHER_NOT: "would rather not at this time",
        Reason.SAME_WING: "lives on this wing",
        Reason.FEW_MINUTES: "has been on duty least",
        Reason.FEW_NIGHTS: "has had the fewest nights",
    }
)
FAVOURS = Words(
    {
        Favours.AS_SETTLED: "as your scheme has settled",
        Favours.FEW_CHANGES: "fewest changes",
        Favours.FAIR_SHARES: "fairest shares",
        Favours.WISHES: "most wishes",
    }
)
# They complete the sentence "Kestrel, if they …".
_IF_ONLY = Words(
    {
        Rule.ON_LEAVE: "were not on leave",
        Rule.NO_PHONE: "had a phone",
        Rule.REST: "rested less",
        Rule.NIGHTS_IN_A_ROW: "did one more night in a row",
        Rule.WEEKLY_MINUTES: "did more minutes that week",
        Rule.TWO_PLACES: "gave up another shift",
    }
)
_EXPERIENCED_NIGHT = marked_many(
    "%(count)s more experienced Listener certified for the night",
    "%(count)s more experienced Listeners certified for the night",
)
_EXPERIENCED_DAY = marked_many(
    "%(count)s more experienced Listener certified for the day",
    "%(count)s more experienced Listeners certified for the day",
)
_NIGHT = marked_many(
    "%(count)s more Listener certified for the night", "%(count)s more Listeners certified for the night"
)
_DAY = marked_many("%(count)s more Listener certified for the day", "%(count)s more Listeners certified for the day")
NOT_THERE = marked("That is not on the rota any more: somebody has changed it meanwhile. Nothing was changed.")
MUST_CHANGE = marked("This draft cannot be published: the shifts listed below break a rule. Nothing was changed.")
BEING_MADE = marked("A draft is being made already. Wait for it; it will be listed under Drafts. Nothing was changed.")


class Done(StrEnum):
    """What a coordinator did; recorded, and said once on the next page."""

    SHIFT_GIVEN = "shift_given"
    SHIFT_TAKEN_OFF = "shift_taken_off"
    SWAP_ASKED = "swap_asked"
    SWAP_ACCEPTED = "swap_accepted"
    SWAP_APPROVED = "swap_approved"
    SWAP_REFUSED = "swap_refused"
    SWAP_WITHDRAWN = "swap_withdrawn"
    SEAT_PASSED_ON = "seat_passed_on"
    SHIFT_MOVED = "shift_moved"
    SEATS_SWAPPED = "seats_swapped"
    CHANGE_TAKEN_BACK = "change_taken_back"
    ROTA_GENERATED = "rota_generated"
    ROTA_PUBLISHED = "rota_published"
    ROTA_DISCARDED = "rota_discarded"


DONE = Words(
    {
        Done.SHIFT_GIVEN: "The seat is given. Tell the Listener: nobody has told them yet.",
        Done.SHIFT_TAKEN_OFF: (
            "The Listener is off that shift, and the seat is empty. Tell them: nobody has told them yet."
        ),
        Done.SWAP_ASKED: "The shift is offered as a swap. Until somebody takes it, it stays with who has it.",
        Done.SWAP_ACCEPTED: "The swap is accepted. The shift changes hands when you approve it.",
        Done.SWAP_APPROVED: "The swap is done: the shift has changed hands.",
        Done.SWAP_REFUSED: "The swap is refused: the shift stays with who has it.",
        Done.SWAP_WITHDRAWN: "The swap is withdrawn: the shift stays with who has it.",
        Done.SEAT_PASSED_ON: "Somebody else has the seat now. Tell both Listeners: nobody has told them yet.",
        Done.SHIFT_MOVED: "The Listener is on the other shift now. Tell them: nobody has told them yet.",
        Done.SEATS_SWAPPED: "Each of the two has the other seat now. Tell both: nobody has told them yet.",
        Done.CHANGE_TAKEN_BACK: "The change is taken back: the seats are as they were before it.",
        Done.ROTA_GENERATED: "The draft is made. Nobody is on duty by it until you publish it.",
        Done.ROTA_PUBLISHED: "The draft is published: Listeners are on duty by it.",
        Done.ROTA_DISCARDED: "The draft is discarded. The published rota is as it was.",
    }
)


def done(what: str) -> str:
    """Nothing for a word that is not ours."""
    return DONE[Done(what)] if what in set(Done) else ""


def rules(some: Iterable[Rule]) -> str:
    return ", ".join(dict.fromkeys(RULES[rule] for rule in some))


def complaint(fault: AskersFault) -> str:
    if isinstance(fault, UnknownName):
        return _(NOT_THERE)
    return _("%(fault)s. Nothing was changed.", fault=title(in_words(fault.said)))


def would_fill(remedy: Remedy) -> str:
    """What would fill an empty seat."""
    match remedy:
        case IfOnly(name, rule):
            return _("%(name)s, if they %(act)s", name=title(name), act=_IF_ONLY[rule])
        case MoreListeners(wing=""):
            return _more(remedy)
        case MoreListeners(wing=wing):
            return _("%(more)s on %(wing)s", more=_more(remedy), wing=wing)


def _more(remedy: MoreListeners) -> str:
    match remedy.experienced, remedy.night:
        case True, True:
            one, more = _EXPERIENCED_NIGHT
        case True, False:
            one, more = _EXPERIENCED_DAY
        case False, True:
            one, more = _NIGHT
        case _:
            one, more = _DAY
    return n_(one, more, remedy.count)


def title(name: str) -> str:
    return name[:1].upper() + name[1:]


def day(on: date) -> str:
    return day_of_week(on)


def days(first: date, last: date) -> str:
    """Such as 16 to 22 March 2026, with what differs said twice."""
    end = day_of_year(last)
    if first.year != last.year:
        return _("%(first)s to %(last)s", first=day_of_year(first), last=end)
    if first.month != last.month:
        return _("%(first)s to %(last)s", first=day_of_month(first), last=end)
    return _("%(first)s to %(last)s", first=first.day, last=end)


def hours(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    return _("%(begins)s to %(ends)s", begins=f"{begins.astimezone(zone):%H:%M}", ends=f"{ends.astimezone(zone):%H:%M}")


def long(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return _(HOURS, hours=whole, minutes=rest) if rest else _("%(hours)s h", hours=whole)
