"""Messages to staff that are not calls."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
