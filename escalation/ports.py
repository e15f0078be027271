"""What the engine asks of the world: ring a phone of staff, stop ringing it, show a warning."""

from datetime import timedelta
from typing import Protocol

from escalation.case import Warn
from escalation.person import Person
from models.words import EscalationId, PhoneId, TellingId

# How long a phone of staff rings. Longer than a short step on purpose: the next posts are rung as well, not instead.
RING_FOR = timedelta(seconds=60)
# A ring and two hearings of the message never take this long; a telling still open then was not delivered.
TELLING_AT_MOST = timedelta(seconds=180)


class StaffPhones(Protocol):
    """Both return at once. How a ring ended comes back through ``Engine.telling_ended``."""

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None: ...

    def stop(self, telling: TellingId) -> None:
        """Also asked for tellings of a line that died: whatever still rings for them must stop."""


class Console(Protocol):
    def warn(self, escalation: EscalationId, why: Warn) -> None: ...


class People(Protocol):
    """Who lives where, as the prison itself says; asked only when a location is opened."""

    def who_lives_in(self, location: str) -> Person | None:
        """None when the prison does not say, or when more than one person lives there."""
