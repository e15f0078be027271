"""Two drafts side by side: how good each is, and where they differ."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from console.rota.days import Clock, ShownSeat, ShownShift, shown
from console.rota.draft import ShownRota, known_of, rota_of
from console.rota.store import DraftFacts
from models.words import Cover, ListenerId
from rota.problem import Assigned


@dataclass(frozen=True, slots=True)
class Difference:
    """A shift that is not the same in both; ``is_new`` marks whoever is on it so in this draft alone."""

    one: ShownShift
    other: ShownShift

    @property
    def day(self) -> date:
        return self.one.day


@dataclass(frozen=True, slots=True)
class Comparison:
    """``same``: shifts that both fill alike. ``other_days``: they are not for the same days."""

    one: ShownRota
    other: ShownRota
    differences: tuple[Difference, ...]
    same: int
    other_days: bool


def compared(one: DraftFacts, other: DraftFacts, now: datetime) -> Comparison:
    differences = tuple(_differences(one, other, Clock(one.problem.zone, now)))
    in_both = set(one.problem.slot) & set(other.problem.slot)
    return Comparison(
        one=rota_of(one, now),
        other=rota_of(other, now),
        differences=differences,
        same=len(in_both) - len(differences),
        other_days=(one.draft.since, one.draft.until) != (other.draft.since, other.draft.until),
    )


def _differences(one: DraftFacts, other: DraftFacts, clock: Clock) -> Iterator[Difference]:
    """Of the shifts that are in both."""
    on_one, on_other = (_on(known_of(facts)) for facts in (one, other))
    for slot in one.problem.slots:
        here, there = on_one[slot.id], on_other[slot.id]
        if slot.id in other.problem.slot and here != there:
            yield Difference(
                shown(slot, _seats(here, there, one.names), clock), shown(slot, _seats(there, here, other.names), clock)
            )


def _on(assigned: Sequence[Assigned]) -> defaultdict[str, dict[ListenerId, Cover]]:
    found: defaultdict[str, dict[ListenerId, Cover]] = defaultdict(dict)
    for each in assigned:
        found[each.slot][each.listener] = each.cover
    return found


def _seats(
    here: Mapping[ListenerId, Cover], there: Mapping[ListenerId, Cover], names: Mapping[ListenerId, str]
) -> list[ShownSeat]:
    return [
        ShownSeat(code_name=names[who], backup=cover is Cover.BACKUP, is_new=there.get(who) != cover)
        for who, cover in here.items()
    ]
