"""Escalations, whole: acknowledgements by post, clocks, nodes."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
