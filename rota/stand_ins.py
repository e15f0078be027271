"""Who could take a seat of a shift, the best first, with the reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.words import ListenerId, WishKind
from rota.checks import Duties
from rota.person import Person
from rota.problem import Assigned, Problem
from rota.slot import Slot


class Reason(StrEnum):
    """Why a stand-in stands where they stand."""

    EXPERIENCED_IS_NEEDED = "experienced_is_needed"
    LIKES_IT = "likes_it"
    RATHER_NOT = "rather_not"
    SAME_WING = "same_wing"
    FEW_MINUTES = "few_minutes"
    FEW_NIGHTS = "few_nights"


@dataclass(frozen=True, slots=True)
class StandIn:
    """``minutes`` and ``nights`` are of the last 28 days and of what is published around the shift."""

    listener: ListenerId
    minutes: int
    nights: int
    reasons: tuple[Reason, ...]


def stand_ins(problem: Problem, assigned: Iterable[Assigned], slot: Slot) -> tuple[StandIn, ...]:
    """Only those who break no hard rule by taking it; who has done least comes first, wishes and need weighed in."""
    duties = Duties(problem, assigned)
    able = [person for person in problem.people if not duties.why_not(person, slot)]
    done = {person.id: _done(problem, duties, person) for person in able}
    fewest = min(done.values(), default=(0, 0))
    short = slot.experienced - sum(person.experienced for person in duties.on(slot))
    found = []
    for person in able:
        minutes, nights = done[person.id]
        wishes = {wish.kind for wish in person.wishes if wish.touches(slot.starts_at, slot.ends_at, problem.zone)}
        true = {
            Reason.EXPERIENCED_IS_NEEDED: short > 0 and person.experienced,
            Reason.LIKES_IT: WishKind.LIKES in wishes,
            Reason.RATHER_NOT: WishKind.RATHER_NOT in wishes,
            Reason.SAME_WING: slot.wing is not None and person.wing == slot.wing,
            Reason.FEW_MINUTES: minutes <= fewest[0],
            Reason.FEW_NIGHTS: slot.night and nights <= min(count for _, count in done.values()),
        }
        found.append(StandIn(person.id, minutes, nights, tuple(reason for reason, holds in true.items() if holds)))
    return tuple(sorted(found, key=_rank))


def _done(problem: Problem, duties: Duties, person: Person) -> tuple[int, int]:
    # What stands from before is in `before` already.
    own = [slot for slot in duties.of(person.id) if slot.starts_at >= problem.slots[0].starts_at]
    before = person.before
    return before.minutes + sum(one.minutes for one in own), before.nights + sum(one.night for one in own)


def _rank(one: StandIn) -> tuple[object, ...]:
    return (
        Reason.EXPERIENCED_IS_NEEDED not in one.reasons,
        Reason.RATHER_NOT in one.reasons,
        Reason.LIKES_IT not in one.reasons,
        one.minutes,
        one.nights,
        one.listener,
    )
