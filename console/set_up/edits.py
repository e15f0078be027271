"""What can be changed on the pages of set-up: four parts of the site file, and no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from console.complaints import Reached
from models.words import Language, Post

# The keys of the codes under [site], in the order of the page.
CODES = ("short_code", "duty_code", "own_code", "wait_code", "kept_code", "staff_code")


@dataclass(frozen=True, slots=True)
class WingSaid:
    """``backup``: whose Listeners ring when this wing's do not answer; empty when nobody's do."""

    letter: str
    name: str
    backup: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteEdit:
    """Under [site]: all but its id and its profile."""

    name: str
    zone: str
    language: Language
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WingsEdit:
    """All wings; each cell has a phone of its own."""

    wings: Sequence[WingSaid]


@dataclass(frozen=True, slots=True)
class PostsEdit:
    """All staffed places that have a phone."""

    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class ComplaintsEdit:
    """All who can be complained to."""

    reached: Sequence[Reached]


Edit: TypeAlias = SiteEdit | WingsEdit | PostsEdit | ComplaintsEdit


def part_of(edit: Edit) -> str:
    """The part of the site file, as the audit names it."""
    match edit:
        case SiteEdit():
            return "site"
        case WingsEdit():
            return "wings"
        case PostsEdit():
            return "posts"
        case ComplaintsEdit():
            return "complaints"
        case _:
            assert_never(edit)
