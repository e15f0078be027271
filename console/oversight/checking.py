"""Checks the audit, here and now, and holds it against the heads that the line has signed."""

import asyncio
from dataclasses import dataclass

from console.desk import Desk
from console.ports import AuditHeads
from models.audit import Chain, read_chain
from models.audit_check import broken
from models.clock import now
from models.words import Instant


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and each thing that is wrong, as a sentence."""

    at: Instant
    # The number of the last entry that was forgotten after two years; 0 when none was.
    forgotten: int
    entries: int
    heads: int
    wrong: tuple[str, ...]


async def check(desk: Desk) -> Checked:
    """One at a time: it reads everything, and calls come first."""
    async with desk.verifying:
        chain = await desk.database.run(read_chain)
        return await asyncio.to_thread(_checked, chain, desk.line.heads, now())


def _checked(chain: Chain, heads: AuditHeads, at: Instant) -> Checked:
    held = heads.held_against(chain, at)
    wrong = (*(one.sentence for one in broken(chain)), *held.wrong)
    return Checked(at, chain.start.number, len(chain.entries), held.count, wrong)
