"""A series of calls across the cluster, what was done in the middle of it, and what came of each."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from models import tables
from wingline.bench.cluster.outcomes import Watch
from wingline.bench.cluster.parts import NODES
from wingline.bench.cluster.phones import answered, begun, ended
from wingline.bench.cluster.whole import Around, asked
from wingline.bench.sipp import Account, Message

Act = Callable[[Watch], Awaitable[object]]

# To the last key; whose exchange is gone never hears that they hang up.
_BEFORE_THAT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Series:
    """So many calls, one each so many seconds; each caller stays for so long after the last key."""

    calls: int
    every: float = 1.0
    stay: float = 4.0


CALM, AFTERWARDS, WITH_A_LOSS = Series(16), Series(8), Series(24)
LOSS_AFTER_SECONDS = 12.0


async def calls(
    around: Around, series: Series, act: Act | None = None, *, after: float = 0.0
) -> tuple[dict[str, Any], list[Message]]:
    """What came of them, and the callers' messages; ``act`` happens so many seconds ``after`` the first call."""
    since = time.time()
    before = {name: len(one.calls) for name, one in around.hears.items()}
    callers = await around.phones.call(series.calls, every=series.every, stay=series.stay)
    lost_at = since
    async with watching(around, around.phones.callers) as watch:
        if act:
            await asyncio.sleep(after)
            lost_at = time.time()
            await act(watch)
        await callers.finished(series.calls * series.every + series.stay + _BEFORE_THAT_SECONDS)
        await callers.stop()
    taken = [at for at in answered(around.listeners.messages()) if at >= since]
    heard = callers.messages()
    found = {
        "calls": len(begun(heard)),
        "answered_by_an_exchange": picked_up(heard),
        "taken_by_a_listener": len(taken),
        "hung_up_on": hung_up_on(heard),
        "came_to": watch.counted(),
        "by_node": _by_node(around, since),
        "heard_by": {name: len(one.calls) - before[name] for name, one in around.hears.items()},
        "longest_without_a_listener_s": longest_gap([lost_at, *taken], lost_at),
    }
    return found, heard


@asynccontextmanager
async def watching(around: Around, callers: Sequence[Account]) -> AsyncIterator[Watch]:
    """What the exchanges say of these callers' channels meanwhile."""
    made = around.cluster
    watch = Watch(lambda node, what: asked(made, node, what), NODES, {one.id for one in callers})
    task = asyncio.create_task(watch.watch())
    try:
        yield watch
    finally:
        await ended(task)


def picked_up(messages: Sequence[Message]) -> int:
    return len(answers(messages))


def answers(messages: Sequence[Message]) -> list[float]:
    """When each call was answered."""
    first: dict[str, float] = {}
    for one in messages:
        if not one.sent and one.what == "200" and one.of == "INVITE":
            first.setdefault(one.call, one.at)
    return sorted(first.values())


def hung_up_on(messages: Sequence[Message]) -> int:
    """Calls that an exchange ended while the caller stayed."""
    byes = [one for one in messages if one.what == "BYE"]
    # An exchange that did not hear of it hangs up later on who has gone (ivr/gone_phones.py).
    gone = {one.call: one.at for one in reversed(byes) if one.sent}
    return len({one.call for one in byes if not one.sent and one.at < gone.get(one.call, math.inf)})


def longest_gap(moments: Sequence[float], since: float) -> float | None:
    """Between two of these after ``since``; None when there are none."""
    later = sorted(one for one in moments if one >= since)
    return round(max(after - before for before, after in pairwise(later)), 2) if len(later) > 1 else None


def _by_node(around: Around, since: float) -> dict[str, int]:
    began = tables.Call.began_at >= datetime.fromtimestamp(since, UTC)
    with around.database.transaction() as session:
        return dict(Counter(session.scalars(select(tables.Call.node_id).where(began)).all()))  # type: ignore[arg-type]
