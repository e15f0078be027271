"""A profile's page on telling staff: when, who in which order, what they are told, and when nobody comes."""

from collections.abc import Iterator, Sequence

from escalation.plain_words_names import CAUSES, CODES, CONDITIONS, DANGERS, FACTS, POSTS, Caller, long, sentences
from escalation.profile import Deciding, Profile, Protocol, Undecided, WhenRefusing
from models.phrases import Phrase, Said, either, joined, listed, marked, phrase
from models.words import Cause, Condition, Fact, Post

# About nobody in a cell, so neither callers nor Listeners meet it.
_FOR_STAFF_ALONE = frozenset({Cause.LINE_BROKEN, Cause.DRILL})
_AGAINST_THEIR_WILL = frozenset({Cause.REFUSES, Cause.THREAT_TO_ANOTHER})
_WHEN = {
    Cause.CALLER_ASKED: marked("When {they} press{es} 0, and do{es} not stop it with 2."),
    Cause.CALLER_AGREED: marked("When {they} agree{s} to it with the Listener, who then presses star and 2."),
    Cause.DANGER_NOW: marked(
        "When {their} life is in danger and {they} cannot decide: not conscious, no longer answering, or not aware of "
        "the danger."
    ),
    Cause.REFUSES: marked(
        "When {their} life is in danger, even if {they} can decide and said no; {they} hear{s} it first."
    ),
    Cause.PERSON_AT_RISK: marked("When a child, or an adult who cannot protect themself, is being harmed."),
    Cause.THREAT_TO_ANOTHER: marked("When somebody else, of whom it is known who it is, may be seriously harmed."),
    Cause.OTHER_IN_CELL: marked("When somebody beside {them} is in danger, such as a cell mate who does not breathe."),
    Cause.LINE_LOST: marked("When the Listener pressed the keys for danger and was cut off before saying more."),
    Cause.VISIT_ASKED: marked("When nobody could be reached, and {they} ask{s} for a visit."),
    Cause.LINE_BROKEN: marked("When its nightly call or its monitoring finds the line itself broken: about nobody."),
    Cause.DRILL: marked("In a drill, and the message says that it is one."),
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


def when(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[Said]:
    for cause in causes(profile, staff=staff):
        said = _condition(profile, cause, caller)
        deciding = profile.protocol_for(cause).decided_by
        if deciding:
            yield sentences(said, _asked_first(deciding, caller))
        elif cause in _AGAINST_THEIR_WILL:
            yield sentences(said, phrase("The Listener's word is enough."))
        else:
            yield said


def _condition(profile: Profile, cause: Cause, caller: Caller) -> Phrase:
    if cause is Cause.EXCEPTION_RULE:
        heard = either(DANGERS[danger] for danger in sorted(profile.exception_rule))
        return caller.say("When the computer, which {they} let listen, hears %(dangers)s.", dangers=heard)
    if cause is Cause.PERSON_AT_RISK and profile.callers_are_children:
        return caller.say("When {they}, or somebody else who cannot protect themself, {are} being abused.")
    return caller.say(_WHEN[cause])


def _asked_first(deciding: Deciding, caller: Caller) -> Phrase:
    tell = deciding.undecided is Undecided.TELL
    return caller.say(
        "First %(post)s is asked, who has %(long)s; without an answer %(then)s. "
        "Until then nobody knows where {they} {are}.",
        post=POSTS[deciding.post],
        long=long(deciding.seconds),
        then=phrase("staff are told") if tell else phrase("nobody is told"),
    )


def who(profile: Profile, *, staff: bool) -> Iterator[Phrase]:
    """In which order, and after how many seconds."""
    for named, protocol in _protocols(profile, staff=staff):
        after, told = 0, list[Said]()
        for step in protocol.steps:
            posts = listed(POSTS[post] for post in step.posts)
            told.append(
                phrase("after %(long)s %(posts)s", long=long(after), posts=posts)
                if after
                else phrase("at once %(posts)s", posts=posts)
            )
            after += step.seconds
        steps = joined(told, marked("%(one)s; %(next)s"))
        yield phrase(
            "%(causes)s: %(steps)s; after %(long)s it begins again.", causes=named, steps=steps, long=long(after)
        )


def what(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[Phrase]:
    yield caller.say(
        "Always: what kind of danger it is, the time, what {they} agreed to or heard, whether {they} {are} still on "
        "the line, and what to do first."
    )
    by_facts: dict[frozenset[Fact], list[Cause]] = {}
    for cause in causes(profile, staff=staff):
        by_facts.setdefault(profile.disclosures[cause].tells, []).append(cause)
    for facts, some in by_facts.items():
        named = listed(CAUSES[cause] for cause in some)
        if facts:
            more = listed(FACTS[fact] for fact in Fact if fact in facts)
            yield phrase("%(causes)s: %(facts)s.", causes=named, facts=more)
        else:
            yield phrase("%(causes)s: nothing about anybody.", causes=named)
    yield caller.say("Never: a word that {they} said, a score, or the Listener's name.")


def codes(profile: Profile) -> Iterator[Phrase]:
    for condition in Condition:
        if condition in profile.codes:
            code = CODES[profile.codes[condition]]
            yield phrase(
                "For somebody %(condition)s, the message begins with “%(code)s”.",
                condition=CONDITIONS[condition],
                code=code,
            )
    if not profile.codes:
        yield phrase("No emergency code is spoken.")


def acknowledge(profile: Profile) -> Iterator[Phrase]:
    yield phrase("Acknowledged means: somebody has answered and pressed 1, or has said so on the console.")
    for named, protocol in _protocols(profile, staff=True):
        if protocol.acknowledge:
            groups = joined((_one_of(group) for group in protocol.acknowledge), marked("%(one)s; and %(next)s"))
            yield phrase("%(causes)s: %(groups)s. Until then the others are rung.", causes=named, groups=groups)
        else:
            yield phrase("%(causes)s: one of them is enough.", causes=named)


def _one_of(group: Sequence[Post]) -> Phrase:
    if len(group) == 1:
        return POSTS[group[0]]
    return phrase("one of %(posts)s", posts=either(POSTS[post] for post in group))


def nobody_comes(profile: Profile, caller: Caller, *, staff: bool) -> Iterator[Said]:
    yield caller.say("It begins again after the last step, and does not stop before somebody has spoken to {them}.")
    for named, protocol in _protocols(profile, staff=staff):
        going = caller.say(
            "%(causes)s: whoever says that they are going has %(door)s to the door, and %(spoken)s until somebody has "
            "spoken to {them}; or it begins again.",
            causes=named,
            door=long(protocol.door_within),
            spoken=long(protocol.spoken_within),
        )
        closing = phrase(
            "They have %(long)s more to say what happened; or they are reminded.", long=long(protocol.closed_within)
        )
        yield sentences(going, closing) if staff else going


def _protocols(profile: Profile, *, staff: bool) -> Sequence[tuple[Said, Protocol]]:
    """Each with the causes that start it."""
    started: dict[str, list[Cause]] = {}
    for cause in causes(profile, staff=staff):
        started.setdefault(profile.disclosures[cause].protocol, []).append(cause)
    return [(listed(CAUSES[cause] for cause in some), profile.protocols[name]) for name, some in started.items()]


def never_told(profile: Profile, caller: Caller) -> Iterator[Phrase]:
    """What the choices of the site, or the profile, keep between caller and Listener."""
    told = causes(profile, staff=False)
    if Cause.REFUSES not in told:
        yield caller.say("If {their} life is in danger, {they} can decide and {they} said no, staff are not told.")
    if Cause.THREAT_TO_ANOTHER not in told:
        yield caller.say("A threat to somebody else is not told to staff, unless {they} agree{s}.")
    if Cause.PERSON_AT_RISK not in told:
        yield caller.say("Harm to a child or somebody at risk is not told to staff, unless {they} agree{s}.")
