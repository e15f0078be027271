"""What a Listener likes, would rather not, or can never do in a week, and says so to the coordinator."""

from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tables
from models.clock import new_id
from models.errors import Cannot, UnknownName
from models.phrases import phrase
from models.words import ListenerId, WishKind
from rota.person import WeeklyWish


@dataclass(frozen=True, slots=True)
class KnownWish:
    """A wish as it is kept."""

    id: str
    wish: WeeklyWish


def wishes_of(session: Session, listener: ListenerId) -> tuple[KnownWish, ...]:
    """Those of every day first, then by weekday and hour."""
    rows = session.scalars(select(tables.Wish).where(tables.Wish.listener_id == listener))
    found = [
        KnownWish(
            row.id,
            WeeklyWish(
                kind=WishKind(row.kind),
                weekday=row.weekday,
                starts=time.fromisoformat(row.starts),
                ends=time.fromisoformat(row.ends),
            ),
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda one: (-1 if one.wish.weekday is None else one.wish.weekday, one.wish.starts, one.id))
    )


def wish(session: Session, listener: ListenerId, wished: WeeklyWish) -> None:
    """NotAllowed when the same is noted already."""
    if any(one.wish == wished for one in wishes_of(session, listener)):
        raise Cannot(phrase("cannot note the wish: it is noted already"))
    session.add(
        tables.Wish(
            id=new_id("wish"),
            listener_id=listener,
            kind=wished.kind.value,
            weekday=wished.weekday,
            starts=f"{wished.starts:%H:%M}",
            ends=f"{wished.ends:%H:%M}",
        )
    )
    session.flush()


def take_back_wish(session: Session, listener: ListenerId, wish_id: str) -> None:
    """UnknownName when it is not there any more."""
    row = session.get(tables.Wish, wish_id)
    if row is None or row.listener_id != listener:
        raise UnknownName("wish", wish_id)
    session.delete(row)
    session.flush()
