"""Profiles: versions and signatures."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Filled in by whoever owns this step."""
