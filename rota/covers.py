"""Who of those on a shift is rung first, and who stands behind them."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from models.words import Cover, ListenerId
from rota.problem import Assigned, Problem
from rota.slot import Slot


def with_covers(problem: Problem, chosen: Iterable[tuple[ListenerId, str]]) -> tuple[Assigned, ...]:
    """First seats are filled before backups; who was published keeps their cover; the rest take turns."""
    published = {(one.listener, one.slot): one.cover for one in problem.published}
    on: defaultdict[str, list[ListenerId]] = defaultdict(list)
    for listener, name in chosen:
        on[name].append(listener)
    # First covers that each has had so far, less backups.
    burden: Counter[ListenerId] = Counter()
    found: list[Assigned] = []
    for slot in sorted((problem.slot[name] for name in on), key=lambda slot: (slot.starts_at, slot.id)):
        turn = sorted(on[slot.id], key=lambda one: (_place(published.get((one, slot.id))), burden[one], one))
        found += [Assigned(slot.id, one, _cover(slot, place)) for place, one in enumerate(turn)]
        burden.update(turn[: slot.first])
        burden.subtract(turn[slot.first :])
    return tuple(sorted(found))


def _place(cover: Cover | None) -> int:
    return {Cover.FIRST: 0, None: 1, Cover.BACKUP: 2}[cover]


def _cover(slot: Slot, place: int) -> Cover:
    return Cover.FIRST if place < slot.first else Cover.BACKUP
