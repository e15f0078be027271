"""Now, in UTC; the only place that asks."""

import time
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def now() -> datetime:
    return datetime.now(UTC)


_BEGAN = datetime.now(UTC), time.monotonic()


def steady() -> datetime:
    """For how long something lasts within this process: it goes on when the clock is set. Never a row's."""
    began, at = _BEGAN
    return began + timedelta(seconds=time.monotonic() - at)


def new_id(prefix: str) -> str:
    """A random id such as ``call-3f9a…``: it says what it names and nothing about whom."""
    return f"{prefix}-{token_hex(6)}"


def of_database(session: Session) -> datetime:
    """What all nodes agree on: PostgreSQL's own clock; SQLite has none, and is on this machine."""
    if session.get_bind().dialect.name != "postgresql":
        return now()
    told: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return told.astimezone(UTC)
