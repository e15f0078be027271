"""Those who have left: their names stay on the rota of the past, and nothing of it is judged any more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from models.words import Cover, ListenerId
from rota.problem import Assigned, Problem

Names: TypeAlias = Mapping[ListenerId, str]

# Where the problem knows everybody who is on the rota.
NOBODY_MORE: Names = MappingProxyType({})


def called(problem: Problem, listener: ListenerId, names: Names) -> str:
    """``names`` are asked for those whom the problem does not know any more."""
    person = problem.person.get(listener)
    return person.called if person else names[listener]


def to_judge(problem: Problem, assigned: Iterable[Assigned]) -> tuple[Problem, tuple[Assigned, ...]]:
    """The same without the seats of those who have left: these are not empty, and break no rule."""
    given = tuple(assigned)
    known = tuple(one for one in given if one.listener in problem.person)
    left = Counter((one.slot, one.cover) for one in given if one.listener not in problem.person)
    slots = []
    for slot in problem.slots:
        first, backup = left[slot.id, Cover.FIRST], left[slot.id, Cover.BACKUP]
        fewer = replace(
            slot,
            first=max(0, slot.first - first),
            backup=max(0, slot.backup - backup),
            # Whether they were experienced is not known here: the benefit of the doubt.
            experienced=max(0, slot.experienced - first - backup),
        )
        slots.append(fewer)
    return replace(problem, slots=slots), known
