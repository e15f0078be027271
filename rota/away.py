"""When a Listener is away, from the movements that are known of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.words import MovementKind
from rota.person import Span


@dataclass(frozen=True, slots=True)
class Moved:
    """Aware UTC. ``until`` is when they are known to be back; none when nobody knows."""

    since: datetime
    kind: MovementKind
    until: datetime | None = None


def away(movements: Iterable[Moved]) -> tuple[Span, ...]:
    """What takes them away lasts until its own end or until they returned; a cell move takes nobody away."""
    known = sorted(movements, key=lambda one: one.since)
    returns = [one.since for one in known if one.kind is MovementKind.RETURNED]
    found = []
    for one in known:
        if one.kind in {MovementKind.RETURNED, MovementKind.CELL_MOVE}:
            continue
        ends = [moment for moment in (one.until, *returns) if moment is not None and moment > one.since]
        found.append(Span(one.since, min(ends, default=None)))
    return tuple(found)
