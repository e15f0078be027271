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


def set_pin(session: Session, listener: ListenerId, pin: str) -> None:
    """NotAllowed says what a PIN must be; it never repeats the one that was given."""
    if not _FORM.fullmatch(pin):
        raise NotAllowed("set the PIN", "it must have 4 to 8 digits")
    if _is_a_run(pin):
        raise NotAllowed("set the PIN", "it is one of the first that anybody would try; mix the digits")
    _write(session, listener, pin=_HASHER.hash(pin), wrong_pins=0)


def pin_is_right(session: Session, listener: ListenerId, pin: str) -> bool:
    """Slow on purpose (argon2): call it off the event loop. Where no PIN is set none is right, and none is counted."""
    stored = session.get_one(Listener, listener).pin
    if stored is None:
        return False
    try:
        _HASHER.verify(stored, pin)
    except VerifyMismatchError:
        _write(session, listener, wrong_pins=Listener.wrong_pins + 1)
        return False
    _write(session, listener, wrong_pins=0)
    return True


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
