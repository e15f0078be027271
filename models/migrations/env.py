"""What alembic runs to apply the steps, on the connection and in the transaction of models.migrate."""

from alembic import context
from sqlalchemy import text

from models.tables import Base

# Whoever comes after a change that waits for a table waits for it too, and so does every call. It gives way before
# PostgreSQL looks for a deadlock (1 s), which could end the line's own transaction.
LOCK_TIMEOUT = "500ms"

connection = context.config.attributes["connection"]
applied: list[str] = context.config.attributes.get("applied", [])
if connection.dialect.name == "postgresql":
    # Two nodes may start at once; SQLite's write lock does the same without asking. No call waits for this one.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('wingline migrations'))"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    on_version_apply=lambda *, step, **_: applied.append(step.up_revision_id),
)
with context.begin_transaction():
    context.run_migrations()
