"""What the spoken notice has to say of a profile, what each of its prompts says, and where the two differ.

A caller hears what the machine does and when staff are told before any of it happens (domain.md 6, layer 1); a notice
that promised more or less than the profile does would be a lie of the whole line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from escalation.profile import Notice, Profile, Undecided, WhenRefusing
from models.words import Cause, Hearing, Language, Prompt

# Of the whole notice, in seconds (domain.md 5.3, C2).
LONGEST = 12.0


class Says(StrEnum):
    """One thing that a notice can tell a caller; the value is how a complaint puts it."""

    WHO_HEARS = "that only another prisoner hears the caller, and that nothing is recorded"
    NO_MACHINE = "that no computer listens"
    MACHINE_ASKS = "that a computer listens only after a yes, and how to say it"
    MACHINE_UNLESS_NO = "that a computer listens, and how to stop it"
    MACHINE_FOR_OTHERS = "that it listens for danger to others too"
    CANNOT_DECIDE = "that staff are told when a life is in danger and the caller cannot decide"
    AGAINST_THEIR_WILL = "that staff are told of danger to the caller's life, whatever the caller says"
    MACHINE_TELLS = "that the computer alone may tell staff"
    THREAT = "that staff are told when somebody else is in serious danger"
    SOMEBODY_HARMED = "that staff are told when a child or somebody at risk is being harmed"
    NOT_FOR_PREA = "that nobody takes PREA reports on this line"


_LIFE = frozenset({Says.CANNOT_DECIDE, Says.AGAINST_THEIR_WILL})
_UNDECIDED = frozenset({Says.CANNOT_DECIDE})
# "Others" are children too.
_OTHERS = frozenset({Says.THREAT, Says.SOMEBODY_HARMED})

# The words are in ivr/prompts/*.toml, and tests/unit/test_notice.py reads them beside this table.
SAYS: Mapping[Prompt, frozenset[Says]] = {
    Prompt("notice/told-life"): _LIFE,
    Prompt("notice/told-undecided"): _UNDECIDED,
    Prompt("notice/told-child"): _LIFE | {Says.SOMEBODY_HARMED},
    Prompt("notice/told-child-undecided"): _UNDECIDED | {Says.SOMEBODY_HARMED},
    Prompt("notice/told-young"): _LIFE | {Says.SOMEBODY_HARMED},
    Prompt("notice/threat-to-another"): _LIFE | _OTHERS,
    Prompt("notice/threat-undecided"): _UNDECIDED | _OTHERS,
    Prompt("notice/threat-not-prea"): _LIFE | _OTHERS | {Says.NOT_FOR_PREA},
    Prompt("notice/exception-rule"): _LIFE | {Says.MACHINE_TELLS},
    Prompt("notice/off"): frozenset({Says.WHO_HEARS, Says.NO_MACHINE}),
    Prompt("notice/ask"): frozenset({Says.WHO_HEARS, Says.MACHINE_ASKS}),
    Prompt("notice/ask-others"): frozenset({Says.WHO_HEARS, Says.MACHINE_ASKS, Says.MACHINE_FOR_OTHERS}),
    Prompt("notice/opt-out"): frozenset({Says.WHO_HEARS, Says.MACHINE_UNLESS_NO}),
    Prompt("notice/opt-out-others"): frozenset({Says.WHO_HEARS, Says.MACHINE_UNLESS_NO, Says.MACHINE_FOR_OTHERS}),
}
_MACHINE = {
    Hearing.OFF: Says.NO_MACHINE,
    Hearing.ASK: Says.MACHINE_ASKS,
    Hearing.OPT_OUT: Says.MACHINE_UNLESS_NO,
}
# Where a complaint names the notices that it is about.
_NOTICES = "<notices>"
# What a site turns on, as its file calls it: a complaint begins with it.
_TURNED_ON = {
    Says.MACHINE_TELLS: "exception_rule is not empty: ",
    Says.THREAT: "threat_to_another is on: ",
    Says.MACHINE_FOR_OTHERS: "hearing.harm_others is on: ",
    Says.AGAINST_THEIR_WILL: "attempt_in_progress_refusing is tell_then_disclose: ",
}


def necessary(profile: Profile, mode: Hearing) -> frozenset[Says]:
    """What a caller must hear before anything, when the machine listens in this way."""
    listens = mode is not Hearing.OFF
    conditions = {
        Says.CANNOT_DECIDE: Cause.DANGER_NOW in profile.disclosures,
        Says.AGAINST_THEIR_WILL: profile.choices.attempt_in_progress_refusing is WhenRefusing.TELL_THEN_DISCLOSE,
        Says.THREAT: profile.choices.threat_to_another,
        Says.SOMEBODY_HARMED: _told_unasked(profile),
        Says.MACHINE_TELLS: listens and bool(profile.exception_rule),
        Says.MACHINE_FOR_OTHERS: listens and profile.hearing.harm_others,
    }
    return frozenset({Says.WHO_HEARS, _MACHINE[mode], *(one for one, holds in conditions.items() if holds)})


def true_of(profile: Profile, mode: Hearing) -> frozenset[Says]:
    """What may be said besides: that this is no reporting line always, and harm to others where it can be told."""
    at_risk = {Says.SOMEBODY_HARMED} if Cause.PERSON_AT_RISK in profile.disclosures else set()
    threatened = {Says.SOMEBODY_HARMED} if profile.choices.threat_to_another else set()
    return necessary(profile, mode) | at_risk | threatened | {Says.NOT_FOR_PREA}


def complaints(profile: Profile) -> Iterator[str]:
    """Where a notice says less or more than the profile does, and which prompts would put it right."""
    found: dict[str, list[Hearing]] = {}
    for mode in Hearing:
        spoken = profile.notice.for_mode(mode)
        for complaint in (*_unknown(spoken), *_differs(profile, mode, spoken)) if spoken else ():
            found.setdefault(complaint, []).append(mode)
    for complaint, modes in found.items():
        yield complaint.replace(_NOTICES, _and(f"notice.{mode}" for mode in modes))


def too_long_or_missing(
    profile: Profile, lengths: Mapping[Language, Mapping[Prompt, float]], heard: frozenset[Language]
) -> Iterator[str]:
    """What is wrong with a notice as it was recorded: ``lengths`` in seconds, of each language of the site.

    In a language that the machine does not understand, only the notice without a machine is ever spoken.
    """
    for language, seconds in lengths.items():
        for mode in spoken_modes(profile) if language in heard else (Hearing.OFF,):
            spoken = profile.notice.for_mode(mode)
            missing = [prompt for prompt in spoken if prompt not in seconds]
            for prompt in missing:
                yield f"{prompt} has no recording in language {language}: record it, or let make run speak its text"
            total = sum(seconds[prompt] for prompt in spoken if prompt not in missing)
            if total > LONGEST:
                yield (
                    f"notice.{mode} takes {total:.1f} s in language {language}, and may take {LONGEST:.0f} s: record "
                    f"{' and '.join(spoken)} again, faster or in fewer words"
                )


def spoken_modes(profile: Profile) -> tuple[Hearing, ...]:
    """Which notices can be heard where the machine understands the language; opting out falls back to asking."""
    mode = profile.hearing.mode
    return (Hearing.OPT_OUT, Hearing.ASK) if mode is Hearing.OPT_OUT else (mode,)


def prompts_of(notice: Notice) -> frozenset[Prompt]:
    return frozenset((*notice.off, *notice.ask, *notice.opt_out))


def _told_unasked(profile: Profile) -> bool:
    """Of a child or an adult at risk, without anybody having decided it for this one (domain.md 6, E4 and E4c)."""
    disclosing = profile.disclosures.get(Cause.PERSON_AT_RISK)
    if disclosing is None:
        return False
    return disclosing.decided_by is None or disclosing.decided_by.undecided is Undecided.TELL


def _unknown(spoken: Sequence[Prompt]) -> Iterator[str]:
    for prompt in spoken:
        if prompt not in SAYS:
            yield f"{_NOTICES}: {prompt!r} is not a notice; take one of {', '.join(sorted(SAYS))}"


def _differs(profile: Profile, mode: Hearing, spoken: Sequence[Prompt]) -> Iterator[str]:
    says: frozenset[Says] = frozenset().union(*(SAYS.get(prompt, frozenset()) for prompt in spoken))
    needed, allowed = necessary(profile, mode), true_of(profile, mode)
    for missing in (one for one in Says if one in needed - says):
        remedy = _remedy(missing, spoken, needed=needed, allowed=allowed)
        yield f"{_TURNED_ON.get(missing, '')}in a copy of this profile {remedy}; nothing there says {missing.value}"
    for untrue in (one for one in Says if one in says - allowed):
        wrong = _and(prompt for prompt in spoken if untrue in SAYS.get(prompt, frozenset()))
        yield f"in a copy of this profile take {wrong} out of {_NOTICES}: it says {untrue.value}, which is not so"


def _remedy(missing: Says, spoken: Sequence[Prompt], *, needed: frozenset[Says], allowed: frozenset[Says]) -> str:
    """The prompt that says what is missing, nothing untrue if there is one, and most of what is needed."""

    def worth(prompt: Prompt) -> tuple[bool, int, int]:
        return SAYS[prompt] <= allowed, len(SAYS[prompt] & needed), -len(SAYS[prompt])

    best = max((prompt for prompt in SAYS if missing in SAYS[prompt]), key=worth)
    covered = [prompt for prompt in spoken if SAYS.get(prompt, frozenset()) < SAYS[best]]
    return f"add {best} to {_NOTICES}" + (f" in place of {_and(covered)}" if covered else "")


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
