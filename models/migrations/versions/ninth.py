"""Drills and the nightly call."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
