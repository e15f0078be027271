"""Swaps: asked, accepted, looked at again, done; each bound to its shift."""

from datetime import timedelta

import pytest
from builders import a_shift_row
from rota_world import NOW, PRISON, SCHEME, a_prison, a_published_rota, the_problem
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.errors import NotAllowed, UnknownName
from models.words import ListenerId, Standing
from rota import site_rota, swaps
from rota.rules import Rule

TEAM = ("heron", "kestrel", "owl", "robin", "wren")
HOUR = timedelta(hours=1)


def a_shift_of_tonight(session: Session) -> tuple[str, ListenerId, ListenerId]:
    """Of a prison with a published rota: its id, who has it, and somebody who could take it."""
    a_prison(session, *TEAM)
    a_published_rota(session)
    row = session.scalars(select(tables.Shift).order_by(tables.Shift.starts_at, tables.Shift.id)).first()
    assert row is not None
    found = swaps.around(session, PRISON, SCHEME, row.id)
    other = next(
        ListenerId(f"listener-{name}")
        for name in TEAM
        if not found.why_not(ListenerId(f"listener-{name}")) and f"listener-{name}" != row.listener_id
    )
    return row.id, ListenerId(row.listener_id), other


def test_a_swap_that_breaks_no_rule_changes_who_has_the_shift(database: Database) -> None:
    with database.transaction() as session:
        shift, mine, other = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)
        around = swaps.around(session, PRISON, SCHEME, shift)

        assert swaps.accept(session, around, swap, other, now=NOW) == ()
        swaps.approve(session, around, swap, who="ann", now=NOW)
        assert session.get_one(tables.Shift, shift).listener_id == other
        assert mine != other
        assert swaps.open_swaps(session, PRISON, now=NOW) == ()
        assert site_rota.what_is_broken(the_problem(session), the_problem(session).published) == ()


def test_asked_twice_it_is_one_swap(database: Database) -> None:
    with database.transaction() as session:
        shift, mine, _ = a_shift_of_tonight(session)

        assert swaps.ask(session, PRISON, shift, now=NOW) == swaps.ask(session, PRISON, shift, now=NOW)
        (swap,) = swaps.open_swaps(session, PRISON, now=NOW)
        assert (swap.shift, swap.asked_by, swap.accepted_by) == (shift, mine, None)


def test_who_would_break_a_rule_is_told_which_and_nothing_is_noted(database: Database) -> None:
    with database.transaction() as session:
        shift, _, other = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)
        session.execute(update(tables.Listener).where(tables.Listener.id == other).values(phone_id=None))
        session.expire_all()

        forbidden = swaps.accept(session, swaps.around(session, PRISON, SCHEME, shift), swap, other, now=NOW)
        assert forbidden == (Rule.NO_PHONE,)
        assert swaps.open_swaps(session, PRISON, now=NOW)[0].accepted_by is None


def test_the_rules_are_looked_at_again_when_it_is_approved(database: Database) -> None:
    with database.transaction() as session:
        shift, mine, other = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)
        swaps.accept(session, swaps.around(session, PRISON, SCHEME, shift), swap, other, now=NOW)
        suspended = {"standing": Standing.SUSPENDED.value}
        session.execute(update(tables.Listener).where(tables.Listener.id == other).values(suspended))
        session.expire_all()

        with pytest.raises(NotAllowed, match="not certified"):
            swaps.approve(session, swaps.around(session, PRISON, SCHEME, shift), swap, who="ann", now=NOW)
        assert session.get_one(tables.Shift, shift).listener_id == mine


def test_only_one_can_accept_and_nobody_their_own(database: Database) -> None:
    with database.transaction() as session:
        shift, mine, other = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)
        around = swaps.around(session, PRISON, SCHEME, shift)
        swaps.accept(session, around, swap, other, now=NOW)

        with pytest.raises(NotAllowed, match="already"):
            swaps.accept(session, around, swap, ListenerId("listener-somebody"), now=NOW)
        swaps.withdraw(session, swap, now=NOW)
        with pytest.raises(NotAllowed, match="your own"):
            swaps.accept(session, around, swaps.ask(session, PRISON, shift, now=NOW), mine, now=NOW)


def test_nothing_is_approved_before_somebody_accepts(database: Database) -> None:
    with database.transaction() as session:
        shift, _, _ = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)

        with pytest.raises(NotAllowed, match="nobody"):
            swaps.approve(session, swaps.around(session, PRISON, SCHEME, shift), swap, who="ann", now=NOW)


def test_a_swap_that_has_ended_stays_ended(database: Database) -> None:
    with database.transaction() as session:
        shift, _, other = a_shift_of_tonight(session)
        swap = swaps.ask(session, PRISON, shift, now=NOW)
        swaps.refuse(session, swap, who="ann", now=NOW)

        with pytest.raises(NotAllowed, match="refused"):
            swaps.accept(session, swaps.around(session, PRISON, SCHEME, shift), swap, other, now=NOW)


def test_a_shift_that_has_begun_is_not_swapped(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")
        session.add(a_shift_row("owl", id="begun", starts_at=NOW - HOUR, ends_at=NOW + HOUR))
        session.flush()

        with pytest.raises(NotAllowed, match="has begun"):
            swaps.ask(session, PRISON, "begun", now=NOW)


def test_a_shift_by_hand_can_be_swapped_too(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl", "wren")
        session.add(a_shift_row("owl", id="by-hand", starts_at=NOW + 20 * HOUR, ends_at=NOW + 22 * HOUR))
        session.flush()
        swap = swaps.ask(session, PRISON, "by-hand", now=NOW)
        around = swaps.around(session, PRISON, SCHEME, "by-hand")

        assert swaps.accept(session, around, swap, ListenerId("listener-wren"), now=NOW) == ()
        swaps.approve(session, around, swap, who="rule", now=NOW)
        assert session.get_one(tables.Shift, "by-hand").listener_id == "listener-wren"


def test_a_swap_goes_with_its_shift(database: Database) -> None:
    with database.transaction() as session:
        shift, _, _ = a_shift_of_tonight(session)
        swaps.ask(session, PRISON, shift, now=NOW)
        moved = {"starts_at": NOW + 50 * HOUR, "ends_at": NOW + 51 * HOUR}
        row = session.get_one(tables.Shift, shift)
        free = session.scalars(
            select(tables.Shift).where(tables.Shift.listener_id == row.listener_id, tables.Shift.id != shift)
        )
        for other in free:
            session.delete(other)
        session.flush()
        session.execute(update(tables.Shift).where(tables.Shift.id == shift).values(moved))
        session.expire_all()

        (swap,) = swaps.open_swaps(session, PRISON, now=NOW)
        assert swap.starts_at == NOW + 50 * HOUR
        session.delete(session.get_one(tables.Shift, shift))
        session.flush()
        session.expire_all()
        assert swaps.open_swaps(session, PRISON, now=NOW) == ()


def test_an_unknown_shift_or_swap_is_named(database: Database) -> None:
    with database.transaction() as session:
        a_prison(session, "owl")

        with pytest.raises(UnknownName, match="shift"):
            swaps.ask(session, PRISON, "nothing", now=NOW)
        with pytest.raises(UnknownName, match="swap"):
            swaps.withdraw(session, "nothing", now=NOW)
