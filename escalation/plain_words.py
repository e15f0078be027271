"""A profile as a caller, a Listener and an officer would meet it, in short sentences, and what a change changes.

Everything that a profile rules is in these words (tests/unit/test_plain_words.py changes each part of it), so that who
signs a profile has read the whole of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from escalation import plain_words_line as line
from escalation import plain_words_told as told
from escalation.plain_words_line import Texts
from escalation.plain_words_names import THE_CALLER, YOU
from escalation.profile import Profile
from models.phrases import Said, marked


class Audience(StrEnum):
    CALLER = "caller"
    LISTENER = "listener"
    OFFICER = "officer"


class Topic(StrEnum):
    """One section; the value is its title, a message, the same on every page so that two can be laid side by side."""

    CHOSEN = marked("What governor and scheme partner have decided")
    FIRST = marked("What is heard first")
    MACHINE = marked("Does a machine listen?")
    STAYS = marked("What stays between caller and Listener")
    WHEN = marked("When staff are told")
    WHO = marked("Who is told, in which order")
    WHAT = marked("What they are told")
    ACKNOWLEDGE = marked("Who has to acknowledge")
    NOBODY = marked("When nobody comes")
    WAITING = marked("While a caller waits")
    REST = marked("Rest for Listeners")
    KEPT = marked("What is kept, and how long")


@dataclass(frozen=True, slots=True)
class Section:
    topic: Topic
    sentences: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Page:
    audience: Audience
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one section said of the old profile alone, and what it says of the new one alone."""

    topic: Topic
    no_longer: tuple[Said, ...]
    now: tuple[Said, ...]


def page(profile: Profile, audience: Audience, texts: Texts) -> Page:
    """``texts`` are the spoken prompts, by name, in the language in which the page is read."""
    words = {
        Audience.CALLER: _for_caller,
        Audience.LISTENER: _for_listener,
        Audience.OFFICER: _for_officer,
    }[audience](profile, texts)
    return Page(audience, profile.title, tuple(Section(topic, sentences) for topic, sentences in words.items()))


def difference(old: Profile, new: Profile, texts: Texts) -> Mapping[Audience, tuple[Change, ...]]:
    """By whom it touches; whom nothing touches is not there."""
    found = {audience: _changes(page(old, audience, texts), page(new, audience, texts)) for audience in Audience}
    return {audience: changes for audience, changes in found.items() if changes}


def _changes(old: Page, new: Page) -> tuple[Change, ...]:
    before = {section.topic: section.sentences for section in old.sections}
    changes = (
        Change(
            section.topic,
            tuple(one for one in before.get(section.topic, ()) if one not in section.sentences),
            tuple(one for one in section.sentences if one not in before.get(section.topic, ())),
        )
        for section in new.sections
    )
    return tuple(change for change in changes if change.no_longer or change.now)


def _for_caller(profile: Profile, texts: Texts) -> dict[Topic, tuple[Said, ...]]:
    return {
        Topic.FIRST: (*line.first(profile, YOU, texts),),
        Topic.MACHINE: (*line.machine(profile, YOU),),
        Topic.STAYS: (*line.stays(profile, YOU),),
        Topic.WHEN: (*told.when(profile, YOU, staff=False),),
        Topic.WHO: (*told.who(profile, staff=False),),
        Topic.WHAT: (*told.what(profile, YOU, staff=False),),
        Topic.NOBODY: (*told.nobody_comes(profile, YOU, staff=False),),
        Topic.WAITING: (*line.waiting(profile, YOU),),
        Topic.KEPT: (*line.kept(YOU),),
    }


def _for_listener(profile: Profile, texts: Texts) -> dict[Topic, tuple[Said, ...]]:
    return {
        Topic.FIRST: (*line.first(profile, THE_CALLER, texts),),
        Topic.MACHINE: (*line.machine(profile, THE_CALLER),),
        Topic.STAYS: (*line.stays(profile, THE_CALLER),),
        Topic.WHEN: (*told.when(profile, THE_CALLER, staff=False),),
        Topic.WHAT: (*told.what(profile, THE_CALLER, staff=False),),
        Topic.WAITING: (*line.waiting(profile, THE_CALLER),),
        Topic.REST: (*line.rest(profile),),
        Topic.KEPT: (*line.kept(THE_CALLER),),
    }


def _for_officer(profile: Profile, texts: Texts) -> dict[Topic, tuple[Said, ...]]:
    return {
        Topic.CHOSEN: (*line.decided(profile.choices),),
        Topic.FIRST: (*line.first(profile, THE_CALLER, texts),),
        Topic.MACHINE: (*line.machine(profile, THE_CALLER),),
        Topic.STAYS: (*line.stays(profile, THE_CALLER),),
        Topic.WHEN: (*told.when(profile, THE_CALLER, staff=True),),
        Topic.WHO: (*told.who(profile, staff=True),),
        Topic.WHAT: (*told.what(profile, THE_CALLER, staff=True), *told.codes(profile)),
        Topic.ACKNOWLEDGE: (*told.acknowledge(profile),),
        Topic.NOBODY: (*told.nobody_comes(profile, THE_CALLER, staff=True),),
        Topic.KEPT: (*line.kept(THE_CALLER),),
    }
