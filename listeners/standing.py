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


def is_off_duty(off_duty_since: datetime | None, on_since: datetime | None) -> bool:
    """Off duty is for the shift in which it was said; ``on_since`` is when that of now began."""
    return off_duty_since is not None and (on_since is None or on_since <= off_duty_since)
