"""The proof of forgetting: canaries are spoken through real calls, and then looked for everywhere."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete

from models import tables
from models.dangers import Danger
from stories.conftest import Story
from stories.memory import NotAllowed, found_in, found_in_memory, programs
from stories.people import Caller, Listener
from wingline.demo.flags import FlagClock
from wingline.demo.search import Said, places_written, search
from wingline.settings import speech_door

pytestmark = pytest.mark.anyio

# Words that nobody else on this machine says, and that the recogniser knows. The last is a danger.
CANARIES = (
    "my purple elephant eats orange marmalade on sunday morning",
    "seventeen yellow penguins were dancing in the cathedral",
    "I am going to kill myself because the crocodile has stolen my umbrella",
)
RARE = (
    "purple elephant eats orange marmalade",
    "seventeen yellow penguins were dancing",
    "crocodile has stolen my umbrella",
)
STEMS = tuple(
    stem.encode()
    for stem in (
        "purple elephant", "orange marmalade", "yellow penguin", "in the cathedral", "crocodile has", "my umbrella",
        "elephant eats", "marmalade on", "penguins were", "dancing in", "kill myself because", "stolen my",
    )
)  # fmt: skip
VOICE = "flite:slt"
# `make soak` asks for many; one is the proof in `make test`.
CALLS = int(os.environ.get("WINGLINE_SOAK_CALLS", "1"))


async def says_the_canaries(story: Story, caller: Caller, flags: FlagClock) -> list[Said]:
    said = []
    for canary, rare in zip(CANARIES, RARE, strict=True):
        await caller.says(canary, VOICE)
        # In files only what nobody else writes is looked for: other programs may speak of the third canary's danger.
        said.append(Said(rare, await story.world.voices.speak(canary, VOICE)))
        await asyncio.sleep(1.5)
    # That it was heard is what counts here: a busy machine leaves sound out, and then it is said again.
    for _ in range(5):
        if await is_flagged(flags, Danger.SUICIDE_INTENT):
            return said
        await caller.says(CANARIES[-1], VOICE)
    pytest.fail("speech heard no danger in the last canary")


async def is_flagged(flags: FlagClock, danger: Danger) -> bool:
    while flag := await flags.next(within=10):
        if flag[1] == danger:
            return True
    return False


def ours(story: Story) -> dict[str, list[int]]:
    """Every program of the line, by its name."""
    children = {child.name: child.pid for child in story.world.service.children}
    return {name: programs(pid) for name, pid in children.items() if pid}


@contextmanager
def a_program_that_keeps(words: str) -> Iterator[int]:
    """What a leak would be: some other process of the machine holds the words."""
    code = "import sys; kept = sys.stdin.readline(); print(len(kept), flush=True); sys.stdin.readline()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as leaking:
        assert leaking.stdin is not None
        assert leaking.stdout is not None
        leaking.stdin.write(f"{words}\n")
        leaking.stdin.flush()
        leaking.stdout.readline()
        yield leaking.pid
        leaking.stdin.close()


async def test_what_a_caller_said_is_nowhere(story: Story) -> None:
    began = time.time()
    (kestrel,) = await story.listeners("Kestrel")
    frames: list[bytes] = []
    async with FlagClock(speech_door(story.world.settings), frames.append) as flags:
        for _ in range(CALLS):
            said, in_the_call = await a_call_with_canaries(story, kestrel, flags)
            await asyncio.sleep(2.5)
            # The search finds what is there: the words, while they are heard, in the memory of speech.
            if in_the_call is not None:
                assert in_the_call
            # And nowhere when the call is over, nor ever anywhere else.
            assert await memory_of(story, "speech") in (set(), None)
    assert await memory_of(story, "line") == set()
    assert await memory_of(story, "asterisk") == set()
    assert found_in(frames, STEMS) == set()
    assert sum(b"suicide_intent" in frame for frame in frames) >= CALLS
    found, files = await asyncio.to_thread(
        search, said, places_written(story.world.folder), since=began, but=story.world.people
    )
    assert files > 3
    assert found == []


async def a_call_with_canaries(
    story: Story, kestrel: Listener, flags: FlagClock
) -> tuple[list[Said], set[bytes] | None]:
    """What was said, and which of it stood in the memory of speech meanwhile."""
    caller = await story.caller()
    await caller.dials("100")
    await caller.is_through_the_notice(listening=True)
    await kestrel.takes_the_call()
    await caller.hears("A Listener is with you now.")
    await asyncio.sleep(1)
    said = await says_the_canaries(story, caller, flags)
    in_the_call = await memory_of(story, "speech")
    await caller.hangs_up()
    if CALLS > 1:
        await kestrel.hangs_up()
        await rested(story)
    return said, in_the_call


async def rested(story: Story) -> None:
    """In a soak the same Listener takes every call."""
    await asyncio.sleep(1)
    await story.world.database.run(lambda session: session.execute(delete(tables.Talk)))


async def test_the_search_finds_a_canary_that_was_leaked(story: Story) -> None:
    began = time.time()
    log = story.world.settings.logs / "leaked.log"
    said = [Said(CANARIES[0], await story.world.voices.speak(CANARIES[0], VOICE))]
    log.write_text(f"heard: {CANARIES[0]}\n")
    sound = story.world.settings.data / "leaked.raw"
    sound.write_bytes(said[0].pcm)
    try:
        found, _ = await asyncio.to_thread(search, said, [story.world.folder], since=began, but=story.world.people)
    finally:
        log.unlink()
        sound.unlink()
    with a_program_that_keeps(CANARIES[1]) as leaking:
        in_memory = found_in_memory(leaking, STEMS)

    assert {(one.file, one.form) for one in found} == {(log, "text"), (sound, "sound")}
    assert b"yellow penguin" in in_memory
    assert found_in([b'{"event": "flag", "words": "Purple Elephant"}'], STEMS) == {b"purple elephant"}


async def memory_of(story: Story, name: str) -> set[bytes] | None:
    """None where the kernel lets us not look, as it does for speech unless we are root.

    In a thread, as every long search here: a loop that stands still answers no ping of Asterisk's and is cut off.
    """
    try:
        return await asyncio.to_thread(_memory_of, ours(story)[name])
    except NotAllowed:
        assert name == "speech"
        assert os.geteuid() != 0
        return None


def _memory_of(pids: list[int]) -> set[bytes]:
    return set().union(*(found_in_memory(pid, STEMS) for pid in pids))
