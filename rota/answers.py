"""A solved rota as plain values, for JSON and for people."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from models.words import Cover
from rota.checks import broken
from rota.fairness import MINUTES, NIGHTS, WEEKENDS
from rota.problem import Assigned, Problem
from rota.quality import Quality, quality
from rota.solver import Solution, changes
from rota.why_not import Unfilled, unfilled


def answer(problem: Problem, solution: Solution) -> Mapping[str, object]:
    """docs/rota-problem.md says what each key is."""
    gap = (solution.objective - solution.bound) / max(1, abs(solution.objective))
    return {
        "objective": solution.objective,
        "bound": solution.bound,
        "optimal": solution.optimal,
        "gap": round(gap, 4),
        "seconds": round(solution.seconds, 3),
        "changes": changes(problem.published, solution.assigned) if problem.published else 0,
        "assignments": [_assigned(problem, one) for one in solution.assigned],
        "unfilled": [_unfilled(one) for one in unfilled(problem, solution.assigned)],
        "broken": [asdict(one) for one in broken(problem, solution.assigned)],
        "quality": _quality(quality(problem, solution.assigned)),
        "listeners": _loads(problem, solution.assigned),
    }


def in_words(problem: Problem, solution: Solution) -> Iterator[str]:
    """For a terminal: a line a shift, backups in brackets, then what is empty and why."""
    on: defaultdict[str, list[str]] = defaultdict(list)
    for one in solution.assigned:
        on[one.slot].append(one.listener if one.cover is Cover.FIRST else f"({one.listener})")
    for slot in problem.slots:
        begins, ends = (moment.astimezone(problem.zone) for moment in (slot.starts_at, slot.ends_at))
        yield f"{begins:%a %d %b %H:%M}-{ends:%H:%M}  {slot.name}: {', '.join(on[slot.id]) or '-'}"
    for gap in unfilled(problem, solution.assigned):
        yield f"{gap.slot.id}: {gap.seats} empty. What would free it: {'; '.join(gap.would_free)}"
    proven = "proven to be the best" if solution.optimal else f"no rota costs less than {solution.bound}"
    mark = quality(problem, solution.assigned)
    yield f"cost {solution.objective}, {proven}, {solution.seconds:.1f} s; quality {mark.score} of 100"


def _assigned(problem: Problem, one: Assigned) -> Mapping[str, object]:
    slot = problem.slot[one.slot]
    return {
        "slot": one.slot,
        "listener": one.listener,
        "cover": one.cover.value,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
    }


def _unfilled(one: Unfilled) -> Mapping[str, object]:
    return {
        "slot": one.slot.id,
        "starts_at": one.slot.starts_at.isoformat(),
        "ends_at": one.slot.ends_at.isoformat(),
        "seats": one.seats,
        "needs_experienced": one.needs_experienced,
        "in_the_way": {rule.value: list(who) for rule, who in one.in_the_way.items()},
        "would_free": list(one.would_free),
    }


def _quality(mark: Quality) -> Mapping[str, object]:
    return {"score": mark.score, **asdict(mark)}


def _loads(problem: Problem, assigned: Sequence[Assigned]) -> Mapping[str, object]:
    """Minutes, nights and weekend shifts of each Listener in this rota."""
    slots = {
        person.id: [problem.slot[one.slot] for one in assigned if one.listener == person.id]
        for person in problem.people
    }
    return {
        listener: {measure.name: sum(measure.of(slot) for slot in theirs) for measure in (MINUTES, NIGHTS, WEEKENDS)}
        for listener, theirs in slots.items()
    }
