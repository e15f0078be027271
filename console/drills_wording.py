"""How drills and the nightly call are said, on the page and by the command line."""

from collections.abc import Iterable

from console.language import Words, _, marked
from console.wall_clock import MINUTES, SECONDS
from console.wording import POSTS, TELLINGS, who
from escalation.drill_report import Acknowledgement, DrillReport, Finding, Rang, Took
from escalation.drills import BY_PLAN, Kind
from escalation.nightly import Link, Nightly
from models.words import Post, TellingEnd

NO_PLACE = marked("Nobody calls in a drill, so no cell is looked up or told. Staff hear that it is a drill.")
KINDS = Words({Kind.PLANNED: "by plan", Kind.BY_HAND: "by hand"})
FINDINGS = Words(
    {
        Finding.NOT_BEGUN: (
            "It did not begin: for an hour an escalation was open, or the line was down. Start another one."
        ),
        Finding.GAVE_WAY: "It was broken off, because a real escalation began. Start another one.",
        Finding.UNREACHABLE: "A phone that had to ring was not reachable. See which below, and have it looked at.",
        Finding.NOBODY_ACKNOWLEDGED: "Nobody acknowledged in the time of all steps.",
        Finding.SOMEBODY_MISSING: "Not everybody acknowledged who has to.",
        Finding.CAME_BACK: (
            "Somebody acknowledged, but was not at the door or had not spoken in time, so it rang again."
        ),
        Finding.STILL_OPEN: "It is still open after the whole time that its protocol gives. Close it like a real one.",
    }
)
LINKS = Words(
    {
        Link.PHONES: "three phones of its own register",
        Link.ANSWERED: "the short code is answered",
        Link.NOTICE: "the notice is heard",
        Link.OFFERED: "a Listener's phone rings",
        Link.CLAIMED: "the Listener takes the call with key 1",
        Link.BRIDGED: "the Listener hears the caller",
        Link.HEARD: "the machine hears a dangerous sentence",
        Link.PROMPTED: "the Listener is prompted",
        Link.KEYED: "the Listener's danger key is read back",
        Link.CALLER_TOLD: "the caller hears that staff are told",
        Link.STAFF_RUNG: "a phone of staff rings",
        Link.STAFF_TOLD: "the phone of staff says what it is about",
        Link.ACKNOWLEDGED: "key 1 of staff counts",
        Link.LISTENER_TOLD: "the Listener hears that somebody comes",
        Link.CLOSED: "the escalation is closed",
        Link.LET_GO: "both hang up, and the call is over",
        Link.FINISHED: "the call comes to an end by itself",
    }
)


def no_place() -> str:
    return _(NO_PLACE)


def asked_by(report: DrillReport) -> str:
    return _("the plan") if report.asked.by == BY_PLAN else report.asked.by


def posts(of: Iterable[Post]) -> str:
    return _(" or ").join(POSTS[post] for post in of)


def seconds(amount: float) -> str:
    """Such as 4.2 s, or 3 min 05 s from a minute on."""
    if amount < 60:
        return _(SECONDS, seconds=f"{amount:.1f}")
    minutes, rest = divmod(round(amount), 60)
    return _(MINUTES, minutes=minutes, seconds=f"{rest:02}")


def first_ring(report: DrillReport) -> str:
    return _("no phone rang") if report.first_ring is None else _("after %(time)s", time=seconds(report.first_ring))


def took(one: Took | None) -> str:
    return _("not yet") if one is None else _("after %(time)s, by %(by)s", time=seconds(one.seconds), by=who(one.by))


def acknowledged(one: Acknowledgement) -> str:
    if not one.given:
        return _("not yet")
    return _("on the console") if one.took is None else took(one.took)


def rang(one: Rang) -> str:
    """What came of one phone's ring."""
    said = TELLINGS[one.end]
    timed = one.seconds is not None and one.end not in {TellingEnd.UNREACHABLE, None}
    return (
        _("%(said)s after %(time)s", said=said, time=seconds(one.seconds))
        if timed and one.seconds is not None
        else said
    )


def came_of(one: Nightly) -> str:
    if one.ended_at is None:
        return _("is being made")
    return _("every link held") if one.broken is None else _("broken at this link: %(link)s", link=LINKS[one.broken])
