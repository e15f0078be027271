"""What a message beside the phones is about, how a try can fail, and when the next one is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NewType

from escalation.contacts import Contact
from models.dangers import Danger
from models.words import Cause, EscalationId, Instant

MessageId = NewType("MessageId", str)

LONGEST_PAUSE = timedelta(seconds=60)
# "Closed" itself can only be sent when it is closed; after so long nobody waits for it any more.
CLOSING_WORDS_FOR = timedelta(minutes=10)


class News(StrEnum):
    """Whether it is a drill is said by the escalation's cause: a drill takes every way that a danger takes."""

    TOLD = "told"
    CAME_BACK = "came_back"
    NOBODY_LEFT = "nobody_left"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Fault(StrEnum):
    """Why a try failed, as far as a row may say it: never in a server's words, which may repeat ours."""

    NOT_REACHED = "not_reached"
    NOT_TRUSTED = "not_trusted"  # no TLS, or a certificate that this machine does not trust
    TIMED_OUT = "timed_out"
    NOT_NOW = "not_now"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    NO_SECRET = "no_secret"  # noqa: S105 - it is missing, or cannot be used
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - the server does not take it
    NO_CONTACT = "no_contact"  # not in the site file any more
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """All that a sender is given, so that none can tell more; ``location`` only if the contact is told it."""

    id: MessageId
    escalation: EscalationId
    contact: Contact
    news: News
    cause: Cause
    danger: Danger | None
    location: str | None
    raised_at: Instant
    step: int
    round: int
    made_at: Instant
    # This one included.
    tries: int


def next_try(tries: int, now: Instant) -> Instant:
    """After that many tries that failed: 2, 4, 8, … seconds, and every minute from then on."""
    return now + min(LONGEST_PAUSE, timedelta(seconds=2 ** min(tries, 6)))


def still_wanted(news: News, closed_at: Instant | None, now: Instant) -> bool:
    """While the crisis is open nothing is given up."""
    if closed_at is None:
        return True
    return news is News.CLOSED and now < closed_at + CLOSING_WORDS_FOR
