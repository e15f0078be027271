"""Which phone is to ring: the choices of a form."""

from collections.abc import Sequence

from console.health.shown import PHONES
from console.health.store import PhoneHere
from console.language import marked
from console.wording import POSTS

CHOOSE = marked("Choose a phone first. Nothing was rung.")


def choices(known: Sequence[PhoneHere]) -> list[tuple[str, str]]:
    """Staff's first; the others by their ids alone, which do not say in which cell they are."""
    ordered = sorted(known, key=lambda one: (one.post is None, one.kind, one.id))
    return [(one.id, f"{POSTS[one.post] if one.post else PHONES[one.kind]}: {one.id}") for one in ordered]
