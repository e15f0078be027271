"""How the audit is said on the page of oversight."""

from console.language import _, marked, n_
from console.oversight.checking import Checked

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
