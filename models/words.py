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
# One process of the line; several may work on one database.
NodeId = NewType("NodeId", str)
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
    # The safeguarding lead of the prison: never an officer of the caller's wing (domain.md 6, E4).
    SAFEGUARDING = "safeguarding"
    # The Samaritan who is on call for Listeners, and decides where a profile leaves it to them.
    SCHEME_LEADER = "scheme_leader"
    # Told when the line itself is broken.
    COORDINATOR = "coordinator"
    TECHNICIAN = "technician"


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


class StandingReason(StrEnum):
    """Why a Listener's standing changed; a fixed list, so that nobody can write what a person did."""

    APPLIED = "applied"
    SECURITY_CLEARED = "security_cleared"
    TRAINING_BEGUN = "training_begun"
    TRAINING_DONE = "training_done"
    ACCREDITED = "accredited"
    ACCREDITED_AGAIN = "accredited_again"
    OWN_WISH = "own_wish"
    WELFARE = "welfare"
    UNDER_REVIEW = "under_review"
    REVIEW_ENDED = "review_ended"
    CERTIFICATE_ENDED = "certificate_ended"
    TRAINING_OVERDUE = "training_overdue"
    TRANSFERRED = "transferred"
    RELEASED = "released"


# Trainings that have to be done again (listeners.journey.Module); the others count for good.
RECURRING_MODULES = ("refresher", "reaccreditation")


class MovementKind(StrEnum):
    """What moves a Listener; RETURNED ends what took them away."""

    TRANSFER = "transfer"
    RELEASE = "release"
    COURT = "court"
    HOSPITAL = "hospital"
    SEGREGATION = "segregation"
    CONSTANT_WATCH = "constant_watch"
    CELL_MOVE = "cell_move"
    RETURNED = "returned"


class Restriction(StrEnum):
    """How far two people are kept apart, in HMPPS's own words (domain.md 1.8): each includes those before it."""

    CELL = "CELL"
    LANDING = "LANDING"
    WING = "WING"


class AbsenceKind(StrEnum):
    LEAVE = "leave"
    WORK = "work"
    WORSHIP = "worship"
    APPOINTMENT = "appointment"


class WishKind(StrEnum):
    """NEVER is a rule; the others are weighed."""

    NEVER = "never"
    RATHER_NOT = "rather_not"
    LIKES = "likes"


class RotaState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class SwapEnd(StrEnum):
    """How a swap ended."""

    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"


class CoverEnd(StrEnum):
    """What became of one ring with an empty place on the rota."""

    TAKEN = "taken"
    CANNOT = "cannot"
    MISSED = "missed"
    LOST = "lost"


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
    AWAY = "away"
    OFF_DUTY = "off_duty"
    IN_CALL = "in_call"
    RINGING = "ringing"
    RESTING = "resting"
    UNREACHABLE = "unreachable"
    OTHER_LANGUAGE = "other_language"
    ALREADY_RUNG = "already_rung"
    CHANGED_BY_CALLER = "changed_by_caller"
    KEPT_APART = "kept_apart"
    HAD_ENOUGH = "had_enough"  # a cap of the day, the night or the week is reached


class Cause(StrEnum):
    """What made an escalation: the disclosure classes of domain.md 6, layer 5, and what is not about a danger."""

    CALLER_ASKED = "caller_asked"  # E1: the caller pressed 0
    CALLER_AGREED = "caller_agreed"  # E1: the Listener pressed *2
    DANGER_NOW = "danger_now"  # E2: life in danger, and the caller cannot decide
    REFUSES = "refuses"  # E3: life in danger, and the caller says no
    PERSON_AT_RISK = "person_at_risk"  # E4: a child, or an adult who cannot protect themself
    THREAT_TO_ANOTHER = "threat_to_another"  # E8: serious harm to somebody who can be identified
    OTHER_IN_CELL = "other_in_cell"  # E9: somebody beside the caller is in danger
    EXCEPTION_RULE = "exception_rule"  # the profile says so in words that the caller has heard
    LINE_LOST = "line_lost"  # the Listener was lost while a danger was being named
    VISIT_ASKED = "visit_asked"  # the caller asked for a visit when nobody could be reached
    LINE_BROKEN = "line_broken"  # the nightly call to itself failed; about nobody
    DRILL = "drill"


class Fact(StrEnum):
    """What a profile may let staff be told of a person, besides kind, time and what they agreed to."""

    LOCATION = "location"
    PRISON_NUMBER = "prison_number"
    PREFERRED_NAME = "preferred_name"
    CONDITION = "condition"


class Condition(StrEnum):
    """How the person is, as the Listener said by a key."""

    AWAKE = "awake"
    BREATHING = "breathing"  # not awake
    NOT_BREATHING = "not_breathing"


class EmergencyCode(StrEnum):
    """What a prison says on its radio (domain.md 5.3, D2); a site chooses among the codes in use."""

    BLUE = "blue"
    RED = "red"
    ONE = "one"


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
    # Not on the list of staff: whom the profile lets decide has decided that staff are not told.
    NOT_TOLD = "not_told"


STAFF_OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.NOT_TOLD)


class AccountRole(StrEnum):
    """Who somebody is who signs in to the console; console/roles.py says what each may see and do."""

    STAFF = "staff"
    COORDINATOR = "coordinator"
    GOVERNOR = "governor"
    SCHEME_PARTNER = "scheme_partner"
    MONITORING_BOARD = "monitoring_board"
    TECHNICIAN = "technician"
