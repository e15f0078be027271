"""The rota: what is needed, drafts, shifts, swaps, and who was asked to cover."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from models.tables.columns import (
    LISTENER,
    SERVING,
    SITE,
    STAFF,
    Base,
    UtcDateTime,
    column,
    one_while_open,
)


class Rota(Base):
    """A rota for a span of time: a draft that nobody is on duty by, or published into ``shifts``."""

    __tablename__ = "rotas"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, SERVING, ForeignKey("sites.id"))
    state: Mapped[str] = column(SITE, SERVING, String(12))
    since: Mapped[datetime] = column(SITE, SERVING, UtcDateTime)
    until: Mapped[datetime] = column(SITE, SERVING, UtcDateTime)
    made_at: Mapped[datetime] = column(SITE, SERVING, UtcDateTime)
    made_by: Mapped[str] = column(STAFF, SERVING, String(60))
    # What the solver was to favour (rota.favours); none for a draft that came from elsewhere.
    favours: Mapped[str | None] = column(SITE, SERVING, String(16))
    published_at: Mapped[datetime | None] = column(SITE, SERVING, UtcDateTime)
    published_by: Mapped[str | None] = column(STAFF, SERVING, String(60))


class DraftShift(Base):
    """One Listener's place in a draft; the same as in ``shifts`` once it is published."""

    __tablename__ = "draft_shifts"
    rota_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("rotas.id"), primary_key=True)
    slot: Mapped[str] = column(LISTENER, SERVING, String(60), primary_key=True)
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), primary_key=True)
    cover: Mapped[str] = column(LISTENER, SERVING, String(8))
    starts_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    ends_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)


class Shift(Base):
    """On duty. That no Listener has two at once is kept by a trigger (migration 0003), whoever writes."""

    __tablename__ = "shifts"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("sites.id"))
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    cover: Mapped[str] = column(LISTENER, SERVING, String(8))
    starts_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    ends_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    # Which shift of which day it fills (rota.slot); none when a coordinator wrote it by hand.
    slot: Mapped[str | None] = column(LISTENER, SERVING, String(60))
    checked_in_at: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    # When the coordinator was told that nobody signed on.
    late_at: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    __table_args__ = (Index("shifts_by_end", "ends_at"),)


class Swap(Base):
    """A Listener asks to be relieved of a shift; it belongs to the shift and moves with it."""

    __tablename__ = "swaps"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    shift_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("shifts.id", ondelete="CASCADE"))
    asked_by: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"))
    asked_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    accepted_by: Mapped[str | None] = column(LISTENER, SERVING, ForeignKey("listeners.id"))
    accepted_at: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    end: Mapped[str | None] = column(LISTENER, SERVING, String(12))
    decided_by: Mapped[str | None] = column(STAFF, SERVING, String(60))
    __table_args__ = (one_while_open("one_swap_a_shift", "shift_id"),)


class SeatChange(Base):
    """A seat that one act on the console filled or emptied: what is needed to take the act back (rota.changes).

    Gone with the first act after the shift has begun, when nothing of it can be taken back any more.
    """

    __tablename__ = "seat_changes"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    # The same for every seat of one act.
    act: Mapped[str] = column(LISTENER, SERVING, String(40), index=True)
    at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    who: Mapped[str] = column(STAFF, SERVING, String(60))
    what: Mapped[str] = column(LISTENER, SERVING, String(24))
    site_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("sites.id"))
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"), index=True)
    # Whether they had the seat from then on, or until then.
    put_in: Mapped[bool] = column(LISTENER, SERVING, Boolean)
    cover: Mapped[str] = column(LISTENER, SERVING, String(8))
    starts_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    ends_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    slot: Mapped[str | None] = column(LISTENER, SERVING, String(60))


class CoverOffer(Base):
    """One ring of one Listener with an empty place on the rota: can you cover?"""

    __tablename__ = "cover_offers"
    id: Mapped[str] = column(LISTENER, SERVING, String(40), primary_key=True)
    site_id: Mapped[str] = column(SITE, SERVING, ForeignKey("sites.id"))
    slot: Mapped[str] = column(LISTENER, SERVING, String(60))
    listener_id: Mapped[str] = column(LISTENER, SERVING, ForeignKey("listeners.id"))
    rang_at: Mapped[datetime] = column(LISTENER, SERVING, UtcDateTime)
    ended_at: Mapped[datetime | None] = column(LISTENER, SERVING, UtcDateTime)
    end: Mapped[str | None] = column(LISTENER, SERVING, String(12))
    __table_args__ = (one_while_open("one_cover_ring_a_listener", "listener_id"),)
