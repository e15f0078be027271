"""Speaks a recording to a running speech process in real time, as Asterisk would, and returns what it reports."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from speech.door import Door
from speech.gate import FRAME_BYTES, FRAME_SECONDS

QUIET_AFTERWARDS_SECONDS = 1.0
# Everything is said within this after the last frame, or the process is not well.
PATIENCE_SECONDS = 10.0


async def hears_danger(door: Door, pcm16k: bytes, call: str) -> list[dict[str, Any]]:
    """The frames reported for this call, each with `at`: seconds after the first frame of audio was sent."""
    async with (
        connect(door.url("/flags"), subprotocols=[Subprotocol("flags")], compression=None) as flags,
        connect(door.url(f"/media?call={call}"), subprotocols=[Subprotocol("media")], compression=None) as media,
    ):
        begun = asyncio.get_running_loop().time()
        reading = asyncio.create_task(_frames_of(flags, call, begun))
        await _speak(media, pcm16k + bytes(int(QUIET_AFTERWARDS_SECONDS / FRAME_SECONDS) * FRAME_BYTES), begun)
        await media.close()
        return await asyncio.wait_for(reading, PATIENCE_SECONDS)


async def _speak(media: ClientConnection, pcm: bytes, begun: float) -> None:
    await media.send("MEDIA_START connection_id:trial format:slin16 optimal_frame_size:640 ptime:20")
    for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
        await asyncio.sleep(begun + number * FRAME_SECONDS - asyncio.get_running_loop().time())
        await media.send(pcm[at : at + FRAME_BYTES])


async def _frames_of(flags: ClientConnection, call: str, begun: float) -> list[dict[str, Any]]:
    frames = []
    async for message in flags:
        frame = json.loads(message)
        # Reports of the whole process name no call.
        if frame.get("call") == call:
            frames.append({**frame, "at": asyncio.get_running_loop().time() - begun})
            if frame["event"] == "forgot":
                break
    return frames
