"""What each role may see and do on the console: one table, which pages, forms and the navigation all ask.

Nobody makes or ends accounts here: that is for the command line alone (docs/accounts.md).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from console.language import Cannot, Words, _, marked
from models.words import AccountRole

_STAFF = AccountRole.STAFF
_COORDINATOR = AccountRole.COORDINATOR
_GOVERNOR = AccountRole.GOVERNOR
_PARTNER = AccountRole.SCHEME_PARTNER
_BOARD = AccountRole.MONITORING_BOARD
_TECHNICIAN = AccountRole.TECHNICIAN
EVERYBODY = frozenset(AccountRole)


class Ability(StrEnum):
    """The words complete the sentence "you cannot …"."""

    SEE_BOARD = marked("see the board")
    ANSWER_ESCALATIONS = marked("answer an escalation")
    START_DRILL = marked("start a drill")
    EDIT_ROTA = marked("open the rota")
    SEE_LISTENERS = marked("open the Listeners")
    RECORD_MOVEMENTS = marked("open the movements")
    HOLD_DEBRIEFS = marked("say that a debrief was held")
    SEE_FIGURES = marked("see the figures")
    SEE_WELFARE = marked("see how Listeners are")
    SEE_PROFILE = marked("see the profile")
    PROPOSE_PROFILE = marked("propose a profile")
    SIGN_AS_GOVERNOR = marked("sign for the prison")
    SIGN_AS_PARTNER = marked("sign for the scheme")
    KILL_SWITCH = marked("turn the listening off")
    SEE_OVERSIGHT = marked("see the oversight report")
    VERIFY_AUDIT = marked("verify the audit")
    SEE_COMPLAINTS = marked("see complaints")
    SEE_KEPT = marked("see what is kept")
    SEE_HEALTH = marked("see how the line is")
    SET_UP = marked("set the line up")


# Coordinators see no caller and no content, staff no past caller and no Listener's calls, technicians no people.
WHO_MAY: Mapping[Ability, frozenset[AccountRole]] = {
    Ability.SEE_BOARD: frozenset({_STAFF, _COORDINATOR}),
    Ability.ANSWER_ESCALATIONS: frozenset({_STAFF}),
    Ability.START_DRILL: frozenset({_STAFF, _COORDINATOR}),
    Ability.EDIT_ROTA: frozenset({_COORDINATOR}),
    Ability.SEE_LISTENERS: frozenset({_COORDINATOR}),
    Ability.RECORD_MOVEMENTS: frozenset({_COORDINATOR}),
    Ability.HOLD_DEBRIEFS: frozenset({_COORDINATOR}),
    Ability.SEE_FIGURES: frozenset({_COORDINATOR, _PARTNER}),
    Ability.SEE_WELFARE: frozenset({_COORDINATOR, _PARTNER}),
    # What callers, Listeners and officers meet is no secret; who signs it is its own ability.
    Ability.SEE_PROFILE: frozenset({_STAFF, _COORDINATOR, _PARTNER, _GOVERNOR, _BOARD}),
    Ability.PROPOSE_PROFILE: frozenset({_COORDINATOR, _PARTNER, _GOVERNOR}),
    Ability.SIGN_AS_GOVERNOR: frozenset({_GOVERNOR}),
    Ability.SIGN_AS_PARTNER: frozenset({_PARTNER}),
    # Reachable by the scheme's partner, not only by the prison (domain.md 6, layer 8).
    Ability.KILL_SWITCH: frozenset({_PARTNER}),
    Ability.SEE_OVERSIGHT: frozenset({_PARTNER, _BOARD, _GOVERNOR}),
    Ability.VERIFY_AUDIT: frozenset({_BOARD}),
    Ability.SEE_COMPLAINTS: frozenset({_BOARD}),
    # Every phone says the same to whoever asks (domain.md 5.3, O6).
    Ability.SEE_KEPT: EVERYBODY,
    Ability.SEE_HEALTH: frozenset({_TECHNICIAN}),
    Ability.SET_UP: frozenset({_TECHNICIAN}),
}
CALLED: Mapping[AccountRole, str] = Words(
    {
        _STAFF: "duty staff",
        _COORDINATOR: "coordinators",
        _GOVERNOR: "the governor",
        _PARTNER: "the scheme partner",
        _BOARD: "the monitoring board",
        _TECHNICIAN: "technicians",
    }
)


def may(role: AccountRole, ability: Ability) -> bool:
    return role in WHO_MAY[ability]


def for_whom(ability: Ability) -> str:
    """Such as "that is for duty staff and coordinators"."""
    *others, last = (called for role, called in CALLED.items() if may(role, ability))
    if not others:
        return _("that is for %(last)s", last=last)
    return _("that is for %(others)s and %(last)s", others=", ".join(others), last=last)


def refusal(ability: Ability) -> Cannot:
    """Such as "cannot start a drill: that is for duty staff and coordinators"."""
    return Cannot(_("cannot %(act)s: %(reason)s", act=_(ability.value), reason=for_whom(ability)))


class Page(NamedTuple):
    """A page as the top of every page names it."""

    path: str
    label: str
    current: bool


# In the order in which they stand there.
PAGES: tuple[tuple[str, str, Ability], ...] = (
    ("/", marked("Board"), Ability.SEE_BOARD),
    ("/rota", marked("Rota"), Ability.EDIT_ROTA),
    ("/listeners", marked("Listeners"), Ability.SEE_LISTENERS),
    ("/welfare", marked("Welfare"), Ability.SEE_WELFARE),
    ("/movements", marked("Movements"), Ability.RECORD_MOVEMENTS),
    ("/figures", marked("Figures"), Ability.SEE_FIGURES),
    ("/drills", marked("Drills"), Ability.START_DRILL),
    ("/profile", marked("Profile"), Ability.SEE_PROFILE),
    ("/listening", marked("Listening"), Ability.KILL_SWITCH),
    ("/oversight", marked("Oversight"), Ability.SEE_OVERSIGHT),
    ("/health", marked("Health"), Ability.SEE_HEALTH),
    ("/set-up", marked("Set-up"), Ability.SET_UP),
)
# Where everybody finds what they sign in with; also the first page of who has no other.
OWN_ACCOUNT = "/account"


def pages_of(role: AccountRole, path: str) -> tuple[Page, ...]:
    """What this role may open; ``path`` is where they are now."""
    return tuple(Page(each, _(label), _is_within(path, each)) for each, label, ability in PAGES if may(role, ability))


def first_page_of(role: AccountRole) -> str:
    return next((path for path, _label, ability in PAGES if may(role, ability)), OWN_ACCOUNT)


def _is_within(path: str, page: str) -> bool:
    return path == page or (page != "/" and path.startswith(f"{page}/"))
