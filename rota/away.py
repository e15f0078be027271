"""When a Listener is away, from the movements that are known of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.words import MovementKind
from rota.person import Span

# Out of the prison: a return is a return from there.
OUT = frozenset({MovementKind.TRANSFER, MovementKind.RELEASE, MovementKind.COURT, MovementKind.HOSPITAL})
# Inside it, where nobody may be on the rota (domain.md 5.3, O1). Who is back from court is still held.
HELD = frozenset({MovementKind.SEGREGATION, MovementKind.CONSTANT_WATCH})


@dataclass(frozen=True, slots=True)
class Moved:
    """Aware UTC. ``until`` is when they are known to be back; none when nobody knows."""

    since: datetime
    kind: MovementKind
    until: datetime | None = None


def away(movements: Iterable[Moved]) -> tuple[Span, ...]:
    """Each lasts until its own end or until they returned from it; a cell move takes nobody away."""
    known = sorted(movements, key=lambda one: one.since)
    return tuple(Span(one.since, back_at(one, known)) for one in known if one.kind in OUT | HELD)


def back_at(one: Moved, known: Sequence[Moved]) -> datetime | None:
    """When what took them away ends, as far as is known; ``known`` are all movements of this Listener."""
    returns = sorted(other.since for other in known if other.kind is MovementKind.RETURNED)
    if one.kind in HELD:
        # The first return after going out is from there, also where it comes later than it was expected.
        out = [other for other in known if other.kind in OUT and (other.until is None or other.until > one.since)]
        from_there = {_first_after(other.since, returns) for other in out}
        returns = [moment for moment in returns if moment not in from_there]
    back = _first_after(one.since, returns)
    return min((moment for moment in (one.until, back) if moment and moment > one.since), default=None)


def _first_after(since: datetime, moments: Iterable[datetime]) -> datetime | None:
    return next((moment for moment in moments if moment > since), None)
