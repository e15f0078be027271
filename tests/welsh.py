"""What the layers below the console say, held against the Welsh catalogue."""

from collections.abc import Iterator
from functools import cache

from babel.messages.pofile import read_po

from console.language import CATALOGUES, WELSH
from models.phrases import Phrase, Said


def without_welsh(said: Said) -> Iterator[str]:
    """Each message of it that the catalogue lacks."""
    if isinstance(said, Phrase):
        if said.english not in _messages():
            yield said.english
        for fact in said.facts.values():
            yield from without_welsh(fact)


@cache
def _messages() -> frozenset[str]:
    with (CATALOGUES / f"{WELSH}.po").open("rb") as file:
        written = read_po(file, locale=WELSH)
    texts = {one.id if isinstance(one.id, str) else one.id[0]: one.string for one in written if one.id}
    return frozenset(english for english, welsh in texts.items() if all([welsh] if isinstance(welsh, str) else welsh))
