"""A Listener with everything that decides whether and when to ring."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.words import Cover, Language, ListenerId, Standing, WingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    id: ListenerId
    wing: WingId
    standing: Standing
    certified_from: datetime | None
    certified_until: datetime | None  # the earlier of the certificate's end and that of a recurring training
    languages: frozenset[Language]
    experienced: bool
    away: bool  # a movement took them out of reach: court, hospital, transfer …
    on_shift: Cover | None
    off_duty: bool
    in_call: bool
    ringing: bool
    resting_until: datetime | None
    reachable: bool
    talked: timedelta  # in the last 24 hours
    last_talk_ended_at: datetime | None
    had_enough: bool  # a cap of the night, the day or the week is reached
    load: timedelta = timedelta()  # a mean day of the last 7 and one of the last 28 (welfare.load)
