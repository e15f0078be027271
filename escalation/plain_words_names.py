"""How a profile's page calls people, posts, causes, facts and lengths of time."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.dangers import Danger
from models.phrases import Phrase, Said, counted, joined, marked, phrase
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

    def say(self, sentence: str, **facts: Said) -> Phrase:
        return phrase(self.put_into(sentence), **facts)

    def put_into(self, sentence: str) -> str:
        """Other languages conjugate otherwise: with each caller, a sentence is another message."""
        words = {"them": self.them, "their": self.their, "are": self.are, "s": self.s, "es": self.es}
        return sentence.format(they=self.they, They=self.they.capitalize(), **words)


YOU = Caller(they="you", them="you", their="your", are="are", s="", es="")
THE_CALLER = Caller(they="the caller", them="the caller", their="the caller's", are="is", s="s", es="es")

POSTS: Mapping[Post, Phrase] = {
    Post.CONTROL_ROOM: phrase("the control room"),
    Post.HEALTHCARE: phrase("healthcare"),
    Post.ORDERLY_OFFICER: phrase("the orderly officer"),
    Post.DUTY_OFFICE: phrase("the duty office"),
    Post.SAFEGUARDING: phrase("the safeguarding lead"),
    Post.SCHEME_LEADER: phrase("the leader of the scheme who is on call"),
    Post.COORDINATOR: phrase("the coordinator"),
    Post.TECHNICIAN: phrase("the technician"),
}
# As the page speaks of several causes in one sentence.
CAUSES: Mapping[Cause, Phrase] = {
    Cause.CALLER_ASKED: phrase("a call for staff"),
    Cause.CALLER_AGREED: phrase("help that was agreed to"),
    Cause.DANGER_NOW: phrase("a life in danger"),
    Cause.REFUSES: phrase("a life in danger and a no"),
    Cause.PERSON_AT_RISK: phrase("somebody who is being harmed"),
    Cause.THREAT_TO_ANOTHER: phrase("a threat to somebody else"),
    Cause.OTHER_IN_CELL: phrase("somebody else in the cell in danger"),
    Cause.EXCEPTION_RULE: phrase("danger that the computer heard"),
    Cause.LINE_LOST: phrase("a Listener who was cut off"),
    Cause.VISIT_ASKED: phrase("a visit that was asked for"),
    Cause.LINE_BROKEN: phrase("a fault of the line"),
    Cause.DRILL: phrase("a drill"),
}
DANGERS: Mapping[Danger, Phrase] = {
    Danger.SUICIDE_INTENT: phrase("somebody meaning to die"),
    Danger.SUICIDE_PLAN: phrase("a plan to die"),
    Danger.ATTEMPT: phrase("an attempt to die"),
    Danger.SELF_HARM: phrase("self-harm"),
    Danger.OVERDOSE: phrase("an overdose"),
    Danger.MEDICAL: phrase("a medical emergency"),
    Danger.CHILD_AT_RISK: phrase("a child at risk"),
    Danger.UNDER_THREAT: phrase("somebody under threat"),
    Danger.OTHER_IN_DANGER: phrase("somebody else in danger"),
    Danger.HARM_OTHERS: phrase("serious harm to others"),
}
FACTS: Mapping[Fact, Phrase] = {
    Fact.LOCATION: phrase("which cell"),
    Fact.PRISON_NUMBER: phrase("the prison number"),
    Fact.PREFERRED_NAME: phrase("the name that the person likes to be called by"),
    Fact.CONDITION: phrase("whether the person is awake and breathes"),
}
CONDITIONS: Mapping[Condition, Phrase] = {
    Condition.AWAKE: phrase("who is awake"),
    Condition.BREATHING: phrase("who is not awake, and breathes"),
    Condition.NOT_BREATHING: phrase("who does not breathe"),
}
CODES: Mapping[EmergencyCode, Phrase] = {
    EmergencyCode.BLUE: phrase("code blue"),
    EmergencyCode.RED: phrase("code red"),
    EmergencyCode.ONE: phrase("code one"),
}

_IN_A_ROW = marked("%(one)s %(next)s")


def sentences(*some: Phrase) -> Said:
    """One after the other, as one point of a page."""
    return joined(some, _IN_A_ROW)


def long(seconds: int) -> Said:
    """``3725`` is 1 hour 2 minutes 5 seconds."""
    whole, left = divmod(seconds, 60)
    hours, rest = divmod(whole, 60)
    parts = [
        *((counted("%(count)s hour", "%(count)s hours", hours),) if hours else ()),
        *((minutes(rest),) if rest else ()),
        *((counted("%(count)s second", "%(count)s seconds", left),) if left or not seconds else ()),
    ]
    return joined(parts, _IN_A_ROW)


def minutes(count: int) -> Phrase:
    return counted("%(count)s minute", "%(count)s minutes", count)
