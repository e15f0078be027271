"""Whether a Listener may take calls, and whether they stepped back from them."""

from datetime import datetime
from typing import Protocol

from models.words import Standing


class Certified(Protocol):
    """Anybody with a standing and a certificate."""

    @property
    def standing(self) -> str: ...
    @property
    def certified_from(self) -> datetime | None: ...
    @property
    def certified_until(self) -> datetime | None: ...


def may_take_calls(listener: Certified, now: datetime) -> bool:
    """Certified and in date (domain.md 5.3, O1); a certificate may have no last day but must have a first."""
    if listener.standing != Standing.CERTIFIED or listener.certified_from is None:
        return False
    return listener.certified_from <= now and (listener.certified_until is None or now < listener.certified_until)


def is_off_duty(off_duty_since: datetime | None, last_began: datetime | None) -> bool:
    """Off duty is until the next shift begins; ``last_began`` is when their last one did, whether or not it is over."""
    return off_duty_since is not None and (last_began is None or last_began <= off_duty_since)
