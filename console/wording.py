"""How the board says what the enums mean, in the words of the prison."""

from console.board import Board, LineState, ListenerState
from escalation.acct import Duty
from escalation.case import Case
from escalation.disclosure import Disclosure
from ivr.listening_switch import From
from listeners.warnings import Due
from models.dangers import Danger
from models.words import CallStage, Cause, Condition, EmergencyCode, Outcome, Post, TellingEnd

LINE = {
    LineState.WORKING: "The line is working",
    LineState.NOBODY_FREE: "The line is working. No Listener is free",
    LineState.NOBODY_ON_DUTY: "No Listener is on duty",
    LineState.NO_TELEPHONES: "The telephones are not answering Wingline",
}
WHAT_IT_MEANS = {
    LineState.WORKING: "Callers reach a Listener.",
    LineState.NOBODY_FREE: "Callers wait for a Listener, then go to the outside helpline and the duty office.",
    LineState.NOBODY_ON_DUTY: "Callers go to the outside helpline and the duty office.",
    LineState.NO_TELEPHONES: "Callers may get no answer. Test it from a wing phone, and report the fault.",
}
TURNED_OFF_BY = {From.SCHEME: "by the scheme", From.COMMAND_LINE: "at the command line of the line"}
STAGES = {
    CallStage.NOTICE: "Hearing the notice",
    CallStage.WAITING: "Waiting for a Listener",
    CallStage.GROUNDING: "Nobody reached, calming recording",
    CallStage.TALKING: "With a Listener",
    CallStage.OUTSIDE: "With the outside helpline",
    CallStage.DUTY_OFFICE: "With the duty office",
    CallStage.ENDED: "Ended",
}
LISTENERS = {
    ListenerState.FREE: "Free",
    ListenerState.RINGING: "Ringing",
    ListenerState.TALKING: "Talking",
    ListenerState.RESTING: "Resting",
    ListenerState.OFF_DUTY: "Off duty",
}
CAUSES = {
    Cause.CALLER_ASKED: "Caller asked for staff",
    Cause.CALLER_AGREED: "Caller agreed to staff help",
    Cause.DANGER_NOW: "Danger to life now",
    Cause.REFUSES: "Danger to life now",
    Cause.EXCEPTION_RULE: "Life in danger: told under the rule of this prison",
    Cause.OTHER_IN_CELL: "Danger to life now: somebody else in the cell",
    Cause.PERSON_AT_RISK: "A child, or an adult at risk, is being harmed",
    Cause.THREAT_TO_ANOTHER: "Somebody who can be named may be seriously harmed",
    Cause.LINE_LOST: "A Listener was cut off while saying that there is danger",
    Cause.VISIT_ASKED: "Caller asked for a visit",
    Cause.LINE_BROKEN: "The Listener line called itself, and did not get through",
    Cause.DRILL: "Drill. Nobody is in danger",
}
DANGERS = {
    Danger.SUICIDE_INTENT: "risk of suicide",
    Danger.SUICIDE_PLAN: "risk of suicide, with a plan or a means",
    Danger.ATTEMPT: "a suicide attempt in progress",
    Danger.SELF_HARM: "self-harm",
    Danger.OVERDOSE: "an overdose",
    Danger.MEDICAL: "a medical emergency",
    Danger.CHILD_AT_RISK: "a child is at risk",
    Danger.UNDER_THREAT: "the person is under threat",
    Danger.OTHER_IN_DANGER: "somebody else is in danger",
    Danger.HARM_OTHERS: "somebody else may be seriously harmed",
}
_WAS_TOLD = "The person was told that you know"
# These three say what the phones of staff say (the staff/… texts of the prompts).
AGREED = {
    Cause.CALLER_ASKED: "The person asked for staff",
    Cause.CALLER_AGREED: "The person agreed that you are told",
    Cause.DANGER_NOW: _WAS_TOLD,
    Cause.REFUSES: "The person said no to help, and was told that you know",
    Cause.EXCEPTION_RULE: _WAS_TOLD,
    Cause.OTHER_IN_CELL: _WAS_TOLD,
    Cause.PERSON_AT_RISK: _WAS_TOLD,
    Cause.THREAT_TO_ANOTHER: _WAS_TOLD,
    Cause.LINE_LOST: "Nothing was agreed",
    Cause.VISIT_ASKED: "The person asked for it",
    Cause.LINE_BROKEN: "Nobody called",
    Cause.DRILL: "Nobody called",
}
_LIFE = "Call your emergency code, and go to the cell now. Preserve life first."
_SPEAK = "Go to the cell now, and speak to the person."
DO_FIRST = {
    Cause.CALLER_ASKED: _SPEAK,
    Cause.CALLER_AGREED: _SPEAK,
    Cause.DANGER_NOW: _LIFE,
    Cause.REFUSES: _LIFE,
    Cause.EXCEPTION_RULE: _LIFE,
    Cause.OTHER_IN_CELL: _LIFE,
    Cause.PERSON_AT_RISK: "Treat this as a safeguarding concern, and speak to the person in private.",
    Cause.THREAT_TO_ANOTHER: _SPEAK,
    Cause.LINE_LOST: _SPEAK,
    Cause.LINE_BROKEN: "Callers may not get through. Look at the Listener line now.",
    Cause.VISIT_ASKED: "Visit the person face to face, and tell them when you are coming.",
    Cause.DRILL: "Acknowledge as if it were real. Do not call a code.",
}
POSTS = {
    Post.CONTROL_ROOM: "Control room",
    Post.HEALTHCARE: "Healthcare",
    Post.ORDERLY_OFFICER: "Orderly officer",
    Post.DUTY_OFFICE: "Duty office",
    Post.SAFEGUARDING: "Safeguarding lead",
    Post.SCHEME_LEADER: "Samaritans leader",
    Post.COORDINATOR: "Coordinator",
    Post.TECHNICIAN: "Technician",
}
CONDITIONS = {
    Condition.AWAKE: "Awake",
    Condition.BREATHING: "Not awake, but breathing",
    Condition.NOT_BREATHING: "Not breathing",
}
CODES = {EmergencyCode.BLUE: "Code blue", EmergencyCode.RED: "Code red", EmergencyCode.ONE: "Code one"}
ACCT = {
    Duty.ACTION_PLAN: "Immediate action plan",
    Duty.ASSESSMENT: "Assessment interview",
    Duty.FIRST_REVIEW: "First case review",
}
TELLINGS = {
    None: "ringing",
    TellingEnd.ACKNOWLEDGED: "acknowledged",
    TellingEnd.CANNOT_GO: "cannot go",
    TellingEnd.NOT_CONFIRMED: "answered, did not confirm",
    TellingEnd.NO_ANSWER: "no answer",
    TellingEnd.UNREACHABLE: "phone not reachable",
    TellingEnd.NOT_NEEDED: "no longer needed",
}
OUTCOMES = {
    Outcome.SAFE_NOW: "Safe now, no further help needed",
    Outcome.HEALTHCARE_ATTENDED: "Healthcare attended",
    Outcome.EMERGENCY_SERVICES: "Emergency services called",
    Outcome.ACCT_CONSIDERED: "ACCT considered",
    Outcome.FALSE_ALARM: "False alarm",
}
ENDS = {
    Due.CERTIFICATE: "certificate",
    Due.TRAINING: "recurring training",
    Due.REACCREDITATION: "re-accreditation",
}
# Where no place is shown. A person at risk is for the safeguarding lead, never for a wing (domain.md 6, E4).
_PLACELESS = {
    Cause.PERSON_AT_RISK: "The place is told by phone alone",
    Cause.LINE_BROKEN: "The line itself",
}
# By the warning that is due (listeners.warnings).
DAYS_AHEAD = {0: "Over", 7: "In 7 days", 30: "In 30 days", 60: "In 60 days"}


def who(acknowledged_by: str) -> str:
    """A phone acknowledges as its post, an account under its own name."""
    return POSTS[Post(acknowledged_by)] if acknowledged_by in set(Post) else acknowledged_by


def category(told: Disclosure) -> str:
    cause = CAUSES[told.cause]
    return f"{cause}: {DANGERS[told.danger]}" if told.danger else cause


def location(told: Disclosure) -> str:
    if told.cause in _PLACELESS:
        return _PLACELESS[told.cause]
    return told.location or "Location not known"


def person(told: Disclosure) -> str:
    """As far as the profile lets it be told; empty otherwise."""
    return ", ".join(said for said in (told.prison_number, told.preferred_name) if said)


def profile(told: Disclosure) -> str:
    """Which rules it was told under; number 0 is one that nobody has signed here."""
    name, _, number = (told.profile or "").rpartition(" ")
    return f"{name}, {'not signed here' if number == '0' else f'version {number}'}"


def on_line(told: Disclosure) -> str:
    return "Still on the line" if told.on_line else "Not on the line"


def to_acknowledge(case: Case) -> tuple[Post, ...]:
    """As which post somebody can still acknowledge; none when anybody is enough, or nobody more is wanted."""
    return tuple(dict.fromkeys(post for group in case.wanting for post in group))


def wanted(case: Case) -> str:
    """Who still has to acknowledge: one of each group."""
    return ", and ".join(" or ".join(POSTS[post] for post in group) for group in case.wanting)


def what_follows(case: Case) -> str:
    """What happens at the time at which the escalation is due."""
    if case.spoken_at is not None:
        return "whoever was told is reminded to close it"
    if case.complete:
        return (
            f"phones ring again unless somebody {'has spoken to the person' if case.at_door_at else 'is at the door'}"
        )
    return "more phones ring"


def going(case: Case) -> str:
    """Who has acknowledged."""
    names = [POSTS[post] for post in case.posts]
    by = who(case.acknowledged_by) if case.acknowledged_by else ""
    return ", ".join(dict.fromkeys((by, *names) if by else names))


def people(count: int) -> str:
    return "1 Listener" if count == 1 else f"{count} Listeners"


def in_one_sentence(board: Board) -> str:
    """What a screen reader says when the board has changed."""
    free = next(group.count for group in board.listeners if group.state is ListenerState.FREE)
    return (
        f"{LINE[board.statement.line]}. {len(board.waiting)} waiting, {len(board.talking)} talking, "
        f"{people(free)} free, {board.escalations.count} open escalations."
    )
