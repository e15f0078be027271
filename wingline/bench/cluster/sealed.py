"""One phone of the cluster speaks TLS and SRTP, through Kamailio to an exchange and back."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from wingline.bench.cluster.calls import watching
from wingline.bench.cluster.outcomes import Became
from wingline.bench.cluster.parts import NODES, SIPS_PORT
from wingline.bench.cluster.phones import line_of
from wingline.bench.cluster.whole import Around, asked
from wingline.phones.phone import Phone

_ANSWERED_SECONDS, _LISTENER_SECONDS, _TALK_SECONDS, _FOUND_SECONDS = 10.0, 30.0, 3.0, 40.0


async def secure_phone(around: Around) -> dict[str, Any]:
    async with _phone(around) as phone:
        await phone.dial("100")
        answered = await phone.connects(_ANSWERED_SECONDS)
        if answered is None:
            why = [one.detail for one in phone.events if one.detail]
            return {"answered": False, "in_the_clear": 0, "listener": False, "hears": False, "found_by": 0, "why": why}
        async with watching(around, [around.secure]) as watch:
            # The language, and no to the machine.
            await asyncio.sleep(1)
            await phone.press("12")
            await _until_with_a_listener(watch.came_to)
            hears = await phone.hears_sound(_TALK_SECONDS)
        found_by = await _found_by(around)
        await phone.hang_up()
        messages = [one.text for one in phone.signalling]
    return {
        "answered": True,
        "messages": len(messages),
        "in_the_clear": sum(in_the_clear(one) for one in messages),
        "listener": Became.LISTENER in watch.came_to.values(),
        "hears": hears is not None,
        "found_by": found_by,
    }


def in_the_clear(message: str) -> bool:
    """Another way than TLS, or sound without keys."""
    return "SIP/2.0/UDP" in message or ("m=audio" in message and "RTP/SAVP" not in message)


def _phone(around: Around) -> Phone:
    cluster = around.cluster
    registrar = cluster.hosts["proxy"].address, SIPS_PORT
    line = line_of(cluster, around.secure, registrar, authority=cluster.authority)
    return Phone("secure", line, folder=cluster.folder / "secure-phone")


async def _until_with_a_listener(came_to: Mapping[tuple[str, str], Became]) -> None:
    began = time.monotonic()
    while Became.LISTENER not in came_to.values() and time.monotonic() - began < _LISTENER_SECONDS:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def _found_by(around: Around) -> int:
    """Exchanges whose question whether it is there came through to it."""
    began, there = time.monotonic(), 0
    while there < len(NODES) and time.monotonic() - began < _FOUND_SECONDS:
        await asyncio.sleep(0.5)
        said = [await asyncio.to_thread(asked, around.cluster, node, "pjsip show contacts") for node in NODES]
        there = sum(any(around.secure.id in one and " Avail" in one for one in text.splitlines()) for text in said)
    return there
