"""How a profile's page calls people, posts, causes, facts and lengths of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.dangers import Danger
from models.words import Cause, Condition, EmergencyCode, Fact, Post


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller as a page addresses them: "you press 0", or "the caller presses 0"."""

    they: str
    them: str
    their: str
    are: str
    s: str
    es: str

    def say(self, sentence: str) -> str:
        """Puts the caller into a sentence, and a capital at its beginning."""
        words = {"they": self.they, "them": self.them, "their": self.their, "are": self.are, "s": self.s, "es": self.es}
        return capital(sentence.format(**words))


YOU = Caller(they="you", them="you", their="your", are="are", s="", es="")
THE_CALLER = Caller(they="the caller", them="the caller", their="the caller's", are="is", s="s", es="es")

POSTS: Mapping[Post, str] = {
    Post.CONTROL_ROOM: "the control room",
    Post.HEALTHCARE: "healthcare",
    Post.ORDERLY_OFFICER: "the orderly officer",
    Post.DUTY_OFFICE: "the duty office",
    Post.SAFEGUARDING: "the safeguarding lead",
    Post.SCHEME_LEADER: "the leader of the scheme who is on call",
    Post.COORDINATOR: "the coordinator",
    Post.TECHNICIAN: "the technician",
}
# As the page speaks of several causes in one sentence.
CAUSES: Mapping[Cause, str] = {
    Cause.CALLER_ASKED: "a call for staff",
    Cause.CALLER_AGREED: "help that was agreed to",
    Cause.DANGER_NOW: "a life in danger",
    Cause.REFUSES: "a life in danger and a no",
    Cause.PERSON_AT_RISK: "somebody who is being harmed",
    Cause.THREAT_TO_ANOTHER: "a threat to somebody else",
    Cause.OTHER_IN_CELL: "somebody else in the cell in danger",
    Cause.EXCEPTION_RULE: "danger that the computer heard",
    Cause.LINE_LOST: "a Listener who was cut off",
    Cause.VISIT_ASKED: "a visit that was asked for",
    Cause.LINE_BROKEN: "a fault of the line",
    Cause.DRILL: "a drill",
}
DANGERS: Mapping[Danger, str] = {
    Danger.SUICIDE_INTENT: "somebody meaning to die",
    Danger.SUICIDE_PLAN: "a plan to die",
    Danger.ATTEMPT: "an attempt to die",
    Danger.SELF_HARM: "self-harm",
    Danger.OVERDOSE: "an overdose",
    Danger.MEDICAL: "a medical emergency",
    Danger.CHILD_AT_RISK: "a child at risk",
    Danger.UNDER_THREAT: "somebody under threat",
    Danger.OTHER_IN_DANGER: "somebody else in danger",
    Danger.HARM_OTHERS: "serious harm to others",
}
FACTS: Mapping[Fact, str] = {
    Fact.LOCATION: "which cell",
    Fact.PRISON_NUMBER: "the prison number",
    Fact.PREFERRED_NAME: "the name that the person likes to be called by",
    Fact.CONDITION: "whether the person is awake and breathes",
}
CONDITIONS: Mapping[Condition, str] = {
    Condition.AWAKE: "who is awake",
    Condition.BREATHING: "who is not awake, and breathes",
    Condition.NOT_BREATHING: "who does not breathe",
}
CODES: Mapping[EmergencyCode, str] = {
    EmergencyCode.BLUE: "code blue",
    EmergencyCode.RED: "code red",
    EmergencyCode.ONE: "code one",
}


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def listed(names: Iterable[str], last: str = "and") -> str:
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


def posts(some: Iterable[Post], last: str = "and") -> str:
    return listed((POSTS[post] for post in some), last)


def long(seconds: int) -> str:
    """``3725`` is 1 hour 2 minutes 5 seconds."""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [_counted(hours, "hour"), _counted(minutes, "minute"), _counted(left, "second")]
    return " ".join(part for part in parts if part) or "0 seconds"


def minutes(count: int) -> str:
    return _counted(count, "minute") or "0 minutes"


def day(one: date) -> str:
    return f"{one.day} {one:%B %Y}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""
