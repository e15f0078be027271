"""The rota as it comes out of the database."""

from datetime import timedelta

from builders import NOON, SITE, a_shift_row, a_site, a_small_prison, a_wing
from sqlalchemy.orm import Session

from models.database import Database
from models.words import Cover, SiteId
from rota.shift import Shift
from rota.store import shifts_between, shifts_now

HOUR = timedelta(hours=1)


def names(shifts: tuple[Shift, ...]) -> set[str]:
    return {shift.listener for shift in shifts}


def test_a_shift_comes_back_as_it_was_written_in_utc(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")

        (shift,) = shifts_now(session, SiteId(SITE), now=NOON)
        assert (shift.listener, shift.cover) == ("listener-robin", Cover.FIRST)
        assert (shift.starts_at, shift.ends_at) == (NOON - 2 * HOUR, NOON + 2 * HOUR)
        assert shift.starts_at.utcoffset() == timedelta()


def test_now_is_from_the_start_until_just_before_the_end(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin", "wren")
        session.add(a_shift_row("wren", starts_at=NOON + 2 * HOUR, ends_at=NOON + 4 * HOUR))

        assert names(shifts_now(session, SiteId(SITE), now=NOON + 2 * HOUR)) == {"listener-wren"}
        assert shifts_now(session, SiteId(SITE), now=NOON + 4 * HOUR) == ()


def test_between_finds_each_shift_with_at_least_a_moment_inside(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")

        assert found(session, 1, 3) == found(session, -9, -1) == found(session, -9, 9) == 1
        assert found(session, 2, 3) == found(session, -9, -2) == 0


def test_the_rota_of_another_site_is_another_rota(database: Database) -> None:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        session.add(a_site(id="site-other"))
        session.add(a_wing("C", site_id="site-other"))

        assert shifts_now(session, SiteId("site-other"), now=NOON) == ()


def found(session: Session, since: int, until: int) -> int:
    return len(shifts_between(session, SiteId(SITE), since=NOON + since * HOUR, until=NOON + until * HOUR))
