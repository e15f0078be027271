"""How to complain to somebody outside the prison (domain.md C7). How each is reached is in the site file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.language import Words, _, marked


class Body(StrEnum):
    """Whom one can complain to; how each is reached is another thing in every prison."""

    MONITORING_BOARD = "monitoring_board"
    SCHEME = "scheme"
    OMBUDSMAN = "ombudsman"
    DATA_PROTECTION = "data_protection"


# Whoever hears of one must hear of all of these: nobody in the prison chooses who is complained to.
REQUIRED = (Body.MONITORING_BOARD, Body.SCHEME, Body.OMBUDSMAN)


@dataclass(frozen=True, slots=True)
class Reached:
    """How one of them is reached from this prison: at least one of the two."""

    body: Body
    name: str
    address: str = ""
    phone: str = ""


TITLE = marked("How to complain to somebody outside the prison")
FIRST = marked(
    "You may complain about this line, about a Listener, about staff who came, or about what is kept about you. "
    "Nobody may treat you worse because you did. You need not say what you talked about in a call."
)
CALLED: Mapping[Body, str] = Words(
    {
        Body.MONITORING_BOARD: "The monitoring board of the prison",
        Body.SCHEME: "The branch of Samaritans, or whoever else supports the Listeners",
        Body.OMBUDSMAN: "The ombudsman for prisons",
        Body.DATA_PROTECTION: "The authority for data protection",
    }
)
ABOUT: Mapping[Body, str] = Words(
    {
        Body.MONITORING_BOARD: (
            "People from outside who may go anywhere in it and speak with anybody alone. They see a report about this "
            "line and can check its audit."
        ),
        Body.SCHEME: (
            "When it is about a Listener, or about how a call was. They can turn the computer's listening off."
        ),
        Body.OMBUDSMAN: "When you have complained in the prison and are not content with the answer, or had none.",
        Body.DATA_PROTECTION: "When it is about what is kept about you, or who saw it.",
    }
)
# Everybody chooses their own.
OTHERS = (marked("A solicitor, or your member of parliament"), marked("About anything."))
HOW = marked(
    "Write, or ask to speak to them. Ask staff for a confidential envelope: what you write to the ombudsman and to a "
    "solicitor is not to be read by the prison. If you cannot write, a Listener, the chaplaincy or somebody of the "
    "monitoring board may write for you."
)
WHERE = marked("The addresses and telephone numbers for this prison: ask the coordinator of the Listener scheme.")


def whom(reached: Sequence[Reached]) -> Sequence[tuple[str, str, Sequence[str]]]:
    """Who they are, about what, and how they are reached, as lines."""
    ways = {one.body: _ways(one) for one in reached}
    who, about = OTHERS
    return [*((CALLED[body], ABOUT[body], ways.get(body, ())) for body in Body), (_(who), _(about), ())]


def _ways(one: Reached) -> Sequence[str]:
    return [
        one.name,
        *([one.address] if one.address else []),
        *([_("Telephone %(phone)s", phone=one.phone)] if one.phone else []),
    ]
