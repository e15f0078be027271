"""Turns a board into the page, and into the parts of it that change."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from console import assets, language, wording
from console.accounts import SignedIn
from console.board import Board
from console.roles import Ability, Page, may, pages_of
from console.store import SiteNamed
from console.wall_clock import WallClock
from escalation.acct import clocks
from models.words import STAFF_OUTCOMES, AccountRole, Instant

_PAGES = Environment(
    loader=PackageLoader("console", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_PAGES.globals.update(asset=assets.address, words=wording, outcomes=STAFF_OUTCOMES, acct_clocks=clocks)
_PAGES.globals.update(
    dates=language, spoken=language.spoken, console_languages=language.NAMES, page_asked=language.page_asked
)
_PAGES.globals.update(not_checked=language.not_checked)
_PAGES.filters.update(as_sentence=language.sentence)
# {% trans %} is for texts with markup in them; what _ and n_ say is escaped like any other text.
_PAGES.install_gettext_callables(language.said, language.said_of_many, newstyle=True)  # type: ignore[attr-defined]
_PAGES.globals.update(_=language._, n_=language.n_)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page, the token that makes its forms theirs, and where they are."""

    who: SignedIn
    token: str
    path: str = "/"

    @property
    def is_staff(self) -> bool:
        return self.who.role is AccountRole.STAFF

    @property
    def pages(self) -> tuple[Page, ...]:
        """What they may open, for the top of the page."""
        return pages_of(self.who.role, self.path)

    def may(self, ability: str) -> bool:
        """For templates, by the name of an ability: ``reader.may("EDIT_ROTA")``."""
        return may(self.who.role, Ability[ability])


def page(name: str, **content: object) -> str:
    return _PAGES.get_template(name).render(content)


def parts(board: Board) -> dict[str, object]:
    """The parts of the board by the name of their template and element; a part that is equal is not sent again."""
    for_coordinators = {} if board.ends is None else {"ends": board.ends}
    return {
        "statement": board.statement,
        "escalations": board.escalations,
        "calls": (board.waiting, board.talking),
        "listeners": (board.listeners, board.debriefs),
        "cover": board.cover,
        **for_coordinators,
    }


def board_content(board: Board, reader: Reader, site: SiteNamed, now: Instant) -> dict[str, object]:
    return {"board": board, "reader": reader, "site": site, "time": WallClock(ZoneInfo(site.zone), now), "parts": parts}
