"""(a) How soon a Listener's phone rings, and how many calls a second get so far, beside app_queue alone."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wingline.bench.figures import middle, per_second, share, slow_end
from wingline.bench.ground import FIRST_KEY_MS, NO, SECOND_KEY_MS, Ground
from wingline.bench.sipp import Message
from wingline.bench.usage import total, usages

# One after the other; the ring comes within this, or does not count.
STAY_MS = 600
ROUNDS = 3
FIRST_LOAD = 8
# Of a load that is borne, nearly everybody's call rings.
BORNE = 0.98
PAUSES_MS = FIRST_KEY_MS + SECOND_KEY_MS


@dataclass(frozen=True, slots=True)
class Load:
    """One load: so many callers at once, each calling again and again."""

    at_once: int
    calls: int
    rings: int
    a_second: float | None
    # From a caller's INVITE to a ring, on average; exact whoever's ring it is.
    mean_ms: float | None
    cpu_ms: float | None


@dataclass(slots=True)
class Found:
    """``waits_ms``: of calls one after the other, without what callers themselves take to press keys."""

    waits_ms: list[float] = field(default_factory=list)
    medians_ms: list[float] = field(default_factory=list)
    unrung: int = 0
    loads: list[Load] = field(default_factory=list)

    def as_found(self) -> dict[str, Any]:
        best = most_borne(self.loads)
        return {
            "invite_to_ring_ms_median": middle(self.medians_ms),
            "invite_to_ring_ms_p95": slow_end(self.waits_ms),
            "calls_one_by_one": len(self.waits_ms),
            "without_a_ring": self.unrung,
            "calls_set_up_per_second": best.a_second if best else None,
            "at_once": best.at_once if best else None,
            "cpu_ms_per_call": best.cpu_ms if best else None,
            "mean_invite_to_ring_ms_at_that_load": best.mean_ms if best else None,
            "loads": [
                {"at_once": one.at_once, "calls": one.calls, "rings": one.rings, "per_second": one.a_second}
                for one in self.loads
            ],
        }


def most_borne(loads: Sequence[Load]) -> Load | None:
    borne = [one for one in loads if one.a_second and one.rings >= BORNE * one.calls]
    return max(borne, key=lambda one: one.a_second or 0, default=None)


async def setting_up(ground: Ground, *, calls: int, until: float, sound: Path) -> dict[str, Any]:
    """``calls`` in each round, one after the other; then as many at once as are borne. ``until``: time.monotonic()."""
    found = {False: Found(), True: Found()}
    for done in range(ROUNDS):
        for bare, one in found.items():
            # A slow machine may have needed all the time to start; without one round of each there is nothing to say.
            if not done or time.monotonic() < until:
                await _one_by_one(ground, one, bare=bare, calls=max(1, calls // ROUNDS), sound=sound)
    at_once, going = FIRST_LOAD, dict(found)
    while going and at_once <= len(ground.listeners):
        for bare, one in list(going.items()):
            if time.monotonic() > until:
                going.clear()
                break
            load = await _loaded(ground, bare=bare, at_once=at_once, sound=sound)
            one.loads.append(load)
            if load.rings < BORNE * load.calls and time.monotonic() < until:
                # A key that came a moment too soon is no sign of a machine that bears no more: once again.
                load = await _loaded(ground, bare=bare, at_once=at_once, sound=sound)
                one.loads.append(load)
            if load.rings < BORNE * load.calls:
                del going[bare]
        at_once *= 2
    line, bare_queue = found[False].as_found(), found[True].as_found()
    return {
        "callers_own_pauses_ms": PAUSES_MS,
        "rounds": ROUNDS,
        "wingline": line,
        "app_queue_alone": bare_queue,
        "invite_to_ring_times_app_queue": share(
            line["invite_to_ring_ms_median"], bare_queue["invite_to_ring_ms_median"]
        ),
    }


async def _one_by_one(ground: Ground, found: Found, *, bare: bool, calls: int, sound: Path) -> None:
    async with ground.phones("ringing", bare=bare, sound=sound) as phones:
        made = await ground.call(bare=bare, calls=calls, at_once=1, a_second=20, stay=STAY_MS, consent=NO, sound=sound)
        await made.finished(20 + 3 * calls)
        await made.stop()
    waits = [1000 * one - PAUSES_MS for one in in_turn(invited(made.messages()), rung(phones.messages()))]
    found.waits_ms += waits
    found.unrung += calls - len(waits)
    if waits:
        found.medians_ms.append(statistics.median(waits))


async def _loaded(ground: Ground, *, bare: bool, at_once: int, sound: Path) -> Load:
    calls = 5 * at_once
    before = total(usages(ground.pids(bare=bare)).values())
    async with ground.phones("ringing", bare=bare, sound=sound) as phones:
        made = await ground.call(
            bare=bare, calls=calls, at_once=at_once, a_second=4 * at_once, stay=STAY_MS, consent=NO, sound=sound
        )
        await made.finished(30)
        await made.stop()
    spent = total(usages(ground.pids(bare=bare)).values()).cpu - before.cpu
    began, rings = invited(made.messages()), rung(phones.messages())
    mean = 1000 * (statistics.mean(rings) - statistics.mean(began)) - PAUSES_MS if len(rings) == len(began) else None
    return Load(
        at_once,
        len(began),
        len(rings),
        per_second(rings),
        None if mean is None else round(mean, 1),
        round(1000 * spent / len(began), 1) if began else None,
    )


def invited(messages: Sequence[Message]) -> list[float]:
    """When each call was dialled: its first INVITE."""
    first: dict[str, float] = {}
    for one in messages:
        if one.sent and one.what == "INVITE":
            first.setdefault(one.call, one.at)
    return sorted(first.values())


def rung(messages: Sequence[Message]) -> list[float]:
    """When each ring began at a phone."""
    first: dict[str, float] = {}
    for one in messages:
        if not one.sent and one.what == "INVITE":
            first.setdefault(one.call, one.at)
    return sorted(first.values())


def in_turn(began: Sequence[float], rings: Sequence[float]) -> list[float]:
    """Seconds from each call's beginning to the first ring before the next one begins."""
    waits = []
    for at, following in zip(began, [*began[1:], float("inf")], strict=True):
        mine = next((ring for ring in rings if at <= ring < following), None)
        if mine is not None:
            waits.append(mine - at)
    return waits
