"""What all nodes share is lost for a while: PostgreSQL, and Kamailio."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ivr.store import GONE_AFTER
from models import tables
from wingline.bench.cluster import parts
from wingline.bench.cluster.calls import Series, answers, calls, hung_up_on
from wingline.bench.cluster.outcomes import Watch
from wingline.bench.cluster.parts import NODES
from wingline.bench.cluster.whole import Around
from wingline.bench.plugging import NotRegistered

Do = Callable[[], Awaitable[None]]

_LOST_AFTER_SECONDS = 8.0
# Longer than a node waits for an answer.
_REGISTER_WITHIN_SECONDS = 10.0
_PROXY, _PROXY_GONE_SECONDS = Series(24, stay=6.0), 4.0
_BACK_WITHIN_SECONDS = 60.0
# More of them than Kamailio has processes, while it can ask nobody for a secret.
_REGISTER_MEANWHILE = 12


@dataclass(frozen=True, slots=True)
class Outage:
    series: Series
    seconds: float


# Each caller stays long enough to be taken by the exchange alone.
_SHORT = Outage(Series(12, every=2.0, stay=30.0), 15.0)
# Each node has then not beaten for so long that another one takes it for gone.
_LONG = Outage(Series(20, every=3.5, stay=30.0), GONE_AFTER.total_seconds() + 6)
# Who talk before that and go on; by then both nodes have looked at what is open.
_STAYERS_SECONDS, _LOOKED_SECONDS = _LONG.seconds + 60, 10.0
_TALK_WITHIN_SECONDS = 20.0


async def database_killed(around: Around) -> dict[str, Any]:
    """PostgreSQL and all its processes, -9, and started again."""

    async def mend() -> None:
        await parts.start_database(around.cluster)

    return await _without_a_database(around, _SHORT, around.cluster.hosts["db"].is_killed, mend)


async def database_cut_off(around: Around) -> dict[str, Any]:
    """Nobody is told that it is gone: what is sent there is lost. Who talked before it is known to talk afterwards."""
    hosts, phones = around.cluster.hosts, around.phones
    others = await asyncio.to_thread(_talking, around)
    stayers = await phones.call(len(phones.stayers), every=1.0, stay=_STAYERS_SECONDS, by=phones.stayers)
    before = await _all_talk(around, len(phones.stayers), others)
    known: set[str] = set()

    async def cut() -> None:
        await asyncio.to_thread(hosts.cut, hosts["db"])

    async def mend() -> None:
        await asyncio.to_thread(hosts.mend, hosts["db"])

    async def look() -> None:
        await asyncio.sleep(_LOOKED_SECONDS)
        known.update(before & await asyncio.to_thread(_talking, around))

    found = await _without_a_database(around, _LONG, cut, mend, look)
    await stayers.finished(_STAYERS_SECONDS)
    await stayers.stop()
    return found | {
        "long_conversations": len(phones.stayers),
        "still_known": len(known),
        "cut_short": hung_up_on(stayers.messages()),
    }


async def _all_talk(around: Around, count: int, others: set[str]) -> set[str]:
    """Whoever does not by then is missed afterwards as well."""
    began = time.monotonic()
    while len(talking := await asyncio.to_thread(_talking, around) - others) < count:
        if time.monotonic() - began > _TALK_WITHIN_SECONDS:
            break
        await asyncio.sleep(0.5)
    return talking


async def _nothing_more() -> None:
    return


async def _without_a_database(
    around: Around, outage: Outage, lose: Do, mend: Do, then: Do = _nothing_more
) -> dict[str, Any]:
    back: float | None = None

    async def act(_watch: Watch) -> None:
        nonlocal back
        await lose()
        async with asyncio.TaskGroup() as meanwhile:
            meanwhile.create_task(_register_some(around))
            await asyncio.sleep(outage.seconds)
            await mend()
            back = await _until_all_beat(around)
            await then()

    found, _ = await calls(around, outage.series, act, after=_LOST_AFTER_SECONDS)
    return found | _reached(found) | {"gone_s": outage.seconds, "both_lines_write_again_after_s": back}


def _talking(around: Around) -> set[str]:
    with around.database.transaction() as session:
        return set(session.scalars(select(tables.Talk.call_id).where(tables.Talk.ended_at.is_(None))))


async def _register_some(around: Around) -> None:
    """Nobody can say whether their secrets are right; calls of others must not wait for it."""
    with suppress(NotRegistered):
        await around.phones.register(_REGISTER_MEANWHILE, within=_REGISTER_WITHIN_SECONDS)


async def _until_all_beat(around: Around) -> float | None:
    began = time.time()
    while time.time() - began < _BACK_WITHIN_SECONDS:
        with suppress(DBAPIError):
            beat = await asyncio.to_thread(
                around.count, tables.Node.id.in_(NODES), tables.Node.seen_at > datetime.fromtimestamp(began, UTC)
            )
            if beat == len(NODES):
                return round(time.time() - began, 2)
        await asyncio.sleep(0.2)
    return None


def _reached(found: dict[str, Any]) -> dict[str, int]:
    """Who already waits goes on hearing the line's own words; whoever no exchange spoke to is one too many."""
    return {"neither_listener_nor_told": max(0, found["calls"] - sum(found["came_to"].values()))}


async def proxy_killed(around: Around) -> dict[str, Any]:
    """What is said goes on without it; where phones are it knows from its file when it is back."""
    host = around.cluster.hosts["proxy"]
    talking, went_on, back_at, registered = 0, 0, 0.0, None

    async def act(watch: Watch) -> None:
        nonlocal talking, went_on, back_at, registered
        await watch.look()
        before = watch.talking()
        await host.is_killed()
        # Before anybody who talks hangs up by themself.
        await asyncio.sleep(_PROXY_GONE_SECONDS)
        await watch.look()
        talking, went_on = len(before), len(before & watch.talking())
        back_at = time.time()
        await parts.start(parts.proxy(around.cluster))
        registered = await _registers_again(around, back_at)

    found, heard = await calls(around, _PROXY, act, after=_LOST_AFTER_SECONDS)
    through = next((at for at in answers(heard) if at > back_at), None)
    return found | {
        "gone_s": _PROXY_GONE_SECONDS,
        "conversations": talking,
        "conversations_that_went_on": went_on,
        "a_call_gets_through_after_s": through and round(through - back_at, 2),
        "a_phone_registers_after_s": registered,
    }


async def _registers_again(around: Around, since: float) -> float | None:
    while time.time() - since < _BACK_WITHIN_SECONDS:
        with suppress(NotRegistered):
            await around.phones.register(1, within=1.0)
            return round(time.time() - since, 2)
    return None
