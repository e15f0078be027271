"""How the pages of set-up say what they are about."""

from collections.abc import Mapping, Sequence

from console.language import Words, _, marked
from console.set_up.ports import Taken
from console.wording import POSTS

TITLES: Mapping[str, str] = Words(
    {
        "site": "The prison and its codes",
        "wings": "Wings and cells",
        "posts": "Staff posts",
        "complaints": "Whom people can complain to",
    }
)
CODES: Mapping[str, str] = Words(
    {
        "short_code": "Callers dial",
        "duty_code": "Listeners dial, to go on and off duty",
        "own_code": "Listeners dial, for their own line",
        "wait_code": "Listeners dial, to wait to be called",
        "kept_code": "Anybody dials, to hear what is kept",
        "staff_code": "Staff dial, for what is open",
    }
)
CODES_HINTS: Mapping[str, str] = Words(
    {
        "short_code": "The Listener line itself. Put it on the wall of each wing.",
        "own_code": "Shifts, swaps, rest, debrief, support.",
        "wait_code": "For phones that can only dial out.",
    }
)
# The order in which posts are usually reached; what each is for.
POSTS_HINTS: Mapping[str, str] = Words(
    {
        "control_room": "Answers day and night.",
        "healthcare": "Whoever goes to a person whose life is in danger.",
        "orderly_officer": "In charge of the prison at this hour.",
        "duty_office": "Where a caller is put through when no Listener can be reached.",
        "safeguarding": "Told of a child or an adult at risk; never an officer of the caller's wing.",
        "scheme_leader": "The Samaritan on call, who decides where the profile leaves it to them.",
        "coordinator": "Told when the line itself is broken.",
        "technician": "Told when the line itself is broken.",
    }
)
NAMES = POSTS
NEXT_START = marked(
    "The tables and the telephones follow at once. The prison's name on pages too; language, time zone and whom people "
    "can complain to count from the next start of the line: choose a quiet hour for it."
)


def taken(done: Taken) -> str:
    """What follows from a change that was taken."""
    if not done.asterisk_told:
        return _("The site file is changed. Asterisk could not be told: type wingline site reload when it is up.")
    sentences = [_("The site file is changed.")]
    if done.read_again:
        sentences.append(_("Asterisk has read again: %(files)s.", files=_names(done.read_again)))
    else:
        sentences.append(_("Asterisk has read again: nothing, for none of its files changed."))
    if done.wait_for_restart:
        sentences.append(_("These wait for its next start: %(files)s.", files=_names(done.wait_for_restart)))
    return " ".join(sentences)


def _names(files: Sequence[str]) -> str:
    return ", ".join(files)
