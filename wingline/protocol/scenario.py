"""A scenario: who picks up when, and what happens in the call (docs/protocol-scenario.md)."""

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from escalation import triage
from escalation.case import Acknowledged, AtDoor, ByStaff, Closed, HandedOver, Spoken
from escalation.contacts import Way
from models.dangers import Danger
from models.errors import AskersFault
from models.words import Cause, Condition, Outcome, Post

Seconds = Annotated[float, Field(ge=0, le=7 * 86400)]
Name = Annotated[str, Field(pattern="^[a-z0-9-]{1,20}$")]


class BadScenario(AskersFault):
    def __init__(self, file: str, complaint: str) -> None:
        super().__init__(f"scenario {file}: {complaint}")


class Does(StrEnum):
    """What can happen. The first are of the call, then staff, then the world."""

    CALLER_ASKED = "caller_asked"
    CALLER_AGREED = "caller_agreed"
    DANGER_NOW = "danger_now"
    REFUSES = "refuses"
    OTHER_IN_CELL = "other_in_cell"
    PERSON_AT_RISK = "person_at_risk"
    THREAT_TO_ANOTHER = "threat_to_another"
    LISTENER_LOST = "listener_lost"
    FLAGGED = "flagged"
    VISIT_ASKED = "visit_asked"
    CONDITION = "condition"
    HANGS_UP = "hangs_up"
    DRILL = "drill"
    ACKNOWLEDGE = "acknowledge"
    AT_DOOR = "at_door"
    SPOKEN = "spoken"
    NOT_SPOKEN = "not_spoken"
    HAND_OVER = "hand_over"
    CLOSE = "close"
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    LINE_DIES = "line_dies"
    LINE_BACK = "line_back"


_NAMED_BY_LISTENER = {
    Does.DANGER_NOW: Cause.DANGER_NOW,
    Does.REFUSES: Cause.REFUSES,
    Does.OTHER_IN_CELL: Cause.OTHER_IN_CELL,
    Does.PERSON_AT_RISK: Cause.PERSON_AT_RISK,
    Does.THREAT_TO_ANOTHER: Cause.THREAT_TO_ANOTHER,
}
_OF_A_CALL: Mapping[Does, triage.Happening] = {
    Does.CALLER_ASKED: triage.CallerAsked(),
    Does.CALLER_AGREED: triage.CallerAgreed(),
    Does.LISTENER_LOST: triage.ListenerLost(),
    Does.VISIT_ASKED: triage.VisitAsked(),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Part):
    """What happens to one ring: the key that is pressed so many seconds after it began."""

    after: Seconds
    key: Literal["1", "3", "none"]


class PhonePart(_Part):
    post: Post
    name: Name | None = None
    reachable: bool = True
    # One for each ring, in order; further rings are answered like the last. Empty: nobody picks up.
    answers: tuple[Answer, ...] = ()

    @property
    def id(self) -> str:
        return self.name or self.post.value.replace("_", "-")


class ContactPart(_Part):
    name: Name
    post: Post
    way: Way
    tells_location: bool


class CallerPart(_Part):
    """Who is behind the door, for the simulation alone."""

    location: str = "B-2-014"
    prison_number: str | None = None
    preferred_name: str | None = None


class EventPart(_Part):
    at: Seconds
    does: Does
    call: Name = "one"
    by: Name = "officer"
    post: Post | None = None
    danger: Danger | None = None
    condition: Condition | None = None
    outcome: Outcome | None = None
    phone: Name | None = None

    @model_validator(mode="after")
    def _complete(self) -> "EventPart":
        needs = {
            Does.FLAGGED: self.danger,
            Does.CONDITION: self.condition,
            Does.CLOSE: self.outcome,
            Does.REACHABLE: self.phone,
            Does.UNREACHABLE: self.phone,
        }
        if self.does in needs and needs[self.does] is None:
            lacking = {Does.FLAGGED: "danger", Does.CONDITION: "condition", Does.CLOSE: "outcome"}
            message = f"{self.does} needs {lacking.get(self.does, 'phone')}"
            raise ValueError(message)
        return self

    @property
    def happening(self) -> triage.Happening | None:
        """What the call's triage is asked; None when it is not of a call."""
        if self.does in _NAMED_BY_LISTENER:
            return triage.DangerNow(_NAMED_BY_LISTENER[self.does], self.danger)
        if self.does is Does.FLAGGED and self.danger:
            return triage.Flagged(self.danger)
        return _OF_A_CALL.get(self.does)

    @property
    def staff(self) -> ByStaff | Closed | None:
        """What somebody does who has been told."""
        match self.does:
            case Does.ACKNOWLEDGE:
                return Acknowledged(self.by, self.post)
            case Does.AT_DOOR:
                return AtDoor(self.by, self.post)
            case Does.SPOKEN:
                return Spoken(self.by)
            case Does.HAND_OVER:
                return HandedOver(self.by)
            case Does.NOT_SPOKEN | Does.CLOSE:
                return Closed(self.by, self.does is Does.CLOSE, self.outcome)
            case _:
                return None


class Scenario(_Part):
    starts: datetime = datetime(2026, 3, 10, 3, tzinfo=UTC)
    # Seconds after which the simulation ends, whatever is still open.
    until: Seconds = 3600
    choices: dict[str, Any] = {}
    # Without any, each post has one phone and nobody picks up.
    phones: tuple[PhonePart, ...] = tuple(PhonePart(post=post) for post in Post)
    contacts: tuple[ContactPart, ...] = ()
    callers: dict[Name, CallerPart] = {"one": CallerPart()}
    events: Annotated[tuple[EventPart, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _joined(self) -> "Scenario":
        phones = [phone.id for phone in self.phones]
        problems = [
            f"phones: {name} is named twice" for name in sorted({one for one in phones if phones.count(one) > 1})
        ]
        for place, event in enumerate(self.events):
            if event.call not in self.callers:
                problems.append(f"events.{place}.call: there is no [callers.{event.call}]")
            if event.phone is not None and event.phone not in phones:
                problems.append(f"events.{place}.phone: there is no phone called {event.phone}")
        if self.starts.tzinfo is None:
            problems.append("starts: write a zone, like 2026-03-10T03:00:00Z")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def read_scenario(file: Path) -> Scenario:
    """From TOML, or from JSON by its name. BadScenario says what to change."""
    try:
        text = file.read_text("utf-8")
        written = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
        return Scenario.model_validate(written)
    except OSError as error:
        raise BadScenario(str(file), "it cannot be read; is the path right?") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadScenario(file.name, f"this is neither TOML nor JSON: {error}") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(str(at) for at in one['loc'])}: {one['msg']}" for one in error.errors())
        raise BadScenario(file.name, "change this:\n" + "\n".join(wrong)) from error
