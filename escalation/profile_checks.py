"""The rules that join two parts of a profile; each complaint says what to change."""

from collections.abc import Iterator

from escalation.profile import (
    SAYS_EXCEPTION_RULE,
    SAYS_THREAT_TO_ANOTHER,
    Profile,
    Protocol,
    WhenRefusing,
)
from models.words import Cause, Hearing

# A profile that does not say how these are told would leave somebody without an answer.
_ALWAYS_TOLD = (
    Cause.CALLER_ASKED,
    Cause.CALLER_AGREED,
    Cause.DANGER_NOW,
    Cause.OTHER_IN_CELL,
    Cause.LINE_LOST,
    Cause.VISIT_ASKED,
    Cause.LINE_BROKEN,
    Cause.DRILL,
)


def complaints(profile: Profile) -> Iterator[str]:
    """What is wrong with it, all at once."""
    yield from _hearing(profile)
    yield from _notice(profile)
    yield from _waiting(profile)
    yield from _disclosures(profile)
    for name, protocol in profile.protocols.items():
        yield from _protocol(f"protocols.{name}", protocol)


def _hearing(profile: Profile) -> Iterator[str]:
    rule, notice = profile.hearing, profile.notice
    if rule.mode is Hearing.OPT_OUT and not (rule.dpia and rule.until):
        yield "hearing.mode = opt_out needs hearing.dpia (its reference) and hearing.until (its last day)"
    if not notice.off:
        yield "notice.off says nothing; whoever speaks a language that no model hears needs it"
    if not notice.for_mode(rule.mode) or (rule.mode is Hearing.OPT_OUT and not notice.ask):
        yield f"notice.{rule.mode} says nothing (after opt_out ends, notice.ask is spoken)"


def _notice(profile: Profile) -> Iterator[str]:
    notice = profile.notice
    listening = (notice.ask, notice.opt_out)
    if profile.exception_rule and not all(SAYS_EXCEPTION_RULE in spoken for spoken in listening):
        yield f"exception_rule is not empty: add {SAYS_EXCEPTION_RULE} to notice.ask and notice.opt_out"
    if profile.choices.threat_to_another and not all(
        SAYS_THREAT_TO_ANOTHER in spoken for spoken in (notice.off, *listening)
    ):
        yield f"threat_to_another is on: in a copy of this profile add {SAYS_THREAT_TO_ANOTHER} to every notice"


def _waiting(profile: Profile) -> Iterator[str]:
    caps = profile.welfare
    if not caps.talk_minutes_night <= caps.talk_minutes_day <= caps.talk_minutes_week:
        yield "welfare.talk_minutes_night, _day and _week must not fall in this order"
    starts = [stage.after_seconds for stage in profile.waiting.ring_stages]
    if starts[0] != 0 or starts != sorted(set(starts)):
        yield "waiting.ring_stages must start after 0 seconds and rise"


def _disclosures(profile: Profile) -> Iterator[str]:
    needed = set(_ALWAYS_TOLD)
    if profile.choices.attempt_in_progress_refusing is WhenRefusing.TELL_THEN_DISCLOSE:
        needed.add(Cause.REFUSES)
    if profile.choices.threat_to_another:
        needed.add(Cause.THREAT_TO_ANOTHER)
    if profile.exception_rule:
        needed.add(Cause.EXCEPTION_RULE)
    for cause in sorted(needed - set(profile.disclosures)):
        yield f"disclosures.{cause} is missing: say which protocol it starts and what it tells"
    for cause, disclosing in profile.disclosures.items():
        if disclosing.protocol not in profile.protocols:
            yield f"disclosures.{cause}.protocol: there is no [protocols.{disclosing.protocol}]"
    used = {disclosing.protocol for disclosing in profile.disclosures.values()}
    for name in sorted(set(profile.protocols) - used):
        yield f"protocols.{name}: no disclosure starts it; take it out"


def _protocol(at: str, protocol: Protocol) -> Iterator[str]:
    if protocol.decided_by or protocol.tells or protocol.codes:
        yield f"{at}: write decided_by and tells under [disclosures], and codes at the top"
    told = {post for step in protocol.steps for post in step.posts}
    for group in protocol.acknowledge:
        if not told & set(group):
            yield f"{at}.acknowledge: no step tells {' or '.join(group)}, so nobody could acknowledge"
    if protocol.door_within > protocol.spoken_within:
        yield f"{at}: door_within is longer than spoken_within; nobody speaks before they are at the door"
