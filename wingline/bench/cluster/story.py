"""The story of the cluster test: calls across all of it, hosts cut off and killed, and people go on being reached."""

import shutil
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from wingline.bench.cluster import parts
from wingline.bench.cluster.driven import at_random
from wingline.bench.cluster.losses import calm, cut_off, deaf, killed
from wingline.bench.cluster.sealed import secure_phone
from wingline.bench.cluster.shared import database_cut_off, database_killed, proxy_killed
from wingline.bench.cluster.telling import staff_told
from wingline.bench.cluster.verdict import afterwards, violations
from wingline.bench.cluster.whole import Around, begin, cluster
from wingline.setup.steps import step

Part = Callable[[Around], Awaitable[dict[str, Any]]]

# In a cluster of its own, with people who hold phones (wingline/chaos).
AT_RANDOM = "at_random"
# In this order; each leaves all hosts up.
PARTS: dict[str, tuple[str, Part]] = {
    "all_hosts_up": ("calls across all of it", calm),
    "node_a_cut_off": ("node-a is cut off", partial(cut_off, node="node-a")),
    "node_b_killed": ("node-b is killed", partial(killed, node="node-b")),
    "speech_1_cut_off": ("speech-1 is cut off", deaf),
    "database_killed": ("PostgreSQL is killed", database_killed),
    "database_cut_off": ("PostgreSQL is cut off", database_cut_off),
    "proxy_killed": ("Kamailio is killed", proxy_killed),
    "staff_told": ("the node that tells staff is killed", staff_told),
    "secure_phone": ("a phone with TLS and SRTP", secure_phone),
}
ALL_PARTS = (*PARTS, AT_RANDOM)


async def story(only: Collection[str] = (), *, seed: int = 1) -> dict[str, Any]:
    """Folders with all logs stay when something fails. ``only``: these parts, or all of them.

    ``seed``: of what people do and what breaks by chance.
    """
    found: dict[str, Any] = {"hosts": len(parts.ADDRESSES)}
    chosen = set(only or ALL_PARTS)
    if chosen - {AT_RANDOM}:
        with _kept_when_broken(found, "logs") as folder:
            found |= await _played(folder, chosen)
    if AT_RANDOM in chosen:
        with _kept_when_broken(found, "logs_at_random") as folder, step("the fault driver across all of it"):
            found[AT_RANDOM] = await at_random(folder, seed)
    return found | {"violations": violations(found)}


async def _played(folder: Path, chosen: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with AsyncExitStack() as held:
        with step("hosts, PostgreSQL, Kamailio, two exchanges and lines, two speeches behind HAProxy"):
            around = await held.enter_async_context(cluster(folder))
        for name, (words, part) in PARTS.items():
            if name in chosen:
                with step(words):
                    found[name] = await part(around)
        with step("until nothing is open any more"):
            found["broken"] = await afterwards(around)
    return found


@contextmanager
def _kept_when_broken(found: dict[str, Any], name: str) -> Iterator[Path]:
    """A fresh folder, told under this name and left when what was found in it breaks a promise."""
    folder, before = begin(), violations(found)
    yield folder
    if violations(found) > before:
        found[name] = str(folder / "log")
    else:
        shutil.rmtree(folder, ignore_errors=True)
