"""The demonstration from its first line to its last: the prison is set up, the call is played, the figures are told."""

import asyncio
import json as json_format
import sys
import time
from dataclasses import asdict

from rich.console import Console

from models.errors import WinglineError
from wingline.demo.story import Figures, Story
from wingline.demo.timeline import Timeline
from wingline.demo.world import World
from wingline.ending import cancelled_when_told


async def _demo(timeline: Timeline, *, stay: bool) -> Figures:
    began, since = time.monotonic(), time.time()
    world = World()
    timeline.heading("A prison of forty cells and twelve Listeners, on this machine alone")
    await world.prepare()
    timeline.note(f"  prompts, database, configuration      {time.monotonic() - began:5.1f} s")
    cancelled_when_told()
    try:
        await world.start()
        timeline.note(f"  Asterisk, speech and line are up      {time.monotonic() - began:5.1f} s")
        story = Story(world, timeline)
        timeline.heading("The call")
        timeline.begin()
        await story.play()
        await story.look_for_words(since)
        _summary(timeline, story, time.monotonic() - began)
        if stay:
            await _stay(world, timeline)
    except WinglineError:
        timeline.note(f"\nWhat it wrote, without any word of a caller, is kept in {world.folder}")
        await world.stop()
        raise
    except BaseException:
        await world.stop()
        world.clear_away()
        raise
    await world.stop()
    world.clear_away()
    return story.figures


def _summary(timeline: Timeline, story: Story, seconds: float) -> None:
    figures = story.figures
    timeline.heading("What was measured, at the phones themselves")
    for name, value, meaning in (
        ("notice", f"{figures.notice_s:.1f} s", "who hears, what the machine does, how to say no (at most 12 s)"),
        ("ring", f"{figures.ring_ms} ms", "caller may be connected → a Listener's phone rings"),
        ("flag", f"{figures.flag_ms} ms", "end of the dangerous words → flag: a rule, a kind, a second; no word"),
        ("prompt", f"{figures.prompt_ms} ms", "flag → the Listener, and nobody else, hears the prompt"),
        ("staff", f"{figures.staff_ring_ms} ms", "the caller has not said no → the first phone of staff rings"),
        ("acknowledged", "yes" if figures.acknowledged else "NO", "answered, heard twice where and what, key 1"),
        ("words on disk", str(figures.words_found_on_disk), f"in {story.files_searched} files written meanwhile"),
    ):
        timeline.note(f"  {name:<14}{value:>9}   {meaning}")
    timeline.note(f"\n  The whole demonstration took {seconds:.0f} s.")


async def _stay(world: World, timeline: Timeline) -> None:
    timeline.note(
        f"\nThe line stays up. Console: {world.console_url}  sign in as staff or coordinator, "
        f"password {world.password}\nThe escalation is still open there: it is closed only by "
        '"spoken to the person: yes". Ctrl-C ends everything.'
    )
    await asyncio.Event().wait()


def run_demo(*, json: bool, stay: bool) -> int:
    """Plays the call; exit code 0 when all of it happened. ``json`` ends with one JSON object on the last line."""
    console = Console(stderr=json)
    timeline = Timeline(console)
    try:
        figures = asyncio.run(_demo(timeline, stay=stay))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    except WinglineError as error:
        console.print(f"\n{error}", style="bold red")
        return 1
    if json:
        sys.stdout.write(json_format.dumps(asdict(figures)) + "\n")
    return 0 if figures.words_found_on_disk == 0 and figures.acknowledged else 1
