"""Looks everywhere for what the canary's caller said, and for words of control: they have to be found."""

import asyncio
from secrets import token_hex

from wingline.chaos.prison import Prison
from wingline.chaos.voices import canary
from wingline.demo.search import Said, places_written, search


async def words_found(prison: Prison, seed: int, *, everywhere: bool) -> tuple[list[str], int]:
    """Where they were found, without repeating them, and how many files were read.

    ``everywhere``: on the whole machine; else below the folders that the run itself writes.
    """
    control = prison.folder / "control.txt"
    control_words = Said(f"{token_hex(5)} {token_hex(5)}", b"")
    control.write_text(control_words.text)
    said = [Said(canary(seed), prison.canary), control_words]
    ours = (prison.folder, prison.nodes[0].settings.prompts)
    roots = places_written(*ours) if everywhere else ours
    since = prison.clock.began_on_the_wall
    # In a thread: a loop that stands still answers no ping of Asterisk's.
    found, files = await asyncio.to_thread(search, said, roots, since=since, but=prison.people)
    control.unlink()
    elsewhere = [f"words of the caller in {one.file} as {one.form}" for one in found if one.file != control]
    if control not in {one.file for one in found}:
        elsewhere.append("the search did not even find its own control words")
    return elsewhere, files
