"""All that a trace can say of the line's work: names and kinds from closed lists, and small numbers; of nobody."""

from dataclasses import dataclass, fields
from enum import Enum, StrEnum
from typing import Protocol

from models.words import OfferEnd, Post, Seat, TellingEnd

# No number of a cell, a phone or a person fits below it.
_GREATEST = 99


class Step(StrEnum):
    """What a span is called. The places of a call are those of ``ivr.call.Phase``."""

    CALL = "call"
    LANGUAGE = "language"
    NOTICE = "notice"  # with the question whether the machine may listen
    WAITING = "waiting"
    TALKING = "talking"
    LEFT = "left"
    OUTSIDE = "outside"
    DUTY_OFFICE = "duty_office"
    NOBODY = "nobody"
    GROUNDING = "grounding"
    ENDING = "ending"
    RING = "ring"  # of one Listener
    STAFF_KEY = "staff_key"

    ESCALATION = "escalation"
    TOLD = "told"
    TELLING_ENDED = "telling_ended"
    ACKNOWLEDGED = "acknowledged"
    AT_DOOR = "at_door"
    SPOKEN = "spoken"
    CLOSED = "closed"
    NOBODY_LEFT = "nobody_left"
    CAME_BACK = "came_back"
    NOT_CLOSED = "not_closed"

    DATABASE_TROUBLE = "database_trouble"
    HAND_OVER = "hand_over"
    TAKE_OVER = "take_over"
    CORRECTION = "correction"


class Correction(StrEnum):
    """What the look at Asterisk and the database put right (ivr/reconcile.py)."""

    CALL_ADOPTED = "call_adopted"
    CALL_ENDED = "call_ended"
    CALLER_FETCHED = "caller_fetched"
    HEARING_ENDED = "hearing_ended"
    JOIN_ORDERED_AGAIN = "join_ordered_again"
    LISTENER_JOINED = "listener_joined"
    LISTENER_LEFT = "listener_left"
    OFFER_ENDED = "offer_ended"
    RING_SILENCED = "ring_silenced"
    TALK_ENDED = "talk_ended"
    TELLING_ENDED = "telling_ended"


Kind = OfferEnd | Seat | Post | TellingEnd | Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Every attribute that a span can have: none for a word, a name, an id, or what a call is about.

    ``heard``: the machine may hear this conversation. ``staff_called``: of key 0, whether it was meant.
    """

    heard: bool | None = None
    staff_called: bool | None = None
    ring: OfferEnd | None = None
    seat: Seat | None = None
    post: Post | None = None
    telling: TellingEnd | None = None
    step: int | None = None
    round: int | None = None
    correction: Correction | None = None
    calls: int | None = None

    def attributes(self) -> dict[str, str | bool | int]:
        """What is neither one of these kinds nor a small number is left out, whatever mypy was told."""
        said = ((field.name, _said(getattr(self, field.name))) for field in fields(self))
        return {name: value for name, value in said if value is not None}


def _said(value: object) -> str | bool | int | None:
    match value:
        case bool():
            return value
        case int():
            return max(0, min(value, _GREATEST))
        case OfferEnd() | Seat() | Post() | TellingEnd() | Correction() if isinstance(value, Enum):
            return str(value.value)
        case _:
            return None


NOTHING = Facts()


class Span(Protocol):
    """A piece of work that takes time, with what began in it. It is told no id: whoever holds it knows whose it is."""

    def begin(self, step: Step, facts: Facts = NOTHING) -> "Span": ...

    def end(self, facts: Facts = NOTHING) -> None:
        """And whatever began in it and goes on. Once: later ends change nothing."""


class Untraced:
    """A site that names no collector."""

    def begin(self, step: Step, facts: Facts = NOTHING) -> Span:
        del step, facts
        return self

    def end(self, facts: Facts = NOTHING) -> None:
        pass


UNTRACED = Untraced()


def moment(spans: Span, step: Step, facts: Facts = NOTHING) -> None:
    """What takes no time."""
    spans.begin(step, facts).end()
