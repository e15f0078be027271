"""Which standing may follow which, why, and what is lacking for it."""

from datetime import timedelta

import pytest
from builders import NOON, a_welfare
from hypothesis import given
from hypothesis import strategies as st

from listeners.journey import (
    FIRST_TRAINING,
    Module,
    SoFar,
    Step,
    Trained,
    lacking,
    next_standing,
    reasons,
    refusal,
    trained,
    why_over,
)
from models.words import Standing, StandingReason
from rota.person import Span

DAY = timedelta(days=1)
ALL_MODULES = {module: Trained(module, NOON - 100 * DAY) for module in FIRST_TRAINING}
IN_DATE = Span(NOON - DAY, NOON + 365 * DAY)
OVER = Span(NOON - 365 * DAY, NOON)
OVERDUE = {Module.REFRESHER: Trained(Module.REFRESHER, NOON - 400 * DAY, NOON)}


def refused(was: Standing | None, became: Standing, why: StandingReason, so_far: SoFar | None = None) -> str | None:
    return refusal(Step(was, became, why), so_far or SoFar(was), a_welfare(shadowed_calls=3), at=NOON)


@pytest.mark.parametrize(
    ("was", "became", "why"),
    [
        (Standing.APPLIED, Standing.CLEARED, StandingReason.SECURITY_CLEARED),
        (Standing.CLEARED, Standing.TRAINING, StandingReason.TRAINING_BEGUN),
        (Standing.CERTIFIED, Standing.SUSPENDED, StandingReason.WELFARE),
        (Standing.CERTIFIED, Standing.LAPSED, StandingReason.CERTIFICATE_ENDED),
        (Standing.TRAINING, Standing.LEFT, StandingReason.RELEASED),
        (Standing.LEFT, Standing.APPLIED, StandingReason.APPLIED),
        (None, Standing.SHADOWING, StandingReason.TRAINING_DONE),
    ],
)
def test_a_step_of_the_way_may_be_taken(was: Standing | None, became: Standing, why: StandingReason) -> None:
    assert refused(was, became, why) is None


def test_a_stage_cannot_be_skipped_and_what_may_follow_is_said() -> None:
    told = refused(Standing.APPLIED, Standing.CERTIFIED, StandingReason.ACCREDITED)

    assert told == "from applied comes cleared or left or suspended"


def test_a_reason_that_does_not_fit_is_refused_with_those_that_do() -> None:
    told = refused(Standing.CERTIFIED, Standing.SUSPENDED, StandingReason.RELEASED)

    assert told == "from certified to suspended the reason can be own_wish or under_review or welfare"


def test_who_has_left_can_only_apply_again() -> None:
    assert {became for became in Standing if reasons(Standing.LEFT, became)} == {Standing.APPLIED}


@given(st.sampled_from([None, *Standing]), st.sampled_from(Standing))
def test_nobody_becomes_certified_but_from_shadowing_or_having_been_it(was: Standing | None, became: Standing) -> None:
    before = {None, Standing.SHADOWING, Standing.CERTIFIED, Standing.LAPSED, Standing.SUSPENDED}

    assert not reasons(was, Standing.CERTIFIED) or was in before
    assert became is Standing.CERTIFIED or not reasons(was, became) & {StandingReason.ACCREDITED}


def test_shadowing_needs_all_eight_modules() -> None:
    so_far = SoFar(Standing.TRAINING, {module: ALL_MODULES[module] for module in FIRST_TRAINING[:6]})

    told = refused(Standing.TRAINING, Standing.SHADOWING, StandingReason.TRAINING_DONE, so_far)
    assert told == "still lacking: module_7, module_8"


def test_all_eight_modules_are_enough_for_shadowing() -> None:
    so_far = SoFar(Standing.TRAINING, ALL_MODULES)

    assert refused(Standing.TRAINING, Standing.SHADOWING, StandingReason.TRAINING_DONE, so_far) is None


@pytest.mark.parametrize(("shadowed", "told"), [(2, "still lacking: 1 shadowed calls"), (3, None), (4, None)])
def test_a_certificate_needs_the_shadowed_calls(shadowed: int, told: str | None) -> None:
    so_far = SoFar(Standing.SHADOWING, ALL_MODULES, shadowed, IN_DATE)

    assert refused(Standing.SHADOWING, Standing.CERTIFIED, StandingReason.ACCREDITED, so_far) == told


@pytest.mark.parametrize("was", [None, Standing.LAPSED, Standing.SUSPENDED, Standing.CERTIFIED])
@pytest.mark.parametrize("so_far", [SoFar(), SoFar(certificate=OVER), SoFar(trainings=OVERDUE, certificate=IN_DATE)])
def test_nobody_is_certified_with_an_old_certificate_or_an_overdue_training(
    was: Standing | None, so_far: SoFar
) -> None:
    (why, *_) = reasons(was, Standing.CERTIFIED)

    assert (refused(was, Standing.CERTIFIED, why, so_far) or "").startswith("still lacking")


@pytest.mark.parametrize(
    ("before", "back"),
    [
        (Standing.TRAINING, {Standing.TRAINING, Standing.LEFT}),
        (Standing.LAPSED, {Standing.LAPSED, Standing.LEFT}),
        (Standing.CERTIFIED, {Standing.CERTIFIED, Standing.LAPSED, Standing.LEFT}),
        (None, {Standing.CERTIFIED, Standing.LAPSED, Standing.LEFT}),
    ],
)
def test_a_suspension_ends_where_it_began(before: Standing | None, back: set[Standing]) -> None:
    so_far = SoFar(Standing.SUSPENDED, ALL_MODULES, 9, IN_DATE, suspended_from=before)
    why = StandingReason.OWN_WISH

    assert {one for one in Standing if not refused(Standing.SUSPENDED, one, why, so_far)} == back


def test_no_certificate_ends_a_suspension() -> None:
    assert StandingReason.ACCREDITED_AGAIN not in reasons(Standing.SUSPENDED, Standing.CERTIFIED)


def test_who_applies_lacks_clearance_and_comes_to_be_cleared_next() -> None:
    assert lacking(SoFar(Standing.APPLIED), a_welfare(), at=NOON).clearance
    assert next_standing(Standing.APPLIED) is Standing.CLEARED


def test_what_a_shadowing_listener_lacks_is_counted() -> None:
    lacks = lacking(SoFar(Standing.SHADOWING, ALL_MODULES, 1), a_welfare(shadowed_calls=3), at=NOON)

    assert list(lacks.in_words()) == ["2 shadowed calls", "a certificate that is in date"]


def test_a_certified_listener_in_date_lacks_nothing() -> None:
    assert not lacking(SoFar(Standing.CERTIFIED, certificate=IN_DATE), a_welfare(), at=NOON)


@pytest.mark.parametrize("module", FIRST_TRAINING)
def test_a_module_of_the_first_training_counts_for_good(module: Module) -> None:
    assert trained(module, NOON, a_welfare()).until is None


def test_a_refresher_counts_as_long_as_the_site_lets_it() -> None:
    assert trained(Module.REFRESHER, NOON, a_welfare(recurring_training_days=90)).until == NOON + 90 * DAY


@pytest.mark.parametrize(
    ("certificate", "training", "accreditation", "why"),
    [
        (1, 1, 1, None),
        (0, 1, 1, StandingReason.CERTIFICATE_ENDED),
        (1, 0, 1, StandingReason.TRAINING_OVERDUE),
        (1, 1, 0, StandingReason.CERTIFICATE_ENDED),
        (-2, -3, 1, StandingReason.TRAINING_OVERDUE),
        (-3, -2, 1, StandingReason.CERTIFICATE_ENDED),
    ],
)
def test_of_two_things_that_have_ended_the_earlier_is_why(
    certificate: int, training: int, accreditation: int, why: StandingReason | None
) -> None:
    trainings = {
        module: Trained(module, NOON - 400 * DAY, NOON + days * DAY)
        for module, days in ((Module.REFRESHER, training), (Module.REACCREDITATION, accreditation))
    }
    so_far = SoFar(Standing.CERTIFIED, trainings, 0, Span(NOON - 400 * DAY, NOON + certificate * DAY))

    assert why_over(so_far, NOON) is why
