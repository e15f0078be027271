"""What opens the API to another system of the prison."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from models.tables.columns import SECRET, STAFF, WHILE_IN_USE, Base, UtcDateTime, column, one_while_open


class Token(Base):
    """One system's token: what it may do, who made it, and when it was used last."""

    __tablename__ = "tokens"
    id: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(STAFF, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(STAFF, WHILE_IN_USE, String(40))
    # Of 32 random bytes, which nobody can guess: a fast hash is enough. Empty when the token has ended.
    hash: Mapped[str | None] = column(SECRET, WHILE_IN_USE, String(64))
    scope: Mapped[str] = column(STAFF, WHILE_IN_USE, String(16))
    made_at: Mapped[datetime] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    made_by: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60))
    last_used_at: Mapped[datetime | None] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(STAFF, WHILE_IN_USE, UtcDateTime)
    __table_args__ = (
        Index("one_token_a_hash", "hash", unique=True),
        one_while_open("one_token_a_name", "site_id", "name"),
    )
