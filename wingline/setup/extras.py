"""Debian's programs for the load bench and the cluster test, each set in a tree of its own, only got when asked for."""

from dataclasses import dataclass

from wingline.setup.debian import Tree, get_tree
from wingline.setup.failure import SetupFailed
from wingline.setup.paths import Places, places


@dataclass(frozen=True, slots=True)
class Extra:
    """Some packages that no site needs, and the part of the set-up that gets them."""

    part: str
    packages: tuple[str, ...]

    def tree(self, where: Places) -> Tree:
        return Tree(where.home / self.part)

    def command(self, program: str, where: Places | None = None) -> list[str]:
        """How to start a program of it, up to its first argument; SetupFailed when it was never got."""
        found = self.tree(where or places()).command(program)
        if found is None:
            raise SetupFailed(f"{program} is not set up.", remedy=f"run .venv/bin/python -m wingline.setup {self.part}")
        return found


# SIPp (GPL-2.0+): many callers and phones from one process.
BENCH = Extra("bench", ("sip-tester",))
# HAProxy and Kamailio (GPL-2.0+), as deploy/cluster/ configures them.
CLUSTER = Extra(
    "cluster",
    ("haproxy", "kamailio", "kamailio-postgres-modules", "kamailio-sqlite-modules", "kamailio-tls-modules"),
)


def get_extra(extra: Extra, where: Places, *, lock: int) -> None:
    get_tree(where, extra.packages, lock=lock, tree=extra.tree(where))
