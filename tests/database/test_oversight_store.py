"""What is read for a quarter, on both databases: in the zone of the site, and also what has been forgotten since."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from builders import SITE, a_call, a_small_prison
from sqlalchemy.orm import Session

from escalation.oversight import BadQuarter, Disclosure, Figures, Quarter
from escalation.oversight_store import PROFILE_IN_FORCE, figures_of, reportable
from escalation.store import Deed
from models import audit, tables
from models.database import Database
from models.retention import forget_what_is_due
from models.words import Cause, Outcome, SiteId

SPRING = Quarter(2026, 2)
APRIL, MAY, JUNE = SPRING.months
# The first moment of the quarter, and of the next one: midnight in Europe/London, an hour before it in UTC.
BEGINS, ENDS = datetime(2026, 3, 31, 23, tzinfo=UTC), datetime(2026, 6, 30, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTLED = ENDS + timedelta(days=1)
IN_MAY = datetime(2026, 5, 10, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def prison(database: Database) -> None:
    database.do(a_small_prison)


def figures(database: Database, now: datetime = SETTLED) -> Figures:
    return database.do(partial(figures_of, site=SiteId(SITE), quarter=SPRING, now=now))


def called(database: Database, *moments: datetime, listening: bool = False) -> None:
    with database.transaction() as session:
        for moment in moments:
            ended = moment + MINUTE
            session.add(a_call(f"{moment:%m%d%H%M%S}", began_at=moment, ended_at=ended, listening=listening))


def raised(session: Session, name: str, cause: Cause, at: datetime = IN_MAY, **changes: object) -> None:
    chosen: dict[str, object] = {"id": name, "site_id": SITE, "cause": cause.value, "raised_at": at, "protocol": {}}
    session.add(tables.Escalation(**chosen | changes))


def noted(database: Database, what: str, about: str, at: datetime = IN_MAY) -> None:
    database.do(lambda session: audit.note(session, "wingline", what, about, at))


def test_calls_are_those_that_began_in_the_quarter(database: Database) -> None:
    called(database, BEGINS - MINUTE, BEGINS, IN_MAY, ENDS)
    called(database, ENDS - MINUTE, listening=True)

    found = figures(database)

    assert found.calls == {APRIL: 1, MAY: 1, JUNE: 1}
    assert +found.listened == {JUNE: 1}  # type: ignore[operator]  # a Counter


@pytest.mark.parametrize("days", [1, 60, 89, 95, 200])
def test_a_report_says_the_same_whenever_it_is_made(database: Database, days: int) -> None:
    """Also when the quarter's first calls have been forgotten before its end was over."""
    called(database, BEGINS, BEGINS + MINUTE, IN_MAY, ENDS - MINUTE, listening=True)
    before = figures(database)
    later = ENDS + timedelta(days=days)
    database.do(lambda session: forget_what_is_due(session, later))

    found = figures(database, later)

    assert (found.calls, found.listened) == (before.calls, before.listened)
    assert found.calls == {APRIL: 2, MAY: 1, JUNE: 1}


def test_a_quarter_that_is_not_over_and_settled_has_no_report(database: Database) -> None:
    for moment in (IN_MAY, ENDS, SETTLED - MINUTE):
        with pytest.raises(BadQuarter, match="ask again from 2 July 2026 on"):
            figures(database, moment)


def test_rules_are_summed_over_the_months(database: Database) -> None:
    with database.transaction() as session:
        for month, prompted, right, wrong in ((APRIL, 4, 2, 1), (JUNE, 3, 1, 0), ("2026-07", 9, 9, 9)):
            session.add(
                tables.RuleCount(
                    site_id=SITE, month=month, rule="harm.self", prompted=prompted, right=right, wrong=wrong
                )
            )

    found = figures(database)

    assert (found.prompted, found.right, found.wrong) == ({"harm.self": 7}, {"harm.self": 3}, {"harm.self": 1})


def test_disclosures_with_their_times_and_nothing_that_was_not_told(database: Database) -> None:
    with database.transaction() as session:
        seen = {"acknowledged_at": IN_MAY + MINUTE, "at_door_at": IN_MAY + 4 * MINUTE}
        raised(session, "told", Cause.DANGER_NOW, **seen)
        raised(session, "unseen", Cause.CALLER_ASKED)
        raised(session, "undecided", Cause.PERSON_AT_RISK, deciding=True)
        raised(session, "not-told", Cause.PERSON_AT_RISK, outcome=Outcome.NOT_TOLD.value)
        raised(session, "drill", Cause.DRILL)
        raised(session, "broken", Cause.LINE_BROKEN)
        raised(session, "later", Cause.CALLER_ASKED, ENDS)

    found = sorted(figures(database).disclosures, key=lambda one: one.cause)

    assert found == [
        Disclosure(Cause.CALLER_ASKED, None, None),
        Disclosure(Cause.DANGER_NOW, MINUTE, 4 * MINUTE),
    ]


def test_openings_of_the_quarter_but_not_those_of_drills(database: Database) -> None:
    with database.transaction() as session:
        raised(session, "told", Cause.DANGER_NOW)
        raised(session, "drill", Cause.DRILL)
    for about in ("told", "drill", "something-else"):
        noted(database, Deed.LOCATION_OPENED.value, about)
    noted(database, Deed.LOCATION_OPENED.value, "told", ENDS)
    noted(database, Deed.RAISED.value, "told")

    assert figures(database).openings == 2


def test_changes_of_the_profile_with_their_local_day(database: Database) -> None:
    noted(database, PROFILE_IN_FORCE, "uk-listener-adult 3", BEGINS)
    noted(database, PROFILE_IN_FORCE, "uk-listener-adult 4", ENDS)

    assert figures(database).profiles == [(date(2026, 4, 1), "uk-listener-adult 3")]


def test_two_years_later_the_audit_of_that_time_is_not_said_to_be_empty(database: Database) -> None:
    found = figures(database, BEGINS + timedelta(days=731))

    assert (found.openings, found.profiles) == (None, None)


# ---- which quarters there are


def offered(database: Database, now: datetime) -> list[str]:
    return [str(one) for one in database.do(partial(reportable, site=SiteId(SITE), now=now))]


def test_quarters_are_offered_from_the_first_of_which_anything_is_known_until_the_last_that_is_settled(
    database: Database,
) -> None:
    assert offered(database, SETTLED) == []

    with database.transaction() as session:
        session.add(tables.CallCount(site_id=SITE, month="2025-11", calls=4, listened=0))
        session.add(tables.RuleCount(site_id=SITE, month="0000-00", rule="harm.self", prompted=4, right=0, wrong=0))
    called(database, IN_MAY)

    assert offered(database, SETTLED - timedelta(seconds=1)) == ["2026-Q1", "2025-Q4"]
    assert offered(database, SETTLED) == ["2026-Q2", "2026-Q1", "2025-Q4"]
