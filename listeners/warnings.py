"""What ends soon for a Listener, so that nobody is surprised by it: warned 60, 30 and 7 days ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from listeners.journey import Module, SoFar

DAYS_AHEAD = (60, 30, 7, 0)


class Due(StrEnum):
    CERTIFICATE = "certificate_ends"
    TRAINING = "training_due"
    REACCREDITATION = "reaccreditation_due"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Said from ``days`` before ``at`` on: 60, 30, 7, or 0 when it is over."""

    due: Due
    at: datetime
    days: int


def warnings(so_far: SoFar, now: datetime) -> tuple[Ahead, ...]:
    """The soonest first."""
    found = [Ahead(due, at, days) for due, at in _ends(so_far) if (days := days_ahead(at, now)) is not None]
    return tuple(sorted(found, key=lambda one: (one.at, one.due)))


def days_ahead(at: datetime, now: datetime) -> int | None:
    """The latest warning whose time has come; None while it is more than 60 days away."""
    return min((days for days in DAYS_AHEAD if at - now <= timedelta(days=days)), default=None)


def _ends(so_far: SoFar) -> list[tuple[Due, datetime]]:
    certificate = so_far.certificate.until if so_far.certificate else None
    ends = [(Due.CERTIFICATE, certificate)]
    for due, module in ((Due.TRAINING, Module.REFRESHER), (Due.REACCREDITATION, Module.REACCREDITATION)):
        done = so_far.trainings.get(module)
        ends.append((due, done.until if done else None))
    return [(due, at) for due, at in ends if at is not None]
