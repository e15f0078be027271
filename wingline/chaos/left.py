"""What is still there when everybody has hung up: channels, sockets, descriptors, programs."""

import os
from collections.abc import Iterator
from pathlib import Path

from models.errors import NotConnected
from wingline.chaos.prison import Prison
from wingline.demo.world import World
from wingline.leftovers import left_running

# The line's own link to speech stays.
_LINKS_TO_SPEECH = 1


async def things_left(prison: Prison) -> list[str]:
    try:
        channels = await prison.manager.list_of("CoreShowChannels", "CoreShowChannelsComplete")
    except NotConnected:
        return ["Asterisk does not answer"]
    left = [f"a channel in {row.get('Application')} of {row.get('Context')}" for row in channels]
    sessions = established(prison.line.agi_port)
    media = established(prison.line.speech_port) - _LINKS_TO_SPEECH
    left += [f"{sessions} sessions on the line's AGI port"] if sessions else []
    return left + ([f"{media} media sockets of speech"] if media > 0 else [])


def descriptors(prison: Prison) -> dict[str, int]:
    """Open files and sockets of each program."""
    pids = {child.name: child.pid for child in prison.world.service.children}
    return {name: len(list(Path(f"/proc/{pid}/fd").iterdir())) for name, pid in pids.items() if pid}


def programs_left(world: World) -> Iterator[str]:
    """Of the line, and of the phones; asked when everything has been ended."""
    for pid in left_running(world.settings):
        yield f"a program of the line still runs: process {pid}"
    phones = os.fsencode(world.people)
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and phones in _arguments(place):
            yield f"the program of a phone still runs: process {place.name}"


def _arguments(place: Path) -> bytes:
    """Nothing for what has ended meanwhile."""
    try:
        return (place / "cmdline").read_bytes()
    except OSError:
        return b""


def established(port: int) -> int:
    """Connections to one of our own ports, from this end's side."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
