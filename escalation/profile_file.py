"""Reads a profile with the site's own choices, and says what is wrong with it."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from escalation.profile import Profile
from escalation.profile_checks import complaints
from models.errors import BadProfile
from models.words import Hearing

_PROFILE = TypeAdapter(Profile)

_REQUIRED = {
    "attempt_in_progress_refusing": (
        'an attempt is in progress and the caller says no: "respect" the refusal, or "tell_then_disclose": '
        "tell the caller first, then staff (domain.md 5.2 a)"
    ),
    "threat_to_another": 'somebody else is threatened and the caller says no to help: "off" or "on" (domain.md 5.2 b)',
    "who_confirms": (
        'who confirms that staff are told against the caller\'s will: "listener" or "listener_and_samaritan" '
        "(domain.md 5.2 d)"
    ),
}
_HEARING = (
    'hearing = { mode = … }  # does the machine listen: "off", "ask" (only after a yes) or "opt_out" (domain.md 5.2 c)'
)


def load(name_or_path: str | Path, choices: Mapping[str, Any]) -> Profile:
    """A shipped profile by name, or one's own by path; ``choices`` come from the site file.

    BadProfile says everything that is wrong with it at once.
    """
    file = _file(name_or_path)
    return _complete(_toml(file), choices, file.name)


def checked(written: Mapping[str, Any], name: str) -> Profile:
    """A profile from its keys, choices among them. BadProfile says everything that is wrong."""
    profile = kept(written, name)
    found = list(complaints(profile))
    if found:
        raise BadProfile(name, _said(found))
    return profile


def kept(written: Mapping[str, Any], name: str) -> Profile:
    """One that was checked by the release in which it was signed: a rule of a later one does not end it."""
    try:
        return _PROFILE.validate_python(written)
    except ValidationError as error:
        raise BadProfile(
            name, _said(f"{'.'.join(str(at) for at in wrong['loc'])}: {wrong['msg']}" for wrong in error.errors())
        ) from error


def proposed(text: str, name: str, choices: Mapping[str, Any]) -> Profile:
    """From a file's text, which may bring the choices that are proposed with it; ``choices`` are the site's own."""
    written = _parsed(text, name)
    chosen = written.pop("choices", None)
    return _complete(written, choices if chosen is None else chosen, name)


def as_written(profile: Profile) -> dict[str, Any]:
    """The keys of a profile, for a row of the database; ``checked`` reads them back."""
    written: dict[str, Any] = _PROFILE.dump_python(profile, mode="json")
    return written


def missing_choices(written: Mapping[str, Any], choices: Mapping[str, Any]) -> list[str]:
    """What governor and scheme partner have not decided yet, a line each."""
    missing = [f"{name} = …  # {meaning}" for name, meaning in _REQUIRED.items() if name not in choices]
    if "hearing" not in choices and "mode" not in written.get("hearing", {}):
        missing.append(_HEARING)
    return missing


def read(name_or_path: str | Path) -> dict[str, Any]:
    """A profile's keys as they are written, without the site's choices."""
    return _toml(_file(name_or_path))


def shipped() -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(".toml") for file in files("profiles").iterdir() if _is_toml(file)))


def _is_toml(file: Traversable) -> bool:
    return file.name.endswith(".toml")


def _file(name_or_path: str | Path) -> Traversable:
    name = str(name_or_path)
    file: Traversable = Path(name) if name.endswith(".toml") else files("profiles") / f"{name}.toml"
    if not _is_file(file):
        advice = f"there is no such file; give a path ending in .toml, or one of {', '.join(shipped())}"
        raise BadProfile(name[:80], advice)
    return file


def _is_file(file: Traversable) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name that no disk takes
        return False


def _toml(file: Traversable) -> dict[str, Any]:
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadProfile(file.name, "it is not UTF-8; save it again as UTF-8") from error
    return _parsed(text, file.name)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(name, f"this is not TOML: {error}") from error


def _complete(written: dict[str, Any], choices: Mapping[str, Any], name: str) -> Profile:
    if not isinstance(choices, Mapping) or not isinstance(written.get("hearing", {}), Mapping):
        raise BadProfile(name, "[choices] and [hearing] are tables: write each key on a line below them")
    missing = missing_choices(written, choices)
    if missing:
        raise BadProfile(
            name,
            "governor and scheme partner must decide this; write it under [choices] in the site file:\n"
            + "\n".join(missing),
        )
    return checked(_with_choices(written, choices, name), name)


def _with_choices(written: dict[str, Any], choices: Mapping[str, Any], file: str) -> dict[str, Any]:
    if "choices" in written:
        raise BadProfile(file, "[choices] are the site's: move them to the site file")
    hearing = dict(written.get("hearing", {}))
    if "hearing" in choices:
        if hearing.get("mode") == Hearing.OFF:
            raise BadProfile(file, "this profile never listens: take hearing out of the site file, or another profile")
        chosen_hearing = choices["hearing"]
        if not isinstance(chosen_hearing, Mapping):
            raise BadProfile(file, f"choices.hearing must be a table, such as {_HEARING}")
        hearing |= chosen_hearing
    chosen = {name: choice for name, choice in choices.items() if name != "hearing"}
    return {**written, "hearing": hearing, "choices": chosen, "notice": _notice(written, chosen)}


def _notice(written: Mapping[str, Any], chosen: Mapping[str, Any]) -> Any:
    """``notice.told`` names what is spoken before each notice, for each way in which a site may have chosen.

    What has another form is left as it is; the profile's own check says so.
    """
    notice = written.get("notice")
    told = notice.get("told") if isinstance(notice, Mapping) else None
    first = told.get(chosen.get("attempt_in_progress_refusing"), []) if isinstance(told, Mapping) else None
    if not isinstance(notice, Mapping) or not isinstance(first, list):
        return notice
    return {
        mode: [*first, *spoken] if isinstance(spoken, list) and spoken else spoken
        for mode, spoken in notice.items()
        if mode != "told"
    }


def _said(complaints: Iterable[str]) -> str:
    return "change this:\n" + "\n".join(complaints)
