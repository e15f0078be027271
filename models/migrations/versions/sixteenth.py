"""What boards, figures and reports look for again and again is found without reading the whole year."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Without the site: SQLite would begin with it, and read all calls to find the few offers that go on.
    open_only = sa.text("ended_at IS NULL")
    op.create_index("calls_by_beginning", "calls", ["began_at"])
    op.create_index("open_calls", "calls", ["began_at"], sqlite_where=open_only, postgresql_where=open_only)
    op.create_index("offers_of_a_listener", "offers", ["listener_id", "rang_at"])
    op.create_index("shifts_by_end", "shifts", ["ends_at"])
    op.create_index("acts_by_deed", "acts", ["what", "at"])
