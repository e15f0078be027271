"""The words of messages: fixed ones, and by default none that says who, where or what happened.

Email and apprise go through other people's servers. They carry the kind, the time, and that somebody is needed; the
place only for a contact of which the site says so. A webhook's receiver is the prison's own, and gets the facts that
the console shows. Nobody gets a name, a prison number or a word of the caller.
"""

import json
from enum import StrEnum
from zoneinfo import ZoneInfo

from escalation.messages import Message, News
from models.words import Cause


class Kind(StrEnum):
    """As much of a cause as may leave the building."""

    LIFE = "life"
    ASKED = "asked"
    VISIT = "visit"
    LINE = "line"
    DRILL = "drill"


_KINDS = {
    Cause.CALLER_ASKED: Kind.ASKED,
    Cause.CALLER_AGREED: Kind.ASKED,
    Cause.VISIT_ASKED: Kind.VISIT,
    Cause.LINE_BROKEN: Kind.LINE,
    Cause.DRILL: Kind.DRILL,
}
_WHAT_IT_IS = {
    Kind.LIFE: "Somebody is in danger.",
    Kind.ASKED: "Somebody asked for staff.",
    Kind.VISIT: "Somebody asked for a visit.",
    Kind.LINE: "The line itself does not work.",
    Kind.DRILL: "This is a drill. Nobody is in danger.",
}
_NEEDED = "somebody needs you"
_DO = "Answer the phone or open the console."
_SUBJECTS = {
    News.TOLD: _NEEDED,
    News.CAME_BACK: "somebody still needs you",
    News.NOBODY_LEFT: "somebody needs you, and no phone is answered",
    News.ACKNOWLEDGED: "somebody is going",
    News.CLOSED: "closed",
}
_TEXTS = {
    News.TOLD: f"Wingline: {_NEEDED}. {_DO}",
    News.CAME_BACK: f"Wingline: somebody still needs you. Nobody has said that they spoke to the person. {_DO}",
    News.NOBODY_LEFT: f"Wingline: {_NEEDED}, and no phone of staff is answered. {_DO}",
    News.ACKNOWLEDGED: "Wingline: somebody has said that they are going.",
    News.CLOSED: "Wingline: closed. You are not needed any more.",
}


def kind_of(cause: Cause) -> Kind:
    """What is not known to be something else is a danger to a life."""
    return _KINDS.get(cause, Kind.LIFE)


def subject(message: Message) -> str:
    drill = "Drill: " if message.cause is Cause.DRILL else ""
    return f"{drill}Wingline: {_SUBJECTS[message.news]} ({kind_of(message.cause)})"


def text(message: Message, zone: ZoneInfo) -> str:
    lines = [
        _TEXTS[message.news],
        _WHAT_IT_IS[kind_of(message.cause)],
        *([f"Where: {message.location or 'not known'}."] if message.contact.tells_location else ()),
        f"Raised at {message.raised_at.astimezone(zone):%H:%M on %Y-%m-%d}.",
    ]
    return "\n".join(lines) + "\n"


def webhook_body(message: Message) -> bytes:
    """docs/messages.md describes each key; ``location`` is left out for a contact that is not told it."""
    said = {
        "event": message.news,
        "escalation": message.escalation,
        "kind": kind_of(message.cause),
        "cause": message.cause,
        "danger": message.danger,
        **({"location": message.location} if message.contact.tells_location else {}),
        "raised_at": message.raised_at.isoformat(),
        "at": message.made_at.isoformat(),
        "step": message.step,
        "round": message.round,
        "drill": message.cause is Cause.DRILL,
    }
    return json.dumps(said, separators=(",", ":")).encode()
