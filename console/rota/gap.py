"""Why a seat is empty, what would fill it, and who could have it, the best first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.rota.days import Clock, ShownSeat, ShownShift, shown
from console.rota.week import ShownSwap, swap_shown
from console.rota.wording import REASONS, RULES, title, would_fill
from models.words import Cover, ListenerId
from rota.problem import Assigned, Problem
from rota.rules import Rule
from rota.slot import Slot
from rota.stand_ins import StandIn, stand_ins
from rota.swaps import Around, OpenSwap
from rota.why_not import Unfilled, unfilled


@dataclass(frozen=True, slots=True)
class Why:
    """A rule in the words of the page, and whom it stops."""

    rule: str
    code_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """``minutes`` and ``nights`` of the last four weeks and about this shift."""

    code_name: str
    minutes: int
    nights: int
    reasons: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGap:
    shift: ShownShift
    needs_experienced: int
    why: tuple[Why, ...]
    would_free: tuple[str, ...]
    suggested: tuple[Suggested, ...] = ()


@dataclass(frozen=True, slots=True)
class SwapChoice:
    """A shift that somebody wants to be relieved of, and who could take it."""

    swap: ShownSwap
    suggested: tuple[Suggested, ...]


def gap_of(problem: Problem, slot: Slot, clock: Clock) -> ShownGap | None:
    """None when every seat is taken."""
    empty = next((one for one in unfilled(problem, sorted(problem.published)) if one.slot.id == slot.id), None)
    if empty is None:
        return None
    able = stand_ins(problem, problem.published, slot)
    return gap_shown(problem, empty, clock, assigned=problem.published, suggested=able)


def gap_shown(
    problem: Problem,
    empty: Unfilled,
    clock: Clock,
    *,
    assigned: Iterable[Assigned],
    suggested: Sequence[StandIn] = (),
) -> ShownGap:
    return ShownGap(
        shift=shown(empty.slot, seats_on(problem, assigned, empty.slot), clock),
        needs_experienced=empty.needs_experienced,
        why=why(problem, empty.in_the_way),
        would_free=tuple(would_fill(one) for one in empty.would_free),
        suggested=_suggested(problem, suggested),
    )


def choice_of(swap: OpenSwap, around: Around, names: Mapping[ListenerId, str], clock: Clock) -> SwapChoice:
    others = (one for one in around.others if one.listener in around.problem.person)
    able = [one for one in stand_ins(around.problem, others, around.slot) if one.listener != swap.asked_by]
    return SwapChoice(swap_shown(swap, names, clock), _suggested(around.problem, able))


def seats_on(problem: Problem, assigned: Iterable[Assigned], slot: Slot) -> list[ShownSeat]:
    return [
        ShownSeat(code_name=problem.person[one.listener].called, backup=one.cover is Cover.BACKUP)
        for one in assigned
        if one.slot == slot.id
    ]


def why(problem: Problem, in_the_way: Mapping[Rule, Sequence[ListenerId]]) -> tuple[Why, ...]:
    """Rules with the same words are one: nobody learns which of them it is."""
    stopped: defaultdict[str, set[str]] = defaultdict(set)
    for rule, listeners in in_the_way.items():
        stopped[RULES[rule]] |= {problem.person[listener].called for listener in listeners}
    in_order = sorted(stopped, key=list(dict.fromkeys(RULES.values())).index)
    return tuple(Why(rule, tuple(sorted(stopped[rule]))) for rule in in_order)


def _suggested(problem: Problem, found: Sequence[StandIn]) -> tuple[Suggested, ...]:
    return tuple(
        Suggested(
            problem.person[one.listener].called,
            one.minutes,
            one.nights,
            title(", ".join(REASONS[reason] for reason in one.reasons)),
        )
        for one in found
    )
