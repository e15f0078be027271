"""A rota as plain values, for JSON and for people: docs/rota-problem.md says what each key is.

Of a site's own rota nobody learns who is kept apart from whom. ``plain`` is for a problem that is given as a file:
whoever wrote it knows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from models.words import Cover
from rota.checks import Broken, broken
from rota.discretion import in_the_way_said, one_of_each_pair, said
from rota.fairness import MINUTES, NIGHTS, WEEKENDS
from rota.gaps import Gap
from rota.names import NOBODY_MORE, Names, called, to_judge
from rota.problem import Assigned, Problem
from rota.quality import quality
from rota.slot import Slot
from rota.solution import Solution, changes
from rota.stand_ins import StandIn
from rota.why_not import Unfilled, unfilled

Answer = Mapping[str, object]


def answer(problem: Problem, solution: Solution, *, plain: bool = False) -> Answer:
    gap = (solution.objective - solution.bound) / max(1, abs(solution.objective))
    return {
        "objective": solution.objective,
        "bound": solution.bound,
        "optimal": solution.optimal,
        "gap": round(gap, 4),
        "seconds": round(solution.seconds, 3),
        "changes": changes(problem.published, solution.assigned) if problem.published else 0,
        **answer_to(problem, solution.assigned, plain=plain),
    }


def answer_to(
    problem: Problem, assigned: Sequence[Assigned], *, names: Names = NOBODY_MORE, plain: bool = False
) -> Answer:
    """What is true of a rota, however it was made. ``names`` are of those on it who have left since."""
    judged, known = to_judge(problem, assigned)
    mark = quality(judged, known)
    return {
        "assignments": [_assigned(problem, one, names) for one in assigned],
        "unfilled": [_unfilled(judged, one, plain=plain) for one in unfilled(judged, known)],
        "broken": [
            {"rule": rule, "slot": one.slot, "listener": problem.person[one.listener].called}
            for rule, one in _broken(judged, known, plain=plain)
        ],
        "quality": {"score": mark.score, **asdict(mark)},
        "listeners": _loads(problem, known),
    }


def gap_answer(problem: Problem, gap: Gap, who: Sequence[StandIn]) -> Answer:
    return {
        **_unfilled(problem, gap.empty, plain=False),
        "urgency": gap.urgency.value,
        "stand_ins": [
            {
                "listener": problem.person[one.listener].called,
                "minutes": one.minutes,
                "nights": one.nights,
                "reasons": [reason.value for reason in one.reasons],
            }
            for one in who
        ],
    }


def _assigned(problem: Problem, one: Assigned, names: Names) -> Answer:
    return {
        "slot": one.slot,
        "listener": called(problem, one.listener, names),
        "cover": one.cover.value,
        **_when(problem.slot[one.slot]),
    }


def _unfilled(problem: Problem, one: Unfilled, *, plain: bool) -> Answer:
    in_the_way = one.in_the_way if plain else in_the_way_said(one.in_the_way)
    stopped = {str(rule): [problem.person[each].called for each in some] for rule, some in in_the_way.items()}
    return {
        "slot": one.slot.id,
        **_when(one.slot),
        "seats": one.seats,
        "needs_experienced": one.needs_experienced,
        "in_the_way": stopped,
        "would_free": [str(remedy) for remedy in one.would_free],
    }


def _broken(problem: Problem, assigned: Sequence[Assigned], *, plain: bool) -> Iterator[tuple[str, Broken]]:
    """With the word for its rule."""
    wrong = broken(problem, assigned)
    for one in wrong if plain else one_of_each_pair(problem, wrong):
        yield one.rule.value if plain else said(one.rule), one


def _when(slot: Slot) -> Answer:
    return {"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}


def _loads(problem: Problem, assigned: Sequence[Assigned]) -> Answer:
    """Minutes, nights and weekend shifts of each Listener in this rota."""
    slots: defaultdict[str, list[Slot]] = defaultdict(list)
    for one in assigned:
        slots[one.listener].append(problem.slot[one.slot])
    return {
        person.called: {
            measure.name: sum(measure.of(slot) for slot in slots[person.id]) for measure in (MINUTES, NIGHTS, WEEKENDS)
        }
        for person in problem.people
    }


def in_words(problem: Problem, solution: Solution, *, plain: bool = False) -> Iterator[str]:
    yield from rota_in_words(problem, solution.assigned, plain=plain)
    proven = "proven to be the best" if solution.optimal else f"no rota costs less than {solution.bound}"
    yield f"Cost {solution.objective}, {proven}; {solution.seconds:.1f} s."


def rota_in_words(
    problem: Problem, assigned: Sequence[Assigned], *, names: Names = NOBODY_MORE, plain: bool = False
) -> Iterator[str]:
    """A line a shift, backups in brackets; then what is empty, what is broken, and the mark."""
    judged, known = to_judge(problem, assigned)
    on: defaultdict[str, list[str]] = defaultdict(list)
    for one in assigned:
        name = called(problem, one.listener, names)
        on[one.slot].append(name if one.cover is Cover.FIRST else f"({name})")
    for slot in problem.slots:
        yield f"{_clock(problem, slot)}  {slot.name}: {', '.join(on[slot.id]) or '-'}"
    for gap in unfilled(judged, known):
        yield f"{gap.slot.id}: {gap.seats} empty; {gap.would_free[0]} would fill it"
    for rule, wrong in _broken(judged, known, plain=plain):
        yield f"{wrong.slot}: {problem.person[wrong.listener].called} cannot have it ({rule.replace('_', ' ')})"
    yield f"Quality {quality(judged, known).score} of 100."


def gap_in_words(problem: Problem, gap: Gap, who: Sequence[StandIn]) -> Iterator[str]:
    empty = gap.empty
    yield f"{_clock(problem, empty.slot)}  {empty.slot.id}: {empty.seats} empty"
    yield from (f"    would free it: {one}" for one in empty.would_free)
    for rule, listeners in in_the_way_said(gap.empty.in_the_way).items():
        names = ", ".join(problem.person[each].called for each in listeners)
        yield f"    {rule.replace('_', ' ')}: {names}"
    for one in who:
        reasons = ", ".join(reason.value.replace("_", " ") for reason in one.reasons)
        name = problem.person[one.listener].called
        yield f"    could: {name}, {one.minutes} min in 28 days ({reasons or 'free then'})"


def _clock(problem: Problem, slot: Slot) -> str:
    begins, ends = (moment.astimezone(problem.zone) for moment in (slot.starts_at, slot.ends_at))
    return f"{begins:%a %d %b %H:%M}-{ends:%H:%M}"
