"""How report and audit are said on the page of oversight."""

from console import language
from console.language import _, marked, n_
from console.oversight.checking import Checked
from console.tables import Table
from escalation import oversight

WHAT_IT_CANNOT_SEE = marked(
    "This check is made by the line itself, with its own key and its own copies of the heads. A board that keeps its "
    "own heads and key sees more: whether the end was cut off, or all of it made anew. The coordinator can have that "
    "check made with the command: wingline audit verify --heads FOLDER --key PUBLIC."
)
WITHOUT_A_HEAD = marked("Without a head nobody can see that the end was cut off, or all of it made anew.")
NO_HEAD = marked("There is no head yet. The line writes one after each midnight.")
WHEN_WRONG = marked(
    "Write down what stands here, keep your own heads safe, and tell the scheme partner. docs/audit.md says what each "
    "finding means."
)
NO_QUARTER = marked(
    "There is no report yet. A report is made of a whole quarter, from the second day after the quarter is over."
)


def title(report: oversight.Report) -> str:
    return _("Listener line at %(site)s: oversight report %(quarter)s", site=report.site, quarter=report.quarter)


def hidden() -> str:
    return _("%(hidden)s is hidden.", hidden=oversight.HIDDEN)


def in_words(table: oversight.Table) -> Table:
    """A table of the report in the language of whoever reads it. Its name and its numbers are the same in each."""
    say = language.in_words
    headings = tuple(say(heading) for heading in table.headings)
    rows = tuple(tuple(say(cell) for cell in row) for row in table.rows)
    return Table(table.name, say(table.title), say(table.says), headings, rows)


def result(checked: Checked) -> str:
    return _("Something is wrong with the audit.") if checked.wrong else _("Nothing is wrong with the audit.")


def extent(checked: Checked) -> str:
    """Such as "212 entries were checked, and held against 30 heads."."""
    found = n_(
        "One entry was checked, and held against %(heads)s.",
        "%(count)s entries were checked, and held against %(heads)s.",
        checked.entries,
        heads=n_("one head", "%(count)s heads", checked.heads),
    )
    if not checked.forgotten:
        return found
    gone = _("Those up to number %(number)s were two years old and are forgotten.", number=checked.forgotten)
    return f"{found} {gone}"
