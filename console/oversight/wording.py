"""How the audit is said on the page of oversight."""

from console.oversight.checking import Checked

WHAT_IT_CANNOT_SEE = (
    "This check is made by the line itself, with its own key and its own copies of the heads. A board that keeps its "
    "own heads and key sees more: whether the end was cut off, or all of it made anew. The coordinator can have that "
    "check made with the command: wingline audit verify --heads FOLDER --key PUBLIC."
)
WITHOUT_A_HEAD = "Without a head nobody can see that the end was cut off, or all of it made anew."
NO_HEAD = "There is no head yet. The line writes one after each midnight."
WHEN_WRONG = (
    "Write down what stands here, keep your own heads safe, and tell the scheme partner. docs/audit.md says what each "
    "finding means."
)
KEPT = "What is kept about callers, Listeners and staff, to be read and printed:"
NO_QUARTER = (
    "There is no report yet. A report is made of a whole quarter, from the second day after the quarter is over."
)


def result(checked: Checked) -> str:
    return "Something is wrong with the audit." if checked.wrong else "Nothing is wrong with the audit."


def extent(checked: Checked) -> str:
    """Such as "212 entries were checked, and held against 30 heads."."""
    entries = "One entry was" if checked.entries == 1 else f"{checked.entries} entries were"
    heads = "one head" if checked.heads == 1 else f"{checked.heads} heads"
    gone = f" Those up to number {checked.forgotten} were two years old and are forgotten." if checked.forgotten else ""
    return f"{entries} checked, and held against {heads}.{gone}"
