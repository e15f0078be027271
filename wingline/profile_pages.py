"""A profile's plain-words page as Markdown, for the command line and for docs/profiles."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from escalation.plain_words import Audience, Change, Page, page
from escalation.plain_words_line import Texts
from escalation.profile import Profile
from escalation.profile_file import load, shipped

HEADINGS: Mapping[Audience, str] = {
    Audience.CALLER: "For a caller",
    Audience.LISTENER: "For a Listener",
    Audience.OFFICER: "For an officer",
}
# The pages of docs/profiles are about profiles with these choices; a site makes its own (domain.md 5.2).
_EXAMPLE: Mapping[str, Any] = {
    "attempt_in_progress_refusing": "tell_then_disclose",
    "threat_to_another": "off",
    "who_confirms": "listener",
    "hearing": {"mode": "ask"},
}
_CHOSEN: Mapping[str, Mapping[str, Any]] = {
    # It never listens, and a site that says how it listens is refused.
    "human-only": {name: choice for name, choice in _EXAMPLE.items() if name != "hearing"},
    "us-peer": {**_EXAMPLE, "threat_to_another": "on"},
}
_MADE_BY = "Made by `wingline profile pages` from the profile itself; change that, never this page."


def choices_for(name: str) -> Mapping[str, Any]:
    """With which a shipped profile is shown."""
    return _CHOSEN.get(name, _EXAMPLE)


def shipped_pages(texts: Texts) -> Mapping[str, str]:
    """By file name: one for each profile that comes with Wingline."""
    return {f"{name}.md": _document(load(name, choices_for(name)), texts) for name in shipped()}


def _document(profile: Profile, texts: Texts) -> str:
    chosen = next(section for section in page(profile, Audience.OFFICER, texts).sections)
    lines = [
        f"# {profile.title}",
        f"`{profile.name}`. {_MADE_BY}",
        "",
        "It is shown with these choices, which every site makes for itself:",
        *(f"- {sentence}" for sentence in chosen.sentences),
    ]
    for audience in Audience:
        lines += ["", f"## {HEADINGS[audience]}", *_sections(page(profile, audience, texts))]
    return "\n".join(lines) + "\n"


def as_text(one: Page) -> str:
    """One page alone, for a terminal."""
    return "\n".join([f"{one.title}. {HEADINGS[one.audience]}", *_sections(one)])


def changes_as_text(changes: Mapping[Audience, Sequence[Change]]) -> str:
    """By whom they touch."""
    return "\n".join(_changes(changes)).strip() or "Nothing that anybody meets."


def _sections(one: Page) -> Iterator[str]:
    for section in one.sections:
        yield from ("", f"### {section.topic.value}")
        yield from (f"- {sentence}" for sentence in section.sentences)


def _changes(changes: Mapping[Audience, Sequence[Change]]) -> Iterator[str]:
    for audience, some in changes.items():
        yield from ("", f"## {HEADINGS[audience]}")
        for change in some:
            yield from ("", f"### {change.topic.value}")
            yield from (f"- until now: {sentence}" for sentence in change.no_longer)
            yield from (f"- then: {sentence}" for sentence in change.now)
