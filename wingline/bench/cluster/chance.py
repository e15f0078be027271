"""Whatever breaks at a moment that nobody chose: cables, and programs that stand still or die, by a seed."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from wingline.bench.cluster import parts
from wingline.bench.cluster.calls import LOSS_AFTER_SECONDS, Series, calls
from wingline.bench.cluster.outcomes import Watch
from wingline.bench.cluster.parts import NODES
from wingline.bench.cluster.whole import Around, until_ready

ROUND = Series(36, stay=8.0)
FAULTS_A_ROUND = 4
# All kinds once: five rounds of four.
ROUNDS = 5
SHORTEST, LONGEST, BETWEEN = 1.5, 8.0, 2.0


class How(StrEnum):
    CABLE_PULLED = "cable pulled"
    STOOD_STILL = "stood still"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Fault:
    """Of a host, or of one program on it."""

    how: How
    host: str
    program: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.host, self.program, self.how) if word)


@dataclass(frozen=True, slots=True)
class Planned:
    """``after``: seconds from the end of the one before."""

    fault: Fault
    after: float
    seconds: float


# An exchange that dies ends its calls: that is node_b_killed. Of PostgreSQL, which is many processes, it is the cable.
DECK = (
    *(Fault(How.CABLE_PULLED, host) for host in ("node-a", "node-b", "speech-1", "speech-2", "db", "proxy")),
    *(Fault(How.STOOD_STILL, node, program) for node in NODES for program in ("asterisk", "line", "haproxy")),
    *(Fault(How.STOOD_STILL, *one) for one in (("speech-1", "speech"), ("proxy", "kamailio"))),
    *(Fault(How.KILLED, node, "line") for node in NODES),
    *(Fault(How.KILLED, *one) for one in (("node-a", "haproxy"), ("speech-1", "speech"), ("speech-2", "haproxy"))),
    Fault(How.KILLED, "proxy", "kamailio"),
)


def planned(seed: int, rounds: int) -> Iterator[Sequence[Planned]]:
    """The same for the same seed; every kind comes before any comes again."""
    chance = Random(seed)  # noqa: S311  chance that can be repeated, not a secret
    deck: list[Fault] = []
    for _ in range(rounds):
        if len(deck) < FAULTS_A_ROUND:
            deck += chance.sample(DECK, len(DECK))
        yield [
            Planned(deck.pop(0), BETWEEN + chance.uniform(0, 2), chance.uniform(SHORTEST, LONGEST))
            for _ in range(FAULTS_A_ROUND)
        ]


async def at_random(around: Around, rounds: int = ROUNDS) -> dict[str, Any]:
    """What came of all calls of so many rounds, and how often each kind was done."""
    found: list[dict[str, Any]] = []
    done: Counter[str] = Counter()
    for one in planned(around.seed, rounds):
        done.update(str(each.fault) for each in one)

        async def act(_watch: Watch, one: Sequence[Planned] = one) -> None:
            for each in one:
                await asyncio.sleep(each.after)
                await _break_and_mend(around, each)

        came, _ = await calls(around, ROUND, act, after=LOSS_AFTER_SECONDS / 3)
        found.append(came)
        for node in NODES:
            await until_ready(around, node)
    counted = ("calls", "answered_by_an_exchange", "taken_by_a_listener", "hung_up_on")
    gaps = [came["longest_without_a_listener_s"] for came in found]
    return {
        **{name: sum(came[name] for came in found) for name in counted},
        "longest_without_a_listener_s": None if None in gaps else max(gaps),
        "seed": around.seed,
        "rounds": rounds,
        "faults": dict(sorted(done.items())),
    }


async def _break_and_mend(around: Around, one: Planned) -> None:
    hosts, fault = around.cluster.hosts, one.fault
    host = hosts[fault.host]
    match fault.how:
        case How.CABLE_PULLED:
            await asyncio.to_thread(hosts.cut, host)
            await asyncio.sleep(one.seconds)
            await asyncio.to_thread(hosts.mend, host)
        case How.STOOD_STILL:
            with host.standing_still(fault.program):
                await asyncio.sleep(one.seconds)
        case How.KILLED:
            await host.killed_and_started_again(fault.program)


def unreached(found: dict[str, Any]) -> int:
    """Who was not answered or was hung up on, and whether people called in vain for longer than without a database."""
    gap = found["longest_without_a_listener_s"]
    in_vain = gap is None or gap > parts.LONGEST_GAP_ALONE_SECONDS
    return int(found["calls"] - found["answered_by_an_exchange"] + found["hung_up_on"] + in_vain)
