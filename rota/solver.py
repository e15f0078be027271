"""The rota as a problem for OR-Tools' CP-SAT: every hard rule holds, and the rest is weighed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import monotonic

from ortools.sat.python import cp_model

from models.words import ListenerId, WishKind
from rota.checks import WEEK, weekly_cap
from rota.covers import with_covers
from rota.fairness import MINUTES, NIGHTS, WEEKENDS, Measure, Share, shares
from rota.person import Person
from rota.problem import Problem
from rota.rules import stands_in_the_way, too_near
from rota.slot import Slot
from rota.solution import Effort, Solution

Var = cp_model.IntVar
# IntVar is one; a duty that stands already is a number.
Sum = cp_model.LinearExpr | int
total = cp_model.LinearExpr.sum
HOUR = 60
# Ways of looking are threads, but not processors: eight prove on two cores what two do not, and slow down easy ones.
EASY_SECONDS = 5.0
FEW_WAYS, MANY_WAYS = 2, 8


@dataclass(slots=True)
class _Model:
    """The model while it is built. ``takes``: this Listener has this shift."""

    problem: Problem
    cp: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    takes: dict[tuple[ListenerId, str], Var] = field(default_factory=dict)
    cost: list[Sum] = field(default_factory=list)

    def of(self, person: Person) -> Iterator[tuple[Slot, Sum]]:
        """Each shift that this Listener may get, and 1 for each that they have already."""
        for slot in self.problem.slots:
            if (person.id, slot.id) in self.takes:
                yield slot, self.takes[person.id, slot.id]
        for slot in self.problem.standing.get(person.id, ()):
            yield slot, 1

    def on(self, slot: Slot) -> Sequence[tuple[Person, Var]]:
        """Each Listener who may get this shift."""
        people = self.problem.people
        return [(one, self.takes[one.id, slot.id]) for one in people if (one.id, slot.id) in self.takes]


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """A rota always comes back: seats that nobody can have stay empty (rota.why_not says why)."""
    effort = effort or Effort()
    began = monotonic()
    model = _Model(problem)
    for person in problem.people:
        for slot in problem.slots:
            if stands_in_the_way(person, slot, problem.zone) is None:
                model.takes[person.id, slot.id] = model.cp.new_bool_var(f"{person.id} {slot.id}")
    _seats(model)
    for person in problem.people:
        _one_persons_rules(model, person)
    _kept_apart(model)
    _fair(model)
    _wishes(model)
    _few_changes(model)
    model.cp.minimize(total(model.cost))
    return _solved(model, effort, began)


def _solved(model: _Model, effort: Effort, began: float) -> Solution:
    """Most rotas are proven in seconds by a few ways of looking; where there are too few people it takes many."""
    solver, status = _look(model, min(EASY_SECONDS, effort.seconds), effort, FEW_WAYS)
    first_bound = solver.best_objective_bound
    if status != cp_model.OPTIMAL and effort.seconds > EASY_SECONDS:
        if status == cp_model.FEASIBLE:
            model.cp.clear_hints()  # type: ignore[no-untyped-call]  # ortools has no types here
            for takes in model.takes.values():
                model.cp.add_hint(takes, solver.boolean_value(takes))
        solver, status = _look(model, effort.seconds - EASY_SECONDS, effort, MANY_WAYS)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        # An empty rota keeps every rule, so there is always an answer: it is only late.
        return Solution(assigned=(), objective=_cost_of_nobody(model), bound=0, seconds=monotonic() - began)
    chosen = [key for key, takes in model.takes.items() if solver.boolean_value(takes)]
    return Solution(
        assigned=with_covers(model.problem, chosen),
        objective=round(solver.objective_value),
        bound=round(max(solver.best_objective_bound, first_bound)),
        seconds=monotonic() - began,
    )


def _look(model: _Model, seconds: float, effort: Effort, ways: int) -> tuple[cp_model.CpSolver, object]:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = ways
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = effort.near_enough
    return solver, solver.solve(model.cp)


def _cost_of_nobody(model: _Model) -> int:
    weights = model.problem.weights
    return sum(weights.empty_seat * slot.seats + weights.nobody_on * bool(slot.seats) for slot in model.problem.slots)


def _seats(model: _Model) -> None:
    """No seat twice, some for the experienced, nobody new alone, and an empty seat costs dearly."""
    for slot in model.problem.slots:
        on = model.on(slot)
        taken = total([takes for _, takes in on])
        empty = model.cp.new_int_var(0, slot.seats, f"empty {slot.id}")
        model.cp.add(taken + empty == slot.seats)
        model.cost.append(empty * model.problem.weights.empty_seat)
        if slot.seats:
            nobody = model.cp.new_bool_var(f"nobody on {slot.id}")
            model.cp.add(taken + nobody >= 1)
            model.cost.append(nobody * model.problem.weights.nobody_on)
        if slot.experienced:
            model.cp.add(total([takes for one, takes in on if not one.experienced]) <= slot.seats - slot.experienced)
        known = total([takes for one, takes in on if not one.new])
        for one, takes in on:
            if one.new:
                model.cp.add(takes <= known)


def _one_persons_rules(model: _Model, person: Person) -> None:
    mine = sorted(model.of(person), key=lambda pair: pair[0].starts_at)
    limits = model.problem.limits
    for slot, _ in mine:
        # Of all whose rest would still last when this one begins, one: the cliques of an interval graph.
        close = [
            takes for other, takes in mine if other.starts_at <= slot.starts_at and too_near(other, slot, limits.rest)
        ]
        _no_more_than(model, close, 1)
    nights: defaultdict[date, list[Sum]] = defaultdict(list)
    minutes: defaultdict[date, list[Sum]] = defaultdict(list)
    for slot, takes in mine:
        minutes[slot.day].append(slot.minutes * takes)
        if slot.night:
            nights[slot.day].append(takes)
    _at_most(model, nights, timedelta(days=limits.nights_in_a_row + 1), limits.nights_in_a_row)
    _at_most(model, minutes, WEEK, weekly_cap(person, model.problem))


def _at_most(model: _Model, by_day: Mapping[date, Sequence[Sum]], window: timedelta, most: int) -> None:
    """In every window of so many days that begins on one of them."""
    for begin in sorted(by_day):
        inside = [one for day, some in by_day.items() if begin <= day < begin + window for one in some]
        _no_more_than(model, inside, most)


def _no_more_than(model: _Model, some: Sequence[Sum], most: int) -> None:
    """Where what stands already is beyond it, as after a long night, nothing is added: an empty rota always fits."""
    standing = sum(one for one in some if isinstance(one, int))
    added = [one for one in some if not isinstance(one, int)]
    if added:
        model.cp.add(total(added) <= max(0, most - standing))


def _kept_apart(model: _Model) -> None:
    for pair in model.problem.apart:
        a, b = (model.problem.person.get(listener) for listener in pair)
        if a is None or b is None:
            continue
        theirs = list(model.of(b))
        for slot, takes in model.of(a):
            for other, takes_too in theirs:
                if too_near(slot, other, timedelta()):
                    _no_more_than(model, [takes, takes_too], 1)


def _fair(model: _Model) -> None:
    weights = model.problem.weights
    points = {MINUTES: weights.unfair_hour, NIGHTS: weights.unfair_night, WEEKENDS: weights.unfair_weekend}
    for measure, point in points.items():
        for listener, share in shares(model.problem, measure).items():
            _fair_to(model, listener, measure, share, point)


def _fair_to(model: _Model, listener: ListenerId, measure: Measure, share: Share, point: int) -> None:
    """Each hour, night or weekend shift outside of the fair share costs."""
    theirs = [
        (slot, model.takes[listener, slot.id]) for slot in model.problem.slots if (listener, slot.id) in model.takes
    ]
    pieces = [measure.of(slot) * takes for slot, takes in theirs if measure.of(slot)]
    if not pieces:
        return
    unit = HOUR if measure is MINUTES else 1
    most = sum(measure.of(slot) for slot, _ in theirs)
    beyond = model.cp.new_int_var(0, most // unit + 1, f"unfair {measure.name} {listener}")
    model.cp.add(unit * beyond >= total(pieces) - share.most)
    model.cp.add(unit * beyond >= share.least - total(pieces))
    model.cost.append(point * beyond)


def _wishes(model: _Model) -> None:
    weights, zone = model.problem.weights, model.problem.zone
    points = {WishKind.RATHER_NOT: weights.rather_not, WishKind.LIKES: -weights.likes}
    for person in model.problem.people:
        kinds: defaultdict[str, list[Var]] = defaultdict(list)
        for slot in model.problem.slots:
            takes = model.takes.get((person.id, slot.id))
            if takes is None:
                continue
            kinds[slot.name].append(takes)
            touched = {wish.kind for wish in person.wishes if wish.touches(slot.starts_at, slot.ends_at, zone)}
            model.cost += [points[kind] * takes for kind in touched if kind in points]
        if weights.other_shift:
            for name, some in kinds.items():
                has_any = model.cp.new_bool_var(f"{person.id} has {name}")
                model.cp.add_max_equality(has_any, some)
                model.cost.append(weights.other_shift * has_any)


def _few_changes(model: _Model) -> None:
    """To keep a published seat costs nothing; each who leaves a published shift, and each who is new on it, costs."""
    kept = {(one.listener, one.slot) for one in model.problem.published}
    touched = {slot for _, slot in kept}
    for (listener, slot), takes in model.takes.items():
        was = (listener, slot) in kept
        if kept:
            model.cp.add_hint(takes, was)
        if slot in touched:
            model.cost.append(model.problem.weights.changed * ((1 - takes) if was else takes))
