"""Calendar feeds: each Listener's own secret address, which can be taken back; only its hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.words import ListenerId, SiteId
from rota.shift import Shift
from rota.store import shifts_between

SECRET_BYTES = 24
BACK, AHEAD = timedelta(days=28), timedelta(days=180)


def new_feed(session: Session, listener: ListenerId) -> str:
    """A new secret, shown once; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.get_one(tables.Listener, listener).calendar = _hash(secret)
    session.flush()
    return secret


def revoke(session: Session, listener: ListenerId) -> None:
    session.get_one(tables.Listener, listener).calendar = None
    session.flush()


def shifts_of_feed(session: Session, secret: str, *, now: datetime) -> tuple[Shift, ...] | None:
    """None when no feed has this secret."""
    row = session.scalar(select(tables.Listener).where(tables.Listener.calendar == _hash(secret)))
    if row is None:
        return None
    shifts = shifts_between(session, SiteId(row.site_id), since=now - BACK, until=now + AHEAD)
    mine = (shift for shift in shifts if shift.listener == row.id)
    return tuple(sorted(mine, key=lambda shift: shift.starts_at))


def _hash(secret: str) -> str:
    # A secret of 24 random bytes cannot be guessed, so a plain hash keeps it.
    return hashlib.sha256(secret.encode()).hexdigest()
