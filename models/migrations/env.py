"""What alembic runs to apply the steps, on the connection and in the transaction of models.migrate."""

from alembic import context
from sqlalchemy import text

from models.tables import Base

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two nodes may start at once; SQLite's write lock does the same without asking.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('wingline migrations'))"))
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
