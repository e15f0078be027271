"""What one look at everything leaves for the next: what was missing, and who the other nodes may be for us."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ivr.store import GONE_AFTER
from models.traced import Correction
from models.words import CallId, ListenerId, OfferId, TellingId

# The line looks every few seconds; a look that came so late was kept waiting.
_LATE_SECONDS = 10.0
# A link that is back is looked at twice in one moment, in which what was ordered meanwhile has not begun to ring.
_MISSED_FOR_SECONDS = 2.0


@dataclass(slots=True)
class Steady:
    """When a database is back, no node has beaten for as long as it was away, and each is back in its own moment.

    So it seems as well when its clock is put forward.
    """

    since: float | None = None
    _last: float = 0.0
    _clock: datetime | None = None

    def answered(self, at: float, clock: datetime) -> None:
        """``clock``: what the database's said at that moment."""
        went = at - self._last
        jumped = self._clock is not None and abs((clock - self._clock).total_seconds() - went) > _LATE_SECONDS
        if self.since is None or went > _LATE_SECONDS or jumped:
            self.since = at
        self._last, self._clock = at, clock

    def long_enough(self, at: float) -> bool:
        return self.since is not None and at - self.since >= GONE_AFTER.total_seconds()


@dataclass(slots=True)
class Missed:
    """Tellings whose phone is in no picture of the channels: once, it may be about to ring."""

    _since: dict[TellingId, float] = field(default_factory=dict)

    def lost(self, missed: Iterable[TellingId], at: float) -> frozenset[TellingId]:
        """Those that were missed before as well, and not just now."""
        self._since = {one: self._since.get(one, at) for one in missed}
        return frozenset(one for one, since in self._since.items() if at - since >= _MISSED_FOR_SECONDS)


@dataclass(slots=True)
class LastLook:
    lost_talks: frozenset[tuple[CallId, ListenerId]] = frozenset()
    lost_offers: frozenset[OfferId] = frozenset()
    missed: Missed = field(default_factory=Missed)
    steady: Steady = field(default_factory=Steady)
    # Since this process began.
    corrected: Counter[Correction] = field(default_factory=Counter)
