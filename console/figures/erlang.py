"""Erlang C: how many Listeners on duty answer how many callers in time (A. K. Erlang, 1917).

Callers wait until somebody is free, and nobody hangs up. Of Erlang A, in which some do, it is the cautious side; for a
line with few calls the two differ by less than we know of the calls.
"""

from math import exp

MOST = 50


def erlang_b(servers: int, load: float) -> float:
    """The share of calls that find all busy, where nobody waits; ``load`` in erlang (calls at once)."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The share of calls that have to wait."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))


def service_level(servers: int, *, calls: float, handle: float, within: float) -> float:
    """The share answered within ``within`` seconds; ``calls`` an hour, each of which takes ``handle`` seconds."""
    load = calls * handle / 3600
    if load >= servers:
        return 0.0
    return 1 - erlang_c(servers, load) * exp(-(servers - load) * within / handle)


def needed(*, calls: float, handle: float, within: float, share: float) -> int:
    """The fewest Listeners with whom ``share`` of the calls are answered in time; one at least, as anybody may call."""
    return next(
        (
            servers
            for servers in range(1, MOST)
            if service_level(servers, calls=calls, handle=handle, within=within) >= share
        ),
        MOST,
    )
