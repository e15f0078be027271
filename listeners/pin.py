"""A Listener's PIN for their own phone line; a wrong one is counted and never keeps anybody from taking calls."""

import re
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.errors import NotAllowed
from models.tables import Listener
from models.words import ListenerId

_HASHER = PasswordHasher()
_FORM = re.compile("[0-9]{4,8}")


def hashed(pin: str) -> str:
    """Slow on purpose (argon2): call it off the event loop, and in no transaction.

    NotAllowed says what a PIN must be; it never repeats the one that was given.
    """
    if not _FORM.fullmatch(pin):
        raise NotAllowed("set the PIN", "it must have 4 to 8 digits")
    if _is_a_run(pin):
        raise NotAllowed("set the PIN", "it is one of the first that anybody would try; mix the digits")
    return _HASHER.hash(pin)


def keep_pin(session: Session, listener: ListenerId, its_hash: str) -> None:
    _write(session, listener, pin=its_hash, wrong_pins=0)


def stored_pin(session: Session, listener: ListenerId) -> str | None:
    """Its hash; None where no PIN is set."""
    return session.get_one(Listener, listener).pin


def fits(stored: str, pin: str) -> bool:
    """Slow on purpose (argon2): call it off the event loop, and in no transaction."""
    try:
        return _HASHER.verify(stored, pin)
    except VerifyMismatchError:
        return False


def count_try(session: Session, listener: ListenerId, stored: str, *, right: bool) -> bool:
    """Whether the Listener is known by it. When the PIN is another by now, nothing is counted and nobody is known."""
    row = session.get_one(Listener, listener, populate_existing=True, with_for_update={"key_share": True})
    if row.pin != stored:
        return False
    row.wrong_pins = 0 if right else row.wrong_pins + 1
    session.flush()
    return right


def forget_pin(session: Session, listener: ListenerId) -> None:
    """By the coordinator, after three wrong ones: the Listener chooses another at their next call."""
    _write(session, listener, pin=None, wrong_pins=0)


def _is_a_run(pin: str) -> bool:
    """1111, 1234, 4321."""
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def _write(session: Session, listener: ListenerId, **values: object) -> None:
    session.execute(update(Listener).where(Listener.id == listener).values(values))
    session.expire(session.get_one(Listener, listener))
