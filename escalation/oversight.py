"""The quarterly report for who watches over the line: a Samaritans branch, a monitoring board (domain.md 6, layer 8).

Pure: from figures to tables that may be published. What is hidden, and why, is in ``suppression.py``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from escalation.suppression import ALL, SMALLEST_SHOWN, Cell, Counts, Published, published
from models.errors import AskersFault
from models.phrases import Phrase, Said, marked, phrase
from models.words import Cause

# As the statistical services of the United Kingdom mark a value that is withheld to protect people.
HIDDEN = "[c]"
NOT_KEPT = phrase("no longer kept")
ROUNDED_TO = 10  # seconds

LISTENED, NOT_LISTENED = marked("The computer listened"), marked("It did not listen")
RIGHT, WRONG, NOT_JUDGED = marked("Right"), marked("Wrong"), marked("Not judged")
TIMES, OPENINGS = marked("Times"), "openings"

# Nobody was in danger, and nothing was disclosed.
ABOUT_NOBODY = frozenset({Cause.DRILL, Cause.LINE_BROKEN})
RULES: Mapping[Cause, Phrase] = {
    Cause.CALLER_ASKED: phrase("The caller asked for staff"),
    Cause.CALLER_AGREED: phrase("The caller agreed to help from staff"),
    Cause.DANGER_NOW: phrase("Life in danger, and the caller could not decide"),
    Cause.REFUSES: phrase("Life in danger, and the caller said no"),
    Cause.PERSON_AT_RISK: phrase("A child, or an adult who cannot protect themself, at risk"),
    Cause.THREAT_TO_ANOTHER: phrase("Serious danger to somebody else"),
    Cause.OTHER_IN_CELL: phrase("Somebody beside the caller in danger"),
    Cause.EXCEPTION_RULE: phrase("The exception of which callers are told at the start"),
    Cause.LINE_LOST: phrase("The Listener was lost while a danger was being named"),
    Cause.VISIT_ASKED: phrase("The caller asked for a visit, because nobody could be reached"),
}


class BadQuarter(AskersFault):
    def __init__(self, text: str, reason: Said) -> None:
        super().__init__(phrase("quarter %(text)s: %(reason)s", text=repr(text), reason=reason))


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def months(self) -> tuple[str, str, str]:
        first = 3 * self.number - 2
        return (f"{self.year}-{first:02}", f"{self.year}-{first + 1:02}", f"{self.year}-{first + 2:02}")

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """From its first moment until the first of the next, in UTC."""
        following = Quarter(self.year + self.number // 4, self.number % 4 + 1)
        first, end = (datetime(one.year, 3 * one.number - 2, 1, tzinfo=ZoneInfo(zone)) for one in (self, following))
        return first.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Staff were told about a person: by which rule, and how long everything took from when it was raised."""

    cause: Cause
    to_acknowledge: timedelta | None
    to_the_door: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted in a quarter, before anything is hidden; by month or by rule of the hearing."""

    quarter: Quarter
    calls: Mapping[str, int]
    listened: Mapping[str, int]
    prompted: Mapping[str, int]
    right: Mapping[str, int]
    wrong: Mapping[str, int]
    disclosures: Sequence[Disclosure]
    # None when the audit of that time is no longer kept.
    openings: int | None
    profiles: Sequence[tuple[date, str]] | None


@dataclass(frozen=True, slots=True)
class Table:
    """As it is published, and in no language yet; the first column names the row."""

    name: str
    title: Phrase
    says: Phrase
    headings: tuple[Phrase, ...]
    rows: tuple[tuple[Said, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    site: str
    quarter: Quarter
    tables: tuple[Table, ...]


def quarter_named(text: str) -> Quarter:
    found = re.fullmatch(r"(20\d\d)-Q([1-4])", text)
    if not found:
        raise BadQuarter(text, phrase("write it like 2026-Q4"))
    return Quarter(int(found[1]), int(found[2]))


def report(site: str, figures: Figures) -> Report:
    """Everything is hidden together, so that no two tables tell more than each."""
    calls, prompts, told, opened = _calls(figures), _prompts(figures), _told(figures), _opened(figures)
    follows = {Cell(OPENINGS, OPENINGS, TIMES): Cell("disclosures", ALL, TIMES)}
    shown = published([calls, prompts, told, opened], follows=follows)
    tables = (
        _calls_table(calls, shown),
        _prompts_table(prompts, shown),
        _told_table(figures.disclosures, told, shown),
        _opened_table(figures, shown),
        _profiles_table(figures),
    )
    return Report(site, figures.quarter, tables)


# ---- what is counted


def _calls(figures: Figures) -> Counts:
    months = figures.quarter.months
    listened = {(month, LISTENED): figures.listened.get(month, 0) for month in months}
    others = {(m, NOT_LISTENED): figures.calls.get(m, 0) - figures.listened.get(m, 0) for m in months}
    return Counts("calls", months, (LISTENED, NOT_LISTENED), listened | others)


def _prompts(figures: Figures) -> Counts:
    inner: dict[tuple[str, str], int] = {}
    rules = sorted(figures.prompted.keys() | figures.right.keys() | figures.wrong.keys())
    for rule in rules:
        right, wrong = figures.right.get(rule, 0), figures.wrong.get(rule, 0)
        # What is judged after midnight of the last day counts in the quarter after its prompt.
        open_ones = max(0, figures.prompted.get(rule, 0) - right - wrong)
        inner |= {(rule, RIGHT): right, (rule, WRONG): wrong, (rule, NOT_JUDGED): open_ones}
    return Counts("prompts", tuple(rules), (RIGHT, WRONG, NOT_JUDGED), inner)


def _told(figures: Figures) -> Counts:
    inner = {(cause.value, TIMES): sum(one.cause is cause for one in figures.disclosures) for cause in RULES}
    return Counts("disclosures", tuple(cause.value for cause in RULES), (TIMES,), inner)


def _opened(figures: Figures) -> Counts:
    return Counts(OPENINGS, (OPENINGS,), (TIMES,), {(OPENINGS, TIMES): figures.openings or 0})


# ---- what is published


def _as_shown(value: int | None) -> str:
    return HIDDEN if value is None else str(value)


def _row_name(row: str) -> Said:
    return phrase("Whole quarter") if row == ALL else row


def _shown_rows(counts: Counts, shown: Published) -> Sequence[tuple[Said, ...]]:
    return [
        (_row_name(row), *(_as_shown(shown[Cell(counts.name, row, column)]) for column in counts.all_columns))
        for row in counts.all_rows
    ]


def _calls_table(counts: Counts, shown: Published) -> Table:
    rows = []
    for row, cells in zip(counts.all_rows, _shown_rows(counts, shown), strict=True):
        listened, every = shown[Cell("calls", row, LISTENED)], shown[Cell("calls", row, ALL)]
        share = HIDDEN if listened is None or every is None else f"{100 * listened / every:.0f} %" if every else "-"
        rows.append((*cells, share))
    return Table(
        "calls",
        phrase("Calls, and in how many the computer was allowed to listen"),
        phrase(
            "A call counts in the month in which it began. The computer listens only as the profile and the caller "
            "allow."
        ),
        (phrase("Month"), phrase(LISTENED), phrase(NOT_LISTENED), phrase("All calls"), phrase("Share listened")),
        tuple(rows),
    )


def _prompts_table(counts: Counts, shown: Published) -> Table:
    return Table(
        "prompts",
        phrase("What the computer told Listeners, and what they said of it"),
        phrase(
            "One line for each rule of the hearing. A Listener can say that a prompt was right or wrong, and need not."
        ),
        (phrase("Rule"), phrase(RIGHT), phrase(WRONG), phrase(NOT_JUDGED), phrase("All prompts")),
        tuple(_shown_rows(counts, shown)),
    )


def _told_table(disclosures: Sequence[Disclosure], counts: Counts, shown: Published) -> Table:
    rows = []
    for row in counts.all_rows:
        of_row = [one for one in disclosures if row in {ALL, one.cause.value}]
        times = shown[Cell("disclosures", row, TIMES)]
        clocks: tuple[Callable[[Disclosure], timedelta | None], ...] = (
            lambda one: one.to_acknowledge,
            lambda one: one.to_the_door,
        )
        # A time next to a hidden count would say something about it.
        medians = (HIDDEN if times is None else _typical([clock(one) for one in of_row]) for clock in clocks)
        rows.append((_row_name(row) if row == ALL else RULES[Cause(row)], _as_shown(times), *medians))
    return Table(
        "disclosures",
        phrase("Staff were told about a person, by rule"),
        phrase("Half of the times were shorter, half longer. Only over at least five, to the nearest ten seconds."),
        (
            phrase("Rule"),
            phrase(TIMES),
            phrase("Until staff acknowledged"),
            phrase("Until somebody was at the door"),
        ),
        tuple(rows),
    )


def _typical(times: Sequence[timedelta | None]) -> Said:
    known = [one.total_seconds() for one in times if one is not None]
    if not times:
        return "-"
    if len(known) < SMALLEST_SHOWN:
        return HIDDEN
    minutes, seconds = divmod(round(median(known) / ROUNDED_TO) * ROUNDED_TO, 60)
    return phrase("%(minutes)s min %(seconds)s s", minutes=str(minutes), seconds=f"{seconds:02}")


def _opened_table(figures: Figures, shown: Published) -> Table:
    count = NOT_KEPT if figures.openings is None else _as_shown(shown[Cell(OPENINGS, OPENINGS, TIMES)])
    return Table(
        OPENINGS,
        phrase("The place of a caller was opened"),
        phrase("It is sealed until staff are told by a rule. Every opening is in the audit."),
        (phrase("What"), phrase(TIMES)),
        ((phrase("Openings"), count),),
    )


def _profiles_table(figures: Figures) -> Table:
    kept = figures.profiles
    rows: tuple[tuple[Said, ...], ...] = ((NOT_KEPT, ""),) if kept is None else tuple(kept)
    return Table(
        "profiles",
        phrase("Changes of the profile: what may be told, to whom, and when"),
        phrase("Each was signed by two people. These are acts of the prison and the scheme, and are never hidden."),
        (phrase("In force from"), phrase("Profile")),
        rows or ((phrase("None in this quarter"), ""),),
    )
