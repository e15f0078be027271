"""How the board says what the enums mean, in the words of the prison."""

from console.alarm_wording import faults
from console.board import Board, BoardGap, LineState, ListenerState
from console.language import Words, _, marked, n_, said
from console.ports import HearingNow
from console.wall_clock import HOURS, LEFT, MINUTES, OVER_FOR, SECONDS, WallClock
from escalation.acct import Duty
from escalation.case import Case
from escalation.disclosure import Disclosure
from ivr.listening_switch import From
from listeners.warnings import Ahead, Due
from models.dangers import Danger
from models.words import CallStage, Cause, Condition, EmergencyCode, Outcome, Post, TellingEnd

LINE = Words(
    {
        LineState.WORKING: "The line is working",
        LineState.NOBODY_FREE: "The line is working. No Listener is free",
        LineState.NOBODY_ON_DUTY: "No Listener is on duty",
        LineState.NO_TELEPHONES: "The telephones are not answering Wingline",
    }
)
WHAT_IT_MEANS = Words(
    {
        LineState.WORKING: "Callers reach a Listener.",
        LineState.NOBODY_FREE: "Callers wait for a Listener, then go to the outside helpline and the duty office.",
        LineState.NOBODY_ON_DUTY: "Callers go to the outside helpline and the duty office.",
        LineState.NO_TELEPHONES: "Callers may get no answer. Test it from a wing phone, and report the fault.",
    }
)
TURNED_OFF_BY = Words({From.SCHEME: "by the scheme", From.COMMAND_LINE: "at the command line of the line"})
STAGES = Words(
    {
        CallStage.NOTICE: "Hearing the notice",
        CallStage.WAITING: "Waiting for a Listener",
        CallStage.GROUNDING: "Nobody reached, calming recording",
        CallStage.TALKING: "With a Listener",
        CallStage.OUTSIDE: "With the outside helpline",
        CallStage.DUTY_OFFICE: "With the duty office",
        CallStage.ENDED: "Ended",
    }
)
LISTENERS = Words(
    {
        ListenerState.FREE: "Free",
        ListenerState.RINGING: "Ringing",
        ListenerState.TALKING: "Talking",
        ListenerState.RESTING: "Resting",
        ListenerState.OFF_DUTY: "Off duty",
    }
)
CAUSES = Words(
    {
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
)
DANGERS = Words(
    {
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
)
_WAS_TOLD = marked("The person was told that you know")
# These three say what the phones of staff say (the staff/… texts of the prompts).
AGREED = Words(
    {
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
)
_LIFE = marked("Call your emergency code, and go to the cell now. Preserve life first.")
_SPEAK = marked("Go to the cell now, and speak to the person.")
DO_FIRST = Words(
    {
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
)
POSTS = Words(
    {
        Post.CONTROL_ROOM: "Control room",
        Post.HEALTHCARE: "Healthcare",
        Post.ORDERLY_OFFICER: "Orderly officer",
        Post.DUTY_OFFICE: "Duty office",
        Post.SAFEGUARDING: "Safeguarding lead",
        Post.SCHEME_LEADER: "Samaritans leader",
        Post.COORDINATOR: "Coordinator",
        Post.TECHNICIAN: "Technician",
    }
)
CONDITIONS = Words(
    {
        Condition.AWAKE: "Awake",
        Condition.BREATHING: "Not awake, but breathing",
        Condition.NOT_BREATHING: "Not breathing",
    }
)
CODES = Words({EmergencyCode.BLUE: "Code blue", EmergencyCode.RED: "Code red", EmergencyCode.ONE: "Code one"})
ACCT = Words(
    {
        Duty.ACTION_PLAN: "Immediate action plan",
        Duty.ASSESSMENT: "Assessment interview",
        Duty.FIRST_REVIEW: "First case review",
    }
)
TELLINGS = Words(
    {
        None: "ringing",
        TellingEnd.ACKNOWLEDGED: "acknowledged",
        TellingEnd.CANNOT_GO: "cannot go",
        TellingEnd.NOT_CONFIRMED: "answered, did not confirm",
        TellingEnd.NO_ANSWER: "no answer",
        TellingEnd.UNREACHABLE: "phone not reachable",
        TellingEnd.NOT_NEEDED: "no longer needed",
    }
)
OUTCOMES = Words(
    {
        Outcome.SAFE_NOW: "Safe now, no further help needed",
        Outcome.HEALTHCARE_ATTENDED: "Healthcare attended",
        Outcome.EMERGENCY_SERVICES: "Emergency services called",
        Outcome.ACCT_CONSIDERED: "ACCT considered",
        Outcome.FALSE_ALARM: "False alarm",
    }
)
LISTENERS_ON_WALL = Words(
    {
        ListenerState.FREE: "Listeners free",
        ListenerState.RINGING: "Listeners ringing",
        ListenerState.TALKING: "Listeners talking",
        ListenerState.RESTING: "Listeners resting",
        ListenerState.OFF_DUTY: "Listeners off duty",
    }
)
ENDS = Words(
    {Due.CERTIFICATE: "certificate", Due.TRAINING: "recurring training", Due.REACCREDITATION: "re-accreditation"}
)
# Where no place is shown. A person at risk is for the safeguarding lead, never for a wing (domain.md 6, E4).
_PLACELESS = Words({Cause.PERSON_AT_RISK: "The place is told by phone alone", Cause.LINE_BROKEN: "The line itself"})
# By the warning that is due (listeners.warnings).
DAYS_AHEAD = Words({0: "Over", 7: "In 7 days", 30: "In 30 days", 60: "In 60 days"})


def who(acknowledged_by: str) -> str:
    """A phone acknowledges as its post, an account under its own name."""
    return POSTS[Post(acknowledged_by)] if acknowledged_by in set(Post) else acknowledged_by


def category(told: Disclosure) -> str:
    cause = faults(told) or CAUSES[told.cause]
    return f"{cause}: {DANGERS[told.danger]}" if told.danger else cause


def location(told: Disclosure) -> str:
    if told.cause in _PLACELESS:
        return _PLACELESS[told.cause]
    return told.location or _("Location not known")


def person(told: Disclosure) -> str:
    """As far as the profile lets it be told; empty otherwise."""
    return ", ".join(said for said in (told.prison_number, told.preferred_name) if said)


def profile(told: Disclosure) -> str:
    """Which rules it was told under; number 0 is one that nobody has signed here."""
    name, _space, number = (told.profile or "").rpartition(" ")
    if number == "0":
        return _("%(name)s, not signed here", name=name)
    return _("%(name)s, version %(number)s", name=name, number=number)


def on_line(told: Disclosure) -> str:
    return _("Still on the line") if told.on_line else _("Not on the line")


def listening(hearing: HearingNow, time: WallClock) -> str:
    """Whether the machine listens, and since when."""
    if hearing.since is None:
        return _("Listening") if hearing.listening else _("Not listening")
    since = time.at(hearing.since)
    return (
        _("Listening since %(time)s", time=since)
        if hearing.listening
        else _("Not listening since %(time)s", time=since)
    )


def to_acknowledge(case: Case) -> tuple[Post, ...]:
    """As which post somebody can still acknowledge; none when anybody is enough, or nobody more is wanted."""
    return tuple(dict.fromkeys(post for group in case.wanting for post in group))


def wanted(case: Case) -> str:
    """Who still has to acknowledge: one of each group."""
    return _(", and ").join(_(" or ").join(POSTS[post] for post in group) for group in case.wanting)


def what_follows(case: Case, at: str) -> str:
    """What happens at the time at which the escalation is due."""
    if case.spoken_at is not None:
        return _("At %(time)s whoever was told is reminded to close it", time=at)
    if not case.complete:
        return _("At %(time)s more phones ring", time=at)
    if case.at_door_at:
        return _("At %(time)s phones ring again unless somebody has spoken to the person", time=at)
    return _("At %(time)s phones ring again unless somebody is at the door", time=at)


def going(case: Case) -> str:
    """Who has acknowledged."""
    names = [POSTS[post] for post in case.posts]
    by = who(case.acknowledged_by) if case.acknowledged_by else ""
    return ", ".join(dict.fromkeys((by, *names) if by else names))


def when(gap: BoardGap, time: WallClock) -> str:
    """From when until when too few are on duty."""
    if gap.starts_at is None:
        return _("From now to %(end)s", end=time.at(gap.ends_at)) if gap.ends_at else _("From now on")
    start = time.at(gap.starts_at)
    if gap.ends_at is None:
        return _("From %(start)s on", start=start)
    return _("From %(start)s to %(end)s", start=start, end=time.at(gap.ends_at))


def ending(ahead: Ahead, time: WallClock) -> str:
    """What of a Listener ends, and when."""
    what, last = ENDS[ahead.due], time.last_day(ahead.at)
    if ahead.days:
        return _("%(what)s, last day %(day)s", what=what, day=last)
    return _("%(what)s, last day was %(day)s", what=what, day=last)


def in_one_sentence(board: Board) -> str:
    """What a screen reader says when the board has changed."""
    free = next(group.count for group in board.listeners if group.state is ListenerState.FREE)
    return _(
        "%(line)s. %(waiting)s waiting, %(talking)s talking, %(free)s free, %(open)s open escalations.",
        line=LINE[board.statement.line],
        waiting=len(board.waiting),
        talking=len(board.talking),
        free=n_("%(count)s Listener", "%(count)s Listeners", free),
        open=board.escalations.count,
    )


def for_script() -> dict[str, str]:
    """What board.js says by itself; its places are named as ours are."""
    return {
        "overFor": said(OVER_FOR),
        "left": said(LEFT),
        "hours": said(HOURS),
        "minutes": said(MINUTES),
        "seconds": said(SECONDS),
        "alarm": said(marked("New escalation. %(where)s")),
        "title": said(marked("(%(count)s) Escalation \N{EN DASH} Wingline")),
    }
