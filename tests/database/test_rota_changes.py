"""Changes of a published rota are written as one act, and taken back while nothing stands against it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from rota_world import ANN, NOW, PRISON, SCHEME, a_prison, the_problem
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import Cover, ListenerId
from rota import changes
from rota.changes import Doing
from rota.checks import Broken
from rota.moving import Change, Seat, swapped
from rota.rules import Rule
from rota.seats import problem_over, write
from rota.site_rota import write_shift
from rota.slot import Slot

OWL, ROBIN, WREN = (ListenerId(f"listener-{name}") for name in ("owl", "robin", "wren"))
SWAP = Doing("seats_swapped", ANN)


def on(session: Session) -> set[tuple[str | None, str, str]]:
    rows = session.execute(select(tables.Shift.slot, tables.Shift.listener_id, tables.Shift.cover))
    return {(row.slot, row.listener_id, row.cover) for row in rows}


def two_nights(session: Session) -> tuple[Slot, Slot]:
    """Robin has the first, the owl the second."""
    a_prison(session, "owl", "robin", "wren")
    one, other, *_ = the_problem(session).slots
    write_shift(session, PRISON, one, ROBIN, Cover.FIRST)
    write_shift(session, PRISON, other, OWL, Cover.BACKUP)
    session.flush()
    return one, other


def they_swap(session: Session) -> tuple[Slot, Slot]:
    one, other = two_nights(session)
    change = swapped(Seat(one, ROBIN, Cover.FIRST), Seat(other, OWL, Cover.BACKUP))
    problem = problem_over(session, PRISON, SCHEME, [one.starts_at, other.starts_at])
    gone, put = write(session, PRISON, problem, change)
    changes.note(session, PRISON, SWAP, out=gone, put=put)
    return one, other


def take_back(session: Session) -> Sequence[Broken]:
    (made,) = changes.last_made(session, PRISON, now=NOW)
    return changes.take_back(session, PRISON, SCHEME, made.id, now=NOW)


def test_a_swap_is_one_act_and_taken_back_as_one(database: Database) -> None:
    with database.transaction() as session:
        one, other = they_swap(session)
        swapped_now = on(session)

        assert swapped_now == {(one.id, OWL, "first"), (other.id, ROBIN, "backup")}
        assert take_back(session) == ()
        assert on(session) == {(one.id, ROBIN, "first"), (other.id, OWL, "backup")}
        assert changes.last_made(session, PRISON, now=NOW) == ()


def test_two_whose_shifts_overlap_can_swap(database: Database) -> None:
    """The database lets nobody be in two places at once; neither is, between the two."""
    with database.transaction() as session:
        one, _ = two_nights(session)
        session.execute(delete(tables.Shift).where(tables.Shift.listener_id == OWL))
        write_shift(session, PRISON, one, OWL, Cover.BACKUP)
        session.flush()
        write(
            session, PRISON, the_problem(session), swapped(Seat(one, ROBIN, Cover.FIRST), Seat(one, OWL, Cover.BACKUP))
        )

        assert on(session) == {(one.id, OWL, "first"), (one.id, ROBIN, "backup")}


@pytest.mark.parametrize("since", ["taken off", "on another shift at that time"])
def test_it_is_not_taken_back_when_a_seat_is_not_as_it_was_left(database: Database, since: str) -> None:
    with database.transaction() as session:
        one, _ = they_swap(session)
        theirs = tables.Shift.slot == one.id
        if since == "taken off":
            session.execute(delete(tables.Shift).where(theirs))
        else:
            session.execute(update(tables.Shift).where(theirs).values(slot=f"other wing {one.day}"))
        before = on(session)

        with pytest.raises(NotAllowed, match="somebody has changed that seat meanwhile"):
            take_back(session)
        assert on(session) == before


def test_it_is_not_taken_back_against_a_rule(database: Database) -> None:
    with database.transaction() as session:
        one, _ = they_swap(session)
        session.get_one(tables.Listener, ROBIN).phone_id = None
        session.flush()
        before = on(session)

        assert [(one.rule, one.listener) for one in take_back(session)] == [(Rule.NO_PHONE, ROBIN)]
        assert on(session) == before
        assert one.id in {slot for slot, _, _ in before}


def test_it_is_not_taken_back_when_a_shift_of_it_has_begun_and_then_it_is_forgotten(database: Database) -> None:
    with database.transaction() as session:
        one, _ = they_swap(session)
        (made,) = changes.last_made(session, PRISON, now=NOW)
        begun = one.starts_at + timedelta(minutes=1)

        assert changes.last_made(session, PRISON, now=begun) == ()
        with pytest.raises(NotAllowed, match="has begun"):
            changes.take_back(session, PRISON, SCHEME, made.id, now=begun)
        changes.note(session, PRISON, Doing("shift_given", type(ANN)("ann", begun)))
        assert session.scalars(select(tables.SeatChange)).all() == []


def test_a_seat_that_somebody_else_has_taken_is_not_given_back(database: Database) -> None:
    with database.transaction() as session:
        one, _ = two_nights(session)
        session.execute(delete(tables.Shift).where(tables.Shift.listener_id == OWL))
        problem = the_problem(session)
        seat = Seat(one, ROBIN, Cover.FIRST)
        gone, _ = write(session, PRISON, problem, Change(out=(seat,)))
        changes.note(session, PRISON, Doing("shift_taken_off", ANN), out=gone)
        write_shift(session, PRISON, one, OWL, Cover.FIRST)
        session.flush()

        # There are two seats: robin comes back, behind the owl, who is rung first now.
        assert take_back(session) == ()
        assert on(session) == {(one.id, OWL, "first"), (one.id, ROBIN, "backup")}
        write(session, PRISON, problem, Change(out=(Seat(one, ROBIN, Cover.BACKUP),)))
        changes.note(session, PRISON, Doing("shift_taken_off", ANN), out=gone)
        write_shift(session, PRISON, one, WREN, Cover.BACKUP)
        session.flush()
        assert [one.rule for one in take_back(session)] == [Rule.FULL]


def test_two_coordinators_who_take_it_back_at_once_do_so_once(database: Database) -> None:
    with database.transaction() as session:
        one, other = they_swap(session)
        (made,) = changes.last_made(session, PRISON, now=NOW)

    def undo() -> str:
        try:
            database.do(lambda session: changes.take_back(session, PRISON, SCHEME, made.id, now=NOW))
        except (UnknownName, NotAllowed) as fault:
            return type(fault).__name__
        return "done"

    with ThreadPoolExecutor(2) as both:
        said = sorted(future.result() for future in [both.submit(undo) for _ in range(2)])

    assert said[1] == "done"
    with database.transaction() as session:
        assert on(session) == {(one.id, ROBIN, "first"), (other.id, OWL, "backup")}
