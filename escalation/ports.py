"""What the engine asks of the world: ring a phone of staff, stop ringing it, show a warning."""

from datetime import timedelta
from typing import Protocol

from escalation.case import Warn
from escalation.person import Person
from models.words import EscalationId, PhoneId, TellingId

# How long a phone of staff rings. Longer than a short step on purpose: the next posts are rung as well, not instead.
RING_FOR = timedelta(seconds=60)
# A ring and all hearings of the message never take this long; a telling still open then was not delivered. The longest
# message takes 86 s, so that with the ring, the wait for the caller's own sentence, and four hearings with the wait for
# a key after each it is over within 440 s; a minute more is for a link to Asterisk that is down when it is to ring.
# Whoever listens must not be cut off by this. A ring of which nothing is left is found earlier, by others.
TELLING_AT_MOST = timedelta(minutes=9)


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
