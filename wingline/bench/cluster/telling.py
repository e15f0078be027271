"""A caller pressed 0, and the node that tells staff dies while they hear it: the other one tells them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from sqlalchemy import select

from models import tables
from wingline.bench.cluster.losses import start_again
from wingline.bench.cluster.phones import STAFF_NOW, begun
from wingline.bench.cluster.whole import Around
from wingline.bench.prison import SITE
from wingline.bench.setting_up import rung
from wingline.bench.sipp import Message
from wingline.nightly_close import Closer

# The caller stays; staff have heard a part of it when the node dies.
_STAYS_SECONDS, _HEARD_SECONDS = 40.0, 2.0
_WITHIN_SECONDS = 60.0
# As long as a step lasts is not waited for; whoever is rung again by mistake is rung within the next looks.
_QUIET_SECONDS = 8.0


async def staff_told(around: Around) -> dict[str, Any]:
    since = time.time()
    callers = await around.phones.call(1, every=1.0, stay=_STAYS_SECONDS, key=STAFF_NOW)
    await _until(lambda: bool(_answered(around.staff.messages(), since)))
    await asyncio.sleep(_HEARD_SECONDS)
    told = await asyncio.to_thread(_tellings, around, since)
    found: dict[str, Any] = {"calls": len(begun(callers.messages())), "told_by": sorted(_nodes(told))}
    if told:
        found |= await _the_teller_dies(around, told[-1].node_id or "", since)
    await callers.stop()
    await Closer(around.database, SITE).close()
    escalations = await asyncio.to_thread(_escalations, around, since)
    return found | {"escalations": len(escalations)}


async def _the_teller_dies(around: Around, node: str, since: float) -> dict[str, Any]:
    lost_at = time.time()
    await around.cluster.hosts[node].is_killed()
    await _until(lambda: all(one.acknowledged_at for one in _escalations(around, since)))
    heard_at = [one.acknowledged_at for one in await asyncio.to_thread(_escalations, around, since)]
    going_at = max((at.timestamp() for at in heard_at if at), default=None)
    await asyncio.sleep(_QUIET_SECONDS)
    told = await asyncio.to_thread(_tellings, around, since)
    rings = rung(around.staff.messages())
    again = next((at for at in rings if at > lost_at), None)
    await start_again(around, node)
    return {
        "told_by_afterwards": sorted(_nodes(told) - {node}),
        "told_again_after_s": again and round(again - lost_at, 2),
        "acknowledged_after_s": going_at and round(going_at - lost_at, 2),
        "rung_twice_at_once": at_once([(one.phone_id, one.rang_at, one.ended_at) for one in told]),
        "rung_although_somebody_goes": sum(at > going_at for at in rings) if going_at else 0,
    }


def at_once(rings: Sequence[tuple[str, datetime, datetime | None]]) -> int:
    """Pairs of rings of one phone of which the later began before the earlier had ended."""
    pairs = combinations(sorted(rings, key=lambda one: one[1]), 2)
    return sum(one[0] == other[0] and (one[2] is None or one[2] > other[1]) for one, other in pairs)


def _answered(messages: Sequence[Message], since: float) -> list[float]:
    return [one.at for one in messages if one.at >= since and one.sent and one.what == "200" and one.of == "INVITE"]


def _tellings(around: Around, since: float) -> Sequence[tables.Telling]:
    rang = tables.Telling.rang_at >= datetime.fromtimestamp(since, UTC)
    with around.database.transaction() as session:
        return session.scalars(select(tables.Telling).where(rang).order_by(tables.Telling.rang_at)).all()


def _escalations(around: Around, since: float) -> Sequence[tables.Escalation]:
    raised = tables.Escalation.raised_at >= datetime.fromtimestamp(since, UTC)
    with around.database.transaction() as session:
        return session.scalars(select(tables.Escalation).where(raised)).all()


def _nodes(told: Sequence[tables.Telling]) -> set[str]:
    return {one.node_id for one in told if one.node_id}


async def _until(question: Callable[[], bool]) -> None:
    """Or for as long as anybody waits; whoever asks looks what came."""
    began = time.monotonic()
    while time.monotonic() - began < _WITHIN_SECONDS and not await asyncio.to_thread(question):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.2)
