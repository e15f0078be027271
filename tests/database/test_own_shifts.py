"""What a Listener does by phone with their own part of the rota."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from builders import a_shift_row
from rota_world import NOW, PRISON, SCHEME, a_prison, a_published_rota, the_problem
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.words import Cover, ListenerId
from rota import own_shifts, swaps
from rota.rules import Rule

TEAM = ("heron", "kestrel", "owl", "robin", "wren")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OWL, WREN = ListenerId("listener-owl"), ListenerId("listener-wren")


def on(session: Session, slot: str) -> dict[str, str]:
    rows = session.scalars(select(tables.Shift).where(tables.Shift.slot == slot))
    return {row.listener_id: row.cover for row in rows}


def test_the_next_shifts_are_those_that_are_not_over(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl", id="over", starts_at=NOW - 4 * HOUR, ends_at=NOW))
        session.add(a_shift_row("owl", id="runs", starts_at=NOW, ends_at=NOW + HOUR))
        session.add(a_shift_row("owl", id="later", starts_at=NOW + 20 * HOUR, ends_at=NOW + 22 * HOUR))
        session.flush()
        swap = swaps.ask(session, PRISON, "later", now=NOW)

        shifts = own_shifts.next_shifts(session, OWL, now=NOW)
        assert [(one.id, one.swap) for one in shifts] == [("runs", None), ("later", swap)]


@pytest.mark.parametrize(("minutes", "counts"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_listener_signs_on_from_half_an_hour_before_until_the_end(
    database: Database, minutes: int, *, counts: bool
) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl", id="shift", starts_at=NOW, ends_at=NOW + HOUR))
        session.flush()

        assert own_shifts.check_in(session, OWL, now=NOW + minutes * MINUTE) is counts
        assert (session.get_one(tables.Shift, "shift").checked_in_at is not None) is counts


def test_a_first_cover_who_does_not_sign_on_is_told_of_once_with_the_backups(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl", "wren")
        session.add(a_shift_row("owl", id="first", starts_at=NOW, ends_at=NOW + 4 * HOUR))
        session.add(a_shift_row("wren", Cover.BACKUP, starts_at=NOW, ends_at=NOW + 4 * HOUR))
        session.flush()

        assert own_shifts.late_ones(session, PRISON, now=NOW + 4 * MINUTE) == ()
        assert own_shifts.late_ones(session, PRISON, now=NOW + 5 * MINUTE) == (own_shifts.Late("first", OWL, (WREN,)),)
        assert own_shifts.late_ones(session, PRISON, now=NOW + 6 * MINUTE) == ()


def test_who_signed_on_is_not_late(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl", id="first", starts_at=NOW, ends_at=NOW + 4 * HOUR))
        session.flush()
        own_shifts.check_in(session, OWL, now=NOW + MINUTE)

        assert own_shifts.late_ones(session, PRISON, now=NOW + 10 * MINUTE) == ()


def test_an_empty_first_seat_is_offered_to_who_may_have_it_and_taken_as_first(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        a_published_rota(session)
        slot = the_problem(session).slots[0]
        gone = session.scalars(
            select(tables.Shift.listener_id).where(
                tables.Shift.slot == slot.id, tables.Shift.cover == Cover.FIRST.value
            )
        ).one()
        session.execute(delete(tables.Shift).where(tables.Shift.slot == slot.id, tables.Shift.listener_id == gone))

        offered = own_shifts.to_take(session, PRISON, SCHEME, ListenerId(gone), now=NOW)
        assert slot.id in {one.slot for one in offered}
        assert own_shifts.take(session, PRISON, SCHEME, ListenerId(gone), slot.id) == ()
        assert on(session, slot.id)[gone] == Cover.FIRST


def test_a_full_shift_is_not_taken(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        a_published_rota(session)
        slot = the_problem(session).slots[0]
        outside = next(
            ListenerId(f"listener-{name}") for name in TEAM if f"listener-{name}" not in on(session, slot.id)
        )

        assert Rule.FULL in own_shifts.take(session, PRISON, SCHEME, outside, slot.id)
        assert outside not in on(session, slot.id)


def test_of_many_who_take_the_last_seat_at_once_one_has_it(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, *TEAM)
        slot = the_problem(session, 1).slots[0]
        session.add(a_shift_row("owl", id="owl", slot=slot.id, starts_at=slot.starts_at, ends_at=slot.ends_at))

    def take(name: str) -> bool:
        with database.transaction() as session:
            return own_shifts.take(session, PRISON, SCHEME, ListenerId(f"listener-{name}"), slot.id) == ()

    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(take, ("heron", "kestrel", "robin", "wren")))
    assert sum(won) == 1


def test_somebodys_swap_is_offered_to_others_and_not_to_themselves(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl", "wren")
        session.add(a_shift_row("owl", id="shift", starts_at=NOW + 20 * HOUR, ends_at=NOW + 22 * HOUR))
        session.flush()
        swap = swaps.ask(session, PRISON, "shift", now=NOW)

        assert swap in {one.swap for one in own_shifts.to_take(session, PRISON, SCHEME, WREN, now=NOW)}
        assert swap not in {one.swap for one in own_shifts.to_take(session, PRISON, SCHEME, OWL, now=NOW)}
