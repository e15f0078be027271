"""Looks everywhere for what the canary's caller said, and for words of control: they have to be found."""

import asyncio

from wingline.chaos.prison import Prison
from wingline.chaos.voices import canary
from wingline.demo.search import Said, places_written, search

_CONTROL = Said("wingline chaos looks for these control words", b"")


async def words_found(prison: Prison, seed: int) -> tuple[list[str], int]:
    """Where they were found, without repeating them, and how many files were read."""
    world = prison.world
    control = world.settings.data / "control.txt"
    control.write_text(_CONTROL.text)
    said = [Said(canary(seed), prison.canary), _CONTROL]
    roots = places_written(world.folder, world.settings.prompts)
    since = prison.clock.began_on_the_wall
    # In a thread: a loop that stands still answers no ping of Asterisk's.
    found, files = await asyncio.to_thread(search, said, roots, since=since, but=world.people)
    control.unlink()
    elsewhere = [f"words of the caller in {one.file} as {one.form}" for one in found if one.file != control]
    if control not in {one.file for one in found}:
        elsewhere.append("the search did not even find its own control words")
    return elsewhere, files
