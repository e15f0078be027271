"""How the board says what the enums mean, in the words of the prison."""

from console.board import Board, LineState, ListenerState
from escalation.disclosure import Disclosure
from listeners.warnings import Due
from models.dangers import Danger
from models.words import CallStage, Cause, Outcome, Post, TellingEnd

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
    Cause.EXCEPTION_RULE: "Life in danger: told under the rule of this prison",
    Cause.VISIT_ASKED: "Caller asked for a visit",
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
# These three say what the phones of staff say (the staff/… texts of the prompts).
AGREED = {
    Cause.CALLER_ASKED: "The person asked for staff",
    Cause.CALLER_AGREED: "The person agreed that you are told",
    Cause.DANGER_NOW: "The person was told that you know",
    Cause.EXCEPTION_RULE: "The person was told that you know",
    Cause.VISIT_ASKED: "The person asked for it",
    Cause.DRILL: "Nobody called",
}
_LIFE = "Call your emergency code, and go to the cell now. Preserve life first."
_SPEAK = "Go to the cell now, and speak to the person."
DO_FIRST = {
    Cause.CALLER_ASKED: _SPEAK,
    Cause.CALLER_AGREED: _SPEAK,
    Cause.DANGER_NOW: _LIFE,
    Cause.EXCEPTION_RULE: _LIFE,
    Cause.VISIT_ASKED: "Visit the person face to face, and tell them when you are coming.",
    Cause.DRILL: "Acknowledge as if it were real. Do not call a code.",
}
POSTS = {
    Post.CONTROL_ROOM: "Control room",
    Post.HEALTHCARE: "Healthcare",
    Post.ORDERLY_OFFICER: "Orderly officer",
    Post.DUTY_OFFICE: "Duty office",
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
# By the warning that is due (listeners.warnings).
DAYS_AHEAD = {0: "Over", 7: "In 7 days", 30: "In 30 days", 60: "In 60 days"}


def who(acknowledged_by: str) -> str:
    """A phone acknowledges as its post, an account under its own name."""
    return POSTS[Post(acknowledged_by)] if acknowledged_by in set(Post) else acknowledged_by


def category(told: Disclosure) -> str:
    cause = CAUSES[told.cause]
    return f"{cause}: {DANGERS[told.danger]}" if told.danger else cause


def location(told: Disclosure) -> str:
    return told.location or "Location not known"


def people(count: int) -> str:
    return "1 Listener" if count == 1 else f"{count} Listeners"


def in_one_sentence(board: Board) -> str:
    """What a screen reader says when the board has changed."""
    free = next(group.count for group in board.listeners if group.state is ListenerState.FREE)
    return (
        f"{LINE[board.statement.line]}. {len(board.waiting)} waiting, {len(board.talking)} talking, "
        f"{people(free)} free, {board.escalations.count} open escalations."
    )
