"""A span of time in which one Listener is on duty."""

from dataclasses import dataclass
from datetime import datetime

from models.words import Cover, ListenerId, ShiftId


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """On duty from ``starts_at`` until just before ``ends_at``, both aware UTC."""

    id: ShiftId
    listener: ListenerId
    cover: Cover
    starts_at: datetime
    ends_at: datetime
    # Which shift of which day it fills (rota.slot); none when a coordinator wrote it by hand.
    slot: str | None = None

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at
