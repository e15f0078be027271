"""Everybody's fair share of minutes, nights and weekends, and how far a rota is from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, floor

from models.words import ListenerId
from rota.person import Load, Person
from rota.problem import Problem
from rota.rules import stands_in_the_way
from rota.slot import Slot


@dataclass(frozen=True, slots=True)
class Measure:
    """What is shared: so much of each shift, so much done before, and the largest piece that cannot be divided."""

    name: str
    of: Callable[[Slot], int]
    before: Callable[[Load], int]


MINUTES = Measure("minutes", lambda slot: slot.minutes, lambda load: load.minutes)
NIGHTS = Measure("nights", lambda slot: int(slot.night), lambda load: load.nights)
WEEKENDS = Measure("weekends", lambda slot: int(slot.weekend), lambda load: load.weekends)


@dataclass(frozen=True, slots=True)
class Share:
    """A Listener's part is fair between ``least`` and ``most`` of this measure."""

    least: int
    most: int


def shares(problem: Problem, measure: Measure) -> Mapping[ListenerId, Share]:
    """In proportion to what each could do, less what each has done lately.

    A Listener who may do half of the nights is owed half as many as one who may do all of them.
    """
    could = {
        person.id: sum(measure.of(slot) for slot in problem.slots if _may(person, slot, problem))
        for person in problem.people
    }
    wanted = sum(measure.of(slot) * slot.seats for slot in problem.slots)
    done = {person.id: measure.before(person.before) for person in problem.people if could[person.id]}
    everything = sum(could.values())
    piece = max((measure.of(slot) for slot in problem.slots), default=0)
    found = {}
    for person in problem.people:
        own = (
            could[person.id] / everything * (wanted + sum(done.values())) - done.get(person.id, 0) if everything else 0
        )
        own = min(max(0.0, own), could[person.id])
        found[person.id] = Share(piece * floor(own / piece), piece * ceil(own / piece)) if piece else Share(0, 0)
    return found


def _may(person: Person, slot: Slot, problem: Problem) -> bool:
    return stands_in_the_way(person, slot, problem.zone) is None
