"""How good a rota is, from 0 to 100, and what each part of the mark is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.words import WishKind
from rota.checks import Duties
from rota.fairness import MINUTES, NIGHTS, WEEKENDS, Measure, shares
from rota.problem import Assigned, Problem

HALF_A_DAY_MORE = 24.0  # hours between two duties that rest people well; the rule asks for less


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Each part 0 to 100: seats filled; work inside fair shares; rest beyond the rule; nobody against their wishes."""

    cover: float
    fairness: float
    rest: float
    preferences: float

    @property
    def score(self) -> float:
        """Cover counts as much as the others together: an unfair rota is better than nobody on the line."""
        return round(0.5 * self.cover + 0.2 * self.fairness + 0.15 * self.rest + 0.15 * self.preferences, 1)


def quality(problem: Problem, assigned: Sequence[Assigned]) -> Quality:
    duties = Duties(problem, assigned)
    seats = sum(slot.seats for slot in problem.slots)
    return Quality(
        cover=_part(len(assigned), seats),
        fairness=_mean([_inside(problem, duties, measure) for measure in (MINUTES, NIGHTS, WEEKENDS)]),
        rest=_rest(problem, duties),
        preferences=_part(len(assigned) - _against_wishes(problem, assigned), len(assigned)),
    )


def _part(some: float, of: float) -> float:
    return round(100 * some / of, 1) if of else 100.0


def _mean(parts: Sequence[float]) -> float:
    return round(sum(parts) / len(parts), 1)


def _inside(problem: Problem, duties: Duties, measure: Measure) -> float:
    """Which part of the work lies inside everybody's fair share."""
    done, outside = 0, 0
    for listener, share in shares(problem, measure).items():
        own = sum(measure.of(slot) for slot in duties.of(listener) if slot.id in problem.slot)
        done += own
        outside += max(0, own - share.most)
    return _part(done - outside, done)


def _rest(problem: Problem, duties: Duties) -> float:
    marks = []
    for person in problem.people:
        mine = duties.of(person.id)
        for one, following in pairwise(mine):
            hours = (following.starts_at - one.ends_at).total_seconds() / 3600
            marks.append(min(1.0, max(0.0, hours / HALF_A_DAY_MORE)))
    return _part(sum(marks), len(marks))


def _against_wishes(problem: Problem, assigned: Sequence[Assigned]) -> int:
    return sum(
        any(
            wish.kind is WishKind.RATHER_NOT
            and wish.touches(problem.slot[one.slot].starts_at, problem.slot[one.slot].ends_at, problem.zone)
            for wish in problem.person[one.listener].wishes
        )
        for one in assigned
    )
