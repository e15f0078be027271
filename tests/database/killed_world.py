"""What is outside a line that is killed: callers and staff by chance, and its processes to start and to kill."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from killed_line import Deeds
from killed_phones import Phones, Ring

HERE = Path(__file__).parent
_ENDS = ("no_answer",) * 4 + ("acknowledged",) * 3 + ("cannot_go",) * 2 + ("not_confirmed",)
_STAFF_DO = ("acknowledged", "at_door", "spoken", "handed_over", "close", "close")
_serial = count(1)


class Node:
    """A process of the line, started as often as it is killed."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        files = HERE / "killed_line.py", folder / "deeds", folder / f"log-{name}"
        program, deeds, log = map(str, files)
        paths = os.pathsep.join(map(str, (HERE.parent, HERE.parent.parent)))
        self._nursery = subprocess.Popen(
            [sys.executable, program, url, deeds, log, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | {"PYTHONPATH": paths},
        )
        self.life: int | None = None
        self.stopped = False
        self._orders = -1

    @property
    def listens(self) -> bool:
        return self.life is not None and not self.stopped

    def start(self) -> None:
        pipe = self._folder / f"orders-{next(_serial)}"
        os.mkfifo(pipe)
        self._say(pipe)
        self.life = int(self._hear())
        # Waits until the other end is open.
        self._orders = os.open(pipe, os.O_WRONLY)
        pipe.unlink()

    def order(self, number: int, do: str, **facts: object) -> None:
        os.write(self._orders, json.dumps({"order": number, "do": do, **facts}).encode() + b"\n")

    def stop(self) -> None:
        """Stands still, as a machine that is out of breath does."""
        assert self.life
        os.kill(self.life, signal.SIGSTOP)
        self.stopped = True

    def go_on(self) -> None:
        assert self.life
        os.kill(self.life, signal.SIGCONT)
        self.stopped = False

    def kill(self) -> None:
        assert self.life
        # A life that ended by itself has said why in its log, and the others are to end as well.
        with suppress(ProcessLookupError):
            os.kill(self.life, signal.SIGKILL)
        assert self._hear() == "ended\n"
        os.close(self._orders)
        self.life, self.stopped = None, False

    def end(self) -> None:
        if self.life is not None:
            self.kill()
        self._nursery.communicate(timeout=10)

    def _say(self, what: object) -> None:
        assert self._nursery.stdin
        self._nursery.stdin.write(f"{what}\n")

    def _hear(self) -> str:
        assert self._nursery.stdout
        said: str = self._nursery.stdout.readline()
        return said


@dataclass(frozen=True, slots=True)
class Away:
    """A node did nothing between these moments."""

    node: str
    at: float
    until: float


class Evening:
    """Callers in danger and staff, by chance; what they were promised is kept in mind."""

    def __init__(self, folder: Path, nodes: list[Node], callers: dict[str, str], site: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.deeds = Deeds(str(folder / "deeds"), "world")
        self.phones = Phones(folder / "deeds", self.chance)
        self.nodes = nodes
        self.aways: list[Away] = []
        # Calls of which somebody was told that staff know, by escalation; and which staff wanted closed.
        self.promised: set[str] = set()
        self.asked_to_close: set[str] = set()
        self._callers = callers
        self._site = site
        self._orders = count(1)
        self._raises: set[int] = set()
        self._closes: dict[int, str] = {}
        self._closed: set[str] = set()
        self._next = 0.0

    def pass_until(self, moment: float) -> None:
        while (now := time.time()) < moment:
            self.look()
            if now >= self._next:
                self._next = now + self.chance.uniform(0, 0.6)
                self.something_happens()
            time.sleep(max(0.0, min(0.01, moment - time.time())))

    def pass_until_it_rings(self, node: Node) -> None:
        while not any(ring.life == node.life for ring in self.phones.ringing.values()):
            self.pass_until(time.time() + 0.02)

    def look(self) -> None:
        self.phones.look()
        now = time.time()
        for ring in [one for one in self.phones.ringing.values() if now - one.at > one.patience]:
            self._answer(ring)
        answered = self._raises & self.phones.answers.keys()
        self.promised |= {str(self.phones.answers[number]) for number in answered}
        self._raises -= answered
        for number in self._closes.keys() & self.phones.answers.keys():
            self._closed.add(self._closes.pop(number))

    @property
    def open(self) -> list[str]:
        """Also those whose raise was not answered, because the line died over it."""
        return sorted((self.promised | self.phones.escalations) - self._closed)

    def something_happens(self, node: Node | None = None) -> int | None:
        """The number of the order, if there was one and anybody to take it."""
        listening = [node] if node else [one for one in self.nodes if one.listens]
        if not listening:
            return None
        node = self.chance.choice(listening)
        if len(self.open) < 5 or self.chance.random() < 0.25:
            return self._raise(node)
        escalation = self.chance.choice(self.open)
        did = self.chance.choice(_STAFF_DO)
        if did == "close":
            return self.close(node, escalation, spoken=self.chance.random() < 0.5)
        return self._order(node, did, escalation=escalation)

    def close(self, node: Node, escalation: str, *, spoken: bool) -> int:
        if spoken:
            self.asked_to_close.add(escalation)
        number = self._order(node, "close", escalation=escalation, spoken=spoken)
        if spoken:
            self._closes[number] = escalation
        return number

    def wait_until_begun(self, order: int | None) -> None:
        deadline = time.time() + 2
        while order is not None and order not in self.phones.begun and time.time() < deadline:
            self.phones.look()

    def until(self, what: Callable[[], bool], seconds: float) -> None:
        """Staff do nothing new meanwhile, but phones are answered."""
        deadline = time.time() + seconds
        while not what():
            if time.time() > deadline:
                raise TimeoutError(what.__name__)
            self.look()
            time.sleep(0.01)

    def kill(self, node: Node, *, down: float) -> None:
        at = time.time()
        node.kill()
        self.pass_until(at + down)
        node.start()
        self.until(lambda: any(name == node.name and moment > at for name, moment in self.phones.lives), 20)
        back = next(moment for name, moment in self.phones.lives if name == node.name and moment > at)
        self.aways.append(Away(node.name, at, back))

    def stop(self, node: Node, *, still: float) -> None:
        at = time.time()
        node.stop()
        self.pass_until(at + still)
        node.go_on()
        self.aways.append(Away(node.name, at, time.time()))

    def _answer(self, ring: Ring) -> None:
        self.deeds.write("answered", telling=ring.telling)
        self.phones.look()
        node = next(one for one in self.nodes if one.name == ring.node)
        # The phone that a dead line rang is answered by nobody; what a line asks that stands still waits in Asterisk.
        if node.life == ring.life:
            self._order(node, "end", telling=ring.telling, end=self.chance.choice(_ENDS))

    def _raise(self, node: Node) -> int:
        call = self.chance.choice(sorted(self._callers))
        cause = self.chance.choice(["caller_agreed", "danger_now"])
        number = self._order(node, "raise", call=call, phone=self._callers[call], site=self._site, cause=cause)
        self._raises.add(number)
        return number

    def _order(self, node: Node, do: str, **facts: object) -> int:
        number = next(self._orders)
        node.order(number, do, **facts)
        return number


def moments(chance: random.Random, kills: int) -> Iterator[tuple[float, bool]]:
    """How long each life lasts, and whether it ends just after an act has begun; the others at any moment at all."""
    for _ in range(kills):
        after_begun = chance.random() < 0.5
        yield (chance.uniform(0.2, 1.6) if after_begun else chance.uniform(0, 2)), after_begun
