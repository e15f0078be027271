"""Turns a board into the page, and into the parts of it that change."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from console import assets, wording
from console.accounts import SignedIn
from console.board import Board
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
)
_PAGES.globals.update(asset=assets.address, words=wording, outcomes=STAFF_OUTCOMES, acct_clocks=clocks)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the board, and the token that makes its forms theirs."""

    who: SignedIn
    token: str

    @property
    def is_staff(self) -> bool:
        return self.who.role is AccountRole.STAFF

    @property
    def pages(self) -> list[tuple[str, str, bool]]:
        """Path, label, and whether it is the page that they look at."""
        rota = [] if self.is_staff else [("/rota", "Rota", False), ("/movements", "Movements", False)]
        return [("/", "Board", False), *rota, ("/drills", "Drills", False)]


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


def part(name: str, content: dict[str, object]) -> str:
    return page(f"part_{name}.html", **content)
