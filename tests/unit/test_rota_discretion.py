"""Nobody learns from a site's rota who is kept apart from whom; only that somebody cannot be placed."""

import json
from datetime import UTC, datetime, time

from models.words import Cover, ListenerId, WishKind
from rota.answers import answer_to, gap_answer, gap_in_words, rota_in_words
from rota.gaps import gaps_ahead
from rota.person import WeeklyWish
from rota.problem import Assigned, Problem
from rota.stand_ins import stand_ins
from rota.why_not import unfilled
from tests.unit.rotas import a_person, a_problem, nights

EARLIER = datetime(2026, 11, 30, tzinfo=UTC)
AT_WORK = WeeklyWish(kind=WishKind.NEVER, weekday=None, starts=time(21), ends=time(23))
ROBIN, WREN, OWL = (ListenerId(name) for name in ("robin", "wren", "owl"))


def a_night(*on: ListenerId) -> tuple[Problem, tuple[Assigned, ...]]:
    """Three seats; Robin and Wren are kept apart, and Owl is at work then."""
    slots = nights(first=3)
    people = (
        a_person("robin", name="Robin"),
        a_person("wren", name="Wren"),
        a_person("owl", name="Owl", wishes=(AT_WORK,)),
    )
    has = tuple(Assigned(slots[0].id, who, Cover.FIRST) for who in on)
    problem = a_problem(slots, *people, apart=frozenset({frozenset({ROBIN, WREN})}), published=frozenset(has))
    return problem, has


def explained(problem: Problem) -> str:
    """All that `rota explain` says, in words and as JSON."""
    said = []
    for gap in gaps_ahead(unfilled(problem, sorted(problem.published)), now=EARLIER):
        who = stand_ins(problem, problem.published, gap.empty.slot)
        said += [*gap_in_words(problem, gap, who), json.dumps(gap_answer(problem, gap, who))]
    return "\n".join(said)


def shown(problem: Problem, has: tuple[Assigned, ...]) -> str:
    """All that `rota show` and `check` say."""
    return "\n".join([*rota_in_words(problem, has), json.dumps(answer_to(problem, has))])


def test_a_gap_says_who_cannot_be_placed_and_not_why() -> None:
    problem, _ = a_night(WREN)
    said = explained(problem)

    assert "not possible: Owl, Robin" in said
    assert '"in_the_way": {"not_possible": ["Owl", "Robin"]' in said
    assert "apart" not in said
    assert "never" not in said


def test_of_two_who_are_on_together_one_is_named() -> None:
    problem, has = a_night(ROBIN, WREN)
    wrong = [line for line in rota_in_words(problem, has) if "cannot have it" in line]

    assert wrong == ["night 2026-12-01: Robin cannot have it (not possible)"]
    assert [one["listener"] for one in answer_to(problem, has)["broken"]] == ["Robin"]  # type: ignore[attr-defined]
    assert "apart" not in shown(problem, has)


def test_a_problem_that_somebody_wrote_as_a_file_is_answered_plainly() -> None:
    problem, has = a_night(ROBIN, WREN)
    found = answer_to(problem, has, plain=True)

    assert [(one["rule"], one["listener"]) for one in found["broken"]] == [  # type: ignore[attr-defined]
        ("kept_apart", "Robin"),
        ("kept_apart", "Wren"),
    ]
