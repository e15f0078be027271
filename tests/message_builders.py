"""Messages and contacts with defaults, so that a test says only what matters to it."""

from builders import NOON

from escalation.contacts import Contact, Way
from escalation.messages import Message, MessageId, News
from models.dangers import Danger
from models.words import Cause, EscalationId, Post


def a_contact(
    name: str = "duty", way: Way = Way.WEBHOOK, address: str = "http://localhost/", **changes: object
) -> Contact:
    chosen: dict[str, object] = {
        "name": name,
        "post": Post.HEALTHCARE,
        "way": way,
        "address": address,
        "tells_location": False,
    }
    return Contact(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes


def a_message(contact: Contact, **changes: object) -> Message:
    chosen: dict[str, object] = {
        "id": MessageId("msg-1"),
        "escalation": EscalationId("esc-1"),
        "contact": contact,
        "news": News.TOLD,
        "cause": Cause.DANGER_NOW,
        "danger": Danger.OVERDOSE,
        "location": None,
        "raised_at": NOON,
        "step": 0,
        "round": 0,
        "made_at": NOON,
        "tries": 1,
    }
    return Message(**chosen | changes)  # type: ignore[arg-type]  # a test changes what it likes
