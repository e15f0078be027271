"""The versions of a site's profile, and who signed them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from models.tables.columns import SITE, STAFF, WHILE_IN_USE, Base, UtcDateTime, column

_PROPOSED = text("in_force_from IS NULL AND withdrawn_at IS NULL")


class ProfileVersion(Base):
    """Only escalation/profile_store.py writes it. A signature counts while its hash is that of the content."""

    __tablename__ = "profile_versions"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        # Two proposals at once would be signed each by one.
        Index("one_proposal_a_site", "site_id", unique=True, sqlite_where=_PROPOSED, postgresql_where=_PROPOSED),
    )
    id: Mapped[str] = column(SITE, WHILE_IN_USE, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, WHILE_IN_USE, ForeignKey("sites.id"))
    name: Mapped[str] = column(SITE, WHILE_IN_USE, String(40))
    number: Mapped[int] = column(SITE, WHILE_IN_USE, Integer)
    content: Mapped[dict[str, Any]] = column(SITE, WHILE_IN_USE, JSON)
    proposed_at: Mapped[datetime] = column(SITE, WHILE_IN_USE, UtcDateTime)
    proposed_by: Mapped[str] = column(STAFF, WHILE_IN_USE, String(60))
    prison_signed_at: Mapped[datetime | None] = column(SITE, WHILE_IN_USE, UtcDateTime)
    prison_signed_by: Mapped[str | None] = column(STAFF, WHILE_IN_USE, String(60))
    prison_signed_hash: Mapped[str | None] = column(SITE, WHILE_IN_USE, String(64))
    scheme_signed_at: Mapped[datetime | None] = column(SITE, WHILE_IN_USE, UtcDateTime)
    scheme_signed_by: Mapped[str | None] = column(STAFF, WHILE_IN_USE, String(60))
    scheme_signed_hash: Mapped[str | None] = column(SITE, WHILE_IN_USE, String(64))
    in_force_from: Mapped[datetime | None] = column(SITE, WHILE_IN_USE, UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = column(SITE, WHILE_IN_USE, UtcDateTime)
