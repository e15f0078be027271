"""What the console asks of the line, and what it can tell it to do."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from escalation.case import ByStaff
from escalation.profile import Welfare
from ivr.listening_switch import Off
from models.audit import Chain
from models.words import EscalationId, Instant, Outcome, PhoneId


@dataclass(frozen=True, slots=True)
class HearingNow:
    """Whether the machine listens, since when it has or has not, and how many phrases it did not hear twice since.

    ``off``: somebody has turned it off for the whole line. ``unheard``: seconds of calls that it could not hear since,
    because it did not keep up.
    """

    listening: bool
    since: Instant | None = None
    left_out: int = 0
    off: Off | None = None
    unheard: float = 0.0


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """A signed note of where the audit ended after a day: number and hash of its last entry."""

    day: date
    last: int
    hash: str
    signed_at: Instant


@dataclass(frozen=True, slots=True)
class HeadsHeld:
    """How many heads were held against the audit, and each thing that is wrong, as a sentence."""

    count: int
    wrong: tuple[str, ...]


class AuditHeads(Protocol):
    """Both read files: not on the event loop."""

    def last(self) -> HeadSeen | None: ...

    def held_against(self, chain: Chain, now: Instant) -> HeadsHeld: ...


class LineView(Protocol):
    @property
    def asterisk_up(self) -> bool: ...

    @property
    def unreachable(self) -> frozenset[PhoneId]:
        """Phones that are not registered now."""

    @property
    def welfare(self) -> Welfare:
        """What the profile that counts now settles for Listeners."""

    @property
    def heads(self) -> AuditHeads:
        """The heads of the audit that the line has signed."""

    @property
    def backup_warn_after(self) -> timedelta | None:
        """How old the last backup may be; none when the site has settled nothing for backups."""

    def hearing(self) -> HearingNow: ...

    async def wait_for_change(self, at_most: float) -> None:
        """Returns when anything on the board may have changed, or after this many seconds."""

    async def happened(self, escalation: EscalationId, event: ByStaff) -> None:
        """What somebody has done about it. Raises ``AskersFault`` when it changes nothing any more."""

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        """``spoken=False`` makes it climb again; ``True`` closes it with an outcome."""
