"""Tokens for other systems."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
