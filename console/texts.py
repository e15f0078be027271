"""What people and systems write is text that can be kept: no sign that no keyboard writes (PostgreSQL takes no NUL)."""

from collections.abc import Iterable

from fastapi import Request

_NUL = "\0"


class NotText(Exception):
    """There is a NUL in what was sent."""


def only_text(request: Request) -> None:
    """For every address: its own parts, and what comes after the question mark."""
    check(str(value) for value in request.path_params.values())
    check(part for pair in request.query_params.multi_items() for part in pair)


def check(texts: Iterable[str]) -> None:
    if any(_NUL in text for text in texts):
        raise NotText
