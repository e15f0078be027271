"""Standings change in one place, and end by themselves when a certificate or a training does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from builders import NOON, SITE, a_listener, a_shift_row, a_site, a_welfare, a_wing
from sqlalchemy import select
from sqlalchemy.orm import Session

from listeners.journey import FIRST_TRAINING, Module, Trained
from listeners.journey_store import (
    Change,
    Changed,
    begin_with,
    change_standing,
    history_of,
    note_shadowed,
    record_training,
    settle_standings,
    warnings_at,
)
from listeners.warnings import Ahead, Due
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.words import ListenerId, SiteId, Standing, StandingReason
from rota.person import Span

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HERE = SiteId(SITE)
ROBIN = ListenerId("listener-robin")
RULES = a_welfare(shadowed_calls=2, recurring_training_days=100)
YEAR = Span(NOON, NOON + 365 * DAY)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        session.add(a_site())
        session.flush()
        session.add(a_wing("A"))
        session.flush()
        yield session


def a_robin(session: Session, standing: Standing = Standing.CERTIFIED, **changes: object) -> None:
    session.add(a_listener("robin", standing=standing.value, **changes))
    session.flush()


def change(became: Standing, why: StandingReason, certificate: Span | None = None) -> Change:
    return Change(became=became, why=why, who="ann", at=NOON, certificate=certificate)


def robin(session: Session) -> tables.Listener:
    return session.get_one(tables.Listener, ROBIN, populate_existing=True)


def refresher(session: Session) -> tables.Training | None:
    return session.get(tables.Training, (ROBIN, Module.REFRESHER.value), populate_existing=True)


def test_the_whole_way_is_written_step_by_step(session: Session) -> None:
    a_robin(session, Standing.APPLIED, certified_from=None, certified_until=None)
    change_standing(session, ROBIN, change(Standing.CLEARED, StandingReason.SECURITY_CLEARED), RULES)
    change_standing(session, ROBIN, change(Standing.TRAINING, StandingReason.TRAINING_BEGUN), RULES)
    for module in FIRST_TRAINING:
        record_training(session, ROBIN, Trained(module, NOON))
    change_standing(session, ROBIN, change(Standing.SHADOWING, StandingReason.TRAINING_DONE), RULES)
    note_shadowed(session, ROBIN)
    note_shadowed(session, ROBIN)
    change_standing(session, ROBIN, change(Standing.CERTIFIED, StandingReason.ACCREDITED, YEAR), RULES)

    assert robin(session).standing == Standing.CERTIFIED
    assert (robin(session).certified_from, robin(session).certified_until) == (YEAR.since, YEAR.until)
    steps = [(one.was, one.became) for one in history_of(session, HERE)[ROBIN]]
    assert steps == [
        (Standing.APPLIED, Standing.CLEARED),
        (Standing.CLEARED, Standing.TRAINING),
        (Standing.TRAINING, Standing.SHADOWING),
        (Standing.SHADOWING, Standing.CERTIFIED),
    ]


def test_a_change_says_who_when_and_why(session: Session) -> None:
    a_robin(session)

    change_standing(session, ROBIN, change(Standing.SUSPENDED, StandingReason.WELFARE), RULES)

    expected = Changed(NOON, "ann", StandingReason.WELFARE, Standing.CERTIFIED, Standing.SUSPENDED)
    assert history_of(session, HERE) == {ROBIN: (expected,)}


def test_a_step_that_cannot_be_taken_changes_nothing(session: Session) -> None:
    a_robin(session, Standing.TRAINING)

    with pytest.raises(NotAllowed, match="still lacking: module_1"):
        change_standing(session, ROBIN, change(Standing.SHADOWING, StandingReason.TRAINING_DONE), RULES)

    assert robin(session).standing == Standing.TRAINING
    assert not history_of(session, HERE)


def test_who_is_accredited_needs_a_certificate(session: Session) -> None:
    a_robin(session)

    with pytest.raises(NotAllowed, match="first and last day of the certificate"):
        change_standing(session, ROBIN, change(Standing.CERTIFIED, StandingReason.ACCREDITED_AGAIN), RULES)


def test_the_first_certificate_begins_the_time_until_the_recurring_training(session: Session) -> None:
    a_robin(session)

    begin_with(session, ROBIN, change(Standing.CERTIFIED, StandingReason.ACCREDITED, YEAR), RULES)

    row = refresher(session)
    assert row is not None
    assert row.valid_until == NOON + 100 * DAY


def test_a_later_certificate_is_no_recurring_training(session: Session) -> None:
    a_robin(session)
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON - DAY, NOON + DAY))

    change_standing(session, ROBIN, change(Standing.CERTIFIED, StandingReason.ACCREDITED_AGAIN, YEAR), RULES)

    row = refresher(session)
    assert row is not None
    assert row.valid_until == NOON + DAY


def test_of_a_module_the_last_time_counts_in_whichever_order_it_is_told(session: Session) -> None:
    a_robin(session)
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON, NOON + 9 * DAY))

    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON - DAY, NOON + 8 * DAY))
    row = refresher(session)
    assert row is not None
    assert row.valid_until == NOON + 9 * DAY


@pytest.mark.parametrize(
    ("certificate", "training", "why"),
    [
        (0, 1, StandingReason.CERTIFICATE_ENDED),
        (1, 0, StandingReason.TRAINING_OVERDUE),
    ],
)
def test_who_is_certified_no_longer_lapses_and_why_is_written(
    session: Session, certificate: int, training: int, why: StandingReason
) -> None:
    a_robin(session, certified_until=NOON + certificate * DAY)
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON - 9 * DAY, NOON + training * DAY))

    lapsed = settle_standings(session, HERE, NOON, RULES)

    assert lapsed == [ROBIN]
    assert robin(session).standing == Standing.LAPSED
    expected = Changed(NOON, "wingline", why, Standing.CERTIFIED, Standing.LAPSED)
    assert history_of(session, HERE) == {ROBIN: (expected,)}


def test_settling_again_changes_nothing(session: Session) -> None:
    a_robin(session, certified_until=NOON)
    settle_standings(session, HERE, NOON, RULES)

    assert settle_standings(session, HERE, NOON + DAY, RULES) == []
    assert len(history_of(session, HERE)[ROBIN]) == 1


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.LEFT, Standing.SHADOWING])
def test_only_the_certified_lapse_so_that_a_suspension_stays_one(session: Session, standing: Standing) -> None:
    a_robin(session, standing, certified_until=NOON)

    assert settle_standings(session, HERE, NOON, RULES) == []


def test_who_is_in_date_or_without_an_end_stays_certified(session: Session) -> None:
    a_robin(session, certified_until=None)
    session.add(a_listener("wren", certified_until=NOON + DAY))

    assert settle_standings(session, HERE, NOON, RULES) == []


def test_after_a_refresher_the_way_back_is_open(session: Session) -> None:
    a_robin(session)
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON - 9 * DAY, NOON))
    settle_standings(session, HERE, NOON, RULES)
    record_training(session, ROBIN, Trained(Module.REFRESHER, NOON, NOON + 9 * DAY))

    change_standing(session, ROBIN, change(Standing.CERTIFIED, StandingReason.TRAINING_DONE), RULES)

    assert robin(session).standing == Standing.CERTIFIED


def test_a_suspension_goes_back_to_where_it_began(session: Session) -> None:
    a_robin(session, Standing.CLEARED)
    change_standing(session, ROBIN, change(Standing.SUSPENDED, StandingReason.UNDER_REVIEW), RULES)

    with pytest.raises(NotAllowed, match="a suspension ends where it began: cleared or left"):
        change_standing(session, ROBIN, change(Standing.CERTIFIED, StandingReason.REVIEW_ENDED), RULES)
    change_standing(session, ROBIN, change(Standing.CLEARED, StandingReason.REVIEW_ENDED), RULES)
    assert robin(session).standing == Standing.CLEARED


def test_warnings_are_of_those_whom_they_concern(session: Session) -> None:
    a_robin(session, certified_until=NOON + 7 * DAY)
    session.add_all([a_listener("wren"), a_listener("kite", certified_until=NOON, standing=Standing.LEFT.value)])
    session.flush()

    assert warnings_at(session, HERE, NOON) == {ROBIN: (Ahead(Due.CERTIFICATE, NOON + 7 * DAY, 7),)}


def test_another_sites_listeners_are_not_settled(session: Session) -> None:
    session.add(a_site(id="site-other"))
    session.flush()
    session.add(a_wing("B", site_id="site-other"))
    session.flush()
    session.add(a_listener("wren", wing="B", site_id="site-other", certified_until=NOON))
    session.flush()

    assert settle_standings(session, HERE, NOON, RULES) == []
    assert session.scalars(select(tables.StandingChange)).all() == []


def test_who_is_suspended_is_on_no_shift_that_is_not_over(session: Session) -> None:
    a_robin(session)
    session.add(a_shift_row("robin", id="over", starts_at=NOON - 4 * HOUR, ends_at=NOON))
    session.add(a_shift_row("robin", id="runs", starts_at=NOON, ends_at=NOON + HOUR))
    session.add(a_shift_row("robin", id="later", starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR))
    session.flush()

    change_standing(session, ROBIN, change(Standing.SUSPENDED, StandingReason.UNDER_REVIEW), RULES)
    assert session.scalars(select(tables.Shift.id)).all() == ["over"]
