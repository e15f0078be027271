"""The audit is a chain that can only grow."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
