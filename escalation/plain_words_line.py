"""A profile's page on the call itself: what is heard first, the machine, the waiting, Listeners' rest, what is kept."""

from collections.abc import Iterator, Mapping

from escalation import plain_words_told
from escalation.plain_words_names import DANGERS, Caller, day, listed, long, minutes
from escalation.profile import Choices, Profile, RingStage, WhenRefusing, WhoConfirms
from models.keeping import PERIODS
from models.tables import DAYS_90, SERVING, YEARS_2
from models.words import Hearing, Prompt

Texts = Mapping[Prompt, str]


def first(profile: Profile, caller: Caller, texts: Texts) -> Iterator[str]:
    """The notice of each way of listening that can be met, in its own words."""

    def words(mode: Hearing) -> str:
        return " ".join(texts.get(prompt, prompt) for prompt in profile.notice.for_mode(mode))

    mode, until = profile.hearing.mode, profile.hearing.until
    yield caller.say("{they} hear{s} first: ") + f"“{words(mode)}”"
    if mode is Hearing.OPT_OUT and until:
        yield caller.say(f"after {day(until)} {{they}} hear{{s}} instead: ") + f"“{words(Hearing.ASK)}”"
    if mode is not Hearing.OFF:
        yield (
            caller.say("in a language that the computer does not understand {they} hear{s} instead: ")
            + f"“{words(Hearing.OFF)}”"
        )


def machine(profile: Profile, caller: Caller) -> Iterator[str]:
    rule = profile.hearing
    if rule.mode is Hearing.OFF:
        yield "No computer listens to any call."
        return
    if rule.mode is Hearing.ASK:
        yield caller.say("a computer listens only if {they} press{es} 1 for yes. Silence is a no.")
    else:
        yield caller.say("a computer listens while a Listener is there, unless {they} press{es} 2.")
        yield f"That ends after {day(rule.until)}; then it asks first." if rule.until else "That has no end."
        yield f"The assessment of what it means for people's data is {rule.dpia}."
    yield "A no changes nothing else in the call."
    yield caller.say("it hears {their} side alone, and only danger to a life: there is no kind for crime or security.")
    others = "It also notices" if rule.harm_others else "It does not notice"
    yield f"{others} serious harm to others."
    yield "It tells the Listener a kind of danger, and never a word."
    yield f"Danger now is told at once; other danger at most every {long(rule.prompt_every)}."
    if profile.exception_rule:
        heard = listed((DANGERS[danger] for danger in sorted(profile.exception_rule)), "or")
        yield f"One exception: when it hears {heard}, staff are told because of the computer alone."
    else:
        yield "Nobody is told anything because of the computer alone."


def stays(profile: Profile, caller: Caller) -> Iterator[str]:
    if profile.callers_are_children:
        yield "Everybody who calls is a child or a young person, so that these rules are stricter than for adults."
    yield caller.say("what {they} say{s} stays with the Listener, unless staff are told for one of the reasons below.")
    yield "Thoughts of suicide, hopelessness and an attempt in the past are no reason. Help is offered."
    yield (
        "Never told, and never looked for: crime in the past, broken rules, drugs, phones, debts, gangs, complaints "
        "about staff."
    )
    yield from plain_words_told.never_told(profile, caller)
    yield caller.say("before staff are told, {they} hear{s} that they will be, and what.")


def decided(choices: Choices) -> Iterator[str]:
    """What governor and scheme partner have chosen, because no rule settles it (domain.md 5.2)."""
    refusing = {
        WhenRefusing.RESPECT: "that is respected",
        WhenRefusing.TELL_THEN_DISCLOSE: "staff are told, and the caller before them",
    }[choices.attempt_in_progress_refusing]
    confirms = {
        WhoConfirms.LISTENER: "the Listener's word is enough to tell staff",
        WhoConfirms.LISTENER_AND_SAMARITAN: "the leader of the scheme is asked besides the Listener",
    }[choices.who_confirms]
    yield f"An attempt is in progress, and the caller says no: {refusing}."
    yield f"Somebody else may be seriously harmed: staff are {'told' if choices.threat_to_another else 'not told'}."
    yield f"Against the caller's will: {confirms}."


def waiting(profile: Profile, caller: Caller) -> Iterator[str]:
    rule = profile.waiting
    stages = "; ".join(_stage(stage) for stage in rule.ring_stages)
    yield f"Listeners are rung for up to {long(rule.listener_seconds)}, each for {long(rule.ring_seconds)}: {stages}."
    yield (
        f"When none comes: the outside helpline for {long(rule.outside_seconds)}, then the duty office for "
        f"{long(rule.duty_office_seconds)}."
    )
    yield caller.say(f"meanwhile {{they}} hear{{s}} a voice at least every {long(rule.calm_words_every)}.")
    yield caller.say(
        f"who calls again within {minutes(rule.same_listener_minutes)} is offered the same Listener, or another."
    )


def _stage(stage: RingStage) -> str:
    how_many = "all at once" if stage.listeners is None else f"{stage.listeners} at once"
    return f"after {long(stage.after_seconds)} {how_many}" if stage.after_seconds else f"at first {how_many}"


def rest(profile: Profile) -> Iterator[str]:
    rule = profile.welfare
    weight = minutes(rule.rest_weight_minutes)
    yield f"After a call you rest for {minutes(rule.rest_minutes)}, and {rule.rest_share:g} of the minutes of talk."
    yield f"After a call in which staff were told you rest for {weight} more, and it counts as {weight} more of talk."
    yield (
        f"You have had enough after {minutes(rule.talk_minutes_night)} of talk in a night, "
        f"{minutes(rule.talk_minutes_day)} in 24 hours, {minutes(rule.talk_minutes_week)} in seven days."
    )
    yield (
        f"You listen in on {rule.shadowed_calls} calls before your first certificate, and train again every "
        f"{rule.recurring_training_days} days."
    )


def kept(caller: Caller) -> Iterator[str]:
    """The same for every profile: no setting can lengthen it (models/keeping.py)."""
    yield caller.say("of what {they} say{s}, nothing: no sound, no words. They are gone when the call ends.")
    yield caller.say("which cell {they} called from is not kept, unless staff are told where {they} {are}.")
    yield f"That there was a call, and when: {PERIODS[DAYS_90].days} days; then only a count."
    yield f"What staff were told: {PERIODS[DAYS_90].days} days; then only the kind and the times."
    yield f"Who opened or changed what on this line, without anything that was said: {PERIODS[YEARS_2].days} days."
    yield f"A Listener's rota and training: while serving, and {PERIODS[SERVING].days} days after."
