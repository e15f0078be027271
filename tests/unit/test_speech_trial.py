"""The sentence that is spoken to speech, while other calls come and go there."""

import asyncio
import json
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from speech.door import Door
from speech.trial import hears_danger

REPORTED = (
    {"event": "hearing", "call": "trial-1"},
    {"event": "forgot", "call": "c1"},
    {"event": "second pass", "phrases": 1, "dropped": 0},
    {"event": "forgot", "call": "trial-1"},
)


async def reports(socket: ServerConnection) -> None:
    if socket.request and urlsplit(socket.request.path).path == "/flags":
        for frame in REPORTED:
            await socket.send(json.dumps(frame))
    async for _ in socket:
        continue


def test_a_call_that_ends_during_the_trial_does_not_disturb_it() -> None:
    async def story() -> list[str]:
        protocols = [Subprotocol("flags"), Subprotocol("media")]
        async with serve(reports, "127.0.0.1", 0, subprotocols=protocols, compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            frames = await asyncio.wait_for(hears_danger(Door(port, "secret"), b"", "trial-1"), 10)
        return [frame["event"] for frame in frames]

    assert asyncio.run(story()) == ["hearing", "forgot"]
