"""What a Listener is willing to be matched on: said by themselves, never required, never shown to staff."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy.orm import Session

from models.tables import Listener
from models.words import ListenerId


class Tag(StrEnum):
    """A fixed list, so that nobody can write about a person."""

    VETERAN = "veteran"
    LGBTQ = "lgbtq"
    PARENT = "parent"
    OLDER = "older"
    YOUNG_ADULT = "young_adult"
    RECOVERY = "recovery"
    WOMENS = "womens"
    LIFER = "lifer"
    CARE_LEAVER = "care_leaver"
    FIRST_TIME = "first_time"
    BEREAVED = "bereaved"
    DISABLED = "disabled"
    NEURODIVERGENT = "neurodivergent"
    TRAVELLER = "traveller"
    FOREIGN_NATIONAL = "foreign_national"


def set_tags(session: Session, listener: ListenerId, tags: Iterable[Tag]) -> None:
    session.get_one(Listener, listener).tags = sorted({tag.value for tag in tags})
    session.flush()


def tags_of(session: Session, listener: ListenerId) -> frozenset[Tag]:
    """For matching, and for the Listener themselves when they ask what is kept about them."""
    return frozenset(Tag(tag) for tag in session.get_one(Listener, listener).tags)
