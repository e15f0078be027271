"""A node or a speech is lost: its conversations are, or are heard elsewhere, and people go on being reached."""

import asyncio
import time
from typing import Any

from ivr.asterisk_config import MISSED_WITHIN_SECONDS
from ivr.store import GONE_AFTER
from models import tables
from wingline.bench.cluster import parts
from wingline.bench.cluster.calls import AFTERWARDS, CALM, LOSS_AFTER_SECONDS, WITH_A_LOSS, Act, Series, calls
from wingline.bench.cluster.outcomes import Watch
from wingline.bench.cluster.parts import SPEECHES
from wingline.bench.cluster.whole import Around, channels, until_line, until_ready

_LONG = Series(4, stay=25.0)
# The other node has then ended what the one that is cut off had.
_CUT_OFF_SECONDS = GONE_AFTER.total_seconds() + 10
_CLEAN_WITHIN_SECONDS = MISSED_WITHIN_SECONDS + 5


async def calm(around: Around, series: Series = CALM) -> dict[str, Any]:
    found, _ = await calls(around, series)
    return found


async def cut_off(around: Around, node: str) -> dict[str, Any]:
    """Its conversations are lost to it; whoever calls then is given to the other one. It comes back as it is."""
    host, cut_at = around.cluster.hosts[node], time.monotonic()

    async def cut(_watch: Watch) -> None:
        nonlocal cut_at
        cut_at = time.monotonic()
        await asyncio.to_thread(around.cluster.hosts.cut, host)

    found = await _lost(around, node, cut)
    await asyncio.sleep(max(0, cut_at + _CUT_OFF_SECONDS - time.monotonic()))
    found["channels_when_it_is_back"] = await channels(around, node)
    await asyncio.to_thread(around.cluster.hosts.mend, host)
    found["clean_by_itself_after_s"] = await _until_clean(around, node)
    await until_ready(around, node)
    return found | {"afterwards": await calm(around, AFTERWARDS)}


async def _until_clean(around: Around, node: str) -> float | None:
    """Nobody's channel is there whose phone has hung up unheard."""
    began = time.monotonic()
    while await channels(around, node):
        if time.monotonic() - began > _CLEAN_WITHIN_SECONDS:
            return None
        await asyncio.sleep(0.5)
    return round(time.monotonic() - began, 2)


async def killed(around: Around, node: str) -> dict[str, Any]:
    async def kill(_watch: Watch) -> None:
        await around.cluster.hosts[node].is_killed()

    return await _lost(around, node, kill) | await _started_anew(around, node)


async def _lost(around: Around, node: str, act: Act) -> dict[str, Any]:
    lost = 0

    async def lose(watch: Watch) -> None:
        nonlocal lost
        of_it = tables.Talk.call_id == tables.Call.id, tables.Call.node_id == node
        lost = around.count(tables.Talk.ended_at.is_(None), *of_it)
        await act(watch)

    found, _ = await calls(around, WITH_A_LOSS, lose, after=LOSS_AFTER_SECONDS)
    return found | {"conversations_lost": lost}


async def _started_anew(around: Around, node: str) -> dict[str, Any]:
    await start_again(around, node)
    return {"afterwards": await calm(around, AFTERWARDS)}


async def start_again(around: Around, node: str) -> None:
    (around.cluster.folder / "log" / f"{node}-line.log").unlink(missing_ok=True)
    await parts.start(*parts.node_programs(around.cluster, node))
    await until_line(around.cluster, node)
    await until_ready(around, node)


async def deaf(around: Around) -> dict[str, Any]:
    """Whom the lost one heard the other one hears: the conversations themselves go on."""
    host = around.cluster.hosts[SPEECHES[0]]
    before = {name: set(one.calls) for name, one in around.hears.items()}
    callers = await around.phones.call(_LONG.calls, every=_LONG.every, stay=_LONG.stay)
    await asyncio.sleep(_LONG.calls * _LONG.every + 5)
    lost, kept = (around.hears[name].calls - before[name] for name in SPEECHES)
    lost, kept = set(lost), set(kept)
    await asyncio.to_thread(around.cluster.hosts.cut, host)
    began = time.monotonic()
    while not lost <= around.hears[SPEECHES[1]].calls and time.monotonic() - began < 15:  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.1)
    took = time.monotonic() - began
    talking = around.count(tables.Talk.ended_at.is_(None))
    again = lost & around.hears[SPEECHES[1]].calls
    await asyncio.to_thread(around.cluster.hosts.mend, host)
    await callers.finished(_LONG.stay + 30)
    await callers.stop()
    return {
        "heard_by_it": len(lost),
        "heard_by_the_other": len(kept),
        "heard_again_by_the_other": len(again),
        "after_s": round(took, 2) if again else None,
        "conversations_that_went_on": talking,
    }
