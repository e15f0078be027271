"""The story of the cluster test: calls across all of it, hosts cut off and killed, and people go on being reached."""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from ivr.store import GONE_AFTER
from models import tables
from wingline.bench.cluster import parts
from wingline.bench.cluster.parts import NODES, SPEECHES
from wingline.bench.cluster.phones import answered, begun
from wingline.bench.cluster.whole import Around, asked, begin, cluster, until_line, until_ready
from wingline.bench.sipp import Message
from wingline.chaos.bounds import Bounds
from wingline.chaos.checks_calls import has_one_call, has_one_listener
from wingline.chaos.checks_escalations import is_not_doubled
from wingline.chaos.history import History, Left
from wingline.chaos.invariants import nothing_is_left
from wingline.chaos.rows import rows
from wingline.setup.steps import step

# One call each so many seconds; each caller stays for so long after the last key.
EVERY_SECONDS, STAY_MS = 1.0, 4000
CALM_CALLS, CALLS_WITH_A_LOSS = 16, 40
LOSS_AFTER_SECONDS = 12.0
# What a node that is gone leaves open is ended by the other one then, and some seconds for looking.
OVER_SECONDS = GONE_AFTER.total_seconds() + 25
LONG_STAY_MS, LONG_CALLS = 25_000, 4

# Those of `wingline chaos` that rows and exchanges can answer; none of these asks how long something took.
PROMISES = (nothing_is_left, has_one_listener, has_one_call, is_not_doubled)
BOUNDS = Bounds(human=0, rung_anew=0, silence=0, nobody_told=0, written=0, rang=0)

Act = Callable[[], Awaitable[object]]


async def story() -> dict[str, Any]:
    """The folder with all logs stays when something fails."""
    folder = begin()
    async with AsyncExitStack() as held:
        with step("hosts, PostgreSQL, Kamailio, two exchanges and lines, two speeches behind HAProxy"):
            around = await held.enter_async_context(cluster(folder))
        found: dict[str, Any] = {"hosts": len(parts.ADDRESSES)}
        with step("calls across all of it"):
            found["all_hosts_up"] = await _calls(around, CALM_CALLS)
        with step("node-a is cut off"):
            found["node_a_cut_off"] = await _cut_off(around, "node-a")
        with step("node-b is killed"):
            found["node_b_killed"] = await _killed(around, "node-b")
        with step("speech-1 is cut off"):
            found["speech_1_cut_off"] = await _deaf(around)
        with step("until nothing is open any more"):
            found["broken"] = await _afterwards(around)
        found["violations"] = violations(found)
    if found["violations"]:
        found["logs"] = str(folder / "log")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def violations(found: dict[str, Any]) -> int:
    """What must not be: rows or channels left, a Listener or a caller shared, callers whom nobody reaches for long."""
    unreached = [found[one]["longest_without_a_listener_s"] for one in ("node_a_cut_off", "node_b_killed")]
    calm = found["all_hosts_up"]
    left_or_shared = sum(found["broken"].values())
    long_without = sum(gap is None or gap > parts.LONGEST_GAP_SECONDS for gap in unreached)
    missed = calm["calls"] - calm["taken_by_a_listener"]
    idle = sum(calm["by_node"].get(node, 0) == 0 for node in NODES)
    deaf = found["speech_1_cut_off"]
    unheard = deaf["heard_by_it"] - deaf["heard_again_by_the_other"]
    return int(left_or_shared + long_without + missed + idle + unheard)


async def _calls(around: Around, calls: int, loss: tuple[str, Act] | None = None) -> dict[str, Any]:
    """A call each second; ``loss`` happens to that node in the middle of them."""
    since = time.time()
    before = {name: len(one.calls) for name, one in around.hears.items()}
    callers = await around.phones.call(calls, every=EVERY_SECONDS, stay=STAY_MS)
    lost_at, lost = None, 0
    if loss:
        await asyncio.sleep(LOSS_AFTER_SECONDS)
        node, act = loss
        lost = around.count(
            tables.Talk.ended_at.is_(None), tables.Talk.call_id == tables.Call.id, tables.Call.node_id == node
        )
        lost_at = time.time()
        await act()
    await callers.finished(calls * EVERY_SECONDS + 45)
    await callers.stop()
    taken = [at for at in answered(around.listeners.messages()) if at >= since]
    made = begun(callers.messages())
    return {
        "calls": len(made),
        "answered_by_an_exchange": picked_up(callers.messages()),
        "taken_by_a_listener": len(taken),
        "conversations_lost": lost,
        "by_node": _by_node(around, since),
        "heard_by": {name: len(one.calls) - before[name] for name, one in around.hears.items()},
        "longest_without_a_listener_s": longest_gap([lost_at or since, *taken], lost_at or since),
    }


def picked_up(messages: Sequence[Message]) -> int:
    return len({one.call for one in messages if not one.sent and one.what == "200" and one.of == "INVITE"})


def longest_gap(moments: Sequence[float], since: float) -> float | None:
    """Between two of these after ``since``; None when there are none."""
    later = sorted(one for one in moments if one >= since)
    return round(max(after - before for before, after in pairwise(later)), 2) if len(later) > 1 else None


def _by_node(around: Around, since: float) -> dict[str, int]:
    began = tables.Call.began_at >= datetime.fromtimestamp(since, UTC)
    with around.database.transaction() as session:
        return dict(Counter(session.scalars(select(tables.Call.node_id).where(began)).all()))  # type: ignore[arg-type]


async def _cut_off(around: Around, node: str) -> dict[str, Any]:
    """Its conversations are lost to it; whoever calls then is given to the other one. It is started anew afterwards."""
    host = around.cluster.hosts[node]

    async def cut() -> None:
        await asyncio.to_thread(around.cluster.hosts.cut, host)

    found = await _calls(around, CALLS_WITH_A_LOSS, (node, cut))
    await host.is_killed()
    await asyncio.to_thread(around.cluster.hosts.mend, host)
    await _back(around, node)
    found["afterwards"] = await _calls(around, CALM_CALLS)
    return found


async def _killed(around: Around, node: str) -> dict[str, Any]:
    found = await _calls(around, CALLS_WITH_A_LOSS, (node, around.cluster.hosts[node].is_killed))
    await _back(around, node)
    found["afterwards"] = await _calls(around, CALM_CALLS)
    return found


async def _back(around: Around, node: str) -> None:
    (around.cluster.folder / "log" / f"{node}-line.log").unlink(missing_ok=True)
    await parts.start_node(around.cluster, node)
    await until_line(around.cluster, node)
    await until_ready(around, node)


async def _deaf(around: Around) -> dict[str, Any]:
    """Whom the lost one heard the other one hears: the conversations themselves go on."""
    host = around.cluster.hosts[SPEECHES[0]]
    before = {name: set(one.calls) for name, one in around.hears.items()}
    callers = await around.phones.call(LONG_CALLS, every=EVERY_SECONDS, stay=LONG_STAY_MS)
    await asyncio.sleep(LONG_CALLS * EVERY_SECONDS + 5)
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
    await callers.finished(LONG_STAY_MS / 1000 + 30)
    await callers.stop()
    return {
        "heard_by_it": len(lost),
        "heard_by_the_other": len(kept),
        "heard_again_by_the_other": len(again),
        "after_s": round(took, 2) if again else None,
        "conversations_that_went_on": talking,
    }


async def _afterwards(around: Around) -> dict[str, int]:
    """Nothing may be left, and nobody may have been shared, in all that happened."""
    began = time.monotonic()
    while time.monotonic() - began < OVER_SECONDS:
        # A Listener's phone goes on hearing of a debrief when the call is over.
        if not _open(around) and not await _channels(around):
            break
        await asyncio.sleep(1)
    kept = await asyncio.to_thread(_history, around, await _channels(around))
    counted = Counter(one.invariant for check in PROMISES for one in check(kept, BOUNDS))
    return {check.__name__: counted[check.__name__] for check in PROMISES}


def _history(around: Around, channels: int) -> History:
    """What `wingline chaos` looks at, as far as it is known here: rows, and what was left."""
    left = [f"{channels} channels"] * bool(channels)
    left += [f"{one} ended by itself" for host in around.cluster.hosts for one in host.ended()]
    with around.database.transaction() as session:
        return History(ended=time.time(), rows=rows(session, datetime.timestamp), left=Left(tuple(left)))


async def _channels(around: Around) -> int:
    said = [await asyncio.to_thread(asked, around.cluster, node, "core show channels count") for node in NODES]
    return sum(int(one.split()[0]) for one in said if one[:1].isdigit())


def _open(around: Around) -> int:
    tables_ = (tables.Call, tables.Offer, tables.Talk)
    return sum(around.count(table.ended_at.is_(None)) for table in tables_)
