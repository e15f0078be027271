"""What processes use, read from /proc: seconds of processor, memory of their own, open descriptors."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """``memory``: megabytes, what is shared with others only in part (PSS)."""

    cpu: float
    memory: float
    descriptors: int


def usage(pid: int) -> Usage:
    """All nothing for a process that has gone."""
    here = Path(f"/proc/{pid}")
    cpu = memory = 0.0
    descriptors = 0
    with suppress(OSError, ValueError, IndexError):
        cpu = cpu_in((here / "stat").read_text())
        memory = memory_in((here / "smaps_rollup").read_text())
        descriptors = len(os.listdir(here / "fd"))  # noqa: PTH208 - names alone, of a folder that changes
    return Usage(cpu, memory, descriptors)


def usages(pids: Mapping[str, int | None]) -> dict[str, Usage]:
    return {name: usage(pid) for name, pid in pids.items() if pid}


def cpu_in(stat: str) -> float:
    """User and system time, after the name in brackets, which may hold anything."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_in(rollup: str) -> float:
    line = next(one for one in rollup.splitlines() if one.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def total(used: Iterable[Usage]) -> Usage:
    all_ = list(used)
    return Usage(sum(one.cpu for one in all_), sum(one.memory for one in all_), sum(one.descriptors for one in all_))
