"""How the Listeners' pages say what the enums mean, in the words of the prison."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.listeners.loads import Rung
from console.listeners.person_store import Reach
from console.listeners.steps import Choice
from console.rota.wording import counted, day, days, hours, title
from console.wording import ENDS
from listeners.import_store import Imported
from listeners.journey import Lacking, Module, SoFar
from listeners.journey_store import BY_ITSELF, Changed
from listeners.listeners_file import WrongCell
from listeners.warnings import Ahead
from models.errors import AskersFault
from models.words import AbsenceKind, Cover, Standing, StandingReason, WishKind
from rota.person import Span
from rota.shift import Shift

__all__ = ["counted", "day", "days", "hours", "title"]

STANDINGS = {
    Standing.APPLIED: "Applied",
    Standing.CLEARED: "Security cleared",
    Standing.TRAINING: "In training",
    Standing.SHADOWING: "Shadowing",
    Standing.CERTIFIED: "Certified",
    Standing.SUSPENDED: "Suspended",
    Standing.LAPSED: "Lapsed",
    Standing.LEFT: "Left",
}
COLOURS = {
    Standing.CERTIFIED: "green",
    Standing.SUSPENDED: "red",
    Standing.LAPSED: "orange",
    Standing.LEFT: "grey",
}
REASONS = {
    StandingReason.APPLIED: "applied",
    StandingReason.SECURITY_CLEARED: "cleared by security",
    StandingReason.TRAINING_BEGUN: "training begun",
    StandingReason.TRAINING_DONE: "training done",
    StandingReason.ACCREDITED: "accredited",
    StandingReason.ACCREDITED_AGAIN: "accredited again",
    StandingReason.OWN_WISH: "own wish",
    StandingReason.WELFARE: "welfare",
    StandingReason.UNDER_REVIEW: "under review",
    StandingReason.REVIEW_ENDED: "review ended",
    StandingReason.CERTIFICATE_ENDED: "certificate ended",
    StandingReason.TRAINING_OVERDUE: "recurring training overdue",
    StandingReason.TRANSFERRED: "transferred",
    StandingReason.RELEASED: "released",
}
MODULES = {module: title(module.value.replace("_", " ")) for module in Module} | {
    Module.REFRESHER: "Recurring training",
    Module.REACCREDITATION: "Re-accreditation",
}
ABSENCES = {
    AbsenceKind.LEAVE: "Leave",
    AbsenceKind.WORK: "Work",
    AbsenceKind.WORSHIP: "Worship",
    AbsenceKind.APPOINTMENT: "Appointment",
}
WISHES = {WishKind.NEVER: "Never", WishKind.RATHER_NOT: "Would rather not", WishKind.LIKES: "Likes it"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY = "Every day"
COVERS = {Cover.FIRST: "First", Cover.BACKUP: "Backup"}
REACH = {
    Reach.NO_PHONE: "No phone: record where they live, so that calls can ring",
    Reach.YES: "Reachable now",
    Reach.NO: "Not reachable now",
    Reach.NOT_KNOWN: "Not known: the telephones are not answering Wingline",
}
RUNG = {
    Rung.THIS_WEEK: "Rung in the last 7 days",
    Rung.THIS_MONTH: "Rung in the last 28 days, not in the last 7",
    Rung.NOT_LATELY: "Not rung in the last 28 days",
}
RUNG_SHORT = {
    Rung.THIS_WEEK: "In the last 7 days",
    Rung.THIS_MONTH: "In the last 28 days",
    Rung.NOT_LATELY: "Not in 28 days",
}
HIDDEN = "not shown"


class Done(StrEnum):
    """What a coordinator did; recorded, and said once on the next page."""

    STANDING_CHANGED = "standing_changed"
    TRAINING_RECORDED = "training_recorded"
    SHADOWED = "shadowed_calls_recorded"
    LEAVE_NOTED = "leave_noted"
    LEAVE_TAKEN_BACK = "leave_taken_back"
    WISH_NOTED = "wish_noted"
    WISH_TAKEN_BACK = "wish_taken_back"
    PIN_FORGOTTEN = "pin_forgotten"
    CALENDAR_MADE = "calendar_made"
    CALENDAR_REVOKED = "calendar_revoked"
    DEBRIEF_HELD = "debrief_held"
    LISTENERS_IMPORTED = "listeners_imported"


DONE = {
    Done.STANDING_CHANGED: "The standing is changed. Whoever is not certified is on no shift any more.",
    Done.TRAINING_RECORDED: "The training is recorded.",
    Done.SHADOWED: "The shadowed calls are recorded.",
    Done.LEAVE_NOTED: "It is noted. Shifts of that time which had not begun are free now: give them again on the rota.",
    Done.LEAVE_TAKEN_BACK: "It is taken back. Shifts that it freed stay free: give them again on the rota.",
    Done.WISH_NOTED: "The wish is noted. It counts from the next rota on.",
    Done.WISH_TAKEN_BACK: "The wish is taken back. It counts no longer from the next rota on.",
    Done.PIN_FORGOTTEN: "No PIN is set any more. The Listener chooses another at their next call to their own line.",
    Done.CALENDAR_MADE: "The address is made.",
    Done.CALENDAR_REVOKED: "The address is taken back: it opens nothing any more.",
    Done.DEBRIEF_HELD: "It is noted that you have talked, and nothing of what was said.",
}


def done(what: str) -> str:
    """Nothing for a word that is not ours."""
    return DONE.get(Done(what), "") if what in set(Done) else ""


def by_hand(who: str) -> str:
    """Whoever changed it; the line itself when something ended."""
    return "by itself" if who == BY_ITSELF else f"by {who}"


def lacking(one: Lacking) -> list[str]:
    found = ["security clearance"] if one.clearance else []
    if one.modules:
        found.append(_modules(one.modules))
    if one.shadowed_calls:
        found.append(counted(one.shadowed_calls, "shadowed call", "shadowed calls"))
    if one.certificate:
        found.append("a certificate that is in date")
    return found + [f"{MODULES[module].lower()}, which is overdue" for module in one.overdue]


def warning(one: Ahead, zone: ZoneInfo) -> str:
    """Such as "Certificate: last day 3 March 2026, in 30 days or less"."""
    when = f"in {one.days} days or less" if one.days else "over"
    return f"{title(ENDS[one.due])}: last day {last_day(one.at, zone)}, {when}"


def plain(said: str) -> str:
    """What the services say, with the words of the pages instead of the words of files."""
    for words in (MODULES, REASONS):
        for one, named in words.items():
            said = re.sub(rf"\b{one.value}\b", named.lower(), said) if "_" in one.value else said
    return said.replace("refresher", "recurring training")


def refused(fault: AskersFault) -> str:
    return f"{title(plain(str(fault)))}. Nothing was changed."


def imported(found: Imported) -> str:
    counts = f"{found.new} new, {found.changed} changed, {found.same} as they were."
    return f"{counts} Phones have changed hands: they follow within seconds." if found.phones else counts


def date_of(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def last_day(end: datetime, zone: ZoneInfo) -> str:
    """``end`` is the first moment in which it counts no longer."""
    return date_of(end - timedelta(microseconds=1), zone)


def moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}, {date_of(at, zone)}"


def certificate(span: Span | None, zone: ZoneInfo) -> str:
    if span is None:
        return "none"
    return f"{date_of(span.since, zone)} to {last_day(span.until, zone) if span.until else 'no last day'}"


def weekday(number: int | None) -> str:
    return EVERY_DAY if number is None else WEEKDAYS[number]


def _modules(some: Iterable[Module]) -> str:
    numbers = [module.value.removeprefix("module_") for module in some]
    *others, last = numbers
    return f"modules {', '.join(others)} and {last}" if others else f"module {last}"


# ---- rows and choices of the templates


def pairs(named: Mapping[StrEnum, str]) -> list[tuple[str, str]]:
    return [(one.value, said) for one, said in named.items()]


def weekdays() -> list[tuple[str, str]]:
    return [(str(number), named) for number, named in enumerate(WEEKDAYS)]


def choices(some: Iterable[Choice]) -> list[tuple[str, str]]:
    return [(one.value, f"{STANDINGS[one.became]}: {REASONS[one.why]}") for one in some]


def trainings(so_far: SoFar, zone: ZoneInfo) -> list[str]:
    """In the order in which the training has them, with the last day of what has to be done again."""
    some = (so_far.trainings[module] for module in Module if module in so_far.trainings)
    return [
        f"{MODULES[one.module].lower()}{f' (counts until {last_day(one.until, zone)})' if one.until else ''}"
        for one in some
    ]


def history(changes: Sequence[Changed], zone: ZoneInfo) -> list[tuple[str, ...]]:
    """The newest first."""
    return [
        (
            date_of(one.at, zone),
            STANDINGS[one.was] if one.was else "new",
            STANDINGS[one.became],
            REASONS[one.why],
            by_hand(one.who),
        )
        for one in reversed(changes)
    ]


def shifts(some: Iterable[Shift], zone: ZoneInfo) -> list[tuple[str, ...]]:
    return [
        (day(one.starts_at.astimezone(zone).date()), hours(one.starts_at, one.ends_at, zone), COVERS[one.cover])
        for one in some
    ]


def rows_of(wrong: Iterable[WrongCell]) -> int:
    return len({one.row for one in wrong})


def weight(minutes: int | None) -> str:
    return HIDDEN if minutes is None else str(minutes)


def short_date(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
