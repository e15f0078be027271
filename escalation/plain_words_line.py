"""A profile's page on the call itself: what is heard first, the machine, the waiting, Listeners' rest, what is kept."""

from collections.abc import Iterator, Mapping

from escalation import plain_words_told
from escalation.plain_words_names import DANGERS, Caller, long, minutes
from escalation.profile import Choices, Profile, RingStage, WhenRefusing, WhoConfirms
from models.keeping import PERIODS
from models.phrases import Phrase, either, joined, marked, phrase
from models.tables import DAYS_90, SERVING, YEARS_2
from models.words import Hearing, Prompt

Texts = Mapping[Prompt, str]


def first(profile: Profile, caller: Caller, texts: Texts) -> Iterator[Phrase]:
    """The notice of each way of listening that can be met, in its own words."""

    def words(mode: Hearing) -> str:
        return " ".join(texts.get(prompt, prompt) for prompt in profile.notice.for_mode(mode))

    mode, until = profile.hearing.mode, profile.hearing.until
    yield caller.say("{They} hear{s} first: “%(notice)s”", notice=words(mode))
    if mode is Hearing.OPT_OUT and until:
        yield caller.say("After %(day)s {they} hear{s} instead: “%(notice)s”", day=until, notice=words(Hearing.ASK))
    if mode is not Hearing.OFF:
        yield caller.say(
            "In a language that the computer does not understand {they} hear{s} instead: “%(notice)s”",
            notice=words(Hearing.OFF),
        )


def machine(profile: Profile, caller: Caller) -> Iterator[Phrase]:
    rule = profile.hearing
    if rule.mode is Hearing.OFF:
        yield phrase("No computer listens to any call.")
        return
    if rule.mode is Hearing.ASK:
        yield caller.say("A computer listens only if {they} press{es} 1 for yes. Silence is a no.")
    else:
        yield from _unless_told_not_to(profile, caller)
    yield phrase("A no changes nothing else in the call.")
    yield caller.say("It hears {their} side alone, and only danger to a life: there is no kind for crime or security.")
    yield (
        phrase("It also notices serious harm to others.")
        if rule.harm_others
        else phrase("It does not notice serious harm to others.")
    )
    yield phrase("It tells the Listener a kind of danger, and never a word.")
    yield phrase("Danger now is told at once; other danger at most every %(long)s.", long=long(rule.prompt_every))
    if profile.exception_rule:
        heard = either(DANGERS[danger] for danger in sorted(profile.exception_rule))
        yield phrase(
            "One exception: when it hears %(dangers)s, staff are told because of the computer alone.", dangers=heard
        )
    else:
        yield phrase("Nobody is told anything because of the computer alone.")


def _unless_told_not_to(profile: Profile, caller: Caller) -> Iterator[Phrase]:
    rule = profile.hearing
    yield caller.say("A computer listens while a Listener is there, unless {they} press{es} 2.")
    yield (
        phrase("That ends after %(day)s; then it asks first.", day=rule.until)
        if rule.until
        else phrase("That has no end.")
    )
    yield phrase("The assessment of what it means for people's data is %(dpia)s.", dpia=str(rule.dpia))


def stays(profile: Profile, caller: Caller) -> Iterator[Phrase]:
    if profile.callers_are_children:
        yield phrase(
            "Everybody who calls is a child or a young person, so that these rules are stricter than for adults."
        )
    yield caller.say("What {they} say{s} stays with the Listener, unless staff are told for one of the reasons below.")
    yield phrase("Thoughts of suicide, hopelessness and an attempt in the past are no reason. Help is offered.")
    yield phrase(
        "Never told, and never looked for: crime in the past, broken rules, drugs, phones, debts, gangs, complaints "
        "about staff."
    )
    yield from plain_words_told.never_told(profile, caller)
    yield caller.say("Before staff are told, {they} hear{s} that they will be, and what.")


def decided(choices: Choices) -> Iterator[Phrase]:
    """What governor and scheme partner have chosen, because no rule settles it (domain.md 5.2)."""
    yield {
        WhenRefusing.RESPECT: phrase("An attempt is in progress, and the caller says no: that is respected."),
        WhenRefusing.TELL_THEN_DISCLOSE: phrase(
            "An attempt is in progress, and the caller says no: staff are told, and the caller before them."
        ),
    }[choices.attempt_in_progress_refusing]
    yield (
        phrase("Somebody else may be seriously harmed: staff are told.")
        if choices.threat_to_another
        else phrase("Somebody else may be seriously harmed: staff are not told.")
    )
    yield {
        WhoConfirms.LISTENER: phrase("Against the caller's will: the Listener's word is enough to tell staff."),
        WhoConfirms.LISTENER_AND_SAMARITAN: phrase(
            "Against the caller's will: the leader of the scheme is asked besides the Listener."
        ),
    }[choices.who_confirms]


def waiting(profile: Profile, caller: Caller) -> Iterator[Phrase]:
    rule = profile.waiting
    yield phrase(
        "Listeners are rung for up to %(whole)s, each for %(each)s: %(stages)s.",
        whole=long(rule.listener_seconds),
        each=long(rule.ring_seconds),
        stages=joined((_stage(stage) for stage in rule.ring_stages), marked("%(one)s; %(next)s")),
    )
    yield phrase(
        "When none comes: the outside helpline for %(outside)s, then the duty office for %(office)s.",
        outside=long(rule.outside_seconds),
        office=long(rule.duty_office_seconds),
    )
    yield caller.say("Meanwhile {they} hear{s} a voice at least every %(long)s.", long=long(rule.calm_words_every))
    yield phrase(
        "Who calls again within %(minutes)s is offered the same Listener, or another.",
        minutes=minutes(rule.same_listener_minutes),
    )


def _stage(stage: RingStage) -> Phrase:
    how_many = (
        phrase("all at once")
        if stage.listeners is None
        else phrase("%(listeners)s at once", listeners=str(stage.listeners))
    )
    if not stage.after_seconds:
        return phrase("at first %(how_many)s", how_many=how_many)
    return phrase("after %(long)s %(how_many)s", long=long(stage.after_seconds), how_many=how_many)


def rest(profile: Profile) -> Iterator[Phrase]:
    rule = profile.welfare
    yield phrase(
        "After a call you rest for %(minutes)s, and %(share)s of the minutes of talk.",
        minutes=minutes(rule.rest_minutes),
        share=f"{rule.rest_share:g}",
    )
    yield phrase(
        "After a call in which staff were told you rest for %(weight)s more, and it counts as %(weight)s more of talk.",
        weight=minutes(rule.rest_weight_minutes),
    )
    yield phrase(
        "You have had enough after %(night)s of talk in a night, %(day)s in 24 hours, %(week)s in seven days.",
        night=minutes(rule.talk_minutes_night),
        day=minutes(rule.talk_minutes_day),
        week=minutes(rule.talk_minutes_week),
    )
    yield phrase(
        "You listen in on %(calls)s calls before your first certificate, and train again every %(days)s days.",
        calls=str(rule.shadowed_calls),
        days=str(rule.recurring_training_days),
    )


def kept(caller: Caller) -> Iterator[Phrase]:
    """The same for every profile: no setting can lengthen it (models/keeping.py)."""
    days = str(PERIODS[DAYS_90].days)
    yield caller.say("Of what {they} say{s}, nothing: no sound, no words. They are gone when the call ends.")
    yield caller.say("Which cell {they} called from is not kept, unless staff are told where {they} {are}.")
    yield phrase("That there was a call, and when: %(days)s days; then only a count.", days=days)
    yield phrase("What staff were told: %(days)s days; then only the kind and the times.", days=days)
    yield phrase(
        "Who opened or changed what on this line, without anything that was said: %(days)s days.",
        days=str(PERIODS[YEARS_2].days),
    )
    yield phrase(
        "A Listener's rota and training: while serving, and %(days)s days after.", days=str(PERIODS[SERVING].days)
    )
