"""Everything that a rota is made of: shifts to fill, Listeners, rules, and what is published already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from models.words import Cover, ListenerId
from rota.person import Person
from rota.rules import Limits
from rota.slot import Slot


@dataclass(frozen=True, slots=True, order=True)
class Assigned:
    """A seat of a shift, and the Listener who has it."""

    slot: str
    listener: ListenerId
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each thing costs, in points; an empty seat costs more than all of the others together ever should."""

    empty_seat: int = 10_000
    nobody_on: int = 20_000  # more, for a shift without a single Listener: two on one and none on the next helps nobody
    changed: int = 200  # one Listener off, or one more on, of what is published
    unfair_hour: int = 2  # beyond the fair share of minutes, and one shift's length of tolerance
    unfair_night: int = 10
    unfair_weekend: int = 6
    rather_not: int = 8
    likes: int = 3  # taken off
    other_shift: int = 0  # each further kind of shift (by its name) that the same Listener has


@dataclass(frozen=True, kw_only=True)
class Problem:
    """``standing``: duties that are not to be filled here but count for rest and nights, such as those of last week."""

    zone: ZoneInfo
    slots: Sequence[Slot]
    people: Sequence[Person]
    limits: Limits
    apart: frozenset[frozenset[ListenerId]] = frozenset()
    standing: Mapping[ListenerId, Sequence[Slot]] = field(default_factory=dict)
    published: frozenset[Assigned] = frozenset()
    weights: Weights = field(default_factory=Weights)

    def with_slot(self, slot: Slot, *, standing: Mapping[ListenerId, Sequence[Slot]]) -> "Problem":
        """The same with one shift more to fill."""
        return replace(self, slots=(*self.slots, slot), standing=standing)

    @cached_property
    def slot(self) -> Mapping[str, Slot]:
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def person(self) -> Mapping[ListenerId, Person]:
        return {person.id: person for person in self.people}
