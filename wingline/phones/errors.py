"""What can go wrong with a phone; each error says it with the phone's own last words."""

from __future__ import annotations

from collections.abc import Iterable


class PhoneError(Exception):
    """The phone, or the person holding it in a story, could not do what was asked."""


class PhoneCrashed(PhoneError):
    def __init__(self, name: str, exit_code: int | None, last_lines: Iterable[str]) -> None:
        said = "\n  ".join(last_lines)
        super().__init__(f"The phone of {name} ended by itself (exit code {exit_code}). Its last lines:\n  {said}")


class PhoneNotRegistered(PhoneError):
    def __init__(self, name: str, reason: str, last_lines: Iterable[str]) -> None:
        said = "\n  ".join(last_lines)
        super().__init__(f"The phone of {name} could not register: {reason}. Its last lines:\n  {said}")


class PhoneRefused(PhoneError):
    def __init__(self, name: str, command: str, answer: str) -> None:
        super().__init__(f"The phone of {name} refused '{command}': {answer}")


class VoiceFailed(PhoneError):
    def __init__(self, voice: str, reason: str) -> None:
        super().__init__(f"The voice {voice} could not speak: {reason}")
