"""What is still there when everybody has hung up: channels, sockets, descriptors, programs."""

import os
from collections.abc import Iterator
from pathlib import Path

from models.errors import NotConnected
from wingline.chaos.node import Node
from wingline.chaos.prison import Prison
from wingline.leftovers import left_running


async def things_left(prison: Prison) -> list[str]:
    return [thing for node in prison.nodes for thing in await _left_at(node)]


async def _left_at(node: Node) -> list[str]:
    try:
        channels = await node.manager.list_of("CoreShowChannels", "CoreShowChannelsComplete")
    except NotConnected:
        return ["Asterisk does not answer"]
    left = [f"a channel in {row.get('Application')} of {row.get('Context')}" for row in channels]
    sessions = _established(node, node.line.agi_port)
    media = _established(node, node.line.speech_port) - node.links_to_speech
    left += [f"{sessions} sessions on the line's AGI port"] if sessions else []
    return left + ([f"{media} media sockets of speech"] if media > 0 else [])


def descriptors(prison: Prison) -> dict[str, int]:
    """Open files and sockets of each program."""
    pids = {child.name: child.pid for child in prison.programs}
    return {name: len(list(Path(f"/proc/{pid}/fd").iterdir())) for name, pid in pids.items() if pid}


def programs_left(prison: Prison) -> Iterator[str]:
    """Of the lines, and of the phones; asked when everything has been ended."""
    for node in prison.nodes:
        for pid in left_running(node.settings):
            yield f"a program of the line still runs: process {pid}"
    phones = os.fsencode(prison.people)
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and phones in _arguments(place):
            yield f"the program of a phone still runs: process {place.name}"


def _arguments(place: Path) -> bytes:
    """Nothing for what has ended meanwhile."""
    try:
        return (place / "cmdline").read_bytes()
    except OSError:
        return b""


def _established(node: Node, port: int) -> int:
    """Connections to one of our own ports, from this end's side, in the network that the exchange is in."""
    rows = Path(f"/proc/{node.asterisk_program.pid or 'self'}/net/tcp").read_text("ascii").splitlines()[1:]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in map(str.split, rows))
