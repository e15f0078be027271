"""Now, in UTC; the only place that asks."""

from datetime import UTC, datetime
from secrets import token_hex


def now() -> datetime:
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A random id such as ``call-3f9a…``: it says what it names and nothing about whom."""
    return f"{prefix}-{token_hex(6)}"
