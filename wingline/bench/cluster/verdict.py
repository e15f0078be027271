"""What the cluster test counts as broken: what is left or shared at the end, and whom nobody reached in time."""

import asyncio
import time
from collections import Counter
from datetime import datetime
from typing import Any

from ivr.store import GONE_AFTER
from models import tables
from wingline.bench.cluster import parts
from wingline.bench.cluster.parts import NODES
from wingline.bench.cluster.whole import Around, channels
from wingline.chaos.bounds import Bounds
from wingline.chaos.checks_calls import has_one_call, has_one_listener
from wingline.chaos.checks_escalations import is_not_doubled
from wingline.chaos.history import History, Left
from wingline.chaos.invariants import nothing_is_left
from wingline.chaos.rows import rows

# What a node that is gone leaves open is ended by the other one then, and some seconds for looking.
_OVER_SECONDS = GONE_AFTER.total_seconds() + 25
# Those of `wingline chaos` that rows and exchanges can answer; none of these asks how long something took.
PROMISES = (nothing_is_left, has_one_listener, has_one_call, is_not_doubled)
_BOUNDS = Bounds(human=0, rung_anew=0, silence=0, nobody_told=0, written=0, rang=0)

_Found = dict[str, Any]


async def afterwards(around: Around) -> dict[str, int]:
    """Nothing may be left, and nobody may have been shared, in all that happened."""
    began = time.monotonic()
    while time.monotonic() - began < _OVER_SECONDS:
        # A Listener's phone goes on hearing of a debrief when the call is over.
        if not _open(around) and not await _channels(around):
            break
        await asyncio.sleep(1)
    kept = await asyncio.to_thread(_history, around, await _channels(around))
    counted = Counter(one.invariant for check in PROMISES for one in check(kept, _BOUNDS))
    return {check.__name__: counted[check.__name__] for check in PROMISES}


def violations(found: _Found) -> int:
    """Of the parts that were played; what must not be is what each of these counts."""
    counted = sum(count(found[part]) for part, count in COUNTS.items() if part in found)
    return int(counted + sum(found.get("broken", {}).values()))


def _calm(found: _Found) -> int:
    missed = found["calls"] - found["taken_by_a_listener"]
    return int(missed + sum(found["by_node"].get(node, 0) == 0 for node in NODES))


def _long_without(found: _Found, longest: float = parts.LONGEST_GAP_SECONDS) -> int:
    gap = found["longest_without_a_listener_s"]
    return int(gap is None or gap > longest)


def _cut_off(found: _Found) -> int:
    return _long_without(found) + (found["clean_by_itself_after_s"] is None)


def _unheard(found: _Found) -> int:
    return int(found["heard_by_it"] - found["heard_again_by_the_other"])


def _without_a_database(found: _Found) -> int:
    not_back = found["both_lines_write_again_after_s"] is None
    forgotten = found.get("long_conversations", 0) - found.get("still_known", 0)
    cut = found["hung_up_on"] + found.get("cut_short", 0)
    unreached = _long_without(found, parts.LONGEST_GAP_ALONE_SECONDS) + found["neither_listener_nor_told"]
    return int(unreached + cut + not_back + forgotten)


def _without_a_proxy(found: _Found) -> int:
    cut = found["conversations"] - found["conversations_that_went_on"]
    never = (found["a_call_gets_through_after_s"], found["a_phone_registers_after_s"]).count(None)
    unanswered = found["calls"] - found["answered_by_an_exchange"]
    return int(_long_without(found) + cut + never + unanswered + found["hung_up_on"])


def _not_told(found: _Found) -> int:
    """Lost, or doubled."""
    never = (found.get("told_again_after_s"), found.get("acknowledged_after_s")).count(None)
    twice = found.get("rung_twice_at_once", 0) + found.get("rung_although_somebody_goes", 0)
    return int(abs(found["escalations"] - 1) + never + twice)


def _insecure(found: _Found) -> int:
    wanting = (found["answered"], found["listener"], found["hears"], found["found_by"] == len(NODES)).count(False)
    return int(wanting + found["in_the_clear"])


def _driven(found: _Found) -> int:
    """By the fault driver's own promises (wingline/chaos/invariants.py)."""
    return int(found["violations"])


COUNTS = {
    "all_hosts_up": _calm,
    "node_a_cut_off": _cut_off,
    "node_b_killed": _long_without,
    "speech_1_cut_off": _unheard,
    "database_killed": _without_a_database,
    "database_cut_off": _without_a_database,
    "proxy_killed": _without_a_proxy,
    "staff_told": _not_told,
    "at_random": _driven,
    "secure_phone": _insecure,
}


def _history(around: Around, channels: int) -> History:
    """What `wingline chaos` looks at, as far as it is known here: rows, and what was left."""
    left = [f"{channels} channels"] * bool(channels)
    left += [f"{one} ended by itself" for host in around.cluster.hosts for one in host.ended()]
    with around.database.transaction() as session:
        return History(ended=time.time(), rows=rows(session, datetime.timestamp), left=Left(tuple(left)))


async def _channels(around: Around) -> int:
    return sum([await channels(around, node) for node in NODES])


def _open(around: Around) -> int:
    tables_ = (tables.Call, tables.Offer, tables.Talk)
    return sum(around.count(table.ended_at.is_(None)) for table in tables_)
