"""A profile's plain-words page as Markdown, for the command line and for docs/profiles."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from console.language import _, not_checked, sentence
from console.profiles_shown import FOR
from escalation.plain_words import Audience, Change, Page, page
from escalation.plain_words_line import Texts
from escalation.profile import Profile
from escalation.profile_file import load, shipped

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
        *(f"- {sentence(one)}" for one in chosen.sentences),
    ]
    for audience in Audience:
        lines += ["", f"## {FOR[audience]}", *_sections(page(profile, audience, texts))]
    return "\n".join(lines) + "\n"


def as_text(one: Page) -> str:
    """One page alone, for a terminal."""
    lines = [f"{one.title}. {FOR[one.audience]}", *_sections(one), *(("", not_checked()) if not_checked() else ())]
    return "\n".join(lines)


def changes_as_text(changes: Mapping[Audience, Sequence[Change]]) -> str:
    """By whom they touch."""
    return "\n".join(_changes(changes)).strip() or _("Nothing that anybody meets.")


def _sections(one: Page) -> Iterator[str]:
    for section in one.sections:
        yield from ("", f"### {_(section.topic.value)}")
        yield from (f"- {sentence(said)}" for said in section.sentences)


def _changes(changes: Mapping[Audience, Sequence[Change]]) -> Iterator[str]:
    for audience, some in changes.items():
        yield from ("", f"## {FOR[audience]}")
        for change in some:
            yield from ("", f"### {_(change.topic.value)}")
            yield from (f"- {_('Until now:')} {sentence(said)}" for said in change.no_longer)
            yield from (f"- {_('Then:')} {sentence(said)}" for said in change.now)
