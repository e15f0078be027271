"""The rules that join two parts of a profile; each complaint says what to change."""

import re
from collections.abc import Iterator

from escalation import notice
from escalation.profile import Profile, Protocol, WhenRefusing
from models.words import Cause, Hearing

# What a row of the database can take, and no more: a profile is no place for free text.
_NAME = re.compile("[a-z0-9-]{1,40}")
_PROTOCOL_NAME = re.compile("[a-z_]{1,20}")
_LONGEST_TEXT = 80

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
    yield from _names(profile)
    yield from _hearing(profile)
    # What contradicts itself has no notice that could say it.
    yield from list(_refusing(profile)) or notice.complaints(profile)
    yield from _waiting(profile)
    yield from _disclosures(profile)
    for name, protocol in profile.protocols.items():
        yield from _protocol(f"protocols.{name}", protocol)


def _names(profile: Profile) -> Iterator[str]:
    if not _NAME.fullmatch(profile.name):
        yield "name: 1 to 40 small letters, digits and hyphens"
    for key, text in (("title", profile.title), ("hearing.dpia", profile.hearing.dpia or "")):
        if len(text) > _LONGEST_TEXT:
            yield f"{key}: at most {_LONGEST_TEXT} characters"
    for protocol in profile.protocols:
        if not _PROTOCOL_NAME.fullmatch(protocol):
            yield f"protocols.{protocol}: its name must have 1 to 20 small letters or underscores"


def _hearing(profile: Profile) -> Iterator[str]:
    rule, notice = profile.hearing, profile.notice
    if rule.mode is Hearing.OPT_OUT and not (rule.dpia and rule.until):
        yield "hearing.mode = opt_out needs hearing.dpia (its reference) and hearing.until (its last day)"
    if not notice.off:
        yield "notice.off says nothing; whoever speaks a language that no model hears needs it"
    if not notice.for_mode(rule.mode) or (rule.mode is Hearing.OPT_OUT and not notice.ask):
        yield f"notice.{rule.mode} says nothing (after opt_out ends, notice.ask is spoken)"


def _refusing(profile: Profile) -> Iterator[str]:
    """Where attempt_in_progress_refusing cannot be respect."""
    if profile.choices.attempt_in_progress_refusing is not WhenRefusing.RESPECT:
        return
    if profile.exception_rule:
        yield "exception_rule tells staff whatever the caller says: empty it, or choose tell_then_disclose"
    if profile.callers_are_children:
        # Samaritans' published rule for those who cannot decide "applies to all children" (domain.md 1.4, E4c).
        yield "callers_are_children: a child's refusal is not respected; choose tell_then_disclose"


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
