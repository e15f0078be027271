"""Which changes of a published rota the rules allow, and what a draft can be made to favour."""

from dataclasses import replace

import pytest
from rotas import a_pattern, a_person, a_problem, nights

from models.words import Cover, ListenerId
from rota.checks import Broken
from rota.favours import Favours, favouring
from rota.moving import Change, Seat, free_cover, swapped, to_listener, to_slot, why_not
from rota.problem import Assigned, Problem, Weights
from rota.rules import Rule
from rota.slot import Slot, slots_of

ROBIN, OWL, WREN = (ListenerId(name) for name in ("robin", "owl", "wren"))


def published(problem: Problem, *seats: Seat) -> Problem:
    return replace(problem, published=frozenset(Assigned(one.slot.id, one.listener, one.cover) for one in seats))


def first(slot: Slot, listener: ListenerId) -> Seat:
    return Seat(slot, listener, Cover.FIRST)


def backup(slot: Slot, listener: ListenerId) -> Seat:
    return Seat(slot, listener, Cover.BACKUP)


def rules(found: object) -> list[tuple[Rule, ListenerId]]:
    assert isinstance(found, tuple)
    return [(one.rule, one.listener) for one in found]


def test_a_seat_goes_to_somebody_else_with_its_cover() -> None:
    (night,) = nights()
    seat = backup(night, ROBIN)
    problem = published(a_problem([night], a_person("robin"), a_person("owl")), seat)
    change = to_listener(seat, OWL)

    assert change.put == (Seat(night, OWL, Cover.BACKUP),)
    assert why_not(problem, change) == ()


def test_it_does_not_go_to_somebody_who_is_on_that_shift_already() -> None:
    (night,) = nights(first=2)
    seat = first(night, ROBIN)
    problem = published(a_problem([night], a_person("robin"), a_person("owl")), seat, first(night, OWL))

    assert rules(why_not(problem, to_listener(seat, OWL))) == [(Rule.ON_IT, OWL)]


def test_it_does_not_go_to_somebody_nobody_knows() -> None:
    (night,) = nights()
    seat = first(night, ROBIN)
    problem = published(a_problem([night], a_person("robin")), seat)

    assert rules(why_not(problem, to_listener(seat, ListenerId("gone")))) == [(Rule.NOT_CERTIFIED, ListenerId("gone"))]


def test_somebody_moves_to_an_empty_seat_and_not_to_one_that_is_taken() -> None:
    monday, tuesday, wednesday = nights(3)
    seat = first(monday, ROBIN)
    problem = published(
        a_problem([monday, tuesday, wednesday], a_person("robin"), a_person("owl")), seat, first(tuesday, OWL)
    )

    assert rules(why_not(problem, to_slot(problem, seat, tuesday))) == [(Rule.FULL, ROBIN)]
    assert why_not(problem, to_slot(problem, seat, wednesday)) == ()


def test_the_shift_that_is_left_does_not_count_for_rest_any_more() -> None:
    early, late = slots_of(
        [a_pattern("early", "08:00", "12:00"), a_pattern("late", "14:00", "18:00")],
        nights()[0].day,
        1,
        a_problem([]).zone,
        a_problem([]).limits.night,
    )
    seat = first(early, ROBIN)
    problem = published(a_problem([early, late], a_person("robin")), seat)

    assert why_not(problem, to_slot(problem, seat, late)) == ()
    assert rules(why_not(problem, Change(put=(first(late, ROBIN),)))) == [(Rule.REST, ROBIN)]


def test_two_swap_seats_that_each_could_not_just_take() -> None:
    """One after the other would be two places at once, or a full shift: together it is nothing."""
    monday, tuesday = nights(2)
    one, other = first(monday, ROBIN), first(tuesday, OWL)
    problem = published(a_problem([monday, tuesday], a_person("robin"), a_person("owl")), one, other)
    change = swapped(one, other)

    assert set(change.put) == {first(monday, OWL), first(tuesday, ROBIN)}
    assert why_not(problem, change) == ()
    assert rules(why_not(problem, to_slot(problem, one, tuesday))) == [(Rule.FULL, ROBIN)]


def test_two_on_one_shift_change_who_is_rung_first() -> None:
    (night,) = nights(backup=1)
    one, other = first(night, ROBIN), backup(night, OWL)
    problem = published(a_problem([night], a_person("robin"), a_person("owl")), one, other)
    change = swapped(one, other)

    assert set(change.put) == {first(night, OWL), backup(night, ROBIN)}
    assert why_not(problem, change) == ()


def test_a_swap_is_refused_for_the_one_whom_a_rule_stops() -> None:
    monday, tuesday = nights(2)
    one, other = first(monday, ROBIN), first(tuesday, OWL)
    problem = published(a_problem([monday, tuesday], a_person("robin"), a_person("owl", reachable=False)), one, other)

    assert rules(why_not(problem, swapped(one, other))) == [(Rule.NO_PHONE, OWL)]


def test_of_two_who_are_kept_apart_a_refusal_names_one() -> None:
    (night,) = nights(first=2)
    seat = first(night, ROBIN)
    people = (a_person("robin"), a_person("owl"), a_person("wren"))
    apart = frozenset({frozenset({OWL, WREN})})
    problem = published(a_problem([night], *people, apart=apart), seat, first(night, WREN))
    both = Change(out=(seat, first(night, WREN)), put=(first(night, OWL), first(night, WREN)))

    assert rules(why_not(problem, to_listener(seat, OWL))) == [(Rule.KEPT_APART, OWL)]
    assert len(why_not(problem, both)) == 1


def test_somebody_new_is_not_left_alone_but_who_was_alone_before_stops_nothing() -> None:
    monday, tuesday = nights(2, first=2)
    seat = first(monday, ROBIN)
    people = (a_person("robin", experienced=True), a_person("owl", new=True))
    problem = published(a_problem([monday, tuesday], *people), seat, first(monday, OWL))
    alone = published(a_problem([monday, tuesday], *people), first(monday, OWL))

    assert why_not(problem, to_slot(problem, seat, tuesday)) == (Broken(Rule.NEW_ALONE, monday.id, OWL),)
    assert why_not(alone, Change(put=(seat,))) == ()


@pytest.mark.parametrize(
    ("taken", "wished", "found"),
    [
        ([], Cover.FIRST, Cover.FIRST),
        ([], Cover.BACKUP, Cover.BACKUP),
        ([Cover.FIRST], Cover.FIRST, Cover.BACKUP),
        ([Cover.BACKUP], Cover.BACKUP, Cover.FIRST),
    ],
)
def test_the_cover_that_is_free_is_given(taken: list[Cover], wished: Cover, found: Cover) -> None:
    (night,) = nights(backup=1)
    on = [Assigned(night.id, ListenerId(f"number {number}"), cover) for number, cover in enumerate(taken)]

    assert free_cover(night, on, wished) is found


# ---- what a draft favours


def test_each_kind_of_draft_weighs_one_thing_more_and_an_empty_seat_most_of_all() -> None:
    problem = a_problem(nights())
    weighed = {favours: favouring(problem, favours).weights for favours in Favours}

    assert weighed[Favours.AS_SETTLED] == Weights()
    assert len(set(weighed.values())) == len(Favours)
    assert weighed[Favours.FEW_CHANGES] == replace(Weights(), changed=2000)
    assert weighed[Favours.WISHES] == replace(Weights(), rather_not=80, likes=30)
    for weights in weighed.values():
        # Two changes fill a seat that one person's sickness left.
        assert weights.empty_seat > 2 * weights.changed + weights.unfair_night + weights.rather_not


def test_each_kind_of_draft_has_a_letter_of_its_own() -> None:
    assert [favours.letter for favours in Favours] == ["A", "B", "C", "D"]
