"""How the Listeners' pages say what the enums mean, in the words of the prison."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console import language
from console.language import Words, _, day_of_year, in_words, marked, n_
from console.listeners.loads import Rung
from console.listeners.person_store import Reach
from console.listeners.steps import Choice
from console.rota.wording import day, days, hours, title
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

__all__ = ["day", "days", "hours", "title"]

STANDINGS = Words(
    {
        Standing.APPLIED: "Applied",
        Standing.CLEARED: "Security cleared",
        Standing.TRAINING: "In training",
        Standing.SHADOWING: "Shadowing",
        Standing.CERTIFIED: "Certified",
        Standing.SUSPENDED: "Suspended",
        Standing.LAPSED: "Lapsed",
        Standing.LEFT: "Left",
    }
)
COLOURS = {Standing.CERTIFIED: "green", Standing.SUSPENDED: "red", Standing.LAPSED: "orange", Standing.LEFT: "grey"}
REASONS = Words(
    {
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
)
MODULES = Words(
    {
        Module.ONE: "Module 1",
        Module.TWO: "Module 2",
        Module.THREE: "Module 3",
        Module.FOUR: "Module 4",
        Module.FIVE: "Module 5",
        Module.SIX: "Module 6",
        Module.SEVEN: "Module 7",
        Module.EIGHT: "Module 8",
        Module.REFRESHER: "Recurring training",
        Module.REACCREDITATION: "Re-accreditation",
    }
)
ABSENCES = Words(
    {
        AbsenceKind.LEAVE: "Leave",
        AbsenceKind.WORK: "Work",
        AbsenceKind.WORSHIP: "Worship",
        AbsenceKind.APPOINTMENT: "Appointment",
    }
)
WISHES = Words({WishKind.NEVER: "Never", WishKind.RATHER_NOT: "Would rather not", WishKind.LIKES: "Likes it"})
EVERY_DAY = marked("Every day")
COVERS = Words({Cover.FIRST: "First", Cover.BACKUP: "Backup"})
REACH = Words(
    {
        Reach.NO_PHONE: "No phone: record where they live, so that calls can ring",
        Reach.YES: "Reachable now",
        Reach.NO: "Not reachable now",
        Reach.NOT_KNOWN: "Not known: the telephones are not answering Wingline",
    }
)
RUNG = Words(
    {
        Rung.THIS_WEEK: "Rung in the last 7 days",
        Rung.THIS_MONTH: "Rung in the last 28 days, not in the last 7",
        Rung.NOT_LATELY: "Not rung in the last 28 days",
    }
)
RUNG_SHORT = Words(
    {Rung.THIS_WEEK: "In the last 7 days", Rung.THIS_MONTH: "In the last 28 days", Rung.NOT_LATELY: "Not in 28 days"}
)
HIDDEN = marked("not shown")


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


DONE = Words(
    {
        Done.STANDING_CHANGED: "The standing is changed. Whoever is not certified is on no shift any more.",
        Done.TRAINING_RECORDED: "The training is recorded.",
        Done.SHADOWED: "The shadowed calls are recorded.",
        Done.LEAVE_NOTED: (
            "It is noted. Shifts of that time which had not begun are free now: give them again on the rota."
        ),
        Done.LEAVE_TAKEN_BACK: "It is taken back. Shifts that it freed stay free: give them again on the rota.",
        Done.WISH_NOTED: "The wish is noted. It counts from the next rota on.",
        Done.WISH_TAKEN_BACK: "The wish is taken back. It counts no longer from the next rota on.",
        Done.PIN_FORGOTTEN: (
            "No PIN is set any more. The Listener chooses another at their next call to their own line."
        ),
        Done.CALENDAR_MADE: "The address is made.",
        Done.CALENDAR_REVOKED: "The address is taken back: it opens nothing any more.",
        Done.DEBRIEF_HELD: "It is noted that you have talked, and nothing of what was said.",
    }
)


def done(what: str) -> str:
    """Nothing for a word that is not ours."""
    return DONE.get(Done(what), "") if what in set(Done) else ""


def by_hand(who: str) -> str:
    """Whoever changed it; the line itself when something ended."""
    return _("by itself") if who == BY_ITSELF else _("by %(who)s", who=who)


def lacking(one: Lacking) -> list[str]:
    found = [_("security clearance")] if one.clearance else []
    if one.modules:
        found.append(_modules(one.modules))
    if one.shadowed_calls:
        found.append(n_("%(count)s shadowed call", "%(count)s shadowed calls", one.shadowed_calls))
    if one.certificate:
        found.append(_("a certificate that is in date"))
    return found + [_("%(what)s, which is overdue", what=MODULES[module].lower()) for module in one.overdue]


def warning(one: Ahead, zone: ZoneInfo) -> str:
    """Such as "Certificate: last day 3 March 2026, in 30 days or less"."""
    what, last = title(ENDS[one.due]), last_day(one.at, zone)
    if not one.days:
        return _("%(what)s: last day %(day)s, over", what=what, day=last)
    return n_(
        "%(what)s: last day %(day)s, in %(count)s days or less",
        "%(what)s: last day %(day)s, in %(count)s days or less",
        one.days,
        what=what,
        day=last,
    )


def plain(said: str) -> str:
    """What the services say, with the words of the pages instead of the words of files."""
    for words in (MODULES, REASONS):
        for one, named in words.items():
            said = re.sub(rf"\b{one.value}\b", named.lower(), said) if "_" in one.value else said
    return said.replace("refresher", _("recurring training"))


def refused(fault: AskersFault) -> str:
    return _("%(fault)s. Nothing was changed.", fault=title(plain(in_words(fault.said))))


def imported(found: Imported) -> str:
    counts = _(
        "%(new)s new, %(changed)s changed, %(same)s as they were.",
        new=found.new,
        changed=found.changed,
        same=found.same,
    )
    return f"{counts} {_('Phones have changed hands: they follow within seconds.')}" if found.phones else counts


def date_of(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return day_of_year(local.date())


def last_day(end: datetime, zone: ZoneInfo) -> str:
    """``end`` is the first moment in which it counts no longer."""
    return date_of(end - timedelta(microseconds=1), zone)


def moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}, {date_of(at, zone)}"


def certificate(span: Span | None, zone: ZoneInfo) -> str:
    if span is None:
        return _("none")
    first = date_of(span.since, zone)
    if span.until is None:
        return _("%(first)s to no last day", first=first)
    return _("%(first)s to %(last)s", first=first, last=last_day(span.until, zone))


def weekday(number: int | None) -> str:
    return _(EVERY_DAY) if number is None else language.weekdays()[number]


def _modules(some: Iterable[Module]) -> str:
    numbers = [module.value.removeprefix("module_") for module in some]
    *others, last = numbers
    return (
        _("modules %(others)s and %(last)s", others=", ".join(others), last=last)
        if others
        else _("module %(last)s", last=last)
    )


# ---- rows and choices of the templates


def pairs(named: Mapping[StrEnum, str]) -> list[tuple[str, str]]:
    return [(one.value, said) for one, said in named.items()]


def weekdays() -> list[tuple[str, str]]:
    return [(str(number), named) for number, named in enumerate(language.weekdays())]


def choices(some: Iterable[Choice]) -> list[tuple[str, str]]:
    return [(one.value, f"{STANDINGS[one.became]}: {REASONS[one.why]}") for one in some]


def trainings(so_far: SoFar, zone: ZoneInfo) -> list[str]:
    """In the order in which the training has them, with the last day of what has to be done again."""
    some = (so_far.trainings[module] for module in Module if module in so_far.trainings)
    return [
        _("%(module)s (counts until %(day)s)", module=MODULES[one.module].lower(), day=last_day(one.until, zone))
        if one.until
        else MODULES[one.module].lower()
        for one in some
    ]


def history(changes: Sequence[Changed], zone: ZoneInfo) -> list[tuple[str, ...]]:
    """The newest first."""
    return [
        (
            date_of(one.at, zone),
            STANDINGS[one.was] if one.was else _("new"),
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
    return _(HIDDEN) if minutes is None else str(minutes)


def short_date(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return language.short_day(local.date())


def clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
