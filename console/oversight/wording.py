"""How report and audit are said on the page of oversight."""

from dataclasses import replace

from console.language import _, marked, n_, said
from console.oversight.checking import Checked
from escalation.oversight import Table

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


def in_words(table: Table) -> Table:
    """A table of the report in the language of whoever reads it; its files stay in the words that were published."""
    rows = tuple(tuple(said(cell) if cell else "" for cell in row) for row in table.rows)
    headings = tuple(said(heading) for heading in table.headings)
    return replace(table, title=said(table.title), says=said(table.says), headings=headings, rows=rows)


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
