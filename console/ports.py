"""What the console asks of the line, and what it can tell it to do."""

from dataclasses import dataclass
from typing import Protocol

from escalation.case import ByStaff
from escalation.profile import Welfare
from models.words import EscalationId, Instant, Outcome, PhoneId


@dataclass(frozen=True, slots=True)
class HearingNow:
    """Whether the machine listens, since when it has or has not, and how many phrases it did not hear twice since."""

    listening: bool
    since: Instant | None = None
    left_out: int = 0


class LineView(Protocol):
    @property
    def asterisk_up(self) -> bool: ...

    @property
    def unreachable(self) -> frozenset[PhoneId]:
        """Phones that are not registered now."""

    @property
    def welfare(self) -> Welfare:
        """What the profile that counts now settles for Listeners."""

    def hearing(self) -> HearingNow: ...

    async def wait_for_change(self, at_most: float) -> None:
        """Returns when anything on the board may have changed, or after this many seconds."""

    async def happened(self, escalation: EscalationId, event: ByStaff) -> None:
        """What somebody has done about it. Raises ``AskersFault`` when it changes nothing any more."""

    async def close(self, escalation: EscalationId, by: str, *, spoken: bool, outcome: Outcome | None) -> None:
        """``spoken=False`` makes it climb again; ``True`` closes it with an outcome."""
