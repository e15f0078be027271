"""A Listener's PIN."""

from collections.abc import Iterator

import pytest
from builders import NOON, SITE, a_small_prison
from sqlalchemy.orm import Session

from listeners.pin import count_try, fits, forget_pin, hashed, keep_pin, stored_pin
from listeners.standing import may_take_calls
from listeners.store import candidates
from models import tables
from models.database import Database
from models.errors import NotAllowed
from models.words import ListenerId, SiteId

ROBIN = ListenerId("listener-robin")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        a_small_prison(session, "robin")
        yield session


def set_pin(session: Session, listener: ListenerId, pin: str) -> None:
    keep_pin(session, listener, hashed(pin))


def pin_is_right(session: Session, listener: ListenerId, pin: str) -> bool:
    """As the Listener's line does it, which holds no transaction between these steps."""
    stored = stored_pin(session, listener)
    return stored is not None and count_try(session, listener, stored, right=fits(stored, pin))


def wrong_pins(session: Session) -> int:
    return session.get_one(tables.Listener, ROBIN).wrong_pins


def test_the_right_pin_is_right_and_is_not_kept_as_it_is(session: Session) -> None:
    set_pin(session, ROBIN, "9035")

    assert pin_is_right(session, ROBIN, "9035")
    assert "9035" not in (session.get_one(tables.Listener, ROBIN).pin or "")


def test_wrong_ones_are_counted_until_the_right_one_comes(session: Session) -> None:
    set_pin(session, ROBIN, "9035")

    assert [pin_is_right(session, ROBIN, "9036") for _ in range(3)] == [False] * 3
    assert wrong_pins(session) == 3
    assert pin_is_right(session, ROBIN, "9035")
    assert wrong_pins(session) == 0


def test_wrong_pins_keep_nobody_from_taking_calls(session: Session) -> None:
    set_pin(session, ROBIN, "9035")
    for _ in range(4):
        pin_is_right(session, ROBIN, "1")

    (robin,) = candidates(session, SiteId(SITE), now=NOON, unreachable=frozenset())
    assert may_take_calls(robin, NOON)
    assert not robin.off_duty


def test_where_none_is_set_none_is_right_and_none_is_counted(session: Session) -> None:
    assert not pin_is_right(session, ROBIN, "9035")
    assert wrong_pins(session) == 0


def test_a_new_pin_replaces_the_old_and_the_count(session: Session) -> None:
    set_pin(session, ROBIN, "9035")
    pin_is_right(session, ROBIN, "1")
    set_pin(session, ROBIN, "83019452")

    assert wrong_pins(session) == 0
    assert not pin_is_right(session, ROBIN, "9035")
    assert pin_is_right(session, ROBIN, "83019452")


def test_the_coordinator_lets_a_listener_choose_again(session: Session) -> None:
    set_pin(session, ROBIN, "9035")
    pin_is_right(session, ROBIN, "1")

    forget_pin(session, ROBIN)
    row = session.get_one(tables.Listener, ROBIN)
    assert (row.pin, row.wrong_pins) == (None, 0)


def test_a_pin_that_was_changed_while_it_was_checked_lets_nobody_in_and_counts_nothing(session: Session) -> None:
    set_pin(session, ROBIN, "9035")
    stored = stored_pin(session, ROBIN) or ""
    set_pin(session, ROBIN, "83019452")

    assert not count_try(session, ROBIN, stored, right=True)
    assert not count_try(session, ROBIN, stored, right=False)
    assert wrong_pins(session) == 0


@pytest.mark.parametrize("pin", ["", "903", "903512345", "90a5", "90 5", "٩٠٣٥"])
def test_a_pin_has_4_to_8_digits(pin: str) -> None:
    with pytest.raises(NotAllowed, match="4 to 8 digits"):
        hashed(pin)


@pytest.mark.parametrize("pin", ["0000", "1234", "87654321"])
def test_the_first_that_anybody_would_try_is_refused_without_being_repeated(pin: str) -> None:
    with pytest.raises(NotAllowed, match="mix the digits") as refused:
        hashed(pin)

    assert pin not in str(refused.value)
