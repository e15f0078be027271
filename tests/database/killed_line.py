"""A line that is made to be killed: the real engine as a process, and its phones a file that outlives it.

``python killed_line.py URL DEEDS LOG NODE`` begins a life for each line of its input, which names the pipe of
that life's orders, and says when it has ended. Lives are forked: a thousand of them need not import everything again.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from dataclasses import replace
from typing import Any

from escalation_world import PROFILE

from escalation.case import Acknowledged, AtDoor, Closed, HandedOver, Spoken, Warn
from escalation.engine import Engine
from escalation.person import Person
from escalation.profile import Disclosing, Profile, Protocol, Step
from escalation.store import Raise
from models.clock import now, of_database
from models.database import Database
from models.words import (
    CallId,
    Cause,
    EscalationId,
    Fact,
    NodeId,
    Outcome,
    PhoneId,
    Post,
    SiteId,
    TellingEnd,
    TellingId,
)
from wingline.ticking import Ticking

_ONE = Protocol(
    steps=(
        Step((Post.CONTROL_ROOM, Post.HEALTHCARE), 1),
        Step((Post.ORDERLY_OFFICER, Post.CONTROL_ROOM), 2),
        Step((Post.DUTY_OFFICE,), 1),
    ),
    door_within=3,
    spoken_within=6,
    closed_within=5,
)
_EACH = replace(_ONE, acknowledge=((Post.HEALTHCARE,), (Post.CONTROL_ROOM, Post.ORDERLY_OFFICER)))
_TELLS = frozenset({Fact.LOCATION, Fact.PREFERRED_NAME})
SHORT: Profile = replace(
    PROFILE,
    protocols={"one": _ONE, "each": _EACH},
    disclosures={Cause.CALLER_AGREED: Disclosing("one", _TELLS), Cause.DANGER_NOW: Disclosing("each", _TELLS)},
)
STAFF = {"acknowledged": Acknowledged, "at_door": AtDoor, "spoken": Spoken, "handed_over": HandedOver}


class Deeds:
    """What a process does outside itself, a line each; appended in one write, so that a kill cuts none in two."""

    def __init__(self, path: str, node: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._node = node

    def write(self, what: str, **facts: object) -> None:
        line = {"at": time.time(), "node": self._node, "life": os.getpid(), "what": what, **facts}
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Edges:
    """Phones, console and prison of one life."""

    def __init__(self, deeds: Deeds) -> None:
        self._deeds = deeds

    def ring(self, telling: TellingId, phone: PhoneId, escalation: EscalationId) -> None:
        self._deeds.write("ring", telling=telling, phone=phone, escalation=escalation)

    def stop(self, telling: TellingId) -> None:
        self._deeds.write("stop", telling=telling)

    def warn(self, escalation: EscalationId, why: Warn) -> None:
        self._deeds.write("warn", escalation=escalation, why=why)

    def who_lives_in(self, location: str) -> Person | None:
        return Person("A1234BC", location)


class Life:
    """From the start of the line to its death, as wingline/wiring.py runs an engine."""

    def __init__(self, url: str, deeds: Deeds, node: str) -> None:
        edges = Edges(deeds)
        self._deeds = deeds
        self._engine = Engine(
            Database(url),
            edges,
            console=edges,
            people=edges,
            unreachable=frozenset,
            node=NodeId(node),
            clock=lambda session, _: of_database(session),
        )

    async def run(self, orders: str) -> None:
        """Until it is killed, or whoever gives the orders has gone."""
        lines = asyncio.StreamReader()
        # Waits for whoever gives the orders; open for a life.
        pipe = os.fdopen(os.open(orders, os.O_RDONLY), "rb", buffering=0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), pipe)
        self._deeds.write("lives")
        await self._engine.recover(now())
        self._deeds.write("ready")
        ticking = Ticking()
        ticking.every(1, self._tick)
        running: set[asyncio.Task[None]] = set()
        while line := await lines.readline():
            task = asyncio.create_task(self._obey(json.loads(line)))
            running.add(task)
            task.add_done_callback(running.discard)

    async def _tick(self) -> None:
        await self._engine.tick(now())

    async def _obey(self, order: dict[str, Any]) -> None:
        self._deeds.write("begins", order=order["order"])
        try:
            answer = await self._do(order)
        except Exception as error:  # noqa: BLE001  whatever it was, the one who gave the order is to know
            self._deeds.write("failed", order=order["order"], error=repr(error))
            return
        self._deeds.write("done", order=order["order"], answer=answer)

    async def _do(self, order: dict[str, Any]) -> object:
        match order["do"]:
            case "raise":
                call, phone = CallId(order["call"]), PhoneId(order["phone"])
                raising = Raise(
                    site=SiteId(order["site"]), cause=Cause(order["cause"]), profile=SHORT, call=call, phone=phone
                )
                return await self._engine.raise_escalation(raising, now())
            case "end":
                return await self._engine.telling_ended(TellingId(order["telling"]), TellingEnd(order["end"]), now())
            case "close":
                closed = Closed("officer", order["spoken"], Outcome.SAFE_NOW if order["spoken"] else None)
                return await self._engine.close(EscalationId(order["escalation"]), closed, now())
            case did:
                return await self._engine.happened(EscalationId(order["escalation"]), STAFF[did]("officer"), now())


def main(url: str, deeds: str, log: str, node: str) -> None:
    parent = os.dup(1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 1)
    os.dup2(1, 2)
    for line in sys.stdin:
        life = os.fork()
        if life == 0:
            try:
                asyncio.run(Life(url, Deeds(deeds, node), node).run(line.strip()))
            except BaseException:  # noqa: BLE001  a life ends here, and never goes on as another nursery
                traceback.print_exc()
            os._exit(0)
        os.write(parent, f"{life}\n".encode())
        os.waitpid(life, 0)
        os.write(parent, b"ended\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
