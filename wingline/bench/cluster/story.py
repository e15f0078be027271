"""The story of the cluster test: calls across all of it, hosts cut off and killed, and people go on being reached."""

import shutil
from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from wingline.bench.cluster import parts
from wingline.bench.cluster.chance import at_random
from wingline.bench.cluster.losses import calm, cut_off, deaf, killed
from wingline.bench.cluster.sealed import secure_phone
from wingline.bench.cluster.shared import database_cut_off, database_killed, proxy_killed
from wingline.bench.cluster.telling import staff_told
from wingline.bench.cluster.verdict import afterwards, violations
from wingline.bench.cluster.whole import Around, begin, cluster
from wingline.setup.steps import step

Part = Callable[[Around], Awaitable[dict[str, Any]]]

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
    "at_random": ("faults at random moments, one after the other", at_random),
    "secure_phone": ("a phone with TLS and SRTP", secure_phone),
}


async def story(only: Collection[str] = (), *, seed: int = 1) -> dict[str, Any]:
    """The folder with all logs stays when something fails. ``only``: these parts, or all of them.

    ``seed``: of the faults at random moments.
    """
    folder = begin()
    async with AsyncExitStack() as held:
        with step("hosts, PostgreSQL, Kamailio, two exchanges and lines, two speeches behind HAProxy"):
            around = await held.enter_async_context(cluster(folder))
            around.seed = seed
        found: dict[str, Any] = {"hosts": len(parts.ADDRESSES)}
        for name, (words, part) in PARTS.items():
            if name in only or not only:
                with step(words):
                    found[name] = await part(around)
        with step("until nothing is open any more"):
            found["broken"] = await afterwards(around)
        found["violations"] = violations(found)
    if found["violations"]:
        found["logs"] = str(folder / "log")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return found
