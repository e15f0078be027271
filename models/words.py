"""The names and kinds that every part of Wingline shares."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

SiteId = NewType("SiteId", str)
WingId = NewType("WingId", str)
CellId = NewType("CellId", str)
# A phone's id is its SIP endpoint name. It is drawn at random, so that no channel name, log or trace says whose it is.
PhoneId = NewType("PhoneId", str)
ListenerId = NewType("ListenerId", str)
ShiftId = NewType("ShiftId", str)
CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
EscalationId = NewType("EscalationId", str)
TellingId = NewType("TellingId", str)
AccountId = NewType("AccountId", str)
# A language is the name of its prompt file: "en", "cy".
Language = NewType("Language", str)
# A prompt is the name of one spoken text, the same in every language.
Prompt = NewType("Prompt", str)

Instant = datetime


class PhoneKind(StrEnum):
    """What a phone may dial follows from its kind: one dialplan context each."""

    CELL = "cell"
    LISTENER = "listener"
    STAFF = "staff"


class Post(StrEnum):
    """A staffed place that can be told; a phone belongs to it, whoever is on duty there."""

    CONTROL_ROOM = "control_room"
    HEALTHCARE = "healthcare"
    ORDERLY_OFFICER = "orderly_officer"
    DUTY_OFFICE = "duty_office"


class Standing(StrEnum):
    """Where a Listener is on the way from applying to leaving; only CERTIFIED may take calls."""

    APPLIED = "applied"
    CLEARED = "cleared"
    TRAINING = "training"
    SHADOWING = "shadowing"
    CERTIFIED = "certified"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    LEFT = "left"


class Cover(StrEnum):
    """What a shift is for: the first to be rung, or the one behind."""

    FIRST = "first"
    BACKUP = "backup"


class Hearing(StrEnum):
    """May the machine listen: never, when the caller says yes, or unless the caller says no (domain.md 6, layer 2)."""

    OFF = "off"
    ASK = "ask"
    OPT_OUT = "opt_out"


class Counted(StrEnum):
    """What is counted of a rule."""

    PROMPTED = "prompted"
    RIGHT = "right"
    WRONG = "wrong"


class CallStage(StrEnum):
    """Where a call is, as the board shows it."""

    NOTICE = "notice"
    WAITING = "waiting"
    TALKING = "talking"
    OUTSIDE = "outside"
    DUTY_OFFICE = "duty_office"
    GROUNDING = "grounding"
    ENDED = "ended"


class Seat(StrEnum):
    """A Listener's place in a call: the one who took it, or the one who joined to help."""

    FIRST = "first"
    SECOND = "second"


class OfferEnd(StrEnum):
    """How one ring of one Listener ended."""

    TAKEN = "taken"
    LOST = "lost"
    PASSED = "passed"
    MISSED = "missed"
    OFF_DUTY = "off_duty"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"


class LeftOut(StrEnum):
    """Why a Listener is not rung for a call; nobody but the coordinator's own record learns it."""

    NOT_ON_ROTA = "not_on_rota"
    NOT_CERTIFIED = "not_certified"
    OFF_DUTY = "off_duty"
    IN_CALL = "in_call"
    RINGING = "ringing"
    RESTING = "resting"
    UNREACHABLE = "unreachable"
    OTHER_LANGUAGE = "other_language"
    ALREADY_RUNG = "already_rung"
    CHANGED_BY_CALLER = "changed_by_caller"


class Cause(StrEnum):
    """What made an escalation; the disclosure classes of domain.md 6, layer 5 that this release serves."""

    CALLER_ASKED = "caller_asked"  # the caller pressed 0
    CALLER_AGREED = "caller_agreed"  # E1: the Listener pressed *2
    DANGER_NOW = "danger_now"  # E2/E3: the Listener pressed *3
    EXCEPTION_RULE = "exception_rule"  # the profile says so in words that the caller has heard
    VISIT_ASKED = "visit_asked"  # the caller asked for a visit when nobody could be reached
    DRILL = "drill"


class TellingEnd(StrEnum):
    """How one attempt to tell one phone of staff ended; delivered means answered and key 1."""

    ACKNOWLEDGED = "acknowledged"
    CANNOT_GO = "cannot_go"
    NOT_CONFIRMED = "not_confirmed"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    NOT_NEEDED = "not_needed"


class Outcome(StrEnum):
    """The pick-list with which staff close an escalation."""

    SAFE_NOW = "safe_now"
    HEALTHCARE_ATTENDED = "healthcare_attended"
    EMERGENCY_SERVICES = "emergency_services"
    ACCT_CONSIDERED = "acct_considered"
    FALSE_ALARM = "false_alarm"


class AccountRole(StrEnum):
    """What somebody who signs in to the console may do."""

    STAFF = "staff"
    COORDINATOR = "coordinator"
