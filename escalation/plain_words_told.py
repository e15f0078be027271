"""A profile's page on telling staff: when, who in which order, what they are told, and when nobody comes."""

from collections.abc import Iterator, Sequence

from escalation.plain_words_names import (
    CAUSES,
    CODES,
    CONDITIONS,
    DANGERS,
    FACTS,
    POSTS,
    Caller,
    capital,
    listed,
    long,
    posts,
)
from escalation.profile import Deciding, Profile, Protocol, Undecided, WhenRefusing
from models.words import Cause, Condition, Fact

# About nobody in a cell, so neither callers nor Listeners meet it.
_FOR_STAFF_ALONE = frozenset({Cause.LINE_BROKEN, Cause.DRILL})
_AGAINST_THEIR_WILL = frozenset({Cause.REFUSES, Cause.THREAT_TO_ANOTHER})
_WHEN = {
    Cause.CALLER_ASKED: "when {they} press{es} 0, and do{es} not stop it with 2",
    Cause.CALLER_AGREED: "when {they} agree{s} to it with the Listener, who then presses star and 2",
    Cause.DANGER_NOW: (
        "when {their} life is in danger and {they} cannot decide: not conscious, no longer answering, or not aware of "
        "the danger"
    ),
    Cause.REFUSES: "when {their} life is in danger, even if {they} can decide and said no; {they} hear{s} it first",
    Cause.PERSON_AT_RISK: "when a child, or an adult who cannot protect themself, is being harmed",
    Cause.THREAT_TO_ANOTHER: "when somebody else, of whom it is known who it is, may be seriously harmed",
    Cause.OTHER_IN_CELL: "when somebody beside {them} is in danger, such as a cell mate who does not breathe",
    Cause.LINE_LOST: "when the Listener pressed the keys for danger and was cut off before saying more",
    Cause.VISIT_ASKED: "when nobody could be reached, and {they} ask{s} for a visit",
    Cause.LINE_BROKEN: "when the nightly call of the line to itself fails, which is about nobody",
    Cause.DRILL: "in a drill, and the message says that it is one",
}


def causes(profile: Profile, *, staff: bool) -> tuple[Cause, ...]:
    """For which this profile ever tells staff, as the site has chosen."""
    choices = profile.choices
    never = {
        Cause.REFUSES: choices.attempt_in_progress_refusing is WhenRefusing.RESPECT,
        Cause.THREAT_TO_ANOTHER: not choices.threat_to_another,
        Cause.EXCEPTION_RULE: not profile.exception_rule,
    }
    told = (cause for cause in Cause if cause in profile.disclosures and not never.get(cause))
    return tuple(cause for cause in told if staff or cause not in _FOR_STAFF_ALONE)


def when(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[str]:
    for cause in causes(profile, staff=staff):
        said = caller.say(_condition(profile, cause))
        deciding = profile.protocol_for(cause).decided_by
        if deciding:
            yield f"{said}. {caller.say(_asked_first(deciding))}"
        elif cause in _AGAINST_THEIR_WILL:
            yield f"{said}. The Listener's word is enough."
        else:
            yield f"{said}."


def _condition(profile: Profile, cause: Cause) -> str:
    if cause is Cause.EXCEPTION_RULE:
        heard = listed((DANGERS[danger] for danger in sorted(profile.exception_rule)), "or")
        return f"when the computer, which {{they}} let listen, hears {heard}"
    if cause is Cause.PERSON_AT_RISK and profile.callers_are_children:
        return "when {they}, or somebody else who cannot protect themself, {are} being abused"
    return _WHEN[cause]


def _asked_first(deciding: Deciding) -> str:
    then = "staff are told" if deciding.undecided is Undecided.TELL else "nobody is told"
    return (
        f"first {POSTS[deciding.post]} is asked, who has {long(deciding.seconds)}; without an answer {then}. "
        "Until then nobody knows where {they} {are}."
    )


def who(profile: Profile, *, staff: bool) -> Iterator[str]:
    """In which order, and after how many seconds."""
    for named, protocol in _protocols(profile, staff=staff):
        after, told = 0, []
        for step in protocol.steps:
            begins = f"after {long(after)}" if after else "at once"
            told.append(f"{begins} {posts(step.posts)}")
            after += step.seconds
        yield f"{named}: {'; '.join(told)}; after {long(after)} it begins again."


def what(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[str]:
    yield caller.say(
        "always: what kind of danger it is, the time, what {they} agreed to or heard, whether {they} {are} still on "
        "the line, and what to do first."
    )
    by_facts: dict[frozenset[Fact], list[Cause]] = {}
    for cause in causes(profile, staff=staff):
        by_facts.setdefault(profile.disclosures[cause].tells, []).append(cause)
    for facts, some in by_facts.items():
        named = capital(listed(CAUSES[cause] for cause in some))
        more = listed(FACTS[fact] for fact in Fact if fact in facts) if facts else "nothing about anybody"
        yield f"{named}: {more}."
    yield caller.say("never: a word that {they} said, a score, or the Listener's name.")


def codes(profile: Profile) -> Iterator[str]:
    for condition in Condition:
        if condition in profile.codes:
            yield f"For somebody {CONDITIONS[condition]}, the message begins with “{CODES[profile.codes[condition]]}”."
    if not profile.codes:
        yield "No emergency code is spoken."


def acknowledge(profile: Profile) -> Iterator[str]:
    yield "Acknowledged means: somebody has answered and pressed 1, or has said so on the console."
    for named, protocol in _protocols(profile, staff=True):
        groups = [
            f"one of {posts(group, 'or')}" if len(group) > 1 else POSTS[group[0]] for group in protocol.acknowledge
        ]
        needed = f"{'; and '.join(groups)}. Until then the others are rung" if groups else "one of them is enough"
        yield f"{named}: {needed}."


def nobody_comes(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[str]:
    yield caller.say("it begins again after the last step, and does not stop before somebody has spoken to {them}.")
    for named, protocol in _protocols(profile, staff=staff):
        going = (
            f"{named}: whoever says that they are going has {long(protocol.door_within)} to the door, and "
            f"{long(protocol.spoken_within)} until somebody has spoken to {caller.them}; or it begins again."
        )
        closing = f" They have {long(protocol.closed_within)} more to say what happened; or they are reminded."
        yield going + closing if staff else going


def _protocols(profile: Profile, *, staff: bool) -> Sequence[tuple[str, Protocol]]:
    """Each with the causes that start it, as a sentence begins."""
    started: dict[str, list[Cause]] = {}
    for cause in causes(profile, staff=staff):
        started.setdefault(profile.disclosures[cause].protocol, []).append(cause)
    return [
        (capital(listed(CAUSES[cause] for cause in some)), profile.protocols[name]) for name, some in started.items()
    ]


def never_told(profile: Profile, caller: Caller) -> Iterator[str]:
    """What the choices of the site, or the profile, keep between caller and Listener."""
    told = causes(profile, staff=False)
    if Cause.REFUSES not in told:
        yield caller.say("if {their} life is in danger, {they} can decide and {they} said no, staff are not told.")
    if Cause.THREAT_TO_ANOTHER not in told:
        yield caller.say("a threat to somebody else is not told to staff, unless {they} agree{s}.")
    if Cause.PERSON_AT_RISK not in told:
        yield caller.say("harm to a child or somebody at risk is not told to staff, unless {they} agree{s}.")
