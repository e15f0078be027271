"""How drills and the nightly call are said, on the page and by the command line."""

from collections.abc import Iterable

from console.wording import POSTS, TELLINGS, who
from escalation.drill_report import Acknowledgement, DrillReport, Finding, Rang, Took
from escalation.drills import BY_PLAN, Kind
from escalation.nightly import Link, Nightly
from models.words import Post, TellingEnd

NO_PLACE = "Nobody calls in a drill, so no cell is looked up or told. Staff hear that it is a drill."
KINDS = {Kind.PLANNED: "by plan", Kind.BY_HAND: "by hand"}
FINDINGS = {
    Finding.NOT_BEGUN: "It did not begin: for an hour an escalation was open, or the line was down. Start another one.",
    Finding.GAVE_WAY: "It was broken off, because a real escalation began. Start another one.",
    Finding.UNREACHABLE: "A phone that had to ring was not reachable. See which below, and have it looked at.",
    Finding.NOBODY_ACKNOWLEDGED: "Nobody acknowledged in the time of all steps.",
    Finding.SOMEBODY_MISSING: "Not everybody acknowledged who has to.",
    Finding.CAME_BACK: "Somebody acknowledged, but was not at the door or had not spoken in time, so it rang again.",
    Finding.STILL_OPEN: "It is still open after the whole time that its protocol gives. Close it like a real one.",
}
LINKS = {
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


def asked_by(report: DrillReport) -> str:
    return "the plan" if report.asked.by == BY_PLAN else report.asked.by


def posts(of: Iterable[Post]) -> str:
    return " or ".join(POSTS[post] for post in of)


def seconds(amount: float) -> str:
    """Such as 4.2 s, or 3 min 05 s from a minute on."""
    if amount < 60:
        return f"{amount:.1f} s"
    minutes, rest = divmod(round(amount), 60)
    return f"{minutes} min {rest:02} s"


def first_ring(report: DrillReport) -> str:
    return "no phone rang" if report.first_ring is None else f"after {seconds(report.first_ring)}"


def took(one: Took | None) -> str:
    return "not yet" if one is None else f"after {seconds(one.seconds)}, by {who(one.by)}"


def acknowledged(one: Acknowledgement) -> str:
    if not one.given:
        return "not yet"
    return "on the console" if one.took is None else took(one.took)


def rang(one: Rang) -> str:
    """What came of one phone's ring."""
    said = TELLINGS[one.end]
    timed = one.seconds is not None and one.end not in {TellingEnd.UNREACHABLE, None}
    return f"{said} after {seconds(one.seconds)}" if timed and one.seconds is not None else said


def came_of(one: Nightly) -> str:
    if one.ended_at is None:
        return "is being made"
    return "every link held" if one.broken is None else f"broken at this link: {LINKS[one.broken]}"
